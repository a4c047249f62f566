// A program started as a line starts it: an argument vector, an environment, a folder. What it prints
// and how it ended is kept apart: stdout, stderr, exit status.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dmigate::plant {

struct Ended {
  int status = -1;  ///< exit status; -1 when a signal ended it
  int signal = 0;
  std::string out, err;
};

// Many programs that are to start at one moment wait at its gate.
class Gate {
 public:
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  void open(int programs) const;
  [[nodiscard]] int fd() const { return ends_[0]; }

 private:
  int ends_[2];
};

struct Start {
  std::vector<std::string> argv;                          ///< argv[0] is a path, or looked up in PATH
  std::map<std::string, std::optional<std::string>> env;  ///< over this process's own; none: taken out
  std::string folder;                                     ///< empty: this one's
  std::string input;                                      ///< for stdin
  int out = -1;                                           ///< a descriptor for stdout; -1: it is kept
  const Gate* gate = nullptr;
};

class Process {
 public:
  explicit Process(const Start& start);
  ~Process();  ///< kills it, if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const;
  Ended wait();

 private:
  pid_t pid_ = -1;
  int out_, err_;
};

Ended run(const Start& start);

// What a command that a test starts says of itself: a line into a named pipe. Nobody sleeps.
class Sign {
 public:
  explicit Sign(std::string path);
  ~Sign();
  Sign(const Sign&) = delete;
  Sign& operator=(const Sign&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  // The next line that is written into it; fails the test when `process` ends before.
  std::string wait(const Process& process);
  std::string wait(const Process& one, const Process& other);  ///< fails when both have ended

 private:
  std::string path_;
  int fd_;
  std::string seen_;
};

bool alive(pid_t pid);
void wait_until_gone(pid_t pid);  ///< of a process that is no child of ours

}  // namespace dmigate::plant
