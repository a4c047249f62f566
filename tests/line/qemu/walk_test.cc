// Units that boot walk the line: burnt, rebooted, proved, imaged.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

TEST_CASE("a good board that boots goes incoming to ship and is one unit; its own boot proves no burn") {
  if (!can_boot()) return;
  const Line line;
  const Machine unit("board");
  const Order order = plant::order(1);
  boot({&unit});
  for (const char* stage : {"incoming", "pre-burn"}) {
    CAPTURE(stage);
    CHECK(outcome(line.plant.verdict(0, Line::check(unit, stage, order.label))) == "PASS");
  }
  const auto burnt = line.plant.verdict(0, Line::burn(unit, order));
  CHECK(text(burnt.at("burn").as_object(), "state") == "pending");
  const std::string id = unit_id(burnt);

  // The same boot: neither proved nor imaged.
  CHECK(rules(line.plant.verdict(1, Line::check(unit, "post-burn", order.label))) ==
        Words{"stage.same-boot"});
  CHECK(rules(line.plant.verdict(1, Line::image(unit, order.label))).front() == "stage.pending-burn");
  CHECK_FALSE(fs::exists(unit.folder() + "/imaged"));

  boot({&unit});
  const auto proved = line.plant.verdict(0, Line::check(unit, "post-burn", order.label));
  CHECK(text(proved.at("burn").as_object(), "state") == "verified");
  CHECK(rules(proved).empty());
  CHECK(text(proved.at("source").as_object(), "boot_id") != text(burnt.at("source").as_object(), "boot_id"));
  CHECK(unit_id(line.plant.verdict(0, Line::image(unit, order.label))) == id);
  CHECK(fs::exists(unit.folder() + "/imaged"));
  for (const char* stage : {"post-image", "ship"}) {
    CAPTURE(stage);
    CHECK(unit_id(line.plant.verdict(0, Line::check(unit, stage, order.label))) == id);
  }
  const auto status = line.plant.registry_json(0, {"status"});
  CHECK(status.at("units") == 1);
  CHECK(status.at("work").as_array().empty());
  line.plant.check_registry_is_whole();
}

TEST_CASE(
    "a board that boots without its serial: refused at incoming where the supplier writes it, burnt where "
    "the plant does") {
  if (!can_boot()) return;
  const Line line;
  const Edits supplier = {{"H310CM-A", "H310CS-A"}};
  const Machine bare("board", supplier);
  const Machine plants("board");
  boot({&bare, &plants});
  const auto refused = line.plant.verdict(1, {"check", bare.evidence(), "--stage", "incoming"});
  CHECK(rules(refused) == Words{"field.empty baseboard-serial-number"});
  CHECK(contains(text(finding(refused, "field.empty"), "advice"), "supplier"));
  CHECK(outcome(line.plant.verdict(0, {"check", plants.evidence(), "--stage", "incoming"})) == "PASS");

  // The supplier's next board has it, and is known by it from incoming on.
  bare.refit({{"baseboard-serial-number: null", "baseboard-serial-number: HB26031811"}});
  boot({&bare});
  CHECK_FALSE(unit_id(line.plant.verdict(0, {"check", bare.evidence(), "--stage", "incoming"})).empty());
  line.plant.check_registry_is_whole();
}
