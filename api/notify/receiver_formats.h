#ifndef FIREBREAK_API_NOTIFY_RECEIVER_FORMATS_H_
#define FIREBREAK_API_NOTIFY_RECEIVER_FORMATS_H_

#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

// For tests: what PagerDuty and Slack would refuse in a body, written from their public documentation and not from our
// renderers. Strict: a key the documentation does not know is a fault as well. No fault is an empty list.

// https://developer.pagerduty.com/docs/send-alert-event
std::vector<std::string> PagerDutyFaults(std::string_view body);

// https://docs.slack.dev/reference/block-kit/blocks and …/messaging/formatting-message-text. Mentions and links to
// channels are faults too: nothing of ours may make one.
std::vector<std::string> SlackFaults(std::string_view body);

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_RECEIVER_FORMATS_H_
