// Burn tools lie, fail and hang; what was burnt is believed only after a reboot.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "gate/evidence/evidence.h"
#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kToolFile = std::string(DMIGATE_SOURCE_DIR) + "/fixtures/tools/simulated.yaml";

// The simulated tool, made to lie.
void add_liar(const Plant& plant, const std::string& lie) {
  write_file(plant / ("profiles/tools/" + lie + ".yaml"),
             edited(read_file(kToolFile), {{"tool: simulated", "tool: " + lie},
                                           {"'{source}']", "'{source}', --lie, " + lie + "]"}}));
}

// A unit like case A's that gets its two serials by `tool`.
struct Burning {
  Plant plant;
  std::string unit = plant.unit("unit", "case-a-1");

  [[nodiscard]] Words burn(const std::string& tool, const Words& more = {}) const {
    Words arguments = {"burn",   unit,
                       "--unit", "CX2600501",
                       "--tool", tool,
                       "--set",  "system-serial-number=CX2600501",
                       "--set",  "baseboard-serial-number=HB26031501"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  [[nodiscard]] Words at(const std::string& stage) const {
    return {"check", unit, "--unit", "CX2600501", "--stage", stage};
  }
  [[nodiscard]] std::string burn_state(const json::object& verdict) const {
    return text(verdict.at("burn").as_object(), "state");
  }
  // An honest burn and its proof end every story well.
  void cure() const {
    CHECK(burn_state(plant.verdict(0, burn("simulated"))) == "pending");
    plant.reboot(unit);
    CHECK(burn_state(plant.verdict(0, at("post-burn"))) == "verified");
    CHECK(outcome(plant.verdict(0, at("pre-image"))) == "PASS");
    CHECK(plant.registry_json(0, {"status"}).at("units") == 1);
    CHECK(plant.registry_json(0, {"status"}).at("claims").as_object().at("retired") == 0);
    plant.check_registry_is_whole();
  }
};

}  // namespace

TEST_CASE("a tool that says Done and has not written it all is found out after the reboot, field by field") {
  const Burning line;
  const struct {
    const char* lie;
    Words mismatches;
    Words found;
  } lies[] = {{"nothing", {"system-serial-number", "baseboard-serial-number"}, {"", ""}},
              {"half", {"baseboard-serial-number"}, {""}},
              {"other", {"system-serial-number", "baseboard-serial-number"}, {"CX2600500", "HB26031500"}}};
  for (const auto& [lie, mismatches, found] : lies) {
    CAPTURE(lie);
    add_liar(line.plant, lie);
    CHECK(line.burn_state(line.plant.verdict(0, line.burn(lie))) == "pending");
    line.plant.reboot(line.unit);
    const auto verdict = line.plant.verdict(5, line.at("post-burn"));
    CHECK(line.burn_state(verdict) == "mismatch");
    Words keywords, values;
    for (const json::value& value : verdict.at("findings").as_array()) {
      if (text(value.as_object(), "rule") != "burn.mismatch") continue;
      keywords.push_back(text(value.as_object(), "keyword"));
      values.push_back(value.as_object().at("found").is_null() ? "" : text(value.as_object(), "found"));
      CHECK(text(value.as_object(), "expected")
                .starts_with(keywords.back()[0] == 's' ? "CX2600501" : "HB26031501"));
    }
    CHECK(keywords == mismatches);
    // And field by field, those that are right included.
    const json::array& compared = verdict.at("burn").as_object().at("compared").as_array();
    REQUIRE(compared.size() == 2);
    for (const json::value& value : compared) {
      const json::object& field = value.as_object();
      const bool lost = std::ranges::find(mismatches, text(field, "keyword")) != mismatches.end();
      CHECK(field.at("equal") == !lost);
      CHECK(text(field, "intended") ==
            (field.at("keyword") == "system-serial-number" ? "CX2600501" : "HB26031501"));
      CHECK(text(field, "state") == (field.at("found").is_null() ? "no-string" : "present"));
      CHECK((text(field, "found") == text(field, "intended")) == !lost);
    }
    CHECK(values == found);
    // It opens nothing, and asking again gives the same answer.
    const auto held_back = line.plant.verdict(1, line.at("pre-image"));
    CHECK(rules(held_back).front() == "stage.pending-burn");
    CHECK(line.burn_state(line.plant.verdict(5, line.at("post-burn"))) == "mismatch");
  }
  line.cure();
}

TEST_CASE("a unit whose burn failed is burnt again by one command, with the values that it was to get") {
  const Burning line;
  const Words again = {"burn", line.unit, "--unit", "CX2600501"};
  const std::string nothing =
      "dmigate: nothing is to be burnt; give each value with --set KEYWORD=VALUE, or a work order with "
      "--order; a "
      "unit whose burn failed needs its label only\n";
  CHECK(line.plant.dmigate(again).err == nothing);  // it was never burnt

  add_liar(line.plant, "word-and-fail");
  CHECK(line.burn_state(line.plant.verdict(4, line.burn("word-and-fail"))) == "failed");
  add_liar(line.plant, "other");
  Words by_liar = again;
  by_liar.insert(by_liar.end(), {"--tool", "other"});
  auto verdict = line.plant.verdict(0, by_liar);
  CHECK(line.burn_state(verdict) == "pending");
  CHECK(json::serialize(verdict.at("burn").as_object().at("intended")) ==
        R"([{"keyword":"system-serial-number","value":"CX2600501"},)"
        R"({"keyword":"baseboard-serial-number","value":"HB26031501"}])");
  CHECK(rules(line.plant.verdict(1, again)).front() == "stage.pending-burn");  // while it is not proved

  line.plant.reboot(line.unit);
  CHECK(line.burn_state(line.plant.verdict(5, line.at("post-burn"))) == "mismatch");
  CHECK(line.burn_state(line.plant.verdict(0, again)) == "pending");
  line.plant.reboot(line.unit);
  CHECK(line.burn_state(line.plant.verdict(0, line.at("post-burn"))) == "verified");
  CHECK(line.plant.dmigate(again).err == nothing);  // there is nothing to be burnt again
  CHECK(line.plant.dmigate({"burn", line.unit}).err == nothing);
  CHECK(line.plant.verdict(3, {"burn", line.unit, "--unit", "CX2600501", "--registry", "nowhere.db"})
            .at("findings")
            .as_array()
            .size() == 1);
  line.plant.check_registry_is_whole();
}

TEST_CASE("a tool that says Done and exits with 1 has failed") {
  const Burning line;
  add_liar(line.plant, "word-and-fail");
  const auto verdict = line.plant.verdict(4, line.burn("word-and-fail"));
  CHECK(rules(verdict) == Words{"burn.command"});
  CHECK(verdict.at("command").as_object().at("exit_status") == 1);
  CHECK(line.burn_state(verdict) == "failed");
  CHECK(rules(line.plant.verdict(1, line.at("pre-image"))).front() == "stage.pending-burn");
  line.cure();
}

TEST_CASE("a tool that ends well and does not say its word has failed") {
  const Burning line;
  write_file(line.plant / "profiles/tools/mute.yaml",
             edited(read_file(kToolFile),
                    {{"tool: simulated", "tool: mute"}, {"success: Done", "success: Written"}}));
  const auto verdict = line.plant.verdict(4, line.burn("mute"));
  CHECK(verdict.at("command").as_object().at("exit_status") == 0);
  CHECK(contains(text(finding(verdict, "burn.command"), "message"), "Written"));
  line.cure();
}

TEST_CASE("a tool that hangs is ended when its time is up") {
  const Burning line;
  add_liar(line.plant, "hang");
  const auto verdict = line.plant.verdict(4, line.burn("hang", {"--timeout", "50ms"}));
  CHECK(rules(verdict) == Words{"burn.command"});
  CHECK(verdict.at("command").as_object().at("timed_out") == true);
  CHECK(line.burn_state(verdict) == "failed");
  line.cure();
}

TEST_CASE("a tool that leaves a process behind has burnt, and what it left is ended") {
  const Burning line;
  add_liar(line.plant, "fork");
  CHECK(line.burn_state(line.plant.verdict(0, line.burn("fork"))) == "pending");
  line.plant.reboot(line.unit);
  CHECK(line.burn_state(line.plant.verdict(0, line.at("post-burn"))) == "verified");
}

TEST_CASE("of a tool that prints without end the record keeps the beginning and the end") {
  const Burning line;
  add_liar(line.plant, "flood");
  const auto verdict = line.plant.verdict(0, line.burn("flood"));
  const json::object& call = verdict.at("calls").as_array().at(0).as_object();
  CHECK(call.at("output_bytes").to_number<std::uint64_t>() > (64U << 20));
  const std::string output = text(call, "output");
  CHECK(output.size() < 70 * 1024);
  CHECK(contains(output, " bytes left out]"));
  CHECK(output.ends_with("Done\n"));
  CHECK(line.burn_state(verdict) == "pending");
}

TEST_CASE("a burn that failed after it had written is proved by the reboot all the same") {
  const Burning line;
  write_file(line.plant / "profiles/tools/mute.yaml",
             edited(read_file(kToolFile),
                    {{"tool: simulated", "tool: mute"}, {"success: Done", "success: Written"}}));
  CHECK(outcome(line.plant.verdict(4, line.burn("mute"))) == "ERROR");
  line.plant.reboot(line.unit);
  CHECK(line.burn_state(line.plant.verdict(0, line.at("post-burn"))) == "verified");
}

TEST_CASE("a burn is not proved by the boot that it was made in, by none, or by a copied table") {
  const Burning line;
  CHECK(line.burn_state(line.plant.verdict(0, line.burn("simulated"))) == "pending");
  CHECK(rules(line.plant.verdict(1, line.at("post-burn"))) == Words{"stage.same-boot"});
  CHECK(rules(line.plant.verdict(1, line.at("post-burn"))) == Words{"stage.same-boot"});
  line.plant.reboot(line.unit);
  const auto evidence = gate::read_evidence(line.unit);
  REQUIRE(evidence);
  write_file(line.plant / "evidence.json", gate::to_json(*evidence));
  // The table alone does not say which boot it is of.
  fs::remove(line.unit + "/evidence.json");
  CHECK(rules(line.plant.verdict(3, line.at("post-burn"))) ==
        Words{"evidence.missing", "evidence.missing system-disk", "evidence.missing physical-nics"});
  Words with_evidence = line.at("post-burn");
  with_evidence.insert(with_evidence.end(), {"--evidence", line.plant / "evidence.json"});
  SUBCASE("the evidence that goes with the table does") {
    CHECK(line.burn_state(line.plant.verdict(0, with_evidence)) == "verified");
  }
  SUBCASE("the evidence alone does") {
    CHECK(line.burn_state(line.plant.verdict(
              0, {"check", line.plant / "evidence.json", "--stage", "post-burn"})) == "verified");
  }
  SUBCASE("another unit's evidence does not") {
    const std::string other = line.plant.unit("other", "case-a-2");
    with_evidence[1] = other;
    CHECK(rules(line.plant.verdict(3, with_evidence)) == Words{"evidence.missing"});
  }
}

TEST_CASE(
    "a second burn while the first is not proved is refused, and one after the proof is its own rework") {
  const Burning line;
  CHECK(line.burn_state(line.plant.verdict(0, line.burn("simulated"))) == "pending");
  CHECK(rules(line.plant.verdict(1, line.burn("simulated"))).front() == "stage.pending-burn");
  line.plant.reboot(line.unit);
  CHECK(line.burn_state(line.plant.verdict(0, line.at("post-burn"))) == "verified");

  const Words again = {"burn",      line.unit, "--unit",
                       "CX2600501", "--set",   "baseboard-serial-number=HB26031777"};
  CHECK(line.burn_state(line.plant.verdict(0, again)) == "pending");
  CHECK(rules(line.plant.verdict(1, line.at("pre-image"))).front() == "stage.pending-burn");
  line.plant.reboot(line.unit);
  CHECK(line.burn_state(line.plant.verdict(0, line.at("post-burn"))) == "verified");
  CHECK(outcome(line.plant.verdict(0, line.at("pre-image"))) == "PASS");
  const auto old_one = line.plant.registry_json(0, {"lookup", "HB26031501"}).at("claims").as_array();
  REQUIRE(old_one.size() == 1);
  CHECK(text(old_one[0].as_object(), "state") == "retired");
  line.plant.check_registry_is_whole();
}

TEST_CASE("values that are not good are refused before anything is burnt") {
  const Burning line;
  const struct {
    const char* set;
    const char* part;  ///< of the sentence
  } bad[] = {
      {"system-serial-number=    ", "blank"},
      {"system-serial-number=Default string", "placeholder"},
      {"system-serial-number=CX0000000X", "form"},
      {"system-serial-number=CX2600777", "label"},
      {"system-uuid=00000000-0000-0000-0000-000000000000", "zeros"},
      {"system-uuid=03000200-0400-0500-0006-000700080009", "template"},
  };
  for (const auto& [set, part] : bad) {
    CAPTURE(set);
    Words arguments = {"burn", line.unit, "--unit", "CX2600501", "--set", set};
    if (!std::string(set).starts_with("system-serial")) {
      arguments.insert(arguments.end(), {"--set", "system-serial-number=CX2600501"});
    }
    arguments.insert(arguments.end(), {"--set", "baseboard-serial-number=HB26031501"});
    const auto verdict = line.plant.verdict(1, arguments);
    CHECK_FALSE(verdict.contains("command"));
    const json::object& first = verdict.at("findings").as_array().at(0).as_object();
    CHECK_MESSAGE(contains(text(first, "message"), part), text(first, "message"));
    CHECK_FALSE(fs::exists(line.unit + "/flash.yaml"));
  }
  // What is to be burnt and was not given is asked for.
  const auto verdict = line.plant.verdict(
      1, {"burn", line.unit, "--unit", "CX2600501", "--set", "system-serial-number=CX2600501"});
  CHECK(rules(verdict) == Words{"burn.intended baseboard-serial-number"});
  CHECK(contains(text(finding(verdict, "burn.intended"), "advice"), "--set baseboard-serial-number=VALUE"));
}

TEST_CASE("a unit that comes back with another unit's table is refused, and both are named") {
  const Burning line;
  line.cure();
  const std::string other = line.plant.unit("other", "good-unit");

  // The other unit is not known yet: its values contradict those that the label stands for.
  auto verdict = line.plant.verdict(1, {"check", other, "--unit", "CX2600501", "--stage", "ship"});
  CHECK(rules(verdict).front() == "unit.label-mismatch system-serial-number");
  CHECK(finding(verdict, "unique.changed").at("keyword") == "system-serial-number");
  CHECK(text(finding(verdict, "unique.changed"), "expected") == "CX2600501");

  // It is: the label says one unit, the table another.
  CHECK(outcome(line.plant.verdict(0, {"burn", other, "--set", "system-serial-number=CX2600417", "--set",
                                       "baseboard-serial-number=HB26031187"})) == "PASS");
  verdict = line.plant.verdict(1, {"check", other, "--unit", "CX2600501", "--stage", "ship"});
  const auto& duplicate = finding(verdict, "unique.duplicate");
  CHECK(contains(text(duplicate, "message"), "L3-S07"));
  CHECK(unit_id(verdict).empty());
  line.plant.check_registry_is_whole();
}
