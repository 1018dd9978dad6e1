#ifndef FIREBREAK_ENGINE_LABELS_H_
#define FIREBREAK_ENGINE_LABELS_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firebreak {

// A set of label names and values, kept sorted by name, each name once. An empty value is the same as no label.
// Annotations are kept in the same form. A value type; thread-compatible.
class Labels {
 public:
  using Pair = std::pair<std::string, std::string>;

  Labels() = default;
  Labels(std::initializer_list<Pair> pairs);

  // Sets `name`, or removes it when `value` is empty.
  void Set(std::string_view name, std::string_view value);
  // "" where there is none.
  std::string_view Get(std::string_view name) const;

  const std::vector<Pair>& pairs() const { return pairs_; }
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }
  bool empty() const { return pairs_.empty(); }

  // Prometheus' fingerprint of a label set: 64-bit FNV-1a over name, 0xff, value, 0xff of each label in order
  // (prometheus/common, model/signature.go). Alertmanager shows it as 16 hexadecimal digits.
  uint64_t Fingerprint() const;
  std::string FingerprintHex() const;

  friend bool operator==(const Labels&, const Labels&) = default;
  friend auto operator<=>(const Labels&, const Labels&) = default;

 private:
  std::vector<Pair> pairs_;
};

}  // namespace firebreak

#endif  // FIREBREAK_ENGINE_LABELS_H_
