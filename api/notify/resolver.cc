#include "api/notify/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "api/notify/steady.h"
#include "storage/mutex.h"

namespace firebreak {
namespace {

constexpr int kMaxLookUps = 32;
// How often a waiting caller looks whether it was cancelled.
constexpr absl::Duration kCancelPoll = absl::Milliseconds(50);

using Addresses = std::vector<std::string>;

std::atomic<int>& RunningLookUps() {
  static std::atomic<int> running = 0;
  return running;
}

bool TakeLookUpSlot() {
  int running = RunningLookUps().load();
  while (running < kMaxLookUps) {
    if (RunningLookUps().compare_exchange_weak(running, running + 1)) return true;
  }
  return false;
}

// Shared by the caller and the helper thread, whichever lives longer.
struct Pending {
  Mutex mutex;
  CondVar done;
  std::optional<absl::StatusOr<Addresses>> answer FIREBREAK_GUARDED_BY(mutex);
};

bool IsNumeric(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

absl::StatusOr<Addresses> Await(Pending& pending, absl::Time deadline, const std::function<bool()>& cancelled) {
  MutexLock lock(pending.mutex);
  while (!pending.answer) {
    if (cancelled()) return absl::CancelledError("stopped");
    const absl::Duration left = deadline - SteadyNow();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("name look-up timed out");
    pending.done.WaitFor(pending.mutex, std::min(left, kCancelPoll));
  }
  return *std::move(pending.answer);
}

}  // namespace

absl::StatusOr<Addresses> SystemLookUp(const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return absl::UnavailableError(gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    std::array<char, NI_MAXHOST> text = {};
    if (getnameinfo(info->ai_addr, info->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text.data());
    }
  }
  return addresses;
}

absl::StatusOr<Addresses> Resolve(const std::string& host, const LookUp& look_up, absl::Time deadline,
                                  const std::function<bool()>& cancelled) {
  if (IsNumeric(host)) return Addresses{host};
  if (!TakeLookUpSlot()) return absl::UnavailableError("too many name look-ups hang");
  const auto pending = std::make_shared<Pending>();
  try {
    std::thread([host, look_up, pending] {
      absl::StatusOr<Addresses> answer = look_up(host);
      RunningLookUps().fetch_sub(1);
      MutexLock lock(pending->mutex);
      pending->answer = std::move(answer);
      pending->done.NotifyAll();
    }).detach();
  } catch (const std::system_error&) {
    RunningLookUps().fetch_sub(1);
    return absl::UnavailableError("no thread for a name look-up");
  }
  return Await(*pending, deadline, cancelled);
}

}  // namespace firebreak
