// The first and only process of a unit that boots: loads the modules, waits for the parts that are plugged
// in, runs dmigate-agent, hands out what it printed over the second serial line, and switches the unit off.
//
// The kernel's command line says how many disks and network cards there are (DISKS=, CARDS=), and how long
// they are waited for (SECONDS=): a bus tells what hangs on it one after the other, and nothing says that the
// last one has come.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "tests/line/qemu/frame.h"

namespace {

namespace fs = std::filesystem;
using dmigate::fail;
using dmigate::Failure;
using dmigate::Result;

Failure failed(const char* what, const std::string& where) {
  return fail(std::string(what) + ": " + std::generic_category().message(errno), where);
}

Result<void> mount_all() {
  constexpr struct {
    const char* type;
    const char* folder;
  } kMounts[] = {{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}};
  for (const auto& [type, folder] : kMounts) {
    ::mkdir(folder, 0755);
    if (::mount(type, folder, type, 0, nullptr) != 0) return failed("cannot be mounted", folder);
  }
  return {};
}

Result<void> load_modules() {
  std::vector<fs::path> modules;
  for (const auto& entry : fs::directory_iterator("/modules")) modules.push_back(entry.path());
  std::ranges::sort(modules);
  for (const fs::path& module : modules) {
    const int fd = ::open(module.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ::syscall(SYS_finit_module, fd, "", 0) != 0) return failed("cannot be loaded", module);
    ::close(fd);
  }
  return {};
}

// Of a folder of sysfs: what has a device behind it. A loop device or lo has none.
std::size_t parts_in(const char* folder) {
  std::size_t parts = 0;
  for (const auto& entry : fs::directory_iterator(folder))
    parts += fs::exists(entry.path() / "device") ? 1 : 0;
  return parts;
}

unsigned long told(const char* variable, unsigned long otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

Result<void> wait_for_parts(const char* variable, const char* folder) {
  const unsigned long expected = told(variable, 0), seconds = told("SECONDS", 120);
  constexpr unsigned kTimesASecond = 100;
  for (unsigned long i = 0; i < seconds * kTimesASecond; ++i) {
    if (parts_in(folder) >= expected) return {};
    ::usleep(1'000'000 / kTimesASecond);
  }
  return fail(std::to_string(parts_in(folder)) + " of " + std::to_string(expected) + " came within " +
                  std::to_string(seconds) + " s",
              folder);
}

Result<std::string> run_agent() {
  constexpr const char* kOut = "/evidence.json";
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int out = ::open(kOut, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0 || ::dup2(out, STDOUT_FILENO) < 0) ::_exit(125);
    ::execl("/dmigate-agent", "dmigate-agent", "evidence", nullptr);
    ::_exit(127);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid) return failed("cannot be run", "/dmigate-agent");
  if (status != 0) return fail("ended with wait status " + std::to_string(status), "/dmigate-agent");
  std::ifstream file(kOut, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<std::string> evidence() {
  if (auto done = mount_all(); !done) return Failure(done.error());
  if (auto done = load_modules(); !done) return Failure(done.error());
  if (auto done = wait_for_parts("DISKS", "/sys/block"); !done) return Failure(done.error());
  if (auto done = wait_for_parts("CARDS", "/sys/class/net"); !done) return Failure(done.error());
  return run_agent();
}

void hand_out(const std::string& text) {
  const int line = ::open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);
  termios raw = {};
  if (line < 0 || ::tcgetattr(line, &raw) != 0) return std::perror("/dev/ttyS1");
  ::cfmakeraw(&raw);
  ::cfsetspeed(&raw, B115200);
  ::tcsetattr(line, TCSANOW, &raw);
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t size = ::write(line, text.data() + at, text.size() - at);
    if (size < 0 && errno != EINTR) return std::perror("/dev/ttyS1");
    if (size > 0) at += static_cast<std::size_t>(size);
  }
  ::tcdrain(line);
}

}  // namespace

int main() {
  const auto read = evidence();
  hand_out(framed(read ? dmigate::plant::Frame{"evidence", *read}
                       : dmigate::plant::Frame{"error", read.error().to_string()}));
  ::reboot(RB_POWER_OFF);
}
