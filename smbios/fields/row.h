// How the rows of the table are written: Of{type, clause} makes rows of one structure, and a row's
// further parts follow it, as in
//   kCache.number("cache-speed", "Speed", 0x0F, 1, kV21).in(kNanoseconds).named(kUnknownIs0)
#pragma once

#include "smbios/fields.h"

namespace dmigate::smbios::rows {

constexpr Version kV20{2, 0}, kV21{2, 1}, kV22{2, 2}, kV23{2, 3}, kV24{2, 4}, kV25{2, 5}, kV26{2, 6},
    kV27{2, 7}, kV28{2, 8}, kV30{3, 0}, kV31{3, 1}, kV32{3, 2}, kV33{3, 3}, kV34{3, 4}, kV35{3, 5},
    kV36{3, 6}, kV37{3, 7}, kV38{3, 8}, kV39{3, 9};

struct Row {
  Field field;
  // NOLINTNEXTLINE(google-explicit-constructor): an array of fields is made of rows
  constexpr operator Field() const { return field; }

  [[nodiscard]] constexpr Row named(std::span<const EnumValue> values) const {
    Row row = *this;
    row.field.values = values;
    return row;
  }
  [[nodiscard]] constexpr Row clause(std::string_view clause) const {
    Row row = *this;
    row.field.clause = clause;
    return row;
  }
  [[nodiscard]] constexpr Row mask(std::uint64_t mask) const {
    Row row = *this;
    row.field.mask = mask;
    return row;
  }
  // Which of the units it is says the mask; 0: the first.
  [[nodiscard]] constexpr Row in(std::span<const Unit> units, std::uint64_t unit_mask = 0) const {
    Row row = *this;
    row.field.units = units;
    row.field.unit_mask = unit_mask;
    return row;
  }
  [[nodiscard]] constexpr Row plus(std::uint16_t add) const {
    Row row = *this;
    row.field.add = add;
    return row;
  }
  [[nodiscard]] constexpr Row times_byte(std::uint8_t offset) const {
    Row row = *this;
    row.field.times = offset;
    return row;
  }
  [[nodiscard]] constexpr Row behind(List list) const {
    Row row = *this;
    row.field.after = list;
    return row;
  }
  [[nodiscard]] constexpr Row list(List items, std::span<const Field> columns = {}) const {
    Row row = *this;
    row.field.items = items;
    row.field.columns = columns;
    return row;
  }
  [[nodiscard]] constexpr Row when(When when) const {
    Row row = *this;
    row.field.when = when;
    return row;
  }
  [[nodiscard]] constexpr Row instead(std::uint64_t number, std::string_view keyword,
                                      std::uint8_t offset = 0) const {
    Row row = *this;
    row.field.instead = {number, keyword, offset};
    return row;
  }
  [[nodiscard]] constexpr Row line(std::string_view line) const {
    Row row = *this;
    row.field.line = line;
    return row;
  }
  [[nodiscard]] constexpr Row aside() const {
    Row row = *this;
    row.field.aside = true;
    return row;
  }
};

struct Of {
  std::uint8_t type;
  std::string_view clause;

  [[nodiscard]] constexpr Row row(Kind kind, std::string_view keyword, std::string_view label,
                                  std::uint8_t offset, std::uint8_t width, Version since) const {
    return {{.type = type,
             .offset = offset,
             .width = width,
             .kind = kind,
             .since = since,
             .keyword = keyword,
             .label = label,
             .clause = clause}};
  }
  [[nodiscard]] constexpr Row text(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                   Version since) const {
    return row(Kind::kString, keyword, label, offset, 1, since);
  }
  [[nodiscard]] constexpr Row number(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                     std::uint8_t width, Version since) const {
    return row(Kind::kNumber, keyword, label, offset, width, since);
  }
  [[nodiscard]] constexpr Row hex(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                  std::uint8_t width, Version since) const {
    return row(Kind::kHex, keyword, label, offset, width, since);
  }
  [[nodiscard]] constexpr Row value(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                    std::uint8_t width, Version since,
                                    std::span<const EnumValue> values) const {
    return row(Kind::kEnum, keyword, label, offset, width, since).named(values);
  }
  [[nodiscard]] constexpr Row bits(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                   std::uint8_t width, Version since,
                                   std::span<const EnumValue> values) const {
    return row(Kind::kBits, keyword, label, offset, width, since).named(values);
  }
  [[nodiscard]] constexpr Row handle(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                     Version since) const {
    return row(Kind::kHandle, keyword, label, offset, 2, since);
  }
  // As wide as its items.
  [[nodiscard]] constexpr Row bytes(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                    Version since) const {
    return row(Kind::kBytes, keyword, label, offset, 0, since);
  }
  // A byte that says how many items a list has, or how long they are: the list shows it.
  [[nodiscard]] constexpr Row count(std::string_view keyword, std::string_view label, std::uint8_t offset,
                                    Version since) const {
    return number(keyword, label, offset, 1, since);
  }
};

// A condition on a byte of the structure.
constexpr When when_byte(std::uint8_t offset, std::span<const Range> in, std::uint64_t mask = 0xFF) {
  return {offset, 1, mask, in};
}

// ---------------------------------------------------------------- values and units that many have

constexpr EnumValue kUnknownIs0[] = {{0x00, "Unknown"}};
constexpr EnumValue kUnknownIsFF[] = {{0xFF, "Unknown"}};
constexpr EnumValue kUnknownIsFFFF[] = {{0xFFFF, "Unknown"}};
constexpr EnumValue kUnknownIs8000[] = {{0x8000, "Unknown"}};
constexpr EnumValue kUnknownIs80000000[] = {{0x80000000, "Unknown"}};
constexpr EnumValue kUnspecifiedIs0[] = {{0x00, "Unspecified"}};
constexpr EnumValue kNotProvidedIsFFFF[] = {{0xFFFF, "Not Provided"}};
constexpr EnumValue kYes[] = {{0, "No"}, {1, "Yes"}};
constexpr EnumValue kEnabled[] = {{0, "Disabled"}, {1, "Enabled"}};

constexpr Unit kBytesUnit[] = {{1, "bytes"}};
constexpr Unit kPlainBytes[] = {{.multiply = 1, .name = "bytes", .scaled = false}};
constexpr Unit kKilobytes[] = {{1, "kB"}};
constexpr Unit kMegahertz[] = {{1, "MHz"}};
constexpr Unit kMinutes[] = {{1, "min"}};

}  // namespace dmigate::smbios::rows
