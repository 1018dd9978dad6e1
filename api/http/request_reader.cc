#include "api/http/request_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/codec/gzip.h"

namespace firebreak {
namespace {

// A body up to this size gets its memory at once; the pages are only touched as bytes arrive.
constexpr uint64_t kReserveBytes = 256 << 10;

}  // namespace

RequestReader::RequestReader(const HttpPolicy& policy, BodyMemory& memory)
    : policy_(policy), charge_(memory), scanner_(policy.limits) {}

size_t RequestReader::Consume(std::string_view bytes) {
  begun_ |= !bytes.empty();
  size_t used = 0;
  if (state_ == State::kHead) used = ConsumeHead(bytes);
  if (state_ == State::kBody) used += ConsumeBody(bytes.substr(used));
  return used;
}

void RequestReader::End() {
  if (state_ == State::kHead || state_ == State::kBody) {
    Refuse(Refusal{RefusalReason::kTruncated, "the connection ended within the request", {}});
  }
}

void RequestReader::TimeOut() {
  if (state_ == State::kHead) {
    Refuse(Refusal{RefusalReason::kTimeout, "the header block took too long", {}});
  } else if (state_ == State::kBody) {
    Refuse(Refusal{RefusalReason::kTimeout, "the body took too long", {}});
  }
}

size_t RequestReader::MissingBodyBytes() const {
  if (state_ != State::kBody || head_.framing != BodyFraming::kLength) return 0;
  return head_.content_length - body_.size();
}

bool RequestReader::CanContinue() const {
  if (!head_is_sound_ || !head_.keep_alive) return false;
  if (state_ == State::kComplete) return true;
  // The body of a refused request would have to be read past.
  return head_.framing == BodyFraming::kNone || (head_.framing == BodyFraming::kLength && head_.content_length == 0);
}

size_t RequestReader::ConsumeHead(std::string_view bytes) {
  const size_t used = scanner_.Scan(bytes);
  block_.append(bytes.substr(0, used));
  if (scanner_.refusal()) {
    Refuse(*scanner_.refusal());
  } else if (scanner_.done()) {
    FinishHead();
  }
  return used;
}

void RequestReader::FinishHead() {
  std::string_view block = block_;
  if (block.starts_with("\r\n")) block.remove_prefix(2);  // the empty line that may precede a request
  if (std::optional<Refusal> refusal = ParseRequestHead(block, head_)) return Refuse(*std::move(refusal));
  head_is_sound_ = true;
  block_ = std::string();
  if (std::optional<Refusal> refusal = Admit(policy_, head_, admission_)) return Refuse(*std::move(refusal));
  state_ = State::kBody;
  if (head_.framing == BodyFraming::kChunked) {
    chunks_.emplace(admission_.body_limit);
  } else if (head_.content_length == 0) {
    FinishBody();
  }
}

size_t RequestReader::ConsumeBody(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (!body_begun_ && !chunks_) body_.reserve(std::min(head_.content_length, kReserveBytes));
  body_begun_ = true;
  const size_t before = body_.size();
  size_t used = 0;
  if (chunks_) {
    used = chunks_->Consume(bytes, body_);
  } else {
    used = std::min(bytes.size(), MissingBodyBytes());
    body_.append(bytes.substr(0, used));
  }
  if (!charge_.Grow(body_.size() - before)) {
    Refuse(Refusal{RefusalReason::kOutOfBodyMemory, "too many bodies under way", {{"Retry-After", "1"}}});
  } else if (chunks_ && chunks_->refusal()) {
    Refuse(*chunks_->refusal());
  } else if (chunks_ ? chunks_->done() : MissingBodyBytes() == 0) {
    FinishBody();
  }
  return used;
}

void RequestReader::FinishBody() {
  state_ = State::kComplete;
  if (admission_.coding == ContentCoding::kGzip && head_.framing != BodyFraming::kNone) return DecodeBody();
  head_.request.body = std::move(body_);
}

void RequestReader::DecodeBody() {
  absl::StatusOr<std::string> decoded = Gunzip(body_, policy_.limits.decoded_bytes);
  body_ = std::string();
  if (decoded.ok()) {
    head_.request.body = *std::move(decoded);
  } else if (absl::IsResourceExhausted(decoded.status())) {
    const std::string message = fmt::format("body above {} bytes when decoded", policy_.limits.decoded_bytes);
    Refuse(Refusal{RefusalReason::kDecodedTooLarge, message, {}});
  } else {
    Refuse(Refusal{RefusalReason::kDamagedBody, "the body is not sound gzip", {}});
  }
}

void RequestReader::Refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  state_ = State::kRefused;
  block_ = std::string();
  body_ = std::string();
  charge_.Clear();
}

}  // namespace firebreak
