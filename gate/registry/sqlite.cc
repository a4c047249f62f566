// The embedded engine: SQLite, one file, WAL, synchronous=FULL.
#include <fcntl.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "gate/registry/pages.h"
#include "gate/registry/sql.h"
#include "gate/registry/vfs.h"
#include "gate/registry/wal.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;

// A WAL that is left behind is read again by the next process, so it is kept short: emptied when a
// commit finds it longer than this. 100 pages are read in a tenth of a millisecond.
constexpr int kLongestWalPages = 100;

// Of pages, while a million units are imported; as much of it is taken as is needed.
constexpr int kLargeCacheKiB = 512 * 1024;

struct Closer {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Closer>;
using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

// What a connection has met, in words.
std::string in_words(const Damage& damage) {
  // A frame that is not there has no page either.
  if (damage.pages.empty() || damage.pages.back() == 0) return "its -wal has lost what was committed last";
  return "page " + std::to_string(damage.pages.back()) + " is not as it was written";
}

// A line of PRAGMA quick_check.
std::string as_found(const Row& row) { return "SQLite finds: " + text(row[0]); }

Failure damaged(sqlite3* database, const std::string& path) {
  return fail("the registry is damaged: " + in_words(damage_met(database)), path,
              "restore it from its backup; do not delete it");
}

Failure sqlite_failure(sqlite3* database, const std::string& path) {
  const int code = database == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(database);
  if (code == SQLITE_IOERR_DATA) return damaged(database, path);
  struct Row {
    int code;
    std::string_view what, advice;
  };
  static constexpr Row kRows[] = {
      {SQLITE_BUSY, "the registry is locked by another process",
       "wait for that process to end, or raise registry_timeout"},
      {SQLITE_LOCKED, "the registry is locked by another process", "wait for that process to end"},
      {SQLITE_NOTADB, "this is no registry (not an SQLite database)",
       "check the path; dmigate registry init makes a new one"},
      {SQLITE_CORRUPT, "the registry is damaged", "restore it from its backup; do not delete it"},
      {SQLITE_FULL, "the disk that holds the registry is full", "free space there"},
      {SQLITE_READONLY, "the registry cannot be written (read-only)",
       "check the permissions of the file and its folder"},
      {SQLITE_CANTOPEN, "the registry cannot be opened", "check the permissions of the file and its folder"},
      {SQLITE_IOERR, "the disk that holds the registry failed", "check the disk"},
  };
  const Row* row = std::ranges::find(kRows, code & 0xFF, &Row::code);
  const std::string words = database == nullptr ? "out of memory" : sqlite3_errmsg(database);
  if (row == std::end(kRows)) return fail("the registry failed: " + words, path, "call the test engineer");
  return fail(std::string(row->what) + " (" + words + ")", path, std::string(row->advice));
}

class Sqlite : public Sql {
 public:
  Sqlite(Database database, std::string path) : database_(std::move(database)), path_(std::move(path)) {}

  using Sql::run;
  Result<std::vector<Row>> run(std::string_view statement, std::span<const SqlValue> parameters) override {
    if (spoilt_) return damaged(database_.get(), path_);
    auto prepared = prepare(statement);
    if (!prepared) return Failure(prepared.error());
    sqlite3_stmt* compiled = *prepared;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      bind(compiled, static_cast<int>(i) + 1, parameters[i]);
    std::vector<Row> rows;
    int step = sqlite3_step(compiled);
    for (; step == SQLITE_ROW; step = sqlite3_step(compiled)) rows.push_back(row_of(compiled));
    auto outcome = step == SQLITE_DONE ? Result<std::vector<Row>>(std::move(rows))
                                       : Result<std::vector<Row>>(sqlite_failure(database_.get(), path_));
    sqlite3_reset(compiled);
    sqlite3_clear_bindings(compiled);
    return outcome;
  }

  Result<void> begin() override {
    if (!wal_) {
      if (auto kept = keep_wal(); !kept) return kept;
    }
    if (auto begun = command("BEGIN IMMEDIATE"); !begun) return begun;
    // Another registry may have been copied into the open file since.
    auto kept = refuse_strange_wal().and_then([this] { return mark_wal(); });
    if (!kept) rollback();
    return kept;
  }

  // One B-tree for each such table, not a second one that finds its rows: fewer pages for each commit.
  [[nodiscard]] std::string_view small_rows() const override { return " WITHOUT ROWID"; }

  Result<void> begin_reading() override {
    return refuse_strange_wal().and_then([this] { return command("BEGIN"); });
  }

  Result<void> commit() override {
    if (auto committed = command("COMMIT"); !committed) return committed;
    if (wal_pages_ > kLongestWalPages) settle();
    return {};
  }

  // A reader that keeps the WAL busy only puts this off, and is not waited for.
  void settle() override {
    if (!refuse_strange_wal()) return;  // the WAL is all that is left of this registry
    sqlite3_busy_timeout(database_.get(), 0);
    if (next_epoch())
      sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(database_.get(), timeout_ms_);
    wal_pages_ = 0;
  }

  // Of several rows in one statement every page would be kept as it was before, in case the last one fails.
  [[nodiscard]] std::size_t rows_at_once() const override { return 1; }

  [[nodiscard]] bool makes_indexes_anew() const override { return true; }

  // Keys are hashes, and go anywhere in their trees: what does not stay in memory is read and written again
  // and again.
  void expect_much() override {
    static_cast<void>(command("PRAGMA cache_size=-" + std::to_string(kLargeCacheKiB)));
  }

  Result<void> begin_epochs(std::uint32_t random) override {
    return set("user_version", std::int64_t{random & 0x3FFFFFFF} + 1);
  }

  void rollback() override { static_cast<void>(command("ROLLBACK")); }

  // Every page is written anew, through the WAL: at any moment the file is as it was, or all of it has
  // checksums.
  Result<bool> add_checksums() override {
    if (has_checksums(database_.get())) return false;
    if (auto kept = keep_wal(); !kept) return Failure(kept.error());
    reserve();
    begin_checksums(database_.get());
    if (auto written = command("VACUUM"); !written) {
      give_up_checksums(database_.get());
      return Failure(written.error());
    }
    settle();
    return true;
  }

  void tolerate_damage() override { gate::tolerate_damage(database_.get(), true); }

  // What was read meanwhile is in this connection's memory.
  Result<std::vector<std::string>> damage() override {
    std::vector<std::string> all;
    auto checked = run("PRAGMA quick_check");
    gate::tolerate_damage(database_.get(), false);
    const Damage& met = damage_met(database_.get());
    for (const std::uint32_t page : met.pages) all.push_back(in_words({.pages = {page}}));
    if (met.cut_wal) all.push_back(in_words({.cut_wal = true}));
    spoilt_ = !all.empty();
    if (!checked && !spoilt_) return Failure(checked.error());
    for (const Row& row : checked.value_or(std::vector<Row>())) {
      if (text(row[0]) != "ok") all.push_back(as_found(row));
    }
    return all;
  }

  Result<void> configure(const SqliteOptions& options) {
    sqlite3_extended_result_codes(database_.get(), 1);
    timeout_ms_ = options.timeout_ms;
    sqlite3_busy_timeout(database_.get(), timeout_ms_);
    // The last of several short processes would otherwise move the WAL into the file at every check:
    // two more waits for the disk.
    sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_hook(
        database_.get(),
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<Sqlite*>(self)->wal_pages_ = pages;
          return SQLITE_OK;
        },
        this);
    return command("PRAGMA synchronous=FULL");
  }

  [[nodiscard]] Result<void> refuse_strange_wal() const {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return gate::refuse_strange_wal(file, path_);
  }

  // Room for the checksums of pages that are still to be made.
  void reserve() {
    int bytes = kReservedBytes;
    sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
  }

 private:
  // The first commit in an empty WAL writes page 1, which has the epoch (wal.h); pages are written in order.
  Result<void> mark_wal() {
    std::error_code error;
    const auto size = fs::file_size(path_ + "-wal", error);
    if (!error && size != 0) return {};
    return epoch().and_then([this](std::int64_t now) { return set("user_version", now); });
  }

  // Called after a commit of this process, which has synchronised the WAL and its folder. False: somebody
  // else writes, and the WAL is settled another time.
  bool next_epoch() {
    if (!command("BEGIN IMMEDIATE")) return false;
    const auto raised = epoch().and_then([this](std::int64_t now) {
      return set("user_version", now + 1).and_then([this] {
        return set("application_id", static_cast<std::int32_t>(wal_identity(path_)));
      });
    });
    if (raised && command("COMMIT")) return true;
    rollback();
    return false;
  }

  Result<std::int64_t> epoch() {
    auto rows = run("PRAGMA user_version");
    if (!rows) return Failure(rows.error());
    return integer(rows->front().front());
  }

  Result<void> set(const std::string& pragma, std::int64_t value) {
    const std::string statement = "PRAGMA " + pragma + " = " + std::to_string(value);
    if (sqlite3_exec(database_.get(), statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return sqlite_failure(database_.get(), path_);
  }

  // A mode that stays with the file: set only once this is known to be a registry.
  Result<void> keep_wal() {
    auto mode = run("PRAGMA journal_mode=WAL");
    if (!mode) return Failure(mode.error());
    if (mode->empty() || text(mode->front().front()) != "wal") {
      return fail("the registry cannot be kept in WAL mode", path_, "put it on a local disk");
    }
    wal_ = true;
    return {};
  }

  Result<sqlite3_stmt*> prepare(std::string_view statement) {
    const auto known = statements_.find(statement);
    if (known != statements_.end()) return known->second.get();
    sqlite3_stmt* compiled = nullptr;
    if (sqlite3_prepare_v2(database_.get(), statement.data(), static_cast<int>(statement.size()), &compiled,
                           nullptr) != SQLITE_OK) {
      return sqlite_failure(database_.get(), path_);
    }
    statements_.emplace(std::string(statement), Statement(compiled));
    return compiled;
  }

  static void bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      sqlite3_bind_int64(statement, index, *number);
    } else if (const auto* words = std::get_if<std::string>(&value)) {
      sqlite3_bind_text64(statement, index, words->data(), words->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* raw = std::get_if<Blob>(&value)) {
      sqlite3_bind_blob64(statement, index, raw->empty() ? "" : static_cast<const void*>(raw->data()),
                          raw->size(), SQLITE_STATIC);
    } else {
      sqlite3_bind_null(statement, index);
    }
  }

  static Row row_of(sqlite3_stmt* statement) {
    Row row;
    const int columns = sqlite3_column_count(statement);
    for (int i = 0; i < columns; ++i) {
      const void* data = nullptr;
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
          row.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)});
          break;
        case SQLITE_TEXT:
          data = sqlite3_column_text(statement, i);
          row.emplace_back(std::string(static_cast<const char*>(data),
                                       static_cast<std::size_t>(sqlite3_column_bytes(statement, i))));
          break;
        case SQLITE_BLOB: {
          data = sqlite3_column_blob(statement, i);
          const auto* first = static_cast<const std::uint8_t*>(data);
          row.emplace_back(Blob(first, first + sqlite3_column_bytes(statement, i)));
          break;
        }
        default:
          row.emplace_back(std::monostate{});
      }
    }
    return row;
  }

  Result<void> command(std::string_view statement) {
    auto done = run(statement);
    if (!done) return Failure(done.error());
    return {};
  }

  Database database_;
  std::string path_;
  std::map<std::string, Statement, std::less<>> statements_;  // closed before database_
  bool wal_ = false;
  bool spoilt_ = false;  ///< damaged pages may be in its memory
  int wal_pages_ = 0;
  int timeout_ms_ = 0;
};

// File systems that forget everything at the next boot, or whose locks do not hold between machines.
struct Unfit {
  long magic;
  std::string_view name, why;
};
constexpr Unfit kUnfit[] = {
    {TMPFS_MAGIC, "tmpfs", "it is in memory and forgets everything at the next boot"},
    {RAMFS_MAGIC, "ramfs", "it is in memory and forgets everything at the next boot"},
    {OVERLAYFS_SUPER_MAGIC, "overlay", "an overlay may be in memory and forget everything at the next boot"},
    {NFS_SUPER_MAGIC, "nfs", "locks on a share do not hold"},
    {SMB_SUPER_MAGIC, "cifs", "locks on a share do not hold"},
    {CIFS_SUPER_MAGIC, "cifs", "locks on a share do not hold"},
    {SMB2_SUPER_MAGIC, "cifs", "locks on a share do not hold"},
    {V9FS_MAGIC, "9p", "locks on a share do not hold"},
    {FUSE_SUPER_MAGIC, "fuse", "locks on a share may not hold"},
};

Result<void> refuse_unfit(const std::string& path, const SqliteOptions& options) {
  struct statfs where {};
  const std::string folder =
      fs::path(path).parent_path().empty() ? "." : fs::path(path).parent_path().string();
  if (statfs(folder.c_str(), &where) != 0) {
    return fail("the registry's folder is not there", folder,
                "check the path; dmigate registry init makes a new one");
  }
  const Unfit* unfit = std::ranges::find(kUnfit, static_cast<long>(where.f_type), &Unfit::magic);
  if (unfit == std::end(kUnfit)) return {};
  const auto& allowed = options.allowed_file_systems;
  if (std::ranges::find(allowed, unfit->name) != allowed.end()) return {};
  return fail(
      "a registry does not belong on " + std::string(unfit->name) + ": " + std::string(unfit->why), path,
      "put it on a local disk, or say allow_registry_on: [" + std::string(unfit->name) + "] in station.yaml");
}

Result<std::unique_ptr<Sqlite>> open_file(const std::string& path, const SqliteOptions& options) {
  if (auto fit = refuse_unfit(path, options); !fit) return Failure(fit.error());
  // Pages as they are needed: the stock that is laid in otherwise is touched at every start.
  static_cast<void>(sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0));
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, registry_vfs());
  Database database(raw);
  if (opened != SQLITE_OK) return sqlite_failure(raw, path);
  if (sqlite3_db_readonly(raw, "main") == 1) {
    return fail("the registry cannot be written (read-only)", path,
                "check the permissions of the file and its folder");
  }
  auto sqlite = std::make_unique<Sqlite>(std::move(database), path);
  if (auto paired = sqlite->refuse_strange_wal(); !paired) return Failure(paired.error());
  if (auto configured = sqlite->configure(options); !configured) return Failure(configured.error());
  return sqlite;
}

}  // namespace

std::string text(const SqlValue& value) {
  const auto* words = std::get_if<std::string>(&value);
  return words == nullptr ? std::string() : *words;
}

std::int64_t integer(const SqlValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

Blob bytes(const SqlValue& value) {
  const auto* raw = std::get_if<Blob>(&value);
  return raw == nullptr ? Blob() : *raw;
}

Result<std::unique_ptr<Sql>> open_sqlite(const std::string& path, const SqliteOptions& options) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) {
    return fail("there is no registry here", path, "check the path; dmigate registry init makes a new one");
  }
  if (!fs::is_regular_file(status)) return fail("this is no registry (not a file)", path, "check the path");
  // SQLite takes an empty file for a new database: it is what a lost one looks like.
  if (fs::file_size(path, error) == 0 && !error) {
    return fail(
        "this is no registry (the file is empty)", path,
        "restore it from its backup; if it was never one, because its init was cut off, delete it first");
  }
  auto sqlite = open_file(path, options);
  if (!sqlite) return Failure(sqlite.error());
  return std::unique_ptr<Sql>(*std::move(sqlite));
}

Result<std::unique_ptr<Sql>> create_sqlite(const std::string& path, const SqliteOptions& options) {
  if (auto fit = refuse_unfit(path, options); !fit) return Failure(fit.error());
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0640);
  if (file < 0) {
    const bool exists = errno == EEXIST;
    return fail(exists ? "there is a file here already" : "the registry cannot be made here", path,
                exists ? "nothing was changed; use it as it is, or choose another path"
                       : "check that the folder exists and can be written");
  }
  ::close(file);
  // A record changes a few rows in a dozen pages, and pages are what is written, and read again from the
  // WAL by the next check: half SQLite's usual size is a tenth of a check less.
  auto made =
      open_file(path, options).and_then([](std::unique_ptr<Sqlite>&& sqlite) -> Result<std::unique_ptr<Sql>> {
        auto set = sqlite->run("PRAGMA page_size=2048");
        if (!set) return Failure(set.error());
        sqlite->reserve();
        return std::unique_ptr<Sql>(std::move(sqlite));
      });
  if (!made) remove_sqlite(path);
  return made;
}

void remove_sqlite(const std::string& path) {
  for (const std::string_view suffix : {"", "-wal", "-shm", "-journal"}) {
    ::unlink((path + std::string(suffix)).c_str());
  }
}

}  // namespace dmigate::gate
