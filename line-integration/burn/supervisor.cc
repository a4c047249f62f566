// The command is launched by Boost.Process v2 (1.81): its initializers run between fork and exec, which
// is where the process group, the signals and the descriptors are set. Waiting is not left to it: its
// pidfd sees the command alone, and a subreaper has to hear of every orphan. So SIGCHLD is read from a
// signalfd, with the interrupts, and one loop of waitpid() answers for all.
#include "line-integration/burn/supervisor.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOST_PROCESS_USE_STD_FS
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/optional.hpp>  // 1.81's v2 uses it, and does not include it
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "line-integration/burn/output.h"
#include "line-integration/burn/processes.h"

namespace dmigate::line {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;
using Clock = std::chrono::steady_clock;

constexpr std::array kInterrupts = {SIGINT, SIGTERM, SIGHUP};
constexpr std::chrono::milliseconds kLookAgain{
    20};                                    // between two rounds of SIGKILL: a fork may slip past one
constexpr std::chrono::seconds kGiveUp{5};  // SIGKILL ends what the kernel lets end well before that

std::string system_text(int error) { return std::generic_category().message(error); }

class OwnedFd {
 public:
  explicit OwnedFd(int fd) : fd_(fd) {}
  ~OwnedFd() { close(); }
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void close() {
    if (fd_ >= 0) ::close(release());
  }

 private:
  int fd_;
};

// What a call needs of the whole process, put back when it is over.
class ProcessSettings {
 public:
  ProcessSettings() {
    ::prctl(PR_GET_CHILD_SUBREAPER, &subreaper_before_);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct sigaction action = {};
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, &pipe_before_);
    action.sa_handler = SIG_DFL;  // ignored, children would vanish without a status
    ::sigaction(SIGCHLD, &action, &child_before_);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &child, &mask_before_);
  }
  ~ProcessSettings() {
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    ::sigaction(SIGCHLD, &child_before_, nullptr);
    ::sigaction(SIGPIPE, &pipe_before_, nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, subreaper_before_);
  }
  ProcessSettings(const ProcessSettings&) = delete;
  ProcessSettings& operator=(const ProcessSettings&) = delete;

 private:
  int subreaper_before_ = 0;
  struct sigaction pipe_before_ = {};
  struct sigaction child_before_ = {};
  sigset_t mask_before_ = {};
};

// Between fork and exec, in the child.
struct ChildSetup {
  template <typename Launcher>
  process::error_code on_exec_setup(Launcher&, const std::filesystem::path&, const char* const*) {
    if (::setpgid(0, 0) != 0) return process::detail::get_last_error();
    std::signal(SIGPIPE, SIG_DFL);
    std::signal(SIGXFSZ, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    // No file of the registry may stay open in a burner; those that the launcher needs until exec live on.
    if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return process::detail::get_last_error();
    return {};
  }
  // The launcher would call exit(), and with it whatever dmigate registered to run at its own end. It
  // looks the function up with five arguments and calls it with four.
  template <typename... Ignored>
  void on_exec_error(Ignored&&...) {
    ::_exit(EXIT_FAILURE);
  }
};

Error launch_error(const std::string& program, int error) {
  std::string advice = "see that " + program + " runs on this machine when called by hand";
  if (error == ENOEXEC) advice = "give the script a first line such as #!/bin/sh; no shell is called here";
  if (error == ENOENT) advice = "the file names an interpreter or a loader that is not there; install it";
  return {"the command cannot be started: " + system_text(error), program, advice, ErrorKind::kConfiguration};
}

Failure no_descriptors(const std::string& program, const std::string& why) {
  return fail("the command cannot be supervised: " + why, program,
              "see that the process may open more files (ulimit -n)");
}

// The descriptors that the command gets as 0, and as 1 and 2.
struct Standard {
  int input;
  int output;
};

// As execve takes it.
std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> all;
  for (const std::string& text : texts) all.push_back(text.c_str());
  all.push_back(nullptr);
  return all;
}

// The process id of the running command.
Result<pid_t> launch(asio::io_context& io, const std::string& program, const std::vector<std::string>& argv,
                     Standard standard, const std::optional<std::vector<std::string>>& environment) {
  const std::vector<std::string> arguments(argv.begin() + 1, argv.end());
  // The pointers are into these strings: they live as long.
  const std::vector<std::string> given = environment.value_or(std::vector<std::string>());
  const auto variables = pointers(given);
  process::posix::default_launcher launcher;
  if (environment) launcher.env = variables.data();
  try {
    process::error_code error;
    auto child =
        launcher(io.get_executor(), error, program, arguments,
                 process::process_stdio{standard.input, standard.output, standard.output}, ChildSetup{});
    child.detach();
    if (!error) return launcher.pid;
    if (launcher.pid > 0) ::waitpid(launcher.pid, nullptr, 0);
    if (launcher.pid < 0) return no_descriptors(program, error.message());
    return Failure(launch_error(program, error.value()));
  } catch (const std::exception& problem) {
    if (launcher.pid == 0) ::_exit(EXIT_FAILURE);  // the child: it must not go on as a second dmigate
    if (launcher.pid > 0) {
      ::kill(launcher.pid, SIGKILL);
      ::waitpid(launcher.pid, nullptr, 0);
    }
    return no_descriptors(program, problem.what());
  }
}

// Made before the command is started: whatever can fail for want of descriptors fails then.
class Supervisor {
 public:
  Supervisor(const Supervision& how, CommandResult& result, OwnedFd& output, OwnedFd& signals)
      : how_(how),
        result_(result),
        reactor_of_launching_(launching_),
        output_(io_),
        signals_(io_),
        deadline_(io_),
        kept_(how.kept_output),
        echo_(io_, how.output_fd, [this] { read_output(); }) {
    output_.assign(output.get());
    output.release();
    signals_.assign(signals.get());
    signals.release();
  }

  Result<void> start(const std::string& program, const std::vector<std::string>& argv, Standard standard) {
    const auto command = launch(launching_, program, argv, standard, how_.environment);
    if (!command) return Failure(command.error());
    command_ = *command;
    result_.started = true;
    return {};
  }

  void run() {
    wait_until(how_.timeout, [this] {
      result_.timed_out = true;
      ask_to_end();
    });
    read_output();
    read_signals();
    io_.run();
    result_.output = kept_.text();
    result_.output_bytes = kept_.total();
  }

 private:
  // One timer, one thing it waits for: the timeout, the linger, the grace, or the next look.
  template <typename Then>
  void wait_until(std::chrono::milliseconds time, Then then) {
    const std::uint64_t turn = ++turn_;
    deadline_.expires_after(time);
    deadline_.async_wait([this, turn, then](const boost::system::error_code& error) {
      if (!error && turn == turn_ && !finished_) then();
    });
  }

  void read_output() {
    if (reading_ || finished_ || echo_.full()) return;
    reading_ = true;
    output_.async_read_some(asio::buffer(buffer_),
                            [this](const boost::system::error_code& error, std::size_t bytes) {
                              reading_ = false;
                              if (error) return;
                              take(bytes);
                              read_output();
                            });
  }

  void take(std::size_t bytes) {
    const std::string_view text(buffer_.data(), bytes);
    kept_.append(text);
    echo_.write(text);
  }

  void read_signals() {
    signals_.async_wait(asio::posix::stream_descriptor::wait_read,
                        [this](const boost::system::error_code& error) {
                          if (error || finished_) return;
                          take_signals();
                          if (!finished_) read_signals();
                        });
  }

  void take_signals() {
    signalfd_siginfo info = {};
    while (::read(signals_.native_handle(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo != SIGCHLD) interrupted();
    }
    reap();
  }

  void interrupted() {
    result_.interrupted = true;
    if (!ending_) ask_to_end();
  }

  // Takes every child that has ended, the command and orphans alike: all that it started becomes our
  // child when its own parent ends, so no child left means nothing left.
  void reap() {
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended == command_) command_ended(status);
    }
    if (ended < 0 && errno == ECHILD) return finish();
    if (command_reaped_ && !ending_ && !lingering_) {
      lingering_ = true;
      wait_until(how_.linger, [this] {
        result_.left_processes = true;
        ask_to_end();
      });
    }
  }

  void command_ended(int status) {
    command_reaped_ = true;
    if (WIFEXITED(status)) result_.exit_status = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
  }

  void ask_to_end() {
    ending_ = true;
    signal_all(SIGTERM);
    signal_all(SIGCONT);  // a stopped process would not hear of it
    wait_until(how_.grace, [this] {
      give_up_ = Clock::now() + kGiveUp;
      make_end();
    });
  }

  void make_end() {
    signal_all(SIGKILL);
    reap();
    if (finished_) return;
    if (Clock::now() < give_up_) return wait_until(kLookAgain, [this] { make_end(); });
    for (const Process& left : descendants()) result_.not_ended.push_back(left.pid);
    finish();
  }

  // The group at one stroke, and one by one what has left it.
  void signal_all(int signal) {
    const bool group_is_ours = !command_reaped_;  // afterwards its number may be another's
    if (group_is_ours) ::kill(-command_, signal);
    for (const Process& each : descendants()) {
      if (!group_is_ours || each.group != command_) send_signal(each, signal);
    }
  }

  void finish() {
    finished_ = true;
    deadline_.cancel();
    signals_.cancel();
    output_.cancel();
    read_rest();
    echo_.finish();
  }

  // What is in the pipe now and no more: a stranger who was handed the descriptor could write for ever.
  void read_rest() {
    int left = 0;
    if (::ioctl(output_.native_handle(), FIONREAD, &left) != 0) return;
    while (left > 0) {
      const ssize_t got = ::read(output_.native_handle(), buffer_.data(), buffer_.size());
      if (got <= 0) return;
      take(static_cast<std::size_t>(got));
      left -= static_cast<int>(got);
    }
  }

  const Supervision& how_;
  CommandResult& result_;
  pid_t command_ = 0;
  // The child makes what it inherits of a context anew, and must not find the loop's descriptors there.
  asio::io_context launching_;
  asio::posix::stream_descriptor reactor_of_launching_;  ///< never opened: makes the reactor before the fork
  asio::io_context io_;
  asio::posix::stream_descriptor output_;
  asio::posix::stream_descriptor signals_;
  asio::steady_timer deadline_;
  KeptOutput kept_;
  Echo echo_;
  std::array<char, 65536> buffer_;
  Clock::time_point give_up_;
  std::uint64_t turn_ = 0;
  bool reading_ = false;
  bool command_reaped_ = false;
  bool lingering_ = false;
  bool ending_ = false;
  bool finished_ = false;
};

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) &&
         ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

std::string search_path() {
  if (const char* path = std::getenv("PATH")) return path;
  std::string standard(::confstr(_CS_PATH, nullptr, 0), '\0');
  ::confstr(_CS_PATH, standard.data(), standard.size());
  standard.pop_back();  // the NUL
  return standard;
}

Failure not_executable(const std::string& path) {
  return fail("is not executable", path, "make it executable (chmod +x), or name the program itself",
              ErrorKind::kConfiguration);
}

Result<std::string> find_at(const std::string& path) {
  if (is_program(path)) return path;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return not_executable(path);
  return fail("there is no such command", path, "see that its path is right and its drive is mounted",
              ErrorKind::kConfiguration);
}

Result<std::string> find_in_path(const std::string& name) {
  std::string found_but_not_executable;
  std::istringstream folders(search_path());
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string path = (folder.empty() ? "." : folder) + "/" + name;
    if (is_program(path)) return path;
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) found_but_not_executable = path;
  }
  if (!found_but_not_executable.empty()) return not_executable(found_but_not_executable);
  return fail("not found in PATH", name, "install it, or name it with its full path",
              ErrorKind::kConfiguration);
}

// The command's end of the pipe is open for reading as well: should dmigate be killed, its next line
// goes into the pipe, and is not a SIGPIPE in the middle of a flash.
Result<int> open_both_ways(int write_end) {
  const std::string path = "/proc/self/fd/" + std::to_string(write_end);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd >= 0) return fd;
  if (errno != ENOENT) return no_descriptors(path, system_text(errno));
  return fail("the command cannot be supervised: " + system_text(errno), path,
              "mount /proc (mount -t proc proc /proc)");
}

// An interrupt that waits from before the start; taken.
bool take_interrupt(const sigset_t& held) {
  const timespec at_once = {};
  bool came = false;
  while (::sigtimedwait(&held, nullptr, &at_once) > 0) came = true;
  return came;
}

int open_signals(sigset_t signals) {
  sigaddset(&signals, SIGCHLD);
  return ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

Result<CommandResult> start_and_watch(const std::string& program, const std::vector<std::string>& argv,
                                      const Supervision& how, const sigset_t& held) try {
  CommandResult result;
  result.argv = argv;
  result.interrupted = take_interrupt(held);
  if (result.interrupted) return result;

  const ProcessSettings settings;
  OwnedFd signals(open_signals(held));
  std::array<int, 2> ends = {-1, -1};
  OwnedFd no_input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (signals.get() < 0 || no_input.get() < 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return no_descriptors(program, system_text(errno));
  }
  OwnedFd ours(ends[0]);
  OwnedFd write_end(ends[1]);
  const auto both_ways = open_both_ways(write_end.get());
  if (!both_ways) return Failure(both_ways.error());
  OwnedFd theirs(*both_ways);
  write_end.close();

  Supervisor supervisor(how, result, ours, signals);
  const auto start = Clock::now();
  const int input = how.input_fd >= 0 ? how.input_fd : no_input.get();
  const auto started = supervisor.start(program, argv, {input, theirs.get()});
  if (!started) return Failure(started.error());
  theirs.close();
  supervisor.run();
  result.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  return result;
} catch (const std::exception& problem) {
  return no_descriptors(program, problem.what());
}

}  // namespace

Interrupts::Interrupts() {
  sigemptyset(&held_);
  for (int signal : kInterrupts) {
    struct sigaction action = {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) sigaddset(&held_, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &held_, &before_);
}

Interrupts::~Interrupts() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool Interrupts::came() const {
  sigset_t waiting;
  sigset_t ours;
  sigemptyset(&waiting);
  ::sigpending(&waiting);
  sigandset(&ours, &waiting, &held_);
  return sigisemptyset(&ours) == 0;
}

Result<CommandResult> supervise(const std::vector<std::string>& argv, const Supervision& how) {
  const auto program = find_command(argv.front());
  if (!program) return Failure(program.error());
  for (const std::string& argument : argv) {
    if (argument.find('\0') == std::string::npos) continue;
    return fail("an argument holds a NUL byte and would reach the command cut short", argv.front(),
                "correct the value", ErrorKind::kConfiguration);
  }
  if (how.interrupts != nullptr) return start_and_watch(*program, argv, how, how.interrupts->held());
  const Interrupts interrupts;
  return start_and_watch(*program, argv, how, interrupts.held());
}

Result<std::string> find_command(const std::string& command) {
  if (command.empty()) {
    return fail("the command is empty", {}, "name a program to run", ErrorKind::kConfiguration);
  }
  return command.find('/') != std::string::npos ? find_at(command) : find_in_path(command);
}

}  // namespace dmigate::line
