// A PostgreSQL server of a test's own: Debian's binaries, a temporary folder, a free port on 127.0.0.1 and
// a socket in the folder. What runs there by default, if anything, is left alone.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace dmigate::gate {

// Asks again and again; in vain for a minute: the test fails.
void eventually(const std::function<bool()>& holds);

class PostgresServer {
 public:
  // Whether none can run on this machine, and then says so.
  static bool left_out();

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Of the superuser, by TCP, with the password.
  [[nodiscard]] std::string url(const std::string& database = "postgres") const;
  // "127.0.0.1:5432"
  [[nodiscard]] std::string address() const;
  // The URL of another database, empty.
  [[nodiscard]] std::string new_database(const std::string& options = "ENCODING 'UTF8' TEMPLATE template0");
  // One statement of the superuser's, outside a transaction. What fails, fails the test.
  void run(const std::string& statement) const;
  // The first column of its rows.
  [[nodiscard]] std::vector<std::string> ask(const std::string& statement) const;

  void start();  ///< it ends with the thread that starts it
  void stop();   ///< what runs is cut off, then everything is written
  void crash();  ///< everything ends where it stands, as with a power cut
  void pause();  ///< every process of the server is stopped (SIGSTOP)
  void resume();

  // A copy that follows this one from now on, and that every commit waits for.
  [[nodiscard]] std::unique_ptr<PostgresServer> synchronous_standby() const;
  void promote() const;  ///< a standby becomes a server that is written
  // `url`, a database of this server, with another server after it.
  [[nodiscard]] static std::string with(const PostgresServer& other, std::string url);

  static constexpr const char* kPassword = "pa:ss@wo/rd%";
  static constexpr const char* kPasswordInUrl = "pa%3Ass%40wo%2Frd%25";

 private:
  explicit PostgresServer(const std::string& primary);  ///< a standby of what is at this URL
  [[nodiscard]] std::string data() const { return folder_ / "data"; }
  void end(int signal);

  TemporaryFolder folder_;
  int port_ = 0;
  pid_t process_ = -1;
  bool paused_ = false;
  int databases_ = 0;
};

// Between a station and its server: one connection is handed on, both ways, until it is cut.
class Relay {
 public:
  explicit Relay(const PostgresServer& server);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  void cut();
  // `url`, a database of the server, with the relay before it: the first way, as long as it holds.
  [[nodiscard]] std::string before(std::string url) const;

 private:
  std::string address_;
  pid_t process_ = -1;
};

// One for all tests of a program that only need it to run; made when first asked for.
PostgresServer& shared_postgres();

}  // namespace dmigate::gate
