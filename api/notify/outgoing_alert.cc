#include "api/notify/outgoing_alert.h"

#include <cstdint>

#include "api/notify/utf8.h"
#include "fmt/format.h"

namespace firebreak {
namespace {

absl::Time WholeMilliseconds(absl::Time time) { return absl::FromUnixMillis(absl::ToUnixMillis(time)); }

// Go's unicode.IsPrint, but for code points that Unicode has not assigned.
bool IsPrintable(uint32_t rune) {
  struct Range {
    uint32_t first, last;
  };
  static constexpr Range kNotPrintable[] = {
      {0x00, 0x1f},     {0x7f, 0xa0},     {0xad, 0xad},     {0x61c, 0x61c},   {0x1680, 0x1680},
      {0x180e, 0x180e}, {0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000},
      {0xe000, 0xf8ff}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff},
  };
  for (const Range& range : kNotPrintable) {
    if (rune >= range.first && rune <= range.last) return false;
  }
  return true;
}

std::string QuoteRune(uint32_t rune) {
  switch (rune) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\a':
      return "\\a";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\v':
      return "\\v";
  }
  if (rune < ' ' || rune == 0x7f) return fmt::format("\\x{:02x}", rune);
  return rune < 0x10000 ? fmt::format("\\u{:04x}", rune) : fmt::format("\\U{:08x}", rune);
}

}  // namespace

OutgoingAlert MakeOutgoing(const AlertView& alert, const Clock& clock, std::string_view external_url) {
  OutgoingAlert out;
  out.labels = alert.labels;
  out.annotations = alert.annotations;
  out.starts_at = WholeMilliseconds(clock.ToWall(alert.firing_since.value_or(alert.active_since)));
  if (alert.status != AlertStatus::kFiring) {
    const absl::Time resolved_at = WholeMilliseconds(clock.ToWall(alert.resolved_at.value_or(alert.active_since)));
    out.ends_at = std::max(resolved_at, out.starts_at);
  }
  out.generator_url = fmt::format("{}/v1/alerts?fingerprint={}", external_url, alert.labels.FingerprintHex());
  return out;
}

std::string GoTime(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()); }

std::string GoQuote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Rune rune = DecodeRune(text);
    if (!rune.valid) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (IsPrintable(rune.value) && rune.value != '"' && rune.value != '\\') {
      out += text.substr(0, rune.size);
    } else {
      out += QuoteRune(rune.value);
    }
    text.remove_prefix(rune.size);
  }
  return out + '"';
}

}  // namespace firebreak
