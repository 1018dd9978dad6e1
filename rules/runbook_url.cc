#include "rules/runbook_url.h"

#include <algorithm>

#include "fmt/format.h"
#include "rules/url.h"

namespace firebreak {
namespace {

bool IsPath(std::string_view text) { return text.starts_with('/'); }

std::string_view BaseOf(const Config& config, std::string_view base) {
  if (!config.external_url.empty()) base = config.external_url;
  if (base.ends_with('/')) base.remove_suffix(1);
  return base;
}

}  // namespace

std::string RunbookUrl(const Config& config, std::string_view base, std::string_view alertname) {
  const std::string& configured = config.runbook_url;
  if (configured.empty()) return fmt::format("{}/runbooks/{}", BaseOf(config, base), alertname);
  return IsPath(configured) ? fmt::format("{}{}", BaseOf(config, base), configured) : configured;
}

std::string RunbookUrl(const Config& config, const Tier& tier, std::string_view base, std::string_view alertname) {
  if (tier.runbook_url.empty()) return RunbookUrl(config, base, alertname);
  return IsPath(tier.runbook_url) ? fmt::format("{}{}", BaseOf(config, base), tier.runbook_url) : tier.runbook_url;
}

std::string RunbookUrlFault(std::string_view text) {
  constexpr std::string_view kWanted =
      "wanted a URL that begins with http:// or https://, or a path on this server, such as /runbooks/NoData";
  if (text.starts_with("http://") || text.starts_with("https://")) return UrlFault(text);
  const bool visible = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
  return IsPath(text) && !text.starts_with("//") && visible ? "" : std::string(kWanted);
}

}  // namespace firebreak
