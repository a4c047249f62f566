// Permits of a station: where their text is put, and where it is taken from.
#pragma once

#include <string>

#include "smbios/result.h"

namespace dmigate::line {

// Takes away the permit that a unit before this one left in the file: whatever becomes of this unit, it opens
// nothing. Fails (kConfiguration) on a file that is no permit. `file` "-" is no file.
Result<void> clear_permit(const std::string& file);

// Written whole, in place of what is there; only its owner may read it.
Result<void> write_permit(const std::string& file, const std::string& token);

// `permit`: a file, "-" (standard input), or the token itself.
Result<std::string> read_permit(const std::string& permit);

}  // namespace dmigate::line
