#include "rules/fingerprint.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/status_class.h"
#include "rules/wording.h"

namespace firebreak {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kPatternOrder = "slo_tiers (order of patterns)";

bool IsPattern(const std::string& endpoint) { return endpoint.starts_with('~'); }

// In quotes where it could be taken for several items.
std::string Item(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\\ ") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string ListText(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + Item(item);
  return text.empty() ? std::string(kNone) : text;
}

std::string EndpointsText(const Tier& tier) {
  std::vector<std::string> sorted = tier.endpoints;
  std::sort(sorted.begin(), sorted.end(), [](const std::string& a, const std::string& b) {
    return std::pair(IsPattern(a), std::string_view(a)) < std::pair(IsPattern(b), std::string_view(b));
  });
  return ListText(sorted);
}

std::string ErrorsText(const ErrorRule& errors) {
  if (errors.non_2xx) return "non_2xx";
  std::vector<std::string> items;
  for (int i = 0; i < kNumStatusClasses; ++i) {
    if (errors.classes[static_cast<size_t>(i)]) items.emplace_back(StatusClassName(static_cast<StatusClass>(i)));
  }
  for (const int code : errors.codes) items.push_back(fmt::format("{}", code));
  return ListText(items);
}

std::string NormalizeText(const std::vector<Normalization>& normalize) {
  std::vector<std::string> items;
  for (const Normalization& entry : normalize) items.push_back(Item(entry.match) + " as " + Item(entry.as));
  return items.empty() ? std::string(kNone) : fmt::format("{}", fmt::join(items, ", "));
}

// Where only one tier has patterns, their order decides nothing.
std::optional<std::string> PatternOrderText(const std::vector<Tier>& tiers) {
  std::vector<std::string> patterns;
  int tiers_with_patterns = 0;
  for (const Tier& tier : tiers) {
    const size_t before = patterns.size();
    std::copy_if(tier.endpoints.begin(), tier.endpoints.end(), std::back_inserter(patterns), IsPattern);
    if (patterns.size() > before) ++tiers_with_patterns;
  }
  if (tiers_with_patterns < 2) return std::nullopt;
  return ListText(patterns);
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '\\':
        escaped += "\\\\";
        break;
      case '\t':
        escaped += "\\t";
        break;
      case '\n':
        escaped += "\\n";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::optional<std::string> Unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    const size_t known = std::string_view("\\tn").find(text[i]);
    if (known == std::string_view::npos) return std::nullopt;
    plain += std::string_view("\\\t\n")[known];
  }
  return plain;
}

absl::Status ReadLine(std::string_view line, Fingerprint& fingerprint) {
  const size_t tab = line.find('\t');
  const auto fault = [line](std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("fingerprint: {}: {}", Quoted(line), what));
  };
  if (tab == std::string_view::npos) return fault("wanted a setting, a tab and its value");
  const std::optional<std::string> path = Unescaped(line.substr(0, tab));
  const std::optional<std::string> value = Unescaped(line.substr(tab + 1));
  if (!path || !value) return fault("an unknown escape");
  if (!fingerprint.emplace(*path, *value).second) return fault("a setting named twice");
  return absl::OkStatus();
}

}  // namespace

Fingerprint FingerprintOf(const Config& config) {
  Fingerprint fingerprint;
  for (const Tier& tier : config.tiers) {
    const std::string path = "slo_tiers." + tier.name;
    fingerprint[path + ".endpoints"] = EndpointsText(tier);
    fingerprint[path + ".p95_ms"] = tier.latency_limit ? LatencyText(*tier.latency_limit) : std::string(kNone);
    fingerprint[path + ".timeout"] = tier.timeout ? DurationText(*tier.timeout) : std::string(kNone);
  }
  if (const auto order = PatternOrderText(config.tiers)) fingerprint[std::string(kPatternOrder)] = *order;
  const Classification& classification = config.classification;
  fingerprint["classification.errors"] = ErrorsText(classification.errors);
  fingerprint["classification.client_errors"] =
      classification.client_errors == ClientErrors::kCount ? "count" : "exclude";
  fingerprint["classification.unknown_endpoint"] = config.tiers[classification.unknown_endpoint_tier].name;
  fingerprint["classification.normalize"] = NormalizeText(classification.normalize);
  return fingerprint;
}

std::string FingerprintText(const Fingerprint& fingerprint) {
  std::string text;
  for (const auto& [path, value] : fingerprint) text += Escaped(path) + '\t' + Escaped(value) + '\n';
  return text;
}

absl::StatusOr<Fingerprint> FingerprintFromText(std::string_view text) {
  Fingerprint fingerprint;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const absl::Status read = ReadLine(text.substr(0, end), fingerprint);
    if (!read.ok()) return read;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fingerprint;
}

std::vector<ChangedSetting> ChangedSettings(const Fingerprint& before, const Fingerprint& after) {
  std::vector<ChangedSetting> changed;
  for (const auto& [path, value] : before) {
    const auto it = after.find(path);
    if (it == after.end()) {
      changed.push_back({path, value, ""});
    } else if (it->second != value) {
      changed.push_back({path, value, it->second});
    }
  }
  for (const auto& [path, value] : after) {
    if (!before.contains(path)) changed.push_back({path, "", value});
  }
  std::sort(changed.begin(), changed.end(),
            [](const ChangedSetting& a, const ChangedSetting& b) { return a.path < b.path; });
  return changed;
}

}  // namespace firebreak
