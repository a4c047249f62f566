// profile list, show, lint, diff, test, learn: how they are called, what they print, how they end.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kModel = std::string(DMIGATE_SOURCE_DIR) + "/profiles/examples/cx-e500.yaml";

json::value parse_any(const std::string& text) {
  REQUIRE(text.ends_with('\n'));
  CHECK(lines(text) == 1);
  return json::parse(text);
}

std::string model_text() { return read_file(kModel); }

std::string dump(const Plant& plant, const std::string& name, const Edits& edits) {
  return plant.described(
      name, edited(edited(fixture_text("good-unit"), edits), {{"\nsmbios:", "\nform: dump\nsmbios:"}}));
}

}  // namespace

TEST_CASE(
    "lint tells each problem as file:line:column: severity: message, and ends with 2 for an error only") {
  const Plant plant;
  write_file(plant / "m.yaml", "profile: m\nversoin: 1\nfields: { system-uuid: {} }\n");
  Ended said = plant.dmigate({"profile", "lint", "m.yaml"});
  CHECK(said.status == 2);
  CHECK(said.err.empty());
  CHECK(
      said.out.starts_with("m.yaml:1:1: error: `version` is missing; raise it with every change\n"
                           "m.yaml:2:1: error: unknown key `versoin`; did you mean `version`?\n"));
  CHECK(said.out.ends_with("2 errors, 0 warnings\n"));

  said = plant.dmigate({"profile", "lint", "--json", "m.yaml"});
  CHECK(said.status == 2);
  const json::array notes = parse_any(said.out).as_array();
  REQUIRE(notes.size() == 2);
  const json::object& note = notes[1].as_object();
  CHECK(text(note, "file") == "m.yaml");
  CHECK(note.at("line") == 2);
  CHECK(note.at("column") == 1);
  CHECK(text(note, "severity") == "error");
  CHECK(contains(text(note, "message"), "did you mean `version`"));

  write_file(plant / "m.yaml", "profile: m\nversion: 1\nfields: { system-uuid: { unconfirmed: why? } }\n");
  said = plant.dmigate({"profile", "lint", "m.yaml"});
  CHECK(said.status == 0);
  CHECK(said.out == "m.yaml:3:40: warning: unconfirmed: system-uuid: why?\n0 errors, 1 warning\n");
  CHECK(parse_any(plant.dmigate({"profile", "lint", "--json", kModel}).out).as_array().empty());
}

TEST_CASE("lint without an operand lints the station's folders, with a folder all that is in it") {
  const Plant plant;
  CHECK(plant.dmigate({"profile", "lint"}).status == 2);  // the plant's own folder is empty yet
  write_file(plant / "profiles/m.yaml", "profile: m\nversion: 1\nfields: { system-uuid: {} }\n");
  write_file(plant / "profiles/tools/t.yaml", "tool: t\n");
  const Ended said = plant.dmigate({"profile", "lint"});
  CHECK(said.status == 2);
  CHECK(contains(said.out, "profiles/tools/t.yaml:1:1: error: "));
  fs::remove(plant / "profiles/tools/t.yaml");
  CHECK(plant.dmigate({"profile", "lint"}).out == "no errors, no warnings\n");
  CHECK(plant.dmigate({"profile", "lint", "nowhere/"}).status == 2);
}

TEST_CASE("station.yaml is linted like a profile, by its name or its keys") {
  const Plant plant;
  for (const char* name : {"station.yaml", "other.yaml"}) {
    fs::create_directory(plant / "lint");
    const std::string file = plant / ("lint/" + std::string(name));
    write_file(file, "line: L3\nstage: heating\nlanguag: zh\n");
    Start start = plant.call({"profile", "lint", file});
    Ended said = run(start);
    CHECK(said.status == 2);
    CHECK(contains(said.out, std::string(name) + ":2:8: error: there is no stage `heating`\n"));
    CHECK(contains(said.out,
                   std::string(name) + ":3:1: error: unknown key `languag`; did you mean `language`?\n"));
    write_file(file, "line: L3\nstage: ship\n");
    said = run(start);
    CHECK(said.status == 0);
    CHECK(said.out == "no errors, no warnings\n");
    fs::remove_all(plant / "lint");
  }
}

TEST_CASE("hostile names and values come out as one line each, and steer no terminal") {
  const Plant plant;
  write_file(plant / "m.yaml", "profile: \"a\\e[31mb\\nc\"\nversion: 1\nfields: { \"x\\n\\e[2Jy\": {} }\n");
  for (const Words& words : {Words{"profile", "lint", "m.yaml"},
                             {"profile", "show", "m.yaml"},
                             {"profile", "diff", "m.yaml", "cx-e500"}}) {
    const Ended said = plant.dmigate(words);
    CHECK(said.status == 2);
    CHECK_FALSE(contains(said.out + said.err, "\x1B"));
  }
  const Ended as_json = plant.dmigate({"profile", "lint", "--json", "m.yaml"});
  CHECK(parse_any(as_json.out).as_array().size() == 2);
  write_file(plant / "m.yaml",
             "profile: m\nversion: 1\ndescription: \"\\e[31mred\"\nfields: { system-family: { equals: "
             "\"a\\e[2Jb\" } }\n");
  const Ended shown = plant.dmigate({"profile", "show", "m.yaml"});
  CHECK(shown.status == 0);
  CHECK_FALSE(contains(shown.out, "\x1B"));
  CHECK(contains(shown.out, "equals: a\\x1B[2Jb"));
}

TEST_CASE("show prints every rule with the file and line that it comes from") {
  const Plant plant;
  Ended said = plant.dmigate({"profile", "show", "cx-e500"});
  CHECK(said.status == 0);
  CHECK(said.err.empty());
  CHECK(said.out.starts_with("cx-e500 v1  CX E500 desktop\n"));
  CHECK(contains(said.out, "pattern: CX[0-9]{7}"));
  CHECK(contains(said.out, "  cx-e500.yaml:22\n"));
  CHECK(contains(said.out, "  cmge.yaml:"));
  CHECK(said.out == plant.dmigate({"profile", "show", kModel}).out);

  const json::object shown = parse_line(plant.dmigate({"profile", "show", "--json", "cx-e500"}).out);
  CHECK(text(shown, "schema") == "dmigate.profile/1");
  CHECK(shown.at("version") == 1);
  CHECK(shown.at("extends").as_array().size() == 2);
  bool found = false;
  for (const json::value& rule : shown.at("rules").as_array()) {
    const json::object& object = rule.as_object();
    if (text(object, "name") != "system-uuid" || text(object, "what") != "unique") continue;
    found = true;
    CHECK(text(object.at("from").as_object(), "profile") == "cmge");
    CHECK(text(object.at("from").as_object(), "file") == "catalog/cmge.yaml");
    CHECK(object.at("from").as_object().at("line").as_int64() > 0);
  }
  CHECK(found);
  CHECK(plant.dmigate({"profile", "show", "cx-e50"}).status == 2);
  CHECK(plant.dmigate({"profile", "show", "nowhere.yaml"}).status == 2);
}

TEST_CASE("list names the models and sets of the folders and what ships") {
  const Plant plant;
  write_file(plant / "profiles/broken.yaml", "profile: broken\n");
  const Ended said = plant.dmigate({"profile", "list"});
  CHECK(said.status == 0);
  CHECK(contains(said.out, "cx-e500 "));
  CHECK(contains(said.out, "catalog/windows-oem.yaml"));
  CHECK(contains(said.out, "does not hold: see profile lint"));
  const json::object listed = parse_line(plant.dmigate({"profile", "list", "--json"}).out);
  CHECK(text(listed, "schema") == "dmigate.profile-list/1");
  for (const json::value& value : listed.at("profiles").as_array()) {
    const json::object& row = value.as_object();
    if (text(row, "name") == "broken") CHECK_FALSE(text(row, "problem").empty());
    if (text(row, "name") == "cx-e500") CHECK(text(row, "kind") == "model");
    if (text(row, "name") == "cmge") CHECK(text(row, "kind") == "set");
  }
}

TEST_CASE("diff ends with 0 for the same meaning, 1 for another, 2 where one does not hold") {
  const Plant plant;
  write_file(plant / "same.yaml",
             "# the same\n" + edited(model_text(), {{"[H310CM-A, H310CM-B]", "[H310CM-B, H310CM-A]"}}));
  Ended said = plant.dmigate({"profile", "diff", "cx-e500", "same.yaml"});
  CHECK(said.status == 0);
  CHECK(said.out == "the two ask the same\n");
  write_file(plant / "other.yaml",
             edited(model_text(), {{"version: 1", "version: 2"}, {"'CX[0-9]{7}' }", "'CX[0-9]{8}' }"}}));
  said = plant.dmigate({"profile", "diff", "cx-e500", "other.yaml"});
  CHECK(said.status == 1);
  CHECK(said.out ==
        "~ profile  version: 1  ->  version: 2\n"
        "~ fields system-serial-number  pattern: CX[0-9]{7}  ->  pattern: CX[0-9]{8}\n");
  said = plant.dmigate({"profile", "diff", "--json", "cx-e500", "other.yaml"});
  CHECK(said.status == 1);
  const json::object told = parse_line(said.out);
  CHECK(text(told, "schema") == "dmigate.profile-diff/1");
  CHECK(told.at("same") == false);
  CHECK(told.at("changes").as_array().size() == 2);
  CHECK(plant.dmigate({"profile", "diff", "cx-e500", "nowhere.yaml"}).status == 2);
  CHECK(plant.dmigate({"profile", "diff", "cx-e500"}).status == 2);
}

TEST_CASE("test says of each unit whether it is as expected, and ends with 1 where one is not") {
  const Plant plant;
  fs::create_directory(plant / "units");
  dump(plant, "units/good.bin", {});
  dump(plant, "units/empty.bin", {{"system-serial-number: CX2600417", "system-serial-number: null"}});
  const std::string head = "profile: cx-e500\nunits:\n  - { unit: good.bin, expect: PASS }\n";
  write_file(plant / "units/expect.yaml",
             head + "  - { unit: empty.bin, expect: FAIL, findings: [field.empty system-serial-number] }\n");
  Ended said = plant.dmigate({"profile", "test", "units"});
  CHECK(said.status == 0);
  CHECK(said.out ==
        "ok  good.bin   -  PASS\n"
        "ok  empty.bin  -  FAIL: field.empty system-serial-number\n"
        "cx-e500 v1: 2 of 2 as expected\n");
  write_file(plant / "units/expect.yaml", head + "  - { unit: empty.bin, expect: PASS, stage: ship }\n");
  said = plant.dmigate({"profile", "test", "units"});
  CHECK(said.status == 1);
  CHECK(
      contains(said.out, "WRONG  empty.bin  ship  FAIL: field.empty system-serial-number; expected PASS\n"));
  said = plant.dmigate({"profile", "test", "units", "--json"});
  CHECK(said.status == 1);
  const json::object told = parse_line(said.out);
  CHECK(text(told, "schema") == "dmigate.profile-test/1");
  CHECK(told.at("as_expected") == false);
  CHECK(told.at("units").as_array().size() == 2);
  said = plant.dmigate({"profile", "test", "profiles"});
  CHECK(said.status == 2);
  CHECK(contains(said.err, "there is no expect.yaml in this folder"));
}

TEST_CASE("learn writes a draft that loads and that its units pass; what it cannot read is exit 3") {
  const Plant plant;
  const std::string one = dump(plant, "one.bin", {});
  const std::string two = dump(plant, "two.bin", {{"CX2600417", "CX2600418"}, {"c4d513", "c4d514"}});
  const Ended said = plant.dmigate({"profile", "learn", one, two, "--name", "draft"});
  CHECK(said.status == 0);
  CHECK(said.err.empty());
  write_file(plant / "draft.yaml", said.out);
  CHECK(plant.dmigate({"profile", "lint", "draft.yaml"}).status == 0);
  for (const std::string& unit : {one, two})
    CHECK(plant.dmigate({"check", unit, "--profile", "./draft.yaml"}).status == 0);
  CHECK(plant.dmigate({"profile", "learn", one, "nowhere.bin"}).status == 3);
  CHECK(plant.dmigate({"profile", "learn", one, "--extends", "nosuch"}).status == 2);
  CHECK(plant.dmigate({"profile", "learn", one, "--name", "No Name"}).status == 2);
  CHECK(plant.dmigate({"profile", "learn"}).status == 2);
}
