#include "api/http/test_server.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

namespace firebreak {
namespace {

using std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(10);

HttpResponse Text(std::string body) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

HttpRoute Answering(HttpMethod method, std::string path, HttpScope scope,
                    std::function<std::string(const HttpRequest&)> answer) {
  const HttpBody body = scope == HttpScope::kIngest ? HttpBody::kWanted : HttpBody::kOptional;
  return HttpRoute{method, std::move(path), scope,
                   [answer = std::move(answer)](const HttpRequest& request, HttpResponder responder) {
                     responder(Text(answer(request)));
                   },
                   body};
}

}  // namespace

TestServer::TestServer(HttpServerOptions options) {
  options.host = "127.0.0.1";
  options.port = 0;
  auto server = HttpServer::Start(std::move(options), Routes());
  if (!server.ok()) {
    fprintf(stderr, "the server does not start: %s\n", server.status().ToString().c_str());
    abort();
  }
  server_ = *std::move(server);
}

std::vector<HttpRoute> TestServer::Routes() {
  std::vector<HttpRoute> routes = {
      Answering(HttpMethod::kGet, "/-/healthy", HttpScope::kNone, [](const HttpRequest&) { return "ok"; }),
      Answering(HttpMethod::kPost, "/v1/events", HttpScope::kIngest, [](const HttpRequest& r) { return r.body; }),
      Answering(HttpMethod::kGet, "/v1/slos", HttpScope::kRead, [](const HttpRequest& r) { return r.query; }),
      Answering(HttpMethod::kPost, "/control", HttpScope::kAdmin,
                [](const HttpRequest& r) { return std::to_string(r.body.size()); }),
      Answering(HttpMethod::kGet, "/books/*", HttpScope::kRead, [](const HttpRequest& r) { return r.path; }),
      Answering(HttpMethod::kGet, "/big", HttpScope::kRead,
                [](const HttpRequest&) { return std::string(kBigBytes, 'x'); }),
      Answering(HttpMethod::kGet, "/throws", HttpScope::kRead,
                [](const HttpRequest&) -> std::string { throw std::runtime_error("secret detail"); }),
  };
  const auto add = [&](std::string path, auto handle) {
    routes.push_back(HttpRoute{HttpMethod::kGet, std::move(path), HttpScope::kRead, std::move(handle)});
  };
  add("/drops", [](const HttpRequest&, HttpResponder) {});
  add("/twice", [](const HttpRequest&, HttpResponder responder) {
    responder(Text("first"));
    responder(HttpError(500, "second"));
  });
  add("/feed", [this](const HttpRequest&, HttpResponder responder) {
    HttpResponse response = Text("hello\n");
    response.feed = feed_;
    responder(std::move(response));
  });
  add("/later", [this](const HttpRequest&, HttpResponder responder) {
    MutexLock lock(mutex_);
    responders_.push_back(std::move(responder));
    arrived_.NotifyAll();
  });
  return routes;
}

HttpResponder TestServer::TakeResponder() {
  const auto deadline = steady_clock::now() + kPatience;
  MutexLock lock(mutex_);
  while (responders_.empty() && steady_clock::now() < deadline) arrived_.WaitFor(mutex_, absl::Milliseconds(100));
  if (responders_.empty()) return {};
  HttpResponder responder = std::move(responders_.front());
  responders_.erase(responders_.begin());
  return responder;
}

bool TestServer::Eventually(const std::function<bool(const HttpServerStats&)>& holds) {
  const auto deadline = steady_clock::now() + kPatience;
  while (!holds(server_->Stats())) {
    if (steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

std::string MakeRequest(std::string_view method, std::string_view path, std::string_view lines, std::string_view body) {
  const std::string length = body.empty() ? "" : fmt::format("Content-Length: {}\r\n", body.size());
  return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}{}\r\n{}", method, path, lines, length, body);
}

}  // namespace firebreak
