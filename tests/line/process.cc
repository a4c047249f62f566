#include "tests/line/process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace dmigate::plant {
namespace {

int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

int memory_file() {
  const int fd = ::memfd_create("output", MFD_CLOEXEC);
  REQUIRE(fd >= 0);
  return fd;
}

std::string content(int fd) {
  std::string text;
  char part[4096];
  for (off_t at = 0;;) {
    const ssize_t size = ::pread(fd, part, sizeof part, at);
    if (size <= 0) return text;
    text.append(part, static_cast<std::size_t>(size));
    at += size;
  }
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, between fork and exec.
[[noreturn]] void become(const Start& start, int in, int out, int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int signal = 1; signal < SIGSYS; ++signal) std::signal(signal, SIG_DFL);  // doctest catches some
  for (const auto& [name, value] : start.env) {
    if (value) {
      ::setenv(name.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name.c_str());
    }
  }
  if (!start.folder.empty() && ::chdir(start.folder.c_str()) != 0) ::_exit(125);
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(125);
  char open = 0;
  if (start.gate != nullptr && ::read(start.gate->fd(), &open, 1) != 1) ::_exit(125);
  const auto argv = pointers(start.argv);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

Gate::Gate() { REQUIRE(::pipe2(ends_, O_CLOEXEC) == 0); }

Gate::~Gate() {
  ::close(ends_[0]);
  ::close(ends_[1]);
}

void Gate::open(int programs) const {
  const std::string bytes(static_cast<std::size_t>(programs), '.');
  REQUIRE(::write(ends_[1], bytes.data(), bytes.size()) == programs);
}

Process::Process(const Start& start) : out_(memory_file()), err_(memory_file()) {
  const int in = memory_file();
  REQUIRE(::pwrite(in, start.input.data(), start.input.size(), 0) ==
          static_cast<ssize_t>(start.input.size()));
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) become(start, in, start.out >= 0 ? start.out : out_, err_);
  ::close(in);
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(out_);
  ::close(err_);
}

void Process::send(int signal) const { REQUIRE(::kill(pid_, signal) == 0); }

Ended Process::wait() {
  int status = 0;
  REQUIRE(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  Ended ended{.out = content(out_), .err = content(err_)};
  if (WIFEXITED(status)) ended.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  return ended;
}

Ended run(const Start& start) { return Process(start).wait(); }

// Opened for reading and writing, it does not end when a writer goes.
Sign::Sign(std::string path) : path_(std::move(path)) {
  REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
  fd_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(fd_ >= 0);
}

Sign::~Sign() { ::close(fd_); }

std::string Sign::wait(const Process& process) { return wait(process, process); }

// One of two may be refused, and end before the other's command says anything.
std::string Sign::wait(const Process& one, const Process& other) {
  const int ends[] = {open_pidfd(one.pid()), open_pidfd(other.pid())};
  REQUIRE(ends[0] >= 0);
  REQUIRE(ends[1] >= 0);
  bool running[] = {true, true};
  while (seen_.find('\n') == std::string::npos) {
    pollfd any[] = {{.fd = fd_, .events = POLLIN, .revents = 0},
                    {.fd = running[0] ? ends[0] : -1, .events = POLLIN, .revents = 0},
                    {.fd = running[1] ? ends[1] : -1, .events = POLLIN, .revents = 0}};
    REQUIRE(::poll(any, 3, -1) > 0);
    if ((any[0].revents & POLLIN) == 0) {
      for (int i = 0; i < 2; ++i) running[i] = running[i] && any[i + 1].revents == 0;
      REQUIRE_MESSAGE((running[0] || running[1]), "the program ended, and its command never said a word");
      continue;
    }
    char part[256];
    const ssize_t size = ::read(fd_, part, sizeof part);
    REQUIRE(size > 0);
    seen_.append(part, static_cast<std::size_t>(size));
  }
  for (const int end : ends) ::close(end);
  const std::string line = seen_.substr(0, seen_.find('\n'));
  seen_.erase(0, line.size() + 1);
  return line;
}

bool alive(pid_t pid) { return ::kill(pid, 0) == 0; }

void wait_until_gone(pid_t pid) {
  const int end = open_pidfd(pid);
  if (end < 0) return;  // gone and reaped
  pollfd one = {.fd = end, .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&one, 1, -1) == 1);
  ::close(end);
}

}  // namespace dmigate::plant
