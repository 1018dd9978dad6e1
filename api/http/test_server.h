#ifndef FIREBREAK_API_HTTP_TEST_SERVER_H_
#define FIREBREAK_API_HTTP_TEST_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/live_feed.h"
#include "api/http/server.h"
#include "storage/mutex.h"

namespace firebreak {

// For tests: a server on a free port of loopback with a few routes.
//   GET  /-/healthy   none    "ok"
//   POST /v1/events   ingest  the body again
//   GET  /v1/slos     read    the query again
//   POST /control     admin   the size of the body
//   GET  /books/*     read    the path again
//   GET  /big         read    8 MB of "x"
//   GET  /throws      read    the handler throws
//   GET  /drops       read    the handler drops its responder
//   GET  /twice       read    the handler answers 200, then 500
//   GET  /feed        read    "hello\n", then what is published in feed(), which has two places
//   GET  /later       read    the responder waits in the server: TakeResponder()
class TestServer {
 public:
  static constexpr size_t kBigBytes = 8'000'000;

  // Port and host of the options are overwritten. Dies if the server does not start.
  explicit TestServer(HttpServerOptions options = {});

  HttpServer& server() { return *server_; }
  LiveFeed& feed() { return *feed_; }
  uint16_t port() const { return server_->port(); }
  // The next responder of /later, waiting for it ten seconds; an empty function for none.
  HttpResponder TakeResponder();
  // Destroys the server.
  void Destroy() { server_.reset(); }

  // Whether `holds` becomes true of the statistics within ten seconds.
  bool Eventually(const std::function<bool(const HttpServerStats&)>& holds);
  int64_t Refused(const std::string& reason) { return server_->Stats().refused.at(reason); }

 private:
  std::vector<HttpRoute> Routes();

  const std::shared_ptr<LiveFeed> feed_ = std::make_shared<LiveFeed>(2);
  Mutex mutex_;
  CondVar arrived_;
  std::vector<HttpResponder> responders_ FIREBREAK_GUARDED_BY(mutex_);
  std::unique_ptr<HttpServer> server_;
};

// Requests to a TestServer: "METHOD path HTTP/1.1", Host, the further lines (each with CR LF), a length if there is a
// body.
std::string MakeRequest(std::string_view method, std::string_view path, std::string_view lines = "",
                        std::string_view body = "");

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_TEST_SERVER_H_
