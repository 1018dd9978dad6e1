#ifndef FIREBREAK_ENGINE_REFERENCE_MODEL_H_
#define FIREBREAK_ENGINE_REFERENCE_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace firebreak {

// docs/semantics.md a second time: what alerts must come of some traffic, written down as plainly as possible and
// sharing nothing with the engine, so that the two can be compared. It keeps every request, goes through all of them
// for every window, and knows every alert only as a row of a table. Tests only.

struct ModelPair {
  std::string name;
  int short_seconds = 0;
  int long_seconds = 0;
  int64_t burn_tenths = 0;  // 144 = 14.4x
  int for_seconds = 0;
  int keep_seconds = 0;
  bool page = false;
};

struct ModelTier {
  std::string name;
  std::vector<std::string> endpoints;  // configured; they come first
  int64_t budget_per_million = 0;      // 1 - objective: 1000 = 99.9 %
  bool has_latency = false;
  bool synthetic = false;
  bool by_endpoint = false;
  int64_t min_total = 0;
  int64_t min_bad = 0;
};

struct ModelRules {
  std::vector<ModelTier> tiers;
  std::vector<ModelPair> pairs;
  int grid_seconds = 5;
  int hold_seconds = 900;
  int lost_seconds = 300;
  int delay_seconds = 0;
};

// Equal requests of one endpoint; seconds count from the start.
struct ModelRequest {
  int seconds = 0;
  int tier = 0;
  std::string endpoint;
  bool synthetic = false;
  int64_t good = 0;  // without a latency
  int64_t bad = 0;
  int64_t fast = 0;  // timed
  int64_t slow = 0;  // timed
};

// Maintenance of one tier, or of all; seconds count from the start, both are multiples of half a minute.
struct ModelMaintenance {
  std::optional<int> tier;
  int from = 0;
  int to = 0;
};

// One change of one alert, written out: all that must agree.
struct ModelChange {
  int seconds = 0;
  std::string alert;     // "tier/slo/pair/endpoint" or "tier/NoData"
  std::string severity;  // "page", "ticket"
  std::string from;
  std::string to;
  std::string reason;
  int64_t short_bad = 0, short_total = 0, long_bad = 0, long_total = 0;

  std::string ToString() const;
  friend bool operator==(const ModelChange&, const ModelChange&) = default;
};

class ReferenceModel {
 public:
  explicit ReferenceModel(ModelRules rules) : rules_(std::move(rules)) {}

  void Arrive(const ModelRequest& request) { requests_.push_back(request); }
  // From now on these are the maintenance windows.
  void Maintain(std::vector<ModelMaintenance> windows) { maintenance_ = std::move(windows); }
  void Heartbeat(int seconds, bool synthetic) { beats_.push_back({seconds, synthetic}); }
  // The process stopped after the tick at `last_tick` and started again at `now`: what was waited for in between does
  // not count, and heartbeats are forgotten.
  void Restart(int last_tick, int now);
  // Whether events were taken up to a tick, or refused because nothing could be written down.
  enum class Ingest { kOpen, kRefusing };
  // Evaluates at `now`; returns what changed, in the order of tiers, alerts and pairs.
  std::vector<ModelChange> Tick(int now, Ingest ingest = Ingest::kOpen);

 private:
  struct Row;
  struct Sum {
    int64_t bad = 0;
    int64_t total = 0;
  };
  struct Beat {
    int seconds;
    bool synthetic;
  };
  static std::string KeyOf(const std::string& tier, bool latency, const std::string& pair, const std::string& endpoint);
  // Whether an alert fires without data for so long, and its requests are gone, that NoData must speak up.
  bool IsHeld(int tier, const ModelPair& pair, const std::string& endpoint, bool latency, int now) const;
  // What an alert remembers: instants, each absent when it does not apply.
  struct Row {
    std::optional<int> true_since;  // pending or firing
    std::optional<int> fired;
    bool fires_as_page = false;
    std::optional<int> last_false_since;
    std::optional<int> empty_since;
  };
  struct NoData {
    std::optional<int> fired;
    bool page = false;
    std::set<std::string> silent;  // subjects whose held alerts it covers, until they have requests
    bool announced = false;        // one of them was maintenance after all
  };

  // All requests of a window; and only those outside of `maintenance`.
  Sum Window(int tier, bool latency, const std::string& endpoint, int end, int seconds) const {
    return Window(tier, latency, endpoint, end, seconds, {});
  }
  Sum Window(int tier, bool latency, const std::string& endpoint, int end, int seconds,
             const std::vector<ModelMaintenance>& maintenance) const;
  bool UnderMaintenance(int tier, int end) const;
  // Whether one ended so lately that a silence is not missed yet.
  bool JustMaintained(int tier, int end) const;
  // Times count at the end of their slot.
  int SlotEnd(int seconds) const;
  // Whether a sign of life came lately; silence before `missed_from` counts as none.
  bool Alive(bool synthetic, int now, std::optional<int> missed_from) const;
  std::vector<std::string> Subjects(int tier) const;
  void TickAlert(int tier, bool latency, const ModelPair& pair, const std::string& endpoint, int now, Ingest ingest,
                 std::vector<ModelChange>& changes);
  void TickNoData(int tier, int now, Ingest ingest, std::vector<ModelChange>& changes);

  ModelRules rules_;
  std::vector<ModelRequest> requests_;
  std::vector<Beat> beats_;
  std::vector<ModelMaintenance> maintenance_;
  std::vector<ModelMaintenance> maintenance_at_last_tick_;
  std::map<std::string, Row> rows_;
  std::map<int, NoData> no_data_;
  int missed_from_ = 0;  // before that a silent feed was our own doing
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_REFERENCE_MODEL_H_
