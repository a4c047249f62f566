#include "line-integration/capture/hardware.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "gate/evidence/inventory.h"
#include "gate/evidence/text.h"

namespace dmigate::line {
namespace {

namespace fs = std::filesystem;
using gate::Bus;
using gate::Disk;
using gate::DiskKind;
using gate::NetworkCard;

// A sysfs attribute: at most a page. `missing` is not the same as unreadable: the one is an answer.
struct Attribute {
  std::optional<std::string> bytes;
  bool missing = false;
};

Attribute read_attribute(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {.bytes = {}, .missing = errno == ENOENT || errno == ENOTDIR};
  std::array<char, 4096> page = {};
  const ssize_t size = ::read(fd, page.data(), page.size());
  ::close(fd);
  if (size < 0) return {};
  return {.bytes = std::string(page.data(), static_cast<std::size_t>(size))};
}

std::string without_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
  return text;
}

// Without its final newline and outer blanks; empty where it is not there or cannot be read.
std::string word_of(const fs::path& path) {
  const auto bytes = read_attribute(path).bytes.value_or("");
  return gate::valid_utf8(gate::trimmed(without_end(bytes)));
}

// The names in a folder, sorted; none when it cannot be listed.
std::optional<std::vector<std::string>> names_in(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename());
  if (error) return std::nullopt;
  std::ranges::sort(names);
  return names;
}

bool there(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() != fs::file_type::not_found && !error;
}

bool starts_numbered(std::string_view text, std::string_view prefix) {
  return text.size() > prefix.size() && text.starts_with(prefix) && text[prefix.size()] >= '0' &&
         text[prefix.size()] <= '9';
}

// ---------------------------------------------------------------- where a device is plugged in

// A device's folder below /sys/devices, real, and its parts.
struct Place {
  fs::path folder;
  fs::path devices;
  std::vector<std::string> parts;

  [[nodiscard]] bool has(bool (*like)(std::string_view)) const {
    return std::ranges::any_of(parts, [&](const std::string& part) { return like(part); });
  }
  [[nodiscard]] bool is_virtual() const { return !parts.empty() && parts.front() == "virtual"; }
  [[nodiscard]] std::string port() const {
    std::string port;
    for (const std::string& part : parts) port += (port.empty() ? "" : "/") + part;
    return port;
  }
};

Place place_of(const fs::path& sys, const fs::path& link) {
  std::error_code error;
  Place place{
      .folder = fs::canonical(link, error), .devices = fs::canonical(sys / "devices", error), .parts = {}};
  for (const fs::path& part : place.folder.lexically_relative(place.devices)) place.parts.push_back(part);
  return place;
}

struct BusRow {
  bool (*like)(std::string_view part);  ///< of the path, where the kernel names the bus
  Bus bus;
};

// The first that is met counts: a disk on a USB bridge hangs on a PCI device too, and may speak SCSI.
constexpr BusRow kDiskBuses[] = {
    {[](std::string_view part) { return starts_numbered(part, "session") || part.starts_with("rport-"); },
     Bus::kNetwork},
    {[](std::string_view part) { return starts_numbered(part, "usb"); }, Bus::kUsb},
    {[](std::string_view part) { return part == "mmc_host"; }, Bus::kMmc},
    {[](std::string_view part) { return part == "nvme"; }, Bus::kNvme},
    {[](std::string_view part) { return starts_numbered(part, "ata"); }, Bus::kAta},
    {[](std::string_view part) { return part.starts_with("end_device-"); }, Bus::kSas},
    {[](std::string_view part) { return starts_numbered(part, "virtio"); }, Bus::kVirtio},
    {[](std::string_view part) { return starts_numbered(part, "target"); }, Bus::kScsi},
};
constexpr BusRow kCardBuses[] = {
    {[](std::string_view part) { return starts_numbered(part, "usb"); }, Bus::kUsb},
    {[](std::string_view part) { return part == "mmc_host"; }, Bus::kMmc},
    {[](std::string_view part) { return starts_numbered(part, "virtio"); }, Bus::kVirtio},
    {[](std::string_view part) { return part.starts_with("pci"); }, Bus::kPci},
};

template <std::size_t N>
Bus bus_of(const Place& place, const BusRow (&rows)[N]) {
  for (const BusRow& row : rows) {
    if (place.has(row.like)) return row.bus;
  }
  return Bus::kOther;
}

// By port: a PCI device behind Thunderbolt or another external port, and a USB device, says so itself
// (Documentation/ABI/testing/sysfs-devices-removable). A USB device counts as removable unless every port
// on its way is said to be fixed: USB SSDs and network dongles call their medium fixed.
bool removable_by_port(const Place& place, Bus bus) {
  bool said_fixed = false;
  for (fs::path at = place.folder; at != place.devices && at.has_relative_path(); at = at.parent_path()) {
    const std::string said = word_of(at / "removable");
    if (said == "removable") return true;
    const bool root_hub = starts_numbered(at.filename().string(), "usb");
    if (said == "fixed") said_fixed = true;
    if (said == "unknown" && bus == Bus::kUsb && !root_hub) return true;
  }
  return bus == Bus::kUsb && !said_fixed;
}

// ---------------------------------------------------------------- disks

// What a device that the kernel makes by itself is called.
struct VirtualRow {
  std::string_view prefix;
  DiskKind kind;
};
constexpr VirtualRow kVirtualDisks[] = {
    {"loop", DiskKind::kLoop},   {"zram", DiskKind::kMemory}, {"ram", DiskKind::kMemory},
    {"dm-", DiskKind::kMapped},  {"md", DiskKind::kMapped},   {"bcache", DiskKind::kMapped},
    {"nbd", DiskKind::kNetwork}, {"rbd", DiskKind::kNetwork}, {"drbd", DiskKind::kNetwork},
};

DiskKind virtual_kind(std::string_view name) {
  for (const VirtualRow& row : kVirtualDisks) {
    if (name.starts_with(row.prefix)) return row.kind;
  }
  return DiskKind::kOther;
}

// SCSI's page 80h: peripheral, page, length (2 bytes, big-endian), serial. None when it is none.
std::optional<std::string> serial_of_page(std::string_view page) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(page[at]); };
  if (page.size() < 4 || byte(1) != 0x80) return std::nullopt;
  const std::size_t length = std::size_t{byte(2)} << 8 | byte(3);
  if (page.size() - 4 < length) return std::nullopt;
  return without_end(std::string(page.substr(4, length)));
}

// The first of the places where a kind of disk keeps it that is there at all. Empty: none is. None: it
// cannot be read.
std::optional<std::string> serial_of(const fs::path& block, const Place& place) {
  for (const char* name : {"device/serial", "serial"}) {
    const Attribute found = read_attribute(block / name);
    if (!found.missing) return found.bytes ? std::optional(without_end(*found.bytes)) : std::nullopt;
  }
  const Attribute page = read_attribute(block / "device/vpd_pg80");
  if (!page.missing) return page.bytes ? serial_of_page(*page.bytes) : std::nullopt;
  if (bus_of(place, kDiskBuses) != Bus::kUsb) return "";
  for (fs::path at = place.folder; at != place.devices && at.has_relative_path(); at = at.parent_path()) {
    if (!there(at / "idVendor")) continue;  // not the USB device itself
    const Attribute found = read_attribute(at / "serial");
    if (found.missing) return "";
    return found.bytes ? std::optional(without_end(*found.bytes)) : std::nullopt;
  }
  return "";
}

std::optional<std::uint64_t> size_of(const fs::path& block) {
  const std::string sectors = word_of(block / "size");
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(sectors.data(), sectors.data() + sectors.size(), count);
  if (error != std::errc{} || end != sectors.data() + sectors.size() || count > UINT64_MAX / 512)
    return std::nullopt;
  return count * 512;
}

// With several paths to a subsystem, the kernel shows its disks as virtual; a controller tells the port.
Place nvme_controller(const fs::path& sys, const fs::path& block, const Place& own) {
  const auto names = names_in(block / "device");
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (starts_numbered(name, "nvme") && there(block / "device" / name / "transport"))
      return place_of(sys, block / "device" / name);
  }
  return own;
}

// What of an eMMC is no disk of its own: its boot partitions and the like.
bool is_area(std::string_view name) {
  return name.starts_with("mmcblk") &&
         (name.find("boot") != name.npos || name.find("rpmb") != name.npos || name.find("gp") != name.npos);
}

// Removable when its port, its bus or its medium is. An SD card is; what is soldered to the same bus is not.
bool is_removable(const fs::path& block, const Place& place, Bus bus) {
  if (bus == Bus::kNetwork || word_of(block / "removable") != "0") return true;
  if (bus == Bus::kMmc && word_of(block / "device/type") != "MMC") return true;
  return removable_by_port(place, bus);
}

Disk disk_of(const fs::path& sys, const std::string& name) {
  const fs::path block = sys / "block" / name;
  Place place = place_of(sys, block);
  Disk disk{.name = name, .size = size_of(block)};
  if (place.is_virtual() && starts_numbered(name, "nvme")) place = nvme_controller(sys, block, place);
  disk.port = place.port();
  if (place.is_virtual()) {
    disk.kind = virtual_kind(name);
    disk.bus = disk.kind == DiskKind::kNetwork ? Bus::kNetwork : Bus::kVirtual;
    disk.serial = "";
    return disk;
  }
  disk.bus = bus_of(place, kDiskBuses);
  std::string transport = word_of(block / "device/transport");
  if (transport.empty()) transport = word_of(place.folder / "transport");
  if (disk.bus == Bus::kNvme && !transport.empty() && transport != "pcie" && transport != "apple-nvme")
    disk.bus = Bus::kNetwork;
  if (disk.bus == Bus::kNetwork) disk.kind = DiskKind::kNetwork;
  if (name.starts_with("sr") || word_of(block / "device/type") == "5") disk.kind = DiskKind::kOptical;
  disk.removable = is_removable(block, place, disk.bus);
  disk.serial = serial_of(block, place);
  if (disk.serial) disk.serial = gate::valid_utf8(*disk.serial);
  disk.model = word_of(block / (disk.bus == Bus::kMmc ? "device/name" : "device/model"));
  return disk;
}

// ---------------------------------------------------------------- the boot medium

struct Mount {
  std::string device;  ///< "8:1"
  std::string point;
  std::string source;  ///< "/dev/sda1"
};

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) fields.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return fields;
}

std::vector<Mount> mounts_of(const std::string& path) {
  std::vector<Mount> mounts;
  std::string text;
  if (std::FILE* file = std::fopen(path.c_str(), "rbe"); file != nullptr) {
    std::array<char, 4096> part = {};
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), file))
      text.append(part.data(), size);
    std::fclose(file);
  }
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto fields = fields_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto dash = std::ranges::find(fields, "-");
    if (fields.size() < 5 || fields.end() - dash < 3) continue;
    mounts.push_back({std::string(fields[2]), std::string(fields[4]), std::string(dash[2])});
  }
  return mounts;
}

// Where live systems mount what they were started from: live-boot, casper, dracut, archiso, Alpine.
constexpr std::string_view kLivePoints[] = {
    "/run/live/medium",     "/lib/live/mount/medium", "/cdrom",    "/run/initramfs/live",
    "/run/archiso/bootmnt", "/run/install/repo",      "/media/usb"};
// Anybody mounts disks below it: what stays there in the unit is no boot medium.
constexpr std::string_view kAnybodysFolder = "/media/";

// Which disks of /sys/block a device consists of.
class Holders {
 public:
  Holders(const fs::path& sys, const std::vector<std::string>& names) : sys_(sys) {
    for (const std::string& name : names) {
      add(sys / "block" / name, name, name);
      for (const std::string& part : names_in(sys / "block" / name).value_or(std::vector<std::string>{})) {
        if (there(sys / "block" / name / part / "partition")) add(sys / "block" / name / part, part, name);
      }
    }
  }

  [[nodiscard]] std::set<std::string> of(const Mount& mount) const {
    std::set<std::string> disks;
    auto found = by_number_.find(mount.device);
    if (found != by_number_.end()) {
      gather(found->second, disks);
    } else if (mount.source.starts_with("/dev/")) {  // btrfs shows a number of its own
      found = by_name_.find(mount.source.substr(5));
      if (found != by_name_.end()) gather(found->second, disks);
    }
    return disks;
  }

 private:
  void add(const fs::path& folder, const std::string& name, const std::string& disk) {
    by_name_[name] = disk;
    if (std::string number = word_of(folder / "dev"); !number.empty()) by_number_[number] = disk;
  }
  void gather(const std::string& disk, std::set<std::string>& disks) const {
    if (!disks.insert(disk).second) return;
    for (const std::string& slave :
         names_in(sys_ / "block" / disk / "slaves").value_or(std::vector<std::string>{})) {
      if (const auto whole = by_name_.find(slave); whole != by_name_.end()) gather(whole->second, disks);
    }
  }

  fs::path sys_;
  std::map<std::string, std::string> by_name_;
  std::map<std::string, std::string> by_number_;
};

// A disk that this system was started from, and that will not stay: a removable one with the root or the
// live system on it. A fixed one only where a live system says so and runs from no disk's own file system:
// with the root on a disk, that is the unit's own system, and other fixed disks are its data.
void mark_boot_media(const HardwarePaths& paths, const Holders& holders, std::vector<Disk>& disks) {
  const std::vector<Mount> mounts = mounts_of(paths.mounts);
  const bool root_on_disk = std::ranges::any_of(mounts, [&](const Mount& mount) {
    if (mount.point != "/") return false;
    const auto of = holders.of(mount);
    return std::ranges::any_of(
        disks, [&](const Disk& disk) { return disk.kind == DiskKind::kDisk && of.contains(disk.name); });
  });
  for (const Mount& mount : mounts) {
    const bool live = std::ranges::find(kLivePoints, mount.point) != std::end(kLivePoints);
    if (!live && mount.point != "/") continue;
    const bool proved = live && !root_on_disk && !mount.point.starts_with(kAnybodysFolder);
    const auto of = holders.of(mount);
    for (Disk& disk : disks) {
      if (of.contains(disk.name) && (proved || disk.removable == true)) disk.boot_medium = true;
    }
  }
}

std::optional<std::vector<Disk>> capture_disks(const HardwarePaths& paths) {
  const fs::path sys = paths.sys;
  auto names = names_in(sys / "block");
  if (!names) return std::nullopt;
  const Holders holders(sys, *names);
  std::vector<Disk> disks;
  for (const std::string& name : *names) {
    if (!is_area(name) && word_of(sys / "block" / name / "hidden") != "1")
      disks.push_back(disk_of(sys, name));
  }
  mark_boot_media(paths, holders, disks);
  return disks;
}

// ---------------------------------------------------------------- network cards

// Made by software although a device stands behind it: a Bluetooth link, a modem's data channel, a gadget.
bool is_soft(const fs::path& folder) {
  const std::string events = read_attribute(folder / "uevent").bytes.value_or("");
  return std::ranges::any_of(std::array{"DEVTYPE=bluetooth\n", "DEVTYPE=wwan\n", "DEVTYPE=gadget\n"},
                             [&](const char* type) { return events.find(type) != events.npos; });
}

// The link `driver`, as a name; empty where none is bound.
std::string driver_of(const fs::path& device) {
  std::error_code error;
  return fs::read_symlink(device / "driver", error).filename();
}

// A radio that is switched off is the only disabled state that Linux knows. None where there is no radio.
std::optional<bool> disabled_by_rfkill(const fs::path& folder) {
  const auto names = names_in(folder / "phy80211");
  if (!names) return std::nullopt;
  bool blocked = false;
  for (const std::string& name : *names) {
    if (!starts_numbered(name, "rfkill")) continue;
    const fs::path rfkill = folder / "phy80211" / name;
    blocked = blocked || word_of(rfkill / "soft") == "1" || word_of(rfkill / "hard") == "1";
  }
  return blocked;
}

std::optional<std::string> mac_of(const HardwarePaths& paths, const fs::path& folder,
                                  const std::string& name) {
  if (auto named = paths.permanent_address ? paths.permanent_address(name) : std::nullopt) return named;
  if (word_of(folder / "addr_assign_type") != "0") return std::nullopt;  // NET_ADDR_PERM
  return gate::mac_text(word_of(folder / "address"));
}

NetworkCard card_of(const HardwarePaths& paths, const std::string& name) {
  const fs::path folder = fs::path(paths.sys) / "class/net" / name;
  NetworkCard card{.name = name, .bus = Bus::kVirtual};
  if (!there(folder / "device")) return card;
  const Place place = place_of(paths.sys, folder / "device");
  card.bus = bus_of(place, kCardBuses);
  card.port = place.port();
  card.removable = removable_by_port(place, card.bus);
  card.driver = driver_of(place.folder);
  constexpr std::string_view kEthernet = "1";  // ARPHRD_ETHER
  card.physical = !place.is_virtual() && word_of(folder / "type") == kEthernet && !is_soft(folder) &&
                  !there(place.folder / "physfn");  // a virtual function
  if (card.physical) card.mac = mac_of(paths, folder, name);
  card.disabled = disabled_by_rfkill(folder);
  return card;
}

// A card without a driver has no interface, and is seen on its bus only.
void add_driverless(const HardwarePaths& paths, std::vector<NetworkCard>& cards) {
  const fs::path pci = fs::path(paths.sys) / "bus/pci/devices";
  for (const std::string& name : names_in(pci).value_or(std::vector<std::string>{})) {
    if (!word_of(pci / name / "class").starts_with("0x02") || there(pci / name / "driver") ||
        there(pci / name / "physfn")) {
      continue;
    }
    const Place place = place_of(paths.sys, pci / name);
    cards.push_back({.name = name,
                     .bus = Bus::kPci,
                     .port = place.port(),
                     .physical = true,
                     .removable = removable_by_port(place, Bus::kPci),
                     .mac = {},
                     .driver = "",
                     .disabled = {}});
  }
}

std::optional<std::vector<NetworkCard>> capture_cards(const HardwarePaths& paths) {
  const auto names = names_in(fs::path(paths.sys) / "class/net");
  if (!names) return std::nullopt;
  std::vector<NetworkCard> cards;
  for (const std::string& name : *names) {
    std::error_code error;  // bonding_masters is a file
    if (fs::is_directory(fs::path(paths.sys) / "class/net" / name, error))
      cards.push_back(card_of(paths, name));
  }
  add_driverless(paths, cards);
  return cards;
}

}  // namespace

std::optional<std::string> driver_address(const std::string& interface) {
  if (interface.size() >= IFNAMSIZ) return std::nullopt;
  constexpr std::size_t kLongest = 32;  // MAX_ADDR_LEN
  alignas(ethtool_perm_addr) std::array<char, sizeof(ethtool_perm_addr) + kLongest> room = {};
  ethtool_perm_addr head = {};
  head.cmd = ETHTOOL_GPERMADDR;
  head.size = kLongest;
  std::memcpy(room.data(), &head, sizeof head);
  ifreq request = {};
  std::memcpy(request.ifr_name, interface.data(), interface.size());
  request.ifr_data = room.data();
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  const bool answered = ::ioctl(fd, SIOCETHTOOL, &request) == 0;
  ::close(fd);
  std::memcpy(&head, room.data(), sizeof head);
  if (!answered || head.size != 6) return std::nullopt;
  std::string digits;
  bool any = false;
  for (const char c : std::string_view(room.data() + sizeof head, 6)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    digits += kDigits[byte >> 4];
    digits += kDigits[byte & 0x0F];
    any = any || byte != 0;
  }
  return any ? gate::mac_text(digits) : std::nullopt;
}

gate::Hardware capture_hardware(const HardwarePaths& paths) {
  gate::Hardware hardware;
  hardware.disks = capture_disks(paths);
  hardware.nics = capture_cards(paths);
  return hardware;
}

}  // namespace dmigate::line
