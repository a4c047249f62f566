// What Windows knows of this machine beside its table. Nothing is opened for writing, no program started.
#pragma once

#include <optional>

#include "gate/evidence/hardware.h"

namespace dmigate::line {

// Disks (SetupAPI, the storage driver's own words) and network cards (the class of network devices, and
// the table of interfaces). A part that cannot be listed is not there. Fixed and removable are told by the
// bus, the medium, and whether Windows expects the device to be pulled out.
gate::Hardware capture_windows_hardware();

// What WMI answers for the properties of gate/evidence/wmi.h. None in WinPE: it would say nothing of an
// image.
std::optional<gate::Wmi> capture_wmi();

}  // namespace dmigate::line
