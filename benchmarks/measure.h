// What the benchmarks measure with: programs that are started, contestants that take turns, and what is said
// of many times. Whatever fails ends the benchmark: what did not work measures nothing.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace dmigate::benchmarks {

using Words = std::vector<std::string>;

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(1);
}

// ---------------------------------------------------------------- programs

inline int null_output() {  ///< where nobody reads
  static const int kFile = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (kFile < 0) give_up("there is no /dev/null");
  return kFile;
}

// Starts words[0], a path; its standard output is `out`.
inline pid_t spawn(Words words, int out) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t process = -1;
  const int spawned = posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) give_up("cannot start " + words[0]);
  return process;
}

struct Started {
  pid_t process;
  int output;  ///< the end to read from
};
inline Started start(const Words& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
  const pid_t process = spawn(words, ends[1]);
  ::close(ends[1]);
  return {process, ends[0]};
}

// What is read up to `end`, or until nobody writes any more.
inline std::string read_until(int file, char end) {
  std::string text;
  for (char c = 0; ::read(file, &c, 1) == 1 && c != end;) text += c;
  return text;
}

// Runs a program to its end, its output thrown away; it ends with 0.
inline void run(const Words& words) {
  int status = -1;
  const pid_t process = spawn(words, null_output());
  if (::waitpid(process, &status, 0) == process && status == 0) return;
  std::string line;
  for (const std::string& word : words) line += " " + word;
  give_up("failed:" + line);
}

// ---------------------------------------------------------------- times

inline double seconds(const std::function<void()>& work) {
  const auto before = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

inline double milliseconds(const std::function<void()>& work) { return seconds(work) * 1000; }

// The value below which `part` (0 to 1) of the values are; of at least one.
inline double quantile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

inline const char* judged(bool holds) { return holds ? "PASS" : "over"; }

// Things that are compared, each timed once in every round.
struct Contestant {
  const char* name;
  std::function<void(int round)> work;
  std::vector<double> taken = {};  ///< milliseconds, without the warm-ups
};

inline void take_turns(std::vector<Contestant>& contestants, int warm_ups, int rounds) {
  std::vector<Contestant*> order;
  for (Contestant& contestant : contestants) order.push_back(&contestant);
  std::mt19937 random(1);  // whoever came after the same one each time would inherit its caches
  for (int round = 0; round < warm_ups + rounds; ++round) {
    std::ranges::shuffle(order, random);
    for (Contestant* contestant : order) {
      const double taken = milliseconds([&] { contestant->work(round); });
      if (round >= warm_ups) contestant->taken.push_back(taken);
    }
  }
}

// `title`: the line above the columns.
inline void print_turns(const std::string& title, const std::vector<Contestant>& contestants) {
  std::printf("%s\n%-42s %7s %7s %7s\n", title.c_str(), "", "median", "best", "p90");
  for (const Contestant& each : contestants) {
    std::printf("%-42s %7.2f %7.2f %7.2f\n", each.name, median(each.taken), quantile(each.taken, 0),
                quantile(each.taken, 0.9));
  }
}

}  // namespace dmigate::benchmarks
