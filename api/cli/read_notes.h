#ifndef FIREBREAK_API_CLI_READ_NOTES_H_
#define FIREBREAK_API_CLI_READ_NOTES_H_

#include <string>

#include "absl/status/status.h"
#include "api/cli/recording.h"
#include "api/timeline/timeline.h"

namespace firebreak {

// What reading keeps of its input for the summary.

// Keeps why a line was rejected, for the first twenty: "file:line: reason".
void KeepReason(ReadTotals& totals, std::string reason);
// The same, and counts it.
void Reject(ReadTotals& totals, std::string reason);

// What `read` means, the end of reading `file`. A file that is cut off or damaged is used up to there, which is a note;
// it is a fault as well, in the note's words, but of a recording of serve --record that is cut off.
absl::Status TakeEnd(const Recording& recording, const std::string& file, const absl::Status& read, ReadTotals& totals);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_READ_NOTES_H_
