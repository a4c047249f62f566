// check-process FOLDER: a whole recorded check beside dmidecode, process by process, in one run.
//
// Every check is of a unit that the registry has not seen: it claims that unit's serials and UUID and
// makes its record durable, before the process ends. dmidecode reads the same file. All take turns, in
// random order, so that whatever else the machine does falls on each of them alike.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "benchmarks/eight_fields.h"
#include "benchmarks/measure.h"
#include "fixtures/builder/unit.h"

namespace {

namespace fs = std::filesystem;
namespace fixtures = dmigate::fixtures;
using namespace dmigate::benchmarks;

constexpr int kWarmUps = 20;
constexpr int kRounds = 300;
constexpr double kMostRatio = 3.0;
constexpr const char* kDmidecode = "/usr/sbin/dmidecode";

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

// The dumps of as many units, each of its own.
std::vector<std::string> write_units(const fixtures::UnitDescription& unit, const std::string& folder) {
  std::vector<std::string> dumps;
  for (int n = 0; n < kWarmUps + kRounds; ++n) {
    dumps.push_back(folder + "/" + with_number("unit-%d.bin", n));
    write_unit(unit, n, dumps.back());
  }
  sync();  // no check waits for the disk on the units' account
  return dumps;
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
    run(words);
  };
  dmigate({"registry", "init"});
  const BareAppend append(folder + "/append");

  const std::vector<std::string> dumps = write_units(*unit, folder);
  const auto dump_of = [&dumps](int n) { return dumps[static_cast<std::size_t>(n)]; };
  std::vector<Contestant> contestants = {
      {"dmigate check, recorded, serials claimed",
       [&](int n) {
         dmigate(
             {"check", dump_of(n), "--profile", source + "/benchmarks/profile.yaml", "--stage", "pre-image"});
       }},
      {"dmidecode --from-dump",
       [&](int n) {
         run({kDmidecode, "--from-dump", dump_of(n)});
       }},
      {"dmidecode -s, eight times",
       [&](int n) {
         for (const char* keyword : kEightFields) run({kDmidecode, "--from-dump", dump_of(n), "-s", keyword});
       }},
      {"dmigate --version",
       [](int) {
         run({DMIGATE_PROGRAM, "--version"});
       }},
      {"an empty process", [](int) { run({EMPTY_PROGRAM}); }},
      {"4 KiB appended, fdatasync", [&append](int) { append(); }}};
  take_turns(contestants, kWarmUps, kRounds);
  print_turns(std::to_string(kRounds) + " units, each of its own, in turns; milliseconds", contestants);
  const double ratio = median(contestants[0].taken) / median(contestants[1].taken);
  std::printf("a check costs %.2f dmidecodes; the target is at most %.0f: %s\n", ratio, kMostRatio,
              ratio <= kMostRatio ? "PASS" : "over the target");
  return 0;
}
