// agent-speed FOLDER: the agent from its start to the verdict, beside dmigate check on the same unit, process
// by process in turns. The service and its registry are on this machine, so that what is measured is what the
// agent and the service add. As root: the unit is a mount namespace with a table of ours over /sys/firmware.
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "benchmarks/measure.h"
#include "fixtures/builder/unit.h"

namespace {

namespace fs = std::filesystem;
namespace fixtures = dmigate::fixtures;
using namespace dmigate::benchmarks;

constexpr int kWarmUps = 5;
constexpr int kRounds = 100;
constexpr double kMostMilliseconds = 100;

// What a program prints, which ends with 0.
std::string output_of(const Words& words) {
  int status = -1;
  const Started started = start(words);
  std::string text = read_until(started.output, '\0');
  close(started.output);
  if (waitpid(started.process, &status, 0) != started.process || status != 0)
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
  output_of(dmigate({"registry", "init"}));
  std::string token =
      output_of({DMIGATE_PROGRAM, "serve", "token", "add", "bench", "--role", "station", "--tokens", tokens});
  token.pop_back();
  const Started service =
      start(dmigate({"serve", "--listen", "127.0.0.1:0", "--tokens", tokens, "--rate", "100000"}));
  const std::string listening = read_until(service.output, '\n');
  const std::string url = "http://127.0.0.1:" + listening.substr(listening.rfind(':') + 1);

  const auto asks = [](const Words& words) { return [words](int) { output_of(words); }; };
  std::vector<Contestant> contestants = {
      {"dmigate-agent check, by the service", asks({DMIGATE_AGENT, "check", "--stage", "ship", "--unit",
                                                    "CX2600417", "--url", url, "--token", token})},
      {"dmigate check", asks(dmigate({"check", "--stage", "ship", "--unit", "CX2600417"}))},
      {"dmigate-agent --version", asks({DMIGATE_AGENT, "--version"})}};
  take_turns(contestants, kWarmUps, kRounds);
  kill(service.process, SIGTERM);
  waitpid(service.process, nullptr, 0);

  print_turns(std::to_string(kRounds) + " checks of one unit, recorded, in turns; milliseconds", contestants);
  const double agent = median(contestants[0].taken);
  std::printf("by the agent a check costs %.2f checks on the spot; from start to verdict under %.0f ms: %s\n",
              agent / median(contestants[1].taken), kMostMilliseconds,
              agent < kMostMilliseconds ? "PASS" : "over the target");
  for (const std::string program : {DMIGATE_AGENT, DMIGATE_AGENT_EXE}) {
    std::error_code error;
    const auto size = fs::file_size(program, error);
    if (!error)
      std::printf("%s: %.2f MB\n", fs::path(program).filename().c_str(), static_cast<double>(size) / 1e6);
  }
  return 0;
}
