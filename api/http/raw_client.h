#ifndef FIREBREAK_API_HTTP_RAW_CLIENT_H_
#define FIREBREAK_API_HTTP_RAW_CLIENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

// For tests: a TCP client that sends any bytes and blocks, at most ten seconds a call. It fails by answering nothing.
class RawClient {
 public:
  struct Response {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };

  explicit RawClient(uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return socket_ >= 0; }
  // False when the server has gone before all was sent.
  bool Send(std::string_view bytes);
  // The next response, interim ones included. A response to HEAD is read with kNoBody.
  enum class Body { kRead, kNoBody };
  std::optional<Response> Receive(Body body = Body::kRead);
  // Whether `text` comes next, after what was received already.
  bool ReceiveText(std::string_view text);
  // The status of the next response, 0 for none.
  int ReceiveStatus();
  // True once the server has closed the connection; what it sends before is dropped.
  bool WaitForClose();
  // Bytes that were received beyond the last response.
  const std::string& rest() const { return received_; }

  void CloseSendingHalf();
  // Ends the connection with a TCP reset.
  void Reset();
  // Makes the kernel's buffer for what the server sends as small as it goes. Call before anything is received.
  void ShrinkReceiveBuffer();

 private:
  // Receives more bytes; false at the end of the connection or of patience.
  bool Fill();

  int socket_ = -1;
  bool ended_ = false;
  std::string received_;
};

}  // namespace firebreak

#endif  // FIREBREAK_API_HTTP_RAW_CLIENT_H_
