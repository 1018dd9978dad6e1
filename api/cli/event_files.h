#ifndef FIREBREAK_API_CLI_EVENT_FILES_H_
#define FIREBREAK_API_CLI_EVENT_FILES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/cli/progress.h"
#include "api/cli/recording.h"
#include "api/timeline/timeline.h"
#include "rules/event.h"

namespace firebreak {

// The files as they are, but a folder as the recordings of `serve --record` in it, in the order they were written.
absl::StatusOr<std::vector<std::string>> ExpandFolders(const std::vector<std::string>& files);

using Recordings = std::vector<std::unique_ptr<Recording>>;

// Recordings that are read one after the other, each event by its own time. Lines are counted over all of them.
// Thread-compatible.
class EventFiles {
 public:
  using Offer = std::function<void(const Event& event, int64_t line)>;

  // Errors: as Recording::Open.
  static absl::StatusOr<EventFiles> Open(const std::vector<std::string>& files, const std::string& format);

  // Those that are open already, of `files`.
  EventFiles(std::vector<std::string> files, Recordings recordings)
      : files_(std::move(files)), recordings_(std::move(recordings)) {}

  // Offers every event. A file that is cut off or damaged is used up to there; each such fault is a note in
  // the totals, and the first is returned; but not that of a recording of serve --record, which a kill cuts off.
  absl::Status Read(const Offer& offer, Progress& progress);

  // Keeps why an event that was offered is refused, among the first reasons. Does not count it.
  void KeepReason(int64_t line, std::string_view reason);

  const ReadTotals& totals() const { return totals_; }

 private:
  std::vector<std::string> files_;
  Recordings recordings_;
  std::vector<int64_t> lines_before_;  // of each file begun, those of the files before it
  ReadTotals totals_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_EVENT_FILES_H_
