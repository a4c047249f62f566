// A row of the table of fields in words: where it stands, what stands there, what may stand instead.
// Every word comes from the row; a new row needs none here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/judge/messages.h"
#include "smbios/smbios.h"

namespace dmigate::cli {

struct Fact {
  std::string_view name;  ///< "only where": English; with _ it is the key of the JSON
  std::string text;
};

using gate::Language;

std::string_view kind_name(smbios::Kind kind);                         ///< "string": for programs
std::string hex(std::uint64_t value);                                  ///< "07h", "7FFFh"
std::string offset_text(const smbios::Field& row, Language language);  ///< "07h", "15h + n x m"
std::string size_text(const smbios::Field& row, Language language);    ///< "1 byte, bits 6:0"

// What the row says beyond place, version and clause, in the order in which people ask.
std::vector<Fact> facts_of(const smbios::Field& row, Language language);

// Which structure is read where several have the type; empty where it is just the first.
std::string chosen_text(std::uint8_t type, Language language);

// The values that have a name. `value`: "03h", "15h-17h", "bit 4", "no bit".
struct NamedValue {
  std::string value;
  std::string key;  ///< as profiles write it; of enumerations only
  std::string_view name;
  std::string since;  ///< "3.1", where the field is older
};
std::vector<NamedValue> values_of(const smbios::Field& row, Language language);

}  // namespace dmigate::cli
