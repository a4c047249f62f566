// Which of a unit's devices are its own: the disk that is the system's, and the network cards that a copied
// DMI does not copy. Pure functions of what was captured; the judge's rules and the code of a unit
// (gate/judge/code.h) stand on the same answers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/evidence/hardware.h"

namespace dmigate::gate {

// Disks that stay with the unit: without the boot medium, unless it was named as the system's.
struct OwnDisks {
  std::vector<const Disk*> fixed, removable;
  std::vector<const Disk*> unknown;  ///< nobody knows whether they can be pulled out
  std::vector<const Disk*> strange;  ///< that are plugged in, and are of no kind that is known
};
// REQUIRES: hardware.disks. What it returns points into them.
OwnDisks own_disks(const Hardware& hardware);

struct SystemDisk {
  enum class Is : std::uint8_t {
    kFound,
    kNotThere,     ///< one was named, and the unit has none of that name
    kUnknownPort,  ///< there are disks of which nobody knows whether they can be pulled out
    kSeveral,
    kNone,
  };
  Is is = Is::kNone;
  const Disk* disk = nullptr;        ///< kFound; whether it is a disk with a medium is not asked here
  std::vector<const Disk*> instead;  ///< kNone: the removable ones with a medium
};
// The disk that was named, else the only fixed one. A removable one is taken where there is no fixed one:
// it is what the unit will start from, and the rule is to say so.
SystemDisk find_system_disk(const Hardware& hardware, const OwnDisks& own);

// Whether an address, as NetworkCard::mac has it, is one card's own (IEEE 802): not all zeros, of no group
// and so not all ones, and none that makers leave in many cards. One that is locally administered is a
// virtual machine's or a board's without a number bought for it, and its own all the same: what a driver
// made up at random is no permanent address, and is not captured.
bool is_own_address(std::string_view mac);

struct NicMacs {
  std::vector<std::string> macs;           ///< each once, sorted; "02:fc:00:00:00:01"
  std::vector<const NetworkCard*> unsure;  ///< of which port or address is not known; no witness
};
// The permanent addresses of physical cards that cannot be pulled out, whether in use, disabled or without
// a driver. `fixtures`: addresses of the station's own adapters, which are not the unit's.
NicMacs nic_macs(const std::vector<NetworkCard>& cards, std::span<const std::string> fixtures);

}  // namespace dmigate::gate
