#ifndef FIREBREAK_API_HTTP_RESPONSE_HEAD_H_
#define FIREBREAK_API_HTTP_RESPONSE_HEAD_H_

#include <string>

#include "api/http/message.h"

namespace firebreak {

enum class ConnectionFate { kKeepAlive, kClose };

// Whether a response of that status has a body at all (1xx, 204 and 304 have none).
bool StatusHasBody(int status);

// The status line and the headers, the empty line included. Defaults to `Cache-Control: no-store` and always says
// nosniff. An answer that goes on (HttpResponse::feed) says no length: it ends with the connection. A header of the
// handler that would break the framing (a length or coding of its own, a line break) is left out. Pure. REQUIRES:
// response.status in [100, 600).
std::string ResponseHead(const HttpResponse& response, ConnectionFate fate);

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_RESPONSE_HEAD_H_
