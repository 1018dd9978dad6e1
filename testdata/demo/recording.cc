#include "testdata/demo/recording.h"

#include "testdata/demo/embedded.h"
#include "testdata/demo/story.h"

namespace firebreak {

std::string_view DemoRecordingGz() { return DemoFiles()[0].bytes; }

absl::Time DemoIncidentBegin() { return absl::FromUnixMillis(kDemoOutageBeginMs); }

absl::Time DemoIncidentEnd() { return absl::FromUnixMillis(kDemoOutageEndMs); }

}  // namespace firebreak
