#ifndef FIREBREAK_API_CLI_TUNE_ARGUMENTS_H_
#define FIREBREAK_API_CLI_TUNE_ARGUMENTS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/lab/tuning.h"
#include "rules/config.h"
#include "rules/incident_file.h"
#include "rules/rule_set.h"
#include "rules/sweep.h"

namespace firebreak {

// What `firebreak tune` was asked for; "" = not given.
struct TuneArguments {
  std::string config;
  std::vector<std::string> files;
  std::string format = "auto";
  std::string incidents;
  std::string derive;
  std::string sweep;
  std::vector<std::string> slos;
  std::string severity = "page";
  std::string step;
  std::string data_dir;
  std::string since;
  std::string html;
  size_t top = 10;
  bool all = false;
  bool json = false;
};

// Everything of the command line, understood.
struct TunePlan {
  std::shared_ptr<const RuleSet> rules;
  std::optional<std::vector<Incident>> incidents;  // labelled
  std::vector<SweepAxis> axes;
  std::string sweep;
  std::string derive;  // as it was asked for: "2%"
  double derive_share = 0;
  Severity least = Severity::kPage;
  Reported reported = Reported::kFront;
  absl::Duration step;
};

// Reads the files that the arguments name. Errors: what cannot be read; InvalidArgument with every fault of a file or
// of the sweep, a line each.
absl::StatusOr<TunePlan> ReadArguments(const TuneArguments& arguments);

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_TUNE_ARGUMENTS_H_
