// burn --order: the values of a work order are checked as those that are typed, and override nothing.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kLot =
    "unit,work_order,lot,system-serial-number,baseboard-serial-number,activation-sn\n"
    "CX2600501,WO-7,L-1,CX2600501,HB26031501,0401-1900-04589\n"
    "CX2600502,WO-7,L-1,CX2600502,HB26031502,0401-1900-04590\n";

struct Ordered {
  Plant plant;
  std::string unit = plant.unit("unit", "case-a-1");

  Ordered() { write(kLot); }
  void write(const std::string& lot) const { write_file(plant / "lot.csv", lot); }
  [[nodiscard]] Words burn(const Words& more = {}) const {
    Words arguments = {"burn", unit, "--unit", "CX2600501", "--tool", "simulated", "--order", "lot.csv"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  // Wrong usage, and nothing happened.
  void refused(const Words& arguments, const std::string& sentence) const {
    const Ended said = plant.dmigate(arguments);
    CHECK(said.status == 2);
    CHECK_MESSAGE(said.err == "dmigate: " + sentence + "\n", said.err);
    CHECK_FALSE(fs::exists(unit + "/flash.yaml"));
    CHECK(plant.registry_json(0, {"status"}).at("records") == 0);
  }
};

}  // namespace

TEST_CASE("a unit is burnt with its row of the lot, and the record says of which work order") {
  const Ordered line;
  const auto verdict = line.plant.verdict(0, line.burn());
  const json::object& station = verdict.at("station").as_object();
  CHECK(text(station, "work_order") == "WO-7");
  CHECK(text(station, "lot") == "L-1");
  CHECK(text(verdict.at("unit").as_object().at("identifiers").as_object(), "activation-sn") ==
        "0401-1900-04589");
  CHECK(json::serialize(verdict.at("burn").as_object().at("intended")) ==
        R"([{"keyword":"system-serial-number","value":"CX2600501"},)"
        R"({"keyword":"baseboard-serial-number","value":"HB26031501"}])");
  line.plant.reboot(line.unit);
  CHECK(outcome(line.plant.verdict(0, {"check", line.unit, "--unit", "CX2600501", "--stage", "post-burn"})) ==
        "PASS");
}

TEST_CASE("what the station requires may be in the order") {
  const Ordered line;
  line.plant.station("allow_file_source: true\nrequire: [work_order, lot]\n");
  CHECK(outcome(line.plant.verdict(0, line.burn())) == "PASS");
}

TEST_CASE("values of an order are refused as typed ones are, before anything is burnt") {
  const Ordered line;
  line.write(edited(kLot, {{"L-1,CX2600501", "L-1,Default string"}}));
  const auto verdict = line.plant.verdict(1, line.burn());
  CHECK(rules(verdict).front() == "burn.intended system-serial-number");
  CHECK(contains(text(finding(verdict, "burn.intended"), "message"), "placeholder"));
  CHECK_FALSE(fs::exists(line.unit + "/flash.yaml"));
  // A plan checks the same.
  CHECK(rules(line.plant.verdict(1, line.burn({"--plan"}))).front() == "burn.intended system-serial-number");
}

TEST_CASE("an order is overridden by nothing") {
  const Ordered line;
  line.refused(line.burn({"--set", "system-serial-number=CX2600501"}),
               "lot.csv:2:20: `system-serial-number` is in the order and in --set; leave it out of --set: an "
               "order is not overridden");
  line.refused(
      line.burn({"--id", "activation-sn=0401-1900-04589"}),
      "lot.csv:2:1: identifier `activation-sn` is in the order and in --id; leave it out of --id: an "
      "order is not overridden");
  line.refused(
      line.burn({"--work-order", "WO-8"}),
      "lot.csv:2:1: the order says WO-7 for --work-order, and the call says WO-8; see that this is the "
      "unit's order, and say the same in both");
  line.refused(
      line.burn({"--lot", "L-2"}),
      "lot.csv:2:1: the order says L-1 for --lot, and the call says L-2; see that this is the unit's "
      "order, and say the same in both");
  // What it does not say may be typed.
  line.write(edited(
      kLot,
      {{",baseboard-serial-number", ",chassis-type"}, {"HB26031501", "desktop"}, {"HB26031502", "desktop"}}));
  CHECK(outcome(line.plant.verdict(0, line.burn({"--work-order", "WO-7", "--set",
                                                 "baseboard-serial-number=HB26031501"}))) == "PASS");
}

TEST_CASE("a unit that the order does not have is burnt with nobody's values") {
  const Ordered line;
  Words arguments = line.burn();
  arguments[3] = "CX2600599";
  line.refused(arguments,
               "lot.csv: the order has nothing for unit CX2600599; see that the label was scanned right, and "
               "that this is the unit's order");
  line.write(kLot + "CX2600501,WO-7,L-1,CX2600503,HB26031503,0401-1900-04591\n");
  line.refused(line.burn(), "lot.csv:4:1: unit CX2600501 is in line 2 already; have the order corrected");
  line.write(edited(kLot, {{"HB26031501", ""}}));
  line.refused(line.burn(), "lot.csv:2:30: `baseboard-serial-number` has no value for this unit");
  line.write(edited(kLot, {{"activation-sn", "activation-no"}}));
  line.refused(line.burn(),
               "lot.csv:1:66: `activation-no` is no keyword, identifier or word of an order; did you mean "
               "`activation-sn`?");
  fs::remove(line.plant / "lot.csv");
  line.refused(line.burn(),
               "lot.csv: cannot be read: No such file or directory; check the path and who may read it");
  Words nothing = line.burn();
  nothing.resize(nothing.size() - 2);
  line.refused(nothing,
               "nothing is to be burnt; give each value with --set KEYWORD=VALUE, or a work order with "
               "--order; a unit "
               "whose burn failed needs its label only");
}
