// What the targets do with what they were given: read it, and hold it to what smbios/smbios.h promises.
// The ways in only walk it, so that they are taken often; decoding and inspection are targets of their own. A
// promise that is broken ends the program, as the sanitizers do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "smbios/describe.h"
#include "smbios/smbios.h"

namespace dmigate::fuzz {

inline void promise(bool kept, const char* what) {
  if (kept) return;
  static_cast<void>(std::fprintf(stderr, "broken promise: %s\n", what));
  std::abort();
}

inline bool within(smbios::Bytes part, smbios::Bytes whole) {
  if (part.empty()) return true;
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// Structures follow each other without a gap, inside the table, and only the last may be Type 127.
inline void walk(const smbios::Table& table) {
  std::size_t at = 0;
  bool ended = false;
  for (const smbios::Structure structure : table) {
    promise(!ended, "nothing after Type 127");
    promise(structure.offset() == at, "structures follow each other");
    promise(structure.length() >= smbios::kHeaderBytes, "a structure has a header");
    promise(structure.formatted().size() == structure.length(), "the formatted area is whole");
    promise(within(structure.formatted(), table.bytes()), "the formatted area is in the table");
    promise(within(structure.strings(), table.bytes()), "the strings are in the table");
    at += structure.size();
    ended = structure.type() == smbios::kEndOfTableType;
  }
  promise(at <= table.bytes().size(), "the walk ends in the table");
}

inline void decode(const smbios::Table& table, const smbios::Handles& handles) {
  for (const smbios::Structure structure : table) {
    const std::size_t count = structure.string_count();
    for (unsigned number = 1; number <= count; ++number) {
      promise(structure.string(number).has_value(), "a string that is counted is there");
    }
    promise(!structure.string(static_cast<unsigned>(count) + 1), "and none beyond");
    smbios::StructureReader reader(structure, table.version());
    for (const smbios::Field& field : smbios::fields_of(structure.type())) {
      const smbios::Reading& reading = reader.read(field);
      promise(within(reading.raw, table.bytes()), "a field's bytes are in the table");
      const bool has_bytes =
          reading.state == smbios::State::kPresent || reading.state == smbios::State::kBlank;
      promise(has_bytes || reading.raw.empty(), "only what is there has bytes");
      const smbios::Reading alone = smbios::read(structure, field, table.version());
      promise(alone.state == reading.state && alone.raw.data() == reading.raw.data() &&
                  alone.raw.size() == reading.raw.size(),
              "a field by itself reads as among the others");
    }
    for (const smbios::Line& line : smbios::describe(structure, table.version(), &handles)) {
      promise(!line.label.empty(), "a line has a label");
    }
  }
}

inline void exercise(const smbios::Source& source) {
  const smbios::Layout& layout = source.layout();
  walk(source.table());
  const auto dump = smbios::to_dump(layout);
  const auto again = smbios::Source::from_bytes(dump, "dump");
  if (!again) return;  // a table that only its container proved
  std::size_t structures = 0, found = 0;
  for ([[maybe_unused]] const smbios::Structure structure : source.table()) ++structures;
  for ([[maybe_unused]] const smbios::Structure structure : again->table()) ++found;
  promise(found >= structures || structures == 0, "a dump holds what it was made from");
}

inline void open_and_exercise(std::vector<std::uint8_t> file) {
  const auto source = smbios::Source::from_bytes(std::move(file), "input");
  if (source) exercise(*source);
}

}  // namespace dmigate::fuzz
