// agent-speed FOLDER: the agent from its start to the verdict, beside dmigate check on the same unit, process
// by process in turns. The service and its registry are on this machine, so that what is measured is what the
// agent and the service add. As root: the unit is a mount namespace with a table of ours over /sys/firmware.
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "fixtures/builder/unit.h"

namespace {

namespace fs = std::filesystem;
namespace fixtures = dmigate::fixtures;
using Words = std::vector<std::string>;

constexpr int kWarmUps = 5;
constexpr int kRounds = 100;
constexpr double kMostMilliseconds = 100;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "agent-speed: %s\n", why.c_str());
  std::exit(1);
}

// Its standard output is a pipe, whose other end is `out`.
pid_t start(Words words, int& out) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) give_up("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t process = -1;
  if (posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environ) != 0)
    give_up("cannot start " + words[0]);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  out = ends[0];
  return process;
}

// Until `end`, or until nobody writes any more.
std::string read_until(int fd, char end) {
  std::string text;
  for (char c = 0; read(fd, &c, 1) == 1 && c != end;) text += c;
  return text;
}

std::string run(const Words& words) {
  int out = -1, status = -1;
  const pid_t process = start(words, out);
  std::string text = read_until(out, '\0');
  close(out);
  if (waitpid(process, &status, 0) != process || status != 0)
    give_up(words[0] + " " + words[1] + " failed: " + text);
  return text;
}

void become_unit(const std::string& source) {
  const auto unit = fixtures::load_unit(source + "/fixtures/units/good-unit.yaml");
  const auto built =
      unit ? fixtures::build(*unit) : dmigate::Result<fixtures::BuiltUnit>(dmigate::Failure(unit.error()));
  if (!built) give_up(built.error().to_string());
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("none", "/sys/firmware", "tmpfs", 0, nullptr) != 0)
    give_up("nothing may be mounted here: run it as root");
  fs::create_directories("/sys/firmware/dmi");
  if (!fixtures::write_unit(*built, "/sys/firmware/dmi/tables")) give_up("the table cannot be written");
}

double quantile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

struct Contestant {
  const char* name;
  Words words;
  std::vector<double> milliseconds = {};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) give_up("usage: agent-speed FOLDER, which is made anew");
  const std::string folder = fs::absolute(argv[1]), tokens = folder + "/tokens.json";
  fs::remove_all(folder);
  fs::create_directories(folder + "/profiles");
  std::ofstream(folder + "/profiles/any.yaml")
      << "profile: any\nversion: 1\nmatch: { baseboard-product-name: [H310CM-A] }\n"
         "fields: { baseboard-product-name: { one_of: [H310CM-A] }, system-serial-number: { unique: true } "
         "}\nstages: { ship: {} }\n";
  std::ofstream(folder + "/station.yaml") << "registry: registry.db\nprofiles: [profiles]\n"
                                             "allow_registry_on: [tmpfs, ramfs, overlay]\n";
  become_unit(DMIGATE_SOURCE_DIR);
  const Words config = {"--config", folder + "/station.yaml"};
  const auto dmigate = [&](Words words) {
    words.insert(words.begin(), DMIGATE_PROGRAM);
    words.insert(words.end(), config.begin(), config.end());
    return words;
  };
  run(dmigate({"registry", "init"}));
  std::string token =
      run({DMIGATE_PROGRAM, "serve", "token", "add", "bench", "--role", "station", "--tokens", tokens});
  token.pop_back();
  int said = -1;
  const pid_t service =
      start(dmigate({"serve", "--listen", "127.0.0.1:0", "--tokens", tokens, "--rate", "100000"}), said);
  const std::string listening = read_until(said, '\n');
  const std::string url = "http://127.0.0.1:" + listening.substr(listening.rfind(':') + 1);

  std::vector<Contestant> contestants = {
      {"dmigate-agent check, by the service",
       {DMIGATE_AGENT, "check", "--stage", "ship", "--unit", "CX2600417", "--url", url, "--token", token}},
      {"dmigate check", dmigate({"check", "--stage", "ship", "--unit", "CX2600417"})},
      {"dmigate-agent --version", {DMIGATE_AGENT, "--version"}}};
  std::vector<Contestant*> order;
  for (Contestant& contestant : contestants) order.push_back(&contestant);
  std::mt19937 random(1);  // whoever came after the same one each time would inherit its caches
  for (int round = 0; round < kWarmUps + kRounds; ++round) {
    std::ranges::shuffle(order, random);
    for (Contestant* contestant : order) {
      Contestant& each = *contestant;
      const auto before = std::chrono::steady_clock::now();
      run(each.words);
      const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - before;
      if (round >= kWarmUps) each.milliseconds.push_back(taken.count());
    }
  }
  kill(service, SIGTERM);
  waitpid(service, nullptr, 0);

  std::printf("%d checks of one unit, recorded, in turns; milliseconds\n%-42s %7s %7s %7s\n", kRounds, "",
              "median", "best", "p90");
  for (const Contestant& each : contestants) {
    std::printf("%-42s %7.2f %7.2f %7.2f\n", each.name, quantile(each.milliseconds, 0.5),
                quantile(each.milliseconds, 0), quantile(each.milliseconds, 0.9));
  }
  const double agent = quantile(contestants[0].milliseconds, 0.5);
  std::printf("by the agent a check costs %.2f checks on the spot; from start to verdict under %.0f ms: %s\n",
              agent / quantile(contestants[1].milliseconds, 0.5), kMostMilliseconds,
              agent < kMostMilliseconds ? "PASS" : "over the target");
  for (const std::string program : {DMIGATE_AGENT, DMIGATE_AGENT_EXE}) {
    std::error_code error;
    const auto size = fs::file_size(program, error);
    if (!error)
      std::printf("%s: %.2f MB\n", fs::path(program).filename().c_str(), static_cast<double>(size) / 1e6);
  }
  return 0;
}
