#include "rules/testfile/listed_event.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"
#include "rules/testfile/alert_path.h"
#include "rules/testfile/values.h"

namespace firebreak {
namespace {

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t length = std::min(text.find(' '), text.size());
    if (length > 0) words.emplace_back(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return words;
}

bool IsOneOf(const std::string& word, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

// The last word, if it is one of `names`; taken off then.
std::string TakeLast(std::vector<std::string>& words, const std::vector<std::string>& names) {
  if (words.empty() || !IsOneOf(words.back(), names)) return "";
  std::string word = std::move(words.back());
  words.pop_back();
  return word;
}

// What follows the time is not understood: the word that fits nothing, or not there.
absl::Status NotUnderstood(const std::vector<std::string>& words, const AlertPath& among) {
  std::vector<std::string> known = StateNames();
  for (const auto* names : {&SeverityNames(), &ReasonNames()}) known.insert(known.end(), names->begin(), names->end());
  const bool named = among.IsComplete();
  const std::string word = words.empty() ? "" : Quoted(words.back()) + ": ";
  const bool is_misplaced = !words.empty() && IsOneOf(words.back(), known);
  const std::string hint = words.empty() || is_misplaced ? "" : DidYouMean(words.back(), known);
  return absl::InvalidArgumentError(fmt::format(
      "{}wanted TIME {}STATE [SEVERITY] [REASON]{}, such as \"+2h3m {}firing page\"{}", word, named ? "" : "ALERT ",
      is_misplaced ? " in this order, each once" : "", named ? "" : "tier1/availability/fast ", hint));
}

absl::StatusOr<AlertPath> PathBelow(const AlertPath& among, const std::vector<std::string>& words,
                                    const TestContext& context) {
  if (words.empty()) return among;
  const std::string above = among.ToString();
  const std::string below = fmt::format("{}", fmt::join(words, " "));
  return ParseAlertPath(above.empty() ? below : fmt::format("{}/{}", above, below), context);
}

}  // namespace

const std::vector<std::string>& StateNames() {
  static const std::vector<std::string> names = {"inactive", "pending", "firing", "resolved"};
  return names;
}

const std::vector<std::string>& SeverityNames() {
  static const std::vector<std::string> names = {"page", "ticket"};
  return names;
}

const std::vector<std::string>& ReasonNames() {
  static const std::vector<std::string> names = {"recovered", "no_data", "maintenance", "escalated", "removed"};
  return names;
}

absl::StatusOr<ListedEvent> ParseListedEvent(std::string_view text, const AlertPath& among,
                                             const TestContext& context) {
  std::vector<std::string> words = WordsOf(text);
  if (words.empty()) return NotUnderstood(words, among);
  const absl::StatusOr<TestTime> at = ParseTestTime(words[0]);
  if (!at.ok()) return at.status();
  words.erase(words.begin());
  ListedEvent event;
  event.text = text;
  event.at = *at;
  event.is_repeat = !TakeLast(words, {"repeat"}).empty();
  event.words.reason = TakeLast(words, ReasonNames());
  event.words.severity = TakeLast(words, SeverityNames());
  event.words.state = TakeLast(words, StateNames());
  if (event.words.state.empty() || (among.IsComplete() && !words.empty())) return NotUnderstood(words, among);
  absl::StatusOr<AlertPath> path = PathBelow(among, words, context);
  if (!path.ok()) return path.status();
  if (absl::Status status = CheckIsOneAlert(*path, context); !status.ok()) return status;
  event.alert = *std::move(path);
  return event;
}

}  // namespace firebreak
