#include <algorithm>
#include <optional>

#include "fmt/format.h"
#include "rules/parse_sections.h"
#include "rules/pattern.h"
#include "rules/quoted.h"
#include "rules/suggestion.h"

namespace firebreak {
namespace {

constexpr std::string_view kNon2xx = "non_2xx";
constexpr std::string_view kWantedError =
    "a status class (1xx to 5xx, timeout, shape_mismatch, failed) or an HTTP status from 100 to 599";

std::vector<std::string> ErrorNames() {
  std::vector<std::string> names;
  for (int i = 0; i < kNumStatusClasses; ++i) names.emplace_back(StatusClassName(static_cast<StatusClass>(i)));
  names.emplace_back(kNon2xx);
  return names;
}

// "429" -> 429; nullopt for what is no HTTP status.
std::optional<int> ParseStatus(std::string_view text) {
  if (text.size() != 3 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const int status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
  if (status < 100 || status > 599) return std::nullopt;
  return status;
}

void ReadErrorItem(const Field& item, YamlReader& reader, ErrorRule& rule) {
  const std::optional<std::string> text = reader.Scalar(item, kWantedError);
  if (!text.has_value()) return;
  bool is_new = true;
  if (const std::optional<StatusClass> status_class = ParseStatusClass(*text)) {
    const auto bit = static_cast<size_t>(*status_class);
    is_new = !rule.classes.test(bit);
    rule.classes.set(bit);
  } else if (const std::optional<int> status = ParseStatus(*text)) {
    const auto at = std::lower_bound(rule.codes.begin(), rule.codes.end(), *status);
    is_new = at == rule.codes.end() || *at != *status;
    if (is_new) rule.codes.insert(at, *status);
  } else if (*text == kNon2xx) {
    return reader.Fault(item, "non_2xx says it all, wanted it alone");
  } else {
    return reader.Fault(item,
                        fmt::format("{}, wanted {}{}", Quoted(*text), kWantedError, DidYouMean(*text, ErrorNames())));
  }
  if (!is_new) reader.Fault(item, fmt::format("{} is listed twice", Quoted(*text)));
}

bool IsNon2xx(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kSequence && node.values.size() == 1) return IsNon2xx(node.values.front());
  return node.kind == YamlNode::Kind::kScalar && node.text == kNon2xx;
}

void ReadErrors(const Field& field, YamlReader& reader, ErrorRule& out) {
  ErrorRule rule;
  rule.non_2xx = IsNon2xx(field.node);
  if (!rule.non_2xx) {
    if (field.node.kind != YamlNode::Kind::kSequence || field.node.values.empty()) {
      return reader.Fault(field, fmt::format("wanted non_2xx, or a list of which each is {}", kWantedError));
    }
    rule.classes.reset();
    reader.ReadList(field, [&](const Field& item) { ReadErrorItem(item, reader, rule); });
  }
  out = rule;
}

void ReadUnknownEndpoint(const Field& field, YamlReader& reader, Config& config) {
  std::string name;
  reader.ReadText(field, name);
  if (name.empty() || config.tiers.empty()) return;
  std::vector<std::string> names;
  for (const Tier& tier : config.tiers) names.push_back(tier.name);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return reader.Fault(field,
                        fmt::format("no tier {}, wanted one of slo_tiers{}", Quoted(name), DidYouMean(name, names)));
  }
  config.classification.unknown_endpoint_tier = static_cast<size_t>(found - names.begin());
}

void ReadNormalization(const Field& field, YamlReader& reader, Normalization& out) {
  const auto read_match = [&](const Field& f) {
    std::string match;
    reader.ReadText(f, match);
    if (match.empty()) return;
    if (const std::string fault = PatternFault(match); !fault.empty()) return reader.Fault(f, fault);
    out.match = match;
  };
  const auto read_as = [&](const Field& f) {
    const bool cuts_out = f.node.kind == YamlNode::Kind::kScalar && f.node.text.empty();
    if (!cuts_out) reader.ReadText(f, out.as);
  };
  reader.ReadMap(field, {{"match", read_match}, {"as", read_as}});
  reader.Require(field, "match", "an RE2");
  reader.Require(field, "as", "what each match becomes");
  if (out.match.empty()) return;
  if (const std::string fault = RewriteFault(out.match, out.as); !fault.empty())
    reader.Fault(field.path + ".as", fault);
}

void ReadNormalize(const Field& field, YamlReader& reader, std::vector<Normalization>& out) {
  reader.ReadList(field, [&](const Field& item) {
    if (out.size() == static_cast<size_t>(kMaxPatterns)) {
      return reader.Fault(item, fmt::format("wanted at most {} entries", kMaxPatterns));
    }
    ReadNormalization(item, reader, out.emplace_back());
  });
}

}  // namespace

void ReadClassification(const Field& field, YamlReader& reader, Config& config) {
  Classification& classification = config.classification;
  reader.ReadMap(field, {
                            {"errors", [&](const Field& f) { ReadErrors(f, reader, classification.errors); }},
                            {"client_errors",
                             [&](const Field& f) {
                               size_t choice = static_cast<size_t>(classification.client_errors);
                               reader.ReadChoice(f, {"count", "exclude"}, choice);
                               classification.client_errors = static_cast<ClientErrors>(choice);
                             }},
                            {"unknown_endpoint", [&](const Field& f) { ReadUnknownEndpoint(f, reader, config); }},
                            {"normalize", [&](const Field& f) { ReadNormalize(f, reader, classification.normalize); }},
                        });
}

}  // namespace firebreak
