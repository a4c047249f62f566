// Burn tools that take one field a call, or groups; and burn --plan, which tells what would be called.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kSimulatedTool = std::string(DMIGATE_SOURCE_DIR) + "/fixtures/tools/simulated.yaml";

// A unit like case A's that gets its two serials by a tool made of the simulated one and `more`.
struct Calling {
  Plant plant;
  std::string unit = plant.unit("unit", "case-a-1");

  explicit Calling(const std::string& more) {
    // What a call of its own command does: says which, and is done.
    write_file(plant / "say", "#!/bin/sh\necho \"$@\" >> " + std::string(plant / "said") + "\necho Done\n");
    fs::permissions(plant / "say", fs::perms::owner_all);
    write_file(
        plant / "profiles/tools/caller.yaml",
        edited(read_file(kSimulatedTool), {{"tool: simulated", "tool: caller"}}) +
            edited(more, more.find("SAY") == std::string::npos ? Edits{} : Edits{{"SAY", plant / "say"}}));
  }
  [[nodiscard]] Words burn(const Words& more = {}) const {
    Words arguments = {"burn",   unit,
                       "--unit", "CX2600501",
                       "--tool", "caller",
                       "--set",  "system-serial-number=CX2600501",
                       "--set",  "baseboard-serial-number=HB26031501"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  [[nodiscard]] json::object proof(int status) const {
    plant.reboot(unit);
    return plant.verdict(status, {"check", unit, "--unit", "CX2600501", "--stage", "post-burn"});
  }
};

const json::array& calls(const json::object& verdict) { return verdict.at("calls").as_array(); }

std::string argv(const json::value& call) {
  std::string line;
  for (const json::value& each : call.as_object().at("argv").as_array()) {
    line += (line.empty() ? "" : " ") + std::string(each.as_string());
  }
  return line;
}

// The three groups of the fields of the simulated tool; the second is what `second` makes of it.
std::string grouped(const std::string& second) {
  return "calls:\n"
         "  - [system-serial-number]\n"
         "  - { fields: [baseboard-serial-number], " +
         second +
         " }\n"
         "  - [system-manufacturer, system-product-name, system-version, system-uuid, system-sku-number, "
         "system-family, baseboard-manufacturer, baseboard-product-name, baseboard-version, "
         "baseboard-asset-tag, chassis-manufacturer, chassis-type, chassis-version, chassis-serial-number, "
         "chassis-asset-tag]\n"
         "  - { command: SAY, arguments: [commit] }\n";
}

}  // namespace

TEST_CASE("a tool that takes one field a call is called for each, and the record has every call") {
  const Calling line("calls: each\n");
  const auto verdict = line.plant.verdict(0, line.burn());
  REQUIRE(calls(verdict).size() == 2);
  CHECK(argv(calls(verdict)[0]) == "dmigate-simulated-burner --unit " + line.unit + " /SS CX2600501");
  CHECK(argv(calls(verdict)[1]) == "dmigate-simulated-burner --unit " + line.unit + " /BS HB26031501");
  for (const json::value& call : calls(verdict)) {
    CHECK(call.as_object().at("started") == true);
    CHECK(call.as_object().at("exit_status") == 0);
    CHECK(contains(text(call.as_object(), "output"), "Done"));
  }
  CHECK(verdict.at("command") == calls(verdict)[1]);
  CHECK(text(line.proof(0).at("burn").as_object(), "state") == "verified");
  line.plant.check_registry_is_whole();
}

TEST_CASE("a tool that takes groups is called for those that are burnt, and for what each burn needs") {
  const Calling line(grouped("success: Done"));
  const auto verdict = line.plant.verdict(0, line.burn());
  REQUIRE(calls(verdict).size() == 3);
  CHECK(argv(calls(verdict)[2]) == line.plant / "say commit");
  CHECK(read_file(line.plant / "said") == "commit\n");
  CHECK(text(line.proof(0).at("burn").as_object(), "state") == "verified");
}

TEST_CASE("the first call that fails stops the rest, and the verdict says which") {
  const struct {
    const char* second;
    const char* why;
  } bad[] = {{"command: 'false'", "exit status 1"},
             {"success: Written", "it did not say \"Written\""},
             {"command: sh, arguments: [-c, kill -9 $$]", "signal 9 ended it"}};
  for (const auto& [second, why] : bad) {
    CAPTURE(second);
    const Calling line(grouped(second));
    const auto verdict = line.plant.verdict(4, line.burn());
    CHECK(rules(verdict) == Words{"burn.command"});
    CHECK(text(finding(verdict, "burn.command"), "message") ==
          "call 2 of the 3 that the burn takes failed, and what comes after it was not made: " +
              std::string(why));
    CHECK(calls(verdict)[1].as_object().at("started") == true);
    CHECK(verdict.at("command") == calls(verdict)[1]);
    CHECK(calls(verdict)[2].as_object().at("started") == false);
    CHECK(calls(verdict)[2].as_object().at("exit_status").is_null());
    CHECK_FALSE(fs::exists(line.plant / "said"));
    CHECK(text(verdict.at("burn").as_object(), "state") == "failed");
    line.plant.check_registry_is_whole();
  }
}

TEST_CASE("the time is for all calls together: one for which none is left is not started") {
  const Calling line(grouped("command: sh, arguments: [-c, sleep 100]"));
  const auto verdict = line.plant.verdict(4, line.burn({"--timeout", "500ms"}));
  // On a slow machine already the first takes all of it.
  CHECK(verdict.at("command").as_object().at("timed_out") == true);
  CHECK(calls(verdict)[2].as_object().at("started") == false);
  CHECK_FALSE(fs::exists(line.plant / "said"));
}

TEST_CASE("a call whose command is not there is told before any other is made") {
  const Calling line(grouped("command: no-such-tool"));
  const Ended said = line.plant.dmigate(line.burn());
  CHECK(said.status == 2);
  CHECK(contains(said.err, "no-such-tool: not found in PATH"));
  CHECK_FALSE(fs::exists(line.unit + "/flash.yaml"));
  CHECK(line.plant.registry_json(0, {"status"}).at("records") == 0);
}

TEST_CASE("a value that the tool cannot write is told before anything is burnt or recorded") {
  const Calling line("at_most: 9\n");
  const Ended said = line.plant.dmigate(line.burn());
  CHECK(said.status == 2);
  CHECK(contains(said.err,
                 "the burn tool `caller` writes at most 9 bytes to baseboard-serial-number, and `HB26031501` "
                 "has 10; give a shorter value"));
  CHECK_FALSE(fs::exists(line.unit + "/flash.yaml"));
  CHECK(line.plant.registry_json(0, {"status"}).at("records") == 0);
}

TEST_CASE("a plan says what would be called, quoted for reading, and burns and records nothing") {
  const Calling line("calls: each\n");
  const Ended said = line.plant.dmigate(line.burn({"--plan"}));
  CHECK(said.status == 0);
  CHECK(said.out ==
        "PASS (not recorded)  pre-burn  CX2600501  cx-e500 v1\n  would be run:\n"
        "    dmigate-simulated-burner --unit " +
            line.unit + " /SS CX2600501\n    dmigate-simulated-burner --unit " + line.unit +
            " /BS HB26031501\n  (plan: nothing was burnt)\n");
  const auto verdict = line.plant.verdict(0, line.burn({"--plan"}));
  CHECK(verdict.at("plan") == true);
  CHECK(verdict.at("recorded") == false);
  CHECK(calls(verdict).size() == 2);
  CHECK(calls(verdict)[0].as_object().at("started") == false);
  CHECK_FALSE(verdict.contains("command"));
  CHECK_FALSE(verdict.contains("burn"));
  CHECK_FALSE(fs::exists(line.unit + "/flash.yaml"));
  const auto status = line.plant.registry_json(0, {"status"});
  CHECK(status.at("records") == 0);
  CHECK(status.at("units") == 0);
  CHECK(status.at("work").as_array().empty());
}

TEST_CASE("a plan is refused as the burn would be") {
  const Calling line("");
  Words bad = line.burn({"--plan", "--set", "system-family=CX's"});
  bad[7] = "system-serial-number=Default string";
  const Ended said = line.plant.dmigate(bad);
  CHECK(said.status == 1);
  CHECK(contains(said.out, "FAIL  pre-burn"));
  CHECK(contains(said.out, "would be run, if the unit passed:\n    dmigate-simulated-burner"));
  CHECK(contains(said.out, R"(/SS 'Default string' /BS HB26031501 /SF 'CX'\''s')"));
  CHECK(contains(said.out, "(plan: nothing was burnt)"));

  // Another unit's serial, a unit that is not at its turn, a registry that does not answer.
  CHECK(outcome(line.plant.verdict(0, line.burn())) == "PASS");
  const std::string other = line.plant.unit("other", "case-a-2");
  Words taken = line.burn({"--plan"});
  taken[1] = other;
  taken[3] = "CX2600502";
  const auto verdict = line.plant.verdict(1, taken);
  CHECK(contains(text(finding(verdict, "unique.duplicate"), "message"), "CX2600501"));
  CHECK(rules(line.plant.verdict(1, line.burn({"--plan"}))).front() == "stage.pending-burn");
  CHECK(line.plant.verdict(3, line.burn({"--plan", "--registry", line.plant / "nowhere.db"})).at("plan") ==
        true);
  CHECK(line.plant.dmigate(line.burn({"--plan", "--registry", "none"})).status == 2);
}
