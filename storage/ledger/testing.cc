#include "storage/ledger/testing.h"

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace firebreak {
namespace {

Contents::Series SeriesOf(const SeriesName& name) { return {name.tier, name.endpoint, name.source}; }

}  // namespace

std::string FreshFolder() {
  const char* parent = std::getenv("TEST_TMPDIR");
  std::string path = std::string(parent == nullptr ? "/tmp" : parent) + "/ledger_XXXXXX";
  return mkdtemp(path.data());
}

std::string ReadFile(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::string CrashCopy(const std::string& ledger_path) {
  const std::string folder = FreshFolder();
  for (const char* suffix : {"", "-wal"}) {
    if (std::filesystem::exists(ledger_path + suffix)) {
      std::filesystem::copy_file(ledger_path + suffix, folder + "/ledger.db" + suffix);
    }
  }
  return folder;
}

BatchKey KeyOf(uint16_t name, uint8_t body) {
  BatchKey key;
  key.key[0] = static_cast<uint8_t>(name);
  key.key[1] = static_cast<uint8_t>(name >> 8);
  key.body[0] = body;
  return key;
}

Delta DeltaAt(int64_t slot, const std::string& endpoint, int64_t total, int64_t bad) {
  Delta delta;
  delta.slot = slot;
  delta.endpoint = endpoint;
  delta.events = total;
  delta.counts = {.total = total, .bad = bad};
  if (bad > 0) delta.bad_codes = {{503, bad}};
  delta.by_status[0] = total;
  return delta;
}

BatchRecord BatchOf(std::vector<Delta> deltas, std::optional<BatchKey> key) {
  static const auto tiers = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{kTestTier});
  BatchRecord batch;
  batch.tiers = tiers;
  batch.counts.accepted = static_cast<int64_t>(deltas.size());
  batch.deltas = std::move(deltas);
  batch.key = key;
  batch.at = absl::FromUnixSeconds(1'764'000'000);
  return batch;
}

int64_t Contents::Total(const std::string& endpoint) const {
  int64_t total = 0;
  const auto series = rows.find({kTestTier, endpoint, 0});
  if (series == rows.end()) return 0;
  for (const CountRow& row : series->second) total += row.counts.total;
  return total;
}

int64_t Contents::Bad(const std::string& endpoint) const {
  int64_t bad = 0;
  const auto series = rows.find({kTestTier, endpoint, 0});
  if (series == rows.end()) return 0;
  for (const CountRow& row : series->second) bad += row.counts.bad;
  return bad;
}

absl::StatusOr<Contents> Read(const Ledger& ledger) {
  Contents contents;
  Ledger::Visitor visitor;
  visitor.counts = [&](const SeriesName& name, const CountRow& row) { contents.rows[SeriesOf(name)].push_back(row); };
  visitor.causes = [&](const SeriesName& name, int code, const CountRow& row) {
    contents.causes[{SeriesOf(name), code}].push_back(row);
  };
  visitor.cumulative = [&](const SeriesName& name, const CumulativeCounts& counts, const std::string& bounds) {
    contents.cumulative[SeriesOf(name)] = counts;
    contents.latency_bounds[SeriesOf(name)] = bounds;
  };
  absl::Status status = ledger.VisitCounts(visitor);
  if (!status.ok()) return status;
  return contents;
}

}  // namespace firebreak
