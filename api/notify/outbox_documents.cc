#include "api/notify/outbox_documents.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "api/codec/strict_json.h"
#include "api/notify/alert_codec.h"
#include "api/notify/alert_json.h"
#include "api/notify/json_reader.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

struct AlertBody {
  std::vector<Outbox::Entry> entries;
  bool repeats_resolve = true;
};

Json EntryJson(const Outbox::Entry& entry, const SteadyAndWall& now) {
  const std::optional<absl::Time> keep_until =
      entry.firing() ? std::nullopt : std::optional(now.ToWall(entry.keep_until));
  // Whether a try under way is taken, nobody will know after a crash.
  const bool seen_firing = entry.seen_firing || entry.in_flight;
  return {{"alert", AlertRecordJson(*entry.alert)},
          {"told", entry.told},
          {"parked", entry.parked},
          {"alone", entry.alone},
          {"seen_firing", seen_firing},
          {"since", TimeJson(now.ToWall(entry.since))},
          {"keep_until", TimeJson(keep_until)},
          {"tries", entry.tries},
          {"error", ExactText(entry.error)}};
}

AlertView AlertOf(ObjectReader& reader) {
  const Json& json = reader.Object("alert");
  absl::StatusOr<AlertView> alert = ReadAlert(json, reader.PathOf("alert"));
  if (alert.ok()) return *std::move(alert);
  reader.Take(alert.status());
  return {};
}

absl::StatusOr<Outbox::Entry> ReadEntry(const Json& json, const std::string& path, const SteadyAndWall& now) {
  ObjectReader reader(json, path);
  Outbox::Entry entry;
  const AlertView alert = AlertOf(reader);
  entry.told = reader.Flag("told");
  entry.parked = reader.Flag("parked");
  entry.alone = reader.Flag("alone");
  entry.seen_firing = reader.Flag("seen_firing") || alert.status == AlertStatus::kFiring;
  entry.since = std::min(now.ToSteady(reader.Time("since")), now.steady);
  const std::optional<absl::Time> keep_until = reader.OptionalTime("keep_until");
  if (keep_until) entry.keep_until = std::min(now.ToSteady(*keep_until), now.steady + kResolvedKept);
  if (alert.status == AlertStatus::kResolved && !keep_until) reader.Fail("keep_until", "a time, for a resolve");
  entry.tries = reader.Count("tries");
  entry.error = reader.Text("error");
  entry.due = now.steady;
  entry.alert = std::make_shared<const AlertView>(alert);
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return entry;
}

// What an Outbox promises of its entries, and that they are all of one alert.
absl::Status CheckEntries(const Labels& labels, const std::vector<Outbox::Entry>& entries) {
  if (entries.empty()) return absl::InvalidArgumentError("entries: wanted at least one");
  for (size_t i = 0; i < entries.size(); ++i) {
    const Outbox::Entry& entry = entries[i];
    const bool last = i + 1 == entries.size();
    const bool resolved = entry.alert->status == AlertStatus::kResolved;
    std::string_view wanted;
    if (entry.alert->labels != labels) wanted = "the labels of the key";
    if (!entry.firing() && !resolved) wanted = "an alert that is firing or resolved";
    if (!last && (!resolved || !entry.waiting())) wanted = "a resolve that waits ahead of the last entry";
    if (!wanted.empty()) return absl::InvalidArgumentError(fmt::format("entries[{}]: wanted {}", i, wanted));
  }
  return absl::OkStatus();
}

absl::StatusOr<AlertBody> ReadBody(const Labels& labels, const std::string& text, const SteadyAndWall& now) {
  const absl::StatusOr<Json> json = ParseStrict(text);
  if (!json.ok()) return json.status();
  ObjectReader reader(*json, "");
  AlertBody body;
  for (const Json& entry_json : reader.Array("entries")) {
    absl::StatusOr<Outbox::Entry> entry = ReadEntry(entry_json, fmt::format("entries[{}]", body.entries.size()), now);
    if (!entry.ok()) return entry.status();
    body.entries.push_back(*std::move(entry));
  }
  body.repeats_resolve = reader.Flag("repeats_resolve");
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  if (absl::Status status = CheckEntries(labels, body.entries); !status.ok()) return status;
  return body;
}

// Numbers the entries of all alerts in the order they came.
void Number(std::map<Labels, AlertBody>& bodies, uint64_t& last_id) {
  std::vector<Outbox::Entry*> entries;
  for (auto& [labels, body] : bodies) {
    for (Outbox::Entry& entry : body.entries) entries.push_back(&entry);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Outbox::Entry* a, const Outbox::Entry* b) { return a->since < b->since; });
  for (Outbox::Entry* entry : entries) entry->id = ++last_id;
}

}  // namespace

bool IsAlertKey(std::string_view key) { return key.starts_with('{'); }

absl::Status DocumentFault(const std::string& key, const absl::Status& status) {
  return absl::DataLossError(
      fmt::format("outbox document {}: {}", key, std::string_view(status.message().data(), status.message().size())));
}

Document AlertDocument(const Labels& labels, const Outboxes& outboxes, const SteadyAndWall& now) {
  const auto found = outboxes.find(labels);
  if (found == outboxes.end()) return {EncodeLabels(labels), ""};
  Json entries = Json::array();
  for (const Outbox::Entry& entry : found->second.entries()) entries.push_back(EntryJson(entry, now));
  return {EncodeLabels(labels),
          DumpJson({{"entries", std::move(entries)}, {"repeats_resolve", found->second.repeats_resolve()}})};
}

absl::StatusOr<Outboxes> ReadAlertDocuments(const std::vector<Document>& documents, const SteadyAndWall& now,
                                            uint64_t& last_id) {
  std::map<Labels, AlertBody> bodies;
  for (const Document& document : documents) {
    if (!IsAlertKey(document.key)) continue;
    const absl::StatusOr<Labels> labels = DecodeLabels(document.key);
    if (!labels.ok()) return DocumentFault(document.key, labels.status());
    absl::StatusOr<AlertBody> body = ReadBody(*labels, document.body, now);
    if (!body.ok()) return DocumentFault(document.key, body.status());
    bodies[*labels] = *std::move(body);
  }
  Number(bodies, last_id);
  Outboxes outboxes;
  for (auto& [labels, body] : bodies) {
    outboxes.emplace(labels, Outbox::Restore(std::move(body.entries), body.repeats_resolve));
  }
  return outboxes;
}

}  // namespace firebreak
