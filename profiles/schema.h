// The formats of profiles and of burn tools as JSON Schema (draft 2020-12), so that an editor completes and
// checks: made from the tables by which they are read, format.h and the fields of smbios.
#pragma once

#include <string>

namespace dmigate::profiles {

// Indented, ending in a newline.
std::string profile_schema();
std::string tool_schema();

}  // namespace dmigate::profiles
