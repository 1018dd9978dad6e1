#ifndef FIREBREAK_RULES_PATTERN_OPTIONS_H_
#define FIREBREAK_RULES_PATTERN_OPTIONS_H_

#include "re2/re2.h"

namespace firebreak {

// How patterns of a configuration are compiled: within bounded memory, never printing. For .cc files only: re2.h is
// costly to read.
inline RE2::Options PatternOptions() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

}  // namespace firebreak

#endif  // FIREBREAK_RULES_PATTERN_OPTIONS_H_
