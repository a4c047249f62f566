// The part that speaks HTTP/1.1: Boost.Beast on a few threads, with or without TLS. Everything that a peer
// can do wrong or slowly ends here; what is asked goes to a Handler.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "line-integration/service/http.h"
#include "smbios/result.h"

namespace dmigate::service {

struct ListenerOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6
  std::uint16_t port = 8480;          ///< 0: one that is free
  std::string certificate, key;       ///< PEM files; empty: no TLS
  int threads = 2;
  // One more takes the place of the one that has been silent for longest; where none is, it is not taken.
  std::size_t most_connections = 4096;
  std::uint64_t most_in_flight = std::uint64_t{64} << 20;   ///< bytes of bodies, of all connections, until
                                                            ///< their answers; not of those that go to files
  std::size_t most_head = 16 * 1024;                        ///< bytes of a request's head
  std::chrono::milliseconds idle{std::chrono::minutes(2)};  ///< for a request's head, from the last answer on
  std::chrono::milliseconds body{std::chrono::seconds(30)};
  std::chrono::milliseconds write{std::chrono::seconds(30)};
  std::chrono::milliseconds transfer{std::chrono::minutes(10)};  ///< for a body or an answer that is a file;
                                                                 ///< `body` and `write` are for each part
  std::chrono::milliseconds handshake{std::chrono::seconds(10)};
  std::chrono::milliseconds keepalive{std::chrono::seconds(15)};  ///< between two lines of an event stream
  std::chrono::milliseconds drain{std::chrono::seconds(10)};      ///< for what is asked when it stops
};

class Listener {
 public:
  // Fails (kConfiguration) where it cannot listen there, or the certificate does not hold, is not the key's,
  // or has expired. `handler` outlives it.
  static Result<std::unique_ptr<Listener>> open(const ListenerOptions& options, Handler& handler);
  virtual ~Listener() = default;

  [[nodiscard]] virtual std::string url() const = 0;  ///< "https://10.0.0.5:8480"
  [[nodiscard]] virtual std::size_t connections() const = 0;
  // Serves until SIGTERM or SIGINT, then answers what was asked, and returns. SIGHUP reads the certificate
  // again, and calls `reload` with what became of that: one that does not hold leaves the one before where it
  // was. `stopping` is called once, when it begins to stop.
  using Reload = std::function<void(const Result<void>& certificate)>;
  virtual void run(const Reload& reload, const std::function<void()>& stopping) = 0;
};

}  // namespace dmigate::service
