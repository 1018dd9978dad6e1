#include "engine/fingerprint_history.h"

#include <algorithm>
#include <string>
#include <utility>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr char kKeyFormat[] = "%Y-%m-%dT%H:%M:%E9SZ";  // as long for every time, so that keys sort as times do

std::string KeyOf(absl::Time at) { return absl::FormatTime(kKeyFormat, at, absl::UTCTimeZone()); }

const Document* Newest(const std::vector<Document>& stored) {
  const auto newest = std::max_element(stored.begin(), stored.end(),
                                       [](const Document& a, const Document& b) { return a.key < b.key; });
  return newest == stored.end() ? nullptr : &*newest;
}

absl::StatusOr<DatedFingerprint> Read(const Document& document) {
  DatedFingerprint dated;
  if (!absl::ParseTime(kKeyFormat, document.key, &dated.since, nullptr)) {
    return absl::DataLossError(fmt::format("fingerprint {}: its key is not a time", document.key));
  }
  absl::StatusOr<Fingerprint> fingerprint = FingerprintFromText(document.body);
  if (!fingerprint.ok()) return absl::DataLossError(std::string(fingerprint.status().message()));
  dated.fingerprint = *std::move(fingerprint);
  return dated;
}

}  // namespace

std::optional<DocumentRecord> FingerprintToStore(const std::vector<Document>& stored, const Config& config,
                                                 absl::Time at) {
  const std::string text = FingerprintText(FingerprintOf(config));
  const Document* newest = Newest(stored);
  if (newest != nullptr && newest->body == text) return std::nullopt;
  return DocumentRecord{std::string(kFingerprintKind), {{KeyOf(at), text}}};
}

std::optional<DocumentRecord> FingerprintsToForget(const std::vector<Document>& stored, absl::Time oldest) {
  std::vector<std::string> keys;
  for (const Document& document : stored) keys.push_back(document.key);
  std::sort(keys.begin(), keys.end());
  DocumentRecord forget{std::string(kFingerprintKind), {}};
  for (size_t i = 0; i + 1 < keys.size() && keys[i + 1] <= KeyOf(oldest); ++i)
    forget.documents.push_back({keys[i], ""});
  if (forget.documents.empty()) return std::nullopt;
  return forget;
}

absl::StatusOr<std::vector<DatedFingerprint>> FingerprintsBetween(const std::vector<Document>& stored, absl::Time from,
                                                                  absl::Time to) {
  std::vector<DatedFingerprint> all;
  for (const Document& document : stored) {
    absl::StatusOr<DatedFingerprint> dated = Read(document);
    if (!dated.ok()) return dated.status();
    all.push_back(*std::move(dated));
  }
  std::sort(all.begin(), all.end(),
            [](const DatedFingerprint& a, const DatedFingerprint& b) { return a.since < b.since; });
  std::vector<DatedFingerprint> between;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool ended_before = i + 1 < all.size() && all[i + 1].since <= from;
    if (!ended_before && all[i].since < to) between.push_back(std::move(all[i]));
  }
  return between;
}

}  // namespace firebreak
