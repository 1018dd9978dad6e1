#ifndef FIREBREAK_API_CLI_NOT_EMPTY_H_
#define FIREBREAK_API_CLI_NOT_EMPTY_H_

#include <string>

#include "CLI/CLI.hpp"

namespace firebreak {

// Refuses an empty value, which a variable that is not set leaves: it must not turn into something else that was meant.
// `wanted` says what should be there: "a folder".
inline CLI::Validator NotEmpty(const std::string& wanted) {
  return CLI::Validator(
      [=](const std::string& value) { return value.empty() ? "wanted " + wanted + ", not \"\"" : ""; }, "");
}

}  // namespace firebreak

#endif  // FIREBREAK_API_CLI_NOT_EMPTY_H_
