// What WMI's classes read from the SMBIOS table, and what WMI was heard to answer.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gate/evidence/hardware.h"
#include "smbios/smbios.h"

namespace dmigate::gate {

// How Windows writes a value.
enum class WmiForm : std::uint8_t {
  kText,
  kUuid,   ///< upper case; all zeros where there is none
  kArray,  ///< of the numbers
  kDate,   ///< 11/20/2026 is 20261120000000.000000+000
};

struct WmiProperty {
  std::string_view wmi_class;  ///< "Win32_BIOS"
  std::string_view name;       ///< "SerialNumber"
  std::string_view keyword;    ///< the field that it shows
  WmiForm form = WmiForm::kText;
};

// By class. Source: Microsoft's documentation of the classes.
std::span<const WmiProperty> wmi_properties();

// What was answered, of these properties; others are passed over. `text` is what `wmic … /value` or
// Get-CimInstance | Format-List print, with the class in a line before each answer (the command itself
// will do) or among the properties; or JSON, {"Win32_BIOS": {"SerialNumber": "…"}}, a list where a class
// has several instances. A class that was asked and gave nothing has answered null for each property. An
// error that the tool printed, a line that is not understood, and an empty file, is Wmi::error. Any of
// Windows' encodings. `name` stands for the path in messages. Fails on what is none of these.
Result<Wmi> parse_wmi(std::string_view text, const std::string& name);

}  // namespace dmigate::gate
