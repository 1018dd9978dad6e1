#include "api/notify/alert_codec.h"

#include <cmath>
#include <optional>
#include <utility>

#include "api/codec/strict_json.h"
#include "api/notify/alert_json.h"
#include "api/notify/json_reader.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

Json ExactLabels(const Labels& labels) {
  Json json = Json::object();
  for (const auto& [name, value] : labels) json[name] = ExactText(value);
  return json;
}

absl::StatusOr<Labels> ReadLabels(const Json& json, const std::string& path) {
  if (!json.is_object()) return absl::InvalidArgumentError("wanted an object");
  Labels labels;
  for (const auto& [name, value] : json.items()) {
    const std::optional<std::string> text = ReadExactText(value);
    if (!text || text->empty()) {
      return absl::InvalidArgumentError(
          fmt::format("{}{}{}: wanted a text that is not empty", path, path.empty() ? "" : ".", name));
    }
    labels.Set(name, *text);
  }
  return labels;
}

Labels LabelsOf(ObjectReader& reader, const char* name) {
  absl::StatusOr<Labels> labels = ReadLabels(reader.Object(name), reader.PathOf(name));
  if (labels.ok()) return *std::move(labels);
  reader.Take(labels.status());
  return {};
}

AlertStatus StatusOf(ObjectReader& reader) {
  const std::string name = reader.Text("status");
  for (const AlertStatus status :
       {AlertStatus::kInactive, AlertStatus::kPending, AlertStatus::kFiring, AlertStatus::kResolved}) {
    if (name == AlertStatusName(status)) return status;
  }
  reader.Fail("status", "inactive, pending, firing or resolved");
  return AlertStatus::kInactive;
}

}  // namespace

Json AlertRecordJson(const AlertView& alert) {
  const bool shown = alert.value && std::isfinite(*alert.value);
  return {{"labels", ExactLabels(alert.labels)},
          {"annotations", ExactLabels(alert.annotations)},
          {"status", AlertStatusName(alert.status)},
          {"active_since", TimeJson(alert.active_since)},
          {"firing_since", TimeJson(alert.firing_since)},
          {"resolved_at", TimeJson(alert.resolved_at)},
          {"reason", ExactText(alert.reason)},
          {"value", shown ? Json(*alert.value) : Json()}};
}

absl::StatusOr<AlertView> ReadAlert(const Json& json, const std::string& path) {
  ObjectReader reader(json, path);
  AlertView alert;
  alert.labels = LabelsOf(reader, "labels");
  alert.annotations = LabelsOf(reader, "annotations");
  alert.status = StatusOf(reader);
  alert.active_since = reader.Time("active_since");
  alert.firing_since = reader.OptionalTime("firing_since");
  alert.resolved_at = reader.OptionalTime("resolved_at");
  alert.reason = reader.Text("reason");
  alert.value = reader.OptionalNumber("value");
  if (absl::Status status = reader.Finish(); !status.ok()) return status;
  return alert;
}

std::string EncodeAlert(const AlertView& alert) { return DumpJson(AlertRecordJson(alert)); }

absl::StatusOr<AlertView> DecodeAlert(std::string_view text) {
  const absl::StatusOr<Json> json = ParseStrict(text);
  if (!json.ok()) return json.status();
  return ReadAlert(*json, "");
}

std::string EncodeLabels(const Labels& labels) { return DumpJson(ExactLabels(labels)); }

absl::StatusOr<Labels> DecodeLabels(std::string_view text) {
  const absl::StatusOr<Json> json = ParseStrict(text);
  if (!json.ok()) return json.status();
  return ReadLabels(*json, "");
}

}  // namespace firebreak
