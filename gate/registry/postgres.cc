#include "gate/registry/postgres.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "gate/registry/place.h"
#include "gate/registry/postgres_failure.h"
#include "gate/registry/postgres_session.h"

namespace dmigate::gate {
namespace {

using Clock = Deadline::clock;

struct Setting {
  std::string_view name;
  std::string value;
};

// Of every session, whatever the server's configuration says.
std::vector<Setting> settings_of(const PostgresOptions& options) {
  const std::string time = std::to_string(options.timeout_ms);
  return {
      {"synchronous_commit", "on"},
      {"timezone", "UTC"},
      // A station that is cut off leaves no locks behind.
      {"statement_timeout", time},
      {"idle_in_transaction_session_timeout", time},
      // A table that is read from end to end is read in every row: whoever writes one is in conflict. And
      // what that costs the planner's reckoning would have each such statement compiled.
      {"enable_seqscan", "off"},
      {"jit", "off"},
  };
}

constexpr std::size_t kMostWaiting = 32;        // statements
constexpr int kForMuchMs = 6 * 60 * 60 * 1000;  // a million units, on a slow server

enum class InTransaction : std::uint8_t { kNone, kWriting, kReading };

class Postgres : public Sql {
 public:
  Postgres(std::shared_ptr<const Libpq> pq, std::string url, const PostgresOptions& options)
      : pq_(std::move(pq)),
        url_(std::move(url)),
        where_(shown_place(url_)),
        options_{std::max(options.timeout_ms, 1)} {}

  using Sql::run;
  Result<std::vector<Row>> run(std::string_view statement, std::span<const SqlValue> parameters) override {
    if (!session_) {
      // What is left of a transaction must not go on in another session, where nothing of it is.
      if (transaction_ != InTransaction::kNone) return Failure(*lost_);
      if (auto connected = connect(in_time()); !connected) return Failure(connected.error());
    }
    auto reply = ask(statement, parameters, deadline());
    if (!reply) return Failure(reply.error());
    return std::move(reply->rows);
  }

  Result<void> later(std::string_view statement, std::span<const SqlValue> parameters) override {
    if (transaction_ != InTransaction::kWriting || waiting_.size() >= kMostWaiting)
      return Sql::later(statement, parameters);
    waiting_.push_back({std::string(statement), {parameters.begin(), parameters.end()}});
    return {};
  }

  std::map<std::string, StationHead>* heads() override { return &heads_; }

  Result<void> begin() override {
    return begin(InTransaction::kWriting, "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE");
  }

  Result<void> begin_reading() override {
    // Of one moment all the same, and neither refused nor in anybody's way.
    return begin(InTransaction::kReading, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  Result<void> commit() override {
    const auto until = deadline();
    const bool begun = std::exchange(transaction_, InTransaction::kNone) != InTransaction::kNone;
    if (!begun) {
      return fail("nothing was begun that could be committed", where_,
                  "this is a fault of dmigate: tell its makers");
    }
    if (session_ && Clock::now() >= until) drop(late(where_).value());
    if (!session_) return Failure(*lost_);
    const std::int64_t number = session_->number();
    auto reply = ask("COMMIT", {}, until);
    if (reply && reply->tag != "ROLLBACK" && reply->warning.empty()) return {};
    heads_.clear();
    if (reply) return committed(*reply);
    if (session_ && !session_->reached_last()) {
      // What stood before it has failed, and nothing was committed.
      transaction_ = InTransaction::kWriting;
      return Failure(reply.error());
    }
    if (reply.error().kind == ErrorKind::kConflict) return Failure(reply.error());
    drop(reply.error());
    unsettled_ = number;
    return uncertain(reply.error().what, reply.error().advice);
  }

  void rollback() override {
    const auto until = deadline();
    waiting_.clear();
    if (transaction_ == InTransaction::kWriting) heads_.clear();
    if (std::exchange(transaction_, InTransaction::kNone) == InTransaction::kNone || !session_) return;
    // The server does so by itself when it loses the session.
    if (Clock::now() >= until || !ask("ROLLBACK", {}, until)) end_session();
  }

  // The next session has the time; what the server's answers have to wait for is still looked after by TCP.
  void expect_much() override {
    options_.timeout_ms = kForMuchMs;
    if (transaction_ == InTransaction::kNone) end_session();
  }

  [[nodiscard]] std::string_view bytes_type() const override { return "BYTEA"; }
  void settle() override {}

  Result<void> connect() { return connect(in_time()); }
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  [[nodiscard]] Deadline in_time() const {
    return Clock::now() + std::chrono::milliseconds(options_.timeout_ms);
  }
  // A journal is read from its end to its beginning in one transaction, however long it is.
  [[nodiscard]] Deadline deadline() const {
    return transaction_ == InTransaction::kWriting ? deadline_ : in_time();
  }

  Result<void> begin(InTransaction transaction, std::string_view statement) {
    rollback();
    deadline_ = in_time();
    const bool kept = session_.has_value();
    auto begun = begin_once(statement);
    // Since it was last asked, the server may have been started again, or have become a standby.
    if (!begun && kept && Clock::now() < deadline_) begun = begin_once(statement);
    if (begun) transaction_ = transaction;
    return begun;
  }

  Result<void> begin_once(std::string_view statement) {
    if (!session_) {
      if (auto connected = connect(deadline_); !connected) return connected;
    }
    auto begun = settle_commit(deadline_);
    if (begun) {
      auto reply = ask(statement, {}, deadline_);
      if (!reply) begun = Failure(reply.error());
    }
    if (!begun) end_session();
    return begun;
  }

  // A commit whose answer was lost may still be under way, and what it writes is not seen before its end. It
  // is waited for, since its transaction is older than this session; the server's own time limits end it.
  Result<void> settle_commit(Deadline until) {
    while (unsettled_) {
      const SqlValue number[] = {*unsettled_};
      auto rows =
          ask("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND xact_start <"
              " (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())",
              number, until);
      if (!rows) return Failure(rows.error());
      if (rows->rows.empty()) unsettled_.reset();
      if (unsettled_ && Clock::now() >= until) return late(where_);
      if (unsettled_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {};
  }

  Result<void> connect(Deadline until) {
    auto connection = connect_postgres(pq_, url_, where_, until);
    if (!connection) return Failure(connection.error());
    session_.emplace(*std::move(connection), where_);
    auto configured = configure(until);
    if (!configured) end_session();
    return configured;
  }

  // A server that merely speaks as PostgreSQL does may not know them all.
  Result<void> configure(Deadline until) {
    std::string all = "SELECT current_setting('fsync', true)";
    const auto settings = settings_of(options_);
    for (const Setting& each : settings)
      all += ", set_config('" + std::string(each.name) + "', '" + each.value + "', false)";
    const SqlStatement at_once[] = {{all, {}}};
    const auto set = session_->run(at_once, until);
    if (set && text(set->rows.front().front()) != "off") return {};
    if (set) {
      return fail("the registry's server forgets at a loss of power (fsync is off)", where_,
                  "set fsync = on in its postgresql.conf");
    }
    for (const Setting& each : settings) {
      const SqlStatement named[] = {
          {"SELECT set_config($1, $2, false)", {std::string(each.name), each.value}}};
      auto one = session_->run(named, until);
      if (!one && !session_->alive()) return Failure(one.error());
    }
    return {};
  }

  Result<Reply> ask(std::string_view statement, std::span<const SqlValue> parameters, Deadline until) {
    waiting_.push_back({std::string(statement), {parameters.begin(), parameters.end()}});
    auto reply = session_->run(std::exchange(waiting_, {}), until);
    if (!reply && !session_->alive()) drop(reply.error());
    return reply;
  }

  void drop(const Error& why) {
    lost_ = why;
    end_session();
  }

  void end_session() {
    session_.reset();
    waiting_.clear();
    heads_.clear();
  }

  Result<void> committed(const Reply& reply) {
    if (reply.tag == "ROLLBACK") {
      return fail("nothing was recorded: a statement before it had failed", where_, "try again");
    }
    // The server has it, and says that a standby may not: it would be gone if that took over.
    return uncertain(reply.warning, "see that the standbys run, and try again");
  }

  [[nodiscard]] Failure uncertain(const std::string& why, const std::string& advice) const {
    return fail("it is not known whether this was recorded: " + why, where_, advice, ErrorKind::kUncertain);
  }

  std::shared_ptr<const Libpq> pq_;
  std::string url_, where_;
  PostgresOptions options_;
  std::optional<PostgresSession> session_;
  std::vector<SqlStatement> waiting_;  // changes of this transaction that the server was not told yet
  std::map<std::string, StationHead> heads_;
  InTransaction transaction_ = InTransaction::kNone;
  Deadline deadline_;                      // of transaction_, where it writes
  std::optional<Error> lost_;              // how the last session ended
  std::optional<std::int64_t> unsettled_;  // number of a session that may still be committing
};

Result<std::unique_ptr<Postgres>> connected(const std::string& url, const PostgresOptions& options) {
  auto pq = load_libpq();
  if (!pq) return Failure(pq.error());
  auto postgres = std::make_unique<Postgres>(*pq, url, options);
  if (auto connected = postgres->connect(); !connected) return Failure(connected.error());
  return postgres;
}

}  // namespace

Result<std::unique_ptr<Sql>> open_postgres(const std::string& url, const PostgresOptions& options) {
  return connected(url, options);
}

Result<std::unique_ptr<Sql>> create_postgres(const std::string& url, const PostgresOptions& options) {
  auto postgres = connected(url, options);
  if (!postgres) return postgres;
  auto rows =
      (*postgres)->run("SELECT to_regclass('registry') IS NOT NULL, current_setting('server_encoding')");
  if (!rows) return Failure(rows.error());
  if (integer(rows->front()[0]) != 0) {
    return fail("the database has a table `registry` already", (*postgres)->where(),
                "nothing was changed; use it as it is, or choose another database");
  }
  if (text(rows->front()[1]) != "UTF8") {
    return fail("the database is not in UTF-8", (*postgres)->where(),
                "make one that is: createdb -E UTF8 -T template0 NAME");
  }
  return postgres;
}

}  // namespace dmigate::gate
