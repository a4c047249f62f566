// The declarative table of fields, and reading one by its keyword.
//
// Everything that names a field comes from this table: show, JSON, profile keys, explain, the field
// reference. A new field is a new row (fields.cc); no code.
#pragma once

#include "smbios/smbios.h"

namespace dmigate::smbios {

// What stands at a field's offset.
enum class Kind : std::uint8_t {
  kString,    ///< 1 byte: the number of a string
  kNumber,    ///< little-endian integer of `width` bytes; `values` name special ones, `units` its unit
  kHex,       ///< the same, written in hexadecimal: an address
  kRevision,  ///< 2 bytes: major, minor; `values` name special ones (major in the high byte)
  kEnum,      ///< integer with `values`, after `mask`
  kBits,      ///< integer, `values` name the bits (value = bit number)
  kHandle,    ///< 2 bytes: a structure's handle; with `items` a list of them
  kUuid,      ///< 16 bytes, clause 7.2.1
  kBytes,     ///< `width` bytes as they are; with `items` as many as the list has
};

struct EnumValue {
  std::uint32_t value;
  std::string_view name;  ///< as dmidecode prints it: "Low Profile Desktop"
};

// What a number counts: ((raw & mask) + Field::add) * multiply of the named thing.
struct Unit {
  std::uint32_t multiply;
  std::string_view name;  ///< "kB", "MB" (shown as the largest that divides it), "U"
};

// A list inside a structure: the byte at `count` says how many items it has, the byte at `size` how
// many bytes each of them has (0: always `bytes`). No list: all 0.
struct List {
  std::uint8_t count = 0;  ///< offset
  std::uint8_t size = 0;   ///< offset
  std::uint8_t bytes = 0;
};

struct Field {
  std::string_view keyword;  ///< dmidecode's: "system-serial-number"; unique in the table
  std::string_view label;    ///< as dmidecode prints it: "Serial Number"
  std::uint8_t type;         ///< structure type
  std::uint8_t offset;       ///< bytes from the start of the structure (`after` adds to it)
  std::uint8_t width;        ///< bytes (0: as many as `items` has)
  Kind kind;
  Version since;            ///< first version of the specification that has it
  std::string_view clause;  ///< of DSP0134: "7.2"
  std::span<const EnumValue> values = {};
  std::uint64_t mask = ~std::uint64_t{0};  ///< of the integer's bits: chassis-type has 7Fh, chassis-lock 80h
  List after = {};                   ///< the field stands behind this list: chassis-sku-number at 15h+n*m
  List items = {};                   ///< the field is this list
  std::span<const Unit> units = {};  ///< kNumber
  std::uint64_t unit_mask = 0;       ///< bits that say which of the units; 0: the first
  std::uint8_t add = 0;
};

std::span<const Field> fields();                    ///< ordered by type, then offset
const Field* find_field(std::string_view keyword);  ///< nullptr when there is none

// A field's states, never merged: the cure differs for each.
enum class State : std::uint8_t {
  kPresent,
  kAbsentStructure,  ///< the table has no such structure
  kBeyondLength,     ///< the structure ends before the field: the table does not have it
  kNoString,         ///< string number 0
  kBadIndex,         ///< string number beyond the set
  kBlank,            ///< a string of blanks only (20h, 09h-0Dh)
  kUnknown,          ///< the source does not tell (Form::kText): it may be any of the others
};
std::string_view state_name(State state);  ///< "present", "absent-structure", …

// A UUID's two renderings (clause 7.2.1), lower case. `raw` are its 16 bytes as stored.
std::string uuid_text_rfc(Bytes raw);    ///< bytes in order
std::string uuid_text_mixed(Bytes raw);  ///< first three groups little-endian: since 2.6
// The 16 raw bytes of a UUID text in the given rendering; none when it is not 8-4-4-4-12 or 32 hex digits.
std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text, bool mixed);

// One field of one table. A view: valid while the buffer lives.
struct Reading {
  const Field* field = nullptr;
  State state = State::kAbsentStructure;
  Version version;  ///< of the table: decides the UUID's rendering
  Bytes raw;        ///< kString: the string's bytes; else the `width` bytes. Empty unless present or blank
  std::optional<Structure> structure;  ///< where it stands; none for kAbsentStructure

  // The offset of the field in its structure, `after` counted in; the table's when there is none.
  [[nodiscard]] std::size_t offset() const;
  // kNumber, kHex, kEnum, kBits, kHandle: the value, masked and shifted down to bit 0, without its
  // unit. kRevision: major in the high byte. 0 for the other kinds and when not present.
  [[nodiscard]] std::uint64_t number() const;
  // The value as people write it: the string as stored (any bytes), an enumeration's name ("Desktop",
  // or "0x7E" outside the specification), a number in decimal with its unit, the names of the bits
  // that are set ("None", "bit 33" outside the specification), a handle as 0x0012, a UUID in the
  // rendering of the table's version (unknown: as since 2.6), bytes as hex. Empty when not present,
  // and for an empty list.
  [[nodiscard]] std::string text() const;
};

Reading read(const Structure& structure, const Field& field, Version version);
// From the structure that Table::chosen(field.type) names.
Reading read(const Table& table, const Field& field);
// The same for many fields in one walk: readings[i] is that of *wanted[i]. REQUIRES: as many readings.
void read(const Table& table, std::span<const Field* const> wanted, std::span<Reading> readings);

// "Low Profile Desktop" -> "low-profile-desktop": how profiles write an enumeration's value.
std::string enum_key(std::string_view name);
// The value of field.values whose enum_key, name (any case), or number (decimal, or hexadecimal with
// 0x; "3h" is none) is `text`; none when there is none.
std::optional<std::uint32_t> parse_enum(const Field& field, std::string_view text);

}  // namespace dmigate::smbios
