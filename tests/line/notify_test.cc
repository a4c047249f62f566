// The plant's MES is told of each recorded call; whatever it does, no verdict waits for it or changes by it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/line-integration/http_server.h"
#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

struct Told {
  Plant plant;
  std::string unit = plant.unit("unit", "case-a-1");

  void station(const std::string& notify, const std::string& more = {}) const {
    plant.station("allow_file_source: true\nspool: spool\nnotify: " + notify + "\n" + more);
  }
  [[nodiscard]] Words burn() const {
    return {"burn",   unit,
            "--unit", "CX2600501",
            "--tool", "simulated",
            "--set",  "system-serial-number=CX2600501",
            "--set",  "baseboard-serial-number=HB26031501"};
  }
  [[nodiscard]] Words at(const std::string& stage) const {
    return {"check", unit, "--unit", "CX2600501", "--stage", stage};
  }
  // A program that takes every event, and says so into a pipe.
  [[nodiscard]] std::string taker(const Sign& sign) const {
    write_file(plant / "take", "#!/bin/sh\ncat > " + sign.path() + "\n");
    fs::permissions(plant / "take", fs::perms::owner_all);
    return plant / "take";
  }
};

json::object event_of(const std::string& line) {
  auto event = parse_line(line.ends_with('\n') ? line : line + "\n");
  CHECK(text(event, "schema") == "dmigate.event/1");
  CHECK(text(event, "id").size() == 32);
  CHECK(text(event, "at").size() == 24);
  CHECK(text(event.at("verdict").as_object(), "schema") == "dmigate.verdict/1");
  return event;
}

// "end check FAIL pre-image"
std::string gist(const std::string& line) {
  const auto event = event_of(line);
  const json::object& verdict = event.at("verdict").as_object();
  return text(event, "event") + " " + text(event, "command") + " " + outcome(verdict) + " " +
         text(verdict, "stage");
}

std::size_t waiting(const Plant& plant) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(plant / "spool")) {
    count += entry.path().extension() == ".json" ? 1U : 0U;
  }
  return count;
}

// Nobody listens there.
constexpr const char* kNoMes = "http://127.0.0.1:1/";

}  // namespace

TEST_CASE(
    "an MES is told of the start and end of a burn, and of the end of a check, without being asked for") {
  const Told line;
  test::HttpServer mes;
  line.station(mes.address());
  CHECK(outcome(line.plant.verdict(1, line.at("pre-image"))) == "FAIL");
  CHECK(gist(mes.bodies(1)[0]) == "end check FAIL pre-image");
  const auto burnt = line.plant.verdict(0, line.burn());
  const auto events = mes.bodies(3);
  CHECK(gist(events[1]) == "start burn PASS pre-burn");
  CHECK(gist(events[2]) == "end burn PASS pre-burn");
  const auto started = event_of(events[1]), ended = event_of(events[2]);
  CHECK(text(started, "id") != text(ended, "id"));
  CHECK(text(started.at("verdict").as_object().at("burn").as_object(), "state") == "open");
  CHECK(text(ended.at("verdict").as_object().at("burn").as_object(), "state") == "pending");
  CHECK(ended.at("verdict").as_object().at("record") == burnt.at("record"));
}

TEST_CASE("a command is told on its standard input, in English whatever the station speaks") {
  const Told line;
  Sign sign(line.plant / "sign");
  line.station(line.taker(sign), "language: zh\n");
  CHECK(line.plant.dmigate({"run", line.unit, "--unit", "CX2600501", "--stage", "pre-image", "--", "true"})
            .status == 1);
  const Process patience({.argv = {"sleep", "1000"}});  // dmigate has ended, and its events are on their way
  const std::string event = sign.wait(patience);
  CHECK(gist(event) == "end run FAIL pre-image");
  CHECK(contains(event, "is empty: it was never written"));
}

TEST_CASE("events wait while the MES is away, and are delivered in their order by hand or with the next") {
  const Told line;
  line.station(kNoMes);
  CHECK(line.plant.verdict(1, line.at("pre-image")).at("recorded") == true);
  CHECK(line.plant.verdict(0, line.burn()).at("recorded") == true);
  CHECK(waiting(line.plant) == 3);
  CHECK(line.plant.dmigate({"notify"}).out == "events that wait in " + line.plant / "spool" + ": 3\n");
  // Whoever is away now keeps trying it; nobody else may deliver meanwhile, and by hand it is told why not.
  const Ended busy = line.plant.dmigate({"notify", "--flush"});
  CHECK(busy.status == 3);
  const std::string elsewhere = line.plant / "elsewhere";
  fs::copy(line.plant / "spool", elsewhere);
  const Ended away = line.plant.dmigate({"notify", "--flush", "--spool", elsewhere});
  CHECK(away.status == 3);
  CHECK(
      contains(away.err, "http://127.0.0.1:1/: it cannot be reached (Connection refused); see that the MES"));
  test::HttpServer mes;
  const Ended flushed =
      line.plant.dmigate({"notify", "--flush", "--spool", elsewhere, "--notify", mes.address()});
  CHECK(flushed.status == 0);
  CHECK(flushed.out == "events delivered: 3\n");
  const auto events = mes.bodies(3);
  CHECK(gist(events[0]) == "end check FAIL pre-image");
  CHECK(gist(events[1]) == "start burn PASS pre-burn");
  CHECK(gist(events[2]) == "end burn PASS pre-burn");
  CHECK(line.plant.dmigate({"notify", "--spool", elsewhere}).out ==
        "events that wait in " + elsewhere + ": 0\n");
}

TEST_CASE("a full or broken spool is a warning, and changes no verdict and no record") {
  const Told line;
  line.station(kNoMes, "spool_limit: 1\n");
  CHECK(rules(line.plant.verdict(1, line.at("pre-image"))).back() != "notify.lost");
  const auto verdict = line.plant.verdict(0, line.burn());
  CHECK(outcome(verdict) == "PASS");
  CHECK(rules(verdict) == Words{"notify.lost", "notify.lost"});  // of its start, and of its end
  CHECK(contains(text(finding(verdict, "notify.lost"), "message"), "the spool is full: 1 events wait in it"));
  CHECK(waiting(line.plant) == 1);
  const Ended said = line.plant.dmigate(line.at("post-burn"));
  CHECK(said.status == 1);
  CHECK(contains(said.out, "warning: the plant was not told of this: "));

  line.plant.station("allow_file_source: true\nnotify: true\nspool: station.yaml\n");
  line.plant.reboot(line.unit);
  const auto proof = line.plant.verdict(0, line.at("post-burn"));
  CHECK(text(proof.at("burn").as_object(), "state") == "verified");
  CHECK(rules(proof) == Words{"notify.lost"});
  line.plant.check_registry_is_whole();
}

TEST_CASE("nobody is told of what is not recorded") {
  const Told line;
  line.station(kNoMes);
  CHECK(line.plant.dmigate({"check", line.unit}).status == 1);
  Words plan = line.burn();
  plan.emplace_back("--plan");
  CHECK(line.plant.dmigate(plan).status == 0);
  CHECK(line.plant.dmigate({"burn", line.unit, "--set", "bios-version=1"}).status == 2);
  CHECK_FALSE(fs::exists(line.plant / "spool"));
  // But of what could not be recorded.
  Words lost = line.at("pre-image");
  lost.insert(lost.end(), {"--registry", "nowhere.db"});
  CHECK(line.plant.verdict(3, lost).at("recorded") == false);
  CHECK(waiting(line.plant) == 1);
}

TEST_CASE("the reader of a verdict does not wait for whoever delivers") {
  const Told line;
  test::HttpServer silent({0});
  line.station(silent.address());
  // The output is a pipe here, as in a script: it ends with dmigate, though its events are not delivered yet.
  Start call = line.plant.call(line.at("pre-image"));
  call.argv.insert(call.argv.begin(), {"/bin/sh", "-c", "\"$0\" \"$@\" | cat"});
  const Ended said = run(call);
  CHECK(contains(said.out, "FAIL  pre-image"));
  silent.bodies(1);
}

TEST_CASE("whom a station notifies must be somebody") {
  const Told line;
  line.station("https://mes/");
  const Ended said = line.plant.dmigate(line.at("pre-image"));
  CHECK(said.status == 2);
  CHECK(contains(
      said.err,
      "events are sent by plain HTTP, and not by https; use http:// within the plant's network, or a "
      "command that speaks https"));
  line.station("true");
  Words flag = line.at("pre-image");
  flag.insert(flag.end(), {"--notify", "ftp://mes/"});
  CHECK(line.plant.dmigate(flag).status == 2);
  line.plant.station("");
  CHECK(line.plant.dmigate({"notify", "--flush"}).err ==
        "dmigate: nobody is to be notified; name a command or an http:// address with --notify, or in "
        "station.yaml\n");
}
