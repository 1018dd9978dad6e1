#ifndef FIREBREAK_API_CLI_OUTPUT_FILE_H_
#define FIREBREAK_API_CLI_OUTPUT_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace firebreak {

// Writes what a command has made to `path`, in place of what was there; "" and "-" are standard output. Errors:
// NotFound, PermissionDenied or InvalidArgument, naming the file. (What becomes of standard output, main() looks at.)
absl::Status WriteOutput(const std::string& path, std::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_OUTPUT_FILE_H_
