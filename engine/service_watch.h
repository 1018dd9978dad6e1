#ifndef FIREBREAK_ENGINE_SERVICE_WATCH_H_
#define FIREBREAK_ENGINE_SERVICE_WATCH_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "engine/alert_record.h"
#include "engine/alert_state.h"
#include "engine/engine_observer.h"
#include "engine/evaluation.h"
#include "engine/labels.h"
#include "engine/transition.h"

namespace firebreak {

// How Firebreak itself does, at one tick.
struct ServiceHealth {
  EngineObserver::Ingest ingest = EngineObserver::Ingest::kOpen;
  std::vector<std::string> parked_destinations;  // that keep alerts they were refused for good
};

// The alerts about Firebreak itself, of no tier:
//   IngestRefused   a page, while batches are refused because nothing can be written, and a minute longer;
//   DeliveryParked  a ticket for each destination (label `destination`) that has refused alerts for good. When more
//                   than ten have, one alert without the label speaks for all, until none has.
// They go through the state machine of all alerts. Thread-compatible.
class ServiceWatch {
 public:
  static constexpr size_t kMostDestinations = 10;

  void Tick(const ServiceHealth& health, const Evaluation& evaluation, TransitionSink& sink);

  // Takes away the alerts that bear the name of another service, for a reload.
  AlertRecords TakeOthersThan(std::string_view service);

  // As TierWatch's.
  void CollectAlerts(absl::Time now, std::vector<AlertViewPtr>& alerts);
  void CollectChanges(AlertChanges& changes);
  void Restore(AlertRecords& records, std::string_view service, absl::Duration downtime);

 private:
  struct Alert {
    AlertState state;
    AlertViewPtr view;
    AlertState saved_state;
    AlertStatus saved_status = AlertStatus::kInactive;
  };

  // The alerts that `health` is reason for.
  std::set<Labels> Wanted(const ServiceHealth& health, std::string_view service) const;
  void Advance(const Labels& identity, Alert& alert, bool wanted, const ServiceHealth& health,
               const Evaluation& evaluation, TransitionSink& sink);
  static void Merge(Alert& alert, absl::Time now, TransitionSink& sink);
  static AlertRecord RecordOf(const Labels& identity, const Alert& alert);

  std::map<Labels, Alert> alerts_;  // by identity: all labels
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_SERVICE_WATCH_H_
