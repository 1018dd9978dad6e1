#include "api/http/counters.h"

#include <string>

namespace firebreak {

void HttpCounters::CountRefusal(RefusalReason reason) { ++refused_[static_cast<size_t>(reason)]; }

void HttpCounters::CountResponse(int status) { ++responses_[status - kFirstStatus]; }

void HttpCounters::CountAccept() { ++accepted_; }

void HttpCounters::CountOpen() { ++open_; }

void HttpCounters::CountClose() { --open_; }

void HttpCounters::CountAcceptError() { ++accept_errors_; }

void HttpCounters::CountStreamOpen() { ++streams_; }

void HttpCounters::CountStreamClose() { --streams_; }

HttpServerStats HttpCounters::Read() const {
  HttpServerStats stats;
  for (int i = 0; i < kNumRefusalReasons; ++i) {
    // All reasons are shown, so that a rate over a counter sees its first increment.
    stats.refused[std::string(RefusalReasonName(static_cast<RefusalReason>(i)))] = refused_[i];
  }
  for (int i = 0; i < kEndStatus - kFirstStatus; ++i) {
    if (const int64_t count = responses_[i]; count > 0) stats.responses[kFirstStatus + i] = count;
  }
  stats.open_connections = open_;
  stats.accepted_connections = accepted_;
  stats.accept_errors = accept_errors_;
  stats.open_streams = streams_;
  return stats;
}

}  // namespace firebreak
