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
  if (!recording.of_serve() || !recording.cut_off()) return read;
  totals.notes.push_back(
      fmt::format("{}:{}: is cut off behind this line, used up to there: its writer was killed, or still writes", file,
                  recording.lines()));
  return absl::OkStatus();
}

}  // namespace firebreak
