#include "line-integration/notify/deliver.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>

#include "line-integration/burn/own_program.h"
#include "line-integration/burn/supervisor.h"
#include "line-integration/notify/http.h"

namespace dmigate::line {
namespace {

constexpr const char* kLookAtCommand = "see why the command does not take events";

Result<void> hand_over(const Target& target, const std::string& file, std::chrono::milliseconds patience) {
  const int input = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (input < 0) {
    return fail("the event cannot be read (" + std::generic_category().message(errno) + ")", file,
                "check the folder and who may read it");
  }
  const auto result = supervise(
      target.command, {.timeout = patience, .input_fd = input, .output_fd = -1, .kept_output = 4096});
  ::close(input);
  const std::string& program = target.command.front();
  if (!result) return Failure(result.error());
  if (result->timed_out) return fail("the command did not end in time", program, kLookAtCommand);
  if (result->ended_well()) return {};
  return fail("the command did not take the event (exit status " +
                  std::to_string(result->exit_status.value_or(-1)) + ")",
              program, kLookAtCommand);
}

// In the child: a session of its own, none of our descriptors, signals as usual.
[[noreturn]] void become(const std::string& program, const char* const* argv) {
  if (::setsid() < 0 || ::fork() != 0) ::_exit(0);
  const int null = ::open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
  ::close_range(3, ~0U, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGXFSZ}) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(program.c_str(), const_cast<char* const*>(argv));
  ::_exit(127);
}

}  // namespace

Result<void> deliver(const Target& target, const std::string& file, std::chrono::milliseconds patience) {
  return target.command.empty() ? post(target, file, patience) : hand_over(target, file, patience);
}

Flushed flush(const Spool& spool, const Target& target, std::chrono::milliseconds patience) {
  Flushed flushed;
  const auto waiting = spool.list();
  if (!waiting) {
    flushed.why = waiting.error();
    return flushed;
  }
  for (const std::string& name : *waiting) {
    const auto taken = deliver(target, spool.path(name), patience);
    if (!taken) {
      flushed.why = taken.error();
      break;
    }
    spool.remove(name);
    ++flushed.delivered;
  }
  flushed.left = waiting->size() - flushed.delivered;
  return flushed;
}

void deliver_all(const Spool& spool, const Target& target, const Retry& retry) {
  auto pause = retry.first;
  std::error_code error;
  while (std::filesystem::is_directory(spool.folder(), error)) {
    {
      const SpoolLock lock(spool);
      if (!lock.held()) return;
      const Flushed flushed = flush(spool, target, retry.patience);
      if (flushed.delivered > 0) pause = retry.first;
      if (flushed.why) {
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, retry.most);
        continue;
      }
    }
    // An event that was put while the lock was held found it held, and counts on this process.
    const auto waiting = spool.list();
    if (waiting && waiting->empty()) return;
  }
}

void start_delivery(const Spool& spool, const std::string& target) {
  if (const SpoolLock lock(spool); !lock.held()) return;
  const std::string folder = std::filesystem::absolute(spool.folder()).string();
  const char* const argv[] = {"dmigate",      "notify",   "--flush",      "--keep-trying", "--spool",
                              folder.c_str(), "--notify", target.c_str(), nullptr};
  const std::string program = own_program();
  const pid_t child = ::fork();
  if (child == 0) become(program, argv);
  if (child > 0) ::waitpid(child, nullptr, 0);
}

}  // namespace dmigate::line
