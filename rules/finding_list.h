#ifndef FIREBREAK_RULES_FINDING_LIST_H_
#define FIREBREAK_RULES_FINDING_LIST_H_

#include <string>
#include <string_view>

#include "rules/finding.h"
#include "rules/place.h"

namespace firebreak {

// Gathers what is found in one file. After kMaxErrors errors it says so once and keeps no more of them: a hostile file
// must not make a report many times its own size.
// Thread-compatible.
class FindingList {
 public:
  static constexpr int kMaxErrors = 200;

  explicit FindingList(std::string_view file) : file_(file) {}

  void Add(FindingKind kind, Place place, std::string message);

  bool has_errors() const { return num_errors_ > 0; }
  // Whether another error would be left out, so that its message need not be made.
  bool is_full() const { return num_errors_ > kMaxErrors; }

  // All findings in the order of the file; those of one place in the order they were added. Leaves the list empty.
  Findings Take();

 private:
  std::string file_;
  Findings findings_;
  int num_errors_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_FINDING_LIST_H_
