#ifndef FIREBREAK_RULES_TESTFILE_VALUES_H_
#define FIREBREAK_RULES_TESTFILE_VALUES_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rules/testfile/test_file.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// The scalars of a test file. Readers report faults at the field and leave their output as it was.

// "2h3m", "+2h3m", "2025-11-24T16:00:00Z". Errors: InvalidArgument.
absl::StatusOr<TestTime> ParseTestTime(std::string_view text);
void ReadTestTime(const Field& field, YamlReader& reader, std::optional<TestTime>& out);
// "+2h3m", or RFC 3339.
std::string TestTimeText(const TestTime& time);

// 0.05, "5%": from 0 to 1.
void ReadShare(const Field& field, YamlReader& reader, Decimal& out);

// ">14.4", "<= 90%", "14.4". A share may have a percent sign, and be below 0 (of a budget): "<-50%".
enum class Number { kPlain, kShare };
void ReadComparison(const Field& field, Number number, YamlReader& reader, std::optional<Comparison>& out);

// "a", or a map of what to weights. `read` makes a value of a text, or says what is wrong with it.
template <typename T>
using MixValueReader = std::function<absl::StatusOr<T>(const std::string& text)>;
void ReadAnswerMix(const Field& field, YamlReader& reader, Mix<Answer>& out);
void ReadLatencyMix(const Field& field, YamlReader& reader, Mix<std::optional<absl::Duration>>& out);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_VALUES_H_
