// Where the bytes of a row lie in a structure, or those of a column in an item. Internal to smbios.
#pragma once

#include <bit>
#include <optional>

#include "smbios/fields.h"

namespace dmigate::smbios::rows {

constexpr std::uint64_t shifted(std::uint64_t value, std::uint64_t mask) {
  return (value & mask) >> (mask == 0 ? 0 : std::countr_zero(mask));
}

// How many items a list at `at` has; none when the structure ends before it says.
inline std::optional<std::size_t> item_count(ByteView view, const List& list, std::size_t at) {
  if (list.count == kToTheEnd) {
    if (at > view.size()) return std::nullopt;
    return list.bytes == 0 ? 0 : (view.size() - at) / list.bytes;
  }
  const auto count = view.byte(list.count == kByteBefore ? at - 1 : list.count);
  if (!count) return std::nullopt;
  return *count;
}

// Bytes of the item at `at`.
inline std::optional<std::size_t> item_bytes(ByteView view, const List& list, std::size_t at) {
  std::size_t bytes = list.bytes;
  if (list.size != 0) {
    const auto each = view.byte(list.size);
    if (!each) return std::nullopt;
    bytes = *each;
  }
  if (list.own != 0) {
    const auto own = view.byte(at + list.own - 1);
    if (!own || *own + bytes < list.own) return std::nullopt;
    bytes += *own;
  }
  return bytes;
}

// Bytes of the list at `at`; none when the structure ends before it says.
inline std::optional<std::size_t> list_bytes(ByteView view, const List& list, std::size_t at) {
  if (list.count == 0) return 0;
  const auto count = item_count(view, list, at);
  if (!count) return std::nullopt;
  if (list.own == 0) {
    const auto each = item_bytes(view, list, at);
    return each ? std::optional(*count * *each) : std::nullopt;
  }
  std::size_t all = 0;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto bytes = item_bytes(view, list, at + all);
    if (!bytes) return std::nullopt;
    all += *bytes;
  }
  return all;
}

// The bytes of the field; none when the structure ends before they do.
inline std::optional<ByteView> field_bytes(ByteView view, const Field& field) {
  if (field.after.count == 0 && field.width != 0) return view.sub(field.offset, field.width);  // nearly all
  const auto before = list_bytes(view, field.after, field.offset);
  if (!before) return std::nullopt;
  const std::size_t at = field.offset + *before;
  if (field.width != 0) return view.sub(at, field.width);
  if (field.items.count == 0) return view.sub(at, view.from(at).size());
  const auto items = list_bytes(view, field.items, at);
  return items ? view.sub(at, *items) : std::nullopt;
}

constexpr std::uint32_t bit_of(Kind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }
// Kinds that are no integer.
constexpr std::uint32_t kNoNumber = bit_of(Kind::kString) | bit_of(Kind::kUuid) | bit_of(Kind::kText) |
                                    bit_of(Kind::kBytes) | bit_of(Kind::kBcdTime);

// A little-endian integer of all the bytes; 0 where they are more than 8.
inline std::uint64_t number_in(Bytes raw) {
  std::uint64_t value = 0;
  if (raw.size() > 8) return value;
  for (std::size_t i = raw.size(); i > 0; --i) value = value << 8 | raw[i - 1];
  return value;
}

// Reading::number(), inline: nearly every field asks for it.
inline std::uint64_t number_of(const Reading& reading) {
  if (reading.state != State::kPresent || reading.field == nullptr) return 0;
  const Field& field = *reading.field;
  if ((bit_of(field.kind) & kNoNumber) != 0) return 0;
  if (field.kind == Kind::kSpan) return number_in(reading.raw.first(reading.raw.size() / 2));
  if (field.kind == Kind::kRevision && reading.raw.size() == 2) {
    return std::uint64_t{reading.raw[0]} << 8 | reading.raw[1];
  }
  return shifted(number_in(reading.raw), field.mask);
}

inline bool applies(ByteView view, const When& when) {
  if (when.width == 0) return true;
  const auto number = view.number(when.offset, when.width);
  if (!number) return false;
  for (const Range& range : when.in) {
    const std::uint64_t value = *number & when.mask;
    if (range.first <= value && value <= range.last) return true;
  }
  return false;
}

// The bits that a row of kBits names.
inline std::uint64_t named_bits(const Field& field) {
  std::uint64_t bits = 0;
  for (const EnumValue& row : field.values) {
    for (std::uint64_t bit = row.value; bit < 64 && bit <= std::max(row.value, row.last); ++bit)
      bits |= std::uint64_t{1} << bit;
  }
  return bits;
}

// A row in its structure's formatted area, or a column in an item.
Reading read_in(ByteView view, const Structure& structure, const Field& field, Version version);

// Puts a reading's text into a line that may hold others of its label already (Field::line).
void add_to_line(std::string& line, const Field& field, std::string_view text);

// The value as text() has it; or the state, in parentheses: "(no-string)"; blanks in quotes.
std::string value_or_state(const Reading& reading);

}  // namespace dmigate::smbios::rows
