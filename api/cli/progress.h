#ifndef FIREBREAK_API_CLI_PROGRESS_H_
#define FIREBREAK_API_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace firebreak {

// A progress bar on standard error, drawn at most ten times a second and only when that is a terminal.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress() { Clear(); }

  // `total` 0 = unknown: only `done` is shown.
  void Update(int64_t done, int64_t total);
  // Removes the bar, so that something else can be printed.
  void Clear();

 private:
  const std::string what_;
  const bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_PROGRESS_H_
