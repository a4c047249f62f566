// The declarative table of fields, and reading one by its keyword.
//
// Everything that names a field comes from this table: show, JSON, profile keys, explain, the field
// reference. A new field is a new row (smbios/fields/); no code.
#pragma once

#include "smbios/smbios.h"

namespace dmigate::smbios {

class TextBuffer;  // text_buffer.h

// What stands at a field's offset.
enum class Kind : std::uint8_t {
  kString,       ///< 1 byte: the number of a string
  kStrings,      ///< 1 byte: how many strings the structure has, from number 1 on
  kNumber,       ///< little-endian integer of `width` bytes; `values` name special ones, `units` its unit
  kSigned,       ///< the same, in two's complement
  kPower,        ///< the same, the exponent of a power of two
  kSpan,         ///< two integers of width / 2 bytes, the first and the last: how many there are
  kHex,          ///< an integer, written in hexadecimal
  kAddress,      ///< an integer that counts `units` bytes, written as the byte address
  kRevision,     ///< major and minor, 2 bytes in this order, or 4: two words, minor first
  kBcdRevision,  ///< 1 byte: major and minor in a half each
  kEnum,         ///< integer with `values`, after `mask`
  kBits,         ///< integer, `values` name the bits (value = bit number)
  kHandle,       ///< 2 bytes: a structure's handle; with `items` a list of them
  kUuid,         ///< 16 bytes, clause 7.2.1
  kText,         ///< `width` bytes of ASCII, up to a NUL
  kDate,         ///< 2 bytes: a date packed as the Smart Battery Data Specification has it
  kBcdTime,      ///< 5 bytes BCD: month, day, hour, minute, second
  kPci,          ///< 4 bytes: segment group, bus, device and function
  kFarAddress,   ///< 4 bytes: offset and segment of a 16-bit entry point
  kJedec,        ///< 2 bytes: bank and code of a JEDEC JEP-106 manufacturer
  kCpuid,        ///< 4 bytes: EAX of CPUID leaf 1
  kCpuidAmd,     ///< the same as AMD counts it: no type, the extended model for family 0Fh only
  kIpmiAddress,  ///< 8 bytes and the interface type and modifier of Type 38, clause 7.39
  kBytes,        ///< `width` bytes as they are; with `items` as many as the list has
};

struct EnumValue {
  std::uint64_t value;
  std::string_view name;   ///< as dmidecode prints it: "Low Profile Desktop"
  std::uint64_t last = 0;  ///< all from `value` to here have it; 0: `value` alone
  Version since = {};      ///< first of DSP0134 that has it; unset: as long as the field, or not known
};

// Of kBits: what it means that no bit is set; else "None".
constexpr std::uint64_t kNoBit = 0xFF;

// What a number counts: (the number + Field::add) * multiply of the named thing.
struct Unit {
  std::uint32_t multiply;
  std::string_view name = {};  ///< "kB", "MB" (shown as the largest that divides it), "U"
  std::uint8_t decimals = 0;   ///< digits after the point: millivolts shown in V have 3
  std::uint8_t least = 9;      ///< zeros at the end are left out down to so many of them
  bool scaled = true;          ///< 16384 kB is written as 16 MB
};

// A list inside a structure: the byte at `count` says how many items it has, the byte at `size` how
// many bytes each of them has (0: always `bytes`). No list: all 0.
constexpr std::uint8_t kToTheEnd = 0xFF;    ///< for `count`: as many whole items as the structure has
constexpr std::uint8_t kByteBefore = 0xFE;  ///< for `count`: it stands right before the list
struct List {
  std::uint8_t count = 0;  ///< offset
  std::uint8_t size = 0;   ///< offset
  std::uint8_t bytes = 0;
  std::uint8_t own = 0;  ///< not 0: item byte own - 1 says how many bytes it has besides `bytes`
};

struct Range {
  std::uint64_t first;
  std::uint64_t last;
};
// What must hold for a row to be there, where a structure reads the same bytes in several ways.
// width 0: it always is.
struct When {
  std::uint8_t offset = 0;
  std::uint8_t width = 0;
  std::uint64_t mask = ~std::uint64_t{0};
  std::span<const Range> in = {};
};

// Where the stored number is `when`, the row `keyword` has the answer: an extended size.
struct Instead {
  std::uint64_t when = 0;
  std::string_view keyword = {};  ///< empty: never
  std::uint8_t offset = 0;        ///< of the 4 bytes that say so; 0: the row's own number does
};

constexpr std::size_t kLongestKeyword = 48;

struct Field {
  // What reading the field needs, side by side.
  std::uint8_t type;    ///< structure type
  std::uint8_t offset;  ///< bytes from the start of the structure (`after` adds to it), or of the item
  std::uint8_t width;   ///< bytes (0: as many as `items` has; in a column: the rest of the item)
  Kind kind;
  Version since;           ///< first version of the specification that has it
  std::uint8_t times = 0;  ///< offset of a byte that multiplies the number; 0: none
  List after = {};         ///< the field stands behind this list: chassis-sku-number at 15h+n*m
  List items = {};         ///< the field is this list
  When when = {};
  // What its text needs.
  std::span<const EnumValue> values = {};  ///< in order
  std::uint64_t mask = ~std::uint64_t{0};  ///< of the integer's bits: chassis-type has 7Fh, chassis-lock 80h
  std::span<const Unit> units = {};        ///< of a number
  std::uint64_t unit_mask = 0;             ///< bits that say which of the units; 0: the first
  Instead instead = {};
  std::string_view keyword = {};  ///< dmidecode's: "system-serial-number"; unique in the table
  std::string_view label = {};    ///< as dmidecode prints it: "Serial Number"; '#' is the number of an item
  std::string_view clause = {};   ///< of DSP0134: "7.2"
  std::span<const Field> columns = {};  ///< of an item of the list; their type is the row's
  // How the value stands in the line of its label, '%' being the value. Neighbours of one label share
  // a line, with ", " between them unless this begins with a blank, or with "+" that is left out; "<% " puts
  // it before the others.
  std::string_view line = {};
  std::uint16_t add = 0;  ///< to the number, before it is multiplied
  bool aside = false;     ///< text leaves it out: another row shows it
};

// What the row says of a value, of kBits of a bit; nullptr where it names none.
const EnumValue* find_value_in(std::span<const EnumValue> values, std::uint64_t value);
inline const EnumValue* find_value(const Field& field, std::uint64_t value) {
  if (field.values.empty()) return nullptr;
  // Most lists count up from their first value without a gap: there it stands.
  const std::uint64_t place = value - field.values.front().value;
  if (place < field.values.size() && field.values[place].value == value) return &field.values[place];
  return find_value_in(field.values, value);
}
// Of kBits: what the row says of a bit; "bit 33" where it names none. REQUIRES: bit < 64.
std::string_view bit_name(const Field& field, unsigned bit);

std::span<const Field> fields();                      ///< ordered by type, then offset
std::span<const Field> fields_of(std::uint8_t type);  ///< those of one type
const Field* find_field(std::string_view keyword);    ///< nullptr when there is none

std::string_view type_name(std::uint8_t type);        ///< heading of a structure: "Memory Device"
std::string_view type_short_name(std::uint8_t type);  ///< in a group's list of items: "System Slots"
// The length that a structure must have at least in a table of this version; 4 where nothing is said.
std::uint8_t minimum_length(std::uint8_t type, Version version);

// A field's states, never merged: the cure differs for each.
enum class State : std::uint8_t {
  kPresent,
  kAbsentStructure,  ///< the table has no such structure
  kBeyondLength,     ///< the structure ends before the field: the table does not have it
  kNoString,         ///< string number 0
  kBadIndex,         ///< string number beyond the set
  kBlank,            ///< a string of blanks only (20h, 09h-0Dh)
  kUnknown,          ///< the source does not tell (Form::kText): it may be any of the others
  kNotApplicable,    ///< the structure says that it has another field there (Field::when)
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
  // Kinds that are an integer: the value, masked and shifted down to bit 0, without its unit. kSpan:
  // the first. kRevision: major in the high half. 0 for the other kinds and when not present.
  [[nodiscard]] std::uint64_t number() const;
  // The reading that answers for this one: that of Field::instead where the number says so, and it is
  // present; none where this one answers itself.
  [[nodiscard]] std::optional<Reading> stand_in() const;
  // The unit in which text() writes the value: "GB"; empty where it has none.
  [[nodiscard]] std::string_view unit() const;
  // The value as people write it: the string as stored (any bytes), an enumeration's name ("Desktop",
  // or "0x7E" outside the specification), a number in decimal with its unit, the names of the bits
  // that are set ("None", "bit 33" outside the specification), a handle as 0x0012, a UUID in the
  // rendering of the table's version (unknown: as since 2.6), bytes as hex, items with ", " between
  // them. What the specification gives a meaning is named ("Unknown"). Empty when not present, and
  // for an empty list.
  [[nodiscard]] std::string text() const;
  // text() where it stands somewhere and need not be written: a string of the table, the name of a value.
  // Field::instead is not followed.
  [[nodiscard]] std::optional<std::string_view> ready_text() const;
  // Appends what text() says, and returns what unit() says.
  std::string_view put_text(TextBuffer& out) const;
  // The same where stand_in() is known to be none.
  std::string_view put_own_text(TextBuffer& out) const;
};

// What a list consists of; no items where it is none. `columns` have what each item's columns read.
struct Item {
  std::string text;
  std::vector<Reading> columns;
};
std::vector<Item> items(const Reading& reading);  ///< kBits, kStrings, and rows with `items`

Reading read(const Structure& structure, const Field& field, Version version);
// The same for field after field of one structure: it does not copy the structure each time, and finds the
// strings once. A view, as a reading is.
class StructureReader {
 public:
  StructureReader(const Structure& structure, Version version);
  const Reading& read(const Field& field);  ///< valid until the next

 private:
  std::optional<std::string_view> string(unsigned number);

  Reading reading_;
  std::array<std::string_view, 16> strings_;  ///< the first of the set
  unsigned found_ = 0;                        ///< how many of them are known
  Strings::Iterator next_;                    ///< the one after those
};
// From the structure that Table::chosen(field.type) names.
Reading read(const Table& table, const Field& field);
// What that is where the table has no such structure.
Reading absent(const Table& table, const Field& field);
// The same for many fields in one walk: readings[i] is that of *wanted[i]. REQUIRES: as many readings.
void read(const Table& table, std::span<const Field* const> wanted, std::span<Reading> readings);

// "Low Profile Desktop" -> "low-profile-desktop": how profiles write an enumeration's value.
std::string enum_key(std::string_view name);
// The value of field.values whose enum_key, name (any case), or number (decimal, or hexadecimal with
// 0x; "3h" is none) is `text`; none when there is none.
std::optional<std::uint32_t> parse_enum(const Field& field, std::string_view text);

}  // namespace dmigate::smbios
