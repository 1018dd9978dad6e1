#ifndef FIREBREAK_RULES_TESTFILE_READ_TRAFFIC_H_
#define FIREBREAK_RULES_TESTFILE_READ_TRAFFIC_H_

#include <optional>

#include "absl/status/statusor.h"
#include "rules/testfile/context.h"
#include "rules/testfile/test_file.h"
#include "rules/yaml_reader.h"

namespace firebreak {

// traffic: a list of segments. Sets context.end and context.down.
void ReadSegments(const Field& field, TestContext& context, SegmentTraffic& traffic);

// recording: a path, or {file, format, lateness}.
void ReadRecordedTraffic(const Field& field, TestContext& context, RecordedTraffic& traffic);

}  // namespace firebreak

#endif  // FIREBREAK_RULES_TESTFILE_READ_TRAFFIC_H_
