#ifndef FIREBREAK_API_CLI_CONFIG_FILE_H_
#define FIREBREAK_API_CLI_CONFIG_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rules/config.h"
#include "rules/parse.h"
#include "rules/rule_set.h"

namespace firebreak {

// Findings as one error, a line each; OK when none of them is an error.
absl::Status ErrorsOf(const Findings& findings);

// The bytes of a small text file ("-" = standard input). Errors: NotFound, PermissionDenied, InvalidArgument (a
// directory, or more than 16 MiB), each naming the file.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

// The same of a regular file: a pipe whose other end is silent must not hold up a server that reloads.
absl::StatusOr<std::string> ReadRegularFile(const std::string& path);

// Reads and parses a configuration file. Errors: as ReadTextFile; InvalidArgument with every error of the file, a line
// each.
absl::StatusOr<Config> LoadConfig(const std::string& path);

// The secret itself: the file's text without white space around it, or the environment variable. A relative file is
// looked for beside the configuration. "" when the source is empty.
// Errors: NotFound or InvalidArgument (an empty secret) that name where it was looked for, never the secret.
absl::StatusOr<std::string> ReadSecret(const SecretSource& source, const std::string& config_path);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_CONFIG_FILE_H_
