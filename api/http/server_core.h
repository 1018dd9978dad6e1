#ifndef FIREBREAK_API_HTTP_SERVER_CORE_H_
#define FIREBREAK_API_HTTP_SERVER_CORE_H_

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <utility>

#include "api/http/admission.h"
#include "api/http/body_memory.h"
#include "api/http/counters.h"

namespace firebreak {

// Each connection and the listener have a strand of their own; typed executors spare Asio's type erasure.
using HttpStrand = boost::asio::strand<boost::asio::io_context::executor_type>;
using HttpSocket = boost::asio::ip::tcp::socket::rebind_executor<HttpStrand>::other;
using HttpAcceptor = boost::asio::ip::tcp::acceptor::rebind_executor<HttpStrand>::other;
using HttpTimer = boost::asio::steady_timer::rebind_executor<HttpStrand>::other;

// What the parts of one server share. Each session holds it, so it outlives the last of them, and with it the
// io_context that a late answer is posted to. Thread-safe.
struct ServerCore {
  // All bodies under way together. Sixty-four of the largest; ordinary batches in their thousands.
  static constexpr int64_t kBodyMemoryBytes = 512 << 20;

  // All answers that are being written together: a client that does not take its own must not cost us memory without
  // end.
  static constexpr int64_t kAnswerMemoryBytes = 128 << 20;

  ServerCore(std::shared_ptr<boost::asio::io_context> io_context, HttpPolicy http_policy)
      : io(std::move(io_context)), policy(std::move(http_policy)) {}

  const std::shared_ptr<boost::asio::io_context> io;
  const HttpPolicy policy;
  BodyMemory memory{kBodyMemoryBytes};
  BodyMemory answer_memory{kAnswerMemoryBytes};
  HttpCounters counters;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_SERVER_CORE_H_
