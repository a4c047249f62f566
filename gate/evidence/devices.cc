#include "gate/evidence/devices.h"

#include <algorithm>
#include <optional>
#include <set>

namespace dmigate::gate {
namespace {

// Addresses that many cards have, since nobody wrote one. Each was seen on machines of several owners.
constexpr std::string_view kNobodys[] = {
    "88:88:88:88:87:88",  // Intel's default of the chipset's card: the board's region was not written
    "00:02:03:04:05:06",  // Atheros, a wireless module without its calibration data
    "02:80:37:ec:02:00",  // Ericsson's mobile broadband modules: every one of them
    "00:a0:c6:00:00:00",  // Qualcomm's mobile broadband modules
    "00:11:22:33:44:55",  // samples
    "00:01:02:03:04:05", "12:34:56:78:9a:bc",
    "fe:ff:ff:ff:ff:ff",  // Xen's end of a virtual cable
};

// "88:88:88:88:88:88"
bool is_one_byte(std::string_view mac) {
  for (std::size_t at = 3; at + 1 < mac.size(); at += 3) {
    if (mac.substr(at, 2) != mac.substr(0, 2)) return false;
  }
  return true;
}

}  // namespace

OwnDisks own_disks(const Hardware& hardware) {
  OwnDisks own;
  for (const Disk& disk : *hardware.disks) {
    // A disk of which nobody knows whether it stays is no boot medium that may be left out.
    const bool leaves = disk.boot_medium && disk.removable && disk.name != hardware.system_disk;
    if (leaves) continue;
    if (disk.kind == DiskKind::kOther && disk.bus != Bus::kVirtual && disk.bus != Bus::kNetwork)
      own.strange.push_back(&disk);
    if (disk.kind != DiskKind::kDisk) continue;
    (!disk.removable ? own.unknown : *disk.removable ? own.removable : own.fixed).push_back(&disk);
  }
  return own;
}

SystemDisk find_system_disk(const Hardware& hardware, const OwnDisks& own) {
  using Is = SystemDisk::Is;
  if (!hardware.system_disk.empty()) {
    const auto named = std::ranges::find(*hardware.disks, hardware.system_disk, &Disk::name);
    if (named == hardware.disks->end()) return {.is = Is::kNotThere};
    return {.is = Is::kFound, .disk = &*named};
  }
  if (!own.unknown.empty()) return {.is = Is::kUnknownPort};
  if (own.fixed.size() == 1) return {.is = Is::kFound, .disk = own.fixed.front()};
  if (own.fixed.size() > 1) return {.is = Is::kSeveral};
  std::vector<const Disk*> filled = own.removable;
  std::erase_if(filled, [](const Disk* disk) { return disk->size == 0; });  // an empty card reader
  if (filled.size() == 1) return {.is = Is::kFound, .disk = filled.front()};
  return {.is = Is::kNone, .instead = std::move(filled)};
}

bool is_own_address(std::string_view mac) {
  constexpr std::size_t kSize = 17;
  constexpr std::string_view kGroupDigits = "13579bdf";  // the lowest bit of the first byte
  return mac.size() == kSize && kGroupDigits.find(mac[1]) == kGroupDigits.npos && !is_one_byte(mac) &&
         std::ranges::find(kNobodys, mac) == std::end(kNobodys);
}

NicMacs nic_macs(const std::vector<NetworkCard>& cards, std::span<const std::string> fixtures) {
  NicMacs found;
  std::set<std::string> macs;
  for (const NetworkCard& card : cards) {
    if (!card.physical || card.removable == true) continue;
    if (card.mac && (!is_own_address(*card.mac) || std::ranges::find(fixtures, *card.mac) != fixtures.end()))
      continue;
    if (!card.removable || !card.mac) {
      found.unsure.push_back(&card);
    } else {
      macs.insert(*card.mac);
    }
  }
  found.macs.assign(macs.begin(), macs.end());
  return found;
}

}  // namespace dmigate::gate
