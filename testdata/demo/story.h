#ifndef FIREBREAK_TESTDATA_DEMO_STORY_H_
#define FIREBREAK_TESTDATA_DEMO_STORY_H_

#include <cstdint>

namespace firebreak {

// When what happens in the bundled recording, in milliseconds since the epoch. See testdata/README.md.

inline constexpr int64_t kDemoOutageBeginMs = 1780063200000;                              // 2026-05-29T14:00:00Z
inline constexpr int64_t kDemoOutageEndMs = kDemoOutageBeginMs + 35 * 60 * 1000;          // 35 minutes of outage
inline constexpr int64_t kDemoEndMs = kDemoOutageEndMs + 2 * 60 * 60 * 1000;              // 2 hours of recovery
inline constexpr int64_t kDemoFineBeginMs = kDemoOutageBeginMs - 8 * 60 * 60 * 1000;      // 8 hours in detail
inline constexpr int64_t kDemoBeginMs = kDemoOutageBeginMs - int64_t{29} * 86400 * 1000;  // 29 days, coarsely

}  // namespace firebreak

#endif  // FIREBREAK_TESTDATA_DEMO_STORY_H_
