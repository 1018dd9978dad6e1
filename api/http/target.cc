#include "api/http/target.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "api/http/percent.h"

namespace firebreak {
namespace {

constexpr std::string_view kScheme = "http://";

bool IsTargetCharacter(char c) { return c > ' ' && c < 0x7f && c != '#'; }

std::optional<Target> ParseOriginForm(std::string_view text) {
  const size_t question = text.find('?');
  std::optional<std::string> path = PercentDecode(text.substr(0, question), PlusSign::kLiteral);
  if (!path) return std::nullopt;
  Target target;
  target.path = *std::move(path);
  if (question != std::string_view::npos) target.query = text.substr(question + 1);
  return target;
}

std::optional<Target> ParseAbsoluteForm(std::string_view text) {
  text.remove_prefix(kScheme.size());
  const size_t end = std::min(text.size(), text.find_first_of("/?"));
  if (end == 0) return std::nullopt;
  std::string origin_form(text.substr(end));
  if (!origin_form.starts_with('/')) origin_form.insert(0, "/");
  std::optional<Target> target = ParseOriginForm(origin_form);
  if (target) target->authority = text.substr(0, end);
  return target;
}

bool HasScheme(std::string_view text) {
  return absl::StartsWithIgnoreCase(absl::string_view(text.data(), text.size()),
                                    absl::string_view(kScheme.data(), kScheme.size()));
}

}  // namespace

std::optional<Target> ParseTarget(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), IsTargetCharacter)) return std::nullopt;
  if (text == "*") return Target{"*", "", ""};
  if (text.starts_with('/')) return ParseOriginForm(text);
  if (HasScheme(text)) return ParseAbsoluteForm(text);
  return std::nullopt;
}

}  // namespace firebreak
