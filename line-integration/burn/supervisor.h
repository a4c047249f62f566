// Runs one command of the line, the burner or the imager, and answers for everything it starts.
//
//   line::Interrupts interrupts;                        // from here on Ctrl-C waits
//   auto program = line::find_command(argv[0]);         // before anything is recorded
//   … record and claims become durable …
//   auto result = line::supervise(argv, {.timeout = 5min, .interrupts = &interrupts});
//   … the record is closed …
//
// An argument vector, never a shell. The command gets a process group of its own, and dmigate is the
// subreaper of whatever it leaves behind: when the time is up, or Ctrl-C is pressed, all of it is
// asked to end (SIGTERM) and, after the grace, made to (SIGKILL). Nothing of it outlives supervise(),
// but what the kernel will not let us end, and that is named in the result.
//
// If dmigate itself is killed (SIGKILL), the command goes on: a half-written flash is worse than an
// orphan.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smbios/result.h"

namespace dmigate::line {

// While one exists, SIGINT, SIGTERM and SIGHUP wait instead of ending dmigate; supervise() takes those
// that have come. One that nobody took is delivered when the object goes, so none is lost: keep it
// from before the record is opened until after it is closed. A signal that dmigate was started with
// ignored (nohup) stays ignored.
//
// REQUIRES: made in the main thread before any other thread is started; those inherit what it holds back.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  [[nodiscard]] bool came() const;  ///< one is waiting; it is not taken
  [[nodiscard]] const sigset_t& held() const { return held_; }

 private:
  sigset_t held_;
  sigset_t before_;  ///< the thread's mask, put back at the end
};

struct Supervision {
  std::chrono::milliseconds timeout{std::chrono::minutes(5)};
  std::chrono::milliseconds grace{std::chrono::seconds(5)};  ///< between SIGTERM and SIGKILL
  std::chrono::milliseconds linger{
      std::chrono::seconds(1)};         ///< what the command leaves may end by itself for so long
  int input_fd = -1;                    ///< what the command reads; -1: nothing (/dev/null)
  int output_fd = 1;                    ///< where stdout and stderr are passed on to; -1: nowhere
  std::size_t kept_output = 64 * 1024;  ///< bytes of output kept for the record: the first and the last half
  // "NAME=value" each: all that the command's environment has. None: this process's own.
  std::optional<std::vector<std::string>> environment = {};
  const Interrupts* interrupts = nullptr;  ///< nullptr: signals are held for the time of the call only
};

struct CommandResult {
  std::vector<std::string> argv;
  bool started = false;            ///< false: an interrupt was waiting, and nothing was run
  std::optional<int> exit_status;  ///< none when it was ended by a signal, or not started
  std::optional<int> signal;
  bool timed_out = false;
  bool interrupted = false;     ///< SIGINT, SIGTERM or SIGHUP came to dmigate
  bool left_processes = false;  ///< the command ended and left processes behind; they were ended
  std::vector<int> not_ended;  ///< process ids that SIGKILL did not end: another user's, or stuck in a driver
  std::chrono::microseconds duration{0};  ///< from the start to the end of all of it
  std::string output;  ///< stdout and stderr as they came, any bytes, cut in the middle when longer
  std::uint64_t output_bytes = 0;  ///< all that was printed

  [[nodiscard]] bool ended_well() const {
    return exit_status == 0 && !timed_out && !interrupted && not_ended.empty();
  }
};

// Output is passed on as it comes. A reader that is slow slows the command down; one that takes
// nothing for a second misses what follows until it takes again, and one that has gone misses the rest.
// The record misses nothing but the middle.
//
// Fails when the command cannot be started: not found, not executable, no /proc. `argv` is not empty.
// REQUIRES: one call at a time in a process, and no other children of it: all children are ended.
Result<CommandResult> supervise(const std::vector<std::string>& argv, const Supervision& how);

// The path of the program that `command` names, looked up in PATH as execvp does. Fails (kConfiguration)
// when there is none, or none that may be executed: for the moment before anything is recorded.
Result<std::string> find_command(const std::string& command);

}  // namespace dmigate::line
