#include "line-integration/notify/http.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fstream>
#include <iterator>

namespace dmigate::line {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr const char* kAdvice = "see that the MES answers there, and that nothing is in between";

// One request, step by step; `error` and `status` are what came of it.
class Post {
 public:
  Post(asio::io_context& io, const Target& target, std::string body)
      : target_(target), resolver_(io), stream_(io), request_(http::verb::post, target.path, 11) {
    request_.set(http::field::host, target.authority);
    request_.set(http::field::user_agent, "dmigate/" DMIGATE_VERSION);
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::connection, "close");
    request_.body() = std::move(body);
    request_.prepare_payload();
  }

  void start() {
    resolver_.async_resolve(target_.host, target_.port, [this](const error_code& failed, const auto& found) {
      if (ended(failed)) return;
      stream_.async_connect(found, [this](const error_code& no_connection, const auto&) {
        if (ended(no_connection)) return;
        send();
      });
    });
  }

  void give_up() {
    resolver_.cancel();
    stream_.cancel();
  }

  error_code error;
  unsigned status = 0;  ///< 0: no answer came

 private:
  void send() {
    http::async_write(stream_, request_, [this](const error_code& failed, std::size_t) {
      // A server may answer and close before it has read all; its answer counts.
      if (failed && failed != asio::error::broken_pipe && failed != asio::error::connection_reset) {
        return static_cast<void>(ended(failed));
      }
      http::async_read_header(stream_, buffer_, answer_, [this](const error_code& broken, std::size_t) {
        if (!ended(broken)) status = answer_.get().result_int();
      });
    });
  }

  bool ended(const error_code& failed) {
    error = failed;
    return static_cast<bool>(failed);
  }

  const Target& target_;
  asio::ip::tcp::resolver resolver_;
  beast::tcp_stream stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_{64 * 1024};  // bytes; no header that means well is longer
  http::response_parser<http::empty_body> answer_;
};

}  // namespace

Result<void> post(const Target& target, const std::string& file, std::chrono::milliseconds patience) try {
  std::ifstream stream(file, std::ios::binary);
  std::string body((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) return fail("the event cannot be read", file, "check the folder and who may read it");
  const std::string where = "http://" + target.authority + target.path;
  asio::io_context io;
  Post post(io, target, std::move(body));
  post.start();
  io.run_for(patience);
  const bool late = !io.stopped();
  if (late) {
    post.give_up();
    io.restart();
    io.run_for(std::chrono::seconds(1));
  }
  if (post.status >= 200 && post.status < 300) return {};
  if (post.status != 0) return fail("it answered with status " + std::to_string(post.status), where, kAdvice);
  if (late) return fail("it did not answer in time", where, kAdvice);
  return fail("it cannot be reached (" + post.error.message() + ")", where, kAdvice);
} catch (const std::exception& problem) {
  return fail("it cannot be reached (" + std::string(problem.what()) + ")", target.authority, kAdvice);
}

}  // namespace dmigate::line
