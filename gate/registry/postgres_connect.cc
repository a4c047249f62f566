// The way to a server: the URL's servers, their names, and the first that answers and can be written.
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <future>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "gate/registry/place.h"
#include "gate/registry/postgres_failure.h"
#include "gate/registry/postgres_session.h"

namespace dmigate::gate {
namespace {

using Clock = Deadline::clock;
using Parameters = std::map<std::string, std::string>;

// A server that has not answered by then is not waited for before the next of the URL is asked as well.
constexpr auto kHeadStart = std::chrono::milliseconds(250);

// One of the URL's servers; what is empty is left to libpq, its environment and defaults.
struct Server {
  std::string host, address, port;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  if (list.empty()) return parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::vector<Server> servers_of(const Parameters& parameters) {
  const auto list = [&](const char* name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string() : found->second;
  };
  const auto hosts = split(list("host")), addresses = split(list("hostaddr")), ports = split(list("port"));
  const std::size_t count = std::max({hosts.size(), addresses.size(), std::size_t{1}});
  const auto fits = [&](const auto& parts) { return parts.empty() || parts.size() == count; };
  // Lists that do not go together are handed on as they are: libpq says so.
  if (!fits(hosts) || !fits(addresses) || !(fits(ports) || ports.size() == 1))
    return {{list("host"), list("hostaddr"), list("port")}};
  std::vector<Server> servers(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!hosts.empty()) servers[i].host = hosts[i];
    if (!addresses.empty()) servers[i].address = addresses[i];
    if (!ports.empty()) servers[i].port = ports.size() == 1 ? ports[0] : ports[i];
  }
  return servers;
}

// Not an address, nor the folder of a socket.
bool is_name(const std::string& host) {
  in6_addr address{};
  return !host.empty() && host.find_first_of("/@,") == host.npos &&
         inet_pton(AF_INET, host.c_str(), &address) != 1 && inet_pton(AF_INET6, host.c_str(), &address) != 1;
}

struct Addresses {
  std::vector<std::string> list;
  std::string why;  ///< there is none
};

Addresses look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0)
    return {{}, gai_strerror(error)};
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      addresses.list.emplace_back(text);
  }
  freeaddrinfo(found);
  return addresses;
}

// The resolver knows no deadline, and libpq calls it where it stands: it is called in a thread, which is
// left behind when the time is over.
std::optional<Addresses> look_up(const std::string& name, Deadline deadline) {
  auto promise = std::make_shared<std::promise<Addresses>>();
  auto addresses = promise->get_future();
  try {
    std::thread([promise, name] { promise->set_value(look_up(name)); }).detach();
  } catch (const std::system_error& error) {
    return Addresses{{}, error.what()};
  }
  if (addresses.wait_until(deadline) != std::future_status::ready) return std::nullopt;
  return addresses.get();
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string list = text;
  for (std::size_t i = 1; i < times; ++i) list += "," + text;
  return list;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string list;
  for (const std::string& part : parts) list += (list.empty() ? "" : ",") + part;
  return list;
}

// "… FATAL:  28P01: password authentication failed …": libpq tells of a refused connection in words only.
std::string_view sqlstate_in(std::string_view words) {
  constexpr std::string_view kBefore = ":  ";
  constexpr std::size_t kLength = 5;
  const std::size_t at = words.find(kBefore);
  if (at == words.npos) return {};
  const std::string_view state = words.substr(at + kBefore.size(), kLength);
  const bool whole = state.size() == kLength && std::ranges::all_of(state, [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                     });
  return whole && words.substr(at + kBefore.size() + kLength).starts_with(":") ? state : std::string_view();
}

class Connecting {
 public:
  Connecting(const std::shared_ptr<const Libpq>& pq, Parameters parameters, std::string where,
             Deadline deadline)
      : pq_(pq),
        parameters_(std::move(parameters)),
        servers_(servers_of(parameters_)),
        where_(std::move(where)),
        deadline_(deadline) {}

  Result<PgConnection> run() {
    while (next_ < servers_.size() || !open_.empty()) {
      if (Clock::now() >= deadline_) break;
      if (next_ < servers_.size() && (open_.empty() || Clock::now() >= head_start_)) {
        start(servers_[next_++]);
        head_start_ = Clock::now() + kHeadStart;
      }
      if (auto ready = advance()) return ready;
    }
    if (told_) return Failure(*told_);
    return silent_ && open_.empty() ? Failure(*silent_) : late(where_);
  }

 private:
  struct Attempt {
    PgConnection connection;
    short waits_for = POLLOUT;
  };

  // The time that is left is shared by the servers that are.
  void start(Server server) {
    if (server.address.empty() && is_name(server.host)) {
      const auto share = (deadline_ - Clock::now()) / static_cast<int>(servers_.size() - next_ + 1);
      const auto found = look_up(server.host, Clock::now() + share);
      if (!found) return unreachable(server.host + ": its name is not found in time");
      if (found->list.empty()) return unreachable(server.host + ": " + found->why);
      server = {repeated(server.host, found->list.size()), joined(found->list), server.port};
    }
    Parameters all = parameters_;
    for (const auto& [name, value] : {std::pair{"host", server.host}, std::pair{"hostaddr", server.address},
                                      std::pair{"port", server.port}}) {
      if (value.empty()) all.erase(name);
      if (!value.empty()) all[name] = value;
    }
    std::vector<const char*> names, values;
    for (const auto& [name, value] : all) {
      names.push_back(name.c_str());
      values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    PgConnection connection(pq_->connect_start_params(names.data(), values.data(), 0), LibpqCloser{pq_});
    if (!connection) return unreachable("out of memory");
    pq_->set_error_verbosity(connection.get(), PQERRORS_VERBOSE);
    if (pq_->status(connection.get()) == CONNECTION_BAD) return refused(connection.get());
    open_.push_back({.connection = std::move(connection)});
  }

  // Waits until one that was started goes on, or another is to be started. One that is ready: it.
  PgConnection advance() {
    std::vector<pollfd> sockets;
    for (const Attempt& each : open_)
      sockets.push_back({.fd = pq_->socket(each.connection.get()), .events = each.waits_for, .revents = 0});
    wait_for(sockets, next_ < servers_.size() ? std::min(deadline_, head_start_) : deadline_);
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (sockets[i].revents == 0) continue;
      if (auto ready = advance(open_[i])) return ready;
    }
    std::erase_if(open_, [](const Attempt& each) { return !each.connection; });
    return {};
  }

  PgConnection advance(Attempt& attempt) {
    PGconn* const connection = attempt.connection.get();
    switch (pq_->connect_poll(connection)) {
      case PGRES_POLLING_OK:
        if (is_writable(connection)) return std::move(attempt.connection);
        told_ = postgres_failure("25006", "no server of the URL takes writes", where_).value();
        attempt.connection.reset();
        break;
      case PGRES_POLLING_READING:
        attempt.waits_for = POLLIN;
        break;
      case PGRES_POLLING_WRITING:
        attempt.waits_for = POLLOUT;
        break;
      default:
        refused(connection);
        attempt.connection.reset();
    }
    return {};
  }

  // Servers since 14 say so by themselves; an older one refuses the first write.
  bool is_writable(const PGconn* connection) const {
    const auto is_on = [&](const char* name) {
      const char* value = pq_->parameter_status(connection, name);
      return value != nullptr && std::string_view(value) == "on";
    };
    return !is_on("in_hot_standby") && !is_on("default_transaction_read_only");
  }

  // Of several that refuse, one that says why counts.
  void refused(const PGconn* connection) {
    const std::string_view all = pq_->error_message(connection);
    const std::size_t last = all.rfind("connection to server ");
    const std::string words = first_line(last == all.npos ? all : all.substr(last));
    const std::string_view sqlstate = sqlstate_in(words);
    if (sqlstate.empty()) return unreachable(words);
    told_ = postgres_failure(sqlstate, words, where_).value();
  }

  void unreachable(const std::string& words) {
    silent_ = fail("the registry's server cannot be reached (" + words + ")", where_,
                   "see that it runs, and that its address and port are right")
                  .value();
  }

  std::shared_ptr<const Libpq> pq_;
  Parameters parameters_;
  std::vector<Server> servers_;
  std::string where_;
  Deadline deadline_;
  Deadline head_start_;
  std::size_t next_ = 0;  // of servers_, to be started
  std::vector<Attempt> open_;
  std::optional<Error> told_, silent_;
};

Result<Parameters> parameters_of(const Libpq& pq, const std::string& url, const std::string& where) {
  char* ignored = nullptr;  // it quotes the password
  PQconninfoOption* const options = is_plain_url(url) ? pq.conninfo_parse(url.c_str(), &ignored) : nullptr;
  if (ignored != nullptr) pq.freemem(ignored);
  if (options == nullptr) {
    return fail("this URL of a registry cannot be read", where,
                "write postgresql://USER@HOST:PORT/DATABASE, and what is special in it as %XX (@ is %40)",
                ErrorKind::kConfiguration);
  }
  Parameters parameters;
  for (const PQconninfoOption* each = options; each->keyword != nullptr; ++each) {
    if (each->val != nullptr) parameters[each->keyword] = each->val;
  }
  pq.conninfo_free(options);
  return parameters;
}

}  // namespace

Result<PgConnection> connect_postgres(const std::shared_ptr<const Libpq>& pq, const std::string& url,
                                      const std::string& where, Deadline deadline) {
  auto parameters = parameters_of(*pq, url, where);
  if (!parameters) return Failure(parameters.error());
  parameters->emplace("fallback_application_name", "dmigate");
  (*parameters)["client_encoding"] = "UTF8";
  // Asked of every server here: a registry is written, whatever the URL says.
  (*parameters)["target_session_attrs"] = "any";
  return Connecting(pq, *std::move(parameters), where, deadline).run();
}

}  // namespace dmigate::gate
