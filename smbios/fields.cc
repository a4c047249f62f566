// Reading a field: interprets a row of the table and knows none.

#include "smbios/fields.h"

#include <algorithm>
#include <bitset>

#include "smbios/fields/layout_of_rows.h"

namespace dmigate::smbios {

namespace {

bool is_blank(char c) { return c == ' ' || ('\t' <= c && c <= '\r'); }  // 20h, 09h-0Dh

void read_string(const Structure& structure, ByteView number, Reading& reading) {
  const std::uint8_t index = number.byte(0).value_or(0);
  const auto string = structure.string(index);
  if (!string) {
    reading.state = index == 0 ? State::kNoString : State::kBadIndex;
    return;
  }
  reading.raw = ByteView(*string).bytes();
  reading.state = std::ranges::all_of(*string, is_blank) ? State::kBlank : State::kPresent;
}

// Inline: it is called for every field of a table.
inline Reading read_row(ByteView view, const Structure& structure, const Field& field, Version version) {
  Reading reading{&field, State::kBeyondLength, version, {}, structure};
  const auto bytes = rows::field_bytes(view, field);
  if (!bytes) return reading;
  if (!rows::applies(view, field.when)) {
    reading.state = State::kNotApplicable;
  } else if (field.kind == Kind::kString) {
    read_string(structure, *bytes, reading);
  } else {
    reading.raw = bytes->bytes();
    reading.state = State::kPresent;
  }
  return reading;
}

}  // namespace

std::string_view state_name(State state) {
  switch (state) {
    case State::kPresent:
      return "present";
    case State::kAbsentStructure:
      return "absent-structure";
    case State::kBeyondLength:
      return "beyond-length";
    case State::kNoString:
      return "no-string";
    case State::kBadIndex:
      return "bad-index";
    case State::kBlank:
      return "blank";
    case State::kUnknown:
      return "unknown";
    case State::kNotApplicable:
      return "not-applicable";
  }
  return "unknown";
}

Reading rows::read_in(ByteView view, const Structure& structure, const Field& field, Version version) {
  return read_row(view, structure, field, version);
}

std::size_t Reading::offset() const {
  if (field == nullptr) return 0;
  if (field->after.count == 0) return field->offset;
  const auto before =
      structure ? rows::list_bytes(structure->formatted(), field->after, field->offset) : std::nullopt;
  return field->offset + before.value_or(0);
}

std::uint64_t Reading::number() const { return rows::number_of(*this); }

Reading Reading::answer() const {
  if (state != State::kPresent || field == nullptr || !structure || field->instead.keyword.empty()) {
    return *this;
  }
  const Instead& instead = field->instead;
  const auto says =
      instead.offset == 0 ? number() : ByteView(structure->formatted()).number(instead.offset, 4);
  const Field* other = says == instead.when ? find_field(instead.keyword) : nullptr;
  if (other == nullptr) return *this;
  const Reading reading = read(*structure, *other, version);
  return reading.state == State::kPresent ? reading : *this;
}

namespace {

// Whether the source tells how many bytes the list has.
bool is_told(const Structure& structure, const List& list) {
  const ByteView known(structure.known());
  if (list.count == 0) return true;
  if (known.byte(list.count) != 0xFF) return false;
  return list.size == 0 || known.byte(list.size) == 0xFF ||
         ByteView(structure.formatted()).byte(list.count) == 0;
}

// Whether the source tells all bits of the field: only text leaves some out.
bool is_told(const Structure& structure, const Field& field, ByteView bytes) {
  if (structure.known().empty()) return true;
  if (!is_told(structure, field.after) || !is_told(structure, field.items)) return false;
  const auto* start = structure.formatted().data();
  const auto known =
      ByteView(structure.known()).sub(static_cast<std::size_t>(bytes.bytes().data() - start), bytes.size());
  if (!known) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto mask = static_cast<std::uint8_t>(i < 8 ? field.mask >> (8 * i) : 0xFF);
    if ((known->byte(i).value_or(0) & mask) != mask) return false;
  }
  return true;
}

// A part of dmidecode's text, as it prints it for -t, need not have the structure that the unit has.
State state_of_absent(const Table& table) {
  return table.known().empty() || table.count(kEndOfTableType) != 0 ? State::kAbsentStructure
                                                                    : State::kUnknown;
}

}  // namespace

Reading read(const Structure& structure, const Field& field, Version version) {
  Reading reading = read_row(structure.formatted(), structure, field, version);
  if (structure.known().empty()) return reading;
  const auto bytes = rows::field_bytes(structure.formatted(), field);
  if (bytes && !is_told(structure, field, *bytes)) {
    reading.state = State::kUnknown;
    reading.raw = {};
  }
  return reading;
}

Reading read(const Table& table, const Field& field) {
  const auto structure = table.chosen(field.type);
  if (!structure) return {&field, state_of_absent(table), table.version(), {}, std::nullopt};
  return read(*structure, field, table.version());
}

void read(const Table& table, std::span<const Field* const> wanted, std::span<Reading> readings) {
  std::bitset<256> sought;  // types whose structure may still be found, or a better one
  const State absent = state_of_absent(table);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    readings[i] = {wanted[i], absent, table.version(), {}, std::nullopt};
    sought.set(wanted[i]->type);
  }
  for (const Structure structure : table) {
    if (!sought.test(structure.type())) continue;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i]->type != structure.type()) continue;
      const auto& so_far = readings[i].structure;
      if (so_far && precedence(structure) <= precedence(*so_far)) continue;
      readings[i] = read(structure, *wanted[i], table.version());
    }
    if (precedence(structure) == highest_precedence(structure.type())) sought.reset(structure.type());
    if (sought.none()) break;
  }
}

}  // namespace dmigate::smbios
