#include "api/service/exposition.h"

#include <cmath>
#include <iterator>

#include "fmt/format.h"

namespace firebreak {
namespace {

void AppendEscaped(std::string_view value, std::string& text) {
  for (char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

void Exposition::Family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void Exposition::Sample(std::initializer_list<Label> labels, int64_t value, std::string_view suffix) {
  SampleText(labels, std::to_string(value), suffix);
}

void Exposition::Sample(std::initializer_list<Label> labels, double value, std::string_view suffix) {
  SampleText(labels, Number(value), suffix);
}

void Exposition::SampleText(std::initializer_list<Label> labels, std::string_view value, std::string_view suffix) {
  text_ += name_;
  text_ += suffix;
  char separator = '{';
  for (const auto& [name, label_value] : labels) {
    text_ += separator;
    text_ += name;
    text_ += "=\"";
    AppendEscaped(label_value, text_);
    text_ += '"';
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

}  // namespace firebreak
