#include "rules/classifier.h"

#include <algorithm>
#include <bitset>
#include <cassert>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "re2/re2.h"
#include "re2/set.h"
#include "rules/pattern_options.h"
#include "rules/string_map.h"

namespace firebreak {
namespace {

// Memory of the automaton that matches all patterns at once.
constexpr int64_t kSetMemoryBytes = 64 << 20;

struct Pattern {
  std::unique_ptr<RE2> re2;
  size_t tier;
};

struct Rewrite {
  std::unique_ptr<RE2> match;
  std::string as;
};

// What Judge needs of a tier; an absent limit is never exceeded.
struct TierLimits {
  absl::Duration latency_limit = absl::InfiniteDuration();
  absl::Duration timeout = absl::InfiniteDuration();
};

absl::StatusOr<std::unique_ptr<RE2>> Compile(std::string_view pattern) {
  auto re2 = std::make_unique<RE2>(pattern, PatternOptions());
  if (!re2->ok()) {
    return absl::InvalidArgumentError(fmt::format("pattern \"{}\" is not a valid RE2: {}", pattern, re2->error()));
  }
  return re2;
}

StatusClass ClassOfStatus(int status) {
  assert(100 <= status && status <= 599);
  return static_cast<StatusClass>(status / 100 - 1);
}

// REQUIRES: outcome is neither empty nor "ok".
StatusClass ClassOfOutcome(std::string_view outcome) {
  if (outcome == "timeout") return StatusClass::kTimeout;
  if (outcome == "shape_mismatch") return StatusClass::kShapeMismatch;
  return StatusClass::kFailed;
}

// What the caller said happened. The outcome decides where it says more than "ok": a shape mismatch comes with a 200.
StatusClass ReportedClass(const Event& event) {
  if (!event.outcome.empty() && event.outcome != "ok") return ClassOfOutcome(event.outcome);
  return event.status.has_value() ? ClassOfStatus(*event.status) : StatusClass::k2xx;
}

}  // namespace

std::string_view EndpointPath(std::string_view endpoint) {
  // Two searches for one character each are far faster than find_first_of.
  const std::string_view path = endpoint.substr(0, std::min(endpoint.find('?'), endpoint.find('#')));
  return path.empty() ? "/" : path;
}

struct Classifier::Rep {
  std::vector<Rewrite> rewrites;
  StringMap<size_t> exact;        // configured name -> tier
  std::vector<Pattern> patterns;  // in file order
  std::unique_ptr<RE2::Set> set;  // the same; absent when there are none
  size_t unknown_tier = 0;

  bool non_2xx = false;
  std::bitset<kNumStatusClasses> bad_classes;
  std::bitset<600> bad_statuses;
  bool exclude_client_errors = false;
  std::vector<TierLimits> limits;  // by tier

  absl::Status AddEndpoints(const Config& config);
  absl::Status CompileSet();
  absl::Status AddRewrites(const Config& config);
  void AddErrorRule(const Classification& classification);

  std::string_view Normalize(std::string_view path, std::string& scratch) const;
  std::optional<size_t> FindExact(std::string_view path) const;
  std::optional<size_t> FindPattern(std::string_view path) const;
  bool IsBad(StatusClass status_class, int cause_code) const;
};

absl::Status Classifier::Rep::AddEndpoints(const Config& config) {
  for (size_t tier = 0; tier < config.tiers.size(); ++tier) {
    for (const std::string& endpoint : config.tiers[tier].endpoints) {
      if (!endpoint.starts_with('~')) {
        exact.emplace(endpoint, tier);
        continue;
      }
      absl::StatusOr<std::unique_ptr<RE2>> re2 = Compile(std::string_view(endpoint).substr(1));
      if (!re2.ok()) return re2.status();
      patterns.push_back({*std::move(re2), tier});
    }
  }
  return CompileSet();
}

absl::Status Classifier::Rep::CompileSet() {
  if (patterns.empty()) return absl::OkStatus();
  RE2::Options options = PatternOptions();
  options.set_max_mem(kSetMemoryBytes);
  set = std::make_unique<RE2::Set>(options, RE2::ANCHOR_BOTH);
  for (const Pattern& pattern : patterns) {
    std::string error;
    if (set->Add(pattern.re2->pattern(), &error) < 0) return absl::InvalidArgumentError(error);
  }
  if (!set->Compile()) return absl::InvalidArgumentError("the endpoint patterns are too large together");
  return absl::OkStatus();
}

absl::Status Classifier::Rep::AddRewrites(const Config& config) {
  for (const Normalization& normalization : config.classification.normalize) {
    absl::StatusOr<std::unique_ptr<RE2>> match = Compile(normalization.match);
    if (!match.ok()) return match.status();
    std::string error;
    if (!(*match)->CheckRewriteString(normalization.as, &error)) return absl::InvalidArgumentError(error);
    rewrites.push_back({*std::move(match), normalization.as});
  }
  return absl::OkStatus();
}

void Classifier::Rep::AddErrorRule(const Classification& classification) {
  non_2xx = classification.errors.non_2xx;
  bad_classes = classification.errors.classes;
  for (const int code : classification.errors.codes) bad_statuses.set(static_cast<size_t>(code));
  exclude_client_errors = classification.client_errors == ClientErrors::kExclude;
}

// The first entry that matches rewrites all its matches.
std::string_view Classifier::Rep::Normalize(std::string_view path, std::string& scratch) const {
  for (const Rewrite& rewrite : rewrites) {
    if (!RE2::PartialMatch(path, *rewrite.match)) continue;
    scratch.assign(path);
    RE2::GlobalReplace(&scratch, *rewrite.match, rewrite.as);
    return scratch.empty() ? "/" : std::string_view(scratch);
  }
  return path;
}

std::optional<size_t> Classifier::Rep::FindExact(std::string_view path) const {
  const auto found = exact.find(path);
  if (found == exact.end()) return std::nullopt;
  return found->second;
}

std::optional<size_t> Classifier::Rep::FindPattern(std::string_view path) const {
  if (set == nullptr) return std::nullopt;
  // Kept from call to call for its memory.
  thread_local std::vector<int> candidates;
  RE2::Set::ErrorInfo error;
  if (set->Match(path, &candidates, &error)) {
    const int first = *std::min_element(candidates.begin(), candidates.end());
    return patterns[static_cast<size_t>(first)].tier;
  }
  if (error.kind == RE2::Set::kNoError) return std::nullopt;
  // The set ran out of memory: slower, but the same answer.
  for (const Pattern& pattern : patterns) {
    if (RE2::FullMatch(path, *pattern.re2)) return pattern.tier;
  }
  return std::nullopt;
}

// A status counts only where it decided: then it is the cause.
bool Classifier::Rep::IsBad(StatusClass status_class, int cause_code) const {
  if (non_2xx) return status_class != StatusClass::k2xx;
  if (bad_classes.test(static_cast<size_t>(status_class))) return true;
  return static_cast<size_t>(cause_code) < bad_statuses.size() && bad_statuses.test(static_cast<size_t>(cause_code));
}

absl::StatusOr<Classifier> Classifier::Create(const Config& config) {
  auto rep = std::make_unique<Rep>();
  if (absl::Status status = rep->AddEndpoints(config); !status.ok()) return status;
  if (absl::Status status = rep->AddRewrites(config); !status.ok()) return status;
  rep->AddErrorRule(config.classification);
  rep->unknown_tier = config.classification.unknown_endpoint_tier;
  for (const Tier& tier : config.tiers) {
    rep->limits.push_back(
        {tier.latency_limit.value_or(absl::InfiniteDuration()), tier.timeout.value_or(absl::InfiniteDuration())});
  }
  return Classifier(std::move(rep));
}

Classifier::Classifier(std::unique_ptr<const Rep> rep) : rep_(std::move(rep)) {}
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;
Classifier::~Classifier() = default;

EndpointPlace Classifier::Place(std::string_view endpoint, std::string& scratch) const {
  const Rep& rep = *rep_;
  const std::string_view path = rep.Normalize(EndpointPath(endpoint), scratch);
  if (const std::optional<size_t> tier = rep.FindExact(path)) return {path, *tier, true};
  if (const std::optional<size_t> tier = rep.FindPattern(path)) return {path, *tier, true};
  return {path, rep.unknown_tier, false};
}

Verdict Classifier::Judge(const Event& event, size_t tier) const {
  assert(event.status.has_value() || !event.outcome.empty());
  const TierLimits& limits = rep_->limits[tier];
  const bool timed_out = event.latency.has_value() && *event.latency > limits.timeout;

  Verdict verdict;
  // Whoever waited for it had given up by then, whatever it said in the end.
  verdict.status_class = timed_out ? StatusClass::kTimeout : ReportedClass(event);
  verdict.cause_code = CauseCode(verdict.status_class, event.status);
  verdict.bad = rep_->IsBad(verdict.status_class, verdict.cause_code);
  verdict.client_error = verdict.status_class == StatusClass::k4xx;
  verdict.counted = verdict.bad || !verdict.client_error || !rep_->exclude_client_errors;
  verdict.timed = event.latency.has_value() && !verdict.bad && !verdict.client_error;
  verdict.slow = verdict.timed && *event.latency > limits.latency_limit;
  return verdict;
}

}  // namespace firebreak
