// The declarative table of fields, and reading one by its keyword.
//
// Everything that names a field comes from this table: show, JSON, profile keys, explain, the field
// reference. A new field is a new row (fields.cc); no code.
#pragma once

#include "smbios/smbios.h"

namespace dmigate::smbios {

// What stands at a field's offset.
enum class Kind : std::uint8_t {
  kString,   ///< 1 byte: the number of a string
  kNumber,   ///< little-endian integer of `width` bytes
  kEnum,     ///< integer with `values`, after `mask`
  kBits,     ///< integer, `values` name the bits (value = bit number)
  kHandle,   ///< 2 bytes: a structure's handle
  kUuid,     ///< 16 bytes, clause 7.2.1
  kBytes,    ///< `width` bytes as they are
};

struct EnumValue {
  std::uint32_t value;
  std::string_view name;  ///< as dmidecode prints it: "Low Profile Desktop"
};

struct Field {
  std::string_view keyword;  ///< dmidecode's: "system-serial-number"; unique in the table
  std::string_view label;    ///< as dmidecode prints it: "Serial Number"
  std::uint8_t type;         ///< structure type
  std::uint8_t offset;       ///< bytes from the start of the structure
  std::uint8_t width;        ///< bytes
  Kind kind;
  Version since;             ///< first version of the specification that has it
  std::string_view clause;   ///< of DSP0134: "7.2"
  std::span<const EnumValue> values = {};  ///< kEnum, kBits
  std::uint32_t mask = 0xFFFFFFFF;         ///< of kEnum: chassis-type is 7Fh
};

std::span<const Field> fields();                         ///< ordered by type, then offset
const Field* find_field(std::string_view keyword);       ///< nullptr when there is none

// A field's states, never merged: the cure differs for each.
enum class State : std::uint8_t {
  kPresent,
  kAbsentStructure,  ///< the table has no such structure
  kBeyondLength,     ///< the structure ends before the field: the table does not have it
  kNoString,         ///< string number 0
  kBadIndex,         ///< string number beyond the set
  kBlank,            ///< a string of blanks only (20h, 09h-0Dh)
};
std::string_view state_name(State state);  ///< "present", "absent-structure", …

// A UUID's two renderings (clause 7.2.1), lower case. `raw` are its 16 bytes as stored.
std::string uuid_text_rfc(Bytes raw);      ///< bytes in order
std::string uuid_text_mixed(Bytes raw);    ///< first three groups little-endian: since 2.6
// The 16 raw bytes of a UUID text in the given rendering; none when it is not 8-4-4-4-12 or 32 hex digits.
std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text, bool mixed);

// One field of one table. A view: valid while the buffer lives.
struct Reading {
  const Field* field = nullptr;
  State state = State::kAbsentStructure;
  Version version;              ///< of the table: decides the UUID's rendering
  Bytes raw;                    ///< kString: the string's bytes; else the `width` bytes. Empty unless present or blank
  std::optional<Structure> structure;  ///< where it stands; none for kAbsentStructure

  // kNumber, kEnum (masked), kBits, kHandle: the value. 0 when not present.
  [[nodiscard]] std::uint64_t number() const;
  // The value as people write it: the string as stored (any bytes), an enumeration's name ("Desktop",
  // or "0x7E" outside the specification), a number in decimal, a handle as 0x0012, a UUID in the
  // rendering of the table's version (unknown: as since 2.6), bytes as hex. Empty when not present.
  [[nodiscard]] std::string text() const;
};

Reading read(const Structure& structure, const Field& field, Version version);
// From the structure that Table::chosen(field.type) names.
Reading read(const Table& table, const Field& field);

// "Low Profile Desktop" -> "low-profile-desktop": how profiles write an enumeration's value.
std::string enum_key(std::string_view name);
// The value whose enum_key, name (any case), or number ("03", "0x03", "3h" are not the same thing:
// only 0x-prefixed hex and decimal) is `text`; none when there is none.
std::optional<std::uint32_t> parse_enum(const Field& field, std::string_view text);

}  // namespace dmigate::smbios
