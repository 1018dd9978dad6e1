#include "api/service/health_json.h"

#include "api/service/version.h"
#include "engine/alert_text.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

Json TimeOrNull(const std::optional<absl::Time>& time) { return time ? Json(TimeText(*time)) : Json(); }
Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json EvaluationJson(const Snapshot& snapshot, EvaluationPace pace) {
  const EngineStats& stats = snapshot.stats;
  return {{"fresh", pace == EvaluationPace::kFresh},
          {"at", TimeText(snapshot.at)},
          {"interval_seconds", absl::ToDoubleSeconds(snapshot.rules->config.evaluation_interval)},
          {"done", stats.ticks},
          {"missed", stats.missed_ticks},
          {"late_dropped", stats.late_dropped},
          {"overflow_dropped", stats.overflow_dropped}};
}

Json IngestJson(const IngestCounters& ingest) {
  return {{"accepted", ingest.accepted.load()},
          {"rejected", ingest.rejected.load()},
          {"late", ingest.late.load()},
          {"batches", ingest.batches.load()},
          {"refused_batches", ingest.refused_batches.load()},
          {"duplicate_batches", ingest.duplicate_batches.load()}};
}

Json HttpJson(const HttpServerStats& http) {
  Json responses = Json::object();
  for (const auto& [code, count] : http.responses) responses[std::to_string(code)] = count;
  return {{"connections", http.open_connections},
          {"streams", http.open_streams},
          {"responses", std::move(responses)},
          {"refused", http.refused}};
}

Json LedgerJson(const std::optional<LedgerHealth>& ledger) {
  if (!ledger) return {};
  return {{"refusing", ledger->refusing},
          {"error", TextOrNull(ledger->error)},
          {"waiting", ledger->waiting},
          {"bytes", ledger->file_bytes},
          {"last_commit_ms", absl::ToDoubleMilliseconds(ledger->last_commit_took)},
          {"failed_commits", ledger->failed_commits},
          {"reserve_held", ledger->reserve_held}};
}

Json DestinationJson(const DestinationStats& destination) {
  return {{"name", destination.name},
          {"kind", destination.kind},
          {"queued", destination.queued},
          {"parked", destination.parked},
          {"sent", destination.sent},
          {"last_success", TimeOrNull(destination.last_success)},
          {"last_error", TextOrNull(destination.last_error)}};
}

}  // namespace

std::string HealthJson(const Snapshot& snapshot, const ProcessState& process, EvaluationPace pace, absl::Time now) {
  Json json = {{"time", TimeText(now)},
               {"version", kVersion},
               {"started", TimeText(process.started)},
               {"reload", {{"successful", process.reload.successful}, {"at", TimeText(process.reload.last_success)}}},
               {"evaluation", EvaluationJson(snapshot, pace)},
               {"ingest", IngestJson(process.ingest)},
               {"http", HttpJson(process.http)},
               {"ledger", LedgerJson(process.ledger)},
               {"destinations", Json::array()}};
  for (const DestinationStats& destination : process.destinations) {
    json["destinations"].push_back(DestinationJson(destination));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace firebreak
