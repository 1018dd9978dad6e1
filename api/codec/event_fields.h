#ifndef FIREBREAK_API_CODEC_EVENT_FIELDS_H_
#define FIREBREAK_API_CODEC_EVENT_FIELDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/codec/event_json.h"
#include "api/codec/json_number.h"
#include "rules/event.h"

namespace firebreak {

// The value of one field, as far as an event needs it.
struct JsonValue {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string_view text;  // kString: unescaped; else as written
  JsonNumber number;      // kNumber
};

// Makes an event out of the fields of one JSON object, and holds what is said in DESIGN.md, "Event", against it:
//   (1) Unknown fields are ignored and counted. A field named twice is a fault, known or not. null is the same as
//   absent. (2) The first fault of an object is kept; what follows cannot undo it.
// Knows nothing of the JSON reader that feeds it. Thread-compatible.
class EventBuilder {
 public:
  // Begins another object. `rule` must live until Finish().
  void Begin(const EventTimeRule& rule);

  // Takes one field. Text must live until Finish(), and as long as event() is used.
  void Add(std::string_view key, const JsonValue& value);

  // Returns "" if event() is good, else what is wrong with it.
  std::string Finish();

  // REQUIRES: Finish() returned "".
  const Event& event() const { return event_; }
  int64_t unknown_fields() const { return static_cast<int64_t>(unknown_.size()); }

 private:
  enum Field : unsigned { kTs, kEndpoint, kStatus, kLatency, kSource, kRegion, kOutcome, kRetries, kCount, kUnknown };

  static Field FieldNamed(std::string_view key);
  static std::string_view NameOf(Field field);
  bool Has(Field field) const { return (present_ & (1u << field)) != 0; }
  void Set(Field field, const JsonValue& value);
  void Fault(std::string reason);
  void FaultOf(Field field, const JsonValue& value, std::string_view what);

  void SetTs(const JsonValue& value);
  void SetNumericTs(const JsonValue& value);
  void SetTextTs(const JsonValue& value);
  void CheckLatest(const JsonValue& value);
  void SetLatency(const JsonValue& value);
  void SetSource(const JsonValue& value);
  void SetText(Field field, const JsonValue& value, std::string_view& out);
  // Returns false, with a fault, if `value` is not an integer within [low, high].
  bool SetInteger(Field field, const JsonValue& value, int64_t& out);
  void CheckUnknownForDuplicates();

  const EventTimeRule* rule_ = nullptr;
  Event event_;
  unsigned seen_ = 0;     // fields named, null or not
  unsigned present_ = 0;  // fields with a value
  std::vector<std::string_view> unknown_;
  std::string fault_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_EVENT_FIELDS_H_
