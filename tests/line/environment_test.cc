// What a command of the line finds: a clean environment with what is said of its unit, and the caller's
// folder.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

constexpr const char* kDirect = "profile: direct\nversion: 1\nextends: [cmge]\nstages: { pre-image: {} }\n";

struct Imaging {
  Plant plant;
  std::string unit;

  Imaging() {
    write_file(plant / "profiles/direct.yaml", kDirect);
    unit = plant.unit("unit", "good-unit");
  }
  // The variables that a command has, sorted; those that the shell sets itself left out.
  [[nodiscard]] Words variables(Start start) const {
    start.env.insert({{"SECRET", "word"},
                      {"BASH_ENV", "/tmp/evil"},
                      {"LD_LIBRARY_PATH", "/tmp/evil"},
                      {"DMIGATE_UNIT", "CX9999999"},
                      {"DMIGATE_SECRET", "word"},
                      {"TZ", "UTC"},
                      {"HTTP_PROXY", "http://proxy"},
                      {"LANG", std::nullopt},
                      {"TERM", "dumb"},
                      {"HOME", "/home-of-the-line"}});
    const Ended ended = run(start);
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    Words all;
    std::istringstream text(ended.err);
    for (std::string line; std::getline(text, line);) all.push_back(line);
    std::ranges::sort(all);
    return all;
  }
  [[nodiscard]] Start call(const Words& more = {}) const {
    Words arguments = {"run", unit, "--profile", "direct", "--stage", "pre-image", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--", "/usr/bin/env"});
    return plant.call(arguments);
  }
};

bool has(const Words& all, const std::string& line) { return std::ranges::find(all, line) != all.end(); }
bool names(const Words& all, const std::string& name) {
  return std::ranges::any_of(all, [&](const std::string& line) { return line.starts_with(name + "="); });
}

}  // namespace

TEST_CASE("a command has a few variables of its station, and what is said of its unit") {
  const Imaging line;
  Start start = line.call({"--unit", "CX2600417", "--work-order", "WO-7", "--operator", "Li"});
  const Words all = line.variables(start);
  for (const char* expected :
       {"HOME=/home-of-the-line", "TZ=UTC", "TERM=dumb", "LC_ALL=C", "DMIGATE_UNIT=CX2600417",
        "DMIGATE_STAGE=pre-image", "DMIGATE_MODEL=direct", "DMIGATE_STATION=L3-S07", "DMIGATE_LINE=L3",
        "DMIGATE_WORK_ORDER=WO-7", "DMIGATE_OPERATOR=Li", "DMIGATE_RECORD=2"}) {
    CHECK_MESSAGE(has(all, expected), expected);
  }
  CHECK(has(all, "DMIGATE_SOURCE=" + line.unit));
  for (const char* name : {"SECRET", "BASH_ENV", "LD_LIBRARY_PATH", "DMIGATE_SECRET", "DMIGATE_CONFIG",
                           "HTTP_PROXY", "LANG", "DMIGATE_LOT", "DMIGATE_SHIFT"}) {
    CHECK_MESSAGE(!names(all, name), name);
  }
  CHECK(names(all, "PATH"));
  CHECK(names(all, "DMIGATE_UNIT_ID"));
}

TEST_CASE("a station lets further variables through by name, and no other unit's") {
  const Imaging line;
  line.plant.station("allow_file_source: true\npass_environment: [HTTP_PROXY, NOT_SET, TZ]\n");
  const Words all = line.variables(line.call());
  CHECK(has(all, "HTTP_PROXY=http://proxy"));
  CHECK(std::ranges::count(all, "TZ=UTC") == 1);
  CHECK_FALSE(names(all, "NOT_SET"));
  CHECK_FALSE(names(all, "DMIGATE_UNIT"));  // no label was scanned, and another's is not handed on
  for (const char* bad : {"DMIGATE_UNIT", "A=B", "''", "1A", "'A B'"}) {
    line.plant.station("pass_environment: [" + std::string(bad) + "]\n");
    const Ended said = line.plant.dmigate({"check", line.unit});
    CHECK(said.status == 2);
    CHECK(contains(said.err, "is no name of a variable, or one that dmigate sets itself"));
  }
}

TEST_CASE(
    "a command that leaves something running has not ended well: the image may have been cut off with it") {
  const Imaging line;
  const auto verdict = line.plant.verdict(4, {"run", line.unit, "--profile", "direct", "--stage", "pre-image",
                                              "--", "/bin/sh", "-c", "sleep 600 >/dev/null 2>&1 & exit 0"});
  CHECK(rules(verdict) == Words{"image.command"});
  CHECK(contains(text(finding(verdict, "image.command"), "message"), "left processes running"));
}

TEST_CASE("a command starts in its caller's folder, with nothing on its standard input") {
  const Imaging line;
  Start start = line.plant.call({"run", line.unit, "--profile", "direct", "--stage", "pre-image", "--json",
                                 "--", "/bin/sh", "-c", "pwd; cat; echo end"});
  start.input = "typed by nobody\n";
  CHECK(run(start).err == start.folder + "\nend\n");
}
