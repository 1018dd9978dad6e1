#include "api/http/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace firebreak {
namespace {

constexpr int64_t kReserved = 64;

}  // namespace

int64_t RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // what POSIX systems start with
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  const rlim_t now = setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
  return static_cast<int64_t>(std::min<rlim_t>(now, std::numeric_limits<int32_t>::max()));
}

int64_t ConnectionCapacity(int64_t configured, int64_t descriptor_limit) {
  return std::max<int64_t>(1, std::min(configured, descriptor_limit - kReserved));
}

}  // namespace firebreak
