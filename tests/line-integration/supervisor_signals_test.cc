// Signals that reach dmigate while it waits for a command. Each test forks a dmigate of its own.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>

#include "line-integration/burn/supervisor.h"
#include "tests/temporary_folder.h"

using namespace std::chrono_literals;
using dmigate::read_file;
using dmigate::TemporaryFolder;
using dmigate::write_file;
using dmigate::line::CommandResult;
using dmigate::line::Interrupts;
using dmigate::line::supervise;

namespace {

constexpr auto kVeryLong = 10min;

std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

// A process that does one thing and ends with 0 when it came out as expected. Its output can be read.
class Station {
 public:
  explicit Station(const std::function<bool(int output_fd)>& work) {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      for (int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);  // doctest catches them
      ::_exit(status_of(work, ends[1]));
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~Station() {
    ::close(output_);
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  // Reads on until `word` stands in its output.
  void wait_for(const std::string& word) {
    char part[4096];
    while (seen_.find(word) == std::string::npos) {
      const auto got = ::read(output_, part, sizeof part);
      REQUIRE_MESSAGE(got > 0, "its output ended before '", word, "': ", seen_);
      seen_.append(part, static_cast<std::size_t>(got));
    }
  }
  [[nodiscard]] int number_after(const std::string& word) const {
    return std::stoi(seen_.substr(seen_.find(word) + word.size()));
  }
  void send(int signal) const { REQUIRE(::kill(pid_, signal) == 0); }
  int wait() {
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    return status;
  }

 private:
  // An exception must not reach doctest: the child would go on as a second test program.
  static int status_of(const std::function<bool(int)>& work, int output_fd) try {
    return work(output_fd) ? 0 : 1;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 2;
  }

  pid_t pid_ = -1;
  int output_ = -1;
  std::string seen_;
};

bool ended_with_zero(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

}  // namespace

TEST_CASE("Ctrl-C, SIGTERM and SIGHUP end the command, and dmigate goes on to say so") {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    Station station([](int output) {
      const auto result = supervise(shell("echo ready; exec sleep 1000"),
                                    {.timeout = kVeryLong, .grace = kVeryLong, .output_fd = output});
      return result && result->interrupted && result->signal == SIGTERM && !result->timed_out &&
             !result->ended_well();
    });
    station.wait_for("ready\n");
    station.send(signal);
    CHECK(ended_with_zero(station.wait()));
  }
}

TEST_CASE("Ctrl-C ends what is deaf to it, and what went into another session") {
  TemporaryFolder folder;
  Station station([&](int output) {
    const auto script = "trap '' TERM; setsid sh -c 'echo $$ > " + (folder / "pid") +
                        "; echo ready; while :; do sleep 1000; done'";
    const auto result = supervise(shell(script), {.timeout = kVeryLong, .grace = 10ms, .output_fd = output});
    return result && result->interrupted && result->signal == SIGKILL && result->not_ended.empty();
  });
  station.wait_for("ready\n");
  station.send(SIGINT);
  CHECK(ended_with_zero(station.wait()));
  CHECK(::kill(std::stoi(read_file(folder / "pid")), 0) == -1);
}

TEST_CASE("a Ctrl-C between the record and the start is not lost: nothing is started") {
  TemporaryFolder folder;
  Station station([&](int) {
    const Interrupts interrupts;
    if (interrupts.came()) return false;
    ::raise(SIGINT);
    if (!interrupts.came()) return false;
    const auto result =
        supervise({"/usr/bin/touch", folder / "burnt"}, {.output_fd = -1, .interrupts = &interrupts});
    return result && !result->started && result->interrupted && !result->exit_status &&
           !result->ended_well() && !interrupts.came();
  });
  CHECK(ended_with_zero(station.wait()));
  CHECK_FALSE(std::filesystem::exists(folder / "burnt"));
}

TEST_CASE("a Ctrl-C that comes while the record is closed waits until it is, and then ends dmigate") {
  TemporaryFolder folder;
  Station station([&](int) {
    const Interrupts interrupts;
    const auto result = supervise({"/bin/true"}, {.output_fd = -1, .interrupts = &interrupts});
    ::raise(SIGTERM);
    write_file(folder / "closed", result->ended_well() ? "well" : "badly");
    return true;
  });
  const int status = station.wait();
  CHECK(read_file(folder / "closed") == "well");
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}

TEST_CASE("under nohup a hang-up is nothing") {
  Station station([](int) {
    std::signal(SIGHUP, SIG_IGN);
    const Interrupts interrupts;
    ::raise(SIGHUP);
    const auto result = supervise({"/bin/true"}, {.output_fd = -1, .interrupts = &interrupts});
    return result && result->ended_well();
  });
  CHECK(ended_with_zero(station.wait()));
}

TEST_CASE("what a command printed last is kept, however busy dmigate was when it ended") {
  TemporaryFolder folder;
  constexpr const char* kPerl = "/usr/bin/perl";
  if (!std::filesystem::exists(kPerl)) {
    MESSAGE("left out: perl is needed to make a pipe larger");
    return;
  }
  const std::string script = R"(
      $| = 1; print "pid $$ ready\n";
      until (-e $ARGV[0]) { select(undef, undef, undef, 0.001) }
      fcntl(STDOUT, 1031, 1 << 20) or die;   # F_SETPIPE_SZ
      syswrite(STDOUT, "x" x 900000);)";
  Station station([&](int output) {
    const auto result =
        supervise({kPerl, "-e", script, folder / "go"}, {.timeout = kVeryLong, .output_fd = output});
    return result && result->ended_well() && result->output_bytes > 900000;
  });
  station.wait_for(" ready\n");
  station.send(SIGSTOP);
  write_file(folder / "go", "");
  const std::string stat = "/proc/" + std::to_string(station.number_after("pid ")) + "/stat";
  while (read_file(stat).find(") Z ") == std::string::npos) ::usleep(1000);
  station.send(SIGCONT);
  station.wait_for(std::string(900000, 'x'));
  CHECK(ended_with_zero(station.wait()));
}

TEST_CASE("a process that became another user's cannot be ended, and the result says which") {
  TemporaryFolder folder;
  constexpr const char* kSetpriv = "/usr/bin/setpriv";
  if (::geteuid() != 0 || !std::filesystem::exists(kSetpriv)) {
    MESSAGE("left out: only root can become somebody else, and setpriv is needed");
    return;
  }
  const std::string to_root = folder / "to-root";
  std::filesystem::copy(kSetpriv, to_root);
  REQUIRE(::chmod(to_root.c_str(), 04755) == 0);
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  Station station([&](int output) {
    constexpr uid_t kNobody = 65534;
    if (::setuid(kNobody) != 0) return false;
    const auto result =
        supervise({to_root, "--reuid=0", "/bin/sh", "-c", "echo pid $$ ready; exec sleep 1000"},
                  {.timeout = kVeryLong, .grace = 1ms, .output_fd = output});
    return result && !result->exit_status && !result->signal && result->not_ended.size() == 1 &&
           result->output.find("pid " + std::to_string(result->not_ended.front()) + " ") == 0 &&
           !result->ended_well();
  });
  station.wait_for(" ready\n");
  station.send(SIGINT);
  CHECK(ended_with_zero(station.wait()));
  CHECK(::kill(station.number_after("pid "), SIGKILL) == 0);
}

TEST_CASE("a dmigate without standard input, output and error runs a command like any other") {
  TemporaryFolder folder;
  write_file(folder / "burn", "echo burnt\n");  // no #! line
  std::filesystem::permissions(folder / "burn", std::filesystem::perms::owner_all);
  Station station([&](int output) {
    const int copy = ::dup(output);
    for (int fd : {0, 1, 2}) ::close(fd);
    const auto result =
        supervise(shell("cat; echo out; echo err >&2"), {.timeout = kVeryLong, .output_fd = copy});
    const auto failed = supervise({folder / "burn"}, {.timeout = kVeryLong, .output_fd = -1});
    return result && result->output == "out\nerr\n" && !failed;
  });
  station.wait_for("out\nerr\n");
  CHECK(ended_with_zero(station.wait()));
}

TEST_CASE("when dmigate is killed the command goes on to its end, printing or not") {
  TemporaryFolder folder;
  Station station([&](int output) {
    const auto script = "cd " + folder.path() + R"(
        echo ready
        while [ ! -e go ]; do sleep 0.01; done
        echo writing; echo 'still writing' >&2; /bin/echo verifying && echo flashed > done.tmp
        mv done.tmp done)";
    return supervise(shell(script), {.timeout = kVeryLong, .output_fd = output}).has_value();
  });
  station.wait_for("ready\n");
  station.send(SIGKILL);
  const int status = station.wait();
  CHECK(WIFSIGNALED(status));
  write_file(folder / "go", "");
  while (!std::filesystem::exists(folder / "done"))
    ::usleep(1000);  // a command that died is seen by ctest's limit
  CHECK(read_file(folder / "done") == "flashed\n");
}
