// The format of profiles as JSON Schema (draft 2020-12), so that an editor completes and checks: made from
// the tables by which profiles are read, format.h and the fields of smbios.
#pragma once

#include <string>

namespace dmigate::profiles {

std::string profile_schema();  ///< indented, ends in a newline

}  // namespace dmigate::profiles
