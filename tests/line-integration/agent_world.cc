#include "tests/line-integration/agent_world.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/crypto_hash_sha256.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace dmigate::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(port);
  return address;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// What comes until the other side closes, or until the request is whole.
std::string receive(int fd, bool whole_request) {
  std::string text;
  std::array<char, 65536> part{};
  for (;;) {
    const std::size_t head = text.find("\r\n\r\n");
    if (whole_request && head != text.npos) {
      const std::string length = header_of(text, "Content-Length");
      if (text.size() >= head + 4 + (length.empty() ? 0 : std::stoul(length))) return text;
    }
    const ssize_t size = ::recv(fd, part.data(), part.size(), 0);
    if (size <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
}

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    text += digits;
  }
  return text;
}

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sha256_hex(const std::string& text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), bytes_of(text), text.size());
  return hex(hash.data(), hash.size());
}

std::array<unsigned char, 32> hmac(const unsigned char* key, std::size_t size, const std::string& message) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key, size);
  crypto_auth_hmacsha256_update(&state, bytes_of(message), message.size());
  std::array<unsigned char, 32> hash{};
  crypto_auth_hmacsha256_final(&state, hash.data());
  return hash;
}

}  // namespace

RawServer::RawServer(std::function<void(int fd)> serve) : serve_(std::move(serve)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(listener_ >= 0);
  sockaddr_in address = loopback(0);
  REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener_, 16) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ::ntohs(address.sin_port);
  thread_ = std::thread([this] {
    while (!closing_) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      serve_(fd);
      ::close(fd);
    }
  });
}

RawServer::~RawServer() {
  closing_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // accept() returns
  thread_.join();
  ::close(listener_);
}

FalseServer::FalseServer(Answers answers)
    : answers_(std::move(answers)), server_([this](int fd) {
        const std::string request = receive(fd, true);
        ++requests_;
        answers_(request, [&](std::string_view bytes) { return !server_.closing() && send_all(fd, bytes); });
      }) {}

std::string header_of(const std::string& request, const std::string& name) {
  const std::string line = "\r\n" + name + ": ";
  const std::size_t at = request.find(line), head = request.find("\r\n\r\n");
  if (at == request.npos || at >= head) return {};
  const std::size_t begin = at + line.size();
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

std::string answer_text(int status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " so it is\r\nContent-Type: application/json\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string binding_line(const Bound& bound) {
  const auto key = hmac(bytes_of(bound.token), bound.token.size(), "dmigate token bind v1");
  const auto hash = hmac(key.data(), key.size(),
                         "dmigate answer v1\n" + bound.method + " " + bound.target + "\n" + bound.nonce +
                             "\n" + std::to_string(bound.status) + "\n" + sha256_hex(bound.question) + "\n" +
                             sha256_hex(bound.answer));
  return "Dmigate-Binding: " + hex(hash.data(), hash.size()) + "\r\n";
}

std::string forwarded(std::uint16_t port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send_all(fd, request))
    answer = receive(fd, false);  // the agent says Connection: close
  ::close(fd);
  return answer;
}

}  // namespace dmigate::test
