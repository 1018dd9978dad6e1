#include "api/record/recording_follower.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Kind = ControlLine::Kind;

constexpr int64_t kMostBatches = int64_t{1} << 60;  // whatever a file says

std::string TimeShown(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

EventTimeRule RecordedTimes() {
  EventTimeRule rule;
  rule.missing = EventTimeRule::Missing::kIsError;
  rule.latest = absl::InfiniteFuture();
  return rule;
}

absl::Status NoHead() { return absl::FailedPreconditionError("does not begin as a recording does"); }

std::string OrNotThere(const std::string& value) { return value.empty() ? "not there" : value; }

std::string Counted(int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : (what.ends_with("ch") ? "es" : "s"));
}

}  // namespace

bool BeginsRecording(std::string_view first_line) {
  if (!IsControlLine(first_line)) return false;
  const absl::StatusOr<ControlLine> line = ParseControlLine(first_line);
  if (!line.ok()) return line.status().code() == absl::StatusCode::kFailedPrecondition;  // of a newer version
  return line->kind == Kind::kStart || line->kind == Kind::kContinue;
}

RecordingFollower::RecordingFollower(const Config& config, RecordedReplay& replay)
    : config_(config), fingerprint_(FingerprintOf(config)), replay_(replay) {}

void RecordingFollower::Note(std::string text) {
  if (notes_.size() < kMaxNotes) {
    notes_.push_back(std::move(text));
  } else {
    ++notes_left_out_;
  }
}

void RecordingFollower::NoteHere(std::string_view text) { Note(fmt::format("{}:{}: {}", file_name_, line_, text)); }

void RecordingFollower::BeginFile(std::string name) {
  file_name_ = std::move(name);
  line_ = 0;
  file_has_head_ = false;
}

absl::Status RecordingFollower::Take(int64_t number, std::string_view line) {
  line_ = number;
  const absl::Status status = TakeLine(line);
  if (status.ok()) return status;
  return absl::Status(status.code(), fmt::format("{}:{}: {}", file_name_, line_, std::string(status.message())));
}

absl::Status RecordingFollower::TakeLine(std::string_view line) {
  if (!IsControlLine(line)) return TakeEvent(line);
  CheckBatch();
  const absl::StatusOr<ControlLine> control = ParseControlLine(line);
  return control.ok() ? TakeControl(*control) : control.status();
}

absl::Status RecordingFollower::TakeEvent(std::string_view line) {
  if (!file_has_head_) return NoHead();
  const std::string refused = decoder_.DecodeLine(line, RecordedTimes(), [this](const Event& event) {
    ++batch_events_;
    replay_.Add(event);
  });
  return refused.empty() ? absl::OkStatus() : absl::InvalidArgumentError(refused);
}

// A control line ends the batch before it.
void RecordingFollower::CheckBatch() {
  if (batch_ && batch_events_ != batch_->events) {
    Note(fmt::format("{}:{}: the batch that arrived {} has {} of its {} events", file_name_, batch_line_,
                     TimeShown(batch_->at), batch_events_, batch_->events));
  }
  batch_.reset();
  batch_events_ = 0;
  if (head_) replay_.EndBatch();
}

absl::Status RecordingFollower::TakeControl(const ControlLine& line) {
  if (line.kind == Kind::kStart || line.kind == Kind::kContinue) return TakeHead(line);
  if (!file_has_head_) return NoHead();
  switch (line.kind) {
    case Kind::kBatch:
      batch_ = line;
      batch_line_ = line_;
      if (counted_batches_) ++*counted_batches_;
      break;
    case Kind::kTick:
      replay_.Tick(line.at, line.refusing ? EngineObserver::Ingest::kRefusing : EngineObserver::Ingest::kOpen);
      last_at_ = line.at;
      if (line.counted_batches) counted_batches_ = line.counted_batches;
      break;
    case Kind::kHeartbeat:
      replay_.SignOfLife(line.source, line.at);
      break;
    case Kind::kReload:
      NoteReload(line);
      break;
    case Kind::kMaintenance:
      SetMaintenance(line.at, line.maintenance);
      break;
    case Kind::kGap:
      NoteGap(line);
      break;
    case Kind::kEnd:
      session_open_ = false;
      break;
    default:
      break;
  }
  return absl::OkStatus();
}

absl::Status RecordingFollower::TakeHead(const ControlLine& head) {
  if (head.kind == Kind::kStart && !begun_.insert(head.session).second) {
    return absl::FailedPreconditionError(
        fmt::format("the session that began {} begins a second time: wanted each file once", TimeShown(head.session)));
  }
  if (head.kind == Kind::kStart && last_at_ && head.at < *last_at_) {
    NoteHere(
        fmt::format("begins at {}, before the end of what came before it: the clock was set back, or the files "
                    "are not in order",
                    TimeShown(head.at)));
  }
  if (head.kind == Kind::kStart) {
    NoteStart(head);
    replay_.Start(head.at, head.evaluation_interval, head.resumed);
  } else {
    const absl::Status noted = NoteContinue(head);
    if (!noted.ok()) return noted;
    replay_.Continue(head.at, head.evaluation_interval);
  }
  if (!head.maintenance.empty()) SetMaintenance(last_at_.value_or(head.at), head.maintenance);
  NoteFingerprint(head.fingerprint);
  if (head.evaluation_interval != config_.evaluation_interval &&
      (!head_ || head_->evaluation_interval != head.evaluation_interval)) {
    NoteHere(fmt::format("evaluated each {} then, each {} here", DurationText(head.evaluation_interval),
                         DurationText(config_.evaluation_interval)));
  }
  head_ = head;
  file_has_head_ = true;
  session_open_ = true;
  return absl::OkStatus();
}

// Windows of tiers that are not in this configuration, and those over for so long that nothing reads them, are left
// out.
void RecordingFollower::SetMaintenance(absl::Time at, const std::vector<MaintenanceWindow>& windows) {
  auto list = std::make_shared<MaintenanceList>();
  for (const MaintenanceWindow& window : windows) list->Put(window, config_, at).IgnoreError();
  replay_.SetMaintenance(std::move(list));
}

void RecordingFollower::NoteStart(const ControlLine& head) {
  if (!head_ && head.resumed) {
    NoteHere(
        fmt::format("the server began with what it had counted until {}, which is not in the recording: windows that "
                    "reach back before {} hold less here",
                    TimeShown(*head.resumed), TimeShown(head.at)));
  }
  if (head_ && head.resumed) {
    NoteWhatTheLedgerHas(head);
  } else {
    NoteOpenSession();
  }
  if (head_ && !head.resumed) {
    NoteHere(fmt::format("the server began with nothing at {}, and so does the replay", TimeShown(head.at)));
  }
  const std::string changed = head_ ? Changes(head.fingerprint) : "";
  if (!changed.empty()) {
    NoteHere(
        fmt::format("the server began with another configuration at {} ({}); the replay goes by its own from beginning "
                    "to end",
                    TimeShown(head.at), changed));
  }
  session_open_ = false;
  counted_batches_ = head.counted_batches;
}

// The ledger counts a batch before the recording has it, and the recording an evaluation before the ledger has it.
void RecordingFollower::NoteWhatTheLedgerHas(const ControlLine& start) {
  if (!counted_batches_ || !start.counted_batches) return NoteOpenSession();
  const int64_t missing = *start.counted_batches - *counted_batches_;
  const bool evaluations = !last_at_ || *start.resumed > *last_at_;
  if (missing < 0) {
    NoteHere(
        fmt::format("the ledger that the server went on with lacks {} of those before, be it a backup or after a "
                    "power cut: here they count, and decisions from there on may differ",
                    Counted(-missing, "batch")));
  }
  std::string what = missing > 0 ? Counted(missing, "batch") : "";
  if (evaluations)
    what += fmt::format("{}the evaluations until {}", missing > 0 ? " and " : "", TimeShown(*start.resumed));
  if (!what.empty()) {
    NoteHere(fmt::format("missing after {}, though in the ledger: {}; decisions from there on may differ",
                         LastEvaluation(), what));
  }
  if (last_at_ && *start.resumed < *last_at_) {
    NoteHere(fmt::format("the server went on from {}: what was decided since, until {}, it may have decided again",
                         TimeShown(*start.resumed), LastEvaluation()));
  }
  if (session_open_ && missing == 0 && !evaluations) {
    Note(fmt::format("the session that began {} has no end: its server was killed; nothing is missing",
                     TimeShown(head_->session)));
  }
}

absl::Status RecordingFollower::NoteContinue(const ControlLine& head) {
  if (!head_) {
    NoteHere(
        fmt::format("file {} of the session that began {}; what came before is not there: windows that reach back "
                    "before {} hold less here",
                    head.file, TimeShown(head.session), TimeShown(head.at)));
    return absl::OkStatus();
  }
  if (head.session != head_->session) {
    NoteOpenSession();
    counted_batches_.reset();
    NoteHere(fmt::format("the beginning of the session that began {} is missing, and the restart with it",
                         TimeShown(head.session)));
    return absl::OkStatus();
  }
  if (head.file <= head_->file) {
    return absl::FailedPreconditionError(
        fmt::format("file {} of the session that began {} comes after its file {}: wanted each file once, in the order "
                    "of their names",
                    head.file, TimeShown(head.session), head_->file));
  }
  if (const int64_t missing = head.file - head_->file - 1; missing > 0) {
    counted_batches_.reset();
    NoteHere(fmt::format("{} before it missing", Counted(missing, "file")));
  }
  return absl::OkStatus();
}

std::string RecordingFollower::LastEvaluation() const {
  return last_at_ ? fmt::format("the evaluation of {}", TimeShown(*last_at_)) : "its beginning";
}

void RecordingFollower::NoteOpenSession() {
  if (!std::exchange(session_open_, false)) return;
  Note(
      fmt::format("the session that began {} has no end: what came after {} may be missing, and decisions from there "
                  "on may differ",
                  TimeShown(head_->session), LastEvaluation()));
}

std::string RecordingFollower::Changes(const Fingerprint& after) const {
  std::string changed;
  for (const ChangedSetting& setting : ChangedSettings(fingerprint_then_, after)) {
    changed += fmt::format("{}{}: {} before, {} after", changed.empty() ? "" : "; ", setting.path,
                           OrNotThere(setting.before), OrNotThere(setting.after));
  }
  return changed;
}

void RecordingFollower::NoteReload(const ControlLine& reload) {
  const std::string changed = Changes(reload.fingerprint);
  NoteHere(
      fmt::format("the server took over another configuration after {} ({}); the replay goes by its own from beginning "
                  "to end",
                  TimeShown(reload.at), changed.empty() ? "requests are classified as before" : changed));
  NoteFingerprint(reload.fingerprint);
}

void RecordingFollower::NoteFingerprint(const Fingerprint& then) {
  if (std::exchange(fingerprint_then_, then) == then) return;
  for (const ChangedSetting& changed : ChangedSettings(then, fingerprint_)) {
    NoteHere(fmt::format("classified otherwise than here: {}: {} then, {} here", changed.path,
                         OrNotThere(changed.before), OrNotThere(changed.after)));
  }
}

void RecordingFollower::NoteGap(const ControlLine& gap) {
  std::string what = fmt::format("{} in {}", Counted(gap.events, "event"), Counted(gap.batches, "batch"));
  if (gap.ticks > 0) what += ", " + Counted(gap.ticks, "evaluation");
  if (gap.heartbeats > 0) what += ", " + Counted(gap.heartbeats, "heartbeat");
  if (counted_batches_) *counted_batches_ = std::min(*counted_batches_ + gap.batches, kMostBatches);
  const std::string when = last_at_ ? fmt::format(" after {}", TimeShown(*last_at_)) : "";
  NoteHere(fmt::format("{} are missing{}: the disk did not keep up or failed; decisions from there on may differ", what,
                       when));
}

void RecordingFollower::EndFile(FileEnd end) {
  CheckBatch();
  if (!file_has_head_) Note(file_name_ + ": is empty");
  if (end == FileEnd::kCutOff) {
    NoteHere("is cut off behind this line, used up to there: its writer was killed, or still writes");
  }
}

void RecordingFollower::Finish() {
  NoteOpenSession();
  if (notes_left_out_ > 0) notes_.push_back(fmt::format("… and {} more", notes_left_out_));
}

}  // namespace firebreak
