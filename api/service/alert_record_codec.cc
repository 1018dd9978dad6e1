#include "api/service/alert_record_codec.h"

#include <optional>
#include <string_view>
#include <utility>

#include "api/notify/alert_codec.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPhaseNames[] = {"inactive", "pending", "firing"};
constexpr Severity kSeverities[] = {Severity::kTicket, Severity::kPage};

std::string Encode(absl::Time time) { return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()); }

Json Encode(std::optional<absl::Time> time) { return time ? Json(Encode(*time)) : Json(); }

// Reads the members of a JSON object; the first that is not as wanted is what `status` says. A missing one is wanted
// too: these texts are our own.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {
    if (!object.is_object()) Fault("", "an object");
  }

  void Read(const char* name, absl::Time& time) {
    std::optional<absl::Time> value;
    Read(name, value);
    if (value) time = *value;
    if (!value) Fault(name, "a time");
  }

  void Read(const char* name, std::optional<absl::Time>& time) {
    const Json* value = Member(name);
    if (value == nullptr || value->is_null()) return;
    absl::Time parsed;
    std::string error;
    if (value->is_string() && absl::ParseTime(absl::RFC3339_full, value->get<std::string>(), &parsed, &error)) {
      time = parsed;
    } else {
      Fault(name, "a time or null");
    }
  }

  void Read(const char* name, bool& flag) {
    const Json* value = Member(name);
    if (value != nullptr && value->is_boolean()) {
      flag = value->get<bool>();
    } else {
      Fault(name, "true or false");
    }
  }

  void Read(const char* name, Severity& severity) {
    const Json* value = Member(name);
    for (Severity candidate : kSeverities) {
      if (value == nullptr || *value != SeverityName(candidate)) continue;
      severity = candidate;
      return;
    }
    Fault(name, "ticket or page");
  }

  void Read(const char* name, AlertPhase& phase) {
    const Json* value = Member(name);
    for (size_t i = 0; i < std::size(kPhaseNames); ++i) {
      if (value == nullptr || *value != kPhaseNames[i]) continue;
      phase = static_cast<AlertPhase>(i);
      return;
    }
    Fault(name, "inactive, pending or firing");
  }

  void Fault(std::string_view name, std::string_view wanted) {
    if (fault_.empty()) fault_ = fmt::format("{}: wanted {}", name, wanted);
  }
  const std::string& fault() const { return fault_; }

 private:
  const Json* Member(const char* name) const {
    const auto found = object_.is_object() ? object_.find(name) : object_.end();
    return found == object_.end() ? nullptr : &*found;
  }

  const Json& object_;
  std::string fault_;
};

Json Encode(const AlertState& state) {
  return {{"phase", kPhaseNames[static_cast<size_t>(state.phase)]},
          {"severity", SeverityName(state.severity)},
          {"pending_since", Encode(state.pending_since)},
          {"firing_since", Encode(state.firing_since)},
          {"below_since", Encode(state.below_since)},
          {"no_data_since", Encode(state.no_data_since)}};
}

std::string Decode(const Json& json, AlertState& state) {
  Reader reader(json);
  reader.Read("phase", state.phase);
  reader.Read("severity", state.severity);
  reader.Read("pending_since", state.pending_since);
  reader.Read("firing_since", state.firing_since);
  reader.Read("below_since", state.below_since);
  reader.Read("no_data_since", state.no_data_since);
  return reader.fault();
}

Json Encode(const NoDataState& state) {
  return {{"firing", state.firing},
          {"until_requests", state.until_requests},
          {"severity", SeverityName(state.severity)},
          {"firing_since", Encode(state.firing_since)}};
}

std::string Decode(const Json& json, NoDataState& state) {
  Reader reader(json);
  reader.Read("firing", state.firing);
  reader.Read("until_requests", state.until_requests);
  reader.Read("severity", state.severity);
  reader.Read("firing_since", state.firing_since);
  return reader.fault();
}

std::string DecodeCovered(const Json& json, std::vector<std::string>& covered) {
  if (!json.is_array()) return "covered: wanted a list";
  for (const Json& endpoint : json) {
    if (!endpoint.is_string()) return "covered: wanted texts";
    covered.push_back(endpoint.get<std::string>());
  }
  return "";
}

std::string DecodeViews(const Json& json, std::array<AlertViewPtr, 2>& views) {
  if (!json.is_object()) return "views: wanted an object";
  for (Severity severity : kSeverities) {
    const auto text = json.find(std::string(SeverityName(severity)));
    if (text == json.end()) continue;
    absl::StatusOr<AlertView> view = ReadAlert(*text, fmt::format("views.{}", SeverityName(severity)));
    if (!view.ok()) return std::string(view.status().message());
    views[static_cast<size_t>(severity)] = std::make_shared<const AlertView>(*std::move(view));
  }
  return "";
}

std::string Decode(const Json& json, AlertRecord& record) {
  if (!json.is_object()) return "wanted a JSON object";
  std::string fault;
  if (json.contains("burn")) fault = Decode(json["burn"], record.burn.emplace());
  if (fault.empty() && json.contains("no_data")) fault = Decode(json["no_data"], record.no_data.emplace());
  if (fault.empty()) fault = DecodeCovered(json.value("covered", Json::array()), record.covered);
  if (fault.empty()) fault = DecodeViews(json.value("views", Json::object()), record.views);
  const bool says_nothing = !record.burn && !record.no_data && !record.views[0] && !record.views[1];
  if (fault.empty() && says_nothing) return "wanted burn, no_data or views";
  return fault;
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string AlertRecordKey(const Labels& identity) { return EncodeLabels(identity); }

Document EncodeAlertRecord(const AlertRecord& record) {
  Json json = Json::object();
  if (record.burn) json["burn"] = Encode(*record.burn);
  if (record.no_data) json["no_data"] = Encode(*record.no_data);
  if (!record.covered.empty()) json["covered"] = record.covered;
  for (Severity severity : kSeverities) {
    const AlertViewPtr& view = record.views[static_cast<size_t>(severity)];
    if (view) json["views"][std::string(SeverityName(severity))] = AlertRecordJson(*view);
  }
  return {AlertRecordKey(record.identity), Dump(json)};
}

absl::StatusOr<AlertRecord> DecodeAlertRecord(const Document& document) {
  AlertRecord record;
  const absl::StatusOr<Labels> identity = DecodeLabels(document.key);
  const Json json = Json::parse(document.body, nullptr, false);
  std::string fault = json.is_discarded() ? "not JSON" : Decode(json, record);
  if (!identity.ok()) fault = std::string(identity.status().message());
  if (fault.empty()) {
    record.identity = *identity;
    return record;
  }
  return absl::DataLossError(fmt::format("alert state {}: {}", document.key, fault));
}

}  // namespace firebreak
