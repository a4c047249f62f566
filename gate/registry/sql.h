// A database connection as the registry needs it: one statement at a time, one transaction at a time.
//
// Statements are written once for every engine: parameters are $1, $2, … in the order of their first
// use, keys and types are those that SQLite and PostgreSQL share.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smbios/result.h"
#include "smbios/sha256.h"

namespace dmigate::gate {

using Blob = std::vector<std::uint8_t>;
using SqlValue = std::variant<std::monostate, std::int64_t, std::string, Blob>;
using Row = std::vector<SqlValue>;

inline SqlValue blob(std::span<const std::uint8_t> bytes) { return Blob(bytes.begin(), bytes.end()); }
// The column's value; the empty one of its type where it is NULL or of another type.
std::string text(const SqlValue& value);
std::int64_t integer(const SqlValue& value);
Blob bytes(const SqlValue& value);

// Where a station's journal ends.
struct StationHead {
  std::int64_t seq = 0;
  std::string hash;  ///< hexadecimal
};

class Sql {
 public:
  virtual ~Sql() = default;
  // Fails with the engine's words and, where it helps, what to do; what is missing in a database that is no
  // registry, with "no such table" or "no such column". A failed statement leaves the transaction to be
  // rolled back; with kConflict the whole of it may then be run again.
  virtual Result<std::vector<Row>> run(std::string_view statement, std::span<const SqlValue> parameters) = 0;
  // A change, of which nothing is to be read: it is made before whatever is asked next, and that, or
  // commit(), fails where it does. A server's answers to many are waited for once.
  virtual Result<void> later(std::string_view statement, std::span<const SqlValue> parameters) {
    auto done = run(statement, parameters);
    return done ? Result<void>() : Failure(done.error());
  }
  // Two transactions that begin() cannot both read "free" and write: SQLite lets one write at a time, a
  // server refuses one of them with kConflict. A server that is out of reach is asked for again here; all
  // that follows until commit() has the time that the options give, and fails when it is over. After a commit
  // that is kUncertain it begins when that one has ended, so that what is read of it stays so.
  virtual Result<void> begin() = 0;
  // What is read until rollback() is of one moment; others go on writing. Each statement has that time.
  virtual Result<void> begin_reading() = 0;
  virtual Result<void> commit() = 0;  ///< durable when it returns; kUncertain when its answer was lost
  virtual void rollback() = 0;
  // The type of columns that hold bytes.
  [[nodiscard]] virtual std::string_view bytes_type() const { return "BLOB"; }
  // What ends the CREATE TABLE of small rows that are found by their key.
  [[nodiscard]] virtual std::string_view small_rows() const { return {}; }
  // How many rows one INSERT had best have: every answer of a server is waited for.
  [[nodiscard]] virtual std::size_t rows_at_once() const { return 64; }
  // Whether indexes had best be made anew after many rows came into empty tables.
  [[nodiscard]] virtual bool makes_indexes_anew() const { return false; }
  // Called once, when the tables are made: tells this database from every other one.
  virtual Result<void> begin_epochs(std::uint32_t) { return {}; }
  // From now on transactions write much, and take as long as they need.
  virtual void expect_much() {}
  // The journals' ends as transactions of this session left them, for an engine where reading them is dear:
  // it forgets them with the session, and with a transaction that was not committed. A station that has
  // another process finds its number taken, which is a kConflict. nullptr: they are read.
  virtual std::map<std::string, StationHead>* heads() { return nullptr; }
  // What is committed moves into the main file, so that a plain copy of that has it.
  virtual void settle() = 0;
  // Every page gets a checksum, if the engine leaves that to us; false: they have them, or it sees to it
  // itself.
  virtual Result<bool> add_checksums() { return false; }
  // For verify() alone: what is damaged is read all the same, until damage() tells of it, a line for each.
  // Where there was any, nothing else can be asked of this connection.
  virtual void tolerate_damage() {}
  virtual Result<std::vector<std::string>> damage() { return std::vector<std::string>(); }

  Result<std::vector<Row>> run(std::string_view statement, std::initializer_list<SqlValue> parameters = {}) {
    return run(statement, std::span(parameters.begin(), parameters.size()));
  }
};

struct SqliteOptions {
  int timeout_ms = 5000;  ///< how long a lock held by another process is waited for
  std::vector<std::string>
      allowed_file_systems;  ///< of those refused otherwise: "tmpfs", "overlay", "nfs", "cifs"
};

// Opens a file that exists; fails on one that is missing, unreadable, read-only, on a file system
// that forgets or whose locks lie, or no database. Nothing is written before the first begin().
Result<std::unique_ptr<Sql>> open_sqlite(const std::string& path, const SqliteOptions& options);
// Makes the file; fails when it exists.
Result<std::unique_ptr<Sql>> create_sqlite(const std::string& path, const SqliteOptions& options);
// Takes back what create_sqlite() made, after its connection is closed.
void remove_sqlite(const std::string& path);

}  // namespace dmigate::gate
