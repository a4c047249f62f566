#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>

#include "line-integration/agent/http.h"

namespace dmigate::agent {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Kind = HttpFailure::Kind;

std::string openssl_text() {
  const char* text = ::ERR_reason_error_string(::ERR_get_error());
  ::ERR_clear_error();
  return text == nullptr ? "OpenSSL" : text;
}

// Whom the connection trusts, and under which name.
tl::expected<void, HttpFailure> trust(asio::ssl::context& context, const std::string& ca) {
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  context.set_verify_mode(asio::ssl::verify_peer);
  // A certificate that is named itself is enough, whoever signed it.
  ::X509_STORE_set_flags(::SSL_CTX_get_cert_store(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  const bool loaded = ca.empty() ? ::SSL_CTX_set_default_verify_paths(context.native_handle()) == 1
                                 : ::SSL_CTX_load_verify_file(context.native_handle(), ca.c_str()) == 1;
  if (loaded) return {};
  return tl::unexpected(HttpFailure{Kind::kCertificate, (ca.empty() ? "" : ca + ": ") + openssl_text()});
}

bool expect_name(SSL* ssl, const std::string& host) {
  error_code no_number;
  asio::ip::make_address(host, no_number);
  if (!no_number) return ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1;
  // The macro SSL_set_tlsext_host_name, without its casts.
  return ::SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1 &&
         ::SSL_set1_host(ssl, host.c_str()) == 1;
}

using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

// The steps from the name to the answer; where one fails, `failure` says which.
template <typename Stream>
class Exchange {
 public:
  Exchange(asio::io_context& io, Stream& stream, const Address& address, const HttpQuestion& question)
      : address_(address), resolver_(io), stream_(stream), request_(http::verb::post, question.target, 11) {
    request_.set(http::field::host, address.authority);
    request_.set(http::field::user_agent, "dmigate-agent/" DMIGATE_VERSION);
    request_.set(http::field::content_type, "application/json");
    request_.set(http::field::connection, "close");
    for (const auto& [name, value] : question.headers) request_.set(name, value);
    request_.body() = question.body;
    request_.prepare_payload();
    answer_.body_limit(kLargestAnswer);
  }

  void start() {
    resolver_.async_resolve(
        address_.host, std::to_string(address_.port), [this](const error_code& failed, const auto& found) {
          if (ended(failed, Kind::kNotReached)) return;
          beast::get_lowest_layer(stream_).async_connect(
              found, [this](const error_code& refused, const auto&) { connected(refused); });
        });
  }

  void give_up() {
    resolver_.cancel();
    beast::get_lowest_layer(stream_).cancel();
  }

  // REQUIRES: nothing of it is running any more.
  tl::expected<HttpAnswer, HttpFailure> result(bool late) {
    if (whole_) {
      auto& message = answer_.get();
      return HttpAnswer{.status = message.result_int(),
                        .body = std::move(message.body()),
                        .binding = std::string(message["Dmigate-Binding"]),
                        .retry_after = std::string(message[http::field::retry_after])};
    }
    if (late) return tl::unexpected(HttpFailure{reached_ ? Kind::kNoAnswer : Kind::kNotReached, "timeout"});
    return tl::unexpected(failure_.value_or(HttpFailure{Kind::kNoAnswer, "?"}));
  }

 private:
  void connected(const error_code& refused) {
    if (ended(refused, Kind::kNotReached)) return;
    if constexpr (std::is_same_v<Stream, Secure>) {
      stream_.async_handshake(asio::ssl::stream_base::client,
                              [this](const error_code& failed) { shaken(failed); });
    } else {
      send();
    }
  }

  void shaken(const error_code& failed) {
    if constexpr (std::is_same_v<Stream, Secure>) {
      const long verified = ::SSL_get_verify_result(stream_.native_handle());
      if (failed && verified != X509_V_OK) {
        failure_ = HttpFailure{Kind::kCertificate, ::X509_verify_cert_error_string(verified)};
      } else if (!ended(failed, Kind::kNotReached)) {
        send();
      }
    }
  }

  void send() {
    reached_ = true;
    http::async_write(stream_, request_, [this](const error_code& failed, std::size_t) {
      // A server may answer and close before it has read all; its answer counts.
      if (failed && failed != asio::error::broken_pipe && failed != asio::error::connection_reset) {
        return static_cast<void>(ended(failed, Kind::kNoAnswer));
      }
      http::async_read(stream_, buffer_, answer_, [this](const error_code& broken, std::size_t) {
        const bool large = broken == http::error::body_limit || broken == http::error::header_limit;
        whole_ = !ended(broken, large ? Kind::kTooLarge : Kind::kNoAnswer) && answer_.is_done();
      });
    });
  }

  bool ended(const error_code& failed, Kind kind) {
    if (failed) failure_ = HttpFailure{kind, failed.message()};
    return static_cast<bool>(failed);
  }

  const Address& address_;
  asio::ip::tcp::resolver resolver_;
  Stream& stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_{256 * 1024};  // bytes read at a time, a header among them
  http::response_parser<http::string_body> answer_;
  std::optional<HttpFailure> failure_;
  bool reached_ = false;
  bool whole_ = false;
};

template <typename Stream>
tl::expected<HttpAnswer, HttpFailure> exchange(asio::io_context& io, Stream& stream, const Address& address,
                                               const HttpQuestion& question,
                                               std::chrono::milliseconds patience) {
  Exchange<Stream> exchange(io, stream, address, question);
  exchange.start();
  io.run_for(patience);
  const bool late = !io.stopped();
  if (late) {
    exchange.give_up();
    io.restart();
    io.run_for(std::chrono::seconds(1));
  }
  return exchange.result(late);
}

}  // namespace

tl::expected<HttpAnswer, HttpFailure> post(const Address& address, const std::string& ca,
                                           const HttpQuestion& question,
                                           std::chrono::milliseconds patience) try {
  asio::io_context io;
  if (!address.tls) {
    Plain stream(io);
    return exchange(io, stream, address, question, patience);
  }
  // No file of this machine's says how TLS is to be done.
  ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  asio::ssl::context context(asio::ssl::context::tls_client);
  if (const auto trusted = trust(context, ca); !trusted) return tl::unexpected(trusted.error());
  Secure stream(io, context);
  if (!expect_name(stream.native_handle(), address.host))
    return tl::unexpected(HttpFailure{Kind::kCertificate, openssl_text()});
  return exchange(io, stream, address, question, patience);
} catch (const std::exception& problem) {
  return tl::unexpected(HttpFailure{Kind::kNotReached, problem.what()});
}

}  // namespace dmigate::agent
