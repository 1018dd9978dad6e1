#ifndef FIREBREAK_API_CLI_DURABILITY_H_
#define FIREBREAK_API_CLI_DURABILITY_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "storage/ledger/ledger.h"

namespace firebreak {

// "always", "interval=1s", "none". Errors: InvalidArgument that says what was wanted.
absl::StatusOr<Durability> ParseDurability(std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_DURABILITY_H_
