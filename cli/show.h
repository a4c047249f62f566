// show: every structure of a table, decoded, as text in dmidecode's spirit and as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/show_json.h"
#include "smbios/smbios.h"

namespace dmigate::cli {

// `types`: only these; empty: all. Fields come from the declarative table (smbios/fields.h), and every
// handle is followed; of types that it does not have, the header, bytes and strings are shown.
std::string show_text(const smbios::Source& source, const std::vector<unsigned>& types);
void show_json(const smbios::Source& source, const std::vector<unsigned>& types, const Sink& to);

// What WMI's classes would answer from this table on Windows (facts 2).
std::string wmi_text(const smbios::Source& source);
std::string wmi_json(const smbios::Source& source);

}  // namespace dmigate::cli
