#include "api/cli/event_files.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "api/cli/read_notes.h"
#include "api/record/recording_directory.h"
#include "fmt/format.h"

namespace firebreak {
absl::StatusOr<std::vector<std::string>> ExpandFolders(const std::vector<std::string>& files) {
  std::vector<std::string> expanded;
  for (const std::string& file : files) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(file, ignored)) {
      expanded.push_back(file);
      continue;
    }
    const absl::StatusOr<std::vector<RecordingFile>> recordings = ListRecordings(file);
    if (!recordings.ok()) return recordings.status();
    if (recordings->empty()) {
      return absl::NotFoundError(fmt::format("{}: no recordings in it, wanted firebreak-….ndjson.zst", file));
    }
    for (const RecordingFile& recording : *recordings) expanded.push_back(file + "/" + recording.name);
  }
  return expanded;
}

absl::StatusOr<EventFiles> EventFiles::Open(const std::vector<std::string>& files, const std::string& format) {
  absl::StatusOr<std::vector<std::string>> expanded = ExpandFolders(files);
  if (!expanded.ok()) return expanded.status();
  Recordings recordings;
  for (const std::string& file : *expanded) {
    absl::StatusOr<std::unique_ptr<Recording>> recording = Recording::Open(file, format);
    if (!recording.ok()) return recording.status();
    recordings.push_back(*std::move(recording));
  }
  return EventFiles(*std::move(expanded), std::move(recordings));
}

absl::Status EventFiles::Read(const Offer& offer, Progress& progress) {
  absl::Status fault;
  for (size_t i = 0; i < recordings_.size(); ++i) {
    const int64_t before = totals_.lines;
    lines_before_.push_back(before);
    Recording::Callbacks callbacks;
    callbacks.on_event = [&](const Event& event, int64_t line) { offer(event, before + line); };
    callbacks.on_reject = [&](int64_t line, std::string_view reason) {
      ++totals_.rejected;
      KeepReason(before + line, reason);
    };
    callbacks.on_progress = [&](int64_t done, int64_t total) { progress.Update(done, total); };
    fault.Update(TakeEnd(*recordings_[i], files_[i], recordings_[i]->Read(callbacks), totals_));
    totals_.lines += recordings_[i]->lines();
  }
  return fault;
}

void EventFiles::KeepReason(int64_t line, std::string_view reason) {
  size_t file = lines_before_.size() - 1;
  while (file > 0 && lines_before_[file] >= line) --file;
  firebreak::KeepReason(totals_, fmt::format("{}:{}: {}", files_[file], line - lines_before_[file], reason));
}

}  // namespace firebreak
