// What stands on the agent's command line.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace dmigate::agent {

enum class Task : unsigned char { kEvidence, kCheck, kGate };

struct Arguments {
  Task task = Task::kEvidence;
  std::string stage, unit, profile;
  std::vector<std::pair<std::string, std::string>> identifiers;
  std::string operator_name, work_order, lot, shift;
  std::string system_disk;
  std::string url, token, ca;  ///< empty: said elsewhere (settings.h)
  std::string language;        ///< "en", "zh"; empty: said elsewhere
  bool insecure = false;
  bool json = false;
  std::chrono::milliseconds timeout = std::chrono::minutes(30);  ///< of the command
  std::chrono::milliseconds patience = std::chrono::minutes(1);  ///< until the service has answered
  std::vector<std::string> command;                              ///< not empty for kGate
};

// What a call ends with before anything is done: --help, --version, wrong usage.
struct Ended {
  int status;
  std::string text;
};

// `words`: without the program's name.
std::variant<Arguments, Ended> parse(std::vector<std::string> words);

}  // namespace dmigate::agent
