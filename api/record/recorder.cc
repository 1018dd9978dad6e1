#include "api/record/recorder.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "api/record/recording_directory.h"
#include "api/record/recording_session.h"
#include "fmt/format.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

using Kind = ControlLine::Kind;

// What was counted waits that long at most before it is written. Each round costs a wakeup, a write and a zstd block of
// its own, some 30 µs; so many thousand small batches a second come to a hundred rounds.
constexpr absl::Duration kRest = absl::Milliseconds(10);
constexpr absl::Duration kRetryAfter = absl::Seconds(5);
constexpr int64_t kWakeBytes = int64_t{1} << 20;     // when as much waits it is written without a rest
constexpr int64_t kReserveStep = int64_t{64} << 10;  // a batch takes room for its text in steps of this
constexpr int64_t kControlRoom = int64_t{1} << 20;   // how far control lines may go beyond what batches may

absl::Status CheckLimits(const RecorderOptions& options) {
  constexpr int64_t kLeastFileBytes = 4096;
  if (options.file_bytes < kLeastFileBytes) {
    return absl::InvalidArgumentError(
        fmt::format("--record-file-bytes {}: wanted at least {}", options.file_bytes, kLeastFileBytes));
  }
  if (options.max_bytes / 2 < options.file_bytes) {
    return absl::InvalidArgumentError(fmt::format("--record-max-bytes {}: wanted at least twice --record-file-bytes {}",
                                                  options.max_bytes, options.file_bytes));
  }
  if (options.file_age < absl::Seconds(1)) {
    return absl::InvalidArgumentError("--record-file-age: wanted at least 1s");
  }
  return absl::OkStatus();
}

}  // namespace

// How much text waits for the disk; shared by all who hold some.
class Recorder::Room {
 public:
  explicit Room(int64_t limit) : limit_(limit) {}

  // Takes room for `bytes`, or none. `beyond`: how far it may go over the limit.
  bool Take(int64_t bytes, int64_t beyond = 0) {
    if (waiting_.fetch_add(bytes) + bytes <= limit_ + beyond) return true;
    waiting_.fetch_sub(bytes);
    return false;
  }
  void GiveBack(int64_t bytes) { waiting_.fetch_sub(bytes); }
  int64_t waiting() const { return waiting_; }

  // `text` as a tag that gives back the room it was taken for.
  static BatchTag Own(std::shared_ptr<Room> room, std::string text) {
    const auto bytes = static_cast<int64_t>(text.size());
    return {new std::string(std::move(text)), [room = std::move(room), bytes](const std::string* owned) {
              room->GiveBack(bytes);
              delete owned;
            }};
  }

 private:
  const int64_t limit_;
  std::atomic<int64_t> waiting_ = 0;
};

// What the callers and the thread share.
struct Recorder::Rep {
  Rep(const RecorderOptions& options, std::unique_ptr<RecordingDirectory> directory, std::shared_ptr<const Clock> clock)
      : session(std::move(directory), {options.max_bytes, options.file_bytes, options.file_age}, std::move(clock)) {}

  void Enqueue(RecordingEntry entry);
  void Drop(const MissingEntries& missing);

  void Run();
  // Waits until there is something to do; false when the thread is to end at once.
  bool WaitForWork();
  bool HasWork() FIREBREAK_REQUIRES(mutex);
  bool HasEntries();
  std::vector<RecordingEntry> TakeEntries();
  absl::Status WriteRound();
  void CountRound(const absl::Status& status);
  // Whether the session was closed, or given up.
  bool EndIfStopping(const absl::Status& status);

  mutable Mutex mutex;
  CondVar wake;
  CondVar ended;
  std::vector<RecordingEntry> queue FIREBREAK_GUARDED_BY(mutex);
  int64_t queued_bytes FIREBREAK_GUARDED_BY(mutex) = 0;
  MissingEntries dropped FIREBREAK_GUARDED_BY(mutex);  // since the last entry of the queue
  bool stopping FIREBREAK_GUARDED_BY(mutex) = false;
  bool abandoned FIREBREAK_GUARDED_BY(mutex) = false;
  bool finished FIREBREAK_GUARDED_BY(mutex) = false;
  RecorderStats stats FIREBREAK_GUARDED_BY(mutex);
  MissingEntries lost FIREBREAK_GUARDED_BY(mutex);  // to a failing disk

  // The thread's own.
  RecordingSession session;
  const RealClock steady;  // rounds go by real time, whatever clock the files go by
  absl::Time next_round = steady.Now();
  bool failing = false;
};

void Recorder::Rep::Drop(const MissingEntries& missing) {
  MutexLock lock(mutex);
  if (stopping) return;
  dropped += missing;
  stats.dropped_batches += missing.batches;
  stats.dropped_events += missing.events;
}

void Recorder::Rep::Enqueue(RecordingEntry entry) {
  MutexLock lock(mutex);
  if (stopping) return;
  const bool was_empty = queue.empty();
  if (!dropped.none()) {
    queue.push_back({std::make_shared<const std::string>(GapLine(std::exchange(dropped, {}))), {}, nullptr});
  }
  stats.batches += entry.holds.batches;
  stats.events += entry.holds.events;
  if (entry.text != nullptr) queued_bytes += static_cast<int64_t>(entry.text->size());
  queue.push_back(std::move(entry));
  if (was_empty || queued_bytes >= kWakeBytes) wake.NotifyOne();
}

bool Recorder::Rep::HasWork() { return failing || !queue.empty(); }

bool Recorder::Rep::WaitForWork() {
  MutexLock lock(mutex);
  while (!stopping && !HasWork()) wake.Wait(mutex);
  while (!stopping && (failing || queued_bytes < kWakeBytes)) {
    const absl::Duration rest = next_round - steady.Now();
    if (rest <= absl::ZeroDuration()) break;
    wake.WaitFor(mutex, rest);
  }
  return !abandoned;
}

bool Recorder::Rep::HasEntries() {
  MutexLock lock(mutex);
  return !queue.empty();
}

std::vector<RecordingEntry> Recorder::Rep::TakeEntries() {
  MutexLock lock(mutex);
  queued_bytes = 0;
  return std::exchange(queue, {});
}

absl::Status Recorder::Rep::WriteRound() {
  if (!HasEntries()) return session.Flush();
  // Nothing is taken from the queue before there is a file for it.
  absl::Status status = session.Open();
  if (!status.ok()) return status;
  for (RecordingEntry& entry : TakeEntries()) {
    if (status.ok()) {
      status = session.Write(entry);
    } else {
      session.Skip(entry);
    }
    entry.text.reset();  // gives its room back
  }
  status.Update(session.Flush());
  return status;
}

void Recorder::Rep::CountRound(const absl::Status& status) {
  failing = !status.ok();
  next_round = steady.Now() + (failing ? kRetryAfter : kRest);
  MutexLock lock(mutex);
  const RecordingSession::Totals& totals = session.totals();
  stats.files = totals.files;
  stats.bytes = totals.bytes;
  lost = totals.lost;
  stats.error = std::string(status.message());
  if (failing) ++stats.errors;
}

bool Recorder::Rep::EndIfStopping(const absl::Status& status) {
  {
    MutexLock lock(mutex);
    if (!stopping) return false;
    if (status.ok() && !queue.empty()) return false;
  }
  CountRound(status.ok() ? session.Close() : status);
  return true;
}

void Recorder::Rep::Run() {
  while (WaitForWork()) {
    const absl::Status status = WriteRound();
    CountRound(status);
    if (EndIfStopping(status)) break;
  }
  MutexLock lock(mutex);
  finished = true;
  ended.NotifyAll();
}

absl::StatusOr<std::unique_ptr<Recorder>> Recorder::Open(RecorderOptions options, std::shared_ptr<const Clock> clock) {
  const absl::Status limits = CheckLimits(options);
  if (!limits.ok()) return limits;
  absl::StatusOr<std::unique_ptr<RecordingDirectory>> directory = RecordingDirectory::Open(options.directory);
  if (!directory.ok()) return directory.status();
  auto rep = std::make_shared<Rep>(options, *std::move(directory), clock);
  return std::unique_ptr<Recorder>(new Recorder(std::move(rep), options, std::move(clock)));
}

Recorder::Recorder(std::shared_ptr<Rep> rep, const RecorderOptions& options, std::shared_ptr<const Clock> clock)
    : rep_(std::move(rep)),
      room_(std::make_shared<Room>(options.waiting_bytes)),
      clock_(std::move(clock)),
      batches_(options.batches) {
  context_.version = options.version;
  thread_ = std::thread([rep = rep_] { rep->Run(); });
}

Recorder::~Recorder() { Stop(absl::Seconds(5)); }

void Recorder::Control(const ControlLine& line, const MissingEntries& holds) {
  std::string text = ControlLineText(line);
  if (room_->Take(static_cast<int64_t>(text.size()), kControlRoom)) {
    rep_->Enqueue({Room::Own(room_, std::move(text)), holds, nullptr});
  } else {
    rep_->Drop(holds);
  }
}

void Recorder::OnStart(absl::Time at, std::shared_ptr<const RuleSet> rules, std::optional<absl::Time> resumed) {
  context_.kind = Kind::kStart;
  context_.at = at;
  context_.session = at;
  context_.evaluation_interval = rules->config.evaluation_interval;
  context_.resumed = resumed;
  context_.fingerprint = FingerprintOf(rules->config);
  context_.counted_batches = batches_;
  rep_->Enqueue({nullptr, {}, std::make_shared<const ControlLine>(context_)});
}

void Recorder::OnApplied(const BatchTag& tag, int64_t events) {
  ++batches_;
  const MissingEntries holds{.batches = 1, .events = events};
  if (tag == nullptr) {
    rep_->Drop(holds);
  } else {
    rep_->Enqueue({tag, holds, nullptr});
  }
}

void Recorder::OnTick(absl::Time at, Ingest ingest) {
  ControlLine line;
  line.kind = Kind::kTick;
  line.at = at;
  line.refusing = ingest == Ingest::kRefusing;
  line.counted_batches = batches_;
  Control(line, {.ticks = 1});
}

void Recorder::OnSignOfLife(Source source, absl::Time at) {
  ControlLine line;
  line.kind = Kind::kHeartbeat;
  line.at = at;
  line.source = source;
  Control(line, {.heartbeats = 1});
}

void Recorder::OnReload(absl::Time at, std::shared_ptr<const RuleSet> rules) {
  ControlLine line;
  line.kind = Kind::kReload;
  line.at = at;
  line.fingerprint = context_.fingerprint = FingerprintOf(rules->config);
  ChangeContext(line);
}

void Recorder::OnMaintenance(absl::Time at, MaintenanceListPtr windows) {
  ControlLine line;
  line.kind = Kind::kMaintenance;
  line.at = at;
  line.maintenance = context_.maintenance = windows->windows();
  ChangeContext(line);
}

void Recorder::ChangeContext(const ControlLine& line) {
  context_.kind = Kind::kContinue;
  auto text = std::make_shared<const std::string>(ControlLineText(line));
  rep_->Enqueue({std::move(text), {}, std::make_shared<const ControlLine>(context_)});
}

RecorderStats Recorder::stats() const {
  MutexLock lock(rep_->mutex);
  RecorderStats stats = rep_->stats;
  stats.dropped_batches += rep_->lost.batches;
  stats.dropped_events += rep_->lost.events;
  stats.waiting_bytes = room_->waiting();
  return stats;
}

void Recorder::Stop(absl::Duration deadline) {
  if (!thread_.joinable()) return;
  if (context_.kind != Kind::kUnknown) {
    ControlLine line;
    line.kind = Kind::kEnd;
    line.at = clock_->Now();
    Control(line, {});
  }
  bool finished = false;
  {
    MutexLock lock(rep_->mutex);
    rep_->stopping = true;
    rep_->wake.NotifyOne();
    const RealClock steady;
    const absl::Time give_up = steady.Now() + deadline;
    while (!rep_->finished && steady.Now() < give_up) rep_->ended.WaitFor(rep_->mutex, give_up - steady.Now());
    finished = rep_->finished;
    rep_->abandoned = !finished;
  }
  if (finished) {
    thread_.join();
  } else {
    thread_.detach();  // a disk that hangs holds it, and what it needs is its own
  }
}

BatchRecording::BatchRecording(const Recorder* recorder, absl::Time arrived)
    : room_(recorder == nullptr ? nullptr : recorder->room_), arrived_(arrived) {}

BatchRecording::~BatchRecording() {
  if (room_ != nullptr) GiveUp();
}

void BatchRecording::GiveUp() {
  room_->GiveBack(std::exchange(reserved_, 0));
  room_.reset();
  text_ = {};
}

void BatchRecording::Add(const Event& event) {
  if (room_ == nullptr) return;
  writer_.Append(event, text_);
  ++events_;
  const int64_t missing = static_cast<int64_t>(text_.size()) - reserved_;
  if (missing <= 0) return;
  const int64_t step = std::max(missing, kReserveStep);
  if (!room_->Take(step)) return GiveUp();
  reserved_ += step;
}

BatchTag BatchRecording::Take() {
  if (room_ == nullptr) return nullptr;
  ControlLine head;
  head.kind = Kind::kBatch;
  head.at = arrived_;
  head.events = events_;
  text_.insert(0, ControlLineText(head));
  const int64_t missing = static_cast<int64_t>(text_.size()) - reserved_;
  if (missing > 0 && !room_->Take(missing)) {
    GiveUp();
    return nullptr;
  }
  if (missing < 0) room_->GiveBack(-missing);
  reserved_ = 0;
  return Recorder::Room::Own(std::exchange(room_, nullptr), std::exchange(text_, {}));
}

}  // namespace firebreak
