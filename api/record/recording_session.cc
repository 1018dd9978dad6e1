#include "api/record/recording_session.h"

namespace firebreak {
namespace {

using Kind = ControlLine::Kind;

bool StartsSession(const RecordingEntry& entry) {
  return entry.context != nullptr && entry.context->kind == Kind::kStart;
}

}  // namespace

MissingEntries& MissingEntries::operator+=(const MissingEntries& other) {
  batches += other.batches;
  events += other.events;
  ticks += other.ticks;
  heartbeats += other.heartbeats;
  return *this;
}

std::string GapLine(const MissingEntries& missing) {
  ControlLine line;
  line.kind = Kind::kGap;
  line.batches = missing.batches;
  line.events = missing.events;
  line.ticks = missing.ticks;
  line.heartbeats = missing.heartbeats;
  return ControlLineText(line);
}

RecordingSession::RecordingSession(std::unique_ptr<RecordingDirectory> directory, Limits limits,
                                   std::shared_ptr<const Clock> clock)
    : directory_(std::move(directory)), limits_(limits), clock_(std::move(clock)) {}

absl::Status RecordingSession::Open() {
  if (file_ != nullptr) return absl::OkStatus();
  directory_->Prune(limits_.max_bytes - limits_.file_bytes);  // room for one more
  absl::StatusOr<std::unique_ptr<RecordingWriter>> file = RecordingWriter::Create(*directory_, clock_->Now());
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  ++totals_.files;
  return absl::OkStatus();
}

void RecordingSession::TakeContext(const RecordingEntry& entry) {
  if (entry.context == nullptr) return;
  const int64_t file = StartsSession(entry) ? 0 : context_.file;
  context_ = *entry.context;
  context_.file = file;
}

absl::Status RecordingSession::WriteHead(const RecordingEntry& first) {
  has_head_ = true;
  ++context_.file;
  ControlLine head = context_;
  if (!StartsSession(first)) {
    head.kind = Kind::kContinue;
    head.at = file_->opened_at();
    head.resumed.reset();
  }
  unflushed_ += gap_;
  const std::string gap = gap_.none() ? "" : GapLine(gap_);
  gap_ = {};
  return Append(ControlLineText(head) + gap);
}

absl::Status RecordingSession::Write(const RecordingEntry& entry) {
  absl::Status status;
  if (FileIsFull() || (StartsSession(entry) && has_head_)) status = Close();
  if (status.ok()) status = Open();
  TakeContext(entry);
  unflushed_ += entry.holds;
  if (status.ok() && !has_head_) status = WriteHead(entry);
  if (status.ok() && entry.text != nullptr) status = Append(*entry.text);
  return Checked(status);
}

void RecordingSession::Skip(const RecordingEntry& entry) {
  TakeContext(entry);
  totals_.lost += entry.holds;
  gap_ += entry.holds;
}

absl::Status RecordingSession::Append(std::string_view text) {
  const int64_t before = file_->bytes();
  const absl::Status status = file_->Append(text);
  totals_.bytes += file_->bytes() - before;
  return status;
}

absl::Status RecordingSession::Flush() {
  if (file_ == nullptr) return absl::OkStatus();
  const int64_t before = file_->bytes();
  const absl::Status status = file_->Flush();
  totals_.bytes += file_->bytes() - before;
  if (status.ok()) unflushed_ = {};
  return Checked(status);
}

absl::Status RecordingSession::Close() {
  if (file_ == nullptr) return absl::OkStatus();
  const int64_t before = file_->bytes();
  const absl::Status status = file_->Close();
  totals_.bytes += file_->bytes() - before;
  if (!status.ok()) return Checked(status);
  unflushed_ = {};
  file_.reset();
  has_head_ = false;
  directory_->Prune(limits_.max_bytes);
  return absl::OkStatus();
}

absl::Status RecordingSession::Checked(absl::Status status) {
  if (status.ok()) return status;
  totals_.lost += unflushed_;
  gap_ += unflushed_;
  unflushed_ = {};
  file_.reset();
  has_head_ = false;
  return status;
}

bool RecordingSession::FileIsFull() const {
  if (file_ == nullptr) return false;
  return file_->bytes() >= limits_.file_bytes || clock_->Now() - file_->opened_at() >= limits_.file_age;
}

}  // namespace firebreak
