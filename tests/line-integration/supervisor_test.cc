#include "line-integration/burn/supervisor.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/temporary_folder.h"

using namespace std::chrono_literals;
using dmigate::ErrorKind;
using dmigate::read_file;
using dmigate::TemporaryFolder;
using dmigate::write_file;
using dmigate::line::CommandResult;
using dmigate::line::find_command;
using dmigate::line::supervise;
using dmigate::line::Supervision;

namespace {

// Long enough that a test which comes to wait for it has failed.
constexpr auto kForever = 10min;

Supervision quietly() { return {.timeout = kForever, .output_fd = -1}; }

std::vector<std::string> sh(const std::string& script) { return {"/bin/sh", "-c", script}; }

CommandResult run(const std::vector<std::string>& argv, const Supervision& how = quietly()) {
  const auto result = supervise(argv, how);
  REQUIRE_MESSAGE(result, result.error().to_string());
  return *result;
}

bool is_alive(const std::string& pid) { return ::kill(std::stoi(pid), 0) == 0; }

bool no_children_left() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(ends_) == 0); }
  ~Pipe() {
    close_reader();
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace

TEST_CASE("a command that ends well") {
  const auto result = run(sh("echo Done"));
  CHECK(result.started);
  CHECK(result.exit_status == 0);
  CHECK_FALSE(result.signal);
  CHECK(result.output == "Done\n");
  CHECK(result.output_bytes == 5);
  CHECK_FALSE(result.left_processes);
  CHECK(result.duration > 0us);
  CHECK(result.ended_well());
  CHECK(result.argv == sh("echo Done"));
}

TEST_CASE("a command's exit status is told as it is") {
  CHECK(run(sh("exit 7")).exit_status == 7);
  CHECK_FALSE(run(sh("exit 7")).ended_well());
}

TEST_CASE("a command that a signal ends has no exit status, and did not end well") {
  const auto result = run(sh("kill -KILL $$"));
  CHECK_FALSE(result.exit_status);
  CHECK(result.signal == SIGKILL);
  CHECK_FALSE(result.ended_well());
}

TEST_CASE("what it prints on stdout and stderr is kept in the order it came") {
  CHECK(run(sh("echo one; echo two >&2; printf three")).output == "one\ntwo\nthree");
}

TEST_CASE("bytes that are no text are kept as they are") {
  CHECK(run(sh(R"(printf 'a\000\377\033[31mb')")).output == std::string("a\0\xff\x1b[31mb", 9));
}

TEST_CASE("an argument reaches the command as it is, whatever a shell would make of it") {
  const std::string value = R"(  $(reboot) `id` ';-- "%s" \n * 清华)";
  CHECK(run({"/usr/bin/printf", "%s|%s", value, ""}).output == value + "|");
}

TEST_CASE("an argument with a NUL byte would arrive cut short, so nothing is run") {
  TemporaryFolder folder;
  const auto result = supervise({"/usr/bin/touch", folder / "a" + std::string("\0b", 2)}, quietly());
  REQUIRE_FALSE(result);
  CHECK(result.error().what.find("NUL") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "a"));
}

TEST_CASE("the command finds nothing on its standard input") {
  CHECK(run(sh("cat; echo end")).output == "end\n");
}

TEST_CASE("no file of dmigate's is open in the command") {
  TemporaryFolder folder;
  const int registry = ::open((folder / "registry.db").c_str(), O_RDWR | O_CREAT, 0600);  // not close-on-exec
  REQUIRE(registry > 2);
  CHECK(run({"/bin/ls", "/proc/self/fd"}).output == "0\n1\n2\n3\n");  // 3: the folder that ls reads
  ::close(registry);
}

TEST_CASE("the command is the head of a process group of its own") {
  const auto output = run({"/usr/bin/cut", "-d ", "-f1,5", "/proc/self/stat"}).output;
  const auto blank = output.find(' ');
  REQUIRE(blank != std::string::npos);
  CHECK(output.substr(0, blank) + "\n" == output.substr(blank + 1));
}

TEST_CASE("the command starts with no signal held back, and with SIGPIPE and SIGCHLD as usual") {
  const auto output = run({"/bin/grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"}).output;
  unsigned long long blocked = 1;
  unsigned long long ignored = ~0ULL;
  REQUIRE(std::sscanf(output.c_str(), "SigBlk: %llx SigIgn: %llx", &blocked, &ignored) == 2);
  CHECK(blocked == 0);
  CHECK((ignored & (1ULL << (SIGPIPE - 1))) == 0);
  CHECK((ignored & (1ULL << (SIGCHLD - 1))) == 0);
}

TEST_CASE("what dmigate does with signals is as before when the command is over") {
  sigset_t before;
  sigset_t after;
  struct sigaction action = {};
  ::sigprocmask(SIG_BLOCK, nullptr, &before);
  run(sh("true"));
  ::sigprocmask(SIG_BLOCK, nullptr, &after);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    CHECK(sigismember(&before, signal) == sigismember(&after, signal));
  }
  ::sigaction(SIGPIPE, nullptr, &action);
  CHECK((action.sa_handler == SIG_DFL));
}

TEST_CASE("the status is known even where dmigate was started with SIGCHLD ignored") {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  CHECK(run(sh("exit 3")).exit_status == 3);
  std::signal(SIGCHLD, before);
}

TEST_CASE("a command that takes too long is asked to end, and ends") {
  auto how = quietly();
  how.timeout = 10ms;
  how.grace = kForever;
  const auto result = run({"/bin/sleep", "1000"}, how);
  CHECK(result.timed_out);
  CHECK(result.signal == SIGTERM);
  CHECK_FALSE(result.left_processes);
  CHECK_FALSE(result.ended_well());
}

TEST_CASE("a command that ends well on being asked has timed out all the same") {
  auto how = quietly();
  how.timeout = 10ms;
  how.grace = 10ms;
  // The trap may come too late for the signal, or a sleep start after it: a time-out in any case.
  const auto result = run(sh("trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"), how);
  CHECK(result.timed_out);
  CHECK_FALSE(result.ended_well());
}

TEST_CASE("a command that will not hear of ending is made to") {
  const auto before = std::signal(SIGTERM, SIG_IGN);  // which the command inherits
  auto how = quietly();
  how.timeout = 10ms;
  how.grace = 10ms;
  const auto result = run({"/bin/sleep", "1000"}, how);
  std::signal(SIGTERM, before);
  CHECK(result.timed_out);
  CHECK(result.signal == SIGKILL);
  CHECK(result.not_ended.empty());
}

TEST_CASE("a command that stopped itself is ended too") {
  auto how = quietly();
  how.timeout = 10ms;
  how.grace = kForever;
  CHECK(run(sh("kill -STOP $$"), how).timed_out);
}

TEST_CASE("a grandchild that went into a session of its own is found and ended") {
  TemporaryFolder folder;
  const auto result = run(sh("cd " + folder.path() + R"(
      setsid -f sh -c 'echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 1000 >/dev/null 2>&1'
      while [ ! -e pid ]; do :; done)"));
  CHECK(result.exit_status == 0);
  CHECK(result.left_processes);
  CHECK_FALSE(is_alive(read_file(folder / "pid")));
  CHECK(no_children_left());
}

TEST_CASE("a daemon with a dead parent, its own session and deaf ears is found and ended") {
  TemporaryFolder folder;
  auto how = quietly();
  how.linger = 10ms;
  how.grace = 10ms;
  const std::string script = R"sh(
      setsid -f sh -c "trap '' TERM HUP INT
        (sh -c 'echo \$\$ > pid.tmp; mv pid.tmp pid; exec sleep 1000' &)"
      while [ ! -e pid ]; do :; done)sh";
  const auto result = run(sh("cd " + folder.path() + script), how);
  CHECK(result.exit_status == 0);
  CHECK(result.left_processes);
  CHECK_FALSE(is_alive(read_file(folder / "pid")));
  CHECK(no_children_left());
}

TEST_CASE("a background child that holds the pipe open holds nothing up") {
  auto how = quietly();
  how.linger = 10ms;
  const auto result = run(sh("sleep 1000 & echo Done"), how);
  CHECK(result.exit_status == 0);
  CHECK(result.output == "Done\n");
  CHECK(result.left_processes);
  CHECK(result.ended_well());
  CHECK(no_children_left());
}

TEST_CASE("a command that closes its outputs goes on, and its end is waited for and told") {
  TemporaryFolder folder;
  const auto result =
      run(sh("echo begun; exec >&- 2>&-; echo lost; : > " + folder.path() + "/worked; exit 7"));
  CHECK(result.exit_status == 7);
  CHECK(result.output == "begun\n");
  CHECK(std::filesystem::exists(folder / "worked"));
  auto how = quietly();
  how.timeout = 20ms;
  const auto hung = run(sh("exec >&- 2>&-; while :; do sleep 1000; done"), how);
  CHECK(hung.timed_out);
  CHECK(no_children_left());
}

TEST_CASE("a command that double-forks again and again in new sessions is ended whole") {
  TemporaryFolder folder;
  auto how = quietly();
  how.linger = 10ms;
  how.grace = 10ms;
  write_file(folder / "leaf", "trap '' TERM\necho $$ > $1\nwhile :; do sleep 1000; done\n");
  write_file(folder / "branch", "trap '' TERM\n(setsid sh leaf $1 &)\n");
  const auto result = run(sh("cd " + folder.path() + R"(
    for name in a b c; do (setsid sh branch $name &); done
    while ! test -s a || ! test -s b || ! test -s c; do :; done)"),
                          how);
  CHECK(result.exit_status == 0);
  CHECK(result.left_processes);
  for (const char* name : {"a", "b", "c"}) CHECK_FALSE(is_alive(read_file(folder / name)));
  CHECK(no_children_left());
}

TEST_CASE("a command has the environment that it is given, or dmigate's own") {
  auto how = quietly();
  how.environment = std::vector<std::string>{"ONE=1", "TWO=a b=c"};
  CHECK(run({"/usr/bin/env"}, how).output == "ONE=1\nTWO=a b=c\n");
  how.environment = std::vector<std::string>{};
  CHECK(run({"/usr/bin/env"}, how).output.empty());
  ::setenv("DMIGATE_TEST_OWN", "kept", 1);
  CHECK(run(sh("echo $DMIGATE_TEST_OWN")).output == "kept\n");
}

TEST_CASE("a command reads what it is given, and to its end") {
  TemporaryFolder folder;
  write_file(folder / "input", "one\ntwo\n");
  auto how = quietly();
  how.input_fd = ::open((folder / "input").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(how.input_fd >= 0);
  CHECK(run({"/bin/cat"}, how).output == "one\ntwo\n");
  ::close(how.input_fd);
}

TEST_CASE("a helper that ends by itself soon after the command is let to, and its words are kept") {
  auto how = quietly();
  how.linger = kForever;
  const auto result = run(sh("(while kill -0 $$ 2>/dev/null; do :; done; echo flushed) & echo Done"), how);
  CHECK_FALSE(result.left_processes);
  CHECK(result.output == "Done\nflushed\n");
}

TEST_CASE("processes that keep starting others are all ended") {
  auto how = quietly();
  how.timeout = 50ms;
  how.grace = 10ms;
  const auto result = run(
      sh("trap '' TERM; spawn() { while :; do (setsid sleep 0.02); done; }; spawn & spawn & spawn & spawn"),
      how);
  CHECK(result.timed_out);
  CHECK(result.not_ended.empty());
  CHECK(no_children_left());
}

TEST_CASE("gigabytes of output take no memory") {
  constexpr std::uint64_t kFlood = 1ULL << 30;
  struct rusage before = {};
  struct rusage after = {};
  ::getrusage(RUSAGE_SELF, &before);
  const auto result = run({"/usr/bin/head", "-c", std::to_string(kFlood), "/dev/zero"});
  ::getrusage(RUSAGE_SELF, &after);
  CHECK(result.exit_status == 0);
  CHECK(result.output_bytes == kFlood);
  CHECK(result.output.size() < 65 * 1024);
  CHECK(after.ru_maxrss - before.ru_maxrss < 32 * 1024);  // KiB
}

TEST_CASE("output goes on to a file, whole") {
  TemporaryFolder folder;
  const int file = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(::write(file, "before\n", 7) == 7);
  auto how = quietly();
  how.output_fd = file;
  const auto result = run({"/usr/bin/seq", "1000000"}, how);
  REQUIRE(::write(file, "after\n", 6) == 6);
  ::close(file);
  const std::string log = read_file(folder / "log");
  CHECK(log.size() == 13 + result.output_bytes);
  CHECK(log.starts_with("before\n1\n2\n"));
  CHECK(log.ends_with("\n999999\n1000000\nafter\n"));
}

TEST_CASE("output goes on to a pipe, which is left as it was") {
  Pipe pipe;
  auto how = quietly();
  how.output_fd = pipe.writer();
  run(sh("echo Done"), how);
  char text[16] = {};
  CHECK(::read(pipe.reader(), text, sizeof text) == 5);
  CHECK(std::string(text) == "Done\n");
  CHECK((::fcntl(pipe.writer(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("output goes on to a socket, which is left as it was") {
  int ends[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  auto how = quietly();
  how.output_fd = ends[1];
  run(sh("echo Done"), how);
  char text[16] = {};
  CHECK(::read(ends[0], text, sizeof text) == 5);
  CHECK((::fcntl(ends[1], F_GETFL) & O_NONBLOCK) == 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a reader that has gone neither ends nor hinders the command") {
  Pipe pipe;
  pipe.close_reader();
  auto how = quietly();
  how.output_fd = pipe.writer();
  const auto result = run({"/usr/bin/seq", "100000"}, how);
  CHECK(result.ended_well());
  CHECK(result.output_bytes == 588895);
}

TEST_CASE("a reader that never reads holds up neither the command nor dmigate") {
  Pipe pipe;
  auto how = quietly();
  how.output_fd = pipe.writer();
  const auto result = run({"/usr/bin/seq", "1000000"}, how);
  CHECK(result.ended_well());
  CHECK(result.output.ends_with("\n1000000\n"));
  CHECK((::fcntl(pipe.writer(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("who shares the output with dmigate never sees it non-blocking") {
  Pipe pipe;
  auto how = quietly();
  how.output_fd = pipe.writer();
  const auto output =
      run(sh("for i in 1 2 3 4 5; do echo passed on; sleep 0.01; grep flags /proc/$PPID/fdinfo/" +
             std::to_string(pipe.writer()) + "; done"),
          how)
          .output;
  std::size_t seen = 0;
  for (auto at = output.find("flags:"); at != std::string::npos; at = output.find("flags:", at + 1), ++seen) {
    CHECK((std::stoul(output.substr(at + 6), nullptr, 8) & O_NONBLOCK) == 0);
  }
  CHECK(seen == 5);
}

TEST_CASE("an output that is not open is no output") {
  auto how = quietly();
  how.output_fd = 4000;
  CHECK(run(sh("echo Done"), how).output == "Done\n");
}

TEST_CASE("no descriptor and no process is left of a hundred commands") {
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  for (int i = 0; i < 100; ++i) {
    CHECK(run({"/bin/true"}).ended_well());
    CHECK_FALSE(supervise({"/nonexistent"}, quietly()));
  }
  CHECK(open_files() == before);
  CHECK(no_children_left());
}

TEST_CASE("short of descriptors, nothing is started and the reason is told") {
#ifdef __SANITIZE_ADDRESS__
  MESSAGE("left out: the sanitizer opens a pipe to look at an exception, and takes its failure for a fault");
  return;
#endif
  TemporaryFolder folder;
  struct rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next = ::dup(0);
  ::close(next);
  bool started = false;
  int failures = 0;
  for (int spare = 0; !started; ++spare) {
    const struct rlimit tight = {static_cast<rlim_t>(next + spare), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &tight);
    const auto result = supervise({"/usr/bin/touch", folder / "burnt"}, quietly());
    ::setrlimit(RLIMIT_NOFILE, &before);
    started = result.has_value();
    CHECK(std::filesystem::exists(folder / "burnt") == started);
    if (started) continue;
    ++failures;
    CHECK(result.error().advice.find("ulimit") != std::string::npos);
    CHECK(no_children_left());
  }
  CHECK(failures > 3);
}

TEST_CASE("a command that is not there") {
  const auto by_path = supervise({"/opt/no/such/AMIDELNX"}, quietly());
  REQUIRE_FALSE(by_path);
  CHECK(by_path.error().to_string().find("/opt/no/such/AMIDELNX: there is no such command; ") == 0);
  CHECK(by_path.error().kind == ErrorKind::kConfiguration);

  const auto by_name = find_command("no-such-burn-tool");
  REQUIRE_FALSE(by_name);
  CHECK(by_name.error().to_string().find("no-such-burn-tool: not found in PATH; ") == 0);
  CHECK_FALSE(find_command(""));
}

TEST_CASE("a command that may not be executed") {
  TemporaryFolder folder;
  const std::string path = folder / "AMIDELNX";
  write_file(path, "#!/bin/sh\n");
  const auto result = supervise({path}, quietly());
  REQUIRE_FALSE(result);
  CHECK(result.error().to_string().find(path + ": is not executable; ") == 0);
  CHECK_FALSE(find_command(folder.path()));  // a folder is no command, executable as it is
}

TEST_CASE("a script with no #! line is not given to a shell") {
  TemporaryFolder folder;
  write_file(folder / "burn", "echo burnt\n");
  ::chmod((folder / "burn").c_str(), 0755);
  const auto result = supervise({folder / "burn"}, quietly());
  REQUIRE_FALSE(result);
  CHECK(result.error().advice.find("#!") != std::string::npos);
  CHECK(no_children_left());
}

TEST_CASE("what dmigate has not yet printed is not printed twice when a command cannot be started") {
  TemporaryFolder folder;
  write_file(folder / "burn", "echo burnt\n");
  ::chmod((folder / "burn").c_str(), 0755);
  std::FILE* log = std::fopen((folder / "log").c_str(), "we");
  REQUIRE(log != nullptr);
  std::fputs("once\n", log);  // waits in a buffer, which the forked child has as well
  CHECK_FALSE(supervise({folder / "burn"}, quietly()));
  std::fclose(log);
  CHECK(read_file(folder / "log") == "once\n");
}

TEST_CASE("a script whose interpreter is missing says so") {
  TemporaryFolder folder;
  write_file(folder / "burn", "#!/opt/no/such/shell\n");
  ::chmod((folder / "burn").c_str(), 0755);
  const auto result = supervise({folder / "burn"}, quietly());
  REQUIRE_FALSE(result);
  CHECK(result.error().advice.find("interpreter") != std::string::npos);
}

TEST_CASE("PATH is searched as the system does it") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder / "first/tool");  // a folder of that name is passed over
  std::filesystem::create_directories(folder / "second");
  std::filesystem::create_directories(folder / "third");
  write_file(folder / "second/tool", "");  // and so is a file that may not be executed
  write_file(folder / "third/tool", "#!/bin/sh\necho third\n");
  ::chmod((folder / "third/tool").c_str(), 0755);
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", ((folder / "first") + ":" + (folder / "second") + ":" + (folder / "third")).c_str(), 1);
  CHECK(find_command("tool").value() == folder / "third/tool");
  CHECK(run({"tool"}).output == "third\n");
  ::setenv("PATH", (folder / "second").c_str(), 1);
  CHECK(find_command("tool").error().what == "is not executable");
  ::unsetenv("PATH");
  CHECK(find_command("sh"));
  ::setenv("PATH", before.c_str(), 1);
}
