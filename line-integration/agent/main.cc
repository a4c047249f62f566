// dmigate-agent: what has to run on the unit itself, where nothing else of ours is. One static program:
// it goes into any Linux, an initramfs included, and needs no library there.
//
//   dmigate-agent evidence    prints what was read from this machine (schema dmigate.evidence/1)
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "line-integration/capture/capture.h"

namespace {

// As dmigate's own (cli/exit_status.h), which this program does not link.
constexpr int kDone = 0;
constexpr int kWrongUsage = 2;
constexpr int kError = 3;

int complain(const std::string& what) {
  std::fprintf(stderr, "dmigate-agent: %s\n", what.c_str());
  return kError;
}

int evidence() {
  auto taken = dmigate::line::capture();
  if (!taken) return complain(taken.error().to_string());
  dmigate::line::add_hardware(*taken);
  const std::string text = dmigate::gate::to_json(*taken);
  const bool printed = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (printed && std::fflush(stdout) == 0) return kDone;
  return complain("the evidence could not be written to standard output");
}

struct Command {
  std::string_view name;
  std::string_view says;
  int (*run)();
};
constexpr Command kCommands[] = {
    {"evidence", "prints all that was read from this machine, as JSON", evidence}};

int usage() {
  std::fputs("usage: dmigate-agent COMMAND\n", stderr);
  for (const Command& command : kCommands)
    std::fprintf(stderr, "  %-10s %s\n", std::string(command.name).c_str(),
                 std::string(command.says).c_str());
  return kWrongUsage;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 2) return usage();
  for (const Command& command : kCommands) {
    if (command.name == arguments[1]) return command.run();
  }
  return usage();
}
