// The command that waits for the PASS: supervised by the burn room on Linux, by a job object on Windows.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dmigate::agent {

struct CommandEnd {
  bool started = false;
  std::string why;  ///< it was not started; the system's words
  std::optional<std::int64_t> exit_code;
  std::optional<int> signal;
  bool timed_out = false;
  bool interrupted = false;
  bool left_running = false;  ///< something of it went on after its end, and was ended or could not be
  std::chrono::microseconds duration{0};
  std::string output;  ///< its first and last part, any bytes
  std::uint64_t output_bytes = 0;

  [[nodiscard]] bool ended_well() const {
    return started && exit_code == 0 && !timed_out && !interrupted && !left_running;
  }
};

// While one exists, Ctrl-C and the like wait: made before the run is opened, gone after it is closed.
class Interrupted {
 public:
  Interrupted();
  ~Interrupted();
  Interrupted(const Interrupted&) = delete;
  Interrupted& operator=(const Interrupted&) = delete;
  [[nodiscard]] bool came() const;
  struct Held;
  [[nodiscard]] Held& held() const { return *held_; }

 private:
  std::unique_ptr<Held> held_;
};

// Why there is no such program; empty: there is. For the moment before anything is asked.
std::string missing_command(const std::vector<std::string>& words);

struct CommandCall {
  std::vector<std::string> words;  ///< not empty; no shell is called
  // "NAME=value" each, what is said of the unit, beside what is taken over of this process's own environment.
  std::vector<std::string> told;
  std::chrono::milliseconds timeout;
  bool to_stderr = false;  ///< where its output goes on to, instead of stdout
};
CommandEnd run_command(const CommandCall& call, const Interrupted& interrupted);

}  // namespace dmigate::agent
