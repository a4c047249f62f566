// Two stations at once, a station that is killed, Ctrl-C and time-outs: the command runs once, or not.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

// A line whose only gate is the image: two units may meet there without having been anywhere else.
constexpr const char* kInterlocked = R"(profile: direct
version: 1
extends: [cmge]
stages:
  pre-image:  {}
  post-image: {}
)";

constexpr const char* kSerial = "CX2600417";

struct Line {
  Plant plant;
  std::string unit;
  Sign started{plant / "started"};
  Sign go_on{plant / "go-on"};

  Line() {
    write_file(plant / "profiles/direct.yaml", kInterlocked);
    unit = plant.unit("unit", "good-unit");
  }
  [[nodiscard]] Words run_of(const std::string& source, const Words& command, const Words& more = {}) const {
    Words arguments = {"run", source, "--profile", "direct", "--stage", "pre-image", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), command.begin(), command.end());
    return arguments;
  }
  // A command that says who its dmigate and itself are, and goes on when it is told to.
  [[nodiscard]] Words patient() const {
    return {"/bin/sh", "-c", "echo $PPID $$ > " + started.path() + "; read word < " + go_on.path()};
  }
  void let_go_on() const { write_file(go_on.path(), "on\n"); }
};

Words sh(const std::string& script) { return {"/bin/sh", "-c", script}; }

// "PPID PID" of patient().
std::pair<pid_t, pid_t> pids(const std::string& line) {
  return {std::stoi(line), std::stoi(line.substr(line.find(' ') + 1))};
}

json::object verdict_of(const Ended& ended) {
  INFO("it said: ", ended.out, ended.err);
  auto verdict = parse_line(ended.out);
  check_form(verdict, ended.status);
  return verdict;
}

std::string digits(int number) { return std::to_string(1000 + number).substr(1); }

}  // namespace

TEST_CASE("two runs at once for two units with one serial: exactly one passes, every time") {
  const Line line;
  constexpr int kRounds = 25;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    const std::string serial = "CX2601" + digits(round);
    const auto unit = [&](const std::string& name, const char* which) {
      return line.plant.unit(name + digits(round), "good-unit",
                             {{kSerial, serial},
                              {"8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513",
                               "8d1e6f02-5c3b-4a77-9e41-2b7f60" + std::string(which) + digits(round)},
                              {"HB26031187", "HB260" + std::string(which) + digits(round)}});
    };
    const std::string ran = line.plant / ("ran-" + digits(round));
    const Words command = sh("echo ran >> " + ran);
    const Gate gate;
    Start first = line.plant.call(line.run_of(unit("a", "a1b"), command));
    Start second = line.plant.call(line.run_of(unit("b", "b2c"), command));
    first.gate = second.gate = &gate;
    Process one(first), two(second);
    gate.open(2);
    const Ended ends[] = {one.wait(), two.wait()};
    CHECK(ends[0].status + ends[1].status == 1);  // PASS and FAIL
    CHECK(read_file(ran) == "ran\n");
    const auto refused = verdict_of(ends[0].status == 0 ? ends[1] : ends[0]);
    REQUIRE_FALSE(refused.at("findings").as_array().empty());
    CHECK_MESSAGE(rules(refused).front().starts_with("unique."), rules(refused).front());
    CHECK_FALSE(refused.contains("command"));
    CHECK(outcome(verdict_of(ends[0].status == 0 ? ends[0] : ends[1])) == "PASS");
  }
  CHECK(line.plant.registry_json(0, {"status"}).at("units") == kRounds);
  line.plant.check_registry_is_whole();
}

TEST_CASE("two burns at once that want one serial for two units: exactly one burns, every time") {
  const Line line;
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    const std::string serial = "CX2601" + digits(round);
    const auto unit = [&](const std::string& name, const char* which) {
      return line.plant.unit(name + digits(round), "case-a-1",
                             {{"8d1e6f02-5c3b-4a77-9e41-2b7f60c4d501",
                               "8d1e6f02-5c3b-4a77-9e41-2b7f60" + std::string(which) + digits(round)},
                              {"6c1f9d3e-0b52-4f0a-8a64-000000000011",
                               "6c1f9d3e-0b52-4f0a-8a64-00000" + std::string(which) + digits(round)}});
    };
    const std::string units[] = {unit("a", "a1b"), unit("b", "b2c")};
    const auto burn = [&](int which) {
      return line.plant.call({"burn", units[which], "--json", "--set", "system-serial-number=" + serial,
                              "--set",
                              "baseboard-serial-number=HB260" + std::to_string(which) + "7" + digits(round)});
    };
    const Gate gate;
    Start first = burn(0), second = burn(1);
    first.gate = second.gate = &gate;
    Process one(first), two(second);
    gate.open(2);
    const Ended ends[] = {one.wait(), two.wait()};
    REQUIRE(ends[0].status + ends[1].status == 1);
    const int refused = ends[0].status == 0 ? 1 : 0;
    CHECK(rules(verdict_of(ends[refused])) == Words{"unique.duplicate system-serial-number"});
    CHECK_FALSE(fs::exists(units[refused] + "/flash.yaml"));
    CHECK(fs::exists(units[1 - refused] + "/flash.yaml"));
  }
  line.plant.check_registry_is_whole();
}

TEST_CASE("two runs at once for one unit: one command runs, the other station is told where and since when") {
  Line line;
  const Gate gate;
  Start here = line.plant.call(line.run_of(line.unit, line.patient()));
  Start there = line.plant.call(line.run_of(line.unit, line.patient(), {"--station", "L3-S08"}));
  here.gate = there.gate = &gate;
  Process one(here), two(there);
  gate.open(2);
  const auto [runs, command] = pids(line.started.wait(one, two));
  Process& running = runs == one.pid() ? one : two;
  Process& refused = runs == one.pid() ? two : one;
  REQUIRE(running.pid() == runs);
  const Ended no = refused.wait();
  CHECK(no.status == 1);
  CHECK(rules(verdict_of(no)) == Words{"stage.open-record"});
  line.let_go_on();
  const Ended yes = running.wait();
  CHECK(yes.status == 0);
  CHECK(outcome(verdict_of(yes)) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("a unit whose station was killed while the command ran is blocked everywhere, with the reason") {
  Line line;
  const Words label = {"--unit", kSerial};
  Process killed(line.plant.call(line.run_of(line.unit, line.patient(), label)));
  const auto [dmigate, command] = pids(line.started.wait(killed));
  CHECK(dmigate == killed.pid());
  killed.send(SIGKILL);
  CHECK(killed.wait().signal == SIGKILL);
  CHECK(alive(command));  // a half-written disk is worse than an orphan
  line.let_go_on();
  wait_until_gone(command);

  const std::string ran = line.plant / "ran";
  const auto check_blocked = [&](const Words& arguments) {
    const auto verdict = line.plant.verdict(1, arguments);
    CHECK(rules(verdict) == Words{"stage.open-record"});
    const json::object& open = finding(verdict, "stage.open-record");
    CHECK(contains(text(open, "message"), "a run was started at L3-S07 (pre-image, 20"));
    CHECK(contains(text(open, "advice"),
                   "dmigate registry resolve " + std::string(kSerial) + " --by NAME --reason TEXT"));
    CHECK_FALSE(fs::exists(ran));
  };
  Words run_again = line.run_of(line.unit, {"touch", ran}, label);
  std::erase(run_again, "--json");
  check_blocked(run_again);
  Words elsewhere = run_again;
  elsewhere.insert(elsewhere.begin() + 2, {"--station", "L4-S01"});
  check_blocked(elsewhere);
  check_blocked({"check", line.unit, "--unit", kSerial, "--profile", "direct", "--stage", "post-image"});
  const auto work = line.plant.registry_json(0, {"status"}).at("work").as_array();
  REQUIRE(work.size() == 1);
  CHECK(text(work[0].as_object(), "kind") == "run");
  CHECK(text(work[0].as_object(), "state") == "open");
  CHECK(text(work[0].as_object(), "station") == "L3-S07");
  line.plant.check_registry_is_whole();

  // A named person frees it; it has not passed, and may start again.
  CHECK(line.plant.dmigate({"registry", "resolve", kSerial, "--by", "", "--reason", "power cut"}).status ==
        2);
  CHECK(line.plant.dmigate({"registry", "resolve", kSerial, "--by", "Li", "--reason", " "}).status == 2);
  const Ended resolved =
      line.plant.dmigate({"registry", "resolve", kSerial, "--by", "Li", "--reason", "power cut"});
  CHECK_MESSAGE(resolved.status == 0, resolved.err);
  CHECK(contains(resolved.out, "resolved: the run of " + std::string(kSerial) + " at L3-S07 ("));
  CHECK(lines(resolved.out) == 1);
  line.plant.check_registry_is_whole();
  CHECK(line.plant.registry_json(0, {"status"}).at("work").as_array().empty());
  CHECK(line.plant.dmigate({"registry", "resolve", kSerial, "--by", "Li", "--reason", "again"}).status == 3);
  CHECK(outcome(line.plant.verdict(0, run_again)) == "PASS");
  CHECK(fs::exists(ran));
  line.plant.check_registry_is_whole();
}

TEST_CASE("a unit whose station was killed at the burn is proved, or found out, after the reboot") {
  Line line;
  const std::string unit = line.plant.unit("burnt", "case-a-1");
  const std::string script = line.plant / "burner";
  const std::string tool =
      edited(read_file(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/tools/simulated.yaml"),
             {{"tool: simulated", "tool: slow"}, {"dmigate-simulated-burner", script}});
  write_file(line.plant / "profiles/tools/slow.yaml", tool);
  const Words burn = {"burn",
                      unit,
                      "--unit",
                      "CX2600501",
                      "--json",
                      "--tool",
                      "slow",
                      "--set",
                      "system-serial-number=CX2600501",
                      "--set",
                      "baseboard-serial-number=HB26031501"};
  const std::string wait =
      "echo $PPID $$ > " + line.started.path() + "; read word < " + line.go_on.path() + "\n";
  bool written = true;
  SUBCASE("it had written") { written = true; }
  SUBCASE("it had not written yet, and never did") { written = false; }
  CAPTURE(written);
  write_file(script, "#!/bin/sh\n" + (written ? "dmigate-simulated-burner \"$@\"\n" + wait : wait));
  REQUIRE(::chmod(script.c_str(), 0700) == 0);

  Process killed(line.plant.call(burn));
  const auto [dmigate, command] = pids(line.started.wait(killed));
  killed.send(SIGKILL);
  CHECK(killed.wait().signal == SIGKILL);
  line.let_go_on();
  wait_until_gone(command);

  const Words post_burn = {"check", unit, "--unit", "CX2600501", "--stage", "post-burn"};
  auto verdict = line.plant.verdict(1, post_burn);
  CHECK(rules(verdict) == Words{"stage.open-record"});
  CHECK(contains(text(finding(verdict, "stage.open-record"), "message"),
                 "a burn was started at L3-S07 (pre-burn, "));
  // Nor may it be burnt over before somebody has looked.
  Words again = burn;
  std::erase(again, "--json");
  verdict = line.plant.verdict(1, again);
  CHECK(rules(verdict).front() == "stage.open-record");

  line.plant.reboot(unit);
  if (written) {
    verdict = line.plant.verdict(0, post_burn);
    CHECK(text(verdict.at("burn").as_object(), "state") == "verified");
    CHECK(outcome(line.plant.verdict(0, {"check", unit, "--stage", "pre-image"})) == "PASS");
  } else {
    verdict = line.plant.verdict(5, post_burn);
    CHECK(text(verdict.at("burn").as_object(), "state") == "mismatch");
    again[6] = "simulated";
    again[5] = "--tool";
    CHECK(again[4] == "--tool");
  }
  line.plant.check_registry_is_whole();
}

TEST_CASE("a command whose end cannot be recorded is no PASS, and its unit stays blocked") {
  Line line;
  line.plant.station("allow_file_source: true\nregistry_timeout: 10ms\n");
  const Words label = {"--unit", kSerial};
  Process process(line.plant.call(line.run_of(line.unit, line.patient(), label)));
  line.started.wait(process);
  bool locked = true;
  SUBCASE("the registry is locked by somebody") { locked = true; }
  SUBCASE("somebody resolved it while the command ran") { locked = false; }
  CAPTURE(locked);
  sqlite3* other = nullptr;
  if (locked) {
    REQUIRE(sqlite3_open(line.plant.registry().c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  } else {
    CHECK(
        line.plant.dmigate({"registry", "resolve", kSerial, "--by", "Li", "--reason", "too early"}).status ==
        0);
  }
  line.let_go_on();
  const Ended ended = process.wait();
  CHECK(ended.status == 3);
  const auto verdict = verdict_of(ended);
  CHECK(rules(verdict) == Words{"evidence.missing"});
  CHECK(contains(text(finding(verdict, "evidence.missing"), "message"), "its end could not be recorded"));
  CHECK(verdict.at("recorded") == false);
  CHECK(verdict.at("command").as_object().at("exit_status") == 0);
  sqlite3_close(other);

  Words post_image = {"check", line.unit, "--unit", kSerial, "--profile", "direct", "--stage", "post-image"};
  if (locked) {
    CHECK(rules(line.plant.verdict(1, post_image)) == Words{"stage.open-record"});
    CHECK(line.plant.dmigate({"registry", "resolve", kSerial, "--by", "Li", "--reason", "looked"}).status ==
          0);
  }
  CHECK(outcome(line.plant.verdict(0, post_image)) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("Ctrl-C ends the command, and the unit may start again") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    Line line;
    Process run(line.plant.call(line.run_of(line.unit, line.patient())));
    const auto [dmigate, command] = pids(line.started.wait(run));
    run.send(signal);
    const Ended ended = run.wait();
    CHECK(ended.status == 4);
    const auto verdict = verdict_of(ended);
    CHECK(rules(verdict) == Words{"image.command"});
    CHECK(verdict.at("command").as_object().at("interrupted") == true);
    CHECK(verdict.at("recorded") == true);
    CHECK_FALSE(alive(command));
    CHECK(line.plant.registry_json(0, {"status"}).at("work").as_array().empty());
    const Ended again = line.plant.dmigate(line.run_of(line.unit, {"true"}));
    CHECK(again.status == 0);
    line.plant.check_registry_is_whole();
  }
}

TEST_CASE("when the time is up everything that the command started is ended") {
  // The time must be enough for the command to start its own; on a slow machine it is given more.
  for (const char* time : {"1s", "10s", "100s"}) {
    const Line line;
    const std::string pid_file = line.plant / "pid";
    const Words command = sh("setsid sh -c 'echo $$ > " + pid_file + ".part; mv " + pid_file + ".part " +
                             pid_file + "; read word < " + line.go_on.path() + "' & wait");
    const Ended ended = line.plant.dmigate(line.run_of(line.unit, command, {"--timeout", time}));
    CHECK(ended.status == 4);
    const auto verdict = verdict_of(ended);
    CHECK(rules(verdict) == Words{"image.command"});
    CHECK(verdict.at("command").as_object().at("timed_out") == true);
    CHECK(line.plant.registry_json(0, {"status"}).at("work").as_array().empty());
    if (!fs::exists(pid_file)) continue;
    CHECK_FALSE(alive(std::stoi(read_file(pid_file))));
    return;
  }
  FAIL("the command never came to start anything");
}

TEST_CASE("an image command that fails has not passed its stage, and says how it ended") {
  const Line line;
  const struct {
    Words command;
    const char* part;
  } ends[] = {
      {{"false"}, "exit status 1"}, {sh("exit 77"), "exit status 77"}, {sh("kill -SEGV $$"), "signal 11"}};
  for (const auto& [command, part] : ends) {
    CAPTURE(part);
    const Ended ended = line.plant.dmigate(line.run_of(line.unit, command));
    CHECK(ended.status == 4);
    CHECK(contains(text(finding(verdict_of(ended), "image.command"), "message"), part));
  }
  CHECK(line.plant.registry_json(0, {"status"}).at("work").as_array().empty());
  line.plant.check_registry_is_whole();
}

TEST_CASE("a command takes its words as they stand: no shell reads them") {
  const Line line;
  const Words words = {"printf", "%s|", "$(touch x)", "a b", "*", ";id", "--json", "--", "'", ""};
  const Ended ended = line.plant.dmigate(line.run_of(line.unit, words));
  CHECK(ended.status == 0);
  CHECK(ended.err == "$(touch x)|a b|*|;id|--json|--|'||");
  CHECK(outcome(verdict_of(ended)) == "PASS");
}
