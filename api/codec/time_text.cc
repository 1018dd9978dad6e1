#include "api/codec/time_text.h"

#include <array>
#include <cstdint>

#include "absl/time/civil_time.h"

namespace firebreak {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes fields of fixed width off the front of a text; a field that is not there makes the whole scan fail.
class FieldScanner {
 public:
  explicit FieldScanner(std::string_view text) : text_(text) {}

  int Number(size_t digits) {
    int value = 0;
    for (const char c : Take(digits)) {
      if (!IsDigit(c)) failed_ = true;
      value = value * 10 + (c - '0');
    }
    return value;
  }

  void Literal(char wanted) {
    if (Take(1) != std::string_view(&wanted, 1)) failed_ = true;
  }

  std::string_view Take(size_t size) {
    if (text_.size() < size) {
      failed_ = true;
      return {};
    }
    const std::string_view field = text_.substr(0, size);
    text_.remove_prefix(size);
    return field;
  }

  char Peek() const { return text_.empty() ? '\0' : text_.front(); }
  void Fail() { failed_ = true; }
  bool failed() const { return failed_; }
  bool Finished() const { return !failed_ && text_.empty(); }

 private:
  std::string_view text_;
  bool failed_ = false;
};

struct CivilFields {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

// Seconds since the epoch if this was in UTC; nullopt when there is no such date or time.
std::optional<int64_t> ToEpochSeconds(const CivilFields& f) {
  if (f.hour > 23 || f.minute > 59 || f.second > 60) return std::nullopt;
  const absl::CivilDay day(f.year, f.month, f.day);  // normalizes: 31 February becomes 3 March
  if (day.month() != f.month || day.day() != f.day) return std::nullopt;
  return ((day - absl::CivilDay(1970, 1, 1)) * 24 + f.hour) * 3600 + f.minute * 60 + f.second;
}

int Month(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<int>(i) + 1;
  }
  return 0;
}

// ".123": digits beyond the ninth are cut off.
absl::Duration ScanFraction(FieldScanner& scan) {
  scan.Literal('.');
  if (!IsDigit(scan.Peek())) scan.Fail();
  int64_t nanoseconds = 0;
  int64_t unit = 100'000'000;
  while (IsDigit(scan.Peek())) {
    nanoseconds += scan.Number(1) * unit;
    unit /= 10;
  }
  return absl::Nanoseconds(nanoseconds);
}

enum class OffsetStyle { kColon, kPlain };  // +05:30, +0530

int64_t ScanOffsetSeconds(FieldScanner& scan, OffsetStyle style) {
  const std::string_view sign = scan.Take(1);
  if (sign != "+" && sign != "-") scan.Fail();
  const int hours = scan.Number(2);
  if (style == OffsetStyle::kColon) scan.Literal(':');
  const int minutes = scan.Number(2);
  if (hours > 23 || minutes > 59) scan.Fail();
  const int64_t seconds = hours * 3600 + minutes * 60;
  return sign == "-" ? -seconds : seconds;
}

bool SkipOneOf(FieldScanner& scan, char upper, char lower) {
  if (scan.Peek() != upper && scan.Peek() != lower) return false;
  scan.Take(1);
  return true;
}

std::optional<absl::Time> Assemble(const CivilFields& fields, int64_t offset_seconds, absl::Duration fraction) {
  const std::optional<int64_t> seconds = ToEpochSeconds(fields);
  if (!seconds) return std::nullopt;
  return absl::FromUnixSeconds(*seconds - offset_seconds) + fraction;
}

}  // namespace

absl::Time OldestEventTime() { return absl::FromUnixMillis(100'000'000'000); }

absl::Time NewestEventTime() { return absl::FromUnixMillis(253'402'300'799'999); }

std::optional<absl::Time> ParseRfc3339(std::string_view text) {
  FieldScanner scan(text);
  CivilFields fields;
  fields.year = scan.Number(4);
  scan.Literal('-');
  fields.month = scan.Number(2);
  scan.Literal('-');
  fields.day = scan.Number(2);
  if (!SkipOneOf(scan, 'T', 't')) return std::nullopt;
  fields.hour = scan.Number(2);
  scan.Literal(':');
  fields.minute = scan.Number(2);
  scan.Literal(':');
  fields.second = scan.Number(2);
  const absl::Duration fraction = scan.Peek() == '.' ? ScanFraction(scan) : absl::ZeroDuration();
  const int64_t offset = SkipOneOf(scan, 'Z', 'z') ? 0 : ScanOffsetSeconds(scan, OffsetStyle::kColon);
  if (!scan.Finished()) return std::nullopt;
  return Assemble(fields, offset, fraction);
}

std::optional<absl::Time> ParseAccessLogTime(std::string_view text) {
  FieldScanner scan(text);
  CivilFields fields;
  fields.day = scan.Number(2);
  scan.Literal('/');
  fields.month = Month(scan.Take(3));
  scan.Literal('/');
  fields.year = scan.Number(4);
  scan.Literal(':');
  fields.hour = scan.Number(2);
  scan.Literal(':');
  fields.minute = scan.Number(2);
  scan.Literal(':');
  fields.second = scan.Number(2);
  scan.Literal(' ');
  const int64_t offset = ScanOffsetSeconds(scan, OffsetStyle::kPlain);
  if (!scan.Finished()) return std::nullopt;
  return Assemble(fields, offset, absl::ZeroDuration());
}

}  // namespace firebreak
