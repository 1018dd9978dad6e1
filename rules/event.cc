#include "rules/event.h"

namespace firebreak {

std::string_view SourceName(Source source) { return source == Source::kRum ? "rum" : "synthetic"; }

}  // namespace firebreak
