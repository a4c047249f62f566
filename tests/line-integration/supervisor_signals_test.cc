// Signals that reach dmigate while it waits for a command. Each test forks a dmigate of its own.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
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

constexpr auto kForever = 10min;

std::vector<std::string> sh(const std::string& script) { return {"/bin/sh", "-c", script}; }

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
      ::_exit(work(ends[1]) ? 0 : 1);
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
    char byte = 0;
    while (seen_.find(word) == std::string::npos) {
      REQUIRE_MESSAGE(::read(output_, &byte, 1) == 1, "its output ended before '", word, "': ", seen_);
      seen_ += byte;
    }
  }
  void send(int signal) const { REQUIRE(::kill(pid_, signal) == 0); }
  int wait() {
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    return status;
  }

 private:
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
      const auto result = supervise(sh("echo ready; exec sleep 1000"),
                                    {.timeout = kForever, .grace = kForever, .output_fd = output});
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
    const auto result = supervise(sh(script), {.timeout = kForever, .grace = 10ms, .output_fd = output});
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

TEST_CASE("when dmigate is killed the command goes on to its end, printing or not") {
  TemporaryFolder folder;
  Station station([&](int output) {
    const auto script = "cd " + folder.path() + R"(
        echo ready
        while [ ! -e go ]; do sleep 0.01; done
        echo writing; echo 'still writing' >&2; /bin/echo verifying && echo flashed > done.tmp
        mv done.tmp done)";
    return supervise(sh(script), {.timeout = kForever, .output_fd = output}).has_value();
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
