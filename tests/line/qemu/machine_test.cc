// What a unit that boots hands out is what it was made of; and what it could not hand out is none.
#include <doctest/doctest.h>

#include <set>

#include "gate/evidence/evidence.h"
#include "tests/line/qemu/line.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

std::string field(const gate::Evidence& evidence, const std::string& keyword) {
  return smbios::read(evidence.source.table(), *smbios::find_field(keyword)).text();
}

gate::Evidence evidence_of(const Machine& unit) {
  auto evidence = gate::read_evidence(unit.evidence());
  REQUIRE_MESSAGE(evidence, evidence.error().to_string());
  return *std::move(evidence);
}

}  // namespace

TEST_CASE("a unit that boots hands out its firmware's words, its disks and its network cards") {
  if (!can_boot()) return;
  const Machine unit("board", {{"CX E500", "晨曦, \"E500\""},
                               {"{ bus: ata, serial: CD26A7731Q }",
                                "{ bus: ata, serial: CD26A7731Q }, { bus: virtio, serial: VD26 }, "
                                "{ bus: usb, serial: ST26C0001 }, { bus: virtio }"},
                               {"mac: 02:cc:26:00:41:70 }",
                                "mac: 02:cc:26:00:41:70 }, { bus: virtio, mac: 02:cc:26:00:41:71 }, "
                                "{ bus: usb, mac: 02:cc:26:00:41:72 }"},
                               {"chassis-type: unknown", "chassis-type: all-in-one"}});
  const Machine again("board");
  boot({&unit, &again});
  const gate::Evidence evidence = evidence_of(unit);
  CHECK(field(evidence, "system-product-name") == "晨曦, \"E500\"");
  CHECK(field(evidence, "baseboard-product-name") == "H310CM-A");
  CHECK(field(evidence, "system-serial-number").empty());
  CHECK(field(evidence, "chassis-type") == "All In One");
  CHECK(evidence.boot_id.has_value());
  CHECK(evidence.boot_id != evidence_of(again).boot_id);
  CHECK(evidence.hardware.clock.has_value());

  std::set<std::string> disks;
  for (const gate::Disk& disk : evidence.hardware.disks.value()) {
    CHECK(disk.removable == (disk.bus == gate::Bus::kUsb));
    CHECK_FALSE(disk.boot_medium);
    const std::string serial = disk.serial.value_or("?");
    disks.insert(std::string(gate::bus_name(disk.bus)) + " " + serial.substr(0, serial.find(' ')));
  }
  CHECK(disks == std::set<std::string>{"ata CD26A7731Q", "virtio VD26", "usb ST26C0001", "virtio "});
  std::set<std::string> cards;
  for (const gate::NetworkCard& card : evidence.hardware.nics.value()) {
    if (card.physical)
      cards.insert(card.mac.value_or("?") + (card.removable == true ? " removable" : " fixed"));
  }
  CHECK(cards == std::set<std::string>{"02:cc:26:00:41:70 fixed", "02:cc:26:00:41:71 fixed",
                                       "02:cc:26:00:41:72 removable"});
}

TEST_CASE("a unit whose disk does not come hands out an error, and no evidence") {
  if (!can_boot()) return;
  const Machine unit("board", {{"{ bus: ata, serial: CD26A7731Q }", ""}});
  const Frame frame = Boot(unit, "DISKS=1 SECONDS=1").wait();
  CHECK(frame.kind == "error");
  CHECK(frame.content == "/sys/block: 0 of 1 came within 1 s");
}
