#include "tests/line-integration/service_client.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "gate/evidence/evidence.h"
#include "line-integration/service/binding.h"

namespace dmigate::test {

namespace json = boost::json;

namespace {

constexpr int kPatience = 300'000;  // ms: only a test that fails waits so long

std::string hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  REQUIRE(::getrandom(random.data(), bytes, 0) == static_cast<ssize_t>(bytes));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : random) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

json::object Answered::json() const {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  REQUIRE_MESSAGE((!error && value.is_object()), body);
  return value.get_object();
}

Line::Line(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  REQUIRE(fd_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

Line::~Line() {
  if (fd_ >= 0) ::close(fd_);
}

void Line::say(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Line::read_more() {
  pollfd waits{.fd = fd_, .events = POLLIN, .revents = 0};
  REQUIRE_MESSAGE(::poll(&waits, 1, kPatience) == 1, "no answer came");
  std::array<char, 65536> part{};
  const ssize_t size = ::recv(fd_, part.data(), part.size(), 0);
  if (size <= 0) return false;
  rest_.append(part.data(), static_cast<std::size_t>(size));
  return true;
}

bool Line::ended() const {
  pollfd waits{.fd = fd_, .events = POLLIN, .revents = 0};
  REQUIRE_MESSAGE(::poll(&waits, 1, kPatience) == 1, "the connection stays open");
  char byte = 0;
  return ::recv(fd_, &byte, 1, 0) <= 0;
}

std::string Line::hear_until(std::string_view end) {
  for (;;) {
    const std::size_t at = rest_.find(end);
    if (at != rest_.npos) {
      std::string heard = rest_.substr(0, at + end.size());
      rest_.erase(0, at + end.size());
      return heard;
    }
    if (!read_more()) return std::move(rest_);
  }
}

Answered Line::hear() {
  Answered answered;
  std::string head = hear_until("\r\n\r\n");
  if (head.starts_with("HTTP/1.1 100")) head = hear_until("\r\n\r\n");
  if (!head.starts_with("HTTP/1.1 ") || head.size() < 16) return answered;
  answered.status = std::stoi(head.substr(9, 3));
  for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
    const std::size_t end = head.find("\r\n", at), colon = head.find(": ", at);
    if (colon < end)
      answered.headers[lower(head.substr(at, colon - at))] = head.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  const auto length = answered.headers.find("content-length");
  if (length == answered.headers.end()) return answered;
  const std::size_t size = std::stoul(length->second);
  while (rest_.size() < size && read_more()) {
  }
  REQUIRE_MESSAGE(rest_.size() >= size, "an answer was cut off");
  answered.body = rest_.substr(0, size);
  rest_.erase(0, size);
  return answered;
}

std::string fresh_nonce() { return hex(32); }
std::string fresh_id() { return "test-" + hex(8); }

std::string request_text(const Asking& asking, const std::string& nonce) {
  std::string text =
      asking.method + " " + asking.target + " HTTP/1.1\r\nHost: localhost\r\n" + asking.headers;
  if (!asking.token.empty()) text += "Authorization: Bearer " + asking.token + "\r\n";
  if (!nonce.empty()) text += "Dmigate-Nonce: " + nonce + "\r\n";
  if (!asking.body.empty() || asking.method != "GET")
    text += "Content-Length: " + std::to_string(asking.body.size()) + "\r\n";
  return text + "\r\n" + asking.body;
}

Answered Service::ask(const Asking& asking) const {
  Line line(port());
  line.say(
      request_text(asking, asking.nonce.empty() && asking.method == "POST" ? fresh_nonce() : asking.nonce));
  return line.hear();
}

Answered Service::ask_bound(const Asking& asking) const {
  Asking asked = asking;
  asked.nonce = fresh_nonce();
  Answered answered = ask(asked);
  CHECK(answered.headers["dmigate-binding"] ==
        service::binding(service::bind_key(asked.token), {.method = asked.method,
                                                          .target = asked.target,
                                                          .nonce = asked.nonce,
                                                          .status = static_cast<unsigned>(answered.status),
                                                          .question = asked.body,
                                                          .answer = answered.body}));
  return answered;
}

json::object Service::told(const std::string& token, const std::string& target,
                           const json::object& body) const {
  const Answered answered =
      ask_bound({.method = "POST", .target = target, .token = token, .body = json::serialize(body)});
  REQUIRE_MESSAGE(answered.status == 200, answered.status, " ", answered.body);
  return answered.json();
}

json::object question(const std::string& unit, const std::string& stage, const std::string& label,
                      const std::string& request_id) {
  const auto evidence = gate::read_evidence(unit);
  REQUIRE_MESSAGE(evidence, evidence.error().to_string());
  json::object body{
      {"request_id", request_id}, {"stage", stage}, {"evidence", json::parse(gate::to_json(*evidence))}};
  if (!label.empty()) body["unit"] = label;
  return body;
}

}  // namespace dmigate::test
