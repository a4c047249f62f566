// The first and only process of a unit that boots: loads the modules, waits for the parts that are plugged
// in, runs dmigate-agent, hands out what it printed over the second serial line, and switches the unit off.
//
// The kernel's command line says how many disks and network cards there are (DISKS=, CARDS=), and how long
// they are waited for (SECONDS=): a bus tells what hangs on it one after the other, and nothing says that the
// last one has come. With GATE=LABEL the agent gates a command at pre-image instead: this program, which then
// leaves a file behind.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
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

struct Ran {
  int status = 0;
  std::string out;
};

// dmigate-agent with these words; `errors`: what it says on standard error belongs to it.
Result<Ran> run_agent(std::vector<const char*> words, bool errors) {
  constexpr const char* kOut = "/out";
  words.insert(words.begin(), "dmigate-agent");
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int out = ::open(kOut, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (out < 0 || ::dup2(out, STDOUT_FILENO) < 0) ::_exit(125);
    if (errors && ::dup2(out, STDERR_FILENO) < 0) ::_exit(125);
    ::execv("/dmigate-agent", const_cast<char* const*>(words.data()));
    ::_exit(127);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid) return failed("cannot be run", "/dmigate-agent");
  std::ifstream file(kOut, std::ios::binary);
  return Ran{status, std::string(std::istreambuf_iterator<char>(file), {})};
}

Result<void> get_ready() {
  if (auto done = mount_all(); !done) return done;
  if (auto done = load_modules(); !done) return done;
  if (auto done = wait_for_parts("DISKS", "/sys/block"); !done) return done;
  return wait_for_parts("CARDS", "/sys/class/net");
}

Result<std::string> evidence() {
  auto ran = run_agent({"evidence"}, false);
  if (!ran) return Failure(ran.error());
  if (ran->status != 0)
    return fail("ended with wait status " + std::to_string(ran->status), "/dmigate-agent");
  return std::move(ran->out);
}

// The first card gets the address that the emulator's own network has for a guest.
Result<void> network_up() {
  ifreq request = {};
  std::strncpy(request.ifr_name, "eth0", IFNAMSIZ - 1);
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  auto& address = reinterpret_cast<sockaddr_in&>(request.ifr_addr);
  address.sin_family = AF_INET;
  const auto told_to = [&](unsigned long what) { return ::ioctl(fd, what, &request) == 0; };
  address.sin_addr.s_addr = ::inet_addr("10.0.2.15");
  bool done = fd >= 0 && told_to(SIOCSIFADDR);
  address.sin_addr.s_addr = ::inet_addr("255.255.255.0");
  done = done && told_to(SIOCSIFNETMASK);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  done = done && told_to(SIOCSIFFLAGS);
  if (!done) return failed("gets no address", "eth0");
  ::close(fd);
  return {};
}

// How it ended, whether the command ran, and what was said.
Result<std::string> gated(const char* label) {
  if (auto done = network_up(); !done) return Failure(done.error());
  auto ran = run_agent(
      {"gate", "--stage", "pre-image", "--unit", label, "--insecure", "--", "/init", "image"}, true);
  if (!ran) return Failure(ran.error());
  return "status " + std::to_string(WIFEXITED(ran->status) ? WEXITSTATUS(ran->status) : -1) + "\nimaged " +
         (fs::exists("/imaged") ? "yes" : "no") + "\n" + ran->out;
}

Result<dmigate::plant::Frame> work() {
  if (auto done = get_ready(); !done) return Failure(done.error());
  const char* label = std::getenv("GATE");
  auto text = label == nullptr ? evidence() : gated(label);
  if (!text) return Failure(text.error());
  return dmigate::plant::Frame{label == nullptr ? "evidence" : "gate", *std::move(text)};
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

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "image")
    return ::open("/imaged", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 ? 1 : 0;
  const auto done = work();
  hand_out(framed(done ? *done : dmigate::plant::Frame{"error", done.error().to_string()}));
  ::reboot(RB_POWER_OFF);
}
