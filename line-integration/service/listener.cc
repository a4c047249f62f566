#include "line-integration/service/listener.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>

#include "line-integration/service/events.h"
#include "line-integration/service/nameless_file.h"
#include "line-integration/service/tls.h"

namespace dmigate::service {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kBuffer = 64 * 1024;  // bytes read at once
constexpr std::chrono::seconds kFarewell(2);
constexpr std::size_t kOnTheirWayOut = 64;  // connections that were asked to give way, and still are there
constexpr std::chrono::milliseconds kBetweenLooks(250);  // at whether a peer that waits long is still there

// What all connections have in common, and who is there.
class Connection;
struct Common {
  const ListenerOptions& options;
  Handler& handler;
  mutable std::mutex mutex = {};
  std::set<Connection*> there = {};
  std::atomic<std::uint64_t> in_flight = 0;  ///< bytes
};

// Bytes of a body, from when it may come to its answer.
class InFlight {
 public:
  explicit InFlight(Common& common) : common_(common) {}
  ~InFlight() { release(); }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  bool take(std::uint64_t bytes) {  ///< false: there is no room for so many
    release();
    if (common_.in_flight.fetch_add(bytes) + bytes > common_.options.most_in_flight) {
      common_.in_flight -= bytes;
      return false;
    }
    bytes_ = bytes;
    return true;
  }
  void release() { common_.in_flight -= std::exchange(bytes_, 0); }

 private:
  Common& common_;
  std::uint64_t bytes_ = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Common& common) : common_(common) {
    const std::lock_guard lock(common_.mutex);
    common_.there.insert(this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() {
    const std::lock_guard lock(common_.mutex);
    common_.there.erase(this);
  }
  virtual void start() = 0;
  virtual void end_soon() = 0;  ///< after what it does now; called by any thread
  virtual void give_way() = 0;  ///< if it is still silent then; called by any thread

  // Since when a request, or the rest of one, is waited for; none while it has all of it. Called by any
  // thread.
  [[nodiscard]] std::optional<Clock::duration> silent_since() const {
    const auto since = silent_since_.load();
    if (since == kSpeaks || goes_) return std::nullopt;
    return since;
  }

 protected:
  void begin_silence() { silent_since_ = Clock::now().time_since_epoch(); }
  void end_silence() { silent_since_ = kSpeaks; }
  [[nodiscard]] bool is_silent() const { return silent_since_.load() != kSpeaks; }
  std::atomic<bool> goes_ = false;  ///< it was asked to give way
  Common& common_;

 private:
  static constexpr Clock::duration kSpeaks = Clock::duration::max();
  std::atomic<Clock::duration> silent_since_ = Clock::now().time_since_epoch();
};

HttpRequest head_of(const http::request<http::string_body>& message) {
  const auto field = [&](auto name) {
    const auto found = message.find(name);
    return found == message.end() ? std::string() : std::string(found->value());
  };
  HttpRequest head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  head.authorization = field(http::field::authorization);
  head.cookie = field(http::field::cookie);
  head.nonce = field("Dmigate-Nonce");
  head.content_type = field(http::field::content_type);
  head.accept = field(http::field::accept);
  head.accept_language = field(http::field::accept_language);
  head.page = field("Dmigate-Page");
  return head;
}

// What says who asks, or which question it is, is there once: another reader might take the other one.
bool is_unambiguous(const http::request<http::string_body>& message) {
  return message.count(http::field::authorization) <= 1 && message.count("Dmigate-Nonce") <= 1 &&
         message.count(http::field::cookie) <= 1;
}

unsigned status_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  return error == http::error::body_limit ? 413 : 400;
}

bool is_fault_of_form(const error_code& error) {
  return error.category() == error_code(http::error::bad_target).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

template <typename Stream>
class Talk : public Connection {
 public:
  Talk(Common& common, Stream stream)
      : Connection(common), stream_(std::move(stream)), timer_(stream_.get_executor()), in_flight_(common) {}

  void start() override {
    asio::dispatch(stream_.get_executor(), [this, self = shared_from_this()] { shake_hands(); });
  }

  void end_soon() override {
    asio::post(stream_.get_executor(), [this, self = shared_from_this()] {
      last_ = true;
      if (events_) events_->end();
      if (idle_ || upload_) lowest().close();  // of a batch that is still coming nothing was asked yet
    });
  }

  void give_way() override {
    goes_ = true;
    asio::post(stream_.get_executor(), [this, self = shared_from_this()] {
      goes_ = is_silent();
      if (goes_) lowest().close();
    });
  }

 private:
  auto& lowest() { return beast::get_lowest_layer(stream_); }

  // Calls a member of this connection when what was begun has ended.
  template <typename Member>
  auto then(Member member) {
    return [this, member, self = shared_from_this()](const error_code& error, std::size_t = 0) {
      (this->*member)(error);
    };
  }

  void shake_hands() {
    if constexpr (std::is_same_v<Stream, Secure>) {
      lowest().expires_after(common_.options.handshake);
      stream_.async_handshake(ssl::stream_base::server, then(&Talk::on_hands_shaken));
    } else {
      read_head();
    }
  }

  void on_hands_shaken(const error_code& error) {
    if (!error) read_head();
  }

  void read_head() {
    if (last_) return shut_down();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(common_.options.most_head));
    parser_->body_limit(boost::none);  // by its head it is known how much may come
    // Who has asked nothing yet may not take a place for long.
    if (!first_) begin_silence();
    lowest().expires_after(std::exchange(first_, false) ? common_.options.handshake : common_.options.idle);
    idle_ = true;
    http::async_read_header(stream_, buffer_, *parser_, then(&Talk::on_head));
  }

  void on_head(const error_code& error) {
    idle_ = false;
    if (error && !is_fault_of_form(error)) return shut_down();
    keep_alive_ = false;
    request_ = {};
    if (error) return answer_with(common_.handler.refuse(status_of(error), request_));
    const auto& message = parser_->get();
    request_ = head_of(message);
    if (!is_unambiguous(message) || !parse_target(request_.target, request_)) {
      return answer_with(common_.handler.refuse(400, request_));
    }
    const auto length = parser_->content_length();
    const bool has_body = parser_->chunked() || (length && *length > 0);
    // A body that is not read would be taken for the next request.
    if (auto answer = common_.handler.admit(request_)) {
      keep_alive_ = message.keep_alive() && !has_body;
      return answer_with(*std::move(answer));
    }
    const std::uint64_t most = common_.handler.most_bytes(request_);
    if (length && *length > most) return answer_with(common_.handler.refuse(413, request_));
    // One whose length is not told may become as long as it may be.
    if (has_body && !request_.upload && !in_flight_.take(length.value_or(most)))
      return answer_with(common_.handler.refuse(503, request_));
    parser_->body_limit(most);
    keep_alive_ = message.keep_alive();
    lowest().expires_after(common_.options.body);
    if (has_body && beast::iequals(message[http::field::expect], "100-continue")) {
      text_ = "HTTP/1.1 100 Continue\r\n\r\n";
      return asio::async_write(stream_, asio::buffer(text_), then(&Talk::on_continue));
    }
    read_body();
  }

  void on_continue(const error_code& error) {
    if (!error) read_body();
  }

  void read_body() {
    if (!request_.upload) return http::async_read(stream_, buffer_, *parser_, then(&Talk::on_body));
    upload_.emplace(std::move(*parser_));
    parser_.reset();
    upload_->body_limit(common_.handler.most_bytes(request_));
    begin_transfer();
    read_part();
  }

  void on_body(const error_code& error) {
    if (error) {
      if (!is_fault_of_form(error)) return shut_down();
      keep_alive_ = false;
      return answer_with(common_.handler.refuse(status_of(error), request_));
    }
    request_.body = std::move(parser_->get().body());
    parser_.reset();
    hand_over();
  }

  void hand_over() {
    end_silence();
    lowest().expires_never();
    common_.handler.handle(std::move(request_), [this, self = shared_from_this()](HttpAnswer answer) {
      asio::post(stream_.get_executor(),
                 [this, self, answer = std::move(answer)]() mutable { answer_with(std::move(answer)); });
    });
  }

  // A file comes or goes in parts, each in its time, and all of it in another.
  void begin_transfer() {
    end_silence();  // there are few of them, and they have their own time
    part_.resize(kBuffer);
    deadline_ = Clock::now() + common_.options.transfer;
  }

  void expires_after(std::chrono::milliseconds part) {
    lowest().expires_at(std::min(Clock::now() + part, deadline_));
  }

  void read_part() {
    if (upload_->is_done()) return on_upload();
    expires_after(common_.options.body);
    upload_->get().body().data = part_.data();
    upload_->get().body().size = part_.size();
    http::async_read(stream_, buffer_, *upload_, then(&Talk::on_part));
  }

  void on_part(const error_code& error) {
    if (error && error != http::error::need_buffer) {
      if (!is_fault_of_form(error)) return shut_down();
      keep_alive_ = false;
      return answer_with(common_.handler.refuse(status_of(error), request_));
    }
    const std::string_view part(part_.data(), part_.size() - upload_->get().body().size);
    lowest().expires_never();
    request_.upload->write(part, [this, self = shared_from_this()](bool taken) {
      asio::post(stream_.get_executor(), [this, self, taken] { on_part_taken(taken); });
    });
  }

  void on_part_taken(bool taken) {
    if (taken) return read_part();
    keep_alive_ = false;
    answer_with(common_.handler.refuse(503, request_));
  }

  void on_upload() {
    upload_.reset();
    waits_ = request_.upload;
    watch_peer();
    hand_over();
  }

  // What an upload is asked of takes a while. A peer that closed its side, or is gone, waits for nothing.
  void watch_peer() {
    timer_.expires_after(kBetweenLooks);
    timer_.async_wait([this, self = shared_from_this()](const error_code& error) {
      if (error || !waits_) return;
      pollfd peer{.fd = lowest().socket().native_handle(), .events = POLLRDHUP, .revents = 0};
      if (::poll(&peer, 1, 0) == 0) return watch_peer();
      waits_->abandon();
    });
  }

  void answer_with(HttpAnswer answer) {
    end_silence();
    waits_.reset();
    request_.upload.reset();
    in_flight_.release();
    timer_.cancel();
    keep_alive_ = keep_alive_ && !answer.close && !last_;
    response_ = {};
    response_.version(11);
    response_.result(answer.status);
    response_.set(http::field::content_type, answer.type);
    for (auto& [name, value] : answer.headers) response_.insert(name, value);
    lowest().expires_after(common_.options.write);
    if (answer.events) return begin_events(std::move(answer.events));
    if (request_.method == "HEAD") {  // no place has one, and no answer to one has a body
      keep_alive_ = false;
      answer.body.clear();
    }
    response_.keep_alive(keep_alive_);
    if (answer.file) return begin_file(std::move(answer.file));
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    http::async_write(stream_, response_, then(&Talk::on_answered));
  }

  void on_answered(const error_code& error) {
    if (error) return;
    if (keep_alive_) return read_head();
    shut_down();
  }

  std::string head_text() {
    std::string text = "HTTP/1.1 200 OK\r\n";
    for (const auto& field : response_) {
      text.append(field.name_string()).append(": ").append(field.value()).append("\r\n");
    }
    return text + "\r\n";
  }

  void begin_file(std::shared_ptr<const NamelessFile> file) {
    file_ = std::move(file);
    sent_ = 0;
    response_.content_length(file_->size());
    text_ = head_text();
    begin_transfer();
    asio::async_write(stream_, asio::buffer(text_), then(&Talk::on_file_part_sent));
  }

  void on_file_part_sent(const error_code& error) {
    if (error || sent_ == file_->size()) {
      file_.reset();
      return on_answered(error);
    }
    const std::size_t size = file_->read(sent_, part_);
    if (size == 0) return lowest().close();  // the peer sees that it is not whole
    sent_ += size;
    expires_after(common_.options.write);
    asio::async_write(stream_, asio::buffer(part_.data(), size), then(&Talk::on_file_part_sent));
  }

  // What stands behind the head is the stream, until one of both ends it.
  void begin_events(std::shared_ptr<Reader> events) {
    events_ = std::move(events);
    const std::weak_ptr<Connection> weak = shared_from_this();
    events_->on_wake([this, weak] {
      const auto self = weak.lock();
      if (self) asio::post(stream_.get_executor(), [this, self] { timer_.cancel(); });
    });
    response_.keep_alive(false);
    if (last_) events_->end();  // told to end before it began
    text_ = head_text() + ": here\n\n";
    asio::async_write(stream_, asio::buffer(text_), then(&Talk::on_event_written));
  }

  void on_event_written(const error_code& error) {
    if (error || events_->ended()) return shut_down();
    line_ = events_->pop();
    if (line_) return write_event();
    timer_.expires_after(common_.options.keepalive);
    timer_.async_wait([this, self = shared_from_this()](const error_code& cancelled) {
      if (events_->ended()) return shut_down();
      line_ = events_->pop();
      if (!line_ && cancelled) return on_event_written({});
      if (!line_) line_ = std::make_shared<const std::string>(": still here\n\n");
      write_event();
    });
  }

  void write_event() {
    lowest().expires_after(common_.options.write);
    asio::async_write(stream_, asio::buffer(*line_), then(&Talk::on_event_written));
  }

  void shut_down() {
    if (events_) events_->end();
    lowest().expires_after(kFarewell);
    if constexpr (std::is_same_v<Stream, Secure>) {
      stream_.async_shutdown([self = shared_from_this()](const error_code&) {});
    } else {
      error_code ignored;
      lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
      read_on({});
    }
  }

  // A peer that still sends gets the answer only if what it sends is read.
  void read_on(const error_code& error) {
    if (error) return;
    stream_.async_read_some(asio::buffer(farewell_), then(&Talk::read_on));
  }

  Stream stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_{kBuffer};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::request_parser<http::buffer_body>> upload_;
  HttpRequest request_;
  InFlight in_flight_;
  std::shared_ptr<Upload> waits_;  ///< all of it is there, and its answer is not
  http::response<http::string_body> response_;
  std::string text_;
  std::string part_;  ///< of a file that comes or goes
  Clock::time_point deadline_;
  std::shared_ptr<const NamelessFile> file_;
  std::uint64_t sent_ = 0;  ///< of it
  std::shared_ptr<Reader> events_;
  Line line_;
  std::array<char, 1024> farewell_{};
  bool keep_alive_ = false;
  bool idle_ = false;  ///< between two requests
  bool first_ = true;  ///< no head of a request has come yet
  bool last_ = false;  ///< nothing more is read
};

class BeastListener : public Listener {
 public:
  BeastListener(const ListenerOptions& options, Handler& handler)
      : options_(options),
        common_{.options = options_, .handler = handler},
        control_(asio::make_strand(io_)),
        acceptor_(control_),
        signals_(control_),
        drained_(control_),
        pause_(control_) {}

  Result<void> listen() {
    if (!options_.certificate.empty()) {
      auto loaded = load_tls(options_.certificate, options_.key);
      if (!loaded) return Failure(loaded.error());
      tls_ = *std::move(loaded);
    }
    error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    const tcp::endpoint endpoint(address, options_.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return {};
    return fail("it cannot listen there (" + error.message() + ")",
                options_.address + ":" + std::to_string(options_.port),
                "choose another --listen, or end what listens there", ErrorKind::kConfiguration);
  }

  [[nodiscard]] std::string url() const override {
    error_code ignored;
    const auto endpoint = acceptor_.local_endpoint(ignored);
    const std::string address = endpoint.address().to_string();
    return (tls_ ? "https://" : "http://") + (endpoint.address().is_v6() ? "[" + address + "]" : address) +
           ":" + std::to_string(endpoint.port());
  }

  [[nodiscard]] std::size_t connections() const override {
    const std::lock_guard lock(common_.mutex);
    return common_.there.size();
  }

  void run(const Reload& reload, const std::function<void()>& stopping) override {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
    wait_for_signal(reload, stopping);
    accept();
    std::vector<std::thread> others;
    for (int i = 1; i < options_.threads; ++i) others.emplace_back([this] { io_.run(); });
    io_.run();
    for (std::thread& other : others) other.join();
  }

 private:
  void wait_for_signal(const Reload& reload, const std::function<void()>& stopping) {
    signals_.async_wait([this, reload, stopping](const error_code& error, int signal) {
      if (error) return;
      if (signal != SIGHUP) {
        stopping();
        return stop();
      }
      reload(load_certificate_again());
      wait_for_signal(reload, stopping);
    });
  }

  Result<void> load_certificate_again() {
    if (!tls_) return {};
    auto loaded = load_tls(options_.certificate, options_.key);
    if (!loaded) return Failure(loaded.error());
    const std::lock_guard lock(common_.mutex);
    tls_ = *std::move(loaded);
    return {};
  }

  void accept() {
    acceptor_.async_accept(asio::make_strand(io_), [this](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) {  // no descriptor is left, most likely: others will end
        pause_.expires_after(std::chrono::milliseconds(100));
        return pause_.async_wait([this](const error_code& stopped) {
          if (!stopped) accept();
        });
      }
      begin(std::move(socket));
      accept();
    });
  }

  // Whoever takes places and says nothing takes them from himself.
  bool make_room() {
    std::shared_ptr<Connection> silent;
    {
      const std::lock_guard lock(common_.mutex);
      if (common_.there.size() >= options_.most_connections + kOnTheirWayOut) return false;
      Connection* longest = nullptr;
      for (Connection* each : common_.there) {
        const auto since = each->silent_since();
        if (since && (longest == nullptr || *since < longest->silent_since())) longest = each;
      }
      if (longest != nullptr) silent = longest->weak_from_this().lock();
    }
    if (silent) silent->give_way();
    return silent != nullptr;
  }

  void begin(tcp::socket socket) {
    if (connections() >= options_.most_connections && !make_room()) return;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::shared_ptr<ssl::context> tls;
    {
      const std::lock_guard lock(common_.mutex);
      tls = tls_;
    }
    if (tls) {
      // The context lives as long as its connections do: OpenSSL counts who uses it.
      std::make_shared<Talk<Secure>>(common_, Secure(std::move(socket), *tls))->start();
    } else {
      std::make_shared<Talk<Plain>>(common_, Plain(std::move(socket)))->start();
    }
  }

  void stop() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    std::vector<std::shared_ptr<Connection>> there;
    {
      const std::lock_guard lock(common_.mutex);
      for (Connection* each : common_.there) {
        if (auto alive = each->weak_from_this().lock()) there.push_back(std::move(alive));
      }
    }
    for (const auto& each : there) each->end_soon();
    there.clear();
    wait_until_drained(std::chrono::steady_clock::now() + options_.drain);
  }

  void wait_until_drained(std::chrono::steady_clock::time_point deadline) {
    if (connections() == 0) return;
    if (std::chrono::steady_clock::now() > deadline) return io_.stop();
    drained_.expires_after(std::chrono::milliseconds(20));
    drained_.async_wait([this, deadline](const error_code&) { wait_until_drained(deadline); });
  }

  const ListenerOptions options_;
  std::shared_ptr<ssl::context> tls_;
  Common common_;
  asio::io_context io_;
  asio::strand<asio::io_context::executor_type> control_;  ///< of all that follows
  tcp::acceptor acceptor_;
  asio::signal_set signals_;
  asio::steady_timer drained_, pause_;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(const ListenerOptions& options, Handler& handler) {
  auto listener = std::make_unique<BeastListener>(options, handler);
  if (auto listens = listener->listen(); !listens) return Failure(listens.error());
  return listener;
}

}  // namespace dmigate::service
