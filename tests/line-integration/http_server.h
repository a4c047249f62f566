// An MES for a test: a real HTTP server on this machine, which can be down, slow, or answer what it likes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dmigate::test {

class HttpServer {
 public:
  // Port 0: one that is free. `statuses`: what the requests are answered with, in order, then 200 always; 0
  // is no answer at all: the connection stays open until the server goes.
  explicit HttpServer(std::vector<unsigned> statuses = {}, std::uint16_t port = 0);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string address() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/events";
  }
  // What came, in order, once there are so many.
  std::vector<std::string> bodies(std::size_t count);
  std::vector<std::string> heads(std::size_t count);  ///< "POST /events application/json"

 private:
  void serve();
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<unsigned> statuses_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::string> bodies_, heads_;
  std::vector<int> unanswered_;
  std::atomic<bool> closing_ = false;
  std::thread thread_;
};

}  // namespace dmigate::test
