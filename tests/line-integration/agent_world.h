// What the agent's tests need of a service: a real one, and false ones.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "tests/line-integration/service_process.h"

namespace dmigate::test {

// Listens on this machine, and has each connection served, one after the other.
class RawServer {
 public:
  explicit RawServer(std::function<void(int fd)> serve);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool closing() const { return closing_; }

 private:
  std::function<void(int fd)> serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> closing_ = false;
  std::thread thread_;
};

// Answers as its maker likes. `send` says whether there is still somebody who listens.
using Send = std::function<bool(std::string_view)>;
using Answers = std::function<void(const std::string& request, const Send& send)>;
class FalseServer {
 public:
  explicit FalseServer(Answers answers);
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  Answers answers_;
  std::atomic<int> requests_ = 0;
  RawServer server_;  // the last: it serves with what is above
};

// Of a request as it came over the line.
std::string header_of(const std::string& request, const std::string& name);  ///< "" where there is none
std::string body_of(const std::string& request);

// "HTTP/1.1 200 OK" and the rest of it. `headers`: lines that end in \r\n.
std::string answer_text(int status, const std::string& headers, const std::string& body);
// The header line that binds an answer to a request, by the words of docs/service.md, put together once more.
struct Bound {
  std::string token, method = "POST", target, nonce;
  int status = 200;
  std::string question, answer;
};
std::string binding_line(const Bound& bound);

// The whole answer of a real service to a request, asked anew.
std::string forwarded(std::uint16_t port, const std::string& request);

}  // namespace dmigate::test
