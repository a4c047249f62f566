// Runs one command of the line, the burner or the imager, and answers for everything it starts.
//
// An argument vector, never a shell. The command gets a process group of its own, and dmigate is the
// subreaper of whatever it leaves behind: when the time is up, or Ctrl-C is pressed, all of it is
// asked to end (SIGTERM) and, after the grace, made to (SIGKILL). Nothing of it outlives supervise().
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smbios/result.h"

namespace dmigate::line {

struct Supervision {
  std::chrono::milliseconds timeout{std::chrono::minutes(5)};
  std::chrono::milliseconds grace{std::chrono::seconds(5)};  ///< between SIGTERM and SIGKILL
  int output_fd = 1;                    ///< where the command's stdout and stderr are passed through to
  std::size_t kept_output = 64 * 1024;  ///< bytes of output kept for the record: the first and the last half
};

struct CommandResult {
  std::vector<std::string> argv;
  std::optional<int> exit_status;   ///< none when it was ended by a signal
  std::optional<int> signal;
  bool timed_out = false;
  bool interrupted = false;         ///< SIGINT, SIGTERM or SIGHUP came to dmigate
  bool left_processes = false;      ///< the command ended and left processes behind; they were ended
  std::chrono::microseconds duration{0};
  std::string output;               ///< stdout and stderr as they came, cut in the middle when longer
  std::uint64_t output_bytes = 0;   ///< all that was printed

  [[nodiscard]] bool ended_well() const {
    return exit_status == 0 && !timed_out && !interrupted;
  }
};

// Fails when the command cannot be started: not found, not executable. `argv` is not empty.
Result<CommandResult> supervise(const std::vector<std::string>& argv, const Supervision& how);

// Whether argv[0] names a program that can be started: for the moment before anything is recorded.
Result<std::string> find_command(const std::string& command);

}  // namespace dmigate::line
