// The main job, step by step: what ./demo shows, with the verdicts read as a program reads them.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

Words image(const std::string& unit, const std::string& label) {
  return {"run", unit, "--unit", label, "--stage", "pre-image", "--", "touch", unit + "/disk"};
}

Words burn(const std::string& unit, const std::string& label, const std::string& serial,
           const std::string& board) {
  return {"burn",   unit,
          "--unit", label,
          "--set",  "system-serial-number=" + serial,
          "--set",  "baseboard-serial-number=" + board};
}

}  // namespace

TEST_CASE("case A is refused at pre-image, burnt, proved after a reboot, and imaged") {
  const Plant plant;
  const std::string unit = plant.unit("unit-1", "case-a-1");

  // Refused: both fields are named by type and offset, with the switch that fills each.
  auto verdict = plant.verdict(1, image(unit, "CX2600501"));
  CHECK(rules(verdict) ==
        Words{"field.empty system-serial-number", "field.empty baseboard-serial-number", "stage.order"});
  const json::array& findings = verdict.at("findings").as_array();
  const struct {
    int type;
    const char* place;
    const char* burn_switch;
  } expected[] = {{1, "Type 1 07h", "simulated /SS"}, {2, "Type 2 07h", "simulated /BS"}};
  for (std::size_t i = 0; i < 2; ++i) {
    const json::object& empty = findings[i].as_object();
    CHECK(empty.at("type") == expected[i].type);
    CHECK(text(empty, "offset") == "07h");
    CHECK(text(empty, "state") == "no-string");
    CHECK(text(empty, "severity") == "error");
    CHECK(contains(text(empty, "message"), expected[i].place));
    CHECK(contains(text(empty, "advice"), expected[i].burn_switch));
  }
  CHECK_FALSE(verdict.contains("command"));
  CHECK_FALSE(fs::exists(unit + "/disk"));
  CHECK(unit_id(verdict).empty());  // a FAIL claims nothing

  // Burnt: pending, and the unit has a name.
  verdict = plant.verdict(0, burn(unit, "CX2600501", "CX2600501", "HB26031501"));
  CHECK(rules(verdict).empty());
  CHECK(verdict.at("burn").as_object().at("state") == "pending");
  CHECK(verdict.at("command").as_object().at("exit_status") == 0);
  CHECK(contains(text(verdict.at("command").as_object(), "output"), "Done"));
  const std::string id = unit_id(verdict);
  CHECK(id.starts_with("u-"));

  // Before the reboot: pending at the image and at post-burn, and nothing else is said.
  verdict = plant.verdict(1, image(unit, "CX2600501"));
  CHECK(rules(verdict) == Words{"stage.pending-burn"});
  CHECK_FALSE(fs::exists(unit + "/disk"));
  verdict = plant.verdict(1, {"check", unit, "--unit", "CX2600501", "--stage", "post-burn"});
  CHECK(rules(verdict) == Words{"stage.same-boot"});

  // After it: verified, passed, imaged.
  plant.reboot(unit);
  verdict = plant.verdict(0, {"check", unit, "--unit", "CX2600501", "--stage", "post-burn"});
  CHECK(verdict.at("burn").as_object().at("state") == "verified");
  CHECK(unit_id(verdict) == id);
  verdict = plant.verdict(0, image(unit, "CX2600501"));
  CHECK(unit_id(verdict) == id);
  CHECK(fs::exists(unit + "/disk"));
  plant.check_registry_is_whole();
}

TEST_CASE("a second unit that is to get the first one's serial is refused before anything is burnt") {
  const Plant plant;
  const std::string first = plant.unit("unit-1", "case-a-1");
  const std::string second = plant.unit("unit-2", "case-a-2");
  const auto burnt = plant.verdict(0, burn(first, "CX2600501", "CX2600501", "HB26031501"));
  const auto status = plant.registry_json(0, {"status"});

  const auto refused = [&](const Words& arguments, const std::string& keyword) {
    const auto verdict = plant.verdict(1, arguments);
    CHECK(rules(verdict).front() == "unique.duplicate " + keyword);
    const json::object& duplicate = finding(verdict, "unique.duplicate");
    CHECK(contains(text(duplicate, "message"), "CX2600501 (L3-S07, " + text(burnt, "started").substr(0, 10)));
    CHECK_FALSE(verdict.contains("command"));
    CHECK_FALSE(fs::exists(second + "/flash.yaml"));
  };
  SUBCASE("its system serial, while the first one is only pending") {
    refused(burn(second, "CX2600502", "CX2600501", "HB26031502"), "system-serial-number");
  }
  SUBCASE("its board serial") {
    refused(burn(second, "CX2600502", "CX2600502", "HB26031501"), "baseboard-serial-number");
  }
  SUBCASE("its system serial, once the first one is proved") {
    plant.reboot(first);
    CHECK(outcome(plant.verdict(0, {"check", first, "--stage", "post-burn"})) == "PASS");
    refused(burn(second, "CX2600502", "CX2600501", "HB26031502"), "system-serial-number");
  }
  SUBCASE("in other letters and with blanks around it") {
    refused(burn(second, "CX2600502", "CX2600502", " hb26031501 "), "baseboard-serial-number");
  }
  // The refusal is recorded, and it claimed nothing.
  const auto after = plant.registry_json(0, {"status"});
  CHECK(after.at("units") == status.at("units"));
  CHECK(after.at("records").as_int64() > status.at("records").as_int64());
  plant.check_registry_is_whole();
}

TEST_CASE("where the supplier writes the board's serial, a board without it is refused at incoming") {
  const Plant plant;
  const Edits supplier = {{"H310CM-A", "H310CS-A"}};
  const std::string bare = plant.unit("bare", "case-a-1", supplier);
  const auto verdict = plant.verdict(1, {"check", bare, "--stage", "incoming"});
  CHECK(rules(verdict) == Words{"field.empty baseboard-serial-number"});
  CHECK(contains(text(finding(verdict, "field.empty"), "message"), "Type 2 07h"));
  CHECK(contains(text(finding(verdict, "field.empty"), "advice"), "supplier"));

  const std::string good = plant.unit(
      "good", "case-a-1",
      {{"H310CM-A", "H310CS-A"}, {"baseboard-serial-number: null", "baseboard-serial-number: HB26031503"}});
  CHECK(outcome(plant.verdict(0, {"check", good, "--stage", "incoming"})) == "PASS");
}

TEST_CASE("where the plant burns the board's serial, a board may come without it and not leave without it") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "case-a-1");
  CHECK(outcome(plant.verdict(0, {"check", unit, "--unit", "CX2600501", "--stage", "incoming"})) == "PASS");
  CHECK(outcome(plant.verdict(0, {"check", unit, "--unit", "CX2600501", "--stage", "pre-burn"})) == "PASS");
  const auto verdict = plant.verdict(1, {"check", unit, "--unit", "CX2600501", "--stage", "post-burn"});
  CHECK(rules(verdict) == Words{"field.empty system-serial-number", "field.empty baseboard-serial-number"});
}
