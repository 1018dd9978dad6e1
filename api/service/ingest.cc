#include "api/service/ingest.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "api/codec/event_json.h"
#include "api/service/batch_key.h"
#include "engine/folder.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

constexpr int kErrorsShown = 20;
// What one body may hold, so that a small gzip body of nothing but brackets cannot keep an I/O thread for a second.
constexpr int64_t kMaxEventsInBody = 500'000;

// What a batch came to so far; the engine adds what was late.
struct IngestResult {
  EventDecodeResult decoded;
  SubmitResult applied;
};

bool IsNdjson(std::string_view type) {
  constexpr std::array<std::string_view, 4> kNdjson = {"application/x-ndjson", "application/ndjson",
                                                       "application/jsonl", "application/x-jsonlines"};
  return std::find(kNdjson.begin(), kNdjson.end(), type) != kNdjson.end();
}

// Types under which JSON comes in practice; curl -d says it is a form.
bool IsLookedAt(std::string_view type) {
  constexpr std::array<std::string_view, 5> kLookedAt = {
      "", "application/json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"};
  return std::find(kLookedAt.begin(), kLookedAt.end(), type) != kLookedAt.end();
}

// No fewer than the events in the body: each needs a line or a bracket of its own.
int64_t MostEventsIn(std::string_view body) {
  return 1 + std::max(std::count(body.begin(), body.end(), '\n'), std::count(body.begin(), body.end(), '{'));
}

using Json = nlohmann::ordered_json;

HttpResponse JsonAnswer(int status, const Json& body) {
  HttpResponse response;
  response.status = status;
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return response;
}

HttpResponse CountedAnswer(const IngestResult& result) {
  const int64_t late = result.applied.late;
  const int64_t overflow = result.applied.overflow;
  const int64_t accepted = result.decoded.decoded - late - overflow;
  Json errors = Json::array();
  for (const EventError& error : result.decoded.errors) {
    errors.push_back({{"index", error.index}, {"reason", error.reason}});
  }
  if (overflow > 0) errors.push_back({{"index", nullptr}, {"reason", "a counter is full (2^40 requests in its span)"}});
  return JsonAnswer(accepted + late > 0 ? 200 : 400, {{"accepted", accepted},
                                                      {"rejected", result.decoded.rejected + overflow},
                                                      {"late", late},
                                                      {"errors", std::move(errors)}});
}

HttpResponse DuplicateAnswer(const BatchCounts& original) {
  return JsonAnswer(200, {{"accepted", original.accepted},
                          {"rejected", original.rejected},
                          {"late", original.late},
                          {"errors", Json::array()},
                          {"duplicate", true}});
}

HttpResponse ComeAgain(std::string_view why) {
  HttpResponse response = HttpError(503, fmt::format("{}: send it again", why));
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

void Count(const IngestResult& result, IngestCounters& counters) {
  const SubmitResult& applied = result.applied;
  counters.batches += 1;
  counters.accepted += result.decoded.decoded - applied.late - applied.overflow;
  counters.rejected += result.decoded.rejected + applied.overflow;
  counters.late += applied.late;
  counters.unknown_fields += result.decoded.unknown_fields;
}

// The answer to a batch that the engine is done with.
HttpResponse Conclude(const IngestResult& result, IngestCounters& counters) {
  switch (result.applied.verdict) {
    case Committer::Verdict::kCommitted:
      Count(result, counters);
      return CountedAnswer(result);
    case Committer::Verdict::kDuplicate:
      counters.duplicate_batches += 1;
      return DuplicateAnswer(result.applied.original);
    case Committer::Verdict::kKeyReused:
      counters.reused_keys += 1;
      return HttpError(422, "this Idempotency-Key was used for another body: nothing was counted");
    case Committer::Verdict::kFailed:
      break;
  }
  counters.refused_batches += 1;
  return ComeAgain("the batch could not be stored, nothing of it is counted");
}

EventDecodeResult Decode(const HttpRequest& request, absl::Time now, Folder& folder, BatchRecording& recording) {
  thread_local EventDecoder decoder;
  EventTimeRule rule;
  rule.now = now;
  rule.latest = now + kMaxAhead;
  const EventBodyFormat format = IsNdjson(request.content_type) ? EventBodyFormat::kNdjson : EventBodyFormat::kGuess;
  const auto take = [&](const Event& event) {
    folder.Add(event);
    recording.Add(event);
  };
  EventDecodeResult decoded = decoder.Decode(request.body, format, rule, take, kErrorsShown);
  if (decoded.decoded + decoded.rejected == 0) {
    decoded.rejected = 0;
    decoded.errors.push_back({0, "the body is empty: wanted a JSON object, an array of them, or one on each line"});
  }
  return decoded;
}

}  // namespace

void IngestHandler::Handle(const HttpRequest& request, HttpResponder respond) {
  if (!IsNdjson(request.content_type) && !IsLookedAt(request.content_type)) {
    respond(HttpError(415, fmt::format("content type {}: wanted application/json or application/x-ndjson",
                                       request.content_type.substr(0, 64))));
    return;
  }
  if (MostEventsIn(request.body) > kMaxEventsInBody) {
    respond(
        HttpError(413, fmt::format("more than {} lines or objects in one body: send it in parts", kMaxEventsInBody)));
    return;
  }
  const absl::StatusOr<std::optional<BatchKey>> key = ReadBatchKey(request);
  if (!key.ok()) {
    respond(HttpError(400, std::string(key.status().message())));
    return;
  }
  const absl::Time now = clock_.Now();
  Folder folder(engine_.rules());
  BatchRecording recording(recorder_, now);
  auto result = std::make_shared<IngestResult>();
  result->decoded = Decode(request, now, folder, recording);
  if (result->decoded.decoded == 0) {
    Count(*result, *counters_);
    respond(CountedAnswer(*result));
    return;
  }
  FoldedBatch batch = folder.Take();
  batch.tag = recording.Take();
  const bool queued = engine_.Submit(std::move(batch), {.key = *key, .rejected = result->decoded.rejected},
                                     [result, respond, counters = counters_](const SubmitResult& applied) {
                                       result->applied = applied;
                                       respond(Conclude(*result, *counters));
                                     });
  if (queued) return;
  counters_->refused_batches += 1;
  respond(ComeAgain("more is waiting than can be counted now"));
}

}  // namespace firebreak
