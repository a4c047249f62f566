// What the registry asks of a database, of both engines alike (gate/registry/sql.h).
#include <barrier>
#include <limits>
#include <thread>

#include "gate/registry/postgres.h"
#include "tests/gate/postgres_server.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

using Connection = std::unique_ptr<Sql>;

Connection opened(Result<Connection> sql) {
  REQUIRE_MESSAGE(sql, (sql ? "" : sql.error().to_string()));
  return *std::move(sql);
}

void change(Sql& sql, std::string_view statement, std::initializer_list<SqlValue> parameters = {}) {
  const auto done = sql.run(statement, parameters);
  REQUIRE_MESSAGE(done, statement << ": " << (done ? "" : done.error().to_string()));
}

std::int64_t count(Sql& sql, std::string_view what) {
  const auto rows = sql.run("SELECT count(*) FROM " + std::string(what));
  REQUIRE_MESSAGE(rows, (rows ? "" : rows.error().to_string()));
  return integer(rows->front().front());
}

// A database of a test's own with two tables: things, and which of them has which value.
void make_tables(Sql& sql) {
  REQUIRE(sql.begin());
  change(sql, "CREATE TABLE thing (id BIGINT PRIMARY KEY, number BIGINT, words TEXT, raw " +
                  std::string(sql.bytes_type()) + ")");
  change(sql,
         "CREATE TABLE holding (id TEXT PRIMARY KEY, value TEXT NOT NULL)" + std::string(sql.small_rows()));
  change(sql, "CREATE INDEX holding_value ON holding (value)");
  REQUIRE(sql.commit());
}

class SqliteDatabase {
 public:
  static bool left_out() { return false; }
  SqliteDatabase() { make_tables(*opened(create_sqlite(folder_ / "a.db", anywhere()))); }
  [[nodiscard]] Connection open(int timeout_ms = 20000) const {
    SqliteOptions options = anywhere();
    options.timeout_ms = timeout_ms;
    return opened(open_sqlite(folder_ / "a.db", options));
  }

 private:
  TemporaryFolder folder_;
};

class PostgresDatabase {
 public:
  static bool left_out() { return PostgresServer::left_out(); }
  PostgresDatabase() : url_(shared_postgres().new_database()) {
    make_tables(*opened(create_postgres(url_, {})));
  }
  [[nodiscard]] Connection open(int timeout_ms = 20000) const {
    return opened(open_postgres(url_, {.timeout_ms = timeout_ms}));
  }

 private:
  std::string url_;
};

// What a station does before it says PASS: nobody has the value, so it is taken.
Result<bool> take(Sql& sql, const std::string& value, const std::string& id) {
  if (auto begun = sql.begin(); !begun) return Failure(begun.error());
  const auto done = [&]() -> Result<bool> {
    auto rows = sql.run("SELECT id FROM holding WHERE value = $1", {value});
    if (!rows) return Failure(rows.error());
    if (!rows->empty()) return false;
    auto added = sql.run("INSERT INTO holding (id, value) VALUES ($1, $2)", {id, value});
    if (!added) return Failure(added.error());
    auto committed = sql.commit();
    if (!committed) return Failure(committed.error());
    return true;
  }();
  if (!done || !*done) sql.rollback();
  return done;
}

TEST_CASE_TEMPLATE("what is written is read again, bit by bit", Database, SqliteDatabase, PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  using Limits = std::numeric_limits<std::int64_t>;
  Blob bytes(256);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const std::vector<Row> things = {
      {SqlValue(), SqlValue(), SqlValue()},
      {std::int64_t{0}, std::string(), Blob()},
      {std::int64_t{-1}, std::string("'; DROP TABLE thing; --"), Blob{0}},
      {Limits::max(), std::string("序列号 \xF0\x9F\x8F\xAD \x01\x7F \\ \" $1 %s"), bytes},
      {Limits::min(), std::string(1 << 20, 'x'), Blob(1 << 20, 0)},
      {std::int64_t{255}, std::string("\xEF\xBF\xBF"), Blob(3, 0xFF)},
  };
  {
    const Connection sql = database.open();
    REQUIRE(sql->begin());
    // The second round finds its statement prepared, and NULL where there was a text.
    for (std::size_t i = 0; i < 2 * things.size(); ++i) {
      const Row& thing = things[i % things.size()];
      change(*sql, "INSERT INTO thing (id, number, words, raw) VALUES ($1, $2, $3, $4)",
             {static_cast<std::int64_t>(i), thing[0], thing[1], thing[2]});
    }
    REQUIRE(sql->commit());
  }
  const Connection sql = database.open();
  const auto rows = sql->run("SELECT number, words, raw FROM thing ORDER BY id");
  REQUIRE(rows);
  REQUIRE(rows->size() == 2 * things.size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    CAPTURE(i);
    CHECK((*rows)[i] == things[i % things.size()]);
  }
  for (const Row& thing : things) {
    const auto found = sql->run("SELECT words FROM thing WHERE raw = $1 AND number = $2 AND words = $3",
                                {thing[2], thing[0], thing[1]});
    REQUIRE(found);
    CHECK(found->size() == (thing[0] == SqlValue() ? 0 : 2));
  }
}

TEST_CASE_TEMPLATE("only what is committed is there", Database, SqliteDatabase, PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  const Connection sql = database.open();
  REQUIRE(sql->begin());
  change(*sql, "INSERT INTO thing (id) VALUES (1)");
  CHECK(count(*sql, "thing") == 1);
  CHECK(count(*database.open(), "thing") == 0);
  sql->rollback();
  CHECK(count(*sql, "thing") == 0);
  {
    const Connection cut_off = database.open();
    REQUIRE(cut_off->begin());
    change(*cut_off, "INSERT INTO thing (id) VALUES (1)");
  }
  REQUIRE(sql->begin());
  change(*sql, "INSERT INTO thing (id) VALUES (2)");
  REQUIRE(sql->commit());
  CHECK(count(*database.open(), "thing WHERE id = 2") == 1);
  CHECK(count(*sql, "thing") == 1);
}

TEST_CASE_TEMPLATE("two that both read that a value is free: one takes it, the other is refused", Database,
                   SqliteDatabase, PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  const Connection left = database.open();
  const Connection right = database.open(200);
  REQUIRE(left->begin());
  CHECK(left->run("SELECT id FROM holding WHERE value = 'CX1'")->empty());
  // SQLite lets nobody else begin; a server lets both read, and one commit.
  auto refused = right->begin().and_then([&]() -> Result<void> {
    CHECK(right->run("SELECT id FROM holding WHERE value = 'CX1'")->empty());
    change(*right, "INSERT INTO holding (id, value) VALUES ('right', 'CX1')");
    change(*left, "INSERT INTO holding (id, value) VALUES ('left', 'CX1')");
    REQUIRE(left->commit());
    auto committed = right->commit();
    REQUIRE_FALSE(committed);
    CHECK(committed.error().kind == ErrorKind::kConflict);
    return committed;
  });
  REQUIRE_FALSE(refused);
  CHECK_FALSE(refused.error().advice.empty());
  right->rollback();
  if (count(*left, "holding") == 0) {
    change(*left, "INSERT INTO holding (id, value) VALUES ('left', 'CX1')");
    REQUIRE(left->commit());
  }
  CHECK(count(*right, "holding WHERE id = 'left'") == 1);
  CHECK(count(*right, "holding") == 1);
  const auto late = take(*right, "CX1", "right");
  REQUIRE(late);
  CHECK_FALSE(*late);
  CHECK(*take(*right, "CX2", "right"));
}

TEST_CASE_TEMPLATE("four at once ask for the same values: each is taken once", Database, SqliteDatabase,
                   PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  constexpr int kStations = 4;
  constexpr int kValues = 25;
  std::barrier start(kStations);
  std::array<int, kStations> taken{};
  std::array<std::string, kStations> wrong;
  const auto station = [&](std::size_t me) {
    auto sql = database.open();
    for (int n = 0; n < kValues; ++n) {
      start.arrive_and_wait();
      Result<bool> mine = false;
      do {
        mine = take(*sql, "CX" + std::to_string(n), std::to_string(n) + "-" + std::to_string(me));
      } while (!mine && mine.error().kind == ErrorKind::kConflict);
      if (!mine) wrong[me] = mine.error().to_string();
      taken[me] += mine && *mine ? 1 : 0;
    }
  };
  std::vector<std::thread> stations;
  for (std::size_t i = 0; i < kStations; ++i) stations.emplace_back(station, i);
  for (std::thread& each : stations) each.join();
  for (const std::string& words : wrong) CHECK(words == "");
  CHECK(taken[0] + taken[1] + taken[2] + taken[3] == kValues);
  const Connection sql = database.open();
  CHECK(count(*sql, "holding") == kValues);
  CHECK(count(*sql, "(SELECT DISTINCT value FROM holding) AS each") == kValues);
}

TEST_CASE_TEMPLATE("who reads sees one moment, and holds nobody up", Database, SqliteDatabase,
                   PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  const Connection reader = database.open();
  const Connection writer = database.open();
  REQUIRE(reader->begin_reading());
  CHECK(count(*reader, "thing") == 0);
  REQUIRE(writer->begin());
  change(*writer, "INSERT INTO thing (id) VALUES (1)");
  REQUIRE(writer->commit());
  CHECK(count(*reader, "thing") == 0);
  reader->rollback();
  CHECK(count(*reader, "thing") == 1);
}

TEST_CASE_TEMPLATE("a table or a column that is missing is said in words that tell a foreign database",
                   Database, SqliteDatabase, PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  const Connection sql = database.open();
  struct Case {
    const char* statement;
    const char* words;
  };
  for (const Case& each : {Case{"SELECT name, value FROM registry", "no such table"},
                           Case{"SELECT name FROM thing", "no such column"}}) {
    const auto rows = sql->run(each.statement);
    REQUIRE_FALSE(rows);
    CAPTURE(rows.error().to_string());
    CHECK(rows.error().what.find(each.words) != std::string::npos);
    CHECK(rows.error().kind == ErrorKind::kUnjudgeable);
  }
}

TEST_CASE_TEMPLATE("a key that is there already is refused, and what goes on is a transaction anew", Database,
                   SqliteDatabase, PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  const Connection sql = database.open();
  REQUIRE(*take(*sql, "CX1", "same"));
  CHECK_FALSE(take(*sql, "CX2", "same"));
  CHECK(count(*sql, "holding") == 1);
  CHECK(*take(*sql, "CX2", "other"));
  CHECK(count(*database.open(), "holding") == 2);
}

TEST_CASE_TEMPLATE("a statement that is no SQL is an error with its words", Database, SqliteDatabase,
                   PostgresDatabase) {
  if (Database::left_out()) return;
  const Database database;
  const Connection sql = database.open();
  for (int i = 0; i < 2; ++i) {
    const auto rows = sql->run("SELECT FROM WHERE");
    REQUIRE_FALSE(rows);
    CHECK(rows.error().what.find("syntax error") != std::string::npos);
    CHECK_FALSE(rows.error().where.empty());
  }
  CHECK(count(*sql, "thing") == 0);
}

}  // namespace
}  // namespace dmigate::gate

TYPE_TO_STRING_AS("SQLite", dmigate::gate::SqliteDatabase);
TYPE_TO_STRING_AS("PostgreSQL", dmigate::gate::PostgresDatabase);
