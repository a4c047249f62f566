// What is plugged into a unit, stuck on it, or put in its place while it is on the line.
#include <doctest/doctest.h>

#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;

TEST_CASE("a unit that boots with a data disk is refused, and passes when it is detached") {
  if (!can_boot()) return;
  const Line line;
  const Order order = plant::order(1);
  const Machine unit("board", burnt(order));
  const Machine detached("board", burnt(order));
  unit.refit({{"CD26A7731Q }", "CD26A7731Q }, { bus: ata, serial: DD26B0042 }"}});
  detached.refit({{"CD26A7731Q }", "CD26A7731Q }, { bus: usb, serial: ST26C0001 }"}});  // a stick is none
  boot({&unit, &detached});
  CHECK(outcome(line.plant.verdict(0, Line::check(unit, "incoming", order.label))) == "PASS");
  const auto refused = line.plant.verdict(1, Line::check(unit, "pre-burn", order.label));
  CHECK(errors(refused) == Words{"disk.count fixed-disks"});
  CHECK(contains(text(finding(refused, "disk.count"), "advice"), "detach the data disk"));
  CHECK(refused.at("recorded") == true);

  line.pass(detached, order.label, "pre-image");
  CHECK(line.plant.registry_json(0, {"status"}).at("units") == 1);
  line.plant.check_registry_is_whole();
}

TEST_CASE("two units that boot and whose labels were swapped are both refused") {
  if (!can_boot()) return;
  const Line line;
  const Order orders[] = {order(1), order(2)};
  const Machine one("board", burnt(orders[0])), two("board", burnt(orders[1]));
  boot({&one, &two});
  line.pass(one, orders[0].label, "post-image");
  line.pass(two, orders[1].label, "post-image");
  const struct {
    const Machine& unit;
    const Order& own;
    const Order& scanned;
  } swapped[] = {{one, orders[0], orders[1]}, {two, orders[1], orders[0]}};
  for (const auto& [unit, own, scanned] : swapped) {
    const auto refused = line.plant.verdict(1, Line::check(unit, "ship", scanned.label));
    CHECK(errors(refused).front() == "unit.label-mismatch system-serial-number");
    const json::object& mismatch = finding(refused, "unit.label-mismatch");
    CHECK(contains(text(mismatch, "message"), own.label));
    CHECK(contains(text(mismatch, "message"), scanned.label));
    CHECK(contains(text(finding(refused, "unique.duplicate"), "message"), "L3-S07"));
    CHECK(unit_id(refused).empty());
    CHECK(refused.at("recorded") == true);
  }
  // Each with its own label again.
  CHECK(outcome(line.plant.verdict(0, Line::check(one, "ship", orders[0].label))) == "PASS");
  CHECK(outcome(line.plant.verdict(0, Line::check(two, "ship", orders[1].label))) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("a clone that boots with a known unit's DMI and another network card is refused") {
  if (!can_boot()) return;
  const Line line;
  const Order order = plant::order(1);
  const Edits dongle = {{"\nstructures:", "\n    - { bus: usb, mac: 02:dd:26:00:00:01 }\nstructures:"},
                        {"  nics: [{ bus: pci, mac: " + order.mac + " }]",
                         "  nics:\n    - { bus: pci, mac: " + order.mac + " }"}};
  const Machine unit("board", burnt(order)), clone("board", burnt(order));
  // The station's own dongle hangs on both, one after the other: it is neither's.
  unit.refit(dongle);
  clone.refit(dongle);
  clone.refit({{order.mac, plant::order(2).mac}});
  boot({&unit, &clone});
  line.pass(unit, order.label, "pre-image");
  for (const std::string stage : {"incoming", "pre-burn", "pre-image", "ship"}) {
    CAPTURE(stage);
    const auto refused = line.plant.verdict(1, Line::check(clone, stage, order.label));
    CHECK(errors(refused).front() == "unique.clone nic-mac");
    CHECK(contains(text(finding(refused, "unique.clone"), "message"), plant::order(2).mac));
    CHECK_FALSE(text(finding(refused, "unique.clone"), "advice").empty());
  }
  CHECK(outcome(line.plant.verdict(0, Line::check(unit, "post-image", order.label))) == "PASS");
  CHECK(line.plant.registry_json(0, {"status"}).at("units") == 1);
  line.plant.check_registry_is_whole();
}

TEST_CASE("a board that is swapped by rework passes, and the old one passes in another unit") {
  if (!can_boot()) return;
  const Line line;
  const Order first = order(1), third = order(3);
  const Order spare = order(2);  // its board: burnt for the first unit
  const Machine unit("board", burnt(first));
  const Machine repaired("board", burnt({first.label, spare.board, first.uuid, spare.mac}));
  const Machine another("board", burnt({third.label, first.board, third.uuid, first.mac}));
  boot({&unit, &repaired, &another});
  line.pass(unit, first.label, "post-image");

  // Swapped without a word: refused.
  const auto silent = line.plant.verdict(1, Line::check(repaired, "ship", first.label));
  CHECK(errors(silent).front() == "unique.changed baseboard-serial-number");
  CHECK(outcome(line.plant.verdict(1, Line::check(another, "pre-burn", third.label))) == "FAIL");

  const Ended reworked = line.plant.dmigate(
      {"registry", "replace", first.label, "--part", "baseboard-serial-number=" + spare.board, "--part",
       "nic-mac", "--disposition", "stock", "--by", "Li", "--reason", "audio broken"});
  CHECK_MESSAGE(reworked.status == 0, reworked.err);
  // It is a unit that was taken apart: what it passed before counts no more.
  CHECK(errors(line.plant.verdict(1, Line::check(repaired, "ship", first.label))) == Words{"stage.order"});
  line.pass(repaired, first.label, "ship");
  line.pass(another, third.label, "ship");
  CHECK(line.plant.registry_json(0, {"status"}).at("units") == 2);
  line.plant.check_registry_is_whole();
}

TEST_CASE("a unit that comes back from the burn's reboot with another unit's table is not proved") {
  if (!can_boot()) return;
  const Line line;
  const Order mine = order(1), others = order(2);
  const Machine unit("board", bare(mine)), other("board", burnt(others));
  const Machine mixed_up("board", burnt({others.label, others.board, others.uuid, mine.mac}));
  boot({&unit, &other, &mixed_up});
  CHECK(text(line.plant.verdict(0, Line::burn(unit, mine)).at("burn").as_object(), "state") == "pending");

  // Another unit under this one's label says nothing of the burn.
  const auto exchanged = line.plant.verdict(1, Line::check(other, "post-burn", mine.label));
  CHECK(errors(exchanged).front() == "unit.label-mismatch system-serial-number");
  CHECK(finding(exchanged, "unique.clone").at("keyword") == "nic-mac");
  CHECK(errors(line.plant.verdict(1, Line::image(unit, mine.label))).front() == "stage.pending-burn");

  // The unit itself, with another's table: found out, whether the other one is known or not.
  for (const bool known : {false, true}) {
    CAPTURE(known);
    if (known) line.pass(other, others.label, "pre-burn");
    const auto refused = line.plant.verdict(5, Line::check(mixed_up, "post-burn", mine.label));
    CHECK(text(refused.at("burn").as_object(), "state") == "mismatch");
    CHECK(finding(refused, "burn.mismatch").at("keyword") == "system-serial-number");
    CHECK(text(finding(refused, "burn.mismatch"), "found") == others.label);
    CHECK(refused.at("recorded") == true);
    CHECK(outcome(line.plant.verdict(1, Line::image(mixed_up, mine.label))) == "FAIL");
  }
  line.plant.check_registry_is_whole();
}
