// station.yaml: what a station always says. Flag over environment over file over default.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kFolders =
    "profiles: [" DMIGATE_SOURCE_DIR "/profiles/examples, " DMIGATE_SOURCE_DIR "/fixtures]\n";

Ended with_file(const Plant& plant, const std::string& text, const Words& arguments) {
  write_file(plant / "station.yaml", text);
  return plant.dmigate(arguments);
}

std::string member(const Ended& said, const char* name) {
  return text(parse_line(said.out).at("station").as_object(), name);
}

}  // namespace

TEST_CASE("a station says everything in its file") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  write_file(plant / "station.yaml",
             kFolders +
                 "station: L9-S01\nline: L9\nstage: pre-burn\nregistry: ./registry.db\n"
                 "language: zh\nburn_tool: simulated\nrequire: [operator, unit]\n"
                 "registry_timeout: 2s\nallow_file_source: true\n"
                 "allow_registry_on: [tmpfs, ramfs, overlay]\n");
  const auto verdict = plant.verdict(0, {"check", unit, "--unit", "CX2600417", "--operator", "Li"});
  CHECK(text(verdict, "stage") == "pre-burn");
  CHECK(verdict.at("recorded") == true);
  const json::object& station = verdict.at("station").as_object();
  CHECK(text(station, "id") == "L9-S01");
  CHECK(text(station, "line") == "L9");
  CHECK(text(station, "operator") == "Li");
  // run is gated by the station's stage; a burn is made before it, whatever the station's stage.
  CHECK(outcome(plant.verdict(0, {"run", unit, "--unit", "CX2600417", "--operator", "Li", "--", "true"})) ==
        "PASS");
  write_file(plant / "station.yaml",
             edited(read_file(plant / "station.yaml"), {{"stage: pre-burn", "stage: ship"}}));
  const auto burn =
      plant.verdict(0, {"burn", unit, "--unit", "CX2600417", "--operator", "Li", "--set",
                        "system-serial-number=CX2600417", "--set", "baseboard-serial-number=HB26031187"});
  CHECK(text(burn, "stage") == "pre-burn");
  // A check that is not recorded does not take the station's stage.
  const Ended dry = plant.dmigate({"check", unit, "--dry-run"});
  CHECK(dry.status == 0);
  CHECK(contains(dry.out, "PASS (not recorded)"));
}

TEST_CASE("what does not hold in station.yaml is named with its place, all of it at once") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const struct {
    const char* text;
    const char* sentence;
  } bad[] = {
      {"statoin: L3\n", "station.yaml:1:1: unknown key `statoin`; did you mean `station`?"},
      {"station: A\nstation: B\n", "station.yaml:2:1: "},
      {"stage: heating\n", "station.yaml:1:8: there is no stage `heating`"},
      {"language: fr\n", "station.yaml:1:11: `language` is en or zh"},
      {"require: [operater]\n",
       "station.yaml:1:11: `operater` is none of what `require` knows; did you mean `operator`?"},
      {"allow_registry_on: [tmpf]\n",
       "station.yaml:1:21: `tmpf` is none of what `allow_registry_on` knows; did you mean `tmpfs`?"},
      {"fixtures: [00:1b:21:aa:bb:1]\n",
       "station.yaml:1:12: `00:1b:21:aa:bb:1` is no MAC address; write 00:1b:21:aa:bb:01"},
      {"fixtures: [ff:ff:ff:ff:ff:ff]\n",
       "station.yaml:1:12: `ff:ff:ff:ff:ff:ff` is no one adapter's address; read its own"},
      {"fixtures: ['88:88:88:88:87:88']\n",
       "station.yaml:1:12: `88:88:88:88:87:88` is no one adapter's address; read its own"},
      {"fixtures: [00-1B-21-AA-BB-01, '001b21aabb01']\n", "station.yaml:1:31: `001b21aabb01` is named twice"},
      {"fixtures: 00-1B-21-AA-BB-01\n", "station.yaml:1:11: `fixtures` must be a list of texts: [a, b]"},
      {"registry_timeout: 5\n", "station.yaml:1:19: `registry_timeout` is a time such as 5s or 500ms"},
      {"allow_file_source: maybe\n", "station.yaml:1:20: "},
      {"station: [a, b]\n", "station.yaml:1:10: "},
      {"- a\n", "station.yaml:1:1: "},
      {"station: \"a\\e[31mb\"\n", "the station's name has characters that cannot be printed: a\\x1B[31mb"},
  };
  for (const auto& [text, sentence] : bad) {
    CAPTURE(std::string(text));
    const Ended said = with_file(plant, text, {"check", unit});
    CHECK(said.status == 2);
    CHECK(said.out.empty());
    CHECK_MESSAGE(contains(said.err, sentence), said.err);
  }
  const Ended said = with_file(plant, "statoin: L3\nlaguage: zh\n", {"check", unit});
  CHECK(contains(said.err, "station.yaml:1:1: "));
  CHECK(contains(said.err, "station.yaml:2:1: "));
  CHECK(lines(said.err) == 2);
}

TEST_CASE("what a station requires must come with every call that is recorded") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  plant.station("allow_file_source: true\nrequire: [operator, work_order, lot, shift, unit]\n");
  Words arguments = {"check", unit, "--stage", "pre-burn"};
  const struct {
    const char* name;
    const char* option;
    const char* value;
  } required[] = {{"operator", "--operator", "Li"},
                  {"work_order", "--work-order", "WO-1"},
                  {"lot", "--lot", "7"},
                  {"shift", "--shift", "B"},
                  {"unit", "--unit", "CX2600417"}};
  for (const auto& [name, option, value] : required) {
    const Ended said = plant.dmigate(arguments);
    CHECK(said.status == 2);
    CHECK(said.err ==
          "dmigate: this station requires `" + std::string(name) + "`; give it with " + option + "\n");
    arguments.insert(arguments.end(), {option, value});
  }
  const auto verdict = plant.verdict(0, arguments);
  const json::object& station = verdict.at("station").as_object();
  CHECK(text(station, "operator") == "Li");
  CHECK(text(station, "work_order") == "WO-1");
  CHECK(text(station, "lot") == "7");
  CHECK(text(station, "shift") == "B");
  CHECK(plant.dmigate({"check", unit}).status == 0);  // nothing is recorded
}

TEST_CASE("what a station requires is not given by blanks, and a station has a name") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  plant.station("require: [operator]\n");
  CHECK(plant.dmigate({"check", unit, "--stage", "pre-burn", "--operator", " \t"}).status == 2);
  write_file(plant / "station.yaml", "station: ' '\n");
  CHECK(plant.dmigate({"check", unit}).status == 2);
}

TEST_CASE("a station's stage is recorded, or refused where there is no registry") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  plant.station("stage: pre-image\n");
  CHECK(plant.dmigate({"check", unit, "--registry", "none"}).status == 2);
  const Ended run = plant.dmigate({"run", unit, "--registry", "none", "--", "touch", plant / "ran"});
  CHECK(run.status == 2);
  CHECK_FALSE(fs::exists(plant / "ran"));
  CHECK(plant.dmigate({"check", unit, "--dry-run"}).status == 0);  // asked for by the caller
}

TEST_CASE("paths in station.yaml start at its folder, those on the command line at the caller's") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  fs::create_directories(plant / "etc/models");
  fs::copy(std::string(DMIGATE_SOURCE_DIR) + "/profiles/examples/cx-e500.yaml", plant / "etc/models");
  write_file(plant / "etc/station.yaml",
             "registry: line.db\nprofiles: [models]\nallow_registry_on: [tmpfs, ramfs, overlay]\n");
  CHECK(plant.dmigate({"registry", "init", "--config", "etc/station.yaml"}).out ==
        "registry made: etc/line.db\n");
  Start start = plant.call({"check", unit, "--unit", "CX2600417", "--stage", "pre-burn", "--json"});
  start.env["DMIGATE_CONFIG"] = "etc/station.yaml";
  CHECK(run(start).status == 0);
  start.folder = "/";
  start.env["DMIGATE_CONFIG"] = plant / "etc/station.yaml";
  CHECK(run(start).status == 0);
  const auto status = [&](const std::string& registry) {
    return plant.registry_json(0, {"status", "--registry", registry}).at("records").as_int64();
  };
  CHECK(status("etc/line.db") == 2);
  CHECK(status("registry.db") == 0);
}

TEST_CASE("flag over environment over file over default") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const Words check = {"check", unit, "--json"};
  char host[256] = {};
  REQUIRE(::gethostname(host, sizeof host - 1) == 0);
  CHECK(member(with_file(plant, kFolders, check), "id") == host);
  CHECK(member(with_file(plant, kFolders + "station: file\nline: file\n", check), "id") == "file");

  Start start = plant.call(check);
  start.env["DMIGATE_STATION"] = "environment";
  start.env["DMIGATE_LINE"] = "environment";
  start.env["DMIGATE_OPERATOR"] = "environment";
  start.env["DMIGATE_WORK_ORDER"] = "environment";
  start.env["DMIGATE_LOT"] = "environment";
  start.env["DMIGATE_SHIFT"] = "environment";
  for (const char* name : {"id", "line", "operator", "work_order", "lot", "shift"}) {
    CHECK(member(run(start), name) == "environment");
  }
  start.argv.insert(start.argv.end(), {"--station", "flag", "--line", "flag", "--operator", "flag",
                                       "--work-order", "flag", "--lot", "flag", "--shift", "flag"});
  for (const char* name : {"id", "line", "operator", "work_order", "lot", "shift"}) {
    CHECK(member(run(start), name) == "flag");
  }

  // The registry, likewise: the one that is asked has nothing, or is not there.
  write_file(plant / "station.yaml", kFolders + "registry: missing-by-file.db\n");
  Start which = plant.call({"registry", "status"});
  CHECK(contains(run(which).err, "missing-by-file.db"));
  which.env["DMIGATE_REGISTRY"] = "missing-by-environment.db";
  CHECK(contains(run(which).err, "missing-by-environment.db"));
  which.argv.insert(which.argv.end(), {"--registry", "missing-by-flag.db"});
  CHECK(contains(run(which).err, "missing-by-flag.db"));

  // --config over DMIGATE_CONFIG.
  write_file(plant / "other.yaml", kFolders + "station: other\n");
  CHECK(member(plant.dmigate({"check", unit, "--json", "--config", "other.yaml"}), "id") == "other");
  // A folder of profiles, named in the environment.
  Start folders = plant.call(check);
  write_file(plant / "station.yaml", "station: S\n");
  folders.env["DMIGATE_PROFILES"] = DMIGATE_SOURCE_DIR "/profiles/examples";
  CHECK(run(folders).status == 0);
  if (fs::exists("/etc/dmigate/station.yaml")) {
    MESSAGE("this machine has /etc/dmigate/station.yaml");
  } else {
    MESSAGE("left out: /etc/dmigate/station.yaml is the machine's own and not for a test to write");
  }
}

TEST_CASE("the language is the flag's, the environment's, the file's, the locale's, and English") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "case-a-1");
  const auto chinese = [&](const std::string& file,
                           const std::map<std::string, std::optional<std::string>>& env, const Words& more) {
    write_file(plant / "station.yaml", kFolders + file);
    Words arguments = {"check", unit};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Start start = plant.call(arguments);
    start.env["LC_ALL"] = start.env["LC_MESSAGES"] = start.env["LANG"] = std::nullopt;
    for (const auto& [name, value] : env) start.env[name] = value;
    const Ended said = run(start);
    CHECK(said.status == 1);
    const bool is_chinese = contains(said.out, "不合格");
    CHECK(contains(said.out, is_chinese ? "从未写入" : "it was never written"));
    return is_chinese;
  };
  CHECK_FALSE(chinese("", {}, {}));
  CHECK(chinese("", {{"LANG", "zh_CN.UTF-8"}}, {}));
  CHECK_FALSE(chinese("", {{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", "C"}}, {}));
  CHECK(chinese("", {{"LANG", "C"}, {"LC_MESSAGES", "zh_TW"}}, {}));
  CHECK(chinese("language: zh\n", {{"LC_ALL", "C"}}, {}));
  CHECK_FALSE(chinese("language: en\n", {{"LC_ALL", "zh_CN.UTF-8"}}, {}));
  CHECK_FALSE(chinese("language: zh\n", {{"DMIGATE_LANG", "en"}}, {}));
  CHECK(chinese("language: zh\n", {{"DMIGATE_LANG", "en"}}, {"--lang", "zh"}));
}

TEST_CASE("a registry on a file system that forgets is refused, unless the station allows it") {
  if (::access("/dev/shm", W_OK | X_OK) != 0) {
    MESSAGE("left out: no /dev/shm to put a registry on");
    return;
  }
  const Plant plant;
  std::string folder = "/dev/shm/dmigate-test-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string registry = folder + "/registry.db";
  const Words init = {"registry", "init", "--registry", registry};
  const Ended refused = with_file(plant, "station: S\n", init);
  CHECK(refused.status == 3);
  CHECK(contains(refused.err, "a registry does not belong on tmpfs"));
  CHECK(contains(refused.err, "allow_registry_on: [tmpfs]"));
  CHECK_FALSE(fs::exists(registry));
  CHECK(with_file(plant, "allow_registry_on: [tmpfs]\n", init).status == 0);
  CHECK(fs::exists(registry));
  fs::remove_all(folder);
}
