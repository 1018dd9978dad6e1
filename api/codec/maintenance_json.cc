#include "api/codec/maintenance_json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "api/codec/strict_json.h"
#include "api/codec/time_text.h"
#include "engine/alert_text.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "rules/duration.h"
#include "rules/quoted.h"
#include "rules/string_map.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json WindowJson(const MaintenanceWindow& window) {
  return {{"id", window.id},           {"tier", window.tier},       {"from", TimeText(window.from)},
          {"to", TimeText(window.to)}, {"comment", window.comment}, {"created_at", TimeText(window.created_at)}};
}

std::string_view StateAt(const MaintenanceWindow& window, absl::Time now) {
  if (now < window.from) return "upcoming";
  return now < window.to ? "active" : "past";
}

absl::StatusOr<MaintenanceWindow> WindowOf(const Json& json) {
  MaintenanceWindow window;
  const std::pair<const char*, std::string*> texts[] = {
      {"id", &window.id}, {"tier", &window.tier}, {"comment", &window.comment}};
  const std::pair<const char*, absl::Time*> times[] = {
      {"from", &window.from}, {"to", &window.to}, {"created_at", &window.created_at}};
  for (const auto& [name, text] : texts) {
    if (!json.is_object() || !json.contains(name) || !json[name].is_string()) {
      return absl::InvalidArgumentError(fmt::format("{}: wanted a text", name));
    }
    *text = json[name].get<std::string>();
  }
  for (const auto& [name, time] : times) {
    const bool is_text = json.contains(name) && json[name].is_string();
    const std::optional<absl::Time> read = is_text ? ParseRfc3339(json[name].get<std::string>()) : std::nullopt;
    if (!read) return absl::InvalidArgumentError(fmt::format("{}: wanted a time in RFC 3339", name));
    *time = *read;
  }
  return window;
}

// A field of a request that is there and not null.
class Fields {
 public:
  static absl::StatusOr<Fields> Read(std::string_view text) {
    static constexpr std::array<std::string_view, 6> kKnown = {"id", "tier", "from", "to", "duration", "comment"};
    absl::StatusOr<Json> json = ParseStrict(text);
    if (!json.ok() || !json->is_object()) {
      return absl::InvalidArgumentError(
          fmt::format(R"(body: {}, wanted an object such as {{"tier": "*", "duration": "30m"}})",
                      json.ok() ? "is no object" : std::string(json.status().message())));
    }
    Fields fields;
    fields.json_ = *std::move(json);
    for (const auto& [name, value] : fields.json_.items()) {
      if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
        return absl::InvalidArgumentError(
            fmt::format("{}: unknown, wanted one of {}", Quoted(name), fmt::join(kKnown, ", ")));
      }
      if (!value.is_string() && !value.is_null()) {
        return absl::InvalidArgumentError(fmt::format("{}: wanted a text", name));
      }
    }
    return fields;
  }

  std::optional<std::string> Get(const char* name) const {
    if (!json_.contains(name) || json_[name].is_null()) return std::nullopt;
    return json_[name].get<std::string>();
  }

 private:
  Json json_;
};

absl::Time WholeSeconds(absl::Time time, absl::Duration (*round)(absl::Duration, absl::Duration)) {
  return absl::UnixEpoch() + round(time - absl::UnixEpoch(), absl::Seconds(1));
}

// Sets `time` where the field is given.
absl::Status ReadTime(const Fields& fields, const char* name, absl::Time now, std::optional<absl::Time>& time) {
  const std::optional<std::string> text = fields.Get(name);
  if (!text) return absl::OkStatus();
  time = *text == "now" ? now : ParseRfc3339(*text);
  if (time) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{}: {} is no time, wanted RFC 3339 with a zone (2025-11-24T16:00:00Z) or \"now\"", name, Quoted(*text)));
}

absl::Status ReadEnd(const Fields& fields, absl::Time from, absl::Time now, std::optional<absl::Time>& to) {
  const std::optional<std::string> duration = fields.Get("duration");
  if (duration && fields.Get("to")) {
    return absl::InvalidArgumentError("duration: to is given as well, wanted one of the two");
  }
  if (!duration) return ReadTime(fields, "to", now, to);
  const absl::StatusOr<absl::Duration> length = ParseDuration(*duration);
  if (!length.ok()) {
    return absl::InvalidArgumentError(fmt::format("duration: {}", std::string(length.status().message())));
  }
  if (*length <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(fmt::format("duration: {}, wanted more than 0s, such as 30m", *duration));
  }
  to = from + *length;
  return absl::OkStatus();
}

}  // namespace

std::string MaintenanceWindowJson(const MaintenanceWindow& window) { return Dump(WindowJson(window)); }

absl::StatusOr<MaintenanceWindow> ParseMaintenanceWindow(std::string_view json) {
  const absl::StatusOr<Json> parsed = ParseStrict(json);
  return parsed.ok() ? WindowOf(*parsed) : parsed.status();
}

std::string MaintenanceListJson(const MaintenanceList& list, absl::Time now) {
  Json json = {{"time", TimeText(now)}, {"maintenance", Json::array()}};
  for (const MaintenanceWindow& window : list.windows()) {
    Json entry = WindowJson(window);
    entry["state"] = StateAt(window, now);
    json["maintenance"].push_back(std::move(entry));
  }
  return Dump(json) + "\n";
}

absl::StatusOr<MaintenanceWindow> ParseMaintenanceRequest(std::string_view json, const MaintenanceList& list,
                                                          absl::Time now) {
  const absl::StatusOr<Fields> fields = Fields::Read(json);
  if (!fields.ok()) return fields.status();
  MaintenanceWindow window;
  window.id = fields->Get("id").value_or("");
  if (fields->Get("id")) {
    const absl::Status sound = CheckMaintenanceId(window.id);
    if (!sound.ok()) return sound;
  }
  const MaintenanceWindow* old = window.id.empty() ? nullptr : list.Find(window.id);
  std::optional<absl::Time> from = old == nullptr ? now : old->from;
  std::optional<absl::Time> to = old == nullptr ? std::nullopt : std::optional(old->to);
  absl::Status status = ReadTime(*fields, "from", now, from);
  if (status.ok()) status = ReadEnd(*fields, *from, now, to);
  if (!status.ok()) return status;
  if (!to) return absl::InvalidArgumentError("to: missing, wanted to or duration");
  // Before they are rounded: a second out of nothing is no window.
  if (*to <= *from) return absl::InvalidArgumentError("to: not after from, wanted a later time");
  const std::optional<std::string> tier = fields->Get("tier");
  if (!tier && old == nullptr) {
    return absl::InvalidArgumentError("tier: missing, wanted the name of one or \"*\" for every tier");
  }
  window.tier = tier ? *tier : old->tier;
  window.from = WholeSeconds(*from, absl::Floor);
  window.to = WholeSeconds(*to, absl::Ceil);
  window.comment = fields->Get("comment").value_or(old == nullptr ? "" : old->comment);
  window.created_at = WholeSeconds(now, absl::Floor);
  return window;
}

DocumentRecord MaintenanceChanges(const MaintenanceList& before, const MaintenanceList& after) {
  DocumentRecord changes{std::string(kMaintenanceKind), {}};
  StringMap<const MaintenanceWindow*> gone;
  for (const MaintenanceWindow& window : before.windows()) gone[window.id] = &window;
  for (const MaintenanceWindow& window : after.windows()) {
    const auto old = gone.find(window.id);
    if (old == gone.end() || *old->second != window) {
      changes.documents.push_back({window.id, MaintenanceWindowJson(window)});
    }
    if (old != gone.end()) gone.erase(old);
  }
  for (const auto& [id, window] : gone) changes.documents.push_back({id, ""});
  return changes;
}

absl::StatusOr<MaintenanceList> MaintenanceFromDocuments(const std::vector<Document>& documents) {
  std::vector<MaintenanceWindow> windows;
  for (const Document& document : documents) {
    absl::StatusOr<MaintenanceWindow> window = ParseMaintenanceWindow(document.body);
    if (!window.ok() || window->id != document.key || window->from >= window->to) {
      return absl::DataLossError(fmt::format("the maintenance window {} cannot be read", Quoted(document.key)));
    }
    windows.push_back(*std::move(window));
  }
  return MaintenanceList(std::move(windows));
}

}  // namespace firebreak
