// The rules on hardware: what a unit has beside its table, and what the gate says of it.
#include "gate/judge/hardware.h"

#include "gate/evidence/inventory.h"
#include "gate/evidence/text.h"
#include "gate/evidence/wmi.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

using profiles::Profile;

constexpr const char* kProfile =
    "profile: cx\nversion: 1\nfields:\n  system-serial-number:\n  baseboard-serial-number:\n"
    "stages:\n  incoming: { only: [baseboard-serial-number] }\n  pre-image: {}\n  post-image: {}\n";

// What activation asks for, and a clock that is right to five minutes.
Profile model() {
  Profile parsed = profile(kProfile);
  parsed.hardware.system_disk =
      profiles::SystemDiskRule{.removable = false, .serial = true, .serial_at_most = 64};
  parsed.hardware.fixed_disks = profiles::CountRule{.count = {.at_least = {}, .at_most = 1}};
  parsed.hardware.physical_nics = profiles::CountRule{.count = {.at_least = 1, .at_most = {}}};
  parsed.hardware.clock = profiles::ClockRule{.within = std::chrono::minutes(5)};
  return parsed;
}

Disk nvme() {
  return {.name = "nvme0n1",
          .kind = DiskKind::kDisk,
          .bus = Bus::kNvme,
          .port = "pci0000:00/0000:00:1d.0",
          .removable = false,
          .boot_medium = false,
          .serial = "S4EVNF0M  ",
          .model = "KXG60ZNV512G",
          .size = 512110190592};
}

Disk data_disk() {
  Disk disk = nvme();
  disk.name = "sda";
  disk.bus = Bus::kAta;
  disk.serial = "ZN1ABCDE";
  disk.model = "ST1000DM010";
  return disk;
}

Disk usb_stick() {
  Disk disk = nvme();
  disk.name = "sdb";
  disk.bus = Bus::kUsb;
  disk.removable = true;
  return disk;
}

NetworkCard card() {
  return {.name = "enp1s0",
          .bus = Bus::kPci,
          .port = "pci0000:00/0000:00:1f.6",
          .physical = true,
          .removable = false,
          .mac = "02:fc:00:00:00:01",
          .driver = "e1000e",
          .disabled = {}};
}

Hardware good_hardware() {
  Hardware hardware;
  hardware.disks = {nvme()};
  hardware.nics = {card()};
  hardware.clock =
      Clock{.at = "2026-11-20T05:00:00Z", .local = {}, .reference = "2026-11-20T05:00:10Z", .from = "ntp"};
  return hardware;
}

struct Judged {
  Words rules;
  Outcome outcome;
  std::vector<Finding> findings;

  // Message and advice of the first finding.
  [[nodiscard]] std::string words(Language language = Language::kEnglish) const {
    REQUIRE_FALSE(findings.empty());
    const Sentence said = sentence(findings.front(), language, {});
    return said.message + " -> " + said.advice;
  }
  [[nodiscard]] bool says(const std::string& part) const { return words().find(part) != std::string::npos; }
};

Judged judged(const Hardware& hardware, const Profile& asked, std::optional<Stage> stage = Stage::kPreImage,
              const fixtures::UnitDescription& described = unit("good-unit")) {
  Evidence evidence = evidence_of(described);
  evidence.hardware = hardware;
  Verdict verdict;
  verdict.findings =
      judge({.evidence = evidence, .profile = asked, .stage = stage, .label = {}, .identifiers = {}})
          .findings;
  for (const Finding& finding : verdict.findings) {
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      const Sentence said = sentence(finding, language, {});
      CHECK_MESSAGE((said.message + said.advice).find('{') == std::string::npos, said.message);
      CHECK_FALSE(said.advice.empty());
    }
  }
  return {rules(verdict.findings), verdict.judged(), verdict.findings};
}

TEST_CASE("a unit with one fixed disk, one network card and a right clock has no findings") {
  CHECK(judged(good_hardware(), model()).rules.empty());
}

TEST_CASE(
    "what is not asked for is not judged, and what was not captured is missing only where it is asked for") {
  CHECK(judged({}, profile(kProfile)).rules.empty());
  const Judged missing = judged({}, model());
  CHECK(missing.rules == Words{"evidence.missing system-disk", "evidence.missing fixed-disks",
                               "evidence.missing physical-nics", "evidence.missing clock"});
  CHECK(missing.outcome == Outcome::kError);
  CHECK(judged({}, model(), Stage::kIncoming).rules.empty());
  CHECK(judged({}, model(), std::nullopt).rules.size() == 4);
  Profile asked = model();
  asked.stages[1].except.hardware = {profiles::Hardware::kClock, profiles::Hardware::kFixedDisks,
                                     profiles::Hardware::kSystemDisk};
  CHECK(judged({}, asked).rules == Words{"evidence.missing physical-nics"});
  asked.stages[0].only->hardware = {profiles::Hardware::kClock};
  CHECK(judged({}, asked, Stage::kIncoming).rules == Words{"evidence.missing clock"});
}

TEST_CASE("a rule that warns does not block") {
  Profile asked = model();
  asked.hardware.fixed_disks->severity = Severity::kWarning;
  Hardware hardware = good_hardware();
  hardware.disks = {nvme(), data_disk()};
  hardware.system_disk = "nvme0n1";
  const Judged found = judged(hardware, asked);
  CHECK(found.rules == Words{"warning disk.count fixed-disks"});
  CHECK(found.outcome == Outcome::kPass);
}

TEST_CASE("case B: a second, mechanical disk is refused before activation, and is to be detached") {
  Hardware hardware = good_hardware();
  hardware.disks = {nvme(), data_disk()};
  const Judged found = judged(hardware, model());
  CHECK(found.rules == Words{"disk.count fixed-disks"});
  CHECK(found.outcome == Outcome::kFail);
  CHECK(found.words() ==
        "the unit has 2 fixed disks, at most 1 are allowed before activation: nvme0n1 (nvme, KXG60ZNV512G, "
        "512 GB), "
        "sda (ata, ST1000DM010, 512 GB) -> detach the data disk, leave the system disk in, and go on; plug "
        "it in "
        "again after activation");
  CHECK(found.words(Language::kChinese).find("拆下数据盘") != std::string::npos);
  CHECK(found.findings[0].found == "2");
  CHECK(found.findings[0].expected == "1");
  hardware.disks = {nvme()};
  CHECK(judged(hardware, model()).rules.empty());
}

TEST_CASE(
    "the boot medium, optical, loop, network and mapped disks are not counted; a boot medium that is named "
    "is") {
  Hardware hardware = good_hardware();
  for (const DiskKind kind : {DiskKind::kOptical, DiskKind::kLoop, DiskKind::kNetwork, DiskKind::kMapped,
                              DiskKind::kMemory, DiskKind::kOther}) {
    Disk disk = data_disk();
    if (kind == DiskKind::kOther) disk.bus = Bus::kVirtual;
    disk.name += std::string(disk_kind_name(kind));
    disk.kind = kind;
    hardware.disks->push_back(disk);
  }
  hardware.disks->push_back(usb_stick());
  Disk jig = data_disk();
  jig.boot_medium = true;
  hardware.disks->push_back(jig);
  CHECK(judged(hardware, model()).rules.empty());
  hardware.system_disk = "sda";
  CHECK(judged(hardware, model()).rules == Words{"disk.count fixed-disks"});
}

TEST_CASE("case B: a clock that prints +30:00 is right; one that is a day off is not, in either direction") {
  Hardware hardware = good_hardware();
  hardware.clock = Clock{.at = "2022-09-05T07:21:54Z",
                         .local = "2022-09-06T13:21:54+30:00",
                         .reference = "2022-09-05T15:22:00+08:00",
                         .from = "station"};
  CHECK(judged(hardware, model()).rules.empty());
  struct Row {
    const char* reference;
    const char* words;
  };
  const Row rows[] = {
      {"2022-09-04T07:21:54Z", "the unit's clock is 1d 0h 0m 0s ahead of station"},
      {"2022-09-06T07:21:54Z", "the unit's clock is 1d 0h 0m 0s behind station"},
      {"2022-09-05T07:16:53Z", "the unit's clock is 5m 1s ahead of station"},
      {"2022-09-05T07:21:54+08:00", "the unit's clock is 8h 0m 0s ahead of station"},
  };
  for (const Row& row : rows) {
    hardware.clock->reference = row.reference;
    const Judged found = judged(hardware, model());
    CHECK(found.rules == Words{"clock.skew clock"});
    CHECK(found.outcome == Outcome::kFail);
    CHECK_MESSAGE(found.words().starts_with(row.words), found.words());
  }
  hardware.clock->reference = "2022-09-05T07:16:54Z";  // the last instant within
  CHECK(judged(hardware, model()).rules.empty());
}

TEST_CASE(
    "without another clock nothing is known of the unit's; a local time of another instant is a fault") {
  Hardware hardware = good_hardware();
  hardware.clock->reference.reset();
  CHECK(judged(hardware, model()).rules == Words{"evidence.missing clock"});
  CHECK(judged(hardware, model()).outcome == Outcome::kError);
  hardware = good_hardware();
  hardware.clock->local = "2026-11-20T13:00:00+09:00";
  CHECK(judged(hardware, model()).rules == Words{"clock.skew clock"});
  CHECK(judged(hardware, model()).says("1h 0m 0s apart"));
}

TEST_CASE("a system disk that can be pulled out is refused, also where it is the only one") {
  Hardware hardware = good_hardware();
  hardware.disks = {usb_stick()};
  CHECK(judged(hardware, model()).rules == Words{"disk.removable system-disk"});
  hardware.disks = {nvme(), usb_stick()};
  CHECK(judged(hardware, model()).rules.empty());
  hardware.system_disk = "sdb";
  CHECK(judged(hardware, model()).rules == Words{"disk.removable system-disk"});
  CHECK(judged(hardware, model()).says("sdb (usb"));
  Profile asked = model();
  asked.hardware.system_disk->removable = true;
  CHECK(judged(hardware, asked).rules.empty());
  hardware.system_disk = "nvme0n1";
  CHECK(judged(hardware, asked).rules == Words{"disk.removable system-disk"});
}

TEST_CASE("the system disk's serial: missing, blank, a placeholder, too long, unread") {
  struct Row {
    std::optional<std::string> serial;
    Words rules;
    Outcome outcome = Outcome::kFail;
  };
  const Row rows[] = {
      {"", {"disk.serial-missing system-disk"}},
      {"    ", {"disk.serial-missing system-disk"}},
      {"0000000000000000", {"disk.serial-placeholder system-disk"}},
      {"Serial Number", {"disk.serial-placeholder system-disk"}},
      {"S4" + std::string(62, 'E'), {}, Outcome::kPass},
      {"S4" + std::string(63, 'E'), {"disk.serial-length system-disk"}},
      {"S4EV" + std::string(61, ' '), {"disk.serial-length system-disk"}},
      {std::nullopt, {"evidence.missing system-disk"}, Outcome::kError},
  };
  for (const Row& row : rows) {
    CAPTURE(row.serial.value_or("(unread)"));
    Hardware hardware = good_hardware();
    hardware.disks->front().serial = row.serial;
    const Judged found = judged(hardware, model());
    CHECK(found.rules == row.rules);
    CHECK(found.outcome == row.outcome);
    Profile silent = model();
    silent.hardware.system_disk->serial = false;
    silent.hardware.system_disk->serial_at_most.reset();
    CHECK(judged(hardware, silent).rules.empty());
  }
}

TEST_CASE(
    "what is missing is an error at a stage, however light the rule is; without one it is listed where no "
    "hardware was looked at") {
  Profile asked = model();
  asked.hardware.system_disk->severity = Severity::kWarning;
  asked.hardware.fixed_disks->severity = Severity::kWarning;
  asked.hardware.physical_nics->severity = Severity::kWarning;
  asked.hardware.clock->severity = Severity::kWarning;
  CHECK(judged({}, asked).rules.size() == 4);
  CHECK(judged({}, asked).outcome == Outcome::kError);
  CHECK(judged({}, asked, std::nullopt).outcome == Outcome::kPass);
  Hardware partly = good_hardware();
  partly.disks->front().serial.reset();
  CHECK(judged(partly, asked, std::nullopt).outcome == Outcome::kError);
  partly = good_hardware();
  partly.nics.reset();
  CHECK(judged(partly, asked, std::nullopt).outcome == Outcome::kError);
  Hardware hardware = good_hardware();
  hardware.system_disk = "sdz";
  CHECK(judged(hardware, asked).rules == Words{"disk.unknown system-disk"});
  CHECK(judged(hardware, asked).outcome == Outcome::kError);
}

TEST_CASE("a disk that was named as the system's and cannot be it is not judged as if it were") {
  for (const DiskKind kind : {DiskKind::kOptical, DiskKind::kLoop, DiskKind::kNetwork, DiskKind::kMapped,
                              DiskKind::kMemory, DiskKind::kOther}) {
    Hardware hardware = good_hardware();
    Disk disk = nvme();
    disk.name = "x0";
    disk.kind = kind;
    disk.bus = Bus::kVirtual;
    hardware.disks->push_back(disk);
    hardware.system_disk = "x0";
    const Judged found = judged(hardware, model());
    CHECK(found.rules == Words{"disk.unknown system-disk"});
    CHECK(found.outcome == Outcome::kError);
    CHECK(found.says(std::string(disk_kind_name(kind))));
  }
  Hardware hardware = good_hardware();
  hardware.disks->front().size = 0;
  CHECK(judged(hardware, model()).rules == Words{"disk.unknown system-disk"});
  hardware.system_disk = "nvme0n1";
  CHECK(judged(hardware, model()).rules == Words{"disk.unknown system-disk"});
}

TEST_CASE("a disk of no known kind on a real bus does not vanish, nor a boot medium that may be fixed") {
  Hardware hardware = good_hardware();
  Disk disk = data_disk();
  disk.kind = DiskKind::kOther;
  hardware.disks->push_back(disk);
  CHECK(judged(hardware, model()).rules == Words{"disk.unknown system-disk"});
  CHECK(judged(hardware, model()).outcome == Outcome::kError);
  CHECK(judged(hardware, model()).says("sda"));
  Profile counted = model();
  counted.hardware.system_disk.reset();
  CHECK(judged(hardware, counted).rules == Words{"disk.unknown fixed-disks"});
  hardware.disks->back().kind = DiskKind::kDisk;
  hardware.disks->back().boot_medium = true;
  hardware.disks->back().removable.reset();
  CHECK(judged(hardware, counted).rules == Words{"evidence.missing fixed-disks"});
  hardware.disks->back().removable = true;
  CHECK(judged(hardware, counted).rules.empty());
}

TEST_CASE("a network card without a permanent address of its own does not count") {
  const std::optional<std::string> rows[] = {std::nullopt, "", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff",
                                             "03:fc:00:00:00:01"};
  for (const auto& mac : rows) {
    CAPTURE(mac.value_or("(not known)"));
    Hardware hardware = good_hardware();
    hardware.nics->front().mac = mac;
    const Judged found = judged(hardware, model());
    CHECK(found.rules == Words{"nic.none physical-nics"});
    CHECK(found.outcome == Outcome::kFail);
    CHECK(found.says("without a permanent address: enp1s0"));
  }
  Profile two = model();
  two.hardware.physical_nics->count = {.at_least = 2, .at_most = {}};
  Hardware hardware = good_hardware();
  hardware.nics->push_back(card());
  hardware.nics->back().name = "enp2s0";
  CHECK(judged(hardware, two).rules == Words{"nic.count physical-nics"});
  hardware.nics->back().mac = "02:fc:00:00:00:02";
  CHECK(judged(hardware, two).rules.empty());
}

TEST_CASE("an inventory whose serial and UUID are placeholders names no unit, also where the table agrees") {
  const Values empty = {{"system-serial-number", "To be filled by O.E.M."}};
  Hardware hardware;
  hardware.stated = {{"system-serial-number", "To be filled by O.E.M."}};
  const Judged found = judged(
      hardware,
      profile("profile: cx\nversion: 1\nfields: { system-manufacturer: {} }\nstages: { pre-image: {} }\n"),
      Stage::kPreImage, unit("good-unit", empty));
  CHECK(found.rules == Words{"evidence.missing inventory"});
  CHECK(found.outcome == Outcome::kError);
  hardware.stated.push_back({"system-uuid", "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513"});
  CHECK(
      judged(hardware,
             profile(
                 "profile: cx\nversion: 1\nfields: { system-manufacturer: {} }\nstages: { pre-image: {} }\n"),
             Stage::kPreImage, unit("good-unit", empty))
          .rules.empty());
}

TEST_CASE("which disk is the system's is not guessed") {
  Profile asked = model();
  asked.hardware.fixed_disks->count = {.at_least = 1, .at_most = 2};
  Hardware hardware = good_hardware();
  hardware.disks = {nvme(), data_disk()};
  CHECK(judged(hardware, asked).rules == Words{"disk.unknown system-disk"});
  CHECK(judged(hardware, asked).outcome == Outcome::kError);
  hardware.system_disk = "sda";
  CHECK(judged(hardware, asked).rules.empty());
  hardware.system_disk = "sdz";
  CHECK(judged(hardware, asked).rules == Words{"disk.unknown system-disk"});
  CHECK(judged(hardware, asked).outcome == Outcome::kError);
  hardware.system_disk.clear();
  hardware.disks = std::vector<Disk>{};
  CHECK(judged(hardware, asked).rules == Words{"disk.count fixed-disks", "disk.missing system-disk"});
  hardware.disks = {usb_stick()};
  hardware.disks->front().size = 0;  // a card reader without a card
  CHECK(judged(hardware, asked).rules == Words{"disk.count fixed-disks", "disk.missing system-disk"});
}

TEST_CASE("a disk of which nobody knows how it is plugged in is neither fixed nor removable") {
  Hardware hardware = good_hardware();
  hardware.disks->front().removable.reset();
  Profile asked = model();
  CHECK(judged(hardware, asked).rules == Words{"evidence.missing system-disk"});
  asked.hardware.fixed_disks->count = {.at_least = 1, .at_most = {}};
  CHECK(judged(hardware, asked).rules ==
        Words{"evidence.missing fixed-disks", "evidence.missing system-disk"});
  hardware.disks = {nvme(), data_disk()};
  hardware.disks->at(1).removable.reset();
  CHECK(judged(hardware, model()).rules ==
        Words{"evidence.missing fixed-disks", "evidence.missing system-disk"});
}

TEST_CASE("one physical network card that is not disabled is needed; the others are named") {
  Hardware hardware = good_hardware();
  NetworkCard dongle = card();
  dongle.name = "enx1";
  dongle.removable = true;
  NetworkCard radio = card();
  radio.name = "wlp2s0";
  radio.disabled = true;
  NetworkCard bare = card();
  bare.name = "0000:00:1f.6";
  bare.driver = "";
  NetworkCard bridge = card();
  bridge.name = "br0";
  bridge.physical = false;
  hardware.nics = {dongle, radio, bare, bridge};
  const Judged found = judged(hardware, model());
  CHECK(found.rules == Words{"nic.none physical-nics"});
  CHECK(found.outcome == Outcome::kFail);
  CHECK(
      found.says("(disabled: wlp2s0; without a driver: 0000:00:1f.6; removable: enx1; without a "
                 "permanent address: -; of other kinds: br0)"));
  hardware.nics->push_back(card());
  CHECK(judged(hardware, model()).rules.empty());
  Profile asked = model();
  asked.hardware.physical_nics->count = {.at_least = 2, .at_most = {}};
  CHECK(judged(hardware, asked).rules == Words{"nic.count physical-nics"});
  asked.hardware.physical_nics->count = {.at_least = {}, .at_most = 0};
  CHECK(judged(hardware, asked).rules == Words{"nic.count physical-nics"});
  hardware.nics = std::vector<NetworkCard>{};
  CHECK(judged(hardware, model()).rules == Words{"nic.none physical-nics"});
  hardware.nics = {card()};
  hardware.nics->front().removable.reset();
  CHECK(judged(hardware, model()).rules == Words{"evidence.missing physical-nics"});
}

// ---------------------------------------------------------------- WMI

Profile model_after_imaging() {
  Profile parsed = profile(kProfile);
  parsed.stages[2].needs_wmi = true;
  return parsed;
}

Hardware wmi(const std::string& text) {
  auto parsed = parse_wmi(text, "wmi.txt");
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().to_string()));
  Hardware hardware;
  hardware.wmi = *std::move(parsed);
  return hardware;
}

Judged after_imaging(const std::string& answers, const Values& values = {}) {
  return judged(wmi(answers), model_after_imaging(), Stage::kPostImage, unit("good-unit", values));
}

TEST_CASE("case C: WMI that answers what the table says is fine, however it is written") {
  CHECK(after_imaging("Win32_BIOS\nSerialNumber=CX2600417  \nWin32_BaseBoard\nSerialNumber=HB26031187\n")
            .rules.empty());
  CHECK(after_imaging("Win32_BIOS\nSerialNumber=CX2600417\nReleaseDate=20260318000000.000000+000\n"
                      "Win32_BaseBoard\nSerialNumber=HB26031187\nWin32_ComputerSystemProduct\n"
                      "UUID=8D1E6F02-5C3B-4A77-9E41-2B7F60C4D513\nWin32_SystemEnclosure\nChassisTypes={3}\n")
            .rules.empty());
}

TEST_CASE("case C: WMI is silent while the table is good: the image is broken, the firmware is not") {
  for (const char* answers : {"Win32_BIOS\nSerialNumber=\nWin32_BaseBoard\nSerialNumber=HB26031187\n",
                              "Win32_BIOS\nSerialNumber=CX2600417\nWin32_BaseBoard\nSerialNumber : \n",
                              "HRESULT 0xC002001B\n", ""}) {
    CAPTURE(answers);
    const Judged found = after_imaging(answers);
    REQUIRE(found.rules.size() == 1);
    CHECK(found.rules[0].starts_with("wmi.silent"));
    CHECK(found.outcome == Outcome::kFail);
    CHECK(found.says("the image is broken, the firmware is not"));
    CHECK(found.says("-> reinstall the image; do not burn"));
    CHECK(found.words(Language::kChinese).find("系统映像已损坏，固件没有问题") != std::string::npos);
  }
  CHECK(after_imaging("HRESULT 0xC002001B\n").says("WMI failed (HRESULT 0xC002001B)"));
}

TEST_CASE("case C: WMI says something else than the table: the image is broken") {
  const Judged found =
      after_imaging("Win32_BIOS\nSerialNumber=CX2600418\nWin32_BaseBoard\nSerialNumber=HB26031187\n");
  CHECK(found.rules == Words{"wmi.differs system-serial-number"});
  CHECK(found.outcome == Outcome::kFail);
  CHECK(found.says(
      "WMI answers \"CX2600418\" for Win32_BIOS.SerialNumber, the firmware's table has \"CX2600417\""));
  const std::string good = "Win32_BIOS\nSerialNumber=CX2600417\nWin32_BaseBoard\nSerialNumber=HB26031187\n";
  CHECK(after_imaging(good + "Win32_ComputerSystemProduct\nUUID=8D1E6F02-5C3B-4A77-9E41-2B7F60C4D514\n")
            .rules == Words{"wmi.differs system-uuid"});
  CHECK(after_imaging(good + "Win32_ComputerSystemProduct\nIdentifyingNumber=X\n").rules ==
        Words{"wmi.differs system-serial-number"});
  CHECK(after_imaging(good + "Win32_SystemEnclosure\nChassisTypes={10}\n").rules ==
        Words{"wmi.differs chassis-type"});
  CHECK(after_imaging(good + "Win32_ComputerSystemProduct\nUUID=00000000-0000-0000-0000-000000000000\n")
            .rules == Words{"wmi.silent system-uuid"});
}

TEST_CASE("case C: WMI and the table are both empty: burn") {
  const Values empty = {{"system-serial-number", ""}};
  const Judged found =
      after_imaging("Win32_BIOS\nSerialNumber=\nWin32_BaseBoard\nSerialNumber=HB26031187\n", empty);
  CHECK(found.rules == Words{"field.empty system-serial-number", "wmi.empty system-serial-number"});
  CHECK(sentence(found.findings[1], Language::kEnglish, {}).message.find("the image is not at fault") !=
        std::string::npos);
  const profiles::BurnRule burn{.tool = "amidewin", .fields = {&field("system-serial-number")}, .origin = {}};
  auto tool = profiles::load_burn_tool("amidewin", {});
  REQUIRE(tool);
  CHECK(sentence(found.findings[1], Language::kEnglish, {.tool = &*tool, .burn = &burn})
            .advice.find("burn it: ") == 0);
  const Judged failed = after_imaging("HRESULT 0xC002001B\n", empty);
  CHECK(failed.rules == Words{"field.empty system-serial-number", "wmi.silent system-serial-number"});
  CHECK(sentence(failed.findings[1], Language::kEnglish, {})
            .message.find("no value for: system-serial-number") != std::string::npos);
}

TEST_CASE("WMI's answers are required where the stage says so, and judged wherever they are") {
  const Profile asked = model_after_imaging();
  CHECK(judged({}, asked, Stage::kPostImage).rules == Words{"evidence.missing wmi"});
  CHECK(judged({}, asked, Stage::kPostImage).outcome == Outcome::kError);
  CHECK(judged({}, asked, Stage::kPreImage).rules.empty());
  const Hardware half = wmi("Win32_BIOS\nSerialNumber=CX2600417\n");
  CHECK(judged(half, asked, Stage::kPostImage).rules == Words{"evidence.missing wmi"});
  CHECK(judged(half, asked, Stage::kPostImage).says("Win32_BaseBoard.SerialNumber"));
  CHECK(judged(half, asked, Stage::kPreImage).rules.empty());
  CHECK(judged(wmi("Win32_BIOS\nSerialNumber=X\n"), asked, Stage::kPreImage).rules ==
        Words{"wmi.differs system-serial-number"});
}

TEST_CASE("case C: a class that gave nothing is silent, and no other class stands in for a serial") {
  const std::string rest =
      "Win32_BaseBoard\nSerialNumber=HB26031187\nWin32_ComputerSystemProduct\nIdentifyingNumber=CX2600417\n";
  CHECK(after_imaging("wmic bios get SerialNumber /value\n\n" + rest).rules ==
        Words{"wmi.silent system-serial-number"});
  const Judged unasked = after_imaging(rest);
  CHECK(unasked.rules == Words{"evidence.missing wmi"});
  CHECK(unasked.outcome == Outcome::kError);
  CHECK(unasked.says("Win32_BIOS.SerialNumber"));
  const Judged failed = after_imaging("wmic bios get SerialNumber /value\n没有可用实例。\n" + rest);
  CHECK(failed.outcome == Outcome::kFail);
  CHECK(failed.says("没有可用实例。"));
  CHECK(after_imaging("Win32_BIOS\nSerialNumber=CX2600417\n" + rest).rules.empty());
}

TEST_CASE("a unit with several boards: WMI may answer for any of them") {
  Profile asked = profile("profile: cx\nversion: 1\nfields:\n  system-serial-number:\n");
  const auto boards = unit("several-type2");
  const Evidence evidence = evidence_of(boards);
  for (const smbios::Structure& structure : evidence.source.table()) {
    if (structure.type() != 2) continue;
    const auto reading =
        smbios::read(structure, field("baseboard-serial-number"), evidence.source.table().version());
    if (reading.state != smbios::State::kPresent) continue;
    Words found =
        judged(wmi("Win32_BaseBoard\nSerialNumber=" + reading.text() + "\n"), asked, std::nullopt, boards)
            .rules;
    std::erase_if(found, [](const std::string& words) { return words.find("wmi.") == std::string::npos; });
    CHECK(found.empty());
  }
}

// ---------------------------------------------------------------- an inventory

constexpr const char* kInventory =
    "OsSystemTime: 2022-09-05T07:21:54Z\nOsLocalTime: 2022-09-06T13:21:54+30:00\n"
    "SmbiosSystemManufacturer: Chenxi  \nSmbiosSystemSerialNumber: CX2600417\n"
    "SmbiosUuid: 8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513\nSmbiosBoardProduct: H310CM-A\nChassisType: 0x03\n"
    "InternalDiskCount: 1\nDiskSerialNumber:   S4EVNF0M|KXG60ZNV512G|\nStorageBusType: NVMe\n"
    "PhysicalMedium: Unspecified\nMacAddress: 02-FC-00-00-00-01\n";

std::string edited(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

Hardware inventory(const std::string& text) {
  auto parsed = parse_inventory(text, "inventory.txt");
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().to_string()));
  return *std::move(parsed);
}

TEST_CASE("case B: the inventory of a healthy unit passes, with its +30:00 and all") {
  Hardware hardware = inventory(kInventory);
  hardware.clock->reference = "2022-09-05T07:22:00Z";
  hardware.clock->from = "station";
  CHECK(judged(hardware, model()).rules.empty());
  hardware.clock->reference = "2022-09-06T07:22:00Z";
  CHECK(judged(hardware, model()).rules == Words{"clock.skew clock"});
  Hardware two = inventory(edited(kInventory, "InternalDiskCount: 1", "InternalDiskCount: 2"));
  two.clock = hardware.clock;
  two.clock->reference = "2022-09-05T07:22:00Z";
  CHECK(judged(two, model()).rules == Words{"disk.count fixed-disks"});
}

TEST_CASE("an inventory that names another unit than the table is of another unit") {
  Profile asked = profile(kProfile);
  CHECK(judged(inventory(kInventory), asked).rules.empty());
  struct Row {
    const char* from;
    const char* to;
    const char* keyword;
  };
  const Row rows[] = {
      {"CX2600417", "CX2600418", "system-serial-number"},
      {"CX2600417", "", "system-serial-number"},
      {"8d1e6f02", "8d1e6f03", "system-uuid"},
      {"8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "00000000-0000-0000-0000-000000000000", "system-uuid"},
      {"Chenxi", "Other", "system-manufacturer"},
      {"H310CM-A", "H310CM-B", "baseboard-product-name"},
      {"0x03", "0x0A", "chassis-type"},
      {"0x03", "desk", "chassis-type"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.to);
    const Judged found = judged(inventory(edited(kInventory, row.from, row.to)), asked);
    CHECK(found.rules == Words{std::string("evidence.mismatch ") + row.keyword});
    CHECK(found.outcome == Outcome::kError);
    CHECK(found.says("it belongs to another unit"));
  }
  // The bytes of a UUID may be written in either order.
  CHECK(judged(inventory(edited(kInventory, "8d1e6f02-5c3b-4a77", "{026F1E8D-3B5C-774A")), asked)
            .rules.empty());
  // Nothing here and nothing there agree: the field itself is judged.
  CHECK(judged(inventory(edited(kInventory, "CX2600417", "")), asked, Stage::kPreImage,
               unit("good-unit", {{"system-serial-number", ""}}))
            .rules == Words{"field.empty system-serial-number"});
}

}  // namespace
}  // namespace dmigate::gate
