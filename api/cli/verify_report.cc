#include "api/cli/verify_report.h"

#include <algorithm>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {

std::string LedgerIn(const std::string& data_dir) { return data_dir + "/ledger.db"; }

std::string ReportText(const std::string& file, const VerifyReport& report) {
  std::string text = fmt::format("{}\n", file);
  for (const auto& [what, number] : report.looked_at) {
    std::string words = what;
    std::replace(words.begin(), words.end(), '_', ' ');
    text += fmt::format("  {:<24} {}\n", words, number);
  }
  for (const std::string& finding : report.findings) text += fmt::format("  WRONG: {}\n", finding);
  return text + (report.sound() ? "sound\n" : fmt::format("not sound: {} findings\n", report.findings.size()));
}

std::string ReportJson(const std::string& file, const VerifyReport& report) {
  nlohmann::ordered_json json = {
      {"file", file}, {"sound", report.sound()}, {"looked_at", nlohmann::ordered_json::object()}};
  for (const auto& [what, number] : report.looked_at) json["looked_at"][what] = number;
  json["findings"] = report.findings;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace firebreak
