#include "rules/testfile/read_expectations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "rules/destinations.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/testfile/alert_path.h"
#include "rules/testfile/listed_event.h"
#include "rules/testfile/values.h"

namespace firebreak {
namespace {

constexpr size_t kMostExpectations = 10000;

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

// Reads one item of `expect`.
class ItemReader {
 public:
  ItemReader(const Field& field, TestContext& context, std::vector<Expectation>& out)
      : field_(field), context_(context), reader_(context.reader), out_(out) {}

  void Read() {
    const std::string kind =
        ChooseKey(field_, {"alert", "window", "budget_left", "timeline", "notifications"}, reader_);
    if (kind == "alert") ReadAlert();
    if (kind == "window") ReadWindow();
    if (kind == "budget_left") ReadBudget();
    if (kind == "timeline") ReadTimeline();
    if (kind == "notifications") ReadNotifications();
  }

 private:
  // --- Parts

  // A time when something is looked at: an evaluation must happen then.
  void ReadEvaluated(const Field& field, std::optional<TestTime>& out) {
    std::optional<TestTime> time;
    ReadTestTime(field, reader_, time);
    if (!time) return;
    if (const std::string fault = TimeFault(*time); !fault.empty()) return reader_.Fault(field, fault);
    out = time;
  }

  std::string TimeFault(const TestTime& time) const {
    const std::string step = DurationText(context_.step);
    if (!time.offset) {
      if (!context_.recorded) return "wanted a time since the start such as 2h3m: only a recording has dates";
      const bool on_grid = (time.time - absl::UnixEpoch()) % context_.step == absl::ZeroDuration();
      return on_grid ? "" : fmt::format("no evaluation happens then, wanted a multiple of {}", step);
    }
    if (*time.offset <= absl::ZeroDuration() || *time.offset % context_.step != absl::ZeroDuration()) {
      return fmt::format("no evaluation happens then, wanted a multiple of {} above 0s", step);
    }
    if (*time.offset > kLongestTest) {
      return fmt::format("{}, wanted at most {}", DurationText(*time.offset), DurationText(kLongestTest));
    }
    for (const auto& [from, to] : context_.down) {
      if (*time.offset <= from || *time.offset > to) continue;
      return fmt::format("no evaluation happens then: it is down from {} to {}", DurationText(from), DurationText(to));
    }
    return "";
  }

  FieldRule At(std::optional<TestTime>& at) {
    return {"at", [this, &at](const Field& f) { ReadEvaluated(f, at); }};
  }

  FieldRule Name(std::string key, std::vector<std::string> names, std::string& out) {
    return {std::move(key), [this, names, &out](const Field& f) {
              size_t choice = names.size();
              reader_.ReadChoice(f, names, choice);
              if (choice < names.size()) out = names[choice];
            }};
  }

  FieldRule NumberRule(std::string key, Number number, std::optional<Comparison>& out) {
    return {std::move(key), [this, number, &out](const Field& f) { ReadComparison(f, number, reader_, out); }};
  }

  // The value of `key` as a path; nullopt after a fault.
  std::optional<AlertPath> Path(const Field& f) {
    const std::optional<std::string> text = reader_.Scalar(f, "TIER/SLO/PAIR");
    return text ? Path(f, *text) : std::nullopt;
  }

  std::optional<AlertPath> Path(const Field& f, std::string_view text) {
    absl::StatusOr<AlertPath> path = ParseAlertPath(text, context_);
    if (path.ok()) return *std::move(path);
    reader_.Fault(f, MessageOf(path.status()));
    return std::nullopt;
  }

  void ReadList(const Field& field, const AlertPath& among, std::vector<ListedEvent>& out) {
    reader_.ReadList(field, [&](const Field& f) {
      const std::optional<std::string> text = reader_.Scalar(f, "a text such as \"+2h3m firing page\"");
      if (!text) return;
      absl::StatusOr<ListedEvent> event = ParseListedEvent(*text, among, context_);
      if (!event.ok()) return reader_.Fault(f, MessageOf(event.status()));
      event->place = f.place;
      out.push_back(*std::move(event));
    });
  }

  void RequireAt() { reader_.Require(field_, "at", "a time since the start such as 2h3m"); }

  bool Failed(size_t before) const { return reader_.num_faults() > before; }

  // --- Kinds

  void ReadAlert() {
    const size_t before = reader_.num_faults();
    AlertExpectation alert;
    alert.place = field_.place;
    std::optional<TestTime> at;
    reader_.ReadMap(field_, {At(at),
                             {"alert",
                              [&](const Field& f) {
                                const std::optional<AlertPath> path = Path(f);
                                if (!path) return;
                                const absl::Status one = CheckIsOneAlert(*path, context_);
                                if (!one.ok()) return reader_.Fault(f, MessageOf(one));
                                alert.alert = *path;
                              }},
                             Name("state", StateNames(), alert.words.state),
                             Name("severity", SeverityNames(), alert.words.severity),
                             Name("reason", ReasonNames(), alert.words.reason),
                             {"since", [&](const Field& f) { ReadTestTime(f, reader_, alert.since); }},
                             {"fired", [&](const Field& f) { ReadTestTime(f, reader_, alert.fired); }}});
    RequireAt();
    reader_.Require(field_, "state", "inactive, pending, firing or resolved");
    for (const std::string_view key : {"severity", "reason", "since", "fired"}) {
      if (alert.words.state != "inactive" || !HasKey(field_.node, key)) continue;
      reader_.Complain(fmt::format("{}.{}", field_.path, key), "an inactive alert has none");
    }
    if (Failed(before)) return;
    alert.at = *at;
    out_.push_back(std::move(alert));
  }

  void ReadWindow() {
    const size_t before = reader_.num_faults();
    WindowExpectation window;
    window.place = field_.place;
    std::optional<TestTime> at;
    reader_.ReadMap(field_, {At(at),
                             {"window", [&](const Field& f) { ReadWindowPath(f, window); }},
                             NumberRule("bad", Number::kPlain, window.bad),
                             NumberRule("total", Number::kPlain, window.total),
                             NumberRule("burn", Number::kPlain, window.burn)});
    RequireAt();
    if (!HasKey(field_.node, "bad") && !HasKey(field_.node, "total") && !HasKey(field_.node, "burn")) {
      reader_.Fault(field_, "expects nothing, wanted bad, total or burn");
    }
    if (Failed(before)) return;
    window.at = *at;
    out_.push_back(std::move(window));
  }

  void ReadWindowPath(const Field& f, WindowExpectation& window) {
    const std::vector<std::string> lengths = {"short", "long"};
    const std::optional<std::string> text = reader_.Scalar(f, "TIER/SLO/PAIR/short or TIER/SLO/PAIR/long");
    if (!text) return;
    const size_t cut = text->rfind('/');
    const std::string length = cut == std::string::npos ? "" : text->substr(cut + 1);
    const std::optional<AlertPath> path = Path(f, std::string_view(*text).substr(0, std::min(cut, text->size())));
    if (!path) return;
    if (path->pair.empty() || !path->endpoint.empty()) {
      return reader_.Fault(f, "wanted TIER/SLO/PAIR/short or TIER/SLO/PAIR/long: windows are shown by tier");
    }
    const auto found = std::find(lengths.begin(), lengths.end(), length);
    if (found == lengths.end()) {
      return reader_.Fault(f, fmt::format("{}{}", Quoted(length), Hint(length, lengths)));
    }
    window.alert = *path;
    window.length = length == "short" ? WindowExpectation::Length::kShort : WindowExpectation::Length::kLong;
  }

  void ReadBudget() {
    const size_t before = reader_.num_faults();
    BudgetExpectation budget;
    budget.place = field_.place;
    std::optional<TestTime> at;
    std::optional<Comparison> left;
    reader_.ReadMap(field_, {At(at),
                             {"budget_left",
                              [&](const Field& f) {
                                const std::optional<AlertPath> path = Path(f);
                                if (!path) return;
                                const bool is_slo = !path->slo.empty() && path->slo != AlertPath::kNoData;
                                if (!is_slo || !path->pair.empty()) return reader_.Fault(f, "wanted TIER/SLO");
                                budget.slo = *path;
                              }},
                             NumberRule("is", Number::kShare, left)});
    RequireAt();
    reader_.Require(field_, "is", "a share such as \"<90%\"");
    if (Failed(before)) return;
    budget.at = *at;
    budget.left = *left;
    out_.push_back(std::move(budget));
  }

  void ReadTimeline() {
    const size_t before = reader_.num_faults();
    TimelineExpectation timeline;
    timeline.place = field_.place;
    std::optional<Field> list;
    std::optional<AlertPath> alerts;
    reader_.ReadMap(field_, {{"timeline", [&](const Field& f) { alerts = Path(f); }},
                             {"is", [&](const Field& f) { list.emplace(f); }}});
    reader_.Require(field_, "is", "a list of steps, [] for none");
    if (!list || !alerts) return;
    if (const absl::Status one = CheckIsOneAlert(*alerts, context_); alerts->IsComplete() && !one.ok()) {
      return reader_.Fault(field_, MessageOf(one));
    }
    timeline.alerts = *alerts;
    ReadList(*list, timeline.alerts, timeline.is);
    for (const ListedEvent& event : timeline.is) {
      const std::string fault = event.is_repeat ? "a timeline has no repeats" : TimeFault(event.at);
      if (!fault.empty()) reader_.FaultHere(event.place, list->path, fmt::format("{}: {}", Quoted(event.text), fault));
    }
    if (!Failed(before)) out_.push_back(std::move(timeline));
  }

  void ReadNotifications() {
    const size_t before = reader_.num_faults();
    NotificationsExpectation expected;
    expected.place = field_.place;
    std::optional<Field> list;
    bool repeats = false;
    reader_.ReadMap(field_, {At(expected.at),
                             {"notifications", [&](const Field& f) { ReadDestination(f, expected.destination); }},
                             {"repeats", [&](const Field& f) { reader_.ReadBool(f, repeats); }},
                             {"is", [&](const Field& f) { list.emplace(f); }}});
    reader_.Require(field_, "is", "a list of what is told, [] for nothing");
    if (repeats) expected.repeats = NotificationsExpectation::Repeats::kListed;
    if (list) ReadList(*list, {}, expected.is);
    for (const ListedEvent& event : expected.is) CheckNotification(event, repeats, list->path);
    if (!Failed(before)) out_.push_back(std::move(expected));
  }

  void CheckNotification(const ListedEvent& event, bool repeats, const std::string& path) {
    std::string fault;
    if (event.words.state != "firing" && event.words.state != "resolved") {
      fault = "nobody is told, wanted firing or resolved";
    }
    if (event.is_repeat && !repeats) fault = "repeats are left out unless the item has repeats: true";
    if (!event.at.offset && !context_.recorded) fault = TimeFault(event.at);
    if (!fault.empty()) reader_.FaultHere(event.place, path, fmt::format("{}: {}", Quoted(event.text), fault));
  }

  void ReadDestination(const Field& f, std::string& out) {
    const std::optional<std::string> name = reader_.Scalar(f, "a destination's name");
    if (!name) return;
    std::vector<std::string> names;
    for (const DestinationEntry& entry : AllDestinations(context_.config().notify)) names.push_back(entry.name);
    if (std::find(names.begin(), names.end(), *name) != names.end()) {
      out = *name;
    } else if (names.empty()) {
      reader_.Fault(f, fmt::format("no destination {}: the configuration has none (notify)", Quoted(*name)));
    } else {
      reader_.Fault(f, fmt::format("no destination {}{}", Quoted(*name), Hint(*name, names)));
    }
  }

  const Field& field_;
  TestContext& context_;
  YamlReader& reader_;
  std::vector<Expectation>& out_;
};

}  // namespace

void ReadExpectations(const Field& field, TestContext& context, std::vector<Expectation>& expectations) {
  context.reader.ReadList(field, [&](const Field& f) {
    if (expectations.size() == kMostExpectations) {
      return context.reader.Fault(f, fmt::format("wanted at most {} expectations", kMostExpectations));
    }
    ItemReader(f, context, expectations).Read();
  });
  const bool is_list = field.node.kind == YamlNode::Kind::kSequence;
  if (is_list && field.node.values.empty()) context.reader.Fault(field, "empty: the test expects nothing");
}

}  // namespace firebreak
