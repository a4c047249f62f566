// One check against one value: what judging a unit and lint both ask.
#pragma once

#include <string_view>

#include "profiles/profile.h"

namespace dmigate::profiles {

// Whether a value passes. `text`: as Reading::text() has it, enumerations as their key; of a length its
// bytes count. `expected`: what the check compares with, its literal or the other field's text; one_of,
// pattern and length have their own.
bool holds(const Check& check, const smbios::Field& field, std::string_view text, std::string_view expected);

}  // namespace dmigate::profiles
