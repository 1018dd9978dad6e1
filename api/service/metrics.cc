#include "api/service/metrics.h"

#include <algorithm>
#include <functional>

#include "api/service/exposition.h"
#include "api/service/version.h"
#include "engine/latency_buckets.h"
#include "engine/slo.h"
#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/status_class.h"

namespace firebreak {
namespace {

// Everything that has been counted, one series at a time.
struct SeriesRef {
  const Tier& tier;
  std::string_view endpoint;
  std::string_view source;
  const CumulativeCounts& counts;
};

void ForEachSeries(const Pipeline& pipeline, const std::function<void(const SeriesRef&)>& visit) {
  const TrafficStore& traffic = pipeline.traffic();
  const Config& config = pipeline.rules()->config;
  for (int tier = 0; tier < traffic.num_tiers(); ++tier) {
    for (int endpoint = 0; endpoint < traffic.num_endpoints(tier); ++endpoint) {
      for (int source = 0; source < kNumSources; ++source) {
        const CumulativeCounts* counts = traffic.Cumulative(tier, endpoint, source);
        if (counts == nullptr) continue;
        visit({config.tiers[static_cast<size_t>(tier)], traffic.endpoint_name(tier, endpoint),
               SourceName(static_cast<Source>(source)), *counts});
      }
    }
  }
}

void WriteRequests(const Pipeline& pipeline, Exposition& out) {
  out.Family("firebreak_requests_total", "counter", "Requests counted, by what decided about them.");
  ForEachSeries(pipeline, [&](const SeriesRef& series) {
    for (int status = 0; status < kNumStatusClasses; ++status) {
      // Zero is shown as well: rate() does not see what a counter holds when it first appears.
      out.Sample({{"endpoint", series.endpoint},
                  {"tier", series.tier.name},
                  {"status_class", StatusClassName(static_cast<StatusClass>(status))},
                  {"source", series.source}},
                 series.counts.by_status[static_cast<size_t>(status)]);
    }
  });
  out.Family("firebreak_request_retries_total", "counter", "Wire attempts beyond the first of a request.");
  ForEachSeries(pipeline, [&](const SeriesRef& series) {
    out.Sample({{"endpoint", series.endpoint}, {"tier", series.tier.name}, {"source", series.source}},
               series.counts.retries);
  });
}

// What each SLO counts, which status_class cannot tell in full.
void WriteSloRequests(const Pipeline& pipeline, Exposition& out) {
  const auto write = [&](int64_t SloCounts::*count) {
    ForEachSeries(pipeline, [&](const SeriesRef& series) {
      for (const Slo slo : {Slo::kAvailability, Slo::kLatency}) {
        if (!HasSlo(slo, series.tier)) continue;
        out.Sample({{"endpoint", series.endpoint},
                    {"tier", series.tier.name},
                    {"slo", SloName(slo)},
                    {"source", series.source}},
                   CountsFor(slo, series.counts.counts).*count);
      }
    });
  };
  out.Family("firebreak_slo_requests_total", "counter",
             "Requests an SLO counts: all of availability, timed of latency.");
  write(&SloCounts::total);
  out.Family("firebreak_slo_bad_requests_total", "counter", "Bad ones of them: failed, or slow.");
  write(&SloCounts::bad);
}

void WriteHistogram(const SeriesRef& series, const std::vector<std::string>& bounds, Exposition& out) {
  int64_t sum = 0;
  for (size_t bucket = 0; bucket < series.counts.latency_buckets.size() && bucket < bounds.size(); ++bucket) {
    sum += series.counts.latency_buckets[bucket];
    out.Sample(
        {{"endpoint", series.endpoint}, {"tier", series.tier.name}, {"source", series.source}, {"le", bounds[bucket]}},
        sum, "_bucket");
  }
  out.Sample({{"endpoint", series.endpoint}, {"tier", series.tier.name}, {"source", series.source}},
             series.counts.latency_seconds, "_sum");
  out.Sample({{"endpoint", series.endpoint}, {"tier", series.tier.name}, {"source", series.source}}, sum, "_count");
}

void WriteLatencies(const Pipeline& pipeline, Exposition& out) {
  std::vector<std::string> bounds;
  for (absl::Duration bound : LatencyBucketBounds(pipeline.rules()->config)) {
    bounds.push_back(fmt::format("{}", absl::ToDoubleSeconds(bound)));
  }
  bounds.push_back("+Inf");
  out.Family("firebreak_request_duration_seconds", "histogram", "Latency of the requests that carry one.");
  ForEachSeries(pipeline, [&](const SeriesRef& series) { WriteHistogram(series, bounds, out); });
}

using WindowVisitor = std::function<void(const TierView&, const SloView&, const WindowReading&)>;

// Every window of every SLO once, though pairs may share it.
void ForEachWindow(const Snapshot& snapshot, const WindowVisitor& visit) {
  for (const TierView& tier : snapshot.tiers) {
    for (const SloView& slo : tier.slos) {
      std::vector<absl::Duration> seen;
      for (const PairView& pair : slo.pairs) {
        for (const WindowReading* reading : {&pair.short_window, &pair.long_window}) {
          if (std::find(seen.begin(), seen.end(), reading->window) != seen.end()) continue;
          seen.push_back(reading->window);
          visit(tier, slo, *reading);
        }
      }
    }
  }
}

void WriteBurn(const Snapshot& snapshot, Exposition& out) {
  out.Family("firebreak_burn_rate", "gauge", "How fast the error budget burns; 1 spends it exactly over the period.");
  ForEachWindow(snapshot, [&](const TierView& tier, const SloView& slo, const WindowReading& reading) {
    if (!reading.burn) return;
    out.Sample({{"tier", tier.name}, {"slo", SloName(slo.slo)}, {"window", DurationText(reading.window)}},
               *reading.burn);
  });
  out.Family("firebreak_error_ratio", "gauge", "Bad of all requests (availability), or slow of timed ones (latency).");
  ForEachWindow(snapshot, [&](const TierView& tier, const SloView& slo, const WindowReading& reading) {
    if (!reading.burn) return;
    out.Sample({{"tier", tier.name}, {"slo", SloName(slo.slo)}, {"window", DurationText(reading.window)}},
               static_cast<double>(reading.bad) / static_cast<double>(reading.total));
  });
}

// What maintenance took out, of each window and of the period.
void WriteExcluded(const Snapshot& snapshot, Exposition& out) {
  out.Family("firebreak_excluded_requests", "gauge", "Requests under maintenance that a window leaves out.");
  ForEachWindow(snapshot, [&](const TierView& tier, const SloView& slo, const WindowReading& reading) {
    out.Sample({{"tier", tier.name}, {"slo", SloName(slo.slo)}, {"window", DurationText(reading.window)}},
               reading.excluded_total);
  });
  for (const TierView& tier : snapshot.tiers) {
    for (const SloView& slo : tier.slos) {
      out.Sample({{"tier", tier.name}, {"slo", SloName(slo.slo)}, {"window", "period"}}, slo.budget.excluded.total);
    }
  }
  out.Family("firebreak_maintenance_active", "gauge", "1 while the tier is under maintenance.");
  for (const TierView& tier : snapshot.tiers) {
    out.Sample({{"tier", tier.name}}, int64_t{tier.maintenance_until.has_value()});
  }
}

void WriteProjections(const Snapshot& snapshot, Exposition& out) {
  out.Family("firebreak_error_budget_exhausted_in_hours", "gauge",
             "How long the budget lasts at the burn of the window; 0 = exhausted, absent = for ever or no data.");
  for (const TierView& tier : snapshot.tiers) {
    for (const SloView& slo : tier.slos) {
      for (const BudgetProjection& projection : slo.budget.projections) {
        if (!projection.lasts) continue;
        out.Sample({{"tier", tier.name}, {"slo", SloName(slo.slo)}, {"window", DurationText(projection.window)}},
                   absl::ToDoubleHours(*projection.lasts));
      }
    }
  }
}

void WriteBudgets(const Snapshot& snapshot, Exposition& out) {
  out.Family("firebreak_error_budget_left_ratio", "gauge",
             "Share of the error budget left, of the data held; negative when overspent.");
  for (const TierView& tier : snapshot.tiers) {
    for (const SloView& slo : tier.slos) {
      out.Sample({{"tier", tier.name}, {"slo", SloName(slo.slo)}}, slo.budget.remaining);
    }
  }
  out.Family("firebreak_feed_lost", "gauge", "1 while neither requests nor signs of life come for the tier.");
  for (const TierView& tier : snapshot.tiers) {
    out.Sample({{"tier", tier.name}}, int64_t{tier.feed == FeedState::kLost});
  }
}

void WriteAlerts(const Snapshot& snapshot, Exposition& out) {
  out.Family("firebreak_alert", "gauge", "1 for each alert that is pending or firing.");
  for (const AlertViewPtr& alert : snapshot.alerts) {
    if (alert->status != AlertStatus::kPending && alert->status != AlertStatus::kFiring) continue;
    const Labels& labels = alert->labels;
    out.Sample({{"alertname", labels.Get("alertname")},
                {"tier", labels.Get("tier")},
                {"slo", labels.Get("slo")},
                {"pair", labels.Get("pair")},
                {"endpoint", labels.Get("endpoint")},
                {"severity", labels.Get("severity")},
                {"alertstate", AlertStatusName(alert->status)}},
               int64_t{1});
  }
}

void WriteEngine(const Snapshot& snapshot, const ProcessState& process, Exposition& out) {
  const EngineStats& stats = snapshot.stats;
  out.Family("firebreak_evaluations_total", "counter", "Evaluations done.");
  out.Sample({}, stats.ticks);
  out.Family("firebreak_evaluations_missed_total", "counter", "Evaluations skipped: overrun, or the clock jumped.");
  out.Sample({}, stats.missed_ticks);
  out.Family("firebreak_last_evaluation_timestamp_seconds", "gauge", "When the last evaluation was, in engine time.");
  out.Sample({}, absl::ToDoubleSeconds(snapshot.at - absl::UnixEpoch()));
  out.Family("firebreak_late_dropped_total", "counter", "Events older than everything held.");
  out.Sample({}, stats.late_dropped);
  out.Family("firebreak_overflow_dropped_total", "counter", "Events refused because a counter was full.");
  out.Sample({}, stats.overflow_dropped);
  out.Family("firebreak_clock_ahead_seconds", "gauge",
             "How far the engine runs ahead of a wall clock that jumped back.");
  out.Sample({}, absl::ToDoubleSeconds(process.clock_ahead));
}

void WriteIngest(const IngestCounters& ingest, Exposition& out) {
  out.Family("firebreak_events_total", "counter", "Events sent to POST /v1/events, by what became of them.");
  out.Sample({{"result", "accepted"}}, ingest.accepted.load());
  out.Sample({{"result", "rejected"}}, ingest.rejected.load());
  out.Sample({{"result", "late"}}, ingest.late.load());
  out.Family("firebreak_event_unknown_fields_total", "counter", "Fields of events that were ignored.");
  out.Sample({}, ingest.unknown_fields.load());
  out.Family("firebreak_batches_total", "counter", "Requests to POST /v1/events that were read.");
  out.Sample({}, ingest.batches.load());
  out.Family("firebreak_batches_refused_total", "counter", "Requests to POST /v1/events answered 503.");
  out.Sample({}, ingest.refused_batches.load());
  out.Family("firebreak_batches_duplicate_total", "counter", "Batches sent again under their key, not counted again.");
  out.Sample({}, ingest.duplicate_batches.load());
  out.Family("firebreak_batches_key_reused_total", "counter", "Batches answered 422: their key had another body.");
  out.Sample({}, ingest.reused_keys.load());
}

void WriteDelivery(const std::vector<DestinationStats>& destinations, Exposition& out) {
  out.Family("firebreak_notifications_total", "counter", "Tries to deliver alerts, by result.");
  for (const DestinationStats& destination : destinations) {
    for (const auto& [result, count] : destination.sent) {
      out.Sample({{"destination", destination.name}, {"result", result}}, count);
    }
  }
  out.Family("firebreak_notifications_queued", "gauge", "Alerts whose latest state is not at the destination yet.");
  for (const DestinationStats& destination : destinations) {
    out.Sample({{"destination", destination.name}}, destination.queued);
  }
  out.Family("firebreak_notifications_parked", "gauge", "Alerts that the destination refused for good.");
  for (const DestinationStats& destination : destinations) {
    out.Sample({{"destination", destination.name}}, destination.parked);
  }
  out.Family("firebreak_notification_last_success_timestamp_seconds", "gauge", "When something was last delivered.");
  for (const DestinationStats& destination : destinations) {
    if (!destination.last_success) continue;
    out.Sample({{"destination", destination.name}},
               absl::ToDoubleSeconds(*destination.last_success - absl::UnixEpoch()));
  }
}

void WriteLedger(const LedgerHealth& ledger, Exposition& out) {
  out.Family("firebreak_ledger_refusing", "gauge", "1 while events are refused because they cannot be stored.");
  out.Sample({}, int64_t{ledger.refusing});
  out.Family("firebreak_ledger_commits_total", "counter", "Transactions, by result.");
  out.Sample({{"result", "ok"}}, ledger.commits);
  out.Sample({{"result", "failed"}}, ledger.failed_commits);
  out.Family("firebreak_ledger_batches_total", "counter", "Batches committed: several share a transaction.");
  out.Sample({}, ledger.batches);
  out.Family("firebreak_ledger_waiting", "gauge", "Batches and evaluations that wait for a transaction.");
  out.Sample({}, ledger.waiting);
  out.Family("firebreak_ledger_last_commit_seconds", "gauge", "How long the last transaction took.");
  out.Sample({}, absl::ToDoubleSeconds(ledger.last_commit_took));
  out.Family("firebreak_ledger_bytes", "gauge", "Size of the ledger and its write-ahead log.");
  out.Sample({}, ledger.file_bytes);
  out.Family("firebreak_ledger_keys", "gauge", "Idempotency keys held.");
  out.Sample({}, ledger.keys);
  out.Family("firebreak_ledger_keys_evicted_early_total", "counter", "Idempotency keys forgotten before 24 hours.");
  out.Sample({}, ledger.keys_evicted_early);
  out.Family("firebreak_ledger_compaction_failing", "gauge", "1 while old counts cannot be folded; it is tried again.");
  out.Sample({}, int64_t{!ledger.compaction_error.empty()});
  out.Family("firebreak_ledger_reserve_held", "gauge", "0 while the reserve is lent to a full disk.");
  out.Sample({}, int64_t{ledger.reserve_held});
}

void WriteRecorder(const RecorderStats& recorder, Exposition& out) {
  out.Family("firebreak_record_bytes_total", "counter", "Bytes written to recordings.");
  out.Sample({}, recorder.bytes);
  out.Family("firebreak_record_events_total", "counter", "Events taken for recording.");
  out.Sample({}, recorder.events);
  out.Family("firebreak_record_dropped_events_total", "counter", "Events that recordings lack: the disk was too slow.");
  out.Sample({}, recorder.dropped_events);
  out.Family("firebreak_record_errors_total", "counter", "Writes of recordings that failed.");
  out.Sample({}, recorder.errors);
}

void WriteHttp(const HttpServerStats& http, Exposition& out) {
  out.Family("firebreak_http_responses_total", "counter", "Answers of the HTTP server, by status.");
  for (const auto& [status, count] : http.responses) out.Sample({{"code", std::to_string(status)}}, count);
  out.Family("firebreak_http_refused_total", "counter", "Requests and connections refused by a limit, by reason.");
  for (const auto& [reason, count] : http.refused) out.Sample({{"reason", reason}}, count);
  out.Family("firebreak_http_connections", "gauge", "Open connections.");
  out.Sample({}, http.open_connections);
  out.Family("firebreak_http_streams", "gauge", "Open streams of server-sent events; their connections are open ones.");
  out.Sample({}, http.open_streams);
  out.Family("firebreak_http_connections_accepted_total", "counter", "Connections accepted.");
  out.Sample({}, http.accepted_connections);
  out.Family("firebreak_http_accept_errors_total", "counter", "Connections that could not be accepted.");
  out.Sample({}, http.accept_errors);
}

void WriteProcess(const ProcessState& process, Exposition& out) {
  out.Family("firebreak_build_info", "gauge", "1, labelled with the version.");
  out.Sample({{"version", kVersion}}, int64_t{1});
  out.Family("process_start_time_seconds", "gauge", "When the process started.");
  out.Sample({}, absl::ToDoubleSeconds(process.started - absl::UnixEpoch()));
  out.Family("firebreak_config_last_reload_successful", "gauge",
             "0 when the last reload failed and the old one stayed.");
  out.Sample({}, int64_t{process.reload.successful});
  out.Family("firebreak_config_last_reload_success_timestamp_seconds", "gauge", "When a configuration was last taken.");
  out.Sample({}, absl::ToDoubleSeconds(process.reload.last_success - absl::UnixEpoch()));
}

}  // namespace

std::string TrafficMetrics(const Pipeline& pipeline) {
  Exposition out;
  WriteRequests(pipeline, out);
  WriteSloRequests(pipeline, out);
  WriteLatencies(pipeline, out);
  out.Family("firebreak_ring_memory_bytes", "gauge", "Memory of all rings and counters.");
  out.Sample({}, static_cast<int64_t>(pipeline.traffic().memory_bytes()));
  return out.Take();
}

std::string StateMetrics(const Snapshot& snapshot, const ProcessState& process) {
  Exposition out;
  WriteBurn(snapshot, out);
  WriteBudgets(snapshot, out);
  WriteProjections(snapshot, out);
  WriteExcluded(snapshot, out);
  WriteAlerts(snapshot, out);
  WriteEngine(snapshot, process, out);
  WriteIngest(process.ingest, out);
  WriteDelivery(process.destinations, out);
  if (process.ledger) WriteLedger(*process.ledger, out);
  if (process.recorder) WriteRecorder(*process.recorder, out);
  WriteHttp(process.http, out);
  WriteProcess(process, out);
  return out.Take();
}

}  // namespace firebreak
