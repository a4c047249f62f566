// A page that is not as it was written: an error, or nobody's business; never an answer.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "gate/registry/vfs.h"
#include "tests/gate/edit.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 2048, kFrame = 24 + kPage, kWalHeader = 32;

void run(const Database& database, const std::string& sql) {
  char* words = nullptr;
  const int done = sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, &words);
  REQUIRE_MESSAGE(done == SQLITE_OK, sql << ": " << (words == nullptr ? "" : words));
}

// A registry as two files.
struct Files {
  std::string main, wal;
};

Files files_of(const Plant& plant) { return {read_file(plant.path()), read_file(plant.path() + "-wal")}; }

void put(const Plant& plant, const Files& files) {
  remove_sqlite(plant.path());
  write_file(plant.path(), files.main);
  if (!files.wal.empty()) write_file(plant.path() + "-wal", files.wal);
}

void settle(const Plant& plant) { run(connect(plant.path()), "PRAGMA wal_checkpoint(TRUNCATE)"); }

void fill(const Plant& plant, int from, int to) {
  for (int n = from; n <= to; ++n)
    REQUIRE(plant.record({.unit = good(n), .label = serial(n)}).outcome == Outcome::kPass);
}

// What a station or a person asks of the registry, each in a process of its own; "!" is an error.
using Question = std::function<std::string(const Plant&)>;

std::string or_error(const std::string& words, const Error* error) {
  if (error == nullptr) return words;
  CHECK_MESSAGE(error->what.find("damaged") != std::string::npos, error->to_string());
  CHECK_FALSE(error->advice.empty());
  return "!";
}

std::string outcome_of(const Plant& plant, const Call& call) {
  auto registry = Registry::open(plant.path(), plant.options());
  if (!registry) return or_error({}, &registry.error());
  const auto verdict = plant.try_record(call, *registry);
  if (!verdict) return or_error({}, &verdict.error());
  std::string words(outcome_name(verdict->outcome));
  for (const std::string& rule : rules(verdict->findings)) words += " " + rule;
  return words;
}

template <typename Ask>
std::string asked(const Plant& plant, const Ask& ask) {
  auto registry = Registry::open(plant.path(), plant.options());
  if (!registry) return or_error({}, &registry.error());
  const auto answer = ask(*registry);
  return answer ? or_error(*answer, nullptr) : or_error({}, &answer.error());
}

std::string traced(const Plant& plant, const std::string& value) {
  return asked(plant, [&](Registry& registry) {
    return registry.trace(value).map([](const Trace& trace) {
      std::string words;
      for (const TracedUnit& unit : trace.units) {
        words += unit.id;
        for (const std::string& record : unit.records) words += record;
      }
      return words;
    });
  });
}

std::string found(const Plant& plant, const std::string& value) {
  return asked(plant, [&](Registry& registry) {
    return registry.lookup(value).map([](const std::vector<ClaimRow>& rows) {
      std::string words;
      for (const ClaimRow& row : rows) words += row.keyword + row.shown + row.state + row.holder.unit;
      return words;
    });
  });
}

std::string rows_counted(const Plant& plant) {
  return asked(plant, [](Registry& registry) {
    return registry.status().map([](const Status& status) { return std::to_string(status.records); });
  });
}

const std::vector<Question> kQuestions = {
    [](const Plant& plant) { return outcome_of(plant, {.unit = good(1), .label = serial(1)}); },
    // Another unit with the serial of one that is known.
    [](const Plant& plant) {
      return outcome_of(plant, {.unit = changed(good(900), {{"system-serial-number", serial(2)}})});
    },
    [](const Plant& plant) { return outcome_of(plant, {.unit = good(3), .label = serial(2)}); },
    [](const Plant& plant) { return found(plant, board(2)); },
    [](const Plant& plant) { return traced(plant, serial(3)); },
    rows_counted,
};

// Asks everything of the registry once it is `files`, and says how many of the answers were errors. One that
// is none is the answer of the whole registry.
int errors_of(const Plant& plant, const Files& files, const std::vector<std::string>& whole) {
  int errors = 0;
  for (std::size_t i = 0; i < kQuestions.size(); ++i) {
    CAPTURE(i);
    put(plant, files);
    const std::string answer = kQuestions[i](plant);
    if (answer == "!")
      ++errors;
    else
      CHECK(answer == whole[i]);
  }
  return errors;
}

std::vector<std::string> answers_of(const Plant& plant, const Files& files) {
  std::vector<std::string> answers;
  for (const Question& question : kQuestions) {
    put(plant, files);
    answers.push_back(question(plant));
    CHECK(answers.back() != "!");
  }
  return answers;
}

bool is_doubted(const Plant& plant, const Files& files) {
  put(plant, files);
  auto registry = Registry::open(plant.path(), plant.options());
  if (!registry) return registry.error().what.find("damaged") != std::string::npos;
  const auto doubts = registry->verify();
  if (!doubts || doubts->empty()) return !doubts;
  // What it has read of damaged pages is not served by the same connection either.
  CHECK_FALSE(registry->lookup(serial(1)));
  return true;
}

TEST_CASE(
    "a changed byte in any page of the file: an error or an answer that is not of that page, and verify "
    "finds it") {
  Plant plant;
  fill(plant, 1, 4);
  settle(plant);
  const Files whole = files_of(plant);
  REQUIRE(whole.wal.empty());
  const auto answers = answers_of(plant, whole);
  const std::size_t pages = whole.main.size() / kPage;
  REQUIRE(pages > 20);
  int errors = 0;
  for (std::size_t page = 0; page < pages; ++page) {
    CAPTURE(page);
    // Near the beginning, in the middle, and in the checksum itself; of page 1 behind what tells a file's
    // kind.
    for (const std::size_t at : {std::size_t{101}, kPage / 2 + page, kPage - 11}) {
      CAPTURE(at);
      if (at != kPage / 2 + page && page % 4 != 0) continue;
      Files damaged = whole;
      damaged.main[page * kPage + at] ^= 0x10;
      errors += errors_of(plant, damaged, answers);
      CHECK(is_doubted(plant, damaged));
    }
  }
  CHECK(errors > static_cast<int>(pages));
  MESSAGE(pages << " pages, " << errors << " errors");
}

TEST_CASE("a changed byte in the file's header does not take the checksums away") {
  Plant plant;
  fill(plant, 1, 3);
  settle(plant);
  const Files whole = files_of(plant);
  const auto answers = answers_of(plant, whole);
  for (std::size_t at = 16; at < 100; ++at) {
    CAPTURE(at);
    // What a sound copy has anew (gate/registry/pages.cc).
    if ((at >= 24 && at < 28) || (at >= 40 && at < 44) || at >= 92) continue;
    for (const char mask : {'\x10', '\x01', whole.main[at]}) {
      if (mask == 0) continue;
      Files damaged = whole;
      damaged.main[at] = static_cast<char>(damaged.main[at] ^ mask);
      put(plant, damaged);
      auto registry = Registry::open(plant.path(), plant.options());
      CHECK_FALSE(registry);
    }
  }
}

TEST_CASE(
    "a changed byte anywhere in the WAL: an error or the whole registry's answer, and nothing is forgotten") {
  Plant plant;
  fill(plant, 1, 4);
  const Files whole = files_of(plant);
  const auto answers = answers_of(plant, whole);
  const std::size_t frames = (whole.wal.size() - kWalHeader) / kFrame;
  REQUIRE(frames > 20);
  const auto check = [&](std::size_t at, bool is_read) {
    CAPTURE(at);
    Files damaged = whole;
    damaged.wal[at] ^= 0x01;
    const int errors = errors_of(plant, damaged, answers);
    CHECK((errors == static_cast<int>(kQuestions.size())) == is_read);
  };
  for (std::size_t at = 0; at < kWalHeader; at += 5) check(at, true);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const std::size_t begin = kWalHeader + frame * kFrame;
    check(begin + 24 + (frame * 131) % kPage, true);
    if (frame % 8 == 0) check(begin + (frame / 8) % 24, true);
  }
  check(whole.wal.size() - 1, false);  // the seal: nothing is lost with it
}

TEST_CASE("the WAL's last transaction is missed, whether its index is left or not") {
  Plant plant;
  fill(plant, 1, 2);
  Files files = files_of(plant);
  files.wal[files.wal.size() - 100] ^= 0x01;     // in its last page
  write_file(plant.path() + "-wal", files.wal);  // the -shm stays
  const auto again = Registry::open(plant.path(), plant.options());
  REQUIRE_FALSE(again);
  CHECK(again.error().what.find("its -wal has lost what was committed last") != std::string::npos);
  const auto third = Registry::open(plant.path(), plant.options());
  CHECK_FALSE(third);
}

TEST_CASE("a page of the WAL that is damaged while stations work is an error at each of them") {
  Plant plant;
  fill(plant, 1, 3);
  const Registry working = plant.open();  // keeps the WAL's index alive
  const int file = ::open((plant.path() + "-wal").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(file >= 0);
  const auto size = fs::file_size(plant.path() + "-wal");
  int errors = 0;
  for (std::size_t at = kWalHeader + 24 + 700; at < size; at += kFrame) {
    CAPTURE(at);
    char byte = 0;
    REQUIRE(::pread(file, &byte, 1, static_cast<off_t>(at)) == 1);
    const char damaged = static_cast<char>(byte ^ 0x40);
    REQUIRE(::pwrite(file, &damaged, 1, static_cast<off_t>(at)) == 1);
    if (found(plant, serial(2)) == "!") ++errors;
    REQUIRE(::pwrite(file, &byte, 1, static_cast<off_t>(at)) == 1);
  }
  ::close(file);
  CHECK(errors > 2);
  CHECK(found(plant, serial(2)) != "!");
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a page that was written by half, in another's place, never or before: an error") {
  Plant plant;
  fill(plant, 1, 3);
  settle(plant);
  const Files before = files_of(plant);
  fill(plant, 4, 5);
  settle(plant);
  const Files after = files_of(plant);
  const auto answers = answers_of(plant, after);
  const auto page_of = [](const Files& files, std::size_t page) {
    return files.main.substr(page * kPage, kPage);
  };
  int torn = 0;
  for (std::size_t page = 1; page < after.main.size() / kPage; ++page) {
    CAPTURE(page);
    if ((page + 1) * kPage > before.main.size()) break;
    const std::string was = page_of(before, page), is = page_of(after, page);
    if (was == is) continue;
    ++torn;
    for (const std::string& content :
         {was.substr(0, 512) + is.substr(512), is.substr(0, 1024) + was.substr(1024),
          page_of(after, page - 1), std::string(kPage, '\0')}) {
      if (content == was || content == is) continue;
      Files damaged = after;
      damaged.main.replace(page * kPage, kPage, content);
      errors_of(plant, damaged, answers);
      CHECK(is_doubted(plant, damaged));
    }
  }
  CHECK(torn > 5);
}

TEST_CASE("other programs read a registry, move its WAL and back it up, and its checksums stay in order") {
  Plant plant;
  fill(plant, 1, 3);
  const std::string tool = "sqlite3 " + plant.path() + " ";
  REQUIRE_MESSAGE(std::system((tool + "'SELECT count(*) FROM record' >/dev/null").c_str()) == 0,
                  "sqlite3 is missing");
  CHECK_FALSE(fs::exists(plant.path() + "-wal"));  // it was the last one, and has moved it
  CHECK(plant.doubts() == Words{});
  fill(plant, 4, 5);
  CHECK(std::system((tool + "'.backup " + plant.path() + ".backup'").c_str()) == 0);
  fill(plant, 6, 7);
  CHECK(std::system((tool + "'PRAGMA integrity_check' | grep -qx ok").c_str()) == 0);
  remove_sqlite(plant.path());
  fs::rename(plant.path() + ".backup", plant.path());
  CHECK(plant.doubts() == Words{});
  CHECK(plant.status().units == 5);
  fill(plant, 6, 6);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE(
    "a station's WAL is left in place by another program that closes the registry, and so is what follows") {
  Plant plant;
  fill(plant, 1, 1);
  Registry station = plant.open();
  REQUIRE(plant.try_record({.unit = good(2)}, station));
  for (int n = 3; n < 6; ++n) {
    REQUIRE(std::system(("sqlite3 " + plant.path() + " 'SELECT count(*) FROM record' >/dev/null").c_str()) ==
            0);
    const auto verdict = plant.try_record({.unit = good(n)}, station);
    REQUIRE(verdict);
    CHECK(verdict->outcome == Outcome::kPass);
    CHECK(plant.lookup(serial(n)).size() == 1);
  }
  CHECK(plant.status().units == 5);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("what another program writes is found by its checksum") {
  Plant plant;
  fill(plant, 1, 2);
  run(connect(plant.path()), "UPDATE claim SET unit = 'u-0'");
  CHECK(found(plant, serial(1)) == "!");
  CHECK(outcome_of(plant, {.unit = good(1)}) == "!");
  const Words doubts = plant.doubts();
  CHECK(std::ranges::any_of(doubts,
                            [](const std::string& doubt) { return doubt.find(": page ") != doubt.npos; }));
  CHECK(std::ranges::any_of(doubts, [](const std::string& doubt) { return doubt.starts_with("claim "); }));
}

// As dmigate made registries before their pages had checksums: SQLite gives no room back that it has kept
// free.
void take_checksums_away(const Plant& plant) {
  const std::string old = plant.path() + ".old";
  settle(plant);
  fs::rename(plant.path(), old);
  remove_sqlite(plant.path());
  const Database database = connect(plant.path());
  run(database, "PRAGMA page_size=2048; PRAGMA user_version=77; ATTACH '" + old + "' AS old");
  Words statements, tables;
  const auto add = [](void* words, int, char** columns, char**) {
    static_cast<Words*>(words)->emplace_back(columns[0]);
    return 0;
  };
  sqlite3_exec(database.get(), "SELECT sql FROM old.sqlite_schema WHERE sql <> ''", add, &statements,
               nullptr);
  sqlite3_exec(database.get(), "SELECT name FROM old.sqlite_schema WHERE type = 'table'", add, &tables,
               nullptr);
  for (const std::string& statement : statements) run(database, statement);
  for (const std::string& table : tables)
    run(database, "INSERT INTO " + table + " SELECT * FROM old." + table);
  run(database, "DETACH old; PRAGMA journal_mode=WAL");
}

TEST_CASE("a registry that was made without checksums works as before, and gets them when it is migrated") {
  Plant plant;
  fill(plant, 1, 3);
  take_checksums_away(plant);
  REQUIRE(read_file(plant.path())[20] == 0);
  fill(plant, 4, 5);
  CHECK(plant.doubts() == Words{});
  const auto migrate = [&] {
    auto done = Registry::migrate(plant.path(), plant.options(), decision({}, "Li Na", "checksums"));
    REQUIRE_MESSAGE(done, (done ? "" : done.error().to_string()));
    return *done;
  };
  Registry working = plant.open();
  const Migrated done = migrate();
  CHECK(done.from == Registry::kSchema);
  CHECK(done.checksums);
  REQUIRE(plant.try_record({.unit = good(6)}, working));  // a station that was at work meanwhile
  CHECK_FALSE(migrate().checksums);
  fill(plant, 7, 8);
  CHECK(plant.status().units == 8);
  CHECK(plant.doubts() == Words{});
  settle(plant);
  Files files = files_of(plant);
  for (std::size_t page = 0; page < files.main.size() / kPage; ++page) {
    CAPTURE(page);
    Files damaged = files;
    damaged.main[page * kPage + 1200] ^= 0x04;
    CHECK(is_doubted(plant, damaged));
  }
}

TEST_CASE("a migration that finds the disk full leaves the registry as it was, and works") {
  Plant plant;
  fill(plant, 1, 6);
  take_checksums_away(plant);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const rlim_t size : {rlim_t{4096}, rlim_t{40960}, rlim_t{81920}}) {
    CAPTURE(size);
    const rlimit small{.rlim_cur = size, .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto done = Registry::migrate(plant.path(), plant.options(), decision({}, "Li Na", "checksums"));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    REQUIRE_FALSE(done);
    CHECK(done.error().what.find("disk") != std::string::npos);
    CHECK(plant.doubts() == Words{});
    CHECK(outcome_of(plant, {.unit = good(1), .label = serial(1)}) == "PASS");
  }
  std::signal(SIGXFSZ, SIG_DFL);
  CHECK(Registry::migrate(plant.path(), plant.options(), decision({}, "Li Na", "checksums"))->checksums);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("what a transaction wrote that was given up never comes over another process's commit") {
  const TemporaryFolder folder;
  const auto open = [&] {
    sqlite3* raw = nullptr;
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    REQUIRE(sqlite3_open_v2((folder / "spilt.db").c_str(), &raw, kFlags, registry_vfs()) == SQLITE_OK);
    Database database(raw);
    run(database, "PRAGMA journal_mode=WAL");
    run(database, "PRAGMA synchronous=FULL");
    run(database, "PRAGMA cache_size=4");  // so that a transaction does not stay in memory
    return database;
  };
  const auto number = [](const Database& database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(database.get(), sql, -1, &statement, nullptr) == SQLITE_OK);
    const int stepped = sqlite3_step(statement);
    const int value = stepped == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    return value;
  };
  const Database given_up = open();
  run(given_up, "CREATE TABLE unit (id INTEGER PRIMARY KEY, body BLOB)");
  const Database station = open();
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    run(given_up, "BEGIN IMMEDIATE");
    for (int row = 0; row < 12 + round; ++row)
      run(given_up, "INSERT INTO unit (body) VALUES (randomblob(900))");
    run(given_up, "ROLLBACK");
    run(station, "INSERT INTO unit (body) VALUES (randomblob(900))");
    CHECK(number(given_up, "SELECT count(*) FROM unit") == round + 1);
    CHECK(number(station, "SELECT count(*) FROM unit") == round + 1);
    CHECK(number(open(), "SELECT count(*) = 1 FROM pragma_integrity_check WHERE integrity_check = 'ok'") ==
          1);
  }
}

}  // namespace
}  // namespace dmigate::gate
