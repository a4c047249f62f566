// What a disk, a share, a full file system and a careless hand do to a registry: an error that says what
// to do, and nothing lost or half written.
#include <fcntl.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "tests/gate/edit.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;
constexpr long kTmpfs = 0x01021994;

void run(const Database& database, const char* sql) {
  REQUIRE(sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK);
}

// A file system of its own for one test; not there where mounting is not allowed.
class Mount {
 public:
  Mount(const std::string& folder, const char* options) : folder_(folder) {
    fs::create_directory(folder);
    mounted_ = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options) == 0;
  }
  // The folder itself, read-only.
  explicit Mount(const std::string& folder) : folder_(folder) {
    mounted_ = ::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) == 0;
    read_only_ =
        mounted_ && ::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
  }
  ~Mount() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool read_only() const { return read_only_; }

 private:
  std::string folder_;
  bool mounted_ = false;
  bool read_only_ = false;
};

TEST_CASE("what is no registry is not opened, is left as it was, and the error says what to do") {
  const Plant plant;
  const TemporaryFolder& folder = plant.folder();
  fs::create_directory(folder / "folder");
  write_file(folder / "empty", "");
  write_file(folder / "text",
             "a registry is not a text file, however long this line may be; not even one of 100 bytes");
  write_file(folder / "short", "S");
  write_file(folder / "header", std::string("SQLite format 3\0", 16) + std::string(500, '\xFF'));
  {
    const Database foreign = connect(folder / "foreign");
    run(foreign, "CREATE TABLE stock (part TEXT); INSERT INTO stock VALUES ('H310CM-A')");
    const Database namesake = connect(folder / "namesake");
    run(namesake, "CREATE TABLE registry (host TEXT)");
    const Database product = connect(folder / "product");
    run(product,
        "CREATE TABLE registry (name TEXT, value TEXT); INSERT INTO registry VALUES ('product', 'other')");
    const Database newer = connect(folder / "newer");
    run(newer,
        "CREATE TABLE registry (name TEXT, value TEXT);"
        "INSERT INTO registry VALUES ('product', 'dmigate'), ('schema', '999')");
  }
  struct Row {
    const char* name;
    const char* what;
  };
  for (const Row& row :
       {Row{"missing", "there is no registry here"}, Row{"no/such/folder", "there is no registry here"},
        Row{"folder", "not a file"}, Row{"empty", "the file is empty"}, Row{"text", "not an SQLite database"},
        Row{"short", "no dmigate registry"}, Row{"header", "not an SQLite database"},
        Row{"foreign", "no dmigate registry"}, Row{"namesake", "no dmigate registry"},
        Row{"product", "no dmigate registry"}, Row{"newer", "schema version 999"}}) {
    CAPTURE(row.name);
    const std::string path = folder / row.name;
    const std::string before = fs::is_regular_file(path) ? read_file(path) : std::string();
    const auto opened = Registry::open(path, plant.options());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == ErrorKind::kUnjudgeable);
    CAPTURE(opened.error().what);
    CHECK(opened.error().what.find(row.what) != std::string::npos);
    CHECK(opened.error().where == path);
    CHECK_FALSE(opened.error().advice.empty());
    CHECK((fs::is_regular_file(path) ? read_file(path) : std::string()) == before);
    CHECK_FALSE(fs::exists(path + "-wal"));
    CHECK_FALSE(fs::exists(path + "-shm"));
  }
}

TEST_CASE("init makes a registry where there is none, and touches nothing that is there") {
  Plant plant;
  plant.record({.unit = good(1)});
  CHECK_FALSE(Registry::init(plant.path(), plant.options()));
  CHECK(plant.status().records == 1 + 1);
  write_file(plant.folder() / "notes", "a file");
  CHECK_FALSE(Registry::init(plant.folder() / "notes", plant.options()));
  CHECK(read_file(plant.folder() / "notes") == "a file");
  CHECK_FALSE(Registry::init(plant.folder() / "no/such", plant.options()));
  CHECK_FALSE(Registry::init(plant.folder().path(), plant.options()));
}

TEST_CASE("a registry in use by another program is waited for, then an error; nothing is recorded") {
  Plant plant;
  plant.record({.unit = good(1)});
  for (const char* lock : {"BEGIN IMMEDIATE", "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE"}) {
    CAPTURE(lock);
    {
      const Database other = connect(plant.path());
      run(other, lock);
      auto registry = Registry::open(plant.path(), plant.options(50));
      const auto verdict =
          registry.and_then([&](Registry& open) { return plant.try_record({.unit = good(2)}, open); });
      REQUIRE_FALSE(verdict);
      CHECK(verdict.error().what.find("locked") != std::string::npos);
      CHECK_FALSE(verdict.error().advice.empty());
    }
    CHECK(plant.status().records == 1 + 1);
    CHECK(plant.doubts() == Words{});
  }
  CHECK(plant.record({.unit = good(2)}).outcome == Outcome::kPass);
}

TEST_CASE("who only reads holds no station up, and sees one moment") {
  Plant plant;
  plant.record({.unit = good(1)});
  const Database reader = connect(plant.path());
  run(reader, "BEGIN; SELECT count(*) FROM record");
  CHECK(plant.record({.unit = good(2)}).outcome == Outcome::kPass);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a read-only registry records nothing and says that it is read-only") {
  Plant plant;
  plant.record({.unit = good(1)});
  {
    const Mount mount(plant.folder().path());
    if (!mount.read_only()) {
      MESSAGE("left out: a read-only mount is not allowed here");
      return;
    }
    const auto opened = Registry::open(plant.path(), plant.options());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().what.find("read-only") != std::string::npos);
    CHECK_FALSE(Registry::init(plant.folder() / "other.db", plant.options()));
  }
  CHECK(plant.status().records == 1 + 1);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a disk that fills up: an error, and every verdict that was said is there") {
  Plant plant;
  const std::string folder = plant.folder() / "small";
  const Mount mount(folder, "size=640k");
  if (!mount.mounted()) {
    MESSAGE("left out: a small file system cannot be mounted here");
    return;
  }
  const std::string path = folder + "/registry.db";
  REQUIRE(Registry::init(path, plant.options()));
  auto registry = Registry::open(path, plant.options());
  REQUIRE(registry);
  int passed = 0;
  Result<Verdict> verdict = fail("not asked");
  for (int n = 1; n < 500; ++n) {
    verdict = plant.try_record({.unit = good(n)}, *registry);
    if (!verdict) break;
    ++passed;
  }
  REQUIRE_FALSE(verdict);
  MESSAGE("full after " << passed << " records: " << verdict.error().to_string());
  CHECK(passed > 1);
  CHECK(verdict.error().what.find("disk") != std::string::npos);
  CHECK_FALSE(verdict.error().advice.empty());
  // A smaller record may still fit in.
  if (plant.try_record({.unit = good(501)}, *registry)) ++passed;

  // Room again, and another process.
  REQUIRE(::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT, "size=8m") == 0);
  auto again = Registry::open(path, plant.options());
  REQUIRE(again);
  const auto status = again->status();
  REQUIRE(status);
  CHECK(status->records == passed + 1);
  CHECK(status->units == passed);
  CHECK(again->verify()->empty());
  CHECK(plant.try_record({.unit = good(502)}, *again));
}

TEST_CASE("init on a full disk leaves nothing behind") {
  Plant plant;
  const std::string folder = plant.folder() / "tiny";
  const Mount mount(folder, "size=16k");
  if (!mount.mounted()) {
    MESSAGE("left out: a small file system cannot be mounted here");
    return;
  }
  const auto made = Registry::init(folder + "/registry.db", plant.options());
  REQUIRE_FALSE(made);
  CHECK_FALSE(made.error().advice.empty());
  CHECK(fs::is_empty(folder));
}

TEST_CASE("a file system that forgets is refused unless the station allows it") {
  struct statfs where {};
  const std::string path = "/dev/shm/dmigate-test-" + std::to_string(::getpid()) + ".db";
  if (::statfs("/dev/shm", &where) != 0 || where.f_type != kTmpfs || ::access("/dev/shm", W_OK) != 0) {
    MESSAGE("left out: there is no tmpfs at /dev/shm");
    return;
  }
  const auto refused = Registry::init(path, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("tmpfs") != std::string::npos);
  CHECK(refused.error().advice.find("allow_registry_on") != std::string::npos);
  CHECK_FALSE(fs::exists(path));
  CHECK(Registry::init(path, {.sqlite = anywhere()}));
  CHECK(Registry::open(path, {.sqlite = anywhere()}));
  CHECK_FALSE(Registry::open(path, {}));
  CHECK_FALSE(Registry::open(path, {.sqlite = {.allowed_file_systems = {"overlay"}}}));
  remove_sqlite(path);
}

// As sqlite3's .backup does it.
void back_up(const std::string& from, const std::string& to) {
  const Database source = connect(from);
  sqlite3* raw = nullptr;
  REQUIRE(sqlite3_open(to.c_str(), &raw) == SQLITE_OK);
  sqlite3_backup* backup = sqlite3_backup_init(raw, "main", source.get(), "main");
  REQUIRE(backup != nullptr);
  CHECK(sqlite3_backup_step(backup, -1) == SQLITE_DONE);
  CHECK(sqlite3_backup_finish(backup) == SQLITE_OK);
  CHECK(sqlite3_close(raw) == SQLITE_OK);
}

TEST_CASE("a backup that is copied over the registry does not get the WAL of what it replaces") {
  for (int more = 1; more <= 24; ++more) {
    CAPTURE(more);
    Plant plant;
    for (int n = 1; n <= 9; ++n) plant.record({.unit = good(n), .label = serial(n)});
    back_up(plant.path(), plant.path() + ".backup");
    for (int n = 10; n < 10 + more; ++n) plant.record({.unit = good(n), .label = serial(n)});
    write_file(plant.path(), read_file(plant.path() + ".backup"));
    const auto mixed = Registry::open(plant.path(), plant.options());
    if (mixed) {
      // Nothing was moved from the WAL into the file since the backup, so the two make a whole; or the
      // WAL is empty, and it is restored.
      CHECK(plant.doubts() == Words{});
      const auto units = plant.status().units;
      CHECK((units == 9 + more || units == 9));
    } else {
      CHECK(mixed.error().to_string().find("do not belong together") != std::string::npos);
      std::filesystem::remove(plant.path() + "-wal");
      std::filesystem::remove(plant.path() + "-shm");
      CHECK(plant.doubts() == Words{});
      CHECK(plant.status().units == 9);
    }
    if (more == 1) CHECK(mixed);
    if (more == 24) CHECK_FALSE(mixed);
  }
}

TEST_CASE("another registry's file does not get this one's WAL") {
  for (int n : {1, 21}) {
    CAPTURE(n);
    Plant old, young;
    for (int i = 1; i <= 41; ++i) old.record({.unit = good(i), .label = serial(i)});
    back_up(old.path(), old.path() + ".backup");
    for (int i = 0; i < n; ++i) young.record({.unit = good(100 + i), .label = serial(100 + i)});
    REQUIRE(std::filesystem::file_size(young.path() + "-wal") > 0);
    write_file(young.path(), read_file(old.path() + ".backup"));
    CHECK_FALSE(Registry::open(young.path(), young.options()));
  }
}

TEST_CASE("another registry that is copied into the open one's file is not written into, and the WAL stays") {
  Plant old, young;
  for (int i = 1; i <= 41; ++i) old.record({.unit = good(i), .label = serial(i)});
  back_up(old.path(), old.path() + ".backup");
  const std::string other = read_file(old.path() + ".backup");
  auto registry = Registry::open(young.path(), young.options());
  REQUIRE(registry);
  REQUIRE(young.try_record({.unit = good(100), .label = serial(100)}, *registry)->recorded);
  write_file(young.path(), other);
  const std::string wal = read_file(young.path() + "-wal");
  for (int i = 101; i <= 140; ++i) {
    const auto verdict = young.try_record({.unit = good(i), .label = serial(i)}, *registry);
    CHECK_FALSE((verdict && verdict->recorded));
  }
  CHECK_FALSE(registry->trace(serial(100)));
  CHECK(read_file(young.path()) == other);
  CHECK(read_file(young.path() + "-wal") == wal);
}

TEST_CASE("a registry cut off or scribbled over at any place is an error or found by verify, never good") {
  Plant plant;
  for (int n = 1; n <= 12; ++n) plant.record({.unit = good(n), .label = serial(n)});
  {
    const Database all = connect(plant.path());  // the WAL into the file
    run(all, "PRAGMA wal_checkpoint(TRUNCATE)");
  }
  const std::string whole = read_file(plant.path());
  REQUIRE(whole.size() > 32768);
  const auto is_sound = [&] {
    auto registry = Registry::open(plant.path(), plant.options());
    if (!registry) return false;
    const auto doubts = registry->verify();
    const auto status = registry->status();
    return doubts && doubts->empty() && status && status->records == 12 + 1 && status->units == 12;
  };
  const auto put = [&](const std::string& bytes) {
    remove_sqlite(plant.path());
    write_file(plant.path(), bytes);
  };
  put(whole);
  REQUIRE(is_sound());
  for (std::size_t size = 1; size < whole.size(); size += 4096) {
    CAPTURE(size);
    put(whole.substr(0, size));
    CHECK_FALSE(is_sound());
  }
  // Every byte of a record's body counts.
  const std::size_t body = whole.find("dmigate.record/1");
  REQUIRE(body != std::string::npos);
  for (std::size_t at = body; at < body + 400; at += 37) {
    std::string scribbled = whole;
    scribbled[at] ^= 0x01;
    put(scribbled);
    CHECK_FALSE(is_sound());
  }
}

}  // namespace
}  // namespace dmigate::gate
