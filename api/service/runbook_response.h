#ifndef FIREBREAK_API_SERVICE_RUNBOOK_RESPONSE_H_
#define FIREBREAK_API_SERVICE_RUNBOOK_RESPONSE_H_

#include "api/http/message.h"

namespace firebreak {

// GET /runbooks and /runbooks/NAME: a page for who asks for HTML, as browsers do, and Markdown for everybody else and
// at NAME.md. A browser gets the index with the 404 of a name that is none, others an error that lists them. Pure.
HttpResponse RunbookResponse(const HttpRequest& request);

}  // namespace firebreak

#endif  // FIREBREAK_API_SERVICE_RUNBOOK_RESPONSE_H_
