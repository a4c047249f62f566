// docs/line.md: what it draws is walked by tests, and what it gives to be copied works.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kSource = DMIGATE_SOURCE_DIR;
const std::string kFiles = kSource + "/docs/line/";
const std::string kPage = read_file(kSource + "/docs/line.md");

std::vector<std::smatch> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  return {std::sregex_iterator(text.begin(), text.end(), expression), {}};
}

// The names of all test cases of the tree, those in several literals put together.
std::set<std::string> test_names() {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(kSource + "/tests")) {
    if (entry.path().extension() != ".cc") continue;
    const std::string text = read_file(entry.path());
    for (std::size_t at = 0; (at = text.find("TEST_CASE(", at)) != std::string::npos;) {
      at += std::string("TEST_CASE(").size();
      std::string name;
      for (std::size_t quote;
           (quote = text.find_first_not_of(" \n", at)) != std::string::npos && text[quote] == '"';) {
        for (at = quote + 1; text[at] != '"'; ++at) {
          if (text[at] == '\\') ++at;
          name += text[at];
        }
        ++at;
      }
      names.insert(name);
    }
  }
  return names;
}

// A live system's gate, its image command beside it, and a line of one stage.
struct LiveSystem {
  Plant plant;
  std::string unit;
  std::string imaged = plant / "imaged";

  LiveSystem() {
    fs::create_directory(plant / "bin");
    fs::copy_file(kFiles + "gate", plant / "bin/gate");
    image("0");
    write_file(plant / "profiles/direct.yaml",
               "profile: direct\nversion: 1\nextends: [cmge]\nlabel: { equals: { field: system-serial-number "
               "} }\nmatch: { baseboard-product-name: [H310CM-X] }\n"
               "stages:\n  incoming: { only: [baseboard-product-name] }\n  pre-image: {}\n  ship: { after: "
               "pre-image }\n");
    unit = plant.unit("unit", "good-unit", {{"H310CM-A", "H310CM-X"}});
  }
  void image(const std::string& status) const {
    write_file(plant / "bin/image", "#!/bin/sh\necho \"$1\" >>" + imaged + "\nexit " + status + "\n");
    REQUIRE(::chmod((plant / "bin/image").c_str(), 0755) == 0);
  }
  [[nodiscard]] Ended scan(const std::string& scanned, const std::string& stage,
                           const std::string& source) const {
    Start start = plant.call({});
    start.argv = {plant / "bin/gate", stage, source};
    start.input = scanned;
    start.env["DMIGATE_PROFILES"] = plant / "profiles";  // and none that ships as an example
    start.env["PATH"] = fs::path(DMIGATE_BINARY_DIR "/cli").string() + ":" + start.env["PATH"].value();
    return run(start);
  }
};

constexpr const char* kLabel = "CX2600417\n";

}  // namespace

TEST_CASE("every arrow of the line's states is walked by a test that there is") {
  const std::size_t table = kPage.find("| arrow |");
  REQUIRE(table != std::string::npos);
  std::set<std::string> drawn, told;
  for (const auto& match : matches(kPage.substr(0, table), R"(\[(\d+)\])")) drawn.insert(match[1]);
  const std::set<std::string> names = test_names();
  const std::string rows = kPage.substr(table);
  for (const auto& row : matches(rows, R"(\n\| (\d+) \|[^|]*\| ([^|]*) \|)")) {
    told.insert(row[1]);
    CHECK_MESSAGE(names.contains(row[2]), "no test is called: ", row[2].str());
  }
  CHECK(drawn == told);
  CHECK(told.size() > 20);
}

TEST_CASE("every file that can be copied is told of, and every one that is told of is there") {
  std::set<std::string> there, told;
  for (const auto& entry : fs::directory_iterator(kFiles)) there.insert(entry.path().filename());
  for (const auto& match : matches(kPage, R"(\]\(line/([^)]+)\))")) told.insert(match[1]);
  CHECK(there == told);
}

TEST_CASE("the profile and the station that can be copied hold") {
  const Plant plant;
  const Ended linted = plant.dmigate({"profile", "lint", kFiles, "--profiles", kFiles});
  CHECK(linted.status == 0);
  CHECK(linted.out == "no errors, no warnings\n");
}

TEST_CASE(
    "the gate of the live system starts the image for a unit that passes, with its label, and for no other") {
  const LiveSystem gate;
  const std::string bad = gate.plant.unit("bad", "case-a-1", {{"H310CM-A", "H310CM-X"}});
  for (const std::string stage : {"pre-image", "ship"}) {
    CHECK(gate.scan("CX2600501\n", stage, bad).status == 1);
    CHECK_FALSE(fs::exists(gate.imaged));
  }
  CHECK(gate.scan(kLabel, "ship", gate.unit).status == 1);  // never imaged
  CHECK(gate.scan(kLabel, "incoming", gate.unit).status == 0);
  const Ended passed = gate.scan(kLabel, "pre-image", gate.unit);
  CHECK_MESSAGE(passed.status == 0, passed.out, passed.err);
  CHECK(read_file(gate.imaged) == kLabel);
  CHECK(gate.scan(kLabel, "ship", gate.unit).status == 0);
  gate.image("1");
  CHECK(gate.scan(kLabel, "pre-image", gate.unit).status == 4);
  CHECK(gate.scan(kLabel, "ship", gate.unit).status == 1);
  gate.plant.check_registry_is_whole();
}

TEST_CASE(
    "the gate of the live system lets nothing through that it cannot know: no label, no stage, no dmigate") {
  const LiveSystem gate;
  for (const std::string label : {"", "\n", "../CX2600417\n", "CX2600418\n"}) {
    CAPTURE(label);
    CHECK(gate.scan(label, "pre-image", gate.unit).status != 0);
  }
  for (const std::string stage : {"", "pre-imag", "--help"}) {
    CAPTURE(stage);
    CHECK(gate.scan(kLabel, stage, gate.unit).status != 0);
  }
  CHECK(gate.scan(kLabel, "pre-image", "/no/such/unit").status != 0);
  Start without = gate.plant.call({});
  without.argv = {gate.plant / "bin/gate", "pre-image", gate.unit};
  without.input = kLabel;
  without.env["PATH"] = "/usr/bin:/bin";
  CHECK(run(without).status == 127);
  CHECK_FALSE(fs::exists(gate.imaged));
}

TEST_CASE("a go-ahead for WinPE bears the unit's UUID, and a unit without one gets none") {
  const Plant plant;
  const auto release = [&](const std::string& uuid) {
    write_file(plant / "product_uuid", uuid);
    return run({.argv = {kFiles + "release", "CX2600417"},
                .env = {{"DMIGATE_LINE_FOLDER", plant / "line"},
                        {"DMIGATE_DMI_FOLDER", plant.operator/("")}}})
        .status;
  };
  for (const std::string none : {"", "\n", "Not Settable\n", "../../8d1e\n"}) {
    CAPTURE(none);
    CHECK(release(none) == 1);
    CHECK_FALSE(fs::exists(plant / "line"));
  }
  CHECK(release("8D1E6F02-5C3B-4A77-9E41-2B7F60C4D513\n") == 0);
  CHECK(read_file(plant / "line/go/8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513.txt") ==
        "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513\r\nCX2600417\r\n");
  CHECK(std::distance(fs::directory_iterator(plant / "line/go"), {}) == 1);
}

TEST_CASE("systemd takes the gate's unit as it stands") {
  if (run({.argv = {"systemd-analyze", "--version"}}).status != 0) {
    MESSAGE("left out: systemd-analyze is not here");
    return;
  }
  const Plant plant;
  // It looks whether the program is there.
  write_file(plant / "dmigate-gate.service",
             edited(read_file(kFiles + "dmigate-gate.service"), {{"/usr/lib/dmigate/gate", "/bin/true"}}));
  const Ended verified = run({.argv = {"systemd-analyze", "verify", plant / "dmigate-gate.service"}});
  CHECK(verified.status == 0);
  CHECK_MESSAGE(verified.err.find("dmigate-gate") == std::string::npos, verified.err);
}
