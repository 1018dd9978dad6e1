#ifndef FIREBREAK_API_HTTP_LISTENER_H_
#define FIREBREAK_API_HTTP_LISTENER_H_

#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "api/http/server_core.h"
#include "api/http/session.h"

namespace firebreak {

// Accepts connections, at most `capacity` to be served, and knows all that are open. An error of accept() (no file
// descriptor left, a client gone) never ends the loop. Everything happens on the listener's strand.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<ServerCore> core, HttpAcceptor acceptor, int64_t capacity);

  void Start();
  // Accepts no more, closes idle connections now, the others after their request or when `grace` is over.
  void Stop(absl::Duration grace);

 private:
  void Accept();
  void OnError(const boost::system::error_code& error);
  void Serve(HttpSocket socket);
  void Forget(uint64_t id);
  void BeginStop(absl::Duration grace);
  void AbortAll();

  const std::shared_ptr<ServerCore> core_;
  HttpAcceptor acceptor_;
  HttpTimer timer_;  // waits after an error; later, for the grace to be over
  const int64_t capacity_;
  bool stopping_ = false;
  uint64_t next_id_ = 0;
  absl::flat_hash_map<uint64_t, std::weak_ptr<Session>> sessions_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_LISTENER_H_
