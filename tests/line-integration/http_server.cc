#include "tests/line-integration/http_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace dmigate::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

HttpServer::HttpServer(std::vector<unsigned> statuses, std::uint16_t port) : statuses_(std::move(statuses)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(listener_ >= 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  address.sin_port = ::htons(port);
  REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener_, 16) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ::ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
  closing_ = true;
  ::shutdown(listener_, SHUT_RDWR);  // accept() returns
  thread_.join();
  ::close(listener_);
  for (const int fd : unanswered_) ::close(fd);
}

void HttpServer::serve() {
  asio::io_context io;
  for (std::size_t which = 0; !closing_;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    asio::ip::tcp::socket socket(io, asio::ip::tcp::v4(), fd);
    boost::system::error_code error;
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request, error);
    if (error) continue;
    const unsigned status = which < statuses_.size() ? statuses_[which] : 200;
    ++which;
    {
      const std::lock_guard lock(mutex_);
      bodies_.push_back(request.body());
      heads_.push_back(std::string(request.method_string()) + " " + std::string(request.target()) + " " +
                       std::string(request[http::field::content_type]));
    }
    came_.notify_all();
    if (status == 0) {
      unanswered_.push_back(socket.release());
      continue;
    }
    http::response<http::string_body> answer(static_cast<http::status>(status), 11);
    if (status != 204) answer.body() = "so it is";
    answer.prepare_payload();
    http::write(socket, answer, error);
  }
}

std::vector<std::string> HttpServer::bodies(std::size_t count) {
  std::unique_lock lock(mutex_);
  came_.wait(lock, [&] { return bodies_.size() >= count; });
  return bodies_;
}

std::vector<std::string> HttpServer::heads(std::size_t count) {
  std::unique_lock lock(mutex_);
  came_.wait(lock, [&] { return heads_.size() >= count; });
  return heads_;
}

}  // namespace dmigate::test
