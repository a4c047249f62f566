// registry FOLDER [UNITS]: what claiming and recording a unit costs, beside what the same disk and the same
// server take for a plain transaction, in one run. UNITS are laid in before the second half (default
// 100,000), to see whether a full registry is slower than an empty one. DMIGATE_POSTGRES names a database for
// the part on a server; scripts/with-postgres makes one.
#include "gate/registry/registry.h"

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/units.h"

namespace {

namespace fs = std::filesystem;
using namespace dmigate;
using namespace dmigate::benchmarks;
using Clock = std::chrono::steady_clock;

constexpr int kWarmUps = 50;
constexpr int kRounds = 500;
constexpr int kConnections = 8;
constexpr int kSeconds = 8;
// What one unit's first visit inserts: its record, unit, visit and raw table, three claims, and two rows of
// what else was seen. The plain transaction beside it inserts as many rows, each of its record's size by a
// ninth.
constexpr int kInserts = 9;
constexpr double kMostOfInsert = 2.5, kLeastOfServer = 0.5, kMostOfEmpty = 1.3, kMostTraceMs = 10.0;

void record(gate::Registry& registry, const gate::Visit& visit) {
  const auto verdict = registry.record(visit);
  if (!verdict) give_up(verdict.error().to_string());
  if (verdict->outcome != gate::Outcome::kPass) give_up("a good unit did not pass");
}

// One durable row, with the registry's own pragmas, beside the registry's file.
class PlainInsert {
 public:
  explicit PlainInsert(const std::string& path) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) give_up("cannot make " + path);
    for (const char* statement :
         {"PRAGMA page_size=2048", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
          "CREATE TABLE plain (id INTEGER PRIMARY KEY, value TEXT NOT NULL)"}) {
      run(statement);
    }
  }
  ~PlainInsert() { sqlite3_close(database_); }
  PlainInsert(const PlainInsert&) = delete;
  PlainInsert& operator=(const PlainInsert&) = delete;
  void operator()() {
    run("BEGIN IMMEDIATE");
    run("INSERT INTO plain (value) VALUES ('CX2600417')");
    run("COMMIT");
  }

 private:
  void run(const char* statement) {
    if (sqlite3_exec(database_, statement, nullptr, nullptr, nullptr) != SQLITE_OK)
      give_up(sqlite3_errmsg(database_));
  }
  sqlite3* database_ = nullptr;
};

// Records kRounds new units, and plain inserts between them; returns the medians.
std::pair<double, double> take_turns(gate::Registry& registry, PlainInsert& plain, const Units& units,
                                     long first) {
  std::vector<double> recorded, inserted;
  for (int i = 0; i < kWarmUps + kRounds; ++i) {
    const auto unit = units.make(first + i, "L1-S1");
    const double one = milliseconds([&] { record(registry, unit->visit); });
    const double other = milliseconds([&] { plain(); });
    if (i < kWarmUps) continue;
    recorded.push_back(one);
    inserted.push_back(other);
  }
  return {median(recorded), median(inserted)};
}

// Lays units in as `registry import` does, by its own command.
void lay_in(const std::string& where, const std::string& folder, long count, long first) {
  const std::string file = folder + "/units.csv";
  {
    std::ofstream lines(file);
    lines << "label,system-serial-number,baseboard-serial-number,baseboard-manufacturer,system-uuid,nic-mac,"
             "disk-serial\n";
    for (long i = first; i < first + count; ++i) {
      lines << with_number("CX%07ld", i) << ',' << with_number("CX%07ld", i) << ','
            << with_number("HB%08ld", i) << ",Chenxi Board,"
            << with_number("8d1e6f02-5c3b-4a77-9e41-%012lx", i) << ',' << mac_of(i) << ','
            << with_number("S%012ld", i) << '\n';
    }
  }
  const std::string command = std::string(DMIGATE_PROGRAM) + " registry import '" + file + "' --profile '" +
                              DMIGATE_SOURCE_DIR "/benchmarks/profile.yaml' --registry '" + where +
                              "' --by bench --reason benchmark --config '" DMIGATE_SOURCE_DIR
                              "/fixtures/demo/station.yaml' >/dev/null";
  const double taken = milliseconds([&] {
    if (std::system(command.c_str()) != 0) give_up("import failed: " + command);
  });
  std::printf("%-58s %9.0f units a second\n", "  import", static_cast<double>(count) / taken * 1000);
}

double trace_ms(gate::Registry& registry, long first, long count) {
  std::mt19937 random(1);
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const std::string serial = with_number("HB%08ld", first + static_cast<long>(random()) % count);
    times.push_back(milliseconds([&] {
      if (must(registry.trace(serial)).units.empty()) give_up("nothing is known of " + serial);
    }));
  }
  return median(times);
}

// Records a second by kConnections stations at once, each with a connection and a journal of its own.
double rate_of(const std::string& url, const gate::RegistryOptions& options, const Units& units, long first) {
  std::vector<std::vector<std::unique_ptr<Units::Kept>>> visits(kConnections);
  constexpr int kEach = 400;
  for (int c = 0; c < kConnections; ++c) {
    for (int i = 0; i < kEach; ++i) {
      visits[static_cast<std::size_t>(c)].push_back(
          units.make(first + c * kEach + i, with_number("L1-S%ld", c + 1)));
    }
  }
  std::vector<std::thread> stations;
  const auto before = Clock::now();
  for (const auto& mine : visits) {
    stations.emplace_back([&] {
      auto registry = must(gate::Registry::open(url, options));
      for (const auto& each : mine) record(registry, each->visit);
    });
  }
  for (std::thread& station : stations) station.join();
  return kConnections * kEach / std::chrono::duration<double>(Clock::now() - before).count();
}

// The same by pgbench: transactions of as many plain inserts.
double pgbench_rate(const std::string& folder) {
  const char* url = std::getenv("DMIGATE_POSTGRES");
  const char* bin = std::getenv("DMIGATE_POSTGRES_BIN");
  if (bin == nullptr) give_up("DMIGATE_POSTGRES_BIN does not say where pgbench is");
  std::ofstream script(folder + "/plain.sql");
  script << "BEGIN;\n";
  for (int i = 0; i < kInserts; ++i)
    script << "INSERT INTO plain (value) VALUES (repeat(md5(random()::text), 12));\n";
  script << "COMMIT;\n";
  script.close();
  const std::string program(bin);
  const std::string database = " '" + std::string(url) + "'";
  const std::string make =
      program + "/psql -q" + database +
      " -c 'CREATE TABLE IF NOT EXISTS plain (id BIGSERIAL PRIMARY KEY, value TEXT NOT NULL)'";
  if (std::system(make.c_str()) != 0) give_up("psql failed");
  const std::string run = program + "/pgbench -n -M prepared -c " + std::to_string(kConnections) +
                          " -j 2 -T " + std::to_string(kSeconds) + " -f '" + folder + "/plain.sql'" +
                          database + " 2>/dev/null";
  std::FILE* pipe = popen(run.c_str(), "r");
  if (pipe == nullptr) give_up("pgbench cannot be run");
  double rate = 0;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) std::sscanf(line.data(), "tps = %lf", &rate);
  if (pclose(pipe) != 0 || rate == 0) give_up("pgbench failed");
  return rate;
}

void on_sqlite(const std::string& folder, const gate::RegistryOptions& options, const Units& units,
               long count) {
  const std::string where = folder + "/registry.db";
  auto registry = must(gate::Registry::init(where, options));
  PlainInsert plain(folder + "/plain.db");
  const auto [empty, insert] = take_turns(registry, plain, units, 0);
  std::printf("SQLite, milliseconds a unit, medians of %d in turns with a plain durable insert\n", kRounds);
  std::printf("%-58s %9.3f\n", "  one row inserted", insert);
  std::printf("%-58s %9.3f   %5.2f inserts (goal %.1f: %s)\n", "  claimed and recorded", empty,
              empty / insert, kMostOfInsert, judged(empty / insert <= kMostOfInsert));
  constexpr long kFirst = 1000000;
  lay_in(where, folder, count, kFirst);
  const auto [full, again] = take_turns(registry, plain, units, 5000);
  const double ratio = full / again / (empty / insert);
  std::printf("%-58s %9.3f   %5.2f of the time without (goal %.1f: %s)\n",
              ("  the same with " + std::to_string(count) + " units more").c_str(), full, ratio, kMostOfEmpty,
              judged(ratio <= kMostOfEmpty));
  const double traced = trace_ms(registry, kFirst, count);
  std::printf("%-58s %9.3f   (goal %.0f ms: %s)\n", "  a trace", traced, kMostTraceMs,
              judged(traced < kMostTraceMs));
}

void on_postgres(const std::string& url, const std::string& folder, const gate::RegistryOptions& options,
                 const Units& units, long count) {
  must(gate::Registry::init(url, options));
  const double plain = pgbench_rate(folder);
  const double rate = rate_of(url, options, units, 0);
  std::printf("PostgreSQL, %d connections, transactions a second\n", kConnections);
  std::printf("%-58s %9.0f\n", ("  pgbench, " + std::to_string(kInserts) + " inserts each").c_str(), plain);
  std::printf("%-58s %9.0f   %5.2f of pgbench (goal %.1f: %s)\n", "  units claimed and recorded", rate,
              rate / plain, kLeastOfServer, judged(rate / plain >= kLeastOfServer));
  lay_in(url, folder, count, 1000000);
  const double full = rate_of(url, options, units, 100000);
  std::printf("%-58s %9.0f   %5.2f of the time without (goal %.1f: %s)\n",
              ("  the same with " + std::to_string(count) + " units more").c_str(), full, rate / full,
              kMostOfEmpty, judged(rate / full <= kMostOfEmpty));
}

}  // namespace

int main(int argc, char** argv) {
  static_cast<void>(std::setvbuf(stdout, nullptr, _IOLBF, 0));  // a line when it is known
  if (argc < 2) give_up("usage: registry FOLDER [UNITS], where FOLDER is made anew");
  const std::string folder = argv[1];
  const long count = argc > 2 ? std::atol(argv[2]) : 100000;
  fs::remove_all(folder);
  fs::create_directories(folder);
  gate::RegistryOptions options;
  options.sqlite.allowed_file_systems = {"overlay"};
  const Units units;
  on_sqlite(folder, options, units, count);
  if (const char* url = std::getenv("DMIGATE_POSTGRES")) on_postgres(url, folder, options, units, count);
  return 0;
}
