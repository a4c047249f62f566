// dmigate is killed before every single system call by which it changes anything, one start after the other,
// until it comes through: whatever it was doing ends blocked and recorded, or was cleanly not begun; and the
// next start tells the operator what to do.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

// ---------------------------------------------------------------- killed at a step

bool creates(std::uint64_t flags) { return (flags & O_CREAT) != 0; }

bool is_step(std::uint64_t call, const std::uint64_t* arguments) {
  switch (call) {
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
    case SYS_pwritev:
    case SYS_pwritev2:
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_ftruncate:
    case SYS_fallocate:
    case SYS_rename:
    case SYS_renameat:
    case SYS_renameat2:
    case SYS_unlink:
    case SYS_unlinkat:
    case SYS_mkdir:
    case SYS_mkdirat:
    case SYS_clone:
    case SYS_clone3:
    case SYS_fork:
    case SYS_vfork:
    case SYS_exit_group:
      return true;
    case SYS_open:
      return creates(arguments[1]);
    case SYS_openat:
      return creates(arguments[2]);
    default:
      return false;
  }
}

struct Cut {
  bool killed = false;  ///< false: it came through before
  Ended ended;
};

bool trace(pid_t child) {
  return ::ptrace(PTRACE_SEIZE, child, nullptr,
                  PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC) == 0 &&
         ::ptrace(PTRACE_INTERRUPT, child, nullptr, nullptr) == 0;
}

// Whether this machine lets a process trace its child; says what is left out where it does not.
bool can_trace() {
  const Gate gate;
  const Process child({.argv = {"true"}, .gate = &gate});
  const bool can = trace(child.pid());
  if (!can) MESSAGE("left out: dmigate killed at every step (ptrace is not allowed)");
  return can;
}

// Starts the program and kills it as it is about to take its `step`th step, from 1. What it started lives on.
Cut killed_at(Start start, unsigned step) {
  const Gate gate;
  start.gate = &gate;
  start.env["ASAN_OPTIONS"] = "detect_leaks=0";  // it cannot look for leaks while it is traced
  Process process(start);
  const pid_t pid = process.pid();
  REQUIRE(trace(pid));
  gate.open(1);
  bool begun = false;  // it is dmigate, and no more the test
  for (unsigned steps = 0;;) {
    siginfo_t info = {};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WSTOPPED | WNOWAIT) == 0);
    if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED)
      return {false, process.wait()};
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    const int event = status >> 16;
    if (event == PTRACE_EVENT_EXEC) begun = true;
    const bool of_call = event == 0 && WSTOPSIG(status) == (SIGTRAP | 0x80);
    if (of_call && begun) {
      __ptrace_syscall_info call = {};
      REQUIRE(::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof call, &call) > 0);
      if (call.op == PTRACE_SYSCALL_INFO_ENTRY && is_step(call.entry.nr, call.entry.args) &&
          ++steps == step) {
        process.send(SIGKILL);
        return {true, process.wait()};
      }
    }
    const long signal = event == 0 && !of_call ? WSTOPSIG(status) : 0;
    REQUIRE(::ptrace(PTRACE_SYSCALL, pid, nullptr, signal) == 0);
  }
}

// What a killed dmigate leaves behind becomes ours, and is waited for.
class Orphans {
 public:
  Orphans() { REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0); }
  ~Orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
  Orphans(const Orphans&) = delete;
  Orphans& operator=(const Orphans&) = delete;
  void wait() const {
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
  }
};

// ---------------------------------------------------------------- a plant that is put back

constexpr const char* kLabel = "CX2600417";
const Words kCheck = {"check",   "unit",      "--profile", "direct",     "--unit", kLabel,
                      "--stage", "pre-image", "--permit",  "the.permit", "--json", "--permit-lifetime",
                      "1h"};
const Words kOpen = {"permit", "verify", "the.permit", "unit", "--stage", "pre-image", "--unit", kLabel};

class Story {
 public:
  Plant plant;

  Story() {
    write_file(plant / "profiles/direct.yaml",
               "profile: direct\nversion: 1\nextends: [cmge]\n"
               "stages:\n  pre-image: {}\n  post-image: { after: pre-image }\n");
    plant.station(
        "allow_file_source: true\npermit_key: station.key\npermit_keys: keys\nspool: spool\n"
        "notify: http://127.0.0.1:1/\n");
    fs::create_directories(plant / "spool");
    REQUIRE(plant.dmigate({"permit", "keygen", "station.key"}).status == 0);
    fs::create_directories(plant / "keys");
    fs::permissions(plant / "keys", fs::perms::owner_all);
    fs::copy(plant / "station.key.pub", plant / "keys/station.pub");
    hold();
  }
  ~Story() { ::close(lock_); }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  void keep() const { fs::copy(plant / ".", kept_ / "kept", fs::copy_options::recursive); }
  void put_back() {
    for (const auto& entry : fs::directory_iterator(plant / ".")) fs::remove_all(entry.path());
    fs::copy(kept_ / "kept", plant / ".", fs::copy_options::recursive);
    if (lock_ >= 0) hold();
  }
  // From now on who is called delivers.
  void let_go() {
    ::close(lock_);
    lock_ = -1;
  }
  // Kills `call` at each of its steps in turn, `look` says what must hold then.
  template <typename Look>
  void at_every_step(const Words& call, unsigned least, const Look& look) {
    keep();
    const Orphans orphans;
    unsigned step = 1;
    for (;; ++step) {
      CAPTURE(step);
      const Cut cut = killed_at(plant.call(call), step);
      orphans.wait();
      INFO("it said: ", cut.ended.out, cut.ended.err);
      if (!cut.killed) {
        CHECK(cut.ended.status == 0);
        break;
      }
      CHECK(cut.ended.signal == SIGKILL);
      look(cut.ended);
      plant.check_registry_is_whole();
      put_back();
    }
    CHECK(step > least);
    MESSAGE(call.front() << ": killed at " << step - 1 << " steps");
  }

  [[nodiscard]] std::vector<json::object> events() const {
    std::set<fs::path> files;
    for (const auto& entry : fs::directory_iterator(plant / "spool")) {
      if (entry.path().extension() == ".json") files.insert(entry.path());
    }
    std::vector<json::object> events;
    for (const fs::path& file : files) events.push_back(parse_line(read_file(file)));
    return events;
  }
  [[nodiscard]] bool told(const std::string& which) const {
    return std::ranges::any_of(events(), [&](const json::object& e) { return text(e, "event") == which; });
  }
  // Every event speaks of what was recorded.
  void check_events() const {
    for (const json::object& event : events()) CHECK(event.at("verdict").as_object().at("recorded") == true);
  }
  [[nodiscard]] json::array work() const { return plant.registry_json(0, {"status"}).at("work").as_array(); }

 private:
  // The spool's lock is held by us: nobody delivers, and all that was put is there to be looked at.
  void hold() {
    if (lock_ >= 0) ::close(lock_);
    lock_ = ::open((plant / "spool/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(::flock(lock_, LOCK_EX | LOCK_NB) == 0);
  }
  TemporaryFolder kept_;
  int lock_ = -1;
};

void check_advised(const json::object& verdict, const std::string& rule, const std::string& part) {
  CHECK(rules(verdict) == Words{rule});
  const std::string advice = text(finding(verdict, rule), "advice");
  CHECK_MESSAGE(contains(advice, part), advice);
}

Words plain(Words words) {
  std::erase(words, "--json");
  return words;
}

}  // namespace

TEST_CASE(
    "killed at every step of a check that issues a permit: recorded or not begun, and once more it passes") {
  if (!can_trace()) return;
  Story story;
  static_cast<void>(story.plant.unit("unit", "good-unit"));
  story.at_every_step(kCheck, 20, [&](const Ended& ended) {
    const bool recorded = story.plant.registry_json(0, {"status"}).at("units") == 1;
    if (contains(ended.out, "PASS")) CHECK(recorded);
    if (story.told("end")) CHECK(recorded);
    story.check_events();
    const std::size_t before = story.events().size();
    if (fs::exists(story.plant / "the.permit")) {
      CHECK(recorded);
      CHECK(outcome(story.plant.verdict(0, kOpen)) == "PASS");
      CHECK(rules(story.plant.verdict(1, kOpen)) == Words{"permit.used"});
    }
    const auto again = story.plant.verdict(0, plain(kCheck));
    CHECK(outcome(again) == "PASS");
    CHECK(story.events().size() == before + 1);
    CHECK(outcome(story.plant.verdict(0, kOpen)) == "PASS");
    CHECK(story.plant.registry_json(0, {"status"}).at("units") == 1);
  });
}

TEST_CASE("killed at every step of opening by a permit: it opens once, or is used, and never twice") {
  if (!can_trace()) return;
  Story story;
  static_cast<void>(story.plant.unit("unit", "good-unit"));
  REQUIRE(outcome(story.plant.verdict(0, plain(kCheck))) == "PASS");
  story.at_every_step(kOpen, 10, [&](const Ended& ended) {
    const Ended next = story.plant.dmigate(kOpen);
    CHECK((next.status == 0 || next.status == 1));
    if (contains(ended.out, "PASS")) CHECK(next.status == 1);
    if (next.status == 1) CHECK(contains(next.out, "judge the unit again (dmigate check --permit)"));
    CHECK(rules(story.plant.verdict(1, kOpen)) == Words{"permit.used"});
    // The way out that was told.
    CHECK(outcome(story.plant.verdict(0, plain(kCheck))) == "PASS");
    CHECK(outcome(story.plant.verdict(0, kOpen)) == "PASS");
  });
}

TEST_CASE("killed at every step of a run: not begun, or blocked until somebody decides, or passed") {
  if (!can_trace()) return;
  Story story;
  static_cast<void>(story.plant.unit("unit", "good-unit"));
  const Words run = {"run",     "unit",      "--profile", "direct", "--unit", kLabel,
                     "--stage", "pre-image", "--",        "touch",  "imaged"};
  const Words post_image = {"check",  "unit", "--profile", "direct",
                            "--unit", kLabel, "--stage",   "post-image"};
  story.at_every_step(run, 30, [&](const Ended& ended) {
    const bool imaged = fs::exists(story.plant / "imaged");
    const auto work = story.work();
    const bool recorded = story.plant.registry_json(0, {"status"}).at("units") == 1;
    // The plant was promised to be told of the start before there was one.
    if (imaged) CHECK(story.told("start"));
    if (imaged || contains(ended.out, "PASS")) CHECK(recorded);
    story.check_events();
    if (!work.empty()) {
      check_advised(story.plant.verdict(1, run), "stage.open-record", "dmigate registry resolve");
      check_advised(story.plant.verdict(1, post_image), "stage.open-record", "dmigate registry resolve");
      CHECK(story.plant.dmigate({"registry", "resolve", kLabel, "--by", "Li", "--reason", "power cut"})
                .status == 0);
      check_advised(story.plant.verdict(1, post_image), "stage.order", "pre-image");
    } else if (recorded) {
      CHECK(imaged);
      CHECK(outcome(story.plant.verdict(0, post_image)) == "PASS");
    }
    CHECK(outcome(story.plant.verdict(0, run)) == "PASS");
    CHECK(outcome(story.plant.verdict(0, post_image)) == "PASS");
  });
}

namespace {

// Two calls of the burner, with a work order's values.
const Words kBurn = {"burn", "unit", "--unit", "CX2600501", "--tool", "each", "--order", "lot.csv"};
const Words kProof = {"check", "unit", "--unit", "CX2600501", "--stage", "post-burn"};
const Words kImage = {"run", "unit", "--unit", "CX2600501", "--stage", "pre-image", "--", "touch", "imaged"};

struct BurnStory : Story {
  BurnStory() {
    static_cast<void>(plant.unit("unit", "case-a-1"));
    write_file(
        plant / "lot.csv",
        "unit,work_order,system-serial-number,baseboard-serial-number\nCX2600501,WO-7,CX2600501,HB26031501\n"
        "CX2600502,WO-7,CX2600502,HB26031502\n");
    write_file(plant / "profiles/tools/each.yaml",
               edited(read_file(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/tools/simulated.yaml"),
                      {{"tool: simulated", "tool: each\ncalls: each"}}));
  }
  void reboot() const { plant.reboot(plant / "unit"); }
  [[nodiscard]] bool touched() const { return fs::exists(plant / "unit/flash.yaml"); }
  void image_is_held_back() const {
    CHECK(outcome(plant.verdict(1, kImage)) == "FAIL");
    CHECK_FALSE(fs::exists(plant / "imaged"));
  }
};

}  // namespace

TEST_CASE(
    "killed at every step of a burn by an order, in several calls: the reboot tells what became of it") {
  if (!can_trace()) return;
  BurnStory story;
  const Words by_label = {"burn", "unit", "--unit", "CX2600501", "--tool", "each"};
  story.at_every_step(kBurn, 40, [&](const Ended& ended) {
    const auto work = story.work();
    story.check_events();
    if (story.touched()) CHECK(story.told("start"));
    if (contains(ended.out, "PENDING")) CHECK(text(work.at(0).as_object(), "state") == "pending");
    if (work.empty()) {
      CHECK_FALSE(story.touched());
      CHECK(story.plant.registry_json(0, {"status"}).at("records") == 0);
      CHECK(outcome(story.plant.verdict(0, kBurn)) == "PASS");
      story.reboot();
    } else {
      // Neither burnt over, nor proved in this boot, nor imaged.
      const bool open = text(work[0].as_object(), "state") == "open";
      check_advised(story.plant.verdict(1, kBurn), open ? "stage.open-record" : "stage.pending-burn",
                    open ? "post-burn" : "reboot");
      CHECK(story.plant.verdict(1, kProof).at("recorded") == true);
      story.image_is_held_back();
      story.reboot();
      const Ended proof = story.plant.dmigate(kProof);
      CHECK((proof.status == 0 || (open && proof.status == 5)));
      if (proof.status == 0) CHECK(story.touched());
      if (proof.status == 5) {
        story.image_is_held_back();
        CHECK(outcome(story.plant.verdict(0, by_label)) == "PASS");
        story.reboot();
      }
    }
    CHECK(outcome(story.plant.verdict(0, kProof)) == "PASS");
    CHECK(outcome(story.plant.verdict(0, kImage)) == "PASS");
    CHECK(story.plant.registry_json(0, {"status"}).at("units") == 1);
  });
}

TEST_CASE("killed at every step of a burn's proof: it is proved, or is still to be") {
  if (!can_trace()) return;
  BurnStory story;
  REQUIRE(outcome(story.plant.verdict(0, kBurn)) == "PASS");
  story.reboot();
  story.at_every_step(kProof, 15, [&](const Ended& ended) {
    const auto work = story.work();
    story.check_events();
    if (contains(ended.out, "PASS")) CHECK(work.empty());
    if (!work.empty()) {
      check_advised(story.plant.verdict(1, kBurn), "stage.pending-burn", "reboot");
      story.image_is_held_back();
    }
    CHECK(outcome(story.plant.verdict(0, kProof)) == "PASS");
    CHECK(story.work().empty());
    CHECK(outcome(story.plant.verdict(0, kImage)) == "PASS");
  });
}

TEST_CASE(
    "killed at every step of delivering: every event that was put is delivered, in order, at least once") {
  if (!can_trace()) return;
  BurnStory story;
  REQUIRE(outcome(story.plant.verdict(0, kBurn)) == "PASS");
  REQUIRE(story.plant.verdict(1, kImage).at("recorded") == true);
  write_file(story.plant / "take", "#!/bin/sh\ncat >> " + (story.plant / "taken") + "\n");
  fs::permissions(story.plant / "take", fs::perms::owner_all);
  Words put;
  for (const auto& event : story.events()) put.push_back(text(event, "id"));
  REQUIRE(put.size() == 3);
  const Words flush = {"notify", "--flush", "--notify", story.plant / "take"};
  story.let_go();
  story.at_every_step(flush, 5, [&](const Ended&) {
    CHECK(story.plant.dmigate(flush).status == 0);
    CHECK(story.events().empty());
    Words taken;  // each where it came first
    std::istringstream lines(read_file(story.plant / "taken"));
    for (std::string line; std::getline(lines, line);) {
      const std::string id = text(parse_line(line + "\n"), "id");
      if (std::ranges::find(taken, id) == taken.end()) taken.push_back(id);
    }
    CHECK(taken == put);
  });
}
