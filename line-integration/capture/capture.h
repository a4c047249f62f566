// capture: reads this machine's table, now.
#pragma once

#include <chrono>
#include <string>

#include "gate/evidence/evidence.h"
#include "smbios/result.h"

namespace dmigate::line {

// Where Linux shows what is read.
struct LivePaths {
  std::string tables = "/sys/firmware/dmi/tables";  ///< folder: smbios_entry_point, DMI (root only)
  std::string boot_id = "/proc/sys/kernel/random/boot_id";
};

// The evidence of this machine; live. `now` is when it was taken. No boot id where the kernel names
// none. Fails when the table is not there, may not be read, or is no table.
Result<gate::Evidence> capture(const LivePaths& paths = {},
                               std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

}  // namespace dmigate::line
