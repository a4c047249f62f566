// What Linux knows of this machine's disks and network cards, from sysfs. No program is started and no
// disk is opened.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gate/evidence/hardware.h"

namespace dmigate::line {

// The permanent address that the card's driver names (ethtool's ioctl). None where it names none.
std::optional<std::string> driver_address(const std::string& interface);

struct HardwarePaths {
  std::string sys = "/sys";
  std::string mounts = "/proc/self/mountinfo";  ///< tells the boot medium
  // Asked for each physical interface; without an answer, the address that sysfs shows is taken where
  // sysfs says that it is the permanent one.
  std::function<std::optional<std::string>(const std::string&)> permanent_address = driver_address;
};

// Disks and network cards; a part whose folder cannot be listed is not there. The clock is not a matter
// of sysfs.
gate::Hardware capture_hardware(const HardwarePaths& paths = {});

}  // namespace dmigate::line
