#include "line-integration/burn/processes.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <string>

namespace dmigate::line {
namespace {

// /proc/PID/stat, proc(5): "pid (name) state parent group … started …". The name may hold anything,
// parentheses and newlines included; what follows its last ")" are numbers.
std::optional<Process> parse_stat(pid_t pid, const std::string& stat) {
  constexpr int kFieldsBetweenGroupAndStart = 16;  // fields 6 to 21; the start is field 22
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  Process process{.pid = pid};
  std::string skipped;
  fields >> skipped >> process.parent >> process.group;
  for (int i = 0; i < kFieldsBetweenGroupAndStart; ++i) fields >> skipped;
  fields >> process.started;
  if (!fields) return std::nullopt;
  return process;
}

// One read has all of it. A process that ends between open and read makes the read fail (ESRCH).
std::optional<Process> look_up(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::array<char, 4096> stat;
  const ssize_t size = ::read(fd, stat.data(), stat.size());
  ::close(fd);
  if (size <= 0) return std::nullopt;
  return parse_stat(pid, std::string(stat.data(), static_cast<std::size_t>(size)));
}

std::vector<Process> all_processes() {
  std::vector<Process> processes;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename();
    pid_t pid = 0;
    const auto [stop, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem != std::errc() || stop != name.data() + name.size()) continue;
    if (const auto process = look_up(pid)) processes.push_back(*process);
  }
  return processes;
}

}  // namespace

std::vector<Process> descendants() {
  std::vector<Process> others = all_processes();
  std::vector<Process> found;
  std::set<pid_t> family = {::getpid()};
  for (bool grown = true; grown;) {
    const auto is_stranger = [&](const Process& process) { return !family.contains(process.parent); };
    const auto first_relative = std::stable_partition(others.begin(), others.end(), is_stranger);
    grown = first_relative != others.end();
    for (auto at = first_relative; at != others.end(); ++at) family.insert(at->pid);
    found.insert(found.end(), first_relative, others.end());
    others.erase(first_relative, others.end());
  }
  return found;
}

void send_signal(const Process& process, int signal) {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0));
  if (fd < 0) return;
  // The number may have passed to another process since it was read; the descriptor cannot.
  const auto now = look_up(process.pid);
  if (now && now->started == process.started) ::syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0);
  ::close(fd);
}

}  // namespace dmigate::line
