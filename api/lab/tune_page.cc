#include "api/lab/tune_page.h"

#include <string_view>

#include "api/lab/page.h"
#include "api/lab/tune_page_files.h"

namespace firebreak {
namespace {

std::string_view File(std::string_view name) {
  for (const EmbeddedFile& file : TunePageFiles()) {
    if (file.name == name) return file.bytes;
  }
  return "";
}

}  // namespace

std::string TunePage(const TuneReport& report) {
  return RenderPage(
      {"Firebreak tune: " + report.config_path, TuneJson(report), File("tune_page.js"), File("tune_page.css")});
}

}  // namespace firebreak
