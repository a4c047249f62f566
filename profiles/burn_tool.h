// A burn tool as data: which command, which switch writes which field. AMI DMIEdit and Insyde H2OSDE
// ship in catalog/tools; a plant adds its own beside its profiles (tools/NAME.yaml).
//
//   tool: amidewin
//   description: AMI DMIEdit for Windows
//   command: AMIDEWINx64.EXE
//   arguments: []                       # before the switches; {source} is the unit's SOURCE
//   switches:
//     system-serial-number: [/SS, '{value}']
//     system-uuid:          { arguments: [/SU, '{value}'], format: hex32 }
//     chassis-type:         { arguments: [/CT, '{value}'], format: hex2 }
//   success: Done                       # looked for in its output; optional
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/profile.h"

namespace dmigate::profiles {

// How a value is written on the tool's command line.
enum class SwitchFormat : std::uint8_t {
  kText,   ///< as it is
  kHex32,  ///< a UUID as 32 hex digits, in the order of its text
  kHex2,   ///< a byte as two hex digits
};

struct BurnSwitch {
  const smbios::Field* field;
  std::vector<std::string> arguments;  ///< {value} is replaced, in any argument
  SwitchFormat format = SwitchFormat::kText;
  [[nodiscard]] const std::string& name() const { return arguments.front(); }  ///< "/SS": for advice
};

struct BurnTool {
  std::string name;
  std::string description;
  std::string command;  ///< a path, or a name found in PATH
  std::vector<std::string> arguments;
  std::vector<BurnSwitch> switches;
  std::optional<std::string> success;  ///< the word that must stand in its output
  std::string file;
  [[nodiscard]] const BurnSwitch* find(const smbios::Field& field) const;  ///< nullptr: cannot write it
};

Result<BurnTool> parse_burn_tool(std::string_view text, const std::string& file);
// By name from the catalog's folders (FOLDER/tools/NAME.yaml), then those that ship.
Result<BurnTool> load_burn_tool(const std::string& name, const Catalog& catalog);
// Those that ship, by name.
Result<std::vector<BurnTool>> shipped_burn_tools();

// The argument vector that burns these values, command first. Fails when the tool has no switch for
// a field, or a value cannot be written in its format. Never a shell's line: no quoting is needed.
struct BurnValue {
  const smbios::Field* field;
  std::string value;
};
Result<std::vector<std::string>> burn_command(const BurnTool& tool, const std::vector<BurnValue>& values,
                                              const std::string& source);

}  // namespace dmigate::profiles
