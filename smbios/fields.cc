// Reading a field: interprets a row of the table and knows none.

#include "smbios/fields.h"

#include <algorithm>
#include <bitset>

#include "smbios/ascii.h"
#include "smbios/fields/layout_of_rows.h"

namespace dmigate::smbios {

namespace {

// `find_string`: what Structure::string() says. Inline: it is called for every field of a table.
template <typename FindString>
inline void read_row(ByteView view, const Field& field, const FindString& find_string, Reading& reading) {
  reading.field = &field;
  reading.state = State::kBeyondLength;
  reading.raw = {};
  const auto bytes = rows::field_bytes(view, field);
  if (!bytes) return;
  if (!rows::applies(view, field.when)) {
    reading.state = State::kNotApplicable;
  } else if (field.kind == Kind::kString) {
    const std::uint8_t index = bytes->byte(0).value_or(0);
    const auto string = find_string(index);
    if (!string) {
      reading.state = index == 0 ? State::kNoString : State::kBadIndex;
      return;
    }
    reading.raw = ByteView(*string).bytes();
    reading.state = std::ranges::all_of(*string, is_blank) ? State::kBlank : State::kPresent;
  } else {
    reading.raw = bytes->bytes();
    reading.state = State::kPresent;
  }
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
  Reading reading{&field, State::kBeyondLength, version, {}, structure};
  read_row(
      view, field, [&](unsigned number) { return structure.string(number); }, reading);
  return reading;
}

std::size_t Reading::offset() const {
  if (field == nullptr) return 0;
  if (field->after.count == 0) return field->offset;
  const auto before =
      structure ? rows::list_bytes(structure->formatted(), field->after, field->offset) : std::nullopt;
  return field->offset + before.value_or(0);
}

std::uint64_t Reading::number() const { return rows::number_of(*this); }

std::optional<Reading> Reading::stand_in() const {
  if (state != State::kPresent || field == nullptr || !structure || field->instead.keyword.empty()) {
    return std::nullopt;
  }
  const Instead& instead = field->instead;
  const auto says = instead.offset == 0 ? rows::number_of(*this)
                                        : ByteView(structure->formatted()).number(instead.offset, 4);
  if (says != instead.when) return std::nullopt;
  const Field* other = find_field(instead.keyword);
  if (other == nullptr) return std::nullopt;
  const Reading reading = read(*structure, *other, version);
  return reading.state == State::kPresent ? std::optional(reading) : std::nullopt;
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

// What the source does not tell is unknown.
void hide_untold(const Structure& structure, const Field& field, Reading& reading) {
  const auto bytes = rows::field_bytes(structure.formatted(), field);
  if (!bytes || is_told(structure, field, *bytes)) return;
  reading.state = State::kUnknown;
  reading.raw = {};
}

// A part of dmidecode's text, as it prints it for -t, need not have the structure that the unit has.
State state_of_absent(const Table& table) {
  return table.known().empty() || table.count(kEndOfTableType) != 0 ? State::kAbsentStructure
                                                                    : State::kUnknown;
}

}  // namespace

Reading read(const Structure& structure, const Field& field, Version version) {
  Reading reading = rows::read_in(structure.formatted(), structure, field, version);
  if (!structure.known().empty()) hide_untold(structure, field, reading);
  return reading;
}

StructureReader::StructureReader(const Structure& structure, Version version)
    : reading_{nullptr, State::kBeyondLength, version, {}, structure},
      next_(Strings(structure.strings()).begin()) {}

const Reading& StructureReader::read(const Field& field) {
  const Structure& structure = *reading_.structure;
  read_row(
      structure.formatted(), field, [this](unsigned number) { return string(number); }, reading_);
  if (!structure.known().empty()) hide_untold(structure, field, reading_);
  return reading_;
}

std::optional<std::string_view> StructureReader::string(unsigned number) {
  if (number == 0) return std::nullopt;
  if (number > strings_.size()) return reading_.structure->string(number);
  while (found_ < number) {
    if (next_ == std::default_sentinel) return std::nullopt;
    strings_[found_++] = *next_;
    ++next_;
  }
  return strings_[number - 1];
}

Reading absent(const Table& table, const Field& field) {
  return {&field, state_of_absent(table), table.version(), {}, std::nullopt};
}

Reading read(const Table& table, const Field& field) {
  const auto structure = table.chosen(field.type);
  if (!structure) return absent(table, field);
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
