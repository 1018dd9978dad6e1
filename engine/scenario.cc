#include "engine/scenario.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "engine/maintenance.h"
#include "fmt/format.h"
#include "rules/alertname.h"
#include "rules/duration.h"
#include "rules/parse.h"

namespace firebreak {
namespace {

using Words = std::vector<std::string>;

// A fault of the line that is being read.
struct Fault {
  std::string message;
};

absl::Duration DurationOf(std::string_view text) {
  const absl::StatusOr<absl::Duration> duration = ParseDuration(text);
  if (!duration.ok()) throw Fault{std::string(duration.status().message())};
  return *duration;
}

int64_t NumberOf(std::string_view text) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number) || number < 0) {
    throw Fault{fmt::format("\"{}\": wanted a whole number", text)};
  }
  return number;
}

Source SourceOf(std::string_view text) {
  if (text == "rum") return Source::kRum;
  if (text == "synthetic") return Source::kSynthetic;
  throw Fault{fmt::format("source \"{}\": wanted rum or synthetic", text)};
}

std::string OneOf(std::string_view what, std::string_view value, std::vector<std::string_view> allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return std::string(value);
  throw Fault{fmt::format("{} \"{}\": wanted one of {}", what, value, fmt::join(allowed, ", "))};
}

// "key=value" of a word; absent where it has no "=".
std::optional<std::pair<std::string_view, std::string_view>> KeyValue(std::string_view word) {
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  return std::pair(word.substr(0, equals), word.substr(equals + 1));
}

Words WordsOf(std::string_view line) {
  const std::string_view text = line.substr(0, line.find('#'));
  Words words;
  for (absl::string_view word :
       absl::StrSplit(absl::string_view(text.data(), text.size()), absl::ByAnyChar(" \t\r"), absl::SkipEmpty())) {
    words.emplace_back(word);
  }
  return words;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file) : file_(file) {
    for (absl::string_view line : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
      lines_.emplace_back(line);
    }
  }

  absl::StatusOr<Scenario> Parse() {
    try {
      while (line_ < lines_.size()) Statement(WordsOf(lines_[line_++]));
      line_ = 0;
      Finish();
      return std::move(scenario_);
    } catch (const Fault& fault) {
      return absl::InvalidArgumentError(fmt::format("{}:{}: {}", file_, std::max<size_t>(line_, 1), fault.message));
    }
  }

 private:
  void Statement(const Words& words) {
    if (words.empty()) return;
    const std::string& verb = words[0];
    if (verb == "config") return Config(words);
    if (!scenario_.rules) throw Fault{"the first statement must be config"};
    if (verb == "step") return Step(words);
    if (verb == "until") return Until(words);
    if (verb == "load") return Load(words);
    if (verb == "silence") return Silence(words);
    if (verb == "heartbeat") return Heartbeats(words);
    if (verb == "reload") return Reload(words);
    if (verb == "at") return At(words);
    if (verb == "transitions") return Transitions(words);
    throw Fault{
        fmt::format("\"{}\": wanted config, step, until, load, silence, heartbeat, reload, at or transitions", verb)};
  }

  // The lines up to "end".
  std::vector<std::string> Block() {
    std::vector<std::string> block;
    while (line_ < lines_.size()) {
      if (WordsOf(lines_[line_]) == Words{"end"}) return ++line_, block;
      block.push_back(lines_[line_++]);
    }
    throw Fault{"the block has no \"end\""};
  }

  std::shared_ptr<const RuleSet> Rules() {
    const size_t first = line_;
    const std::vector<std::string> block = Block();
    // Empty lines before the block give findings the lines of the scenario's file.
    const std::string yaml = std::string(first, '\n') + fmt::format("{}\n", fmt::join(block, "\n"));
    ParsedConfig parsed = ParseConfig(yaml, file_);
    for (const Finding& finding : parsed.findings) {
      if (finding.kind != FindingKind::kError) continue;
      line_ = static_cast<size_t>(finding.line);
      throw Fault{finding.message};
    }
    auto rules = RuleSet::Create(*std::move(parsed.config));
    if (!rules.ok()) throw Fault{std::string(rules.status().message())};
    all_rules_.push_back(*rules);
    return *rules;
  }

  void Config(const Words& words) {
    if (words.size() != 1 || scenario_.rules) throw Fault{"wanted one block \"config … end\""};
    scenario_.rules = Rules();
    scenario_.step = scenario_.rules->config.evaluation_interval;
  }

  void Reload(const Words& words) {
    if (words.size() != 3 || words[1] != "at") throw Fault{"wanted \"reload at TIME\", YAML and \"end\""};
    const absl::Duration at = TickTime(words[2]);
    scenario_.reloads.push_back({at, Rules()});
  }

  void Step(const Words& words) {
    if (words.size() != 2) throw Fault{"wanted \"step DURATION\""};
    scenario_.step = DurationOf(words[1]);
    const absl::Duration grid = scenario_.rules->config.evaluation_interval;
    if (scenario_.step < grid || scenario_.step % grid != absl::ZeroDuration()) {
      throw Fault{fmt::format("step {}: wanted a multiple of {}", words[1], DurationText(grid))};
    }
    if (!scenario_.alerts.empty()) throw Fault{"step must come before what is expected"};
  }

  void Until(const Words& words) {
    if (words.size() != 2) throw Fault{"wanted \"until TIME\""};
    scenario_.end = std::max(scenario_.end, TickTime(words[1]));
  }

  absl::Duration TickTime(std::string_view text) {
    const absl::Duration time = DurationOf(text);
    if (time > absl::ZeroDuration() && time % scenario_.step == absl::ZeroDuration()) return time;
    throw Fault{
        fmt::format("{}: no tick happens then, wanted a multiple of {} above 0s", text, DurationText(scenario_.step))};
  }

  // --- Traffic

  // One kind of request, as its key in a segment says.
  Scenario::Arrival Kind(std::string_view key, std::string_view endpoint) const {
    std::string scratch;
    const Tier& tier = scenario_.rules->config.tiers[scenario_.rules->classifier.Place(endpoint, scratch).tier];
    Scenario::Arrival arrival;
    arrival.endpoint = endpoint;
    if (key == "good") return arrival;
    if (key == "bad") return arrival.status = 503, arrival;
    if (key == "client") return arrival.status = 404, arrival;
    if (key == "shape_mismatch") return arrival.outcome = "shape_mismatch", arrival;
    if (key == "fast" || key == "slow") {
      if (!tier.latency_limit) throw Fault{fmt::format("{}: {} has no p95_ms", key, tier.name)};
      arrival.latency = *tier.latency_limit + absl::Milliseconds(key == "slow" ? 1 : 0);
      return arrival;
    }
    if (key == "timeouts") {
      if (!tier.timeout) throw Fault{fmt::format("timeouts: {} has no timeout", tier.name)};
      return arrival.latency = *tier.timeout + absl::Milliseconds(1), arrival;
    }
    throw Fault{fmt::format("\"{}\": wanted good, bad, client, shape_mismatch, fast, slow or timeouts", key)};
  }

  void Load(const Words& words) {
    if (words.size() < 5) throw Fault{"wanted \"load EVERY ENDPOINT [from=|late=|source=] {KIND=N … xN} …\""};
    const absl::Duration every = DurationOf(words[1]);
    if (every <= absl::ZeroDuration()) throw Fault{"load: wanted a duration above 0s"};
    const std::string& endpoint = words[2];
    absl::Duration late;
    Source source = Source::kRum;
    std::optional<absl::Duration> from;
    size_t i = 3;
    for (; i < words.size(); ++i) {
      const auto option = KeyValue(words[i]);
      if (!option) break;
      if (option->first == "from") {
        from = DurationOf(option->second);
      } else if (option->first == "late") {
        late = DurationOf(option->second);
      } else if (option->first == "source") {
        source = SourceOf(option->second);
      } else {
        break;
      }
    }
    absl::Duration& cursor = cursors_.try_emplace({endpoint, source}, all_silent_until_).first->second;
    if (from) cursor = *from;
    std::vector<Scenario::Arrival> segment;
    for (; i < words.size(); ++i) {
      if (const auto kind = KeyValue(words[i])) {
        segment.push_back(Kind(kind->first, endpoint));
        segment.back().source = source;
        segment.back().count = NumberOf(kind->second);
        continue;
      }
      if (segment.empty() || !words[i].starts_with('x'))
        throw Fault{fmt::format("\"{}\": wanted KIND=N or xN", words[i])};
      AddSegment(segment, NumberOf(words[i].substr(1)), every, late, cursor);
      segment.clear();
    }
    if (!segment.empty()) throw Fault{"the last segment has no xN"};
  }

  void AddSegment(const std::vector<Scenario::Arrival>& segment, int64_t times, absl::Duration every,
                  absl::Duration late, absl::Duration& cursor) {
    if (times < 1 || times > 1'000'000) throw Fault{"wanted x1 to x1000000"};
    for (int64_t n = 0; n < times; ++n, cursor += every) {
      for (Scenario::Arrival arrival : segment) {
        if (arrival.count == 0) continue;
        arrival.dated = cursor;
        arrival.at = cursor + late;
        scenario_.arrivals.push_back(std::move(arrival));
      }
    }
  }

  void Silence(const Words& words) {
    if (words.size() != 2) throw Fault{"wanted \"silence DURATION\""};
    absl::Duration latest = all_silent_until_;
    for (const auto& [series, cursor] : cursors_) latest = std::max(latest, cursor);
    all_silent_until_ = latest + DurationOf(words[1]);
    for (auto& [series, cursor] : cursors_) cursor = all_silent_until_;
  }

  void Heartbeats(const Words& words) {
    if (words.size() < 4) throw Fault{"wanted \"heartbeat EVERY from=TIME to=TIME [source=]\""};
    const absl::Duration every = DurationOf(words[1]);
    std::optional<absl::Duration> from;
    std::optional<absl::Duration> to;
    Source source = Source::kRum;
    for (size_t i = 2; i < words.size(); ++i) {
      const auto option = KeyValue(words[i]).value_or(std::pair(std::string_view(words[i]), ""));
      const std::string key = OneOf("option", option.first, {"from", "to", "source"});
      if (key == "from") from = DurationOf(option.second);
      if (key == "to") to = DurationOf(option.second);
      if (key == "source") source = SourceOf(option.second);
    }
    if (!from || !to || every <= absl::ZeroDuration()) throw Fault{"heartbeat: wanted from= and to="};
    for (absl::Duration at = *from; at <= *to; at += every) scenario_.heartbeats.push_back({at, source});
  }

  // --- Expectations

  const Tier& TierNamed(std::string_view name) const {
    for (const auto& rules : all_rules_) {
      for (const Tier& tier : rules->config.tiers) {
        if (tier.name == name) return tier;
      }
    }
    throw Fault{fmt::format("no tier is called \"{}\"", name)};
  }

  void CheckPair(std::string_view name) const {
    for (const auto& rules : all_rules_) {
      for (const AlertPair& pair : rules->config.pairs) {
        if (pair.name == name) return;
      }
    }
    throw Fault{fmt::format("no pair is called \"{}\"", name)};
  }

  // TIER/PAIR, TIER/latency/PAIR, TIER/availability/PAIR, each with [ENDPOINT] at its end; TIER/NoData.
  Scenario::Subject SubjectOf(std::string_view text) const {
    Scenario::Subject subject;
    const size_t bracket = text.find('[');
    if (bracket != std::string_view::npos) {
      if (!text.ends_with(']')) throw Fault{"wanted [ENDPOINT]"};
      subject.endpoint = text.substr(bracket + 1, text.size() - bracket - 2);
      text = text.substr(0, bracket);
    }
    const std::vector<std::string> parts = absl::StrSplit(absl::string_view(text.data(), text.size()), '/');
    if (parts.size() < 2 || parts.size() > 3) throw Fault{fmt::format("\"{}\": wanted TIER/[SLO/]PAIR", text)};
    const Tier& tier = TierNamed(parts[0]);
    subject.tier = parts[0];
    if (parts.size() == 3 && OneOf("slo", parts[1], {"availability", "latency"}) == "latency")
      subject.slo = Slo::kLatency;
    if (!HasSlo(subject.slo, tier)) throw Fault{fmt::format("{} has no latency SLO", tier.name)};
    if (parts.size() == 2 && parts[1] == alertname::kNoData) return subject;
    CheckPair(parts.back());
    subject.pair = parts.back();
    return subject;
  }

  void At(const Words& words) {
    if (words.size() >= 3 && words[2] == "maintenance") return Maintenance(words);
    if (words.size() >= 3 && words[2] == "restart") return Restart(words);
    if (words.size() < 5 || words[2] != "expect")
      throw Fault{"wanted \"at TIME expect SUBJECT WHAT …\", \"at TIME maintenance …\" or \"at TIME restart down=…\""};
    const absl::Duration at = TickTime(words[1]);
    scenario_.end = std::max(scenario_.end, at);
    if (words[4].starts_with("feed=")) return ExpectFeed(at, words);
    if (words[4] == "short" || words[4] == "long") return ExpectWindow(at, words);
    ExpectAlert(at, words);
  }

  void Restart(const Words& words) {
    const auto down = words.size() == 4 ? KeyValue(words[3]) : std::nullopt;
    if (!down || down->first != "down") throw Fault{"wanted \"at TIME restart down=DURATION\""};
    const absl::Duration duration = DurationOf(down->second);
    if (duration < absl::ZeroDuration() || duration % scenario_.step != absl::ZeroDuration()) {
      throw Fault{fmt::format("down={}: wanted a multiple of {}", down->second, DurationText(scenario_.step))};
    }
    const absl::Duration at = TickTime(words[1]);
    if (!scenario_.restarts.empty() && at <= scenario_.restarts.back().at + scenario_.restarts.back().down) {
      throw Fault{"it is not up again since the restart before"};
    }
    scenario_.restarts.push_back({at, duration});
    scenario_.end = std::max(scenario_.end, at + duration);
  }

  void Maintenance(const Words& words) {
    Scenario::Maintenance change;
    change.line = Line();
    change.at = TickTime(words[1]);
    if (words.size() == 5 && words[3] == "remove") {
      change.id = words[4];
    } else if (words.size() == 7) {
      change.tier = words[3] == kAllTiers ? words[3] : TierNamed(words[3]).name;
      for (size_t i = 4; i < words.size(); ++i) ReadMaintenance(words[i], change);
    }
    if (change.id.empty()) {
      throw Fault{"wanted \"at TIME maintenance TIER|* from=TIME to=TIME id=ID\" or \"at TIME maintenance remove ID\""};
    }
    scenario_.maintenance.push_back(std::move(change));
  }

  static void ReadMaintenance(std::string_view word, Scenario::Maintenance& change) {
    const auto option = KeyValue(word).value_or(std::pair(word, ""));
    const std::string key = OneOf("option", option.first, {"from", "to", "id"});
    if (key == "from") change.from = DurationOf(option.second);
    if (key == "to") change.to = DurationOf(option.second);
    if (key == "id") change.id = option.second;
  }

  void ExpectFeed(absl::Duration at, const Words& words) {
    if (words.size() != 5) throw Fault{"wanted \"at TIME expect TIER feed=STATE\""};
    const std::string feed = OneOf("feed", words[4].substr(5), {"traffic", "idle", "lost"});
    const FeedState state = feed == "traffic" ? FeedState::kTraffic
                            : feed == "idle"  ? FeedState::kIdle
                                              : FeedState::kLost;
    scenario_.feeds.push_back({Line(), at, TierNamed(words[3]).name, state});
  }

  void ExpectWindow(absl::Duration at, const Words& words) {
    Scenario::WindowExpectation window;
    window.line = Line();
    window.at = at;
    window.subject = SubjectOf(words[3]);
    window.is_long = words[4] == "long";
    if (window.subject.pair.empty()) throw Fault{"NoData has no windows"};
    if (!window.subject.endpoint.empty()) throw Fault{"windows are shown by tier"};
    for (size_t i = 5; i < words.size(); ++i) {
      const auto option = KeyValue(words[i]).value_or(std::pair(std::string_view(words[i]), ""));
      const std::string key = OneOf("option", option.first, {"bad", "total", "excluded"});
      (key == "bad" ? window.bad : key == "total" ? window.total : window.excluded) = NumberOf(option.second);
    }
    if (!window.bad && !window.total && !window.excluded) throw Fault{"wanted bad=N, total=N or excluded=N"};
    scenario_.windows.push_back(std::move(window));
  }

  void ExpectAlert(absl::Duration at, const Words& words) {
    Scenario::AlertExpectation alert;
    alert.line = Line();
    alert.at = at;
    alert.subject = SubjectOf(words[3]);
    alert.status = OneOf("status", words[4], {"inactive", "pending", "firing", "resolved"});
    for (size_t i = 5; i < words.size(); ++i) {
      const auto option = KeyValue(words[i]).value_or(std::pair(std::string_view(words[i]), ""));
      const std::string key = OneOf("option", option.first, {"since", "fired", "as", "reason"});
      if (alert.status == "inactive") throw Fault{"an inactive alert has no " + key};
      if (key == "since") alert.since = DurationOf(option.second);
      if (key == "fired") alert.fired = DurationOf(option.second);
      if (key == "as") alert.severity = OneOf("severity", option.second, {"page", "ticket"});
      if (key == "reason")
        alert.reason = OneOf("reason", option.second, {"recovered", "no_data", "maintenance", "escalated", "removed"});
    }
    scenario_.alerts.push_back(std::move(alert));
  }

  void Transitions(const Words& words) {
    Scenario::TransitionsExpectation expected;
    expected.line = Line();
    if (words.size() > 2) throw Fault{"wanted \"transitions [SUBJECT]\""};
    if (words.size() == 2) {
      expected.prefix = words[1];
      TierNamed(words[1].substr(0, words[1].find('/')));
    }
    for (const std::string& line : Block()) {
      const Words text = WordsOf(line);
      if (!text.empty()) expected.texts.push_back(fmt::format("{}", fmt::join(text, " ")));
    }
    scenario_.transitions.push_back(std::move(expected));
  }

  void Finish() {
    if (!scenario_.rules) throw Fault{"there is no config"};
    if (scenario_.alerts.empty() && scenario_.windows.empty() && scenario_.feeds.empty() &&
        scenario_.transitions.empty()) {
      throw Fault{"the scenario expects nothing"};
    }
    for (const auto& expected : scenario_.alerts) CheckIsUp(expected.line, expected.at);
    for (const auto& expected : scenario_.windows) CheckIsUp(expected.line, expected.at);
    for (const auto& expected : scenario_.feeds) CheckIsUp(expected.line, expected.at);
    for (const Scenario::Arrival& arrival : scenario_.arrivals) {
      scenario_.end = std::max(scenario_.end, absl::Ceil(arrival.at, scenario_.step));
    }
    std::stable_sort(scenario_.arrivals.begin(), scenario_.arrivals.end(),
                     [](const Scenario::Arrival& a, const Scenario::Arrival& b) { return a.at < b.at; });
  }

  // Nothing is seen of a process that is down.
  void CheckIsUp(int line, absl::Duration at) {
    for (const Scenario::Restart& restart : scenario_.restarts) {
      if (at <= restart.at || at > restart.at + restart.down) continue;
      line_ = static_cast<size_t>(line);
      throw Fault{fmt::format("no tick happens at {}: it is down from {} to {}", DurationText(at),
                              DurationText(restart.at), DurationText(restart.at + restart.down))};
    }
  }

  int Line() const { return static_cast<int>(line_); }

  const std::string file_;
  std::vector<std::string> lines_;
  size_t line_ = 0;  // the next; so the number of the one that is being read
  Scenario scenario_;
  std::vector<std::shared_ptr<const RuleSet>> all_rules_;
  std::map<std::pair<std::string, Source>, absl::Duration> cursors_;  // where a series' next load begins
  absl::Duration all_silent_until_;
};

}  // namespace

absl::StatusOr<Scenario> ParseScenario(std::string_view text, std::string_view file) {
  return Parser(text, file).Parse();
}

}  // namespace firebreak
