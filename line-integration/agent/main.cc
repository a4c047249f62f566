// dmigate-agent: what has to run on the unit itself, where nothing else of ours is. One static program:
// it goes into any Linux, an initramfs included, and into WinPE, and needs no library there.
//
//   dmigate-agent evidence                                        prints what was read from this machine
//   dmigate-agent check --stage ship --unit LABEL                 asks the line's service for a verdict
//   dmigate-agent gate --stage pre-image --unit LABEL -- COMMAND  starts the image only on PASS
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>

#include "gate/evidence/text.h"
#include "line-integration/agent/agent.h"
#include "line-integration/agent/platform.h"
#include "smbios/ascii.h"

namespace {

using namespace dmigate::agent;

int complain(const std::string& what) {
  std::fprintf(stderr, "dmigate-agent: %s\n", dmigate::gate::printable(what).c_str());
  return kExitError;
}

int evidence() {
  const auto taken = read_unit();
  if (!taken) return complain(taken.error().to_string());
  const std::string text = dmigate::gate::to_json(*taken);
  const bool printed = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (printed && std::fflush(stdout) == 0) return kExitPass;
  return complain("the evidence could not be written to standard output");
}

// `--unit -`: a line of standard input, as a scanner types it. A script that put it into a command line would
// have its quotes and ampersands carried out. None where it is no label.
std::optional<std::string> scanned_label() {
  constexpr std::size_t kLongest = 256;
  std::fputs("label: ", stderr);
  std::string line;
  std::getline(std::cin, line);
  while (!line.empty() && dmigate::is_blank(line.back())) line.pop_back();
  line.erase(line.begin(), std::ranges::find_if_not(line, dmigate::is_blank));
  const bool is_label = !line.empty() && line.size() <= kLongest && std::ranges::none_of(line, [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
  });
  return is_label ? std::optional(line) : std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  prepare_output();
  const auto parsed = parse(words_of_call(argc, argv));
  if (const auto* ended = std::get_if<Ended>(&parsed)) {
    std::fputs(ended->text.c_str(), ended->status == 0 ? stdout : stderr);
    return ended->status;
  }
  Arguments arguments = std::get<Arguments>(parsed);
  if (arguments.unit == "-") {
    const auto label = scanned_label();
    if (!label) {
      static_cast<void>(complain("no label was scanned: scan it again"));
      return kExitUsage;
    }
    arguments.unit = *label;
  }
  switch (arguments.task) {
    case Task::kCheck:
      return check(arguments);
    case Task::kGate:
      return gate(arguments);
    case Task::kEvidence:
      break;
  }
  return evidence();
}
