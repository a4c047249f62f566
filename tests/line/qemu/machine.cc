#include "tests/line/qemu/machine.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "fixtures/builder/unit_folder.h"
#include "tests/line/qemu/initramfs.h"

namespace dmigate::plant {
namespace {

namespace fs = std::filesystem;
using fixtures::StructureDescription;
using fixtures::UnitDescription;

const std::string kKernel = DMIGATE_SOURCE_DIR "/build/kernel";
constexpr const char* kEmulator = "/usr/bin/qemu-system-x86_64";

// What is left out of a kernel's start is what no unit of a line needs: half of the time without KVM.
constexpr const char* kQuickly =
    " quiet panic=-1 mitigations=off tsc=reliable no_timer_check nosmp cryptomgr.notests "
    "usb_storage.delay_use=0";

struct FirmwareOption {
  const char* keyword;
  const char* option;  ///< of -smbios type=N
};
constexpr FirmwareOption kFirmware[] = {
    {"bios-vendor", "vendor"},
    {"bios-version", "version"},
    {"bios-release-date", "date"},
    {"system-manufacturer", "manufacturer"},
    {"system-product-name", "product"},
    {"system-version", "version"},
    {"system-serial-number", "serial"},
    {"system-uuid", "uuid"},
    {"system-sku-number", "sku"},
    {"system-family", "family"},
    {"baseboard-manufacturer", "manufacturer"},
    {"baseboard-product-name", "product"},
    {"baseboard-version", "version"},
    {"baseboard-serial-number", "serial"},
    {"baseboard-asset-tag", "asset"},
};

// A comma ends an option's value; two are one.
std::string quoted(const std::string& value) {
  std::string text;
  for (const char c : value) text += c == ',' ? ",," : std::string(1, c);
  return text;
}

// A burner writes a UUID as 32 digits, in its own letters; the emulator wants its hyphens.
std::string hyphened(std::string uuid) {
  std::ranges::transform(uuid, uuid.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (uuid.find('-') != uuid.npos) return uuid;
  for (const std::size_t at : {8U, 13U, 18U, 23U}) uuid.insert(at, "-");
  return uuid;
}

// The chassis' type has no option: a Type 3 is handed over as its bytes.
std::string chassis_file(const UnitDescription& unit, const StructureDescription& chassis,
                         const std::string& folder) {
  UnitDescription alone{.name = unit.name, .version = unit.version, .form = smbios::Form::kBare};
  alone.entry_point = smbios::EntryPointKind::kNone;
  alone.structures = {chassis};
  alone.structures[0].handle = 0x0300;  // where the emulator's Type 2 looks for it
  alone.defects.no_end = true;
  const auto built = fixtures::build(alone);
  REQUIRE_MESSAGE(built, built.error().to_string());
  const std::string path = folder + "/chassis.bin";
  write_file(path, {built->file.begin(), built->file.end()});
  return path;
}

Words firmware(const UnitDescription& unit, const std::string& folder) {
  Words words;
  for (const StructureDescription& structure : unit.structures) {
    words.emplace_back("-smbios");
    if (structure.type == 3) {
      words.push_back("file=" + chassis_file(unit, structure, folder));
      continue;
    }
    std::string options = "type=" + std::to_string(structure.type);
    for (const auto& [field, value] : structure.fields) {
      const auto* known = std::ranges::find(kFirmware, field->keyword, &FirmwareOption::keyword);
      REQUIRE_MESSAGE(known != std::end(kFirmware), "the emulator cannot be told ", field->keyword);
      if (value && !value->empty())
        options += "," + std::string(known->option) + "=" +
                   quoted(field->kind == smbios::Kind::kUuid ? hyphened(*value) : *value);
    }
    words.push_back(options);
  }
  return words;
}

// Disks read as zeros and keep nothing; a network card's cable hangs loose, or leads to the emulator's own
// network, where this machine is 10.0.2.2.
Words parts(const fixtures::Machine& machine, Cable cable) {
  const auto on_usb = [](const auto& part) { return part.bus == "usb"; };
  Words words;
  if (std::ranges::any_of(machine.disks, on_usb) || std::ranges::any_of(machine.nics, on_usb))
    words = {"-device", "qemu-xhci,id=usb"};
  int number = 0;
  for (const auto& [bus, serial] : machine.disks) {
    const std::string id = "disk" + std::to_string(number);
    words.insert(words.end(), {"-blockdev", "null-co,read-zeroes=on,size=67108864,node-name=" + id});
    const std::string device = bus == "ata"   ? "ide-hd,bus=ide." + std::to_string(number)
                               : bus == "usb" ? "usb-storage,bus=usb.0"
                                              : "virtio-blk-pci";
    words.insert(words.end(),
                 {"-device", device + ",drive=" + id + (serial.empty() ? "" : ",serial=" + quoted(serial))});
    ++number;
  }
  for (const auto& [bus, mac] : machine.nics) {
    const std::string id = "net" + std::to_string(number++);
    words.insert(words.end(),
                 {"-netdev", cable == Cable::kLoose ? "hubport,hubid=" + std::to_string(number) + ",id=" + id
                                                    : "user,id=" + id});
    const std::string device = bus == "usb"   ? "usb-net,bus=usb.0"
                               : bus == "pci" ? "e1000e,romfile="
                                              : "virtio-net-pci,romfile=";
    words.insert(words.end(), {"-device", device + ",netdev=" + id + ",mac=" + mac});
  }
  return words;
}

// Written once for all boots of this program.
const std::string& archive_file() {
  static const TemporaryFolder folder;
  static const std::string path = [] {
    write_file(folder / "initramfs", initramfs(DMIGATE_UNIT_INIT, DMIGATE_AGENT, kKernel + "/modules"));
    return folder / "initramfs";
  }();
  return path;
}

Words command(const UnitDescription& unit, const std::string& folder, const std::string& more, Cable cable) {
  const std::string counts = " DISKS=" + std::to_string(unit.machine.disks.size()) +
                             " CARDS=" + std::to_string(unit.machine.nics.size());
  Words words = {"timeout",
                 "--kill-after=5",
                 "300",
                 kEmulator,
                 "-nodefaults",
                 "-no-user-config",
                 "-display",
                 "none",
                 "-vga",
                 "none",
                 "-no-reboot",
                 "-machine",
                 "q35,accel=tcg,hpet=off,smbios-entry-point-type=64",
                 "-cpu",
                 "qemu64",
                 "-m",
                 DMIGATE_UNIT_MEMORY,
                 "-serial",
                 "file:" + folder + "/console",
                 "-serial",
                 "file:" + folder + "/line",
                 "-kernel",
                 kKernel + "/vmlinux",
                 "-initrd",
                 archive_file(),
                 "-append",
                 std::string("console=ttyS0") + kQuickly + counts + " " + more};
  const Words told = firmware(unit, folder);
  words.insert(words.end(), told.begin(), told.end());
  const Words plugged = parts(unit.machine, cable);
  words.insert(words.end(), plugged.begin(), plugged.end());
  return words;
}

Start start_of(const std::string& folder, const std::string& more, Cable cable) {
  const auto unit = fixtures::load_unit_folder(folder);
  REQUIRE_MESSAGE(unit, unit.error().to_string());
  for (const char* name : {"/console", "/line", "/evidence.json"}) fs::remove(folder + name);
  return {.argv = command(*unit, folder, more, cable)};
}

// All that tells one emulated machine from another.
std::string description_of(const Machine& machine) {
  const auto unit = fixtures::load_unit_folder(machine.folder());
  REQUIRE_MESSAGE(unit, unit.error().to_string());
  std::string description;
  for (const Words& words : {firmware(*unit, machine.folder()), parts(unit->machine, Cable::kLoose)}) {
    for (const std::string& word : words)
      description += (word.starts_with("file=") ? read_file(word.substr(5)) : word) + '\n';
  }
  return description;
}

}  // namespace

Machine::Machine(const std::string& fixture, const Edits& edits) {
  const std::string text = read_file(DMIGATE_SOURCE_DIR "/fixtures/machines/" + fixture + ".yaml");
  REQUIRE_MESSAGE(!text.empty(), fixture);
  write_file(folder_ / "unit.yaml", edited(text, edits));
}

void Machine::refit(const Edits& edits) const {
  write_file(folder_ / "unit.yaml", edited(read_file(folder_ / "unit.yaml"), edits));
}

std::size_t Machine::next_boot(const std::string& description) const { return boots_[description]++; }

// The first boot of a description is one boot, whichever machines have it, and so is the second: a machine
// that is started again has another one.
void boot(const std::vector<const Machine*>& machines) {
  using Key = std::pair<std::string, std::size_t>;
  static std::map<Key, std::string> evidence;
  std::map<Key, std::vector<const Machine*>> alike;
  for (const Machine* machine : machines) {
    const std::string description = description_of(*machine);
    alike[{description, machine->next_boot(description)}].push_back(machine);
  }
  constexpr std::size_t kAtOnce = 2;
  std::deque<std::pair<Key, std::unique_ptr<Boot>>> running;
  const auto finish_one = [&] {
    const Frame handed = running.front().second->wait();
    REQUIRE_MESSAGE(handed.kind == "evidence", handed.content);
    evidence[running.front().first] = handed.content;
    running.pop_front();
  };
  for (const auto& [key, units] : alike) {
    if (evidence.contains(key)) continue;
    if (running.size() == kAtOnce) finish_one();
    running.emplace_back(key, std::make_unique<Boot>(*units.front()));
  }
  while (!running.empty()) finish_one();
  for (const auto& [key, units] : alike) {
    for (const Machine* machine : units) write_file(machine->evidence(), evidence.at(key));
  }
}

Boot::Boot(const Machine& machine, const std::string& more, Cable cable)
    : line_(machine.folder() + "/line"),
      console_(machine.folder() + "/console"),
      process_(start_of(machine.folder(), more, cable)) {}

Frame Boot::wait() {
  const Ended ended = process_.wait();
  INFO("the emulator: ", ended.err);
  INFO("the unit's console: ", read_file(console_));
  CHECK(ended.status == 0);
  auto frame = unframed(read_file(line_));
  REQUIRE_MESSAGE(frame, frame.error().to_string());
  return *std::move(frame);
}

bool can_boot() {
  const bool there = ::access(kEmulator, X_OK) == 0 && fs::exists(kKernel + "/made-by");
  if (!there) MESSAGE("left out: units that boot (qemu-system-x86, and the kernel of scripts/fetch-kernel)");
  return there;
}

}  // namespace dmigate::plant
