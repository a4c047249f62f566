// One session with a PostgreSQL server. It waits for everything with poll(2), and never longer than until
// the deadline that it is given. Used by postgres.cc only.
#pragma once

#include <poll.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/registry/libpq.h"
#include "gate/registry/sql.h"

namespace dmigate::gate {

using Deadline = std::chrono::steady_clock::time_point;

struct SqlStatement {
  std::string text;
  std::vector<SqlValue> parameters;
};

// What a server says to a statement.
struct Reply {
  std::vector<Row> rows;
  std::string tag;      ///< "COMMIT"
  std::string warning;  ///< the last one that came with it; empty: none
};

// Waits until one of the sockets is ready (poll(2)); false when the deadline comes first.
bool wait_for(std::span<pollfd> sockets, Deadline deadline);

// Opens a connection to the first server of the URL that answers and can be written. `where` is what
// messages say of it.
Result<PgConnection> connect_postgres(const std::shared_ptr<const Libpq>& pq, const std::string& url,
                                      const std::string& where, Deadline deadline);

class PostgresSession {
 public:
  PostgresSession(PgConnection connection, std::string where);
  PostgresSession(const PostgresSession&) = delete;  // libpq's notice receiver knows where it is
  PostgresSession& operator=(const PostgresSession&) = delete;

  // All of them, in one exchange (libpq's pipeline mode): the last one's answer. The first that fails is what
  // it fails with, and those behind it are not made. Fails as the server does, as late() or as lost(); on
  // text that the server would cut short or refuse.
  Result<Reply> run(std::span<const SqlStatement> statements, Deadline deadline);
  // After a failure: whether the server had made all but the last one, which then failed or was not answered.
  [[nodiscard]] bool reached_last() const { return reached_last_; }
  // After a failure: whether anything more can be asked.
  [[nodiscard]] bool alive() const;
  // What the server calls this session by (pg_stat_activity.pid).
  [[nodiscard]] std::int64_t number() const { return pq_.backend_pid(connection_.get()); }

 private:
  struct Encoded;
  // Adds to `sent`, for each answer that will come, the name that it is to prepare a statement by; nullptr:
  // it is a statement's own.
  Result<void> send(const SqlStatement& statement, std::vector<std::string*>& sent);
  Result<Reply> answer(Deadline deadline);
  Result<void> synchronise(Deadline deadline);
  Result<PgResult> next_result(Deadline deadline);
  Result<Row> row_of(const PGresult* result, int row) const;
  [[nodiscard]] Failure failure_of(const PGresult* result) const;
  [[nodiscard]] Failure lost_now() const;
  void keep_warning(const PGresult* notice);

  PgConnection connection_;
  const Libpq& pq_;
  std::string where_;
  std::string warning_;
  // What was run before, by types and text: the name that it is prepared by; empty: it is not.
  std::map<std::string, std::string, std::less<>> statements_;
  int prepared_ = 0;
  bool late_ = false;
  bool reached_last_ = false;
};

}  // namespace dmigate::gate
