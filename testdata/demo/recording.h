#ifndef FIREBREAK_TESTDATA_DEMO_RECORDING_H_
#define FIREBREAK_TESTDATA_DEMO_RECORDING_H_

#include <string_view>

#include "absl/time/time.h"

namespace firebreak {

// The recording that `serve --demo` plays, compiled in: NDJSON events in order of time, gzip. testdata/README.md tells
// what happens in it.
std::string_view DemoRecordingGz();

// The times of the recording's own clock at which its outage begins and is over.
absl::Time DemoIncidentBegin();
absl::Time DemoIncidentEnd();

}  // namespace firebreak

#endif  // FIREBREAK_TESTDATA_DEMO_RECORDING_H_
