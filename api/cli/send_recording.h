#ifndef FIREBREAK_API_CLI_SEND_RECORDING_H_
#define FIREBREAK_API_CLI_SEND_RECORDING_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/cli/recording.h"

namespace firebreak {

struct SendOptions {
  std::string server;      // http://host:port
  std::string token_file;  // "" = none
  double speed = 1;        // times the recorded pace
};

// Sends recordings to a running server at their recorded pace times speed; each event is stamped with the moment it is
// due, so that the server counts it as live. A batch that the server cannot take now is sent again. Prints progress on
// standard error. Errors: InvalidArgument (the server refuses us), Unavailable (it cannot be reached).
absl::Status SendRecordings(std::vector<std::unique_ptr<Recording>>& recordings, const SendOptions& options);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_SEND_RECORDING_H_
