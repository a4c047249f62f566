// A structure in words: the lines that `show` prints, as dmidecode has them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::smbios {

// Who a handle names: built once for a table, in one walk. A view: valid while the buffer lives.
class Handles {
 public:
  explicit Handles(const Table& table);
  // The first structure of this handle, as Table::by_handle() has it.
  [[nodiscard]] std::optional<Structure> find(Handle handle) const;

 private:
  std::vector<std::pair<Handle, Structure>> structures_;  // by handle
};

// Whether a row's handle names a structure: not FFFEh and FFFFh (clause 6.1.2), nor what the row itself
// gives another meaning.
bool names_structure(const Field& field, Handle handle);
// "Physical Memory Array, DIMM 0": its heading and its first string, where it has one.
std::string name_of(const Structure& structure);
void put_name_of(const Structure& structure, TextBuffer& out);

struct Line {
  std::string label;
  std::string value;               ///< empty where only items follow
  std::vector<std::string> items;  ///< one to a line, indented
};

// All fields of a structure that are there, in the table's order; none where the table of fields has
// no row of its type. What is empty says why, as "(no-string)". With `handles` every handle is
// followed: "0x0012 (Physical Memory Array)", "0x0012 (no such structure)".
std::vector<Line> describe(const Structure& structure, Version version, const Handles* handles = nullptr);

}  // namespace dmigate::smbios
