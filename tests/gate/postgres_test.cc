// What a server, its network and its configuration do to a registry: an error in good time that says what to
// do, and no commit that was acknowledged is lost.
#include "gate/registry/postgres.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "gate/registry/libpq.h"
#include "tests/gate/postgres_server.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

using Connection = std::unique_ptr<Sql>;

Connection opened(const std::string& url, int timeout_ms = 20000) {
  auto sql = open_postgres(url, {.timeout_ms = timeout_ms});
  REQUIRE_MESSAGE(sql, (sql ? "" : sql.error().to_string()));
  return *std::move(sql);
}

template <typename T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  CHECK_FALSE(result.error().advice.empty());
  CHECK(result.error().to_string().find(PostgresServer::kPassword) == std::string::npos);
  CHECK(result.error().to_string().find(PostgresServer::kPasswordInUrl) == std::string::npos);
  return result.error();
}

void run(Sql& sql, std::string_view statement, std::initializer_list<SqlValue> parameters = {}) {
  const auto done = sql.run(statement, parameters);
  REQUIRE_MESSAGE(done, statement << ": " << (done ? "" : done.error().to_string()));
}

// A table of numbers, and what of it is there.
std::string with_numbers(PostgresServer& server) {
  const std::string url = server.new_database();
  run(*opened(url), "CREATE TABLE number (n BIGINT PRIMARY KEY)");
  return url;
}

Result<void> insert(Sql& sql, std::int64_t number) {
  if (auto begun = sql.begin(); !begun) return begun;
  auto added = sql.run("INSERT INTO number (n) VALUES ($1)", {number});
  auto done = added ? sql.commit() : Result<void>(Failure(added.error()));
  if (!done) sql.rollback();
  return done;
}

std::set<std::int64_t> numbers(const std::string& url) {
  const auto rows = opened(url)->run("SELECT n FROM number");
  REQUIRE(rows);
  std::set<std::int64_t> numbers;
  for (const Row& row : *rows) numbers.insert(integer(row.front()));
  return numbers;
}

// A port of 127.0.0.1 that says nothing: what connects is left waiting, or not even let in.
class SilentPort {
 public:
  explicit SilentPort(bool full) {
    address_ = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    socklen_t size = sizeof address_;
    REQUIRE((::bind(sockets_[0], raw(), size) == 0 && ::getsockname(sockets_[0], raw(), &size) == 0));
    REQUIRE(::listen(sockets_[0], full ? 0 : 16) == 0);
    for (int i = 0; full && i < 4; ++i) {
      sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      static_cast<void>(::connect(sockets_.back(), raw(), size));
    }
  }
  ~SilentPort() {
    for (const int each : sockets_) ::close(each);
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
  }

 private:
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&address_); }
  sockaddr_in address_{};
  std::vector<int> sockets_;
};

std::string closed_port() {
  const SilentPort gone(false);
  return gone.address();
}

TEST_CASE("where libpq is not installed, the error names its package") {
  const auto error = error_of(load_libpq("libpq-that-is-not-there.so.5"));
  CHECK(error.what.find("libpq-that-is-not-there.so.5") != std::string::npos);
  CHECK(error.advice.find("libpq5") != std::string::npos);
}

TEST_CASE("a server that is not there, says nothing or is no server: an error, and no wait without end") {
  const SilentPort silent(false), full(true);
  for (const std::string& address :
       {closed_port(), silent.address(), full.address(), std::string("nobody.invalid"), std::string(),
        closed_port() + "," + silent.address() + "," + full.address(), std::string("[::1]:1"),
        std::string("127.0.0.1:99999")}) {
    CAPTURE(address);
    const std::string url = "postgresql://dmigate:" + std::string(PostgresServer::kPasswordInUrl) + "@" +
                            address + "/registry" + (address.empty() ? "?host=/no/such/folder" : "");
    for (const auto& open : {open_postgres, create_postgres}) {
      const Error error = error_of(open(url, {.timeout_ms = 300}));
      CHECK(error.kind == ErrorKind::kUnjudgeable);
      CHECK(error.where.starts_with("postgresql://dmigate:***@"));
    }
  }
}

TEST_CASE("a URL that does not hold is a fault of the configuration, and is not repeated") {
  for (const char* url : {"postgresql://me:secret@127.0.0.1:port/db", "postgresql://me:secret/db",
                          "postgresql://me:sec@ret@host/db", "postgresql://me:secret%zz@host/db",
                          "postgresql://me@host/db?password=secret&nothing=1", "postgresql://[::1",
                          "postgres://me:secret/x@host"}) {
    CAPTURE(url);
    const auto opened = open_postgres(url, {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == ErrorKind::kConfiguration);
    CHECK(opened.error().to_string().find("sec") == std::string::npos);
    CHECK(opened.error().to_string().find("ret") == std::string::npos);
  }
}

TEST_CASE("who is let in by no server is told so, without the password") {
  if (PostgresServer::left_out()) return;
  PostgresServer& server = shared_postgres();
  server.run("CREATE ROLE guest LOGIN PASSWORD 'guest' CONNECTION LIMIT 0");
  const std::string at = "@" + server.address() + "/";
  struct Case {
    std::string url, words;
  };
  for (const Case& each : {Case{"postgresql://dmigate:a-wrong-one" + at + "postgres", "refuses this user"},
                           Case{"postgresql://nobody:a-wrong-one" + at + "postgres", "refuses this user"},
                           Case{"postgresql://dmigate" + at + "postgres", "no password supplied"},
                           Case{"postgresql://guest:guest" + at + "postgres", "no more connections"},
                           Case{server.url("nowhere"), "no such database"}}) {
    const Error error = error_of(open_postgres(each.url, {}));
    CAPTURE(error.to_string());
    CHECK(error.what.find(each.words) != std::string::npos);
    CHECK(error.to_string().find("a-wrong-one") == std::string::npos);
    CHECK(error.to_string().find("LOCATION") == std::string::npos);
  }
}

TEST_CASE("a database that has a table `registry`, or not the right characters, is not made a registry") {
  if (PostgresServer::left_out()) return;
  PostgresServer& server = shared_postgres();
  const std::string taken = server.new_database();
  run(*opened(taken), "CREATE TABLE registry (host TEXT)");
  CHECK(error_of(create_postgres(taken, {})).what.find("has a table `registry` already") !=
        std::string::npos);
  run(*opened(taken), "SELECT host FROM registry");
  const std::string latin =
      server.new_database("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  CHECK(error_of(create_postgres(latin, {})).what.find("not in UTF-8") != std::string::npos);
}

TEST_CASE("every session is durable, in time and in UTF-8, whatever the server was told") {
  if (PostgresServer::left_out()) return;
  PostgresServer& server = shared_postgres();
  const std::string url = server.new_database();
  for (const char* setting :
       {"synchronous_commit = off", "client_encoding = 'LATIN1'", "statement_timeout = 0",
        "enable_seqscan = on", "default_transaction_isolation = 'read committed'"}) {
    server.run("ALTER ROLE dmigate SET " + std::string(setting));
  }
  const Connection sql = opened(url, 7000);
  REQUIRE(sql->begin());
  for (const auto& [name, value] :
       {std::pair{"synchronous_commit", "on"}, std::pair{"client_encoding", "UTF8"},
        std::pair{"statement_timeout", "7s"}, std::pair{"enable_seqscan", "off"},
        std::pair{"idle_in_transaction_session_timeout", "7s"}, std::pair{"application_name", "dmigate"},
        std::pair{"transaction_isolation", "serializable"}}) {
    CAPTURE(name);
    const auto rows = sql->run("SELECT current_setting($1)", {std::string(name)});
    REQUIRE(rows);
    CHECK(text(rows->front().front()) == value);
  }
  server.run("ALTER ROLE dmigate RESET ALL");
}

TEST_CASE("what a server says is told in a sentence, with what to do and whether it may be tried again") {
  if (PostgresServer::left_out()) return;
  const Connection sql = opened(shared_postgres().url());
  struct Case {
    const char* sqlstate;
    const char* words;
    ErrorKind kind = ErrorKind::kUnjudgeable;
  };
  for (const Case& each :
       {Case{"40001", "another station", ErrorKind::kConflict},
        Case{"40P01", "another station", ErrorKind::kConflict},
        Case{"55P03", "another station", ErrorKind::kConflict},
        Case{"23505", "another station", ErrorKind::kConflict},
        Case{"53100", "disk that holds the registry is full"}, Case{"53200", "short of memory"},
        Case{"25006", "read-only"}, Case{"42501", "lacks a right"}, Case{"57014", "did not answer in time"},
        Case{"57P03", "starting or stopping"}, Case{"58030", "disk"}, Case{"XX001", "damaged"},
        Case{"22P05", "characters"}, Case{"08006", "lost"},
        Case{"P0001", "the registry failed: the server's words"}}) {
    CAPTURE(each.sqlstate);
    REQUIRE(sql->begin());
    const Error error =
        error_of(sql->run("DO $$ BEGIN RAISE EXCEPTION 'the server''s words' USING ERRCODE = '" +
                          std::string(each.sqlstate) + "'; END $$"));
    sql->rollback();
    CHECK(error.what.find(each.words) != std::string::npos);
    CHECK(error.what.find("the server's words") != std::string::npos);
    CHECK(error.kind == each.kind);
  }
}

TEST_CASE("text that is not UTF-8, or holds a NUL, is refused and not cut short") {
  if (PostgresServer::left_out()) return;
  PostgresServer& server = shared_postgres();
  const std::string url = server.new_database();
  const Connection sql = opened(url);
  run(*sql, "CREATE TABLE words (words TEXT)");
  for (const std::string& words :
       {std::string("CX1\0 2", 6), std::string("\0", 1), std::string("\xFF"), std::string("CX\xC3"),
        std::string("\xED\xA0\x80"), std::string("\xC0\x80"), std::string("\xF5\x80\x80\x80")}) {
    const Error error = error_of(sql->run("INSERT INTO words (words) VALUES ($1)", {words}));
    CHECK(error.what.find("not in UTF-8, or holds a NUL") != std::string::npos);
  }
  CHECK(sql->run("SELECT words FROM words")->empty());
}

TEST_CASE("a value of a type that no registry has is an error, not an empty one") {
  if (PostgresServer::left_out()) return;
  const Connection sql = opened(shared_postgres().url());
  for (const char* value : {"1.5::numeric", "now()", "1.5::float8", "ARRAY[1]", "'{}'::json"}) {
    CHECK(error_of(sql->run("SELECT " + std::string(value))).what.find("type") != std::string::npos);
  }
  const auto rows = sql->run("SELECT 2::int2, -3::int4, true, false, 'a'::varchar");
  REQUIRE(rows);
  CHECK(rows->front() ==
        Row{std::int64_t{2}, std::int64_t{-3}, std::int64_t{1}, std::int64_t{0}, std::string("a")});
}

TEST_CASE("after a statement failed nothing can be committed") {
  if (PostgresServer::left_out()) return;
  const std::string url = with_numbers(shared_postgres());
  const Connection sql = opened(url);
  REQUIRE(sql->begin());
  run(*sql, "INSERT INTO number (n) VALUES (1)");
  CHECK_FALSE(sql->run("INSERT INTO nothing (n) VALUES (1)"));
  const Error error = error_of(sql->commit());
  CHECK(error.kind == ErrorKind::kUnjudgeable);
  CHECK(numbers(url).empty());
  CHECK_FALSE(sql->commit());
  CHECK(insert(*sql, 2));
  CHECK(numbers(url) == std::set<std::int64_t>{2});
}

TEST_CASE("a server that keeps nothing through a loss of power is refused") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  server.run("ALTER SYSTEM SET fsync = off");
  server.run("SELECT pg_reload_conf()");
  eventually([&] {
    const auto opened = open_postgres(server.url(), {});
    return !opened && opened.error().what.find("fsync") != std::string::npos;
  });
}

TEST_CASE(
    "a server that is stopped in the middle of a transaction: an error each time, then it works again") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  const std::string url = with_numbers(server);
  const Connection sql = opened(url, 400);
  const Connection idle = opened(url, 400);
  REQUIRE(sql->begin());
  run(*sql, "INSERT INTO number (n) VALUES (1)");
  server.pause();
  CHECK(error_of(sql->run("INSERT INTO number (n) VALUES (2)")).what.find("in time") != std::string::npos);
  // Not in a new session, and not as a transaction of its own.
  CHECK(error_of(sql->run("INSERT INTO number (n) VALUES (3)")).what.find("in time") != std::string::npos);
  CHECK(error_of(sql->commit()).kind == ErrorKind::kUnjudgeable);
  CHECK_FALSE(sql->begin());
  CHECK_FALSE(idle->begin());
  CHECK_FALSE(idle->run("SELECT n FROM number"));
  CHECK_FALSE(open_postgres(url, {.timeout_ms = 300}));
  server.resume();
  eventually([&] { return insert(*sql, 4).has_value(); });
  eventually([&] { return insert(*idle, 5).has_value(); });
  CHECK(numbers(url) == std::set<std::int64_t>{4, 5});
}

TEST_CASE("a server that is stopped while it commits: it is not known, and it may be there") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  const std::string url = with_numbers(server);
  const auto standby = server.synchronous_standby();
  const Connection sql = opened(url, 1000);
  REQUIRE(insert(*sql, 1));
  standby->pause();  // the server waits for it
  const Error error = error_of(insert(*sql, 2));
  CHECK(error.kind == ErrorKind::kUncertain);
  CHECK(error.what.starts_with("it is not known whether this was recorded"));
  standby->resume();
  eventually([&] { return insert(*sql, 3).has_value(); });
  const auto all = numbers(url);
  CHECK(all.contains(1));
  CHECK(all.contains(3));
}

TEST_CASE("a station is cut off while it commits: its next transaction begins when that commit has ended") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  Relay relay(server);
  const std::string url = relay.before(with_numbers(server));
  const auto standby = server.synchronous_standby();
  const Connection sql = opened(url);
  standby->pause();
  const auto commits = [&] {
    return !server.ask("SELECT pid::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'").empty();
  };
  std::thread network([&] {
    while (!commits()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    relay.cut();
  });
  const auto done = insert(*sql, 1);
  network.join();
  CHECK(error_of(done).kind == ErrorKind::kUncertain);
  CHECK(commits());
  std::thread mended([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    standby->resume();
  });
  const auto begun = sql->begin();
  const auto rows = sql->run("SELECT n FROM number");
  sql->rollback();
  mended.join();
  REQUIRE(begun);
  REQUIRE(rows);
  CHECK(rows->size() == 1);
}

TEST_CASE("a network that fails at any moment: what was acknowledged is there, what was refused is not") {
  if (PostgresServer::left_out()) return;
  const std::string url = with_numbers(shared_postgres());
  std::mt19937 random(417);
  std::set<std::int64_t> acknowledged;
  std::int64_t next = 0;
  int refused = 0, uncertain = 0;
  for (int round = 0; round < 40; ++round) {
    Relay relay(shared_postgres());
    const Connection sql = opened(relay.before(url));
    std::atomic<bool> is_cut = false;
    std::thread network([&, moment = std::chrono::microseconds(random() % 15000)] {
      std::this_thread::sleep_for(moment);
      relay.cut();
      is_cut = true;
    });
    for (bool last = false; !last;) {
      last = is_cut;
      const std::int64_t number = next++;
      const auto done = insert(*sql, number);
      bool is_there = done.has_value();
      if (!done && done.error().kind == ErrorKind::kUncertain) {
        // The next transaction sees what came of it.
        REQUIRE(sql->begin());
        const auto rows = sql->run("SELECT n FROM number WHERE n = $1", {number});
        sql->rollback();
        REQUIRE(rows);
        is_there = !rows->empty();
        ++uncertain;
      } else if (!done) {
        ++refused;
      }
      if (is_there) acknowledged.insert(number);
    }
    network.join();
  }
  MESSAGE(acknowledged.size() << " acknowledged, " << refused << " refused, " << uncertain << " uncertain");
  CHECK(numbers(url) == acknowledged);
  CHECK(acknowledged.size() >= 40);
}

TEST_CASE("a commit that the standby may not have is no commit, even if the server says that it is one") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  const std::string url = with_numbers(server);
  const auto standby = server.synchronous_standby();
  const Connection sql = opened(url);
  REQUIRE(insert(*sql, 1));
  standby->pause();
  std::thread impatient([&] {
    const Connection other = opened(server.url());
    const auto cancelled = [&] {
      const auto rows = other->run(
          "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query = "
          "'COMMIT'");
      return rows && !rows->empty();
    };
    while (!cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  const auto done = insert(*sql, 2);
  impatient.join();
  CHECK(error_of(done).kind == ErrorKind::kUncertain);
  standby->resume();
  CHECK(insert(*sql, 3));
}

TEST_CASE("a server that dies at any moment: what it acknowledged is there, what it refused is not") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  const std::string url = with_numbers(server);
  const Connection sql = opened(url);
  std::mt19937 random(417);
  std::set<std::int64_t> acknowledged, refused;
  std::int64_t next = 0;
  int uncertain = 0;
  for (int round = 0; round < 12; ++round) {
    const auto moment = std::chrono::microseconds(random() % 20000);
    std::thread power([&] {
      std::this_thread::sleep_for(moment);
      server.crash();
    });
    for (bool lives = true; lives;) {
      const std::int64_t number = next++;
      const auto done = insert(*sql, number);
      if (done) acknowledged.insert(number);
      lives = done.has_value();
      if (!done && done.error().kind == ErrorKind::kUncertain) ++uncertain;
      if (!done && done.error().kind != ErrorKind::kUncertain) refused.insert(number);
    }
    power.join();
    server.start();
    // The same object, and a new session: the first begin() finds the old one lost.
    const std::int64_t number = next++;
    REQUIRE(insert(*sql, number));
    acknowledged.insert(number);
  }
  const auto there = numbers(url);
  MESSAGE(acknowledged.size() << " acknowledged, " << refused.size() << " refused, " << uncertain
                              << " uncertain");
  CHECK(std::ranges::includes(there, acknowledged));
  for (const std::int64_t number : refused) CHECK_FALSE(there.contains(number));
}

TEST_CASE("a server that is stopped in good order and started again is found by the next begin()") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  const std::string url = with_numbers(server);
  const Connection sql = opened(url);
  REQUIRE(insert(*sql, 1));
  server.stop();
  CHECK(error_of(insert(*sql, 2)).kind == ErrorKind::kUnjudgeable);
  CHECK_FALSE(sql->run("SELECT n FROM number"));
  server.start();
  CHECK(insert(*sql, 3));
  REQUIRE(sql->begin());
  server.stop();
  server.start();
  CHECK_FALSE(sql->run("SELECT n FROM number"));
  CHECK_FALSE(sql->commit());
  CHECK(insert(*sql, 4));
  CHECK(numbers(url) == std::set<std::int64_t>{1, 3, 4});
}

TEST_CASE("of several servers the one that can be written is taken, wherever it stands in the URL") {
  if (PostgresServer::left_out()) return;
  PostgresServer server;
  const auto standby = server.synchronous_standby();
  const SilentPort silent(false), full(true);
  const auto url = [](const std::string& servers) {
    return "postgresql://dmigate:" + std::string(PostgresServer::kPasswordInUrl) + "@" + servers +
           "/postgres?target_session_attrs=read-write";
  };
  const Error error = error_of(open_postgres(url(standby->address()), {}));
  CHECK(error.what.find("read-only") != std::string::npos);
  CHECK(error_of(open_postgres(url(standby->address() + "," + closed_port()), {})).what.find("read-only") !=
        std::string::npos);
  for (const std::string& other : {standby->address(), closed_port(), silent.address(), full.address(),
                                   std::string("nobody.invalid:5432")}) {
    CAPTURE(other);
    CHECK(open_postgres(url(other + "," + server.address()), {.timeout_ms = 20000}));
    CHECK(open_postgres(url(server.address() + "," + other), {.timeout_ms = 20000}));
  }
}

TEST_CASE("a standby takes over: no commit that was acknowledged is lost") {
  if (PostgresServer::left_out()) return;
  auto primary = std::make_unique<PostgresServer>();
  const std::string only = with_numbers(*primary);
  const auto standby = primary->synchronous_standby();
  const std::string url = PostgresServer::with(*standby, only);
  std::atomic<std::int64_t> acknowledged_last = 0;
  std::atomic<bool> enough = false;
  std::vector<std::int64_t> acknowledged;
  std::thread station([&] {
    const Connection sql = opened(url, 2000);
    for (std::int64_t number = 1; !enough; ++number) {
      if (!insert(*sql, number)) continue;
      acknowledged.push_back(number);
      acknowledged_last = number;
    }
  });
  eventually([&] { return acknowledged_last >= 50; });
  primary->crash();
  const std::int64_t at_crash = acknowledged_last;
  standby->promote();
  eventually([&] { return acknowledged_last > at_crash; });
  enough = true;
  station.join();
  const auto there = numbers(url);
  MESSAGE(acknowledged.size() << " acknowledged, " << there.size() << " there");
  CHECK(acknowledged.size() > 50);
  CHECK(std::ranges::includes(there, acknowledged));
}

}  // namespace
}  // namespace dmigate::gate
