#ifndef FIREBREAK_API_NOTIFY_FAKE_RECEIVER_H_
#define FIREBREAK_API_NOTIFY_FAKE_RECEIVER_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "storage/mutex.h"

namespace firebreak {

// For tests: receivers of notifications on 127.0.0.1, each on a free port.

struct ReceivedRequest {
  std::string method;
  std::string path;  // with the query
  std::string body;
  std::map<std::string, std::string> headers;
};

struct FakeAnswer {
  int status = 200;
  std::map<std::string, std::string> headers = {};
  std::string body = {};
};

// Polls `condition` until it holds or `deadline` has passed; says whether it held.
bool Eventually(const std::function<bool()>& condition, absl::Duration deadline = absl::Seconds(10));

// An HTTP server that keeps what it was sent. Thread-safe.
class FakeReceiver {
 public:
  // With a certificate and key file it speaks https.
  explicit FakeReceiver(const std::string& certificate_file = "", const std::string& key_file = "");
  ~FakeReceiver();

  // What to answer from now on; 200 at first. Called on the server's threads.
  void AnswerWith(std::function<FakeAnswer(const ReceivedRequest&)> answer);
  void AnswerWith(FakeAnswer answer);

  std::vector<ReceivedRequest> received() const;
  bool AwaitRequests(size_t count) const;
  int port() const { return port_; }
  std::string Url(const std::string& path = "") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

 private:
  struct Server;
  mutable Mutex mutex_;
  std::function<FakeAnswer(const ReceivedRequest&)> answer_ FIREBREAK_GUARDED_BY(mutex_);
  std::vector<ReceivedRequest> received_ FIREBREAK_GUARDED_BY(mutex_);
  std::unique_ptr<Server> server_;
  int port_ = 0;
  std::thread thread_;
};

// Accepts connections one at a time, and after the first bytes of a request does with the socket whatever `talk` does.
class RawReceiver {
 public:
  // `talk` must return soon after its send fails or *stop is set.
  using Talk = std::function<void(int socket, const std::atomic<bool>& stop)>;
  enum class Start { kOnRequest, kOnConnection };
  explicit RawReceiver(Talk talk, Start start = Start::kOnRequest);
  ~RawReceiver();

  int port() const { return port_; }
  int connections() const { return connections_; }
  std::string Url(const std::string& path = "") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

 private:
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Talks that receivers in trouble have.
RawReceiver::Talk SaysNothing();
RawReceiver::Talk Resets();
// Sends `text` and then one byte of 'x' every `pause` for ever.
RawReceiver::Talk Drips(std::string text, absl::Duration pause);
// Sends `text` again and again, as fast as it goes.
RawReceiver::Talk Floods(std::string text);

// A port nothing listens on.
int DeadPort();

}  // namespace firebreak

#endif  // FIREBREAK_API_NOTIFY_FAKE_RECEIVER_H_
