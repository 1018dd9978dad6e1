#ifndef FIREBREAK_API_SERVICE_EXPOSITION_H_
#define FIREBREAK_API_SERVICE_EXPOSITION_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace firebreak {

// Writes Prometheus' text exposition format 0.0.4, escaping as it asks. Thread-compatible.
class Exposition {
 public:
  using Label = std::pair<std::string_view, std::string_view>;

  // Begins a family: its HELP and TYPE lines. `type` is "counter", "gauge" or "histogram".
  void Family(std::string_view name, std::string_view type, std::string_view help);
  // One sample of the family begun last; `suffix` is "_bucket", "_sum", "_count" or "".
  void Sample(std::initializer_list<Label> labels, int64_t value, std::string_view suffix = "");
  void Sample(std::initializer_list<Label> labels, double value, std::string_view suffix = "");

  std::string Take() { return std::exchange(text_, {}); }

 private:
  void SampleText(std::initializer_list<Label> labels, std::string_view value, std::string_view suffix);

  std::string name_;
  std::string text_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_EXPOSITION_H_
