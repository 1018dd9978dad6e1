#include "api/cli/read_notes.h"

#include <utility>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr size_t kReasonsKept = 20;

}  // namespace

void KeepReason(ReadTotals& totals, std::string reason) {
  if (totals.reasons.size() < kReasonsKept) totals.reasons.push_back(std::move(reason));
}

void Reject(ReadTotals& totals, std::string reason) {
  ++totals.rejected;
  KeepReason(totals, std::move(reason));
}

absl::Status TakeEnd(const Recording& recording, const std::string& file, const absl::Status& read,
                     ReadTotals& totals) {
  if (read.ok()) return read;
  const bool killed = recording.of_serve() && recording.cut_off();
  const std::string note =
      recording.cut_off() ? fmt::format("{}:{}: is cut off behind this line, used up to there{}", file,
                                        recording.lines(), killed ? ": its writer was killed, or still writes" : "")
                          : fmt::format("{}, used up to line {}", std::string(read.message()), recording.lines());
  totals.notes.push_back(note);
  return killed ? absl::OkStatus() : absl::Status(read.code(), note);
}

}  // namespace firebreak
