#include "api/cli/progress.h"

#include <unistd.h>

#include <utility>

#include "fmt/core.h"

namespace firebreak {
namespace {

constexpr int kWidth = 40;

std::string Bar(double share) {
  const int filled = static_cast<int>(share * kWidth);
  return std::string(static_cast<size_t>(filled), '#') + std::string(static_cast<size_t>(kWidth - filled), '.');
}

}  // namespace

Progress::Progress(std::string what) : what_(std::move(what)), enabled_(isatty(STDERR_FILENO) == 1) {}

void Progress::Update(int64_t done, int64_t total) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  if (total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    fmt::print(stderr, "\r{} [{}] {:3.0f} %", what_, Bar(share), share * 100);
  } else {
    fmt::print(stderr, "\r{} {} MiB", what_, done >> 20);
  }
}

void Progress::Clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace firebreak
