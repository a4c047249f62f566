// Wrong usage: exit 2, one sentence on stderr, nothing on stdout, nothing recorded, nothing started.
// And what --help tells.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

struct Row {
  Words arguments;
  const char* sentence;
};

// UNIT stands for a good unit's folder.
const Row kWrong[] = {
    {{}, "A subcommand is required; dmigate --help tells how it is called"},
    {{"chek", "UNIT"}, "there is no command `chek`; did you mean `check`?"},
    {{"registry"}, "A subcommand is required; dmigate --help tells how it is called"},
    {{"profile"}, "A subcommand is required; dmigate --help tells how it is called"},
    {{"profile", "explan"}, "there is no command `profile explan`; did you mean `explain`?"},
    {{"profile", "explain", "system-uuid", "system-uuid"}, "`system-uuid` is one word too many for explain"},
    {{"registry", "sttus"}, "there is no command `registry sttus`; did you mean `status`?"},
    {{"check", "UNIT", "--stge", "ship"}, "check has no option `--stge`; did you mean `--stage`?"},
    {{"check", "UNIT", "UNIT"}, "`UNIT` is one word too many for check"},
    {{"check", "UNIT", "--set", "system-serial-number=CX2600417"}, "check has no option `--set`"},
    {{"check", "UNIT", "--stage", "pre-heat"},
     "there is no stage \"pre-heat\"; the stages are incoming, pre-burn, post-burn, pre-image, post-image, "
     "ship"},
    {{"check", "UNIT", "--stage", ""}, "--stage is given without a value; give one, or leave it out"},
    {{"check", ""}, "SOURCE is given without a value; give one, or leave it out"},
    {{"check", "UNIT", "--unit", ""}, "--unit is given without a value; give one, or leave it out"},
    {{"check", "UNIT", "--unit", " \r\n"}, "--unit is given only blanks; scan the label again"},
    {{"check", "UNIT", "--registry", "", "--stage", "ship"},
     "--registry is given without a value; give one, or leave it out"},
    {{"check", "UNIT", "--dry-run", "--stage", "ship"},
     "a stage is always recorded: --dry-run and --registry none do not go with it; leave the stage out, or "
     "name a "
     "registry"},
    {{"check", "UNIT", "--registry", "none", "--stage", "ship"},
     "a stage is always recorded: --dry-run and --registry none do not go with it; leave the stage out, or "
     "name a "
     "registry"},
    {{"burn", "UNIT", "--registry", "none", "--set", "system-serial-number=CX2600417"},
     "a stage is always recorded: --dry-run and --registry none do not go with it; leave the stage out, or "
     "name a "
     "registry"},
    {{"run", "UNIT", "--registry", "none", "--stage", "ship", "--", "touch", "started"},
     "a stage is always recorded: --dry-run and --registry none do not go with it; leave the stage out, or "
     "name a "
     "registry"},
    {{"burn", "UNIT", "--dry-run", "--set", "system-serial-number=CX2600417"},
     "burn has no option `--dry-run`"},
    {{"run", "UNIT", "--dry-run", "--stage", "ship", "--", "touch", "started"},
     "run has no option `--dry-run`"},
    {{"burn", "UNIT", "--stage", "ship", "--set", "system-serial-number=CX2600417"},
     "a burn is made at stage pre-burn; leave --stage out"},
    {{"burn", "UNIT"},
     "nothing is to be burnt; give each value with --set KEYWORD=VALUE, or a work order with --order; a unit "
     "whose burn "
     "failed needs its label only"},
    {{"burn", "UNIT", "--set", "system-serial-number"},
     "--set takes KEYWORD=VALUE, not \"system-serial-number\""},
    {{"burn", "UNIT", "--set", "=CX2600417"}, "--set takes KEYWORD=VALUE, not \"=CX2600417\""},
    {{"burn", "UNIT", "--set", "system-serial-number=CX2600417", "--set", "system-serial-number=CX2600417"},
     "`system-serial-number` is to be burnt twice; give one value for it"},
    {{"burn", "UNIT", "--set", "bios-version=5.13"},
     "profile cx-e500 does not have `bios-version` burnt; name one of the fields of its `burn` section"},
    {{"burn", "UNIT", "--set", "system-serial-nummer=CX2600417"},
     "profile cx-e500 does not have `system-serial-nummer` burnt; name one of the fields of its `burn` "
     "section"},
    {{"burn", "UNIT", "--set", "system-serial-number=CX2600417", "--tool", "nosuch"},
     "there is no burn tool `nosuch`; describe it in tools/nosuch.yaml beside the profiles"},
    {{"burn", "UNIT", "--set", "system-serial-number=CX2600417", "--timeout", "5"},
     "--timeout takes a time such as 90s, 5m or 1h, not \"5\""},
    {{"run", "UNIT", "--stage", "ship", "--timeout", "25h", "--", "touch", "started"},
     "--timeout takes a time such as 90s, 5m or 1h, not \"25h\""},
    {{"run", "UNIT", "--stage", "ship"}, "no command to run is named; put it after --"},
    {{"run", "UNIT", "--stage", "ship", "--"}, "no command to run is named; put it after --"},
    {{"run", "UNIT", "--", "touch", "started"}, "run is gated by a stage; give --stage S"},
    {{"check", "UNIT", "--", "touch", "started"}, "only run takes a command after --"},
    {{"burn", "UNIT", "--set", "system-serial-number=CX2600417", "--", "touch", "started"},
     "only run takes a command after --"},
    {{"check", "UNIT", "--id", "activation-sn"}, "--id takes NAME=VALUE, not \"activation-sn\""},
    {{"check", "UNIT", "--id", "activation-sn="}, "--id activation-sn= has no value; scan it again"},
    {{"check", "UNIT", "--id", "mac=1"},
     "profile cx-e500 has no identifier `mac`; name one of its `identifiers`"},
    {{"check", "UNIT", "--id", "activation-sn=1", "--id", "activation-sn=1"},
     "identifier activation-sn is given twice"},
    {{"check", "UNIT", "--profile", "nosuch"},
     "there is no profile or base set `nosuch`; give the path of its file, or the folder that it is in "
     "with --profiles"},
    {{"check", "UNIT", "--profile", "./nosuch.yaml"},
     "./nosuch.yaml: cannot be read: No such file or directory; check the path and who may read it"},
    {{"check", "UNIT", "--profile", "windows-oem", "--stage", "ship"},
     "profile windows-oem declares no stage ship; name one of its stages, or add this one to it"},
    {{"check", "UNIT", "--config", "nosuch.yaml"},
     "nosuch.yaml: cannot be read: No such file or directory; check the path and who may read it"},
    {{"check", "UNIT", "--registry", "mysql://me:secret@host/db", "--stage", "pre-burn"},
     "mysql://me:***@host/db: no registry is kept there; name a file, or a server as "
     "postgresql://USER@HOST/DATABASE"},
    {{"check", "UNIT", "--registry", "http://host/"},
     "http://host/: no registry is kept there; name a file, or a server as "
     "postgresql://USER@HOST/DATABASE"},
    {{"registry", "init", "--registry", "sqlite://host/db"},
     "sqlite://host/db: no registry is kept there; name a file, or a server as "
     "postgresql://USER@HOST/DATABASE"},
    {{"registry", "status", "--registry", "postgresql://me:sec@ret@host/db"},
     "postgresql://***: this URL of a registry cannot be read; write "
     "postgresql://USER@HOST:PORT/DATABASE, and what is special in it as %XX (@ is %40)"},
    {{"registry", "status", "--registry", "none"},
     "none: there is no registry to work on; name one with --registry"},
    {{"show", "UNIT", "--type", "256"}, nullptr},
    {{"show", "UNIT", "--type", "one"}, nullptr},
    {{"check", "UNIT", "--lang", "fr"}, nullptr},
    {{"check", "UNIT", "--stage", "incoming", "--stage", "ship"}, nullptr},
    {{"check", "UNIT", "--stage"}, nullptr},
    {{"dump"}, nullptr},
    {{"registry", "lookup"}, nullptr},
    {{"registry", "init", "--json"}, "init has no option `--json`"},
    {{"registry", "retire", "CX2600417", "--by", "Li", "--reason", "lost", "--json"},
     "retire has no option `--json`"},
    {{"registry", "resolve", "CX2600417"}, nullptr},
    {{"registry", "resolve", "CX2600417", "--by", "Li"}, nullptr},
};

std::string as_typed(const Words& words) {
  std::string line = "dmigate";
  for (const std::string& word : words) line += " '" + word + "'";
  return line;
}

}  // namespace

TEST_CASE("wrong usage is exit 2 and one sentence, and nothing happens") {
  const Plant plant;
  const std::string unit = plant.unit("UNIT", "good-unit");
  for (const auto& [arguments, sentence] : kWrong) {
    CAPTURE(as_typed(arguments));
    for (const bool as_json : {false, true}) {
      Words words = arguments;
      const auto dashes = std::ranges::find(words, "--");
      // Where there is no command to take --json, it would be one more thing that is wrong.
      const bool takes_json = !words.empty() && words[0] != "dump" && words[0] != "chek" &&
                              words.back() != "registry" && words.back() != "profile" &&
                              std::ranges::find(words, "init") == words.end();
      if (as_json && takes_json && words.back() != "--stage") words.insert(dashes, "--json");
      const Ended said = plant.dmigate(words);
      CHECK(said.status == 2);
      CHECK(said.out.empty());
      CHECK(lines(said.err) == 1);
      CHECK(said.err.starts_with("dmigate: "));
      if (sentence != nullptr) CHECK(said.err == "dmigate: " + std::string(sentence) + "\n");
    }
    CHECK_FALSE(fs::exists(plant / "started"));
    CHECK_FALSE(fs::exists(unit + "/flash.yaml"));
  }
  CHECK(plant.registry_json(0, {"status"}).at("records") == 0);
}

TEST_CASE("no profile at all, none that is for the unit, and several are told apart") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  // No folder of profiles is known.
  Start start = plant.call({"check", unit});
  write_file(plant / "bare.yaml", "station: L3-S07\n");
  start.env["DMIGATE_CONFIG"] = plant / "bare.yaml";
  Ended said = run(start);
  CHECK(said.status == 2);
  CHECK(said.err ==
        "dmigate: no profile is named, and no folder of profiles is known; give --profile NAME|FILE, or "
        "--profiles "
        "FOLDER, or `profiles:` in station.yaml\n");

  // None is for this unit: the unit's fault, recorded at a stage.
  const std::string stranger = plant.unit("stranger", "good-unit", {{"H310CM-A", "Z999"}});
  const auto verdict = plant.verdict(1, {"check", stranger, "--stage", "ship"});
  CHECK(rules(verdict) == Words{"profile.no-match"});
  CHECK(contains(text(finding(verdict, "profile.no-match"), "message"), "baseboard-product-name \"Z999\""));
  CHECK(verdict.at("recorded") == true);

  // Two say that they are: the configuration's fault.
  for (const char* name : {"one", "two"}) {
    write_file(
        plant / ("profiles/" + std::string(name) + ".yaml"),
        "profile: " + std::string(name) +
            "\nversion: 1\nmatch: { system-product-name: [Twin] }\nfields: { system-product-name: {} }\n");
  }
  const std::string twin = plant.unit("twin", "good-unit", {{"H310CM-A", "Z999"}, {"CX E500", "Twin"}});
  said = plant.dmigate({"check", twin});
  CHECK(said.status == 2);
  CHECK(said.out.empty());
  CHECK(said.err ==
        "dmigate: several profiles are for this unit: one, two; name one with --profile, or make `match` "
        "tell them "
        "apart\n");
  CHECK(plant.dmigate({"check", twin, "--profile", "two"}).status == 0);
}

TEST_CASE("every exit status has its case") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "case-a-1");
  const std::string good = plant.unit("good", "good-unit");
  const auto burn = [&](const std::string& tool) {
    return Words{"burn",   unit,
                 "--unit", "CX2600501",
                 "--tool", tool,
                 "--set",  "system-serial-number=CX2600501",
                 "--set",  "baseboard-serial-number=HB26031501"};
  };
  write_file(plant / "profiles/tools/liar.yaml",
             edited(read_file(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/tools/simulated.yaml"),
                    {{"tool: simulated", "tool: liar"}, {"'{source}']", "'{source}', --lie, nothing]"}}));
  CHECK(plant.dmigate({"check", good}).status == 0);
  CHECK(plant.dmigate({"check", unit}).status == 1);
  CHECK(plant.dmigate({"check", unit, "--stage", "never"}).status == 2);
  CHECK(plant.dmigate({"check", "nowhere"}).status == 3);
  CHECK(plant.dmigate({"run", unit, "--unit", "CX2600501", "--stage", "incoming", "--", "false"}).status ==
        4);
  CHECK(plant.dmigate(burn("liar")).status == 0);
  plant.reboot(unit);
  CHECK(plant.dmigate({"check", unit, "--unit", "CX2600501", "--stage", "post-burn"}).status == 5);
}

TEST_CASE("a check without a stage records nothing and says so; where a registry is named, it is asked") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  CHECK(plant.dmigate({"check", unit}).out == "PASS (not recorded)  (no label)  cx-e500 v1\n");
  CHECK(plant.dmigate({"check", unit, "--dry-run"}).out == "PASS (not recorded)  (no label)  cx-e500 v1\n");
  CHECK(plant.dmigate({"check", unit, "--registry", "none"}).out ==
        "PASS (not recorded)  (no label)  cx-e500 v1\n");
  const auto verdict = plant.verdict(0, {"check", unit, "--unit", "CX2600417"});
  CHECK(verdict.at("recorded") == false);
  CHECK(verdict.at("record").is_null());
  CHECK(verdict.at("stage").is_null());
  CHECK(plant.registry_json(0, {"status"}).at("records") == 0);

  // Another unit has the serial already: the registry that is named knows, `none` does not.
  const std::string twin =
      plant.unit("twin", "good-unit", {{"c4d513", "c4d514"}, {"HB26031187", "HB26031188"}});
  CHECK(plant
            .dmigate({"burn", unit, "--set", "system-serial-number=CX2600417", "--set",
                      "baseboard-serial-number=HB26031187"})
            .status == 0);
  const auto records = plant.registry_json(0, {"status"}).at("records");
  const auto known = plant.verdict(1, {"check", twin});
  CHECK(rules(known).front().starts_with("unique."));
  CHECK(known.at("recorded") == false);
  CHECK(plant.registry_json(0, {"status"}).at("records") == records);
  CHECK(plant.dmigate({"check", twin, "--registry", "none"}).status == 0);
  // One that is named and does not answer is no PASS either.
  CHECK(plant.dmigate({"check", twin, "--registry", "missing.db"}).status == 3);
}

TEST_CASE("an option of which there may be several has one value each time, and the SOURCE may follow it") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const std::string empty = plant.unit("empty", "bare-board");
  CHECK(plant
            .dmigate({"check", "--profile", "windows-oem", "--registry", "none", "--profiles",
                      plant / "profiles", unit})
            .status == 0);
  CHECK(plant
            .dmigate({"check", "--profile", "windows-oem", "--registry", "none", "--profiles",
                      plant / "profiles", empty})
            .status == 1);
  CHECK(plant.dmigate({"show", "--type", "1", "-t", "2", unit}).status == 0);
}

TEST_CASE("a folder of profiles that is not there is an error: other rules than the plant's would count") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const auto ended = plant.dmigate(
      {"check", "--profile", "windows-oem", "--profiles", plant / "plantt", "--registry", "none", unit});
  CHECK(ended.status == 2);
  CHECK(contains(ended.err, "plantt: the folder of profiles is not there"));
}

TEST_CASE("burn and run take no saved table where station.yaml does not allow it") {
  const Plant plant;
  plant.station("");
  const std::string unit = plant.unit("unit", "good-unit");
  for (const Words& arguments :
       {Words{"burn", unit, "--set", "system-serial-number=CX2600417"},
        Words{"run", unit, "--unit", "CX2600417", "--stage", "pre-burn", "--", "touch", "started"}}) {
    const Ended said = plant.dmigate(arguments);
    CHECK(said.status == 2);
    CHECK(said.out.empty());
    CHECK(
        said.err ==
        "dmigate: burn, run and permits take the unit itself and no saved table: a good dump must not open a "
        "station; leave "
        "SOURCE out; for a demonstration, say allow_file_source: true in station.yaml\n");
  }
  // Nor by way of --evidence, or standard input.
  Start by_input =
      plant.call({"run", "-", "--unit", "CX2600417", "--stage", "pre-burn", "--", "touch", "started"});
  by_input.input = read_file(plant.unit("dump", "dump-3.2"));
  CHECK(run(by_input).status == 2);
  CHECK_FALSE(fs::exists(plant / "started"));
  CHECK(plant.dmigate({"check", unit, "--stage", "pre-burn"}).status == 0);
}

TEST_CASE("with --json the output of the command goes to stderr, without it to stdout") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const Words arguments = {"run",      unit, "--unit", "CX2600417", "--stage",
                           "pre-burn", "--", "echo",   "written"};
  const Ended as_text = plant.dmigate(arguments);
  CHECK(as_text.status == 0);
  CHECK(as_text.out.starts_with(
      "written\nPASS  pre-burn  CX2600417  cx-e500 v1\n  the command ended well\n  recorded "));
  CHECK(as_text.err.empty());
  Words with_json = arguments;
  with_json.insert(with_json.begin() + 1, "--json");
  const Ended as_json = plant.dmigate(with_json);
  CHECK(as_json.err == "written\n");
  const auto verdict = parse_line(as_json.out);
  check_form(verdict, 0);
  const json::object& command = verdict.at("command").as_object();
  CHECK(text(command, "output") == "written\n");
  CHECK(command.at("exit_status") == 0);
  CHECK(command.at("output_bytes") == 8);
}

TEST_CASE("--help tells each command's options and the exit statuses") {
  const Plant plant;
  const struct {
    Words command;
    Words told;
  } helps[] = {
      {{}, {"check", "burn", "run", "show", "dump", "evidence", "profile", "registry", "--version"}},
      {{"check"},
       {"SOURCE", "--stage", "--profile", "--unit", "--id", "--evidence", "--registry", "--json", "--lang",
        "--dry-run", "--config", "--station", "--operator", "--work-order", "DMIGATE_REGISTRY",
        "DMIGATE_CONFIG", "standard input"}},
      {{"burn"}, {"SOURCE", "--set", "KEYWORD=VALUE", "--tool", "--timeout", "--unit", "--json"}},
      {{"run"}, {"SOURCE", "--stage", "--timeout", "-- COMMAND", "--unit", "--json"}},
      {{"show"}, {"SOURCE", "--type", "--json"}},
      {{"dump"}, {"FILE", "not overwritten"}},
      {{"evidence"}, {"FILE", "not overwritten"}},
      {{"profile"}, {"list", "show", "lint", "diff", "test", "learn", "explain"}},
      {{"profile", "lint"}, {"FILE|NAME|FOLDER", "--json", "--profiles"}},
      {{"profile", "show"}, {"NAME|FILE", "--json"}},
      {{"profile", "test"}, {"DIR", "expect.yaml", "--profile", "--json"}},
      {{"profile", "learn"}, {"SOURCE", "--name", "--extends"}},
      {{"profile", "explain"}, {"KEYWORD", "--json", "--markdown"}},
      {{"registry"}, {"init", "status", "lookup", "verify", "resolve"}},
      {{"registry", "init"}, {"--registry"}},
      {{"registry", "status"}, {"--registry", "--json"}},
      {{"registry", "lookup"}, {"VALUE", "--json"}},
      {{"registry", "verify"}, {"--json"}},
      {{"registry", "resolve"}, {"UNIT", "--by", "--reason"}},
  };
  for (const auto& [command, told] : helps) {
    Words words = command;
    CAPTURE(as_typed(words));
    words.emplace_back("--help");
    const Ended said = plant.dmigate(words);
    CHECK(said.status == 0);
    CHECK(said.err.empty());
    for (const std::string& word : told) CHECK_MESSAGE(contains(said.out, word), word);
    for (const char* status : {"0 PASS, OBSERVED", "1 FAIL", "2 wrong usage", "3 ERROR",
                               "4 the burn or image command failed", "5 verification after a burn failed"}) {
      CHECK_MESSAGE(contains(said.out, status), status);
    }
  }
  const Ended version = plant.dmigate({"--version"});
  CHECK(version.status == 0);
  std::string number = read_file(std::string(DMIGATE_SOURCE_DIR) + "/VERSION");
  CHECK(version.out == "dmigate " + number);
}
