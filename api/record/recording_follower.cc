#include "api/record/recording_follower.h"

#include <utility>

#include "fmt/format.h"
#include "rules/duration.h"

namespace firebreak {
namespace {

using Kind = ControlLine::Kind;

std::string TimeShown(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

EventTimeRule RecordedTimes() {
  EventTimeRule rule;
  rule.missing = EventTimeRule::Missing::kIsError;
  rule.latest = absl::InfiniteFuture();
  return rule;
}

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

void RecordingFollower::BeginFile(std::string name) {
  file_name_ = std::move(name);
  file_has_head_ = false;
}

absl::Status RecordingFollower::Take(std::string_view line) {
  if (!IsControlLine(line)) return TakeEvent(line);
  CheckBatch();
  const absl::StatusOr<ControlLine> control = ParseControlLine(line);
  return control.ok() ? TakeControl(*control) : control.status();
}

absl::Status RecordingFollower::TakeEvent(std::string_view line) {
  if (!file_has_head_) return absl::FailedPreconditionError(file_name_ + ": does not begin as a recording does");
  const std::string refused = decoder_.DecodeLine(line, RecordedTimes(), [this](const Event& event) {
    ++batch_events_;
    replay_.Add(event);
  });
  return refused.empty() ? absl::OkStatus() : absl::InvalidArgumentError(refused);
}

// A control line ends the batch before it.
void RecordingFollower::CheckBatch() {
  if (batch_ && batch_events_ != batch_->events) {
    Note(fmt::format("{}: the batch that arrived {} has {} of its {} events", file_name_, TimeShown(batch_->at),
                     batch_events_, batch_->events));
  }
  batch_.reset();
  batch_events_ = 0;
  if (head_) replay_.EndBatch();
}

absl::Status RecordingFollower::TakeControl(const ControlLine& line) {
  if (line.kind == Kind::kStart || line.kind == Kind::kContinue) return TakeHead(line);
  if (!file_has_head_) return absl::FailedPreconditionError(file_name_ + ": does not begin as a recording does");
  switch (line.kind) {
    case Kind::kBatch:
      batch_ = line;
      break;
    case Kind::kTick:
      replay_.Tick(line.at, line.refusing ? EngineObserver::Ingest::kRefusing : EngineObserver::Ingest::kOpen);
      last_at_ = line.at;
      break;
    case Kind::kHeartbeat:
      replay_.SignOfLife(line.source, line.at);
      break;
    case Kind::kReload:
      Note(fmt::format("{}: a configuration was loaded after {}; this replay goes by one from beginning to end",
                       file_name_, TimeShown(line.at)));
      NoteFingerprint(line.fingerprint);
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
  if (head.kind == Kind::kStart && last_at_ && head.at < *last_at_) {
    Note(
        fmt::format("{}: begins at {}, before the end of what came before it: the clock was set back, or the files "
                    "are not in order",
                    file_name_, TimeShown(head.at)));
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
    Note(fmt::format("{}: evaluated each {} then, each {} here", file_name_, DurationText(head.evaluation_interval),
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
  NoteOpenSession(fmt::format("the start at {}", TimeShown(head.at)));
  if (!head_ && head.resumed) {
    Note(
        fmt::format("{}: the server began with what it had counted until {}, which is not in the recording: windows "
                    "that reach back before {} hold less here",
                    file_name_, TimeShown(*head.resumed), TimeShown(head.at)));
  }
  if (head_ && !head.resumed) {
    Note(
        fmt::format("{}: the server began with nothing at {}, and so does the replay", file_name_, TimeShown(head.at)));
  }
}

absl::Status RecordingFollower::NoteContinue(const ControlLine& head) {
  if (!head_) {
    Note(
        fmt::format("{}: file {} of the session that began {}; what came before is not there: windows that reach back "
                    "before {} hold less here",
                    file_name_, head.file, TimeShown(head.session), TimeShown(head.at)));
    return absl::OkStatus();
  }
  if (head.session != head_->session) {
    NoteOpenSession(fmt::format("{}", TimeShown(head.at)));
    Note(fmt::format("{}: the beginning of the session that began {} is missing, and the restart with it", file_name_,
                     TimeShown(head.session)));
    return absl::OkStatus();
  }
  if (head.file <= head_->file) {
    return absl::FailedPreconditionError(
        fmt::format("{}: file {} of the session that began {} comes after its file {}: wanted each file once, in the "
                    "order of their names",
                    file_name_, head.file, TimeShown(head.session), head_->file));
  }
  if (const int64_t missing = head.file - head_->file - 1; missing > 0) {
    Note(fmt::format("{}: {} before it missing", file_name_, Counted(missing, "file")));
  }
  return absl::OkStatus();
}

void RecordingFollower::NoteOpenSession(std::string_view until) {
  if (!std::exchange(session_open_, false)) return;
  Note(fmt::format("the session that began {} has no end: what came in the second or so before {} may be missing",
                   TimeShown(head_->session), until));
}

void RecordingFollower::NoteFingerprint(const Fingerprint& then) {
  if (std::exchange(noted_fingerprint_, then) == then) return;
  for (const ChangedSetting& changed : ChangedSettings(then, fingerprint_)) {
    Note(fmt::format("{}: classified otherwise than here: {}: {} then, {} here", file_name_, changed.path,
                     OrNotThere(changed.before), OrNotThere(changed.after)));
  }
}

void RecordingFollower::NoteGap(const ControlLine& gap) {
  std::string what = fmt::format("{} in {}", Counted(gap.events, "event"), Counted(gap.batches, "batch"));
  if (gap.ticks > 0) what += ", " + Counted(gap.ticks, "evaluation");
  if (gap.heartbeats > 0) what += ", " + Counted(gap.heartbeats, "heartbeat");
  const std::string when = last_at_ ? fmt::format(" after {}", TimeShown(*last_at_)) : "";
  Note(fmt::format("{}: {} are missing{}: the disk did not keep up or failed", file_name_, what, when));
}

void RecordingFollower::EndFile(FileEnd end) {
  CheckBatch();
  if (!file_has_head_) Note(file_name_ + ": is empty");
  if (end == FileEnd::kCutOff)
    Note(file_name_ + ": is cut off, used up to there: its writer was killed, or still writes");
}

void RecordingFollower::Finish() {
  NoteOpenSession("its last line");
  if (notes_left_out_ > 0) notes_.push_back(fmt::format("… and {} more", notes_left_out_));
}

}  // namespace firebreak
