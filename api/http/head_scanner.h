#ifndef FIREBREAK_API_HTTP_HEAD_SCANNER_H_
#define FIREBREAK_API_HTTP_HEAD_SCANNER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/http/refusal.h"
#include "rules/config.h"

namespace firebreak {

// Finds the end of a request's header block, byte by byte as they arrive, and refuses at the first byte that breaks a
// limit: a hostile head is never stored beyond its limits, nor waited for.
//   (1) The block, its final empty line included, is at most limits.header_bytes; header_fields and uri_bytes likewise.
//   (2) Lines end in CR LF. A bare CR or LF, another control character but tab, and a folded line are malformed.
//   (3) One empty line before the request line is skipped (RFC 9112, 2.2), more are malformed.
// It knows no grammar beyond that: ParseRequestHead does. Thread-compatible.
class HeadScanner {
 public:
  explicit HeadScanner(const ServerLimits& limits) : limits_(limits) {}

  // Takes the next bytes and returns how many of them it used: all, unless the block ended or was refused.
  size_t Scan(std::string_view bytes);

  bool done() const { return done_; }
  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  void Take(char c);
  void TakeInLine(char c);
  void EndLine();
  void CountTarget(char c);
  void StartField(char c);
  void Refuse(RefusalReason reason, std::string message);

  const ServerLimits& limits_;
  int64_t bytes_ = 0;
  int64_t line_bytes_ = 0;  // of the line under way, without CR LF
  int64_t fields_ = 0;
  int64_t target_bytes_ = 0;
  int spaces_ = 0;          // seen in the request line
  bool in_fields_ = false;  // the request line is over
  bool skipped_line_ = false;
  bool after_cr_ = false;
  bool done_ = false;
  std::optional<Refusal> refusal_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_HEAD_SCANNER_H_
