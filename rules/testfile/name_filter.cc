#include "rules/testfile/name_filter.h"

#include <utility>

#include "fmt/format.h"
#include "re2/re2.h"
#include "rules/pattern.h"

namespace firebreak {
namespace {

RE2::Options QuietOptions() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

}  // namespace

struct NameFilter::Rep {
  explicit Rep(const std::string& expression) : re2(expression, QuietOptions()) {}
  RE2 re2;
};

NameFilter::NameFilter(std::unique_ptr<const Rep> rep) : rep_(std::move(rep)) {}
NameFilter::NameFilter(NameFilter&&) noexcept = default;
NameFilter& NameFilter::operator=(NameFilter&&) noexcept = default;
NameFilter::~NameFilter() = default;

absl::StatusOr<NameFilter> NameFilter::Create(const std::string& expression) {
  const std::string fault = PatternFault(expression);
  if (!fault.empty()) return absl::InvalidArgumentError(fault);
  return NameFilter(std::make_unique<const Rep>(expression));
}

bool NameFilter::Matches(std::string_view name) const {
  return RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), rep_->re2);
}

}  // namespace firebreak
