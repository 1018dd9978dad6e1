#ifndef FIREBREAK_API_NOTIFY_SLACK_PAYLOAD_H_
#define FIREBREAK_API_NOTIFY_SLACK_PAYLOAD_H_

#include <string>
#include <string_view>
#include <vector>

#include "api/notify/http_client.h"
#include "api/notify/outgoing_alert.h"

namespace firebreak {

// Slack's incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks), with Block
// Kit. All of it is pure.

// `text` so that Slack shows it as it is: UTF-8 with `&`, `<` and `>` as entities, which are the only characters that
// begin a link or a mention. Cut to at most `most` characters, never within an entity. REQUIRES: most >= 1.
std::string SlackText(std::string_view text, size_t most);

// The message about the alerts of one group (webhook_payload.h), not empty, in any order: a header that says
// "[FIRING:2] …" or "[RESOLVED] …", what the alerts have in common, then the worst ten of them, and how many more.
std::string SlackBody(const std::vector<OutgoingAlert>& alerts);

// `url` is a secret as a whole.
HttpPost SlackRequest(const Url& url, const std::vector<OutgoingAlert>& alerts);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_SLACK_PAYLOAD_H_
