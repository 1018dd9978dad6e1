#ifndef FIREBREAK_RULES_TESTFILE_READ_EXPECTATIONS_H_
#define FIREBREAK_RULES_TESTFILE_READ_EXPECTATIONS_H_

#include <vector>

#include "rules/testfile/context.h"
#include "rules/testfile/test_file.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// expect: a list of expectations. REQUIRES: the context knows the traffic.
void ReadExpectations(const Field& field, TestContext& context, std::vector<Expectation>& expectations);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_READ_EXPECTATIONS_H_
