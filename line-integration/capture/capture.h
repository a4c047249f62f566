// capture: reads this machine's table, now; and, where they are asked for, its disks and network cards.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "gate/evidence/evidence.h"
#include "line-integration/capture/hardware.h"
#include "smbios/result.h"

namespace dmigate::line {

// Where Linux shows what is read.
struct LivePaths {
  std::string tables = "/sys/firmware/dmi/tables";  ///< folder: smbios_entry_point, DMI (root only)
  std::string boot_id = "/proc/sys/kernel/random/boot_id";
};

// The evidence of this machine; live. `now` is when it was taken, and what its clock says. No boot id where
// the kernel names none; no disks and network cards. Fails when the table is not there, may not be read,
// or is no table.
Result<gate::Evidence> capture(const LivePaths& paths = {},
                               std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

// Adds this machine's disks and network cards to evidence of this machine. Parts that are there stay.
void add_hardware(gate::Evidence& evidence, const HardwarePaths& paths = {});

// What is told of a unit and cannot be read from it.
struct Given {
  std::string system_disk;               ///< name of the system's disk
  std::optional<std::string> wmi;        ///< file with what WMI answered (gate/evidence/wmi.h)
  std::optional<std::string> reference;  ///< another clock's instant, now: RFC 3339
  std::string reference_from;            ///< whose clock that is
};

// Adds it to the evidence. Fails when the file cannot be read or is none of WMI's, and when the evidence
// has no clock that could be compared with the reference.
Result<void> add_given(const Given& given, gate::Evidence& evidence);

}  // namespace dmigate::line
