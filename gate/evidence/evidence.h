// evidence: all that was read from a unit, and its JSON form (schema dmigate.evidence/1).
//
// One file holds all that a verdict needs, so that a unit can be judged again, elsewhere, later.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gate/evidence/hardware.h"
#include "smbios/sha256.h"
#include "smbios/smbios.h"

namespace dmigate::gate {

inline constexpr std::string_view kEvidenceSchema = "dmigate.evidence/1";

struct Evidence {
  smbios::Source source;               ///< the table
  bool live = false;                   ///< read from this machine just now; never true of a file
  std::optional<std::string> boot_id;  ///< which boot of the unit; changes with every reboot
  std::string taken;                   ///< when, UTC, "2026-11-20T05:00:00.123Z"; empty when not said
  Hardware hardware;                   ///< what was read beside the table
};

// A file of any form smbios knows, an evidence file, a folder with the sysfs pair and, where there is
// one, evidence.json, or "-" (standard input). Never live. Fails with path and cause.
Result<Evidence> read_evidence(const std::string& source);

// The same of a file's bytes; `name` stands for its path in messages.
Result<Evidence> read_evidence(smbios::Bytes file, const std::string& name);

// The same of what a folder of a unit holds; `said` is its evidence.json, where it has one.
Result<Evidence> read_evidence_of_pair(const std::vector<std::uint8_t>& entry_point,
                                       const std::vector<std::uint8_t>& table,
                                       const std::optional<std::string>& said, const std::string& name);

// What goes with a table that is read elsewhere (--evidence FILE): evidence as above, whose table must then
// be the same, or a hardware inventory, which has none (gate/evidence/inventory.h).
Result<std::variant<Evidence, Hardware>> read_beside(const std::string& source);

// A file with what WMI answered (gate/evidence/wmi.h).
Result<Wmi> read_wmi(const std::string& path);

// `name` stands for the path in messages.
Result<Evidence> parse_evidence(std::string_view json, const std::string& name);
// The table with all that stands behind it, as an evidence file has it. Without an entry point the file
// itself says what it is: RSMB's header has the version.
smbios::Bytes table_data(const smbios::Source& source);
std::string to_json(const Evidence& evidence);  ///< one line, ends in a newline

}  // namespace dmigate::gate
