// A table as JSON, appended piece by piece: a table has hundreds of fields, and an audit a hundred
// thousand tables.
#pragma once

#include <string>
#include <vector>

#include "smbios/describe.h"

namespace dmigate::cli {

// Every structure of the table, or of the given types only, as an array: header, each field with keyword,
// label, offset, state, value and raw bytes, strings.
void append_structures(const smbios::Table& table, const smbios::Handles& handles,
                       const std::vector<unsigned>& types, std::string& json);
// A JSON string: control characters and bytes that are no UTF-8 as gate::printable() shows them.
void append_string(std::string_view text, std::string& json);

}  // namespace dmigate::cli
