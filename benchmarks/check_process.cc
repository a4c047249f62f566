// check-process FOLDER: a whole recorded check beside dmidecode, process by process, in one run.
//
// Every check is of a unit that the registry has not seen: it claims that unit's serials and UUID and
// makes its record durable, before the process ends. dmidecode reads the same file. All take turns, in
// random order, so that whatever else the machine does falls on each of them alike.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "benchmarks/eight_fields.h"
#include "fixtures/builder/unit.h"

namespace {

namespace fs = std::filesystem;
namespace fixtures = dmigate::fixtures;
using dmigate::benchmarks::kEightFields;

constexpr int kWarmUps = 20;
constexpr int kRounds = 300;
constexpr double kMostRatio = 3.0;
constexpr const char* kDmidecode = "/usr/sbin/dmidecode";

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "check-process: %s\n", why.c_str());
  std::exit(1);
}

// Runs a program to its end, its output thrown away. A process that fails measures nothing.
void run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = -1;
  const int spawned = posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  if (spawned != 0 || waitpid(process, &status, 0) != process || status != 0) {
    std::string line;
    for (const std::string& word : words) line += " " + word;
    give_up("failed:" + line);
  }
}

std::string with_number(const char* format, int number) {
  std::array<char, 64> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), format, number));
  return text.data();
}

// Unit number n of the benchmark's desktop: the same table, its own serials and UUID.
void write_unit(fixtures::UnitDescription unit, int n, const std::string& path) {
  const std::pair<const char*, std::string> own[] = {
      {"system-serial-number", with_number("CX26%05d", n)},
      {"baseboard-serial-number", with_number("HB26%06d", n)},
      {"system-uuid", with_number("8d1e6f02-5c3b-4a77-9e41-2b7f60%06x", n)}};
  for (const auto& [keyword, value] : own) {
    if (const auto set = unit.set(keyword, value); !set) give_up(set.error().to_string());
  }
  const auto built = fixtures::build(unit);
  if (!built) give_up(built.error().to_string());
  if (const auto written = fixtures::write_unit(*built, path); !written) give_up(written.error().to_string());
}

// What any durable record costs on this disk: 4 KiB more, and the wait until they are there.
class BareAppend {
 public:
  explicit BareAppend(const std::string& path)
      : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600)) {
    if (file_ < 0) give_up("cannot write " + path);
  }
  ~BareAppend() { close(file_); }
  BareAppend(const BareAppend&) = delete;
  BareAppend& operator=(const BareAppend&) = delete;

  void operator()() const {
    if (write(file_, page_.data(), page_.size()) != static_cast<ssize_t>(page_.size()) ||
        fdatasync(file_) != 0) {
      give_up("the disk does not take what is written");
    }
  }

 private:
  int file_;
  std::array<char, 4096> page_{};
};

struct Contestant {
  const char* name;
  std::function<void(const std::string& dump)> work;
  std::vector<double> milliseconds = {};
};

void take_turns(std::vector<Contestant>& contestants, const fixtures::UnitDescription& unit,
                const std::string& folder) {
  const auto dump_of = [&folder](int n) { return folder + "/" + with_number("unit-%d.bin", n); };
  for (int n = 0; n < kWarmUps + kRounds; ++n) write_unit(unit, n, dump_of(n));
  sync();  // no check waits for the disk on the units' account
  std::vector<Contestant*> order;
  for (Contestant& contestant : contestants) order.push_back(&contestant);
  std::mt19937 random(1);  // whoever came after the same one each time would inherit its caches
  for (int n = 0; n < kWarmUps + kRounds; ++n) {
    const std::string dump = dump_of(n);
    std::ranges::shuffle(order, random);
    for (Contestant* each : order) {
      Contestant& contestant = *each;
      const auto before = std::chrono::steady_clock::now();
      contestant.work(dump);
      const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - before;
      if (n >= kWarmUps) contestant.milliseconds.push_back(taken.count());
    }
  }
}

double quantile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) give_up("usage: check-process FOLDER, which is made anew");
  const std::string folder = argv[1], source = DMIGATE_SOURCE_DIR;
  if (!fs::exists(kDmidecode)) give_up("dmidecode is not installed");
  fs::remove_all(folder);
  fs::create_directories(folder);
  const auto unit = fixtures::load_unit(source + "/benchmarks/desktop.yaml");
  if (!unit) give_up(unit.error().to_string());

  const std::vector<std::string> station = {"--config", source + "/fixtures/demo/station.yaml", "--registry",
                                            folder + "/registry.db"};
  const auto dmigate = [&station](std::vector<std::string> words) {
    words.insert(words.begin(), DMIGATE_PROGRAM);
    words.insert(words.end(), station.begin(), station.end());
    run(std::move(words));
  };
  dmigate({"registry", "init"});
  const BareAppend append(folder + "/append");

  std::vector<Contestant> contestants = {
      {"dmigate check, recorded, serials claimed",
       [&](const std::string& dump) {
         dmigate({"check", dump, "--profile", source + "/benchmarks/profile.yaml", "--stage", "pre-image"});
       }},
      {"dmidecode --from-dump",
       [](const std::string& dump) {
         run({kDmidecode, "--from-dump", dump});
       }},
      {"dmidecode -s, eight times",
       [](const std::string& dump) {
         for (const char* keyword : kEightFields) run({kDmidecode, "--from-dump", dump, "-s", keyword});
       }},
      {"dmigate --version",
       [](const std::string&) {
         run({DMIGATE_PROGRAM, "--version"});
       }},
      {"an empty process", [](const std::string&) { run({EMPTY_PROGRAM}); }},
      {"4 KiB appended, fdatasync", [&append](const std::string&) { append(); }}};
  take_turns(contestants, *unit, folder);

  std::printf("%d units, each of its own, in turns; milliseconds\n%-42s %7s %7s %7s\n", kRounds, "", "median",
              "best", "p90");
  for (const Contestant& contestant : contestants) {
    std::printf("%-42s %7.2f %7.2f %7.2f\n", contestant.name, quantile(contestant.milliseconds, 0.5),
                quantile(contestant.milliseconds, 0), quantile(contestant.milliseconds, 0.9));
  }
  const double ratio =
      quantile(contestants[0].milliseconds, 0.5) / quantile(contestants[1].milliseconds, 0.5);
  std::printf("a check costs %.2f dmidecodes; the target is at most %.0f: %s\n", ratio, kMostRatio,
              ratio <= kMostRatio ? "PASS" : "over the target");
  return 0;
}
