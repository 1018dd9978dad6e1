#ifndef FIREBREAK_API_SERVICE_METRICS_H_
#define FIREBREAK_API_SERVICE_METRICS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/http/server.h"
#include "api/notify/dispatcher.h"
#include "api/record/recorder.h"
#include "api/service/ingest.h"
#include "engine/pipeline.h"
#include "engine/snapshot.h"
#include "storage/ledger/committer.h"

namespace firebreak {

// How the last reload went.
struct ReloadState {
  bool successful = true;
  absl::Time last_success;  // wall time
};

// What /metrics shows besides the engine's own state.
struct ProcessState {
  const IngestCounters& ingest;
  HttpServerStats http;
  std::vector<DestinationStats> destinations;
  std::optional<LedgerHealth> ledger;     // absent in memory only
  std::optional<RecorderStats> recorder;  // absent when nothing is recorded
  ReloadState reload;
  absl::Time started;          // wall time
  absl::Duration clock_ahead;  // RealClock::AheadOfWall
};

// The counts of all series as Prometheus scrapes them: firebreak_requests_total and the latency histogram.
// Reads the pipeline, so it is for the engine thread.
std::string TrafficMetrics(const Pipeline& pipeline);

// SLOs, alerts, evaluation, ingest, delivery and the server itself.
std::string StateMetrics(const Snapshot& snapshot, const ProcessState& process);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_METRICS_H_
