#include "api/codec/event_json.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "api/codec/body_layout.h"
#include "api/codec/event_fields.h"
#include "api/codec/excerpt.h"
#include "fmt/format.h"
#include "simdjson.h"

namespace firebreak {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kMaxEventBytes = size_t{1} << 20;
constexpr int kMaxDepth = 32;  // the event's own object is the first level

// The fast path takes whole lines in pieces of this size, so that buffers are small and stay in the cache, and a bad
// line slows its own piece only.
constexpr size_t kChunkBytes = size_t{64} << 10;

// A document behind the last line: then every line has a next token, and one that lacks its end runs into this.
constexpr std::string_view kSentinel = "\n{}";

constexpr char kTextAfterEvent[] = "there is text after the event (events one to a line are application/x-ndjson)";

// Text with the padding simdjson may read. The padding is zeroed: what an earlier text left there must not be read as
// the end of this one.
class PaddedText {
 public:
  std::string_view Set(std::string_view text, std::string_view tail) {
    const size_t size = text.size() + tail.size();
    if (bytes_.size() < size + simdjson::SIMDJSON_PADDING) bytes_.resize(size + simdjson::SIMDJSON_PADDING);
    std::memcpy(bytes_.data(), text.data(), text.size());
    std::memcpy(bytes_.data() + text.size(), tail.data(), tail.size());
    std::memset(bytes_.data() + size, 0, simdjson::SIMDJSON_PADDING);
    return std::string_view(bytes_.data(), size);
  }

 private:
  std::vector<char> bytes_;
};

// Walks one object to its very end, every value of it validated, and hands its fields to an EventBuilder.
// simdjson itself reads lazily: what nobody looks at it does not check.
class EventWalk {
 public:
  // Whether the text has backslashes at all. In text without, a string is what stands between its quotes.
  enum class Escapes { kNone, kSome };

  EventWalk(EventBuilder& builder, Escapes escapes) : builder_(builder), escapes_(escapes) {}

  // Returns false at the first thing that is not JSON; the reader must then be dropped, see Problem().
  bool Fields(ondemand::object object) {
    for (auto field : object) {
      JsonValue read;
      if (!Key(field, key_) || !Value(field.value_unsafe().value(), 1, read)) return false;
      builder_.Add(key_, read);
    }
    return true;
  }

  // Says what is not JSON. REQUIRES: Fields() returned false.
  std::string Problem() const {
    const std::string where = key_.empty() ? "" : fmt::format(", at field \"{}\"", Excerpt(key_));
    return fmt::format("not JSON: {}{}", problem_, where);
  }

 private:
  bool Failed(simdjson::error_code error) {
    if (error == simdjson::SUCCESS) return false;
    problem_ = simdjson::error_message(error);
    switch (error) {
      case simdjson::STRING_ERROR:
        problem_ = "a string has a bad escape";
        break;
      case simdjson::TAPE_ERROR:
        problem_ = "wanted \"name\": value, with \",\" between fields and \"}\" at the end";
        break;
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        problem_ = "it is cut off";
        break;
      default:
        break;
    }
    return true;
  }

  bool Fault(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool Key(simdjson::simdjson_result<ondemand::field>& field, std::string_view& key) {
    if (escapes_ == Escapes::kSome) return Unescaped(field.unescaped_key(), key);
    if (Failed(field.error())) return false;
    const char* const begin = field.value_unsafe().key().raw();
    size_t size = 0;
    while (begin[size] != '"') ++size;  // simdjson has seen that every string is closed
    key = std::string_view(begin, size);
    return true;
  }

  // REQUIRES: `token` begins with a quote.
  bool Text(ondemand::value& value, std::string_view token, std::string_view& text) {
    if (escapes_ == Escapes::kSome) return Unescaped(value.get_string(), text);
    if (token.size() < 2 || token.back() != '"') return Fault("a string is not closed");
    text = token.substr(1, token.size() - 2);
    return true;
  }

  // simdjson lets an escaped half of a surrogate pair pass.
  bool Unescaped(simdjson::simdjson_result<std::string_view> result, std::string_view& text) {
    if (Failed(result.error())) return false;
    text = result.value_unsafe();
    return simdjson::validate_utf8(text) || Fault("a string has a bad escape");
  }

  // `depth` levels are open.
  bool Value(ondemand::value& value, int depth, JsonValue& read) {
    std::string_view token = value.raw_json_token();  // up to the next token
    while (!token.empty() && IsJsonSpace(token.back())) token.remove_suffix(1);
    read.text = token;
    switch (token.empty() ? '\0' : token.front()) {
      case '"':
        read.kind = JsonValue::Kind::kString;
        return Text(value, token, read.text);
      case '{':
        read.kind = JsonValue::Kind::kObject;
        return depth < kMaxDepth ? SkipObject(value, depth + 1) : TooDeep();
      case '[':
        read.kind = JsonValue::Kind::kArray;
        return depth < kMaxDepth ? SkipArray(value, depth + 1) : TooDeep();
      default:
        return Scalar(token, read);
    }
  }

  bool TooDeep() { return Fault(fmt::format("more than {} levels deep", kMaxDepth)); }

  bool Scalar(std::string_view token, JsonValue& read) {
    if (token == "null") {
      read.kind = JsonValue::Kind::kNull;
      return true;
    }
    if (token == "true" || token == "false") {
      read.kind = JsonValue::Kind::kBool;
      return true;
    }
    if (!ParseJsonNumber(token, read.number)) {
      return Fault(fmt::format("{} is not a value", token.empty() ? "nothing" : Excerpt(token)));
    }
    read.kind = JsonValue::Kind::kNumber;
    return true;
  }

  bool SkipObject(ondemand::value& value, int depth) {
    ondemand::object object;
    if (Failed(value.get_object().get(object))) return false;
    for (auto field : object) {
      std::string_view ignored_key;
      JsonValue ignored;
      if (!Key(field, ignored_key) || !Value(field.value_unsafe().value(), depth, ignored)) return false;
    }
    return true;
  }

  bool SkipArray(ondemand::value& value, int depth) {
    ondemand::array array;
    if (Failed(value.get_array().get(array))) return false;
    for (auto element : array) {
      JsonValue ignored;
      if (Failed(element.error()) || !Value(element.value_unsafe(), depth, ignored)) return false;
    }
    return true;
  }

  EventBuilder& builder_;
  const Escapes escapes_;
  std::string_view key_;
  std::string problem_;
};

EventWalk::Escapes EscapesIn(std::string_view text) {
  return text.find('\\') == std::string_view::npos ? EventWalk::Escapes::kNone : EventWalk::Escapes::kSome;
}

// Takes lines off the front of a text, blank ones left out.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  // The next line, trimmed; false at the end.
  bool Next(std::string_view& line) {
    while (at_ < text_.size()) {
      begin_ = at_;
      const size_t end = std::min(text_.find('\n', at_), text_.size());
      at_ = std::min(end + 1, text_.size());
      line = TrimJson(text_.substr(begin_, end - begin_));
      if (!line.empty()) return true;
    }
    return false;
  }

  size_t begin() const { return begin_; }  // of the line returned last

 private:
  std::string_view text_;
  size_t at_ = 0;
  size_t begin_ = 0;
};

// Takes whole lines, at least one, of kChunkBytes at most unless the first is longer.
std::string_view TakeChunk(std::string_view& rest) {
  size_t size = rest.size();
  if (size > kChunkBytes) {
    const size_t last_end = rest.substr(0, kChunkBytes).rfind('\n');
    size = last_end == std::string_view::npos ? rest.find('\n', kChunkBytes) : last_end;
    size = size == std::string_view::npos ? rest.size() : size + 1;
  }
  const std::string_view chunk = rest.substr(0, size);
  rest.remove_prefix(size);
  return chunk;
}

// Where the events of one body go.
class Delivery {
 public:
  Delivery(const std::function<void(const Event&)>& on_event, int max_errors)
      : on_event_(on_event), max_errors_(max_errors) {}

  void Accept(const EventBuilder& builder) {
    ++result_.decoded;
    result_.unknown_fields += builder.unknown_fields();
    on_event_(builder.event());
  }

  void Reject(std::string reason) {
    if (static_cast<int64_t>(result_.errors.size()) < max_errors_) {
      result_.errors.push_back({result_.decoded + result_.rejected, std::move(reason)});
    }
    ++result_.rejected;
  }

  // Takes what EventBuilder::Finish() said.
  void Settle(const EventBuilder& builder, std::string fault) {
    if (fault.empty()) {
      Accept(builder);
    } else {
      Reject(std::move(fault));
    }
  }

  EventDecodeResult& result() { return result_; }

 private:
  const std::function<void(const Event&)>& on_event_;
  const int max_errors_;
  EventDecodeResult result_;
};

std::string DescribeStart(std::string_view text, simdjson::error_code error) {
  switch (error) {
    case simdjson::UNCLOSED_STRING:
      return "not JSON: a string is not closed, or it is cut off";
    case simdjson::UNESCAPED_CHARS:
      return "not JSON: a control character inside of a string, or a string is not closed";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return EndsEarly(text) ? kTextAfterEvent : "not JSON: it is cut off";
    default:
      return fmt::format("not JSON: {}: {}", simdjson::error_message(error), Excerpt(text));
  }
}

}  // namespace

struct EventDecoder::Rep {
  Rep() {
#ifdef SIMDJSON_THREADS_ENABLED
    stream_parser.threaded = false;  // a chunk is one batch: nothing to do for a second thread
#endif
  }

  // Decodes `text` alone. Returns "" when `builder` holds its event, else the reason why not.
  std::string Alone(std::string_view text, const EventTimeRule& rule);

  // Decodes lines of `chunk` until something is odd. Returns where the first line begins that it did not settle.
  size_t FastLines(std::string_view chunk, const EventTimeRule& rule, Delivery& delivery);

  void DecodeLines(std::string_view body, const EventTimeRule& rule, Delivery& delivery);
  void DecodeArray(std::string_view array, const EventTimeRule& rule, Delivery& delivery);
  void DecodeAlone(std::string_view text, const EventTimeRule& rule, Delivery& delivery) {
    delivery.Settle(builder, Alone(text, rule));
  }

  EventBuilder builder;
  PaddedText padded;
  ondemand::parser stream_parser;  // its buffers fit a chunk
  ondemand::parser line_parser;    // grows with the longest event
};

std::string EventDecoder::Rep::Alone(std::string_view text, const EventTimeRule& rule) {
  text = TrimJson(text);
  if (text.size() > kMaxEventBytes) {
    return fmt::format("the event is {} bytes long (wanted at most {})", text.size(), kMaxEventBytes);
  }
  if (text.empty() || text.front() != '{') {
    return fmt::format("wanted an object, got {}", text.empty() ? "nothing" : Excerpt(text));
  }
  if (!simdjson::validate_utf8(text)) return "not JSON: not UTF-8";
  const std::string_view copy = padded.Set(text, "");
  ondemand::document document;
  ondemand::object object;
  simdjson::error_code error =
      line_parser.iterate(copy.data(), copy.size(), copy.size() + simdjson::SIMDJSON_PADDING).get(document);
  if (error == simdjson::SUCCESS) error = document.get_object().get(object);
  if (error != simdjson::SUCCESS) return DescribeStart(text, error);
  builder.Begin(rule);
  EventWalk walk(builder, EscapesIn(copy));
  if (!walk.Fields(object)) return walk.Problem();
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return kTextAfterEvent;
  }
  return builder.Finish();
}

size_t EventDecoder::Rep::FastLines(std::string_view chunk, const EventTimeRule& rule, Delivery& delivery) {
  if (!simdjson::validate_utf8(chunk)) return 0;
  const std::string_view copy = padded.Set(chunk, kSentinel);
  ondemand::document_stream stream;
  constexpr size_t kBatchBytes = kChunkBytes + kSentinel.size();  // always the same: then buffers are kept
  if (stream_parser.iterate_many(copy.data(), copy.size(), kBatchBytes).get(stream) != simdjson::SUCCESS) return 0;
  const EventWalk::Escapes escapes = EscapesIn(copy);
  Lines lines(copy);
  std::string_view line;
  lines.Next(line);
  for (auto at = stream.begin(); at != stream.end(); ++at) {
    const std::string_view this_line = line;
    const size_t this_begin = lines.begin();
    if (!lines.Next(line)) return chunk.size();  // `this_line` is the sentinel
    if (this_line.data() != copy.data() + at.current_index()) return this_begin;
    auto document = *at;
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return this_begin;
    builder.Begin(rule);
    if (!EventWalk(builder, escapes).Fields(object)) return this_begin;
    // The object ended within its line, and nothing follows it there, if the next token is where the next line begins.
    const auto next_token = document.current_location();
    if (next_token.error() != simdjson::SUCCESS || next_token.value_unsafe() != line.data()) return this_begin;
    delivery.Settle(builder, builder.Finish());
  }
  return std::min(lines.begin(), chunk.size());
}

void EventDecoder::Rep::DecodeLines(std::string_view body, const EventTimeRule& rule, Delivery& delivery) {
  while (!body.empty()) {
    const std::string_view chunk = TakeChunk(body);
    const bool fast = chunk.size() <= kChunkBytes && chunk.find('\n') != std::string_view::npos;
    Lines rest(chunk.substr(fast ? FastLines(chunk, rule, delivery) : 0));
    for (std::string_view line; rest.Next(line);) DecodeAlone(line, rule, delivery);
  }
}

void EventDecoder::Rep::DecodeArray(std::string_view array, const EventTimeRule& rule, Delivery& delivery) {
  ArrayElements elements(array);
  int64_t rejected = 0;
  for (std::string_view element; elements.Next(element);) {
    rejected = delivery.result().rejected;
    DecodeAlone(element, rule, delivery);
  }
  const bool last_was_refused = delivery.result().rejected > rejected;
  if (!elements.closed() && !last_was_refused) delivery.Reject("the array is cut off (wanted \"]\")");
}

EventDecoder::EventDecoder() : rep_(std::make_unique<Rep>()) {}

EventDecoder::~EventDecoder() = default;

EventDecodeResult EventDecoder::Decode(std::string_view body, EventBodyFormat format, const EventTimeRule& rule,
                                       const std::function<void(const Event&)>& on_event, int max_errors) {
  Delivery delivery(on_event, max_errors);
  body = TrimBody(body);
  if (body.empty()) return delivery.result();
  BodyLayout layout = BodyLayout::kLines;
  if (format == EventBodyFormat::kGuess) layout = GuessLayout(body);
  if (format == EventBodyFormat::kJson) layout = body.front() == '[' ? BodyLayout::kArray : BodyLayout::kObject;
  switch (layout) {
    case BodyLayout::kArray:
      rep_->DecodeArray(body, rule, delivery);
      break;
    case BodyLayout::kObject:
      rep_->DecodeAlone(body, rule, delivery);
      break;
    case BodyLayout::kLines:
    case BodyLayout::kEmpty:
      rep_->DecodeLines(body, rule, delivery);
      break;
  }
  return std::move(delivery.result());
}

std::string EventDecoder::DecodeLine(std::string_view line, const EventTimeRule& rule,
                                     const std::function<void(const Event&)>& on_event) {
  std::string fault = rep_->Alone(line, rule);
  if (fault.empty()) on_event(rep_->builder.event());
  return fault;
}

}  // namespace firebreak
