// The processes below this one, found in /proc. With PR_SET_CHILD_SUBREAPER none gets away: a process
// that changed its group, its session and its parent is still below the subreaper.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace dmigate::line {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  std::uint64_t started = 0;  ///< clock ticks since boot: tells a process from a later one of the same number
};

std::vector<Process> descendants();  ///< of this process, at any depth, those that ended unreaped included

// Sends the signal if the process is still that one. Says nothing of success: look again.
void send_signal(const Process& process, int signal);

}  // namespace dmigate::line
