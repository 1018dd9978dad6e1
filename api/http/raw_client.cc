#include "api/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"

namespace firebreak {
namespace {

constexpr int kPatienceMs = 10000;

std::map<std::string, std::string> ParseFields(std::string_view head) {
  std::map<std::string, std::string> fields;
  for (size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n")) {
    head.remove_prefix(line + 2);
    const size_t colon = head.find(": ");
    const size_t end = head.find("\r\n");
    if (colon == std::string_view::npos || colon > end) break;
    std::string name(head.substr(0, colon));
    absl::AsciiStrToLower(&name);
    fields[name] = std::string(head.substr(colon + 2, end - colon - 2));
  }
  return fields;
}

}  // namespace

RawClient::RawClient(uint16_t port) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

RawClient::~RawClient() {
  if (socket_ >= 0) close(socket_);
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

std::optional<RawClient::Response> RawClient::Receive(Body body) {
  size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  const std::string head = received_.substr(0, end + 4);
  received_.erase(0, end + 4);
  if (head.size() < 12 || !head.starts_with("HTTP/1.1 ")) return std::nullopt;
  Response response;
  response.status = std::stoi(head.substr(9, 3));
  response.headers = ParseFields(head);
  const auto length = response.headers.find("content-length");
  if (body == Body::kNoBody || length == response.headers.end()) return response;
  const size_t size = std::stoul(length->second);
  while (received_.size() < size) {
    if (!Fill()) return std::nullopt;
  }
  response.body = received_.substr(0, size);
  received_.erase(0, size);
  return response;
}

bool RawClient::ReceiveText(std::string_view text) {
  while (received_.size() < text.size()) {
    if (!Fill()) return false;
  }
  if (!received_.starts_with(text)) return false;
  received_.erase(0, text.size());
  return true;
}

int RawClient::ReceiveStatus() {
  const std::optional<Response> response = Receive();
  return response ? response->status : 0;
}

bool RawClient::WaitForClose() {
  while (Fill()) received_.clear();
  return ended_;
}

void RawClient::CloseSendingHalf() { shutdown(socket_, SHUT_WR); }

void RawClient::Reset() {
  const linger now = {1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(socket_);
  socket_ = -1;
}

void RawClient::ShrinkReceiveBuffer() {
  const int size = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

bool RawClient::Fill() {
  pollfd readable = {socket_, POLLIN, 0};
  if (socket_ < 0 || poll(&readable, 1, kPatienceMs) != 1) return false;
  std::array<char, 65536> buffer;
  const ssize_t size = recv(socket_, buffer.data(), buffer.size(), 0);
  ended_ = size <= 0;
  if (!ended_) received_.append(buffer.data(), size);
  return !ended_;
}

}  // namespace firebreak
