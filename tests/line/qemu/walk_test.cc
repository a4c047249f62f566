// Units that boot walk the line: burnt, rebooted, proved, imaged.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

TEST_CASE("a good board that boots goes incoming to ship and is one unit; no boot proves its own burn") {
  if (!can_boot()) return;
  const Line line;
  const Order order = plant::order(1);
  const Machine unit("board", bare(order));
  boot({&unit});
  for (const std::string stage : {"incoming", "pre-burn"}) {
    CAPTURE(stage);
    CHECK(outcome(line.plant.verdict(0, Line::check(unit, stage, order.label))) == "PASS");
  }
  const auto burnt = line.plant.verdict(0, Line::burn(unit, order));
  CHECK(text(burnt.at("burn").as_object(), "state") == "pending");
  const std::string id = unit_id(burnt);

  // In the same boot it is neither proved nor imaged.
  CHECK(errors(line.plant.verdict(1, Line::check(unit, "post-burn", order.label))) ==
        Words{"stage.same-boot"});
  CHECK(errors(line.plant.verdict(1, Line::image(unit, order.label))).front() == "stage.pending-burn");
  CHECK_FALSE(fs::exists(unit.folder() + "/imaged"));

  boot({&unit});
  const auto proved = line.plant.verdict(0, Line::check(unit, "post-burn", order.label));
  CHECK(text(proved.at("burn").as_object(), "state") == "verified");
  CHECK(text(proved.at("source").as_object(), "boot_id") != text(burnt.at("source").as_object(), "boot_id"));
  CHECK(unit_id(line.plant.verdict(0, Line::image(unit, order.label))) == id);
  CHECK(fs::exists(unit.folder() + "/imaged"));
  for (const std::string stage : {"post-image", "ship"}) {
    CAPTURE(stage);
    CHECK(unit_id(line.plant.verdict(0, Line::check(unit, stage, order.label))) == id);
  }
  const auto status = line.plant.registry_json(0, {"status"});
  CHECK(status.at("units") == 1);
  CHECK(status.at("work").as_array().empty());
  line.plant.check_registry_is_whole();
}

TEST_CASE("a board that boots without its serial is refused at incoming where the supplier writes it") {
  if (!can_boot()) return;
  const Line line;
  const Machine suppliers("board", {{"H310CM-A", "H310CS-A"}}), plants("board");
  boot({&suppliers, &plants});
  const auto refused = line.plant.verdict(1, {"check", suppliers.evidence(), "--stage", "incoming"});
  CHECK(errors(refused) == Words{"field.empty baseboard-serial-number"});
  CHECK(contains(text(finding(refused, "field.empty"), "advice"), "supplier"));
  CHECK(refused.at("recorded") == true);
  // Where the plant burns it, it may come without.
  CHECK(outcome(line.plant.verdict(0, {"check", plants.evidence(), "--stage", "incoming"})) == "PASS");

  // The supplier's next board has it, and is known by it from incoming on.
  suppliers.refit({{"baseboard-serial-number: null", "baseboard-serial-number: HB26031811"}});
  boot({&suppliers});
  const auto passed = line.plant.verdict(0, {"check", suppliers.evidence(), "--stage", "incoming"});
  CHECK_FALSE(unit_id(passed).empty());
  line.plant.check_registry_is_whole();
}
