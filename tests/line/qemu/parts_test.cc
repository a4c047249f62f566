// What is plugged into a unit, stuck on it, or put in its place while it is on the line.
#include <doctest/doctest.h>

#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;

TEST_CASE("a unit that boots with a data disk is refused, and passes when it is detached; a stick is none") {
  if (!can_boot()) return;
  const Line line;
  const Order order = plant::order(1);
  const Machine unit("board", burnt(order));
  const Edits disk_added = {{"CD26A7731Q }", "CD26A7731Q }, { bus: ata, serial: DD26B0042 }"}};
  const Edits stick_instead = {{"{ bus: ata, serial: DD26B0042 }", "{ bus: usb, serial: ST26C0001 }"}};
  unit.refit(disk_added);
  boot({&unit});
  CHECK(outcome(line.plant.verdict(0, Line::check(unit, "incoming", order.label))) == "PASS");
  const auto refused = line.plant.verdict(1, Line::check(unit, "pre-burn", order.label));
  MESSAGE(json::serialize(refused.at("findings")));
  CHECK(rules(refused) == Words{"disk.count fixed-disks", "disk.unknown system-disk"});
  CHECK(contains(text(finding(refused, "disk.count"), "advice"), "detach the data disk"));

  unit.refit(stick_instead);
  boot({&unit});
  line.pass(unit, order.label, "pre-image");
  line.plant.check_registry_is_whole();
}

TEST_CASE("two units that boot and whose labels were swapped are both refused, and both are named") {
  if (!can_boot()) return;
  const Line line;
  const Order orders[] = {order(1), order(2)};
  const Machine one("board", burnt(orders[0])), two("board", burnt(orders[1]));
  boot({&one, &two});
  line.pass(one, orders[0].label, "post-image");
  line.pass(two, orders[1].label, "post-image");
  for (const auto& [unit, label] : {std::pair(&one, orders[1].label), std::pair(&two, orders[0].label)}) {
    const auto refused = line.plant.verdict(1, Line::check(*unit, "ship", label));
    MESSAGE(json::serialize(refused.at("findings")));
    CHECK(rules(refused).front() == "unit.label-mismatch system-serial-number");
    for (const Order& order : orders)
      CHECK(contains(text(finding(refused, "unique.duplicate"), "message"), order.label));
    CHECK(unit_id(refused).empty());
  }
  // Each with its own label again.
  CHECK(outcome(line.plant.verdict(0, Line::check(one, "ship", orders[0].label))) == "PASS");
  CHECK(outcome(line.plant.verdict(0, Line::check(two, "ship", orders[1].label))) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("a unit that comes back from the burn's reboot with another unit's table is not proved") {
  if (!can_boot()) return;
  const Line line;
  const Order mine = order(1), others = order(2);
  const Machine unit("board");
  const Machine other("board", burnt(others));
  boot({&unit, &other});
  CHECK(text(line.plant.verdict(0, Line::burn(unit, mine)).at("burn").as_object(), "state") == "pending");

  // The other unit is not known yet: what it carries is not what was burnt.
  const auto unknown = line.plant.verdict(5, Line::check(other, "post-burn", mine.label));
  CHECK(finding(unknown, "burn.mismatch").at("keyword") == "system-serial-number");
  CHECK(text(finding(unknown, "burn.mismatch"), "found") == others.label);

  // It is: its values are its own.
  line.pass(other, others.label, "pre-burn");
  const auto known = line.plant.verdict(1, Line::check(other, "post-burn", mine.label));
  CHECK(contains(text(finding(known, "unique.duplicate"), "message"), others.label));
  CHECK(rules(line.plant.verdict(1, Line::image(unit, mine.label))).front() == "stage.pending-burn");
  line.plant.check_registry_is_whole();
}
