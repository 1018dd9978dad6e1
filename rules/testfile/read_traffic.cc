#include "rules/testfile/read_traffic.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/testfile/values.h"

namespace firebreak {
namespace {

constexpr absl::Duration kMostLate = absl::Hours(24);
constexpr size_t kMostSegments = 10000;
constexpr int64_t kMostRequests = 1'000'000'000'000;
constexpr std::string_view kWantedRate = "requests per second from 0 to 1000000, such as 50 or 0.2";

bool IsMultiple(absl::Duration duration, absl::Duration of) { return duration % of == absl::ZeroDuration(); }

// What a load says, before its segment's duration is known.
struct LoadText {
  TrafficLoad load;
  bool unknown = false;
  std::optional<Decimal> rps;
  std::optional<int64_t> requests;
};

void ReadRate(const Field& field, YamlReader& reader, std::optional<Decimal>& out) {
  Decimal rate;
  reader.ReadDecimal(field, kWantedRate, rate);
  if (!reader.IsSound(field.path)) return;
  if (Decimal::FromParts(1'000'000, 0) < rate || rate.scale() > 6) {
    return reader.Fault(field, fmt::format("{}, wanted {}, at most 6 decimals", rate.ToString(), kWantedRate));
  }
  out = rate;
}

void ReadSource(const Field& field, YamlReader& reader, Source& out) {
  size_t choice = static_cast<size_t>(out);
  reader.ReadChoice(field, {"rum", "synthetic"}, choice);
  out = static_cast<Source>(choice);
}

void ReadLate(const Field& field, TestContext& context, TrafficLoad& load) {
  YamlReader& reader = context.reader;
  reader.ReadMap(field, {{"share", [&](const Field& f) { ReadShare(f, reader, load.late); }},
                         {"by", [&](const Field& f) {
                            const absl::Duration grid = context.config().evaluation_interval;
                            reader.ReadDuration(f, grid, kMostLate, load.late_by);
                            if (IsMultiple(load.late_by, grid)) return;
                            reader.Fault(
                                f, fmt::format("wanted a multiple of evaluation_interval ({})", DurationText(grid)));
                          }}});
  reader.Require(field, "share", "the share that arrives late, such as 10%");
  reader.Require(field, "by", "how late it arrives, such as 2m");
}

std::vector<FieldRule> LoadRules(TestContext& context, LoadText& text) {
  YamlReader& reader = context.reader;
  TrafficLoad& load = text.load;
  return {
      {"endpoint", [&](const Field& f) { reader.ReadLabel(f, load.endpoint); }},
      {"unknown", [&](const Field& f) { reader.ReadBool(f, text.unknown); }},
      {"rps", [&](const Field& f) { ReadRate(f, reader, text.rps); }},
      {"requests",
       [&](const Field& f) {
         int64_t requests = 0;
         reader.ReadInteger(f, 0, kMostRequests, requests);
         text.requests = requests;
       }},
      {"errors", [&](const Field& f) { ReadShare(f, reader, load.errors); }},
      {"fail_with", [&](const Field& f) { ReadAnswerMix(f, reader, load.failures); }},
      {"statuses", [&](const Field& f) { ReadAnswerMix(f, reader, load.successes); }},
      {"latency", [&](const Field& f) { ReadLatencyMix(f, reader, load.latencies); }},
      {"late", [&](const Field& f) { ReadLate(f, context, load); }},
      {"source", [&](const Field& f) { ReadSource(f, reader, load.source); }},
  };
}

std::string AnswerText(const Answer& answer) {
  return answer.status ? fmt::format("{}", *answer.status) : answer.outcome;
}

bool IsFailure(const TestContext& context, const TrafficLoad& load, const Answer& answer) {
  Event event;
  event.endpoint = load.endpoint;
  event.status = answer.status;
  event.outcome = answer.outcome;
  std::string scratch;
  const size_t tier = context.rules.classifier.Place(load.endpoint, scratch).tier;
  return context.rules.classifier.Judge(event, tier).bad;
}

// `errors` must be the share of failures as the configuration sees it.
void CheckAnswers(const Field& field, const TestContext& context, const TrafficLoad& load) {
  if (load.errors == Decimal()) return;
  for (const Weighted<Answer>& part : load.failures) {
    if (IsFailure(context, load, part.value)) continue;
    context.reader.Complain(
        field.path + ".fail_with",
        fmt::format("{} is no failure under this configuration (classification.errors)", AnswerText(part.value)));
  }
  for (const Weighted<Answer>& part : load.successes) {
    if (!IsFailure(context, load, part.value)) continue;
    context.reader.Complain(field.path + ".statuses",
                            fmt::format("{} is a failure under this configuration: beside errors, wanted it in "
                                        "fail_with",
                                        AnswerText(part.value)));
  }
}

void CallEndpoint(const Field& field, TestContext& context, const LoadText& text) {
  const std::string& endpoint = text.load.endpoint;
  const std::string fault = CalledFault(context.rules, endpoint, text.unknown ? Unknown::kMeant : Unknown::kNotMeant);
  if (!fault.empty()) context.reader.Complain(field.path + ".endpoint", fault);
  Call(endpoint, context);
}

void FinishLoad(const Field& field, TestContext& context, absl::Duration duration, LoadText text,
                std::vector<TrafficLoad>& loads) {
  YamlReader& reader = context.reader;
  reader.Require(field, "endpoint", "an endpoint, such as /userid/");
  TrafficLoad& load = text.load;
  load.place = field.key_place;
  const bool has_rps = HasKey(field.node, "rps");
  if (has_rps == HasKey(field.node, "requests")) {
    return reader.Fault(
        field, has_rps ? "has rps and requests, which exclude each other" : "has neither rps nor requests, wanted one");
  }
  if (HasKey(field.node, "fail_with") && !HasKey(field.node, "errors")) {
    reader.Complain(field.path + ".fail_with", "wanted errors beside it: the share that fails so");
  }
  load.rate = has_rps ? text.rps.value_or(Decimal()) : Decimal::FromParts(text.requests.value_or(0), 0);
  load.per = has_rps ? absl::Seconds(1) : duration;
  if (load.failures.empty()) load.failures = {{Answer{503, ""}, 1}};
  if (load.successes.empty()) load.successes = {{Answer{200, ""}, 1}};
  if (load.latencies.empty()) load.latencies = {{std::nullopt, 1}};
  if (!load.endpoint.empty()) {
    CallEndpoint(field, context, text);
    CheckAnswers(field, context, load);
  }
  loads.push_back(std::move(load));
}

void ReadLoad(const Field& field, TestContext& context, absl::Duration duration, std::vector<TrafficLoad>& loads) {
  LoadText text;
  context.reader.ReadMap(field, LoadRules(context, text));
  if (field.node.kind == YamlNode::Kind::kMap) FinishLoad(field, context, duration, std::move(text), loads);
}

// A segment's length: on the grid of evaluation_interval, and within what one story may last.
void ReadLength(const Field& field, TestContext& context, absl::Duration grid, absl::Duration least,
                absl::Duration& out) {
  absl::Duration length = grid;
  context.reader.ReadDuration(field, least, kLongestTest, length);
  if (IsMultiple(length, grid)) {
    out = length;
  } else {
    context.reader.Fault(field, fmt::format("{}, wanted a multiple of {}", DurationText(length), DurationText(grid)));
  }
}

void ReadStretch(const Field& field, TestContext& context, TrafficSegment& segment) {
  YamlReader& reader = context.reader;
  LoadText text;
  std::optional<Field> list;
  std::vector<FieldRule> rules = LoadRules(context, text);
  const std::vector<FieldRule> of_load = rules;
  rules.push_back({"for", [&](const Field& f) {
                     const absl::Duration grid = context.config().evaluation_interval;
                     ReadLength(f, context, grid, grid, segment.duration);
                   }});
  rules.push_back({"load", [&](const Field& f) { list.emplace(f); }});
  reader.ReadMap(field, rules);
  if (segment.duration == absl::ZeroDuration()) segment.duration = absl::Seconds(1);  // after a fault
  if (!list) return FinishLoad(field, context, segment.duration, std::move(text), segment.loads);
  for (const FieldRule& rule : of_load) {
    if (HasKey(field.node, rule.key)) reader.Complain(field.path + "." + rule.key, "beside load, wanted it in there");
  }
  reader.ReadList(*list, [&](const Field& f) { ReadLoad(f, context, segment.duration, segment.loads); });
}

void ReadSilence(const Field& field, TestContext& context, TrafficSegment& segment) {
  YamlReader& reader = context.reader;
  const absl::Duration grid = context.config().evaluation_interval;
  reader.ReadMap(field, {{"silence", [&](const Field& f) { ReadLength(f, context, grid, grid, segment.duration); }},
                         {"heartbeat",
                          [&](const Field& f) {
                            absl::Duration every = grid;
                            reader.ReadDuration(f, absl::Seconds(1), kLongestTest, every);
                            segment.heartbeat = every;
                          }},
                         {"source", [&](const Field& f) { ReadSource(f, reader, segment.heartbeat_source); }}});
}

void ReadRestart(const Field& field, TestContext& context, TrafficSegment& segment) {
  segment.kind = TrafficSegment::Kind::kRestart;
  context.reader.ReadMap(field, {{"restart", [&](const Field& f) {
                                    ReadLength(f, context, context.step, absl::ZeroDuration(), segment.duration);
                                  }}});
  if (!IsMultiple(context.end, context.step)) {
    context.reader.Complain(field.path,
                            fmt::format("begins at {}, where no evaluation happens: wanted a multiple of {}",
                                        DurationText(context.end), DurationText(context.step)));
  }
  if (context.end == absl::ZeroDuration()) {
    context.reader.Complain(field.path, "nothing comes before it, wanted traffic or a silence first");
  }
  context.down.emplace_back(context.end, context.end + segment.duration);
}

void ReadSegment(const Field& field, TestContext& context, std::vector<TrafficSegment>& segments) {
  if (segments.size() == kMostSegments) {
    return context.reader.Fault(field, fmt::format("wanted at most {} segments", kMostSegments));
  }
  TrafficSegment segment;
  const std::string kind = ChooseKey(field, {"for", "silence", "restart"}, context.reader);
  if (kind.empty()) return;
  if (kind == "for") ReadStretch(field, context, segment);
  if (kind == "silence") ReadSilence(field, context, segment);
  if (kind == "restart") ReadRestart(field, context, segment);
  context.end += segment.duration;
  segments.push_back(std::move(segment));
}

}  // namespace

void ReadSegments(const Field& field, TestContext& context, SegmentTraffic& traffic) {
  context.reader.ReadList(field, [&](const Field& f) { ReadSegment(f, context, traffic.segments); });
  if (field.node.kind == YamlNode::Kind::kSequence && field.node.values.empty()) {
    context.reader.Fault(field, "empty, wanted at least one segment");
  }
  if (context.end > kLongestTest) {
    context.reader.Fault(
        field, fmt::format("lasts {}, wanted at most {}", DurationText(context.end), DurationText(kLongestTest)));
  }
}

void ReadRecordedTraffic(const Field& field, TestContext& context, RecordedTraffic& traffic) {
  YamlReader& reader = context.reader;
  traffic.place = field.place;
  context.recorded = true;
  if (field.node.kind == YamlNode::Kind::kScalar) return reader.ReadText(field, traffic.path);
  reader.ReadMap(field, {{"file",
                          [&](const Field& f) {
                            traffic.place = f.place;
                            reader.ReadText(f, traffic.path);
                          }},
                         {"format", [&](const Field& f) { reader.ReadText(f, traffic.format); }},
                         {"lateness", [&](const Field& f) {
                            reader.ReadDuration(f, absl::ZeroDuration(), kMostLate, traffic.lateness);
                          }}});
  reader.Require(field, "file", "the recording's path, relative to this file");
}

}  // namespace firebreak
