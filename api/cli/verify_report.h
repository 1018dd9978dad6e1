#ifndef FIREBREAK_API_CLI_VERIFY_REPORT_H_
#define FIREBREAK_API_CLI_VERIFY_REPORT_H_

#include <string>

#include "storage/ledger/verify.h"

namespace firebreak {

// The ledger of a data directory.
std::string LedgerIn(const std::string& data_dir);

// What a look at the ledger `file` found: for people, and as one JSON object.
std::string ReportText(const std::string& file, const VerifyReport& report);
std::string ReportJson(const std::string& file, const VerifyReport& report);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_VERIFY_REPORT_H_
