#include "api/http/head_scanner.h"

#include <fmt/format.h>

#include <utility>

namespace firebreak {

size_t HeadScanner::Scan(std::string_view bytes) {
  size_t used = 0;
  while (used < bytes.size() && !done_ && !refusal_) Take(bytes[used++]);
  return used;
}

void HeadScanner::Take(char c) {
  if (++bytes_ > limits_.header_bytes) {
    return Refuse(RefusalReason::kHeaderTooLarge, fmt::format("header block above {} bytes", limits_.header_bytes));
  }
  if (after_cr_) {
    after_cr_ = false;
    if (c != '\n')
      return Refuse(RefusalReason::kMalformed, "a carriage return without a line feed in the header block");
    return EndLine();
  }
  if (c == '\r') {
    after_cr_ = true;
  } else {
    TakeInLine(c);
  }
}

void HeadScanner::TakeInLine(char c) {
  const unsigned char byte = static_cast<unsigned char>(c);
  if (c == '\n') return Refuse(RefusalReason::kMalformed, "a line feed without a carriage return in the header block");
  if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
    return Refuse(RefusalReason::kMalformed, "a control character in the header block");
  }
  if (!in_fields_) {
    CountTarget(c);
  } else if (line_bytes_ == 0) {
    StartField(c);
  }
  ++line_bytes_;
}

void HeadScanner::EndLine() {
  if (line_bytes_ > 0) {
    in_fields_ = true;
    line_bytes_ = 0;
  } else if (in_fields_) {
    done_ = true;
  } else if (skipped_line_) {
    Refuse(RefusalReason::kMalformed, "empty lines before the request line");
  } else {
    skipped_line_ = true;
  }
}

void HeadScanner::CountTarget(char c) {
  if (c == ' ') {
    ++spaces_;
  } else if (spaces_ == 1 && ++target_bytes_ > limits_.uri_bytes) {
    Refuse(RefusalReason::kUriTooLong, fmt::format("URI above {} bytes", limits_.uri_bytes));
  }
}

void HeadScanner::StartField(char c) {
  if (c == ' ' || c == '\t') return Refuse(RefusalReason::kMalformed, "a folded header line");
  if (++fields_ > limits_.header_fields) {
    Refuse(RefusalReason::kTooManyHeaders, fmt::format("more than {} header fields", limits_.header_fields));
  }
}

void HeadScanner::Refuse(RefusalReason reason, std::string message) {
  refusal_ = Refusal{reason, std::move(message), {}};
}

}  // namespace firebreak
