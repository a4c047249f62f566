// What dmidecode prints, read back: its plain output and that of -u.
//
// -u prints every byte of every structure, so the table is exact. The plain output tells the values
// of Types 0 to 3 (all their fields that it prints), and of every other structure its header; each
// bit that it does not tell is marked, and a field that has one reads as State::kUnknown. Such are
// "Not Specified" (no string, or a string that says so), an empty value, a line that is not there, a
// value that none of our names is, and a UUID where the version is not told.
//
// Copies may be indented, have CRLF line ends or a byte order mark, be UTF-16 as PowerShell writes
// it, and -u's words may be in any language; what must be left is each line and its depth.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::smbios {

struct TextTable {
  Form form = Form::kText;  ///< or kHexText
  Version version;          ///< unknown where the text does not tell it
  std::vector<std::uint8_t> table;
  std::vector<std::uint8_t> known;  ///< kText: as Layout::known, of the table's size; else empty
  std::optional<std::uint16_t> announced_structures;
};

// Whether the file is such text: no NUL, and a line "Handle 0x0001, DMI type 1, 27 bytes" in it.
bool is_dmidecode_text(Bytes file);

// Fails, with the line's number, where the text is damaged: two units in one text, depths lost, a hex
// dump that is not what its handle line says. REQUIRES: is_dmidecode_text(file).
Result<TextTable> read_dmidecode_text(Bytes file);

}  // namespace dmigate::smbios
