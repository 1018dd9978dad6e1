#include "engine/labels.h"

#include <algorithm>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr uint64_t kFnvOffset = 14695981039346656037u;
constexpr uint64_t kFnvPrime = 1099511628211u;
constexpr unsigned char kSeparator = 0xff;

uint64_t HashByte(uint64_t hash, unsigned char byte) { return (hash ^ byte) * kFnvPrime; }

uint64_t HashText(uint64_t hash, std::string_view text) {
  for (char c : text) hash = HashByte(hash, static_cast<unsigned char>(c));
  return HashByte(hash, kSeparator);
}

auto LowerBound(auto& pairs, std::string_view name) {
  return std::lower_bound(pairs.begin(), pairs.end(), name, [](const Labels::Pair& pair, std::string_view wanted) {
    return pair.first.compare(wanted) < 0;
  });
}

}  // namespace

Labels::Labels(std::initializer_list<Pair> pairs) {
  for (const Pair& pair : pairs) Set(pair.first, pair.second);
}

void Labels::Set(std::string_view name, std::string_view value) {
  auto it = LowerBound(pairs_, name);
  const bool found = it != pairs_.end() && it->first == name;
  if (value.empty()) {
    if (found) pairs_.erase(it);
  } else if (found) {
    it->second = value;
  } else {
    pairs_.emplace(it, name, value);
  }
}

std::string_view Labels::Get(std::string_view name) const {
  auto it = LowerBound(pairs_, name);
  return it != pairs_.end() && it->first == name ? std::string_view(it->second) : std::string_view();
}

uint64_t Labels::Fingerprint() const {
  uint64_t hash = kFnvOffset;
  for (const auto& [name, value] : pairs_) hash = HashText(HashText(hash, name), value);
  return hash;
}

std::string Labels::FingerprintHex() const { return fmt::format("{:016x}", Fingerprint()); }

}  // namespace firebreak
