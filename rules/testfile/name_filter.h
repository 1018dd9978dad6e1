#ifndef FIREBREAK_RULES_TESTFILE_NAME_FILTER_H_
#define FIREBREAK_RULES_TESTFILE_NAME_FILTER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace firebreak {

// Which tests are meant: those whose name a regular expression (RE2) matches anywhere. Immutable; thread-safe.
class NameFilter {
 public:
  // Errors: InvalidArgument for an expression that RE2 refuses.
  static absl::StatusOr<NameFilter> Create(const std::string& expression);

  NameFilter(NameFilter&&) noexcept;
  NameFilter& operator=(NameFilter&&) noexcept;
  ~NameFilter();

  bool Matches(std::string_view name) const;

 private:
  struct Rep;
  explicit NameFilter(std::unique_ptr<const Rep> rep);
  std::unique_ptr<const Rep> rep_;
};

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_NAME_FILTER_H_
