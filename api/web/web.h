#ifndef FIREBREAK_API_WEB_WEB_H_
#define FIREBREAK_API_WEB_WEB_H_

#include <vector>

#include "api/http/message.h"

namespace firebreak {

// The dashboard as a browser gets it: the page at `/`, for who asks for a page, and what it is made of under `/web/`.
// All of it is compiled in and holds no data, so it is open to everybody; what it shows comes from routes that ask for
// the read token where there is one.
//   (1) A strict Content-Security-Policy: nothing from elsewhere, no inline script or style, no frame around it.
//   (2) An ETag of the content; browsers ask each time (no-cache) and get 304 while it is the same, so that no page
//   ever
//       runs on the scripts of another version.
std::vector<HttpRoute> DashboardRoutes();

}  // namespace firebreak

#endif  // FIREBREAK_API_WEB_WEB_H_
