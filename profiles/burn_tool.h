// A burn tool as data: which command, which switch writes which field, in which calls, and what it cannot
// write. AMI DMIEdit and Insyde H2OSDE ship in catalog/tools; a plant adds its own beside its profiles
// (tools/NAME.yaml). format.cc has the table of its keys, docs/manual.md says what each means.
//
//   tool: amidewin
//   description: AMI DMIEdit for Windows
//   command: AMIDEWINx64.EXE
//   arguments: []                       # before the switches; {source} is the unit's SOURCE
//   switches:
//     system-serial-number: [/SS, '{value}']
//     system-sku-number:    { arguments: [/SK, '{value}'], at_most: 32 }
//     system-uuid:          { arguments: [/SU, '{value}'], format: hex32 }
//     chassis-type:         { arguments: [/CT, '{value}'], format: hex2 }
//   at_most: 64                         # bytes, of any value; optional
//   refuses: '%"'                       # characters that no value may have; optional
//   quoting: double                     # the value stands between "…"; optional
//   calls: each                         # a call for each field; or a list of calls; optional
//   success: Done                       # the word that each call must say; optional
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/profile.h"

namespace dmigate::profiles {

// How a value is written on the tool's command line.
enum class SwitchFormat : std::uint8_t {
  kText,         ///< as it is
  kHex32,        ///< a UUID as 32 hex digits, in the order of its text
  kHex32Stored,  ///< a UUID as 32 hex digits, in the order in which SMBIOS has stored it since 2.6
  kHex2,         ///< a byte as two hex digits
};

// How a text stands in its argument. What the system hands over needs no quotes; a tool that reads its
// arguments again, as a script or a shell of the firmware does, may.
enum class Quoting : std::uint8_t {
  kNone,     ///< as it is
  kDouble,   ///< between double quotes; a value that holds one cannot be written
  kEscaped,  ///< between double quotes, with a backslash before each quote and backslash
};

struct BurnSwitch {
  const smbios::Field* field;
  std::vector<std::string> arguments;  ///< {value} is replaced, in any argument
  SwitchFormat format = SwitchFormat::kText;
  std::optional<std::uint64_t> at_most;                                        ///< bytes of the value
  [[nodiscard]] const std::string& name() const { return arguments.front(); }  ///< "/SS": for advice
};

// One way in which the tool is called.
struct BurnCall {
  std::string command;  ///< a path, or a name found in PATH
  std::vector<std::string> arguments;
  std::vector<const smbios::Field*> fields;  ///< which it writes; none: it is made with every burn
  std::optional<std::string> success;        ///< the word that must stand in its output
};

struct BurnTool {
  std::string name;
  std::string description;
  std::vector<BurnSwitch> switches;
  Quoting quoting = Quoting::kNone;
  std::string refuses;                   ///< bytes that no value may have
  std::optional<std::uint64_t> at_most;  ///< bytes of any value
  bool one_by_one = false;               ///< the only call is made once for each field
  std::vector<BurnCall> calls;           ///< in their order, one at least; each switch's field is in one
  std::string file;
  [[nodiscard]] const BurnSwitch* find(const smbios::Field& field) const;  ///< nullptr: cannot write it
};

Result<BurnTool> parse_burn_tool(std::string_view text, const std::string& file);
// By name from the catalog's folders (FOLDER/tools/NAME.yaml), then those that ship.
Result<BurnTool> load_burn_tool(const std::string& name, const Catalog& catalog);
// Those that ship, by name.
Result<std::vector<BurnTool>> shipped_burn_tools();

struct BurnValue {
  const smbios::Field* field;
  std::string value;
};

// A call as it is made: an argument vector, command first, and never a shell's line.
struct PreparedCall {
  std::vector<std::string> argv;
  std::optional<std::string> success;
};

// The calls that burn these values, in order. Fails (kConfiguration) when one of the values cannot be
// written: no switch, not of its format, too long, or with a character that the tool refuses.
Result<std::vector<PreparedCall>> burn_calls(const BurnTool& tool, const std::vector<BurnValue>& values,
                                             const std::string& source);
// Why this value cannot be written; none when it can.
std::optional<Error> cannot_write(const BurnTool& tool, const BurnValue& value);

// Whether a tool's output has its word: as a word of its own, so that "OK" does not stand in "LOOK".
bool says(std::string_view output, std::string_view word);

}  // namespace dmigate::profiles
