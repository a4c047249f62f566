#include "tests/gate/postgres_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "gate/registry/postgres.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;
constexpr const char* kUser = "dmigate";

// The newest version's programs; empty: none is installed.
std::string programs() {
  std::string found;
  int newest = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string name = entry.path().filename().string();
    int version = 0;
    std::from_chars(name.data(), name.data() + name.size(), version);
    if (version > newest && fs::exists(entry.path() / "bin/postgres")) {
      newest = version;
      found = entry.path() / "bin";
    }
  }
  return found;
}

// root may not run a server: the user that Debian's package has made for it does.
const passwd* other_user() { return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr; }

void give_away(const std::string& path) {
  const passwd* user = other_user();
  if (user != nullptr) REQUIRE(::chown(path.c_str(), user->pw_uid, user->pw_gid) == 0);
}

// Ends with the test that has started it. Its output goes to `log`.
pid_t spawn(const std::vector<std::string>& words, const std::string& folder, const std::string& log) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const passwd* user = other_user();
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  REQUIRE(output >= 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const bool changed = user == nullptr || (::initgroups(user->pw_name, user->pw_gid) == 0 &&
                                             ::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0);
    ::dup2(output, 1);
    ::dup2(output, 2);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (changed && ::chdir(folder.c_str()) == 0) ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(output);
  return child;
}

void run_program(const std::vector<std::string>& words, const std::string& folder) {
  const std::string log = folder + "/log";
  int status = -1;
  ::waitpid(spawn(words, folder, log), &status, 0);
  REQUIRE_MESSAGE(status == 0, words.front() << ": " << read_file(log));
}

// Made once for each test program; a server starts with a copy.
const std::string& template_data() {
  static const TemporaryFolder folder;
  static const std::string data = [] {
    give_away(folder.path());
    write_file(folder / "password", PostgresServer::kPassword);
    give_away(folder / "password");
    run_program({programs() + "/initdb", "--pgdata=" + (folder / "data"), "--username=" + std::string(kUser),
                 "--pwfile=" + (folder / "password"), "--auth-local=trust", "--auth-host=scram-sha-256",
                 "--data-checksums", "--encoding=UTF8", "--locale=C", "--no-instructions"},
                folder.path());
    return folder / "data";
  }();
  return data;
}

sockaddr* raw(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

// At a free port of 127.0.0.1.
struct Listener {
  Listener() : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE((::bind(socket, raw(address), size) == 0 && ::getsockname(socket, raw(address), &size) == 0));
  }
  ~Listener() { ::close(socket); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  [[nodiscard]] int port() const { return ntohs(address.sin_port); }
  static sockaddr_in loopback(int port) {
    return {.sin_family = AF_INET,
            .sin_port = htons(static_cast<std::uint16_t>(port)),
            .sin_addr = {htonl(INADDR_LOOPBACK)},
            .sin_zero = {}};
  }
  int socket;
  sockaddr_in address{};
};

// Until one end is gone.
void hand_on(int left, int right) {
  std::array<char, 65536> bytes{};
  for (;;) {
    std::array<pollfd, 2> ends{pollfd{.fd = left, .events = POLLIN, .revents = 0},
                               pollfd{.fd = right, .events = POLLIN, .revents = 0}};
    if (::poll(ends.data(), ends.size(), -1) < 0) return;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].revents == 0) continue;
      const auto size = ::read(ends[i].fd, bytes.data(), bytes.size());
      if (size <= 0 || ::write(ends[1 - i].fd, bytes.data(), static_cast<std::size_t>(size)) != size) return;
    }
  }
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
    const std::string stat = read_file(entry.path() / "stat");  // PID (NAME) STATE PARENT …
    const std::size_t end = stat.rfind(") ");
    if (end != stat.npos && std::atoi(stat.c_str() + end + 4) == parent) children.push_back(std::stoi(name));
  }
  return children;
}

std::unique_ptr<Sql> connect(const std::string& url) {
  auto sql = open_postgres(url, {.timeout_ms = 20000});
  REQUIRE_MESSAGE(sql, (sql ? "" : sql.error().to_string()));
  return *std::move(sql);
}

}  // namespace

void eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!holds()) {
    REQUIRE_MESSAGE(std::chrono::steady_clock::now() < end, "waited for a minute in vain");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool PostgresServer::left_out() {
  const bool no_user = ::geteuid() == 0 && other_user() == nullptr;
  if (programs().empty()) MESSAGE("left out: PostgreSQL is not installed here");
  if (no_user) MESSAGE("left out: there is no user postgres here, and root may not run it");
  return programs().empty() || no_user;
}

PostgresServer::PostgresServer() {
  give_away(folder_.path());
  run_program({"/bin/cp", "-a", template_data(), data()}, folder_.path());
  start();
}

PostgresServer::PostgresServer(const std::string& primary) {
  give_away(folder_.path());
  run_program({programs() + "/pg_basebackup", "--dbname=" + primary, "--pgdata=" + data(),
               "--checkpoint=fast", "--write-recovery-conf"},
              folder_.path());
  start();
}

PostgresServer::~PostgresServer() {
  if (process_ > 0) crash();
}

std::string PostgresServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://" + std::string(kUser) + ":" + kPasswordInUrl + "@" + address() + "/" + database;
}

std::string PostgresServer::new_database(const std::string& options) {
  const std::string name = "test" + std::to_string(++databases_);
  run("CREATE DATABASE " + name + " " + options);
  return url(name);
}

void PostgresServer::run(const std::string& statement) const {
  const auto done = connect(url())->run(statement);
  REQUIRE_MESSAGE(done, (done ? "" : done.error().to_string()));
}

std::vector<std::string> PostgresServer::ask(const std::string& statement) const {
  const auto rows = connect(url())->run(statement);
  REQUIRE_MESSAGE(rows, (rows ? "" : rows.error().to_string()));
  std::vector<std::string> column;
  for (const Row& row : *rows) column.push_back(text(row.front()));
  return column;
}

void PostgresServer::start() {
  // Another process may take the port in between: then another is tried.
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (port_ == 0) port_ = Listener().port();
    process_ = spawn({programs() + "/postgres", "-D", data(), "-c", "port=" + std::to_string(port_), "-c",
                      "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + folder_.path(), "-c",
                      "shared_buffers=16MB", "-c", "log_checkpoints=off"},
                     folder_.path(), folder_ / "log");
    // Its first line says whose it is, its last how far that is.
    while (::waitpid(process_, nullptr, WNOHANG) == 0) {
      const std::string said = read_file(data() + "/postmaster.pid");
      if (said.starts_with(std::to_string(process_) + "\n") && said.find("\nready") != said.npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    process_ = -1;
    port_ = 0;
  }
  FAIL("PostgreSQL does not start: " << read_file(folder_ / "log"));
}

void PostgresServer::end(int signal) {
  ::kill(process_, signal);
  resume();
  ::waitpid(process_, nullptr, 0);  // REQUIREs nothing: the shared one ends after doctest
  process_ = -1;
}

void PostgresServer::stop() { end(SIGINT); }
void PostgresServer::crash() { end(SIGQUIT); }

void PostgresServer::pause() {
  paused_ = true;
  ::kill(process_, SIGSTOP);
  for (const pid_t child : children_of(process_)) ::kill(child, SIGSTOP);
}

void PostgresServer::resume() {
  if (!std::exchange(paused_, false)) return;
  for (const pid_t child : children_of(process_)) ::kill(child, SIGCONT);
  ::kill(process_, SIGCONT);
}

std::unique_ptr<PostgresServer> PostgresServer::synchronous_standby() const {
  std::unique_ptr<PostgresServer> standby(new PostgresServer(url()));
  run("ALTER SYSTEM SET synchronous_standby_names = '*'");
  run("SELECT pg_reload_conf()");
  eventually(
      [&] { return ask("SELECT sync_state FROM pg_stat_replication") == std::vector<std::string>{"sync"}; });
  return standby;
}

// As pg_ctl does it: a server that cannot be written is no place for the engine's own connection.
void PostgresServer::promote() const {
  write_file(data() + "/promote", "");
  give_away(data() + "/promote");
  ::kill(process_, SIGUSR1);
  eventually([&] { return open_postgres(url(), {}).has_value(); });
}

std::string PostgresServer::with(const PostgresServer& other, std::string url) {
  return url.insert(url.rfind('/'), "," + other.address());
}

Relay::Relay(const PostgresServer& server) {
  const Listener listener;
  REQUIRE(::listen(listener.socket, 4) == 0);
  address_ = "127.0.0.1:" + std::to_string(listener.port());
  const std::string to = server.address();
  sockaddr_in address = Listener::loopback(std::stoi(to.substr(to.find(':') + 1)));
  process_ = ::fork();
  REQUIRE(process_ >= 0);
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int left = ::accept(listener.socket, nullptr, nullptr);
    const int right = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(right, raw(address), sizeof address) == 0) hand_on(left, right);
    ::_exit(0);
  }
}

Relay::~Relay() { cut(); }

void Relay::cut() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(std::exchange(process_, -1), nullptr, 0);
}

std::string Relay::before(std::string url) const { return url.insert(url.rfind('@') + 1, address_ + ","); }

PostgresServer& shared_postgres() {
  static PostgresServer server;
  return server;
}

bool on_server() {
  const char* engine = std::getenv("DMIGATE_TEST_ENGINE");
  if (engine == nullptr || std::string_view(engine) != "postgresql") return false;
  static const bool left_out = PostgresServer::left_out();
  return !left_out;
}

std::string empty_database() { return shared_postgres().new_database(); }

}  // namespace dmigate::gate
