#ifndef FIREBREAK_API_CODEC_REQUEST_LINE_H_
#define FIREBREAK_API_CODEC_REQUEST_LINE_H_

#include <string_view>

namespace firebreak {

// The path of a request line "GET /path?query HTTP/1.1", query included; of an absolute URL only what follows the host.
// "-" for what names no path. The result points into `request` or is a constant.
std::string_view PathOfRequest(std::string_view request);

// `endpoint` if an event can carry it as it is; without its query if that makes it short enough; else "-".
std::string_view FitEndpoint(std::string_view endpoint);

}  // namespace firebreak

#endif  // FIREBREAK_API_CODEC_REQUEST_LINE_H_
