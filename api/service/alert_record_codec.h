#ifndef FIREBREAK_API_SERVICE_ALERT_RECORD_CODEC_H_
#define FIREBREAK_API_SERVICE_ALERT_RECORD_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/alert_record.h"
#include "engine/labels.h"
#include "engine/transition.h"
#include "storage/ledger/records.h"

namespace firebreak {

// Alert states as the ledger keeps them: JSON under the alert's identity. Times are exact. Pure.

// The name an alert's state is kept under.
std::string AlertRecordKey(const Labels& identity);

Document EncodeAlertRecord(const AlertRecord& record);
// Errors: DataLoss that names the key and what was wanted.
absl::StatusOr<AlertRecord> DecodeAlertRecord(const Document& document);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_ALERT_RECORD_CODEC_H_
