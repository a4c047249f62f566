// A service under test: the real dmigate serve on this machine, at a plant, asked through a plain socket.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>

#include "tests/line-integration/service_process.h"

namespace dmigate::test {

struct Answered {
  int status = 0;                              ///< 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] boost::json::object json() const;
};

// A connection to a port of this machine. Whatever waits too long fails the test.
class Line {
 public:
  explicit Line(std::uint16_t port);
  ~Line();
  Line(Line&& other) noexcept : fd_(other.fd_), rest_(std::move(other.rest_)) { other.fd_ = -1; }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  Line& operator=(Line&&) = delete;
  void say(std::string_view bytes) const;        ///< also where nobody reads any more
  Answered hear();                               ///< one answer
  std::string hear_until(std::string_view end);  ///< up to and with it; shorter where the connection ended
  [[nodiscard]] bool ended() const;              ///< the other side has closed it; waits until it has

 private:
  bool read_more();
  int fd_;
  std::string rest_;
};

struct Asking {
  std::string method = "GET", target = "/";
  std::string token;
  std::string body;
  std::string headers;  ///< lines that end in \r\n
  std::string nonce;    ///< empty: one is made where the method is POST
};
std::string request_text(const Asking& asking, const std::string& nonce);
std::string fresh_nonce();

class Service : public ServiceProcess {
 public:
  using ServiceProcess::ServiceProcess;

  Answered ask(const Asking& asking) const;
  // The same, and the answer must be bound to the question.
  Answered ask_bound(const Asking& asking) const;
  // POST with a bound answer of status 200: its JSON.
  boost::json::object told(const std::string& token, const std::string& target,
                           const boost::json::object& body) const;
};

// The body of a check of a unit's folder.
boost::json::object question(const std::string& unit, const std::string& stage, const std::string& label,
                             const std::string& request_id);
std::string fresh_id();

}  // namespace dmigate::test
