#include "api/notify/retry.h"

#include <algorithm>
#include <charconv>

#include "fmt/format.h"

namespace firebreak {
namespace {

constexpr double kBackoffFactor = 1.5;
constexpr absl::Duration kMaxBackoff = absl::Seconds(60);
constexpr absl::Duration kMaxRetryAfter = absl::Minutes(5);

bool IsRedirect(int status) { return status >= 300 && status < 400; }

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool IsSuccess(int status) { return status >= 200 && status < 300; }

bool IsTaken(const HttpAnswer& answer, Taken taken) {
  switch (taken) {
    case Taken::kWith2xx:
      return IsSuccess(*answer.status);
    case Taken::kWith202:
      return answer.status == 202;
    case Taken::kWithOk:
      return answer.status == 200 && Trim(answer.body) == "ok";
  }
  return false;
}

std::string_view Wanted(Taken taken) {
  return taken == Taken::kWithOk ? R"(wanted 200 with the body "ok")" : "wanted 202 Accepted";
}

bool IsWorthRetrying(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

std::optional<absl::Duration> ReadSeconds(std::string_view text) {
  const bool digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return std::nullopt;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc() ? absl::Seconds(seconds) : absl::InfiniteDuration();
}

std::optional<absl::Duration> ReadDate(std::string_view text, absl::Time now) {
  // The form that RFC 9110 tells senders to use; the two obsolete ones are not read.
  constexpr const char* kImfFixdate = "%a, %d %b %Y %H:%M:%S GMT";
  absl::Time when;
  std::string error;
  if (!absl::ParseTime(kImfFixdate, absl::string_view(text.data(), text.size()), &when, &error)) return std::nullopt;
  return when - now;
}

}  // namespace

Verdict Classify(const HttpAnswer& answer, Taken taken) {
  if (!answer.status) return Verdict::kRetry;
  if (IsTaken(answer, taken)) return Verdict::kDelivered;
  return IsWorthRetrying(*answer.status) ? Verdict::kRetry : Verdict::kPark;
}

bool MayHaveBeenTaken(const HttpAnswer& answer) {
  if (answer.status) return *answer.status == 502 || *answer.status == 504;
  return answer.failure == HttpFailure::kTimeout || answer.failure == HttpFailure::kBroken ||
         answer.failure == HttpFailure::kCancelled;
}

std::string_view ResultName(const HttpAnswer& answer, Taken taken) {
  if (!answer.status) {
    if (answer.failure == HttpFailure::kTimeout) return "timeout";
    return answer.failure == HttpFailure::kCancelled ? "cancelled" : "network";
  }
  switch (Classify(answer, taken)) {
    case Verdict::kDelivered:
      return "ok";
    case Verdict::kRetry:
      return "retry";
    case Verdict::kPark:
      return "parked";
  }
  return "";
}

std::string DescribeAnswer(const HttpAnswer& answer, Taken taken) {
  if (!answer.status) return answer.error;
  const std::string text = StatusText(*answer.status);
  if (IsSuccess(*answer.status) && !IsTaken(answer, taken)) return fmt::format("{}, {}", text, Wanted(taken));
  return IsRedirect(*answer.status) ? text + ": redirects are not followed" : text;
}

absl::Duration Backoff(int failures, absl::Duration first, double random) {
  absl::Duration wait = first;
  for (int i = 1; i < failures && wait < kMaxBackoff; ++i) wait *= kBackoffFactor;
  return std::min(wait, kMaxBackoff) * (0.5 + random / 2);
}

std::optional<absl::Duration> RetryAfter(std::string_view header, absl::Time now) {
  const std::string_view text = Trim(header);
  std::optional<absl::Duration> wait = ReadSeconds(text);
  if (!wait) wait = ReadDate(text, now);
  if (!wait) return std::nullopt;
  return std::clamp(*wait, absl::ZeroDuration(), kMaxRetryAfter);
}

std::optional<absl::Duration> HoldBack(const HttpAnswer& answer, absl::Time now) {
  const bool honoured = answer.status && (*answer.status == 429 || *answer.status == 503);
  return honoured ? RetryAfter(answer.retry_after, now) : std::nullopt;
}

}  // namespace firebreak
