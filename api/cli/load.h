#ifndef FIREBREAK_API_CLI_LOAD_H_
#define FIREBREAK_API_CLI_LOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "api/service/service.h"

namespace firebreak {

// Reads a configuration file and every secret it names. Errors: as LoadConfig; InvalidArgument for secrets that cannot
// be read or cannot be what they are meant for, all of them at once, each with its place in the file.
absl::StatusOr<LoadedConfig> LoadEverything(const std::string& config_path);

// Reads the secrets a configuration names; relative files are looked for beside `config_path`.
absl::StatusOr<LoadedConfig> WithSecrets(Config config, const std::string& config_path);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_LOAD_H_
