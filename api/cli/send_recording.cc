#include "api/cli/send_recording.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "api/cli/config_file.h"
#include "api/cli/progress.h"
#include "api/notify/http_client.h"
#include "engine/clock.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace firebreak {
namespace {

constexpr absl::Duration kFlushEvery = absl::Milliseconds(200);
constexpr size_t kBatchBytes = 1 << 20;
constexpr int kTries = 8;
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(500);

std::string EventLine(const Event& event, absl::Time due) {
  nlohmann::ordered_json json = {{"ts", absl::ToUnixMillis(due)}, {"endpoint", event.endpoint}};
  if (event.status) json["status"] = *event.status;
  if (!event.outcome.empty()) json["outcome"] = event.outcome;
  if (event.latency) json["latency_ms"] = absl::ToDoubleMilliseconds(*event.latency);
  if (event.source != Source::kRum) json["source"] = SourceName(event.source);
  if (!event.region.empty()) json["region"] = event.region;
  if (event.retries > 0) json["retries"] = event.retries;
  if (event.count > 1) json["count"] = event.count;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// Gathers lines and posts them; a fault ends it.
class Sender {
 public:
  Sender(Url url, std::string token) : url_(std::move(url)), token_(std::move(token)), client_(HttpLimits()) {}

  void Add(const std::string& line) {
    batch_ += line;
    if (batch_.size() >= kBatchBytes) Flush();
  }

  void Flush() {
    absl::Duration backoff = kFirstBackoff;
    for (int attempt = 1; status_.ok() && !batch_.empty(); ++attempt) {
      const HttpAnswer answer = Post();
      if (answer.status == 200 || answer.status == 400) {
        if (Tally(answer.body)) batch_.clear();
      } else if (answer.status && *answer.status < 500 && *answer.status != 429) {
        status_ = absl::InvalidArgumentError(fmt::format("the server answered {} {}", *answer.status, answer.body));
      } else if (attempt == kTries) {
        status_ = absl::UnavailableError(answer.status ? fmt::format("the server answers {}", *answer.status)
                                                       : "cannot reach the server: " + answer.error);
      } else {
        fmt::print(stderr, "{}: trying again in {:g} s\n",
                   answer.status ? fmt::format("the server answers {}", *answer.status)
                                 : "cannot reach the server: " + answer.error,
                   absl::ToDoubleSeconds(backoff));
        absl::SleepFor(backoff);
        backoff *= 2;
      }
    }
  }

  const absl::Status& status() const { return status_; }
  // What the server said of the events, all batches together.
  std::string AnswersText() const {
    return fmt::format("the server accepted {}, rejected {}, found {} too old", accepted_, rejected_, late_);
  }

 private:
  // Adds up what a batch came to; false, with a fault, for an answer that is not Firebreak's.
  bool Tally(const std::string& body) {
    const nlohmann::json json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object() || !json.contains("accepted")) {
      status_ = absl::InvalidArgumentError(fmt::format("the server answered {}", body.substr(0, 200)));
      return false;
    }
    accepted_ += json.value("accepted", int64_t{0});
    rejected_ += json.value("rejected", int64_t{0});
    late_ += json.value("late", int64_t{0});
    return true;
  }

  HttpAnswer Post() {
    std::vector<std::pair<std::string, std::string>> headers = {{"Content-Type", "application/x-ndjson"}};
    if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_);
    return client_.Post({url_, std::move(headers), batch_});
  }

  const Url url_;
  const std::string token_;
  HttpClient client_;
  std::string batch_;
  int64_t accepted_ = 0;
  int64_t rejected_ = 0;
  int64_t late_ = 0;
  absl::Status status_;
};

// When each event is due: the first now, the others at their recorded distance from it.
class Pace {
 public:
  explicit Pace(double speed) : speed_(speed) {}

  absl::Time Due(absl::Time recorded) {
    if (!first_) {
      first_ = recorded;
      begin_ = clock_.Now();
    }
    return begin_ + (recorded - *first_) / speed_;
  }
  absl::Duration Until(absl::Time due) const { return clock_.RealUntil(due); }

 private:
  const double speed_;
  RealClock clock_;
  std::optional<absl::Time> first_;
  absl::Time begin_;
};

void WaitUntil(const Pace& pace, absl::Time due, Sender& sender) {
  while (pace.Until(due) > absl::ZeroDuration() && sender.status().ok()) {
    sender.Flush();
    absl::SleepFor(std::min(pace.Until(due), kFlushEvery));
  }
}

}  // namespace

absl::Status SendRecordings(std::vector<std::unique_ptr<Recording>>& recordings, const SendOptions& options) {
  absl::StatusOr<Url> url = ParseUrl(options.server);
  if (!url.ok()) return absl::InvalidArgumentError(fmt::format("--to: {}", std::string(url.status().message())));
  url->path = "/v1/events";
  absl::StatusOr<std::string> token = ReadSecret({options.token_file, ""}, "");
  if (!token.ok()) return token.status();

  Progress progress("sending");
  Sender sender(*std::move(url), *std::move(token));
  Pace pace(options.speed);
  int64_t sent = 0;
  int64_t rejected = 0;
  absl::Status read;
  std::string notes;
  for (std::unique_ptr<Recording>& recording : recordings) {
    Recording::Callbacks callbacks;
    callbacks.on_event = [&](const Event& event, int64_t) {
      if (!sender.status().ok()) return;
      const absl::Time due = pace.Due(event.time);
      WaitUntil(pace, due, sender);
      sender.Add(EventLine(event, due));
      ++sent;
    };
    callbacks.on_reject = [&](int64_t, std::string_view) { ++rejected; };
    callbacks.on_progress = [&](int64_t done, int64_t total) { progress.Update(done, total); };
    const absl::Status end = recording->Read(callbacks);
    if (recording->of_serve() && recording->cut_off()) {
      notes += fmt::format("note: {}, used up to there\n", std::string(end.message()));
    } else {
      read.Update(end);
    }
  }
  sender.Flush();
  progress.Clear();
  fmt::print(stderr, "{}", notes);
  fmt::print(stderr, "sent {} events, {} lines could not be read; {}\n", sent, rejected, sender.AnswersText());
  read.Update(sender.status());
  return read;
}

}  // namespace firebreak
