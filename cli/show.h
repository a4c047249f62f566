// show: every structure of a table, decoded, as text in dmidecode's spirit and as JSON.
#pragma once

#include <string>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::cli {

// `types`: only these; empty: all. Fields come from the declarative table (smbios/fields.h); of types
// that it does not have, the header, bytes and strings are shown.
std::string show_text(const smbios::Source& source, const std::vector<unsigned>& types);
std::string show_json(const smbios::Source& source, const std::vector<unsigned>& types);

}  // namespace dmigate::cli
