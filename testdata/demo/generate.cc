// Writes the demo's recording: NDJSON events of the source article's 18 endpoints, in order of time, the same bytes at
// every run. testdata/README.md tells its story; recording_test.cc holds it to that.
//
// One line stands for `count` equal requests, or the file would have 250 million lines. Four weeks of coarse history
// give the error budget something to be a share of; the last hours are fine enough for 5-minute windows.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "testdata/demo/story.h"

namespace firebreak {
namespace {

constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

struct Endpoint {
  std::string_view path;
  double requests_per_second;
  double median_ms;
  double share_failing_in_outage;
  bool probed;
};

struct TierTraffic {
  std::vector<Endpoint> endpoints;
  double limit_ms;           // the tier's p95_ms
  double error_floor;        // share of requests that fail on any day
  int64_t fine_interval_ms;  // between two lines of an endpoint in the fine part
};

const std::array<TierTraffic, 3>& Traffic() {
  static const std::array<TierTraffic, 3> traffic = {{
      {{{"/userid/", 18, 240, 0.68, true},
        {"/userinfo-by-username/", 15, 310, 0.68, true},
        {"/userinfo-by-id/", 7, 300, 0, false},
        {"/post-detail/", 9, 350, 0, false},
        {"/download-video/", 8, 480, 0.68, false},
        {"/download-music/", 3, 430, 0, false}},
       1200,
       0.00015,
       30 * kSecond},
      {{{"/search-video/", 9, 900, 0, true},
        {"/search-user/", 5, 760, 0, false},
        {"/search-challenge/", 1.5, 820, 0, false},
        {"/user-posts/", 5, 700, 0, false},
        {"/post-comments/", 3.5, 640, 0, false},
        {"/post-comment-replies/", 1, 600, 0, false}},
       2500,
       0.0005,
       kMinute},
      {{{"/user-followers/", 4, 1800, 0, false},
        {"/user-following/", 3, 1700, 0, false},
        {"/challenge-posts/", 2, 2100, 0, false},
        {"/music-posts/", 1.5, 1900, 0, false},
        {"/playlist-posts/", 1, 1600, 0, false},
        {"/collection-posts/", 0.5, 1500, 0, false}},
       6000,
       0.001,
       kMinute},
  }};
  return traffic;
}

// The standard's engine is the same everywhere, its distributions are not: these are ours.
class Random {
 public:
  double Uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  int64_t Below(int64_t bound) { return static_cast<int64_t>(Uniform() * static_cast<double>(bound)); }
  double Normal() { return std::sqrt(-2 * std::log(1 - Uniform())) * std::cos(6.283185307179586 * Uniform()); }

  // A whole number around `mean`: Poisson's, or near enough to it for a large mean.
  int64_t Count(double mean) {
    if (mean > 30) return std::max<int64_t>(0, std::llround(mean + std::sqrt(mean) * Normal()));
    int64_t count = 0;
    for (double product = Uniform(); product > std::exp(-mean); product *= Uniform()) ++count;
    return count;
  }

 private:
  std::mt19937_64 engine_{20260529};
};

struct Line {
  int64_t time_ms;
  std::string text;
};

class Recorder {
 public:
  void Record() {
    for (const TierTraffic& tier : Traffic()) {
      RecordHistory(tier);
      for (const Endpoint& endpoint : tier.endpoints) RecordFine(tier, endpoint);
    }
    std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) { return a.time_ms < b.time_ms; });
  }

  void Print() const {
    for (const Line& line : lines_) std::printf("%s\n", line.text.c_str());
  }

 private:
  // Busiest in the evening, quiet at night.
  static double DailyShape(int64_t time_ms) {
    double hour = static_cast<double>(time_ms % kDay) / kHour;
    return 1 + 0.3 * std::cos((hour - 18) / 24 * 6.283185307179586);
  }

  static bool InOutage(int64_t time_ms) { return time_ms >= kDemoOutageBeginMs && time_ms < kDemoOutageEndMs; }

  // To two significant digits: what compresses well makes a small program.
  static int64_t Rounded(double value) {
    double unit = 1;
    while (value / unit >= 100) unit *= 10;
    return std::llround(std::llround(value / unit) * unit);
  }

  // `what` is the part of the line that says how the requests ended.
  void Add(int64_t time_ms, std::string_view path, std::string_view what, double latency_ms, int64_t count,
           std::string_view more = "") {
    if (count == 0) return;
    std::string text = "{\"ts\":" + std::to_string(time_ms) + ",\"endpoint\":\"" + std::string(path) + "\"," +
                       std::string(what) + ",\"latency_ms\":" + std::to_string(Rounded(latency_ms));
    if (count > 1) text += ",\"count\":" + std::to_string(Rounded(count));
    lines_.push_back({time_ms, text + std::string(more) + "}"});
  }

  // Log-normal, cut off at the limit: the slow ones are added one by one (AddSlow), not in heaps.
  double Latency(const TierTraffic& tier, const Endpoint& endpoint) {
    return std::min(endpoint.median_ms * std::exp(0.3 * random_.Normal()), 0.95 * tier.limit_ms);
  }

  void AddSlow(const TierTraffic& tier, const Endpoint& endpoint, int64_t time_ms, double requests) {
    Add(time_ms, endpoint.path, "\"status\":200", tier.limit_ms * (1.05 + 0.8 * random_.Uniform()),
        random_.Count(requests * 0.006));
  }

  // What fails on any day.
  void AddFloor(const TierTraffic& tier, const Endpoint& endpoint, int64_t time_ms, double requests) {
    static constexpr std::array<std::string_view, 8> kEnds = {
        "\"status\":503",          "\"status\":503",
        "\"status\":502",          "\"status\":500",
        "\"status\":503",          "\"outcome\":\"timeout\"",
        "\"outcome\":\"timeout\"", "\"status\":200,\"outcome\":\"shape_mismatch\""};
    Add(time_ms, endpoint.path, kEnds[random_.Below(kEnds.size())], 2 * endpoint.median_ms,
        random_.Count(requests * tier.error_floor));
  }

  void AddClientErrors(const Endpoint& endpoint, int64_t time_ms, double requests) {
    bool not_found = random_.Uniform() < 0.8;
    Add(time_ms, endpoint.path, not_found ? "\"status\":404" : "\"status\":400", 0.4 * endpoint.median_ms,
        random_.Count(requests * 0.012));
  }

  // The weeks before: one line for all the tier's requests of 280 s (below source_lost_after, or silence would be
  // seen), on one endpoint after the other, each therefore with its share of time instead of its share of requests.
  void RecordHistory(const TierTraffic& tier) {
    constexpr int64_t kStep = 280 * kSecond;
    double rate = 0;
    for (const Endpoint& endpoint : tier.endpoints) rate += endpoint.requests_per_second;
    int64_t step = 0;
    for (int64_t at = kDemoBeginMs; at < kDemoFineBeginMs; at += kStep, ++step) {
      const Endpoint& endpoint = tier.endpoints[step % tier.endpoints.size()];
      double requests = rate * DailyShape(at) * kStep / kSecond;
      Add(at, endpoint.path, "\"status\":200", Latency(tier, endpoint), random_.Count(requests));
      if (step % 13 == 0) AddFloor(tier, endpoint, at + kSecond, 13 * requests);
      if (step % 25 == 7) AddSlow(tier, endpoint, at + kSecond, 25 * requests);
    }
  }

  void RecordFine(const TierTraffic& tier, const Endpoint& endpoint) {
    int64_t at = kDemoFineBeginMs;
    int64_t step = 0;
    while (at < kDemoEndMs) {
      bool outage = endpoint.share_failing_in_outage > 0 && InOutage(at);
      int64_t interval = outage ? 10 * kSecond : tier.fine_interval_ms;
      double requests = endpoint.requests_per_second * DailyShape(at) * interval / kSecond;
      int64_t when = at + kSecond * random_.Below(interval / kSecond);
      outage ? RecordOutage(tier, endpoint, when, requests) : RecordQuiet(tier, endpoint, when, requests, step);
      if (endpoint.probed && at % kMinute == 0) RecordProbe(tier, endpoint, when);
      at += interval;
      ++step;
    }
  }

  void RecordQuiet(const TierTraffic& tier, const Endpoint& endpoint, int64_t when, double requests, int64_t step) {
    Add(when, endpoint.path, "\"status\":200", Latency(tier, endpoint), random_.Count(requests));
    AddFloor(tier, endpoint, when, requests);
    if (step % 3 == 0) AddSlow(tier, endpoint, when, 3 * requests);
    if (step % 4 == 1) AddClientErrors(endpoint, when, 4 * requests);
  }

  // Two thirds of the failing requests are refused at once, one third hangs until the caller's 10 s are over; what
  // still works is slower. Callers retry, in vain.
  void RecordOutage(const TierTraffic& tier, const Endpoint& endpoint, int64_t when, double requests) {
    double failing = endpoint.share_failing_in_outage * requests;
    Add(when, endpoint.path, "\"status\":200", std::min(2 * Latency(tier, endpoint), 0.95 * tier.limit_ms),
        random_.Count(0.85 * (requests - failing)));
    Add(when, endpoint.path, "\"status\":200", 1.5 * tier.limit_ms, random_.Count(0.15 * (requests - failing)));
    Add(when, endpoint.path, "\"status\":503", 90 + 40 * random_.Uniform(), random_.Count(failing * 2 / 3),
        ",\"retries\":1");
    Add(when, endpoint.path, "\"outcome\":\"timeout\"", 10000, random_.Count(failing / 3));
  }

  // The article's synthetic probe, once a minute.
  void RecordProbe(const TierTraffic& tier, const Endpoint& endpoint, int64_t when) {
    bool fails = InOutage(when) && random_.Uniform() < endpoint.share_failing_in_outage;
    Add(when, endpoint.path, fails ? "\"status\":503" : "\"status\":200", Latency(tier, endpoint), 1,
        ",\"source\":\"synthetic\"");
  }

  Random random_;
  std::vector<Line> lines_;
};

}  // namespace
}  // namespace firebreak

int main() {
  firebreak::Recorder recorder;
  recorder.Record();
  recorder.Print();
  return 0;
}
