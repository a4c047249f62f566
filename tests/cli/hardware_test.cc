// Hardware at the command line: an inventory beside a table, and what is told with flags.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

constexpr const char* kProfile =
    "profile: hw\nversion: 1\n"
    "fields:\n  system-serial-number:\n"
    "hardware:\n"
    "  system-disk: { removable: false, serial: { at_most_bytes: 64 } }\n"
    "  fixed-disks: { at_most: 1 }\n"
    "  physical-nics: { at_least: 1 }\n"
    "  clock: { within: 5m }\n"
    "stages:\n  pre-image: {}\n";

constexpr const char* kInventory =
    "OsSystemTime: 2022-09-05T07:21:54Z\r\nOsLocalTime: 2022-09-06T13:21:54+30:00\r\n"
    "SmbiosSystemSerialNumber: CX2600417\r\nInternalDiskCount: 1\r\nDiskSerialNumber: "
    "S4EVNF0M\r\nStorageBusType: NVMe\r\n"
    "PhysicalMedium: Unspecified\r\nMacAddress: 02-FC-00-00-00-01\r\n";

const Words kClock = {"--reference", "2022-09-05T15:22:00+08:00", "--reference-from", "station"};

struct Line {
  Plant plant;
  std::string unit = plant.unit("unit", "good-unit", {{"boot_id:", "hardware: none\nboot_id:"}});
  Line() {
    write_file(plant / "hw.yaml", kProfile);
    write_file(plant / "inventory.txt", kInventory);
  }
  [[nodiscard]] Words check(const Words& more) const {
    Words words = {"check", unit, "--profile", plant / "hw.yaml"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  [[nodiscard]] Words with_inventory(const Words& more = {}) const {
    Words words = check({"--evidence", plant / "inventory.txt"});
    words.insert(words.end(), kClock.begin(), kClock.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

}  // namespace

TEST_CASE("an inventory brings what a table does not tell; without it the rules on hardware are not judged") {
  const Line line;
  CHECK(rules(line.plant.verdict(0, line.with_inventory())).empty());
  const Words missing = {"evidence.missing system-disk", "evidence.missing fixed-disks",
                         "evidence.missing physical-nics", "evidence.missing clock"};
  const Words at_stage = {"--stage", "pre-image", "--unit", "CX2600417"};
  CHECK(rules(line.plant.verdict(3, line.check(at_stage))) == missing);
  CHECK(rules(line.plant.verdict(3, line.check({"--evidence", line.plant / "inventory.txt", "--stage",
                                                "pre-image", "--unit", "CX2600417"}))) ==
        Words{"evidence.missing clock"});
  // Where nothing is opened it is listed.
  const auto listed = line.plant.verdict(0, line.check({}));
  CHECK(rules(listed) == missing);
  CHECK(listed.at("recorded") == false);
}

TEST_CASE("an inventory of another unit is no evidence of this one, and is no source either") {
  const Line line;
  write_file(line.plant / "inventory.txt", edited(kInventory, {{"CX2600417", "CX2600418"}}));
  CHECK(rules(line.plant.verdict(3, line.with_inventory())) ==
        Words{"evidence.mismatch system-serial-number"});
  const auto source =
      line.plant.verdict(3, {"check", line.plant / "inventory.txt", "--profile", line.plant / "hw.yaml"});
  CHECK(rules(source) == Words{"evidence.missing"});
}

TEST_CASE(
    "case B at the command line: the second disk is to be detached, and the operator is told in words") {
  const Line line;
  write_file(line.plant / "inventory.txt", edited(kInventory, {{"DiskCount: 1", "DiskCount: 2"}}));
  const Ended english = line.plant.dmigate(line.with_inventory());
  CHECK(english.status == 1);
  CHECK(contains(english.out, "detach the data disk"));
  const Ended chinese = line.plant.dmigate(line.with_inventory({"--lang", "zh"}));
  CHECK(contains(chinese.out, "拆下数据盘"));
}

TEST_CASE("case C at the command line: what WMI answered is given with a file") {
  const Line line;
  write_file(line.plant / "wmi.txt", "Win32_BIOS\r\nSerialNumber=\r\n");
  const auto verdict = line.plant.verdict(1, line.with_inventory({"--wmi", line.plant / "wmi.txt"}));
  CHECK(rules(verdict) == Words{"wmi.silent system-serial-number"});
  write_file(line.plant / "wmi.txt", "Win32_BIOS\r\nSerialNumber=CX2600417\r\n");
  CHECK(rules(line.plant.verdict(0, line.with_inventory({"--wmi", line.plant / "wmi.txt"}))).empty());
  CHECK(line.plant.dmigate(line.with_inventory({"--wmi", line.plant / "missing"})).status == 3);
  CHECK(line.plant.dmigate(line.with_inventory({"--wmi", line.plant.operator/("profiles")})).status == 3);
}

TEST_CASE("the system's disk is named with a flag") {
  const Line line;
  CHECK(rules(line.plant.verdict(0, line.with_inventory({"--system-disk", "disk-0"}))).empty());
  CHECK(rules(line.plant.verdict(3, line.with_inventory({"--system-disk", "sda"}))) ==
        Words{"disk.unknown system-disk"});
}

TEST_CASE("a reference that is no instant, or nobody's, is wrong usage") {
  const Line line;
  for (const Words& wrong :
       {Words{"--reference", "yesterday"}, Words{"--reference-from", "ntp"}, Words{"--reference", ""}}) {
    CHECK(line.plant.dmigate(line.check(wrong)).status == 2);
  }
}

TEST_CASE(
    "a burn or an image is not started on what a file says of the hardware, unless the station allows it") {
  const Line line;
  Words run = line.with_inventory({"--stage", "pre-image", "--unit", "CX2600417", "--", "true"});
  run.front() = "run";
  CHECK(outcome(line.plant.verdict(0, run)) == "PASS");
  line.plant.station("");
  CHECK(line.plant.dmigate(run).status == 2);
}

TEST_CASE(
    "a profile with witnesses needs the network cards at every stage; the station's own are not the unit's") {
  const Plant plant;
  write_file(plant / "hw.yaml",
             "profile: hw\nversion: 1\nfields: { system-serial-number: { unique: true } }\n"
             "hardware: { physical-nics: { at_least: 1 } }\nwitnesses: [nic-mac]\n"
             "stages: { incoming: { only: [system-serial-number] }, ship: {} }\n");
  const std::string unit = plant.unit("unit", "good-unit");
  const std::string bare = plant.unit("bare", "good-unit", {{"boot_id:", "hardware: none\nboot_id:"}});
  const auto check = [&](int status, const std::string& source, const Words& more) {
    Words words = {"check", source, "--profile", plant / "hw.yaml"};
    words.insert(words.end(), more.begin(), more.end());
    return rules(plant.verdict(status, words));
  };
  CHECK(check(0, unit, {"--stage", "incoming"}).empty());
  CHECK(check(3, bare, {"--stage", "incoming"}) == Words{"evidence.missing nic-mac"});
  CHECK(check(3, bare, {"--stage", "ship"}) ==
        Words{"evidence.missing physical-nics", "evidence.missing nic-mac"});
  CHECK(check(0, bare, {}).size() == 2);  // listed
  plant.station("fixtures: [02-CC-26-00-41-70]\n");
  CHECK(check(1, unit, {}) == Words{"nic.none physical-nics"});
}
