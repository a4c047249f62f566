// Several stations at one registry, and stations that die: processes, not threads.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(ends_) == 0); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(int i) {
    if (ends_[i] >= 0) ::close(std::exchange(ends_[i], -1));
  }
  bool read(char& byte) { return ::read(ends_[0], &byte, 1) == 1; }
  void write(char byte) { static_cast<void>(!::write(ends_[1], &byte, 1)); }

 private:
  int ends_[2] = {-1, -1};
};

// A station in a process of its own. It must not come back into doctest: it leaves by _exit.
template <typename Work>
pid_t station(const Work& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::_exit(0);
  }
  return child;
}

// 'P' PASS, 'F' FAIL, 'E' ERROR, '!' the registry did not answer.
char answer(const Plant& plant, const Call& call) {
  auto registry = Registry::open(plant.where(), plant.options());
  if (!registry) return '!';
  const auto verdict = plant.try_record(call, *registry);
  return verdict ? outcome_name(verdict->outcome).front() : '!';
}

// Both stations start when the pipe closes; what they said, sorted.
std::string race(const Plant& plant, const Call& left, const Call& right) {
  Pipe start;
  Pipe said;
  std::vector<pid_t> children;
  for (const Call* call : {&left, &right}) {
    children.push_back(station([&] {
      start.close_end(1);
      char nothing = 0;
      start.read(nothing);
      said.write(answer(plant, *call));
    }));
  }
  start.close_end(1);
  said.close_end(1);
  std::string answers;
  for (char byte = 0; said.read(byte);) answers += byte;
  for (const pid_t child : children) REQUIRE(::waitpid(child, nullptr, 0) == child);
  std::ranges::sort(answers);
  return answers;
}

TEST_CASE("two stations race for one serial: exactly one passes, in every round") {
  Plant plant;
  constexpr int kRounds = 40;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    // Two units of their own, one serial.
    const auto other = changed(good(1000 + round), {{"system-serial-number", serial(round)}});
    CHECK(race(plant, {.unit = good(round), .station = "L1-S1"}, {.unit = other, .station = "L2-S1"}) ==
          "FP");
  }
  CHECK(plant.status().units == kRounds);
  CHECK(plant.status().records == 2 * kRounds + 1);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("two stations of one name race: both records stand in one chain") {
  Plant plant;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    CHECK(race(plant, {.unit = good(2 * round)}, {.unit = good(2 * round + 1)}) == "PP");
  }
  CHECK(plant.status().records == 40 + 1);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("two burns race for one serial: one is let through, before either begins") {
  Plant plant;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    std::vector<Call> burns;
    for (const int n : {2 * round, 2 * round + 1}) {
      const std::string station = "L" + std::to_string(n % 2);
      const auto unit = booted(bare(n), "boot-" + std::to_string(n));
      REQUIRE(plant.record({.unit = unit, .stage = Stage::kIncoming, .station = station}).outcome ==
              Outcome::kPass);
      burns.push_back({.unit = unit,
                       .stage = Stage::kPreBurn,
                       .burn = {{"system-serial-number", serial(500 + round)}, {"system-uuid", uuid(n)}},
                       .station = station});
    }
    CHECK(race(plant, burns[0], burns[1]) == "FP");
  }
  CHECK(plant.status().work.size() == 20);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("one unit at two stations at once: one run is let through") {
  Plant plant;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    const auto unit = booted(good(round), "boot-" + std::to_string(round));
    const Call run{.unit = unit, .run = true, .station = "L1-S1"};
    Call other = run;
    other.station = "L2-S1";
    CHECK(race(plant, run, other) == "FP");
  }
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("verify sees one moment while a station goes on recording") {
  Plant plant;
  plant.record({.unit = good(0)});
  const pid_t child = station([&] {
    for (int n = 1; n <= 60; ++n) answer(plant, {.unit = good(n), .station = "L2"});
  });
  do {
    CHECK(plant.doubts() == Words{});
  } while (::waitpid(child, nullptr, WNOHANG) == 0);
  CHECK(plant.status().records == 61 + 1);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a station that is killed at any moment: what it said is there, and the registry is whole") {
  Plant plant;
  std::mt19937 random(417);
  // ./soak registry says how often; else as often as a quarter of a minute allows.
  const char* asked = std::getenv("DMIGATE_KILLS");
  const int kills = asked == nullptr ? 60 : std::atoi(asked);
  const auto end = std::chrono::steady_clock::now() +
                   (asked == nullptr ? std::chrono::seconds(15) : std::chrono::hours(5));
  int next = 0;
  int acknowledged = 0;
  for (int round = 0; round < kills && std::chrono::steady_clock::now() < end; ++round) {
    Pipe said;
    const int first = next;
    const pid_t child = station([&] {
      auto registry = Registry::open(plant.where(), plant.options());
      for (int n = first; registry; ++n) {
        const auto verdict = plant.try_record({.unit = good(n), .label = serial(n)}, *registry);
        said.write(verdict && verdict->outcome == Outcome::kPass ? 'P' : '!');
      }
      said.write('!');
    });
    said.close_end(1);
    // After at least one verdict, then at any moment of those that follow.
    char byte = 0;
    REQUIRE(said.read(byte));
    ::usleep(static_cast<useconds_t>(random() % 20000));
    REQUIRE(::kill(child, SIGKILL) == 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    int count = 0;
    do {
      CHECK(byte == 'P');
      ++count;
    } while (said.read(byte));
    acknowledged += count;
    // One more may be durable and not yet said.
    Registry registry = plant.open();
    for (int n = first; n < first + count; ++n) {
      const auto rows = registry.lookup(serial(n));
      REQUIRE(rows);
      CHECK(rows->size() == 2);
    }
    CHECK(registry.verify()->empty());
    next = first + count + 1;
  }
  const Status status = plant.status();
  CHECK(status.units >= acknowledged);
  CHECK(status.units + 1 == status.records);  // the profile has one
  CHECK(status.active == 4 * status.units);
  MESSAGE(acknowledged << " verdicts said, " << status.records << " recorded");
  CHECK(plant.record({.unit = good(90000)}).outcome == Outcome::kPass);
}

}  // namespace
}  // namespace dmigate::gate
