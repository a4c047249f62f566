// A hardware inventory as the OA3 tool writes it: "Key: value" lines, or XML
// <HardwareReport><HardwareInventory><p n="Key" v="value"/>…
//
// It has no table. What it says of one is kept as Hardware::stated, so that the judge can see whether it
// is of the same unit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gate/evidence/hardware.h"
#include "smbios/result.h"

namespace dmigate::gate {

// By content: whether parse_inventory() is the one to read it. Any of Windows' encodings.
bool is_inventory(std::string_view bytes);

// At most 1 MiB. Fails on what is no inventory, on one without SmbiosSystemSerialNumber and SmbiosUuid (of
// which unit is it?), and on two units in one file. A part that it does not speak of is not there; keys
// that say nothing here are passed over. `name` stands for the path in messages.
Result<Hardware> parse_inventory(std::string_view bytes, const std::string& name);

// "02-FC-00-00-00-01", "02FC00000001" or "02:fc:00:00:00:01" as the last. None for anything else.
std::optional<std::string> mac_text(std::string_view text);

}  // namespace dmigate::gate
