// The text of a reading, and what its items are: interprets rows and knows none.

#include <algorithm>
#include <bit>

#include "smbios/ascii.h"
#include "smbios/fields/layout_of_rows.h"
#include "smbios/text_buffer.h"

namespace dmigate::smbios {

const EnumValue* find_value_in(std::span<const EnumValue> values, std::uint64_t value) {
  const auto after =
      std::upper_bound(values.begin(), values.end(), value,
                       [](std::uint64_t wanted, const EnumValue& known) { return wanted < known.value; });
  if (after == values.begin()) return nullptr;
  const EnumValue& known = *std::prev(after);
  return known.value == value || value <= known.last ? &known : nullptr;
}

std::string_view bit_name(const Field& field, unsigned bit) {
  static const auto kUnnamed = [] {
    std::array<std::string, 64> names;
    for (std::size_t i = 0; i < names.size(); ++i) names.at(i) = "bit " + std::to_string(i);
    return names;
  }();
  const EnumValue* known = find_value(field, bit);
  return known != nullptr ? known->name : kUnnamed.at(bit);
}

namespace {

// As many digits as the row's bits need.
void put_masked_hex(const Reading& reading, std::uint64_t number, TextBuffer& out) {
  const std::size_t stored = reading.raw.size();
  if (stored == 0 || stored > 8) return out.put(reading.raw);
  const std::uint64_t all = ~std::uint64_t{0} >> (64 - 8 * stored);
  const auto bits = static_cast<std::size_t>(std::popcount(reading.field->mask & all));
  out.put("0x");
  out.hex(number, (bits + 3) / 4);
}

// ---------------------------------------------------------------- numbers

constexpr std::string_view kSizes[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};

// 16384 kB is 16 MB.
void scale(std::uint64_t& number, std::string_view& unit) {
  if (number == 0 || number % 1024 != 0) return;
  const auto* size = std::find(std::begin(kSizes), std::end(kSizes), unit);
  while (size != std::end(kSizes) && size + 1 != std::end(kSizes) && number % 1024 == 0) {
    number /= 1024;
    unit = *++size;
  }
}

std::string with_point(std::uint64_t number, const Unit& unit) {
  std::string text = std::to_string(number);
  if (text.size() <= unit.decimals) text.insert(0, unit.decimals + std::size_t{1} - text.size(), '0');
  const std::size_t least = std::min(unit.least, unit.decimals);
  text.insert(text.size() - unit.decimals, 1, '.');
  const std::size_t point = text.size() - unit.decimals - 1;
  while (text.size() - point - 1 > least && text.back() == '0') text.pop_back();
  return text;
}

// A number and the unit that it is written in.
struct Amount {
  bool negative = false;
  std::uint64_t number = 0;
  const Unit* unit = nullptr;
  std::string_view unit_name = {};  ///< of the unit, or a larger one
};

std::uint64_t all_of(std::size_t bytes) { return ~std::uint64_t{0} >> (64 - 8 * bytes); }

// How many there are from the first to the last of a span; none when it ends before it begins.
std::optional<std::uint64_t> span_of(Bytes raw) {
  const std::size_t half = raw.size() / 2;
  const auto first = ByteView(raw).number(0, half);
  const auto last = ByteView(raw).number(half, half);
  if (!first || !last || *last < *first || *last - *first == ~std::uint64_t{0}) return std::nullopt;
  return *last - *first + 1;
}

// None: the number means no amount.
std::optional<Amount> amount_of(const Reading& reading, std::uint64_t stored) {
  const Field& field = *reading.field;
  Amount amount;
  amount.number = rows::shifted(stored & ~field.unit_mask, field.mask);
  if (field.kind == Kind::kSpan) {
    const auto span = span_of(reading.raw);
    if (!span) return std::nullopt;
    amount.number = *span;
  } else if (field.kind == Kind::kPower) {
    if (amount.number > 63) return std::nullopt;
    amount.number = std::uint64_t{1} << amount.number;
  } else if (field.kind == Kind::kSigned) {
    const std::uint64_t all = all_of(reading.raw.size());
    amount.negative = (stored & ((all >> 1) + 1)) != 0;
    if (amount.negative) amount.number = (~stored + 1) & all;
  }
  amount.number += field.add;
  if (field.times != 0 && reading.structure) {
    const auto times = ByteView(reading.structure->formatted()).byte(field.times);
    if (times) amount.number *= *times;
  }
  if (field.units.empty()) return amount;
  const std::uint64_t unit = field.unit_mask == 0 ? 0 : rows::shifted(stored, field.unit_mask);
  if (unit >= field.units.size()) return std::nullopt;
  amount.unit = &field.units[static_cast<std::size_t>(unit)];
  amount.unit_name = amount.unit->name;
  amount.number *= amount.unit->multiply;
  if (amount.unit->scaled) scale(amount.number, amount.unit_name);
  return amount;
}

void put_hex_number(std::uint64_t value, std::size_t bytes, TextBuffer& out) {
  out.put("0x");
  out.hex(value, bytes * 2);
}

// Returns the unit in which it is written, where it has one.
std::string_view write_number(const Reading& reading, TextBuffer& out) {
  const Field& field = *reading.field;
  const std::uint64_t stored = rows::number_in(reading.raw);
  const auto amount = amount_of(reading, stored);
  if (!amount) {
    if (field.kind == Kind::kSpan) {
      out.put("ends before it begins");
    } else {
      put_hex_number(stored, reading.raw.size(), out);
    }
    return {};
  }
  if (amount->negative) out.put('-');
  if (amount->unit == nullptr || amount->unit->decimals == 0) {
    out.decimal(amount->number);
  } else {
    out.put(with_point(amount->number, *amount->unit));
  }
  if (amount->unit_name == "%") {
    out.put('%');
  } else if (!amount->unit_name.empty()) {
    out.put(' ', amount->unit_name);
  }
  return amount->unit_name;
}

void put_address(const Reading& reading, TextBuffer& out) {
  const std::uint64_t multiply = reading.field->units.empty() ? 1 : reading.field->units[0].multiply;
  const auto more = static_cast<std::size_t>(std::countr_zero(multiply) + 3) / 4;
  out.put("0x");
  out.hex(reading.number() * multiply + reading.field->add, reading.raw.size() * 2 + more);
}

void put_two(std::uint64_t major, std::uint64_t minor, TextBuffer& out) {
  out.decimal(major);
  out.put('.');
  out.decimal(minor);
}

void put_revision(const Reading& reading, TextBuffer& out) {
  const std::uint64_t value = reading.number();
  put_two(value >> reading.raw.size() * 4, value & all_of(reading.raw.size() / 2), out);
}

// ---------------------------------------------------------------- what has a form of its own

// Clause 7.5.3, and the vendors' descriptions of CPUID leaf 1.
void put_cpuid(std::uint64_t eax, bool amd, TextBuffer& out) {
  std::uint64_t family = eax >> 8 & 0x0F;
  std::uint64_t model = eax >> 4 & 0x0F;
  if (family == 0x0F || (family == 0x06 && !amd)) model += (eax >> 16 & 0x0F) << 4;
  if (family == 0x0F) family += eax >> 20 & 0xFF;
  if (!amd) {
    out.put("Type ");
    out.decimal(eax >> 12 & 0x03);
    out.put(", ");
  }
  out.put("Family ");
  out.decimal(family);
  out.put(", Model ");
  out.decimal(model);
  out.put(", Stepping ");
  out.decimal(eax & 0x0F);
}

void put_two_digits(std::uint64_t number, TextBuffer& out) {
  if (number < 10) out.put('0');
  out.decimal(number);
}

// Bits 4:0 day, 8:5 month, 15:9 year from 1980.
void put_date(std::uint64_t packed, TextBuffer& out) {
  out.decimal(1980 + (packed >> 9));
  out.put('-');
  put_two_digits(packed >> 5 & 0x0F, out);
  out.put('-');
  put_two_digits(packed & 0x1F, out);
}

// A part that no calendar or clock has is any: clause 7.26.1.
void put_bcd_time(Bytes raw, TextBuffer& out) {
  struct Part {
    std::uint8_t first, last;
    std::string_view after;
  };
  constexpr Part kParts[] = {
      {0x01, 0x12, "-"}, {0x01, 0x31, " "}, {0x00, 0x23, ":"}, {0x00, 0x59, ":"}, {0x00, 0x59, ""}};
  for (std::size_t i = 0; i < std::size(kParts) && i < raw.size(); ++i) {
    const std::uint8_t byte = raw[i];
    const bool known = kParts[i].first <= byte && byte <= kParts[i].last && (byte & 0x0F) < 10;
    if (known) {
      out.hex(byte, 2);
    } else {
      out.put('*');
    }
    out.put(kParts[i].after);
  }
}

// Segment group, bus, device (5 bits) and function; all FF where there is none: clause 7.10.8.
void put_pci(std::uint64_t address, TextBuffer& out) {
  if (address == 0xFFFFFFFF) return out.put("Not Applicable");
  out.hex(address, 4, kLowerHex);
  out.put(':');
  out.hex(address >> 16, 2, kLowerHex);
  out.put(':');
  out.hex(address >> 27 & 0x1F, 2, kLowerHex);
  out.put('.');
  out.decimal(address >> 24 & 0x07);
}

// Low byte: how often the code was continued, with parity; high byte: the code.
void put_jedec(std::uint64_t number, TextBuffer& out) {
  out.put("Bank ");
  out.decimal((number & 0x7F) + 1);
  out.put(", Hex ");
  put_hex_number(number >> 8, 1, out);
}

// Clause 7.39: bit 0 says which space; the lowest bit of the address stands in the modifier (bit 4).
void put_ipmi_address(const Reading& reading, TextBuffer& out) {
  constexpr std::uint8_t kSsif = 4;
  if (!reading.structure) return;
  const ByteView view(reading.structure->formatted());
  const std::uint64_t stored = ByteView(reading.raw).number(0, reading.raw.size()).value_or(0);
  if (view.byte(0x04) == kSsif) {
    put_hex_number(stored >> 1 & 0x7F, 1, out);
    out.put(" (SMBus)");
    return;
  }
  const std::uint64_t lowest = view.byte(0x10).value_or(0) >> 4 & 1U;
  put_hex_number((stored & ~std::uint64_t{1}) | lowest, 8, out);
  out.put((stored & 1) != 0 ? std::string_view(" (I/O)") : " (Memory-mapped)");
}

// ---------------------------------------------------------------- UUIDs

using UuidBytes = std::array<std::uint8_t, 16>;
// The order in which the stored bytes are written: clause 7.2.1.
constexpr UuidBytes kInOrder = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr UuidBytes kMixed = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

void put_uuid(Bytes raw, const UuidBytes& order, TextBuffer& out) {
  if (raw.size() != order.size()) return;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.put('-');
    out.put(raw.subspan(order.at(i), 1));
  }
}

std::string uuid_text(Bytes raw, const UuidBytes& order) {
  TextBuffer out;
  put_uuid(raw, order, out);
  return std::string(out.text());
}

// The digits of a UUID without its hyphens; empty when they stand elsewhere than 8-4-4-4-12 asks.
std::string uuid_digits(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen_place = text.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
    if (hyphen_place != (text[i] == '-')) return {};
    if (!hyphen_place) digits += lower(text[i]);
  }
  return digits;
}

// Decimal, or hexadecimal with 0x; none for anything else and beyond 32 bits.
std::optional<std::uint32_t> parse_number(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string digits = lowered(is_hex ? text.substr(2) : text);
  const std::uint64_t base = is_hex ? 16 : 10;
  if (digits.empty() || digits.size() > 10) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    const std::size_t digit = kLowerHex.find(c);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  if (value > 0xFFFFFFFF) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

// ---------------------------------------------------------------- items

std::vector<Item> bit_items(const Reading& reading) {
  std::vector<Item> items;
  for (std::uint64_t rest = reading.number(); rest != 0; rest &= rest - 1) {
    items.push_back(
        {std::string(bit_name(*reading.field, static_cast<unsigned>(std::countr_zero(rest)))), {}});
  }
  return items;
}

std::string in_parentheses(State state) { return "(" + std::string(state_name(state)) + ")"; }

std::vector<Item> string_items(const Reading& reading) {
  std::vector<Item> items;
  if (!reading.structure) return items;
  const std::uint64_t count = reading.number();
  for (unsigned number = 1; number <= count; ++number) {
    const auto string = reading.structure->string(number);
    items.push_back({string ? std::string(*string) : in_parentheses(State::kBadIndex), {}});
  }
  return items;
}

std::string handle_text(std::optional<std::uint64_t> handle) {
  TextBuffer out;
  put_hex_number(handle.value_or(0), 2, out);
  return std::string(out.text());
}

Item column_item(const Reading& reading, ByteView bytes) {
  Item item;
  item.columns.reserve(reading.field->columns.size());
  for (const Field& column : reading.field->columns) {
    const Reading part = rows::read_in(bytes, *reading.structure, column, reading.version);
    if (part.state == State::kBeyondLength || part.state == State::kNotApplicable) continue;
    rows::add_to_line(item.text, column, rows::value_or_state(part));
    item.columns.push_back(part);
  }
  return item;
}

std::vector<Item> list_items(const Reading& reading) {
  std::vector<Item> items;
  if (!reading.structure) return items;
  const Field& field = *reading.field;
  if (field.columns.empty() && field.kind != Kind::kHandle) return items;
  const ByteView view(reading.structure->formatted());
  std::size_t at = reading.offset();
  const std::size_t end = at + reading.raw.size();
  while (at < end) {
    const auto bytes = rows::item_bytes(view, field.items, at);
    const auto item = bytes && *bytes != 0 ? view.sub(at, *bytes) : std::nullopt;
    if (!item) break;
    at += *bytes;
    items.push_back(field.columns.empty() ? Item{handle_text(item->number(0, 2)), {}}
                                          : column_item(reading, *item));
  }
  return items;
}

void put_items(const Reading& reading, TextBuffer& out) {
  const std::size_t start = out.size();
  for (const Item& item : items(reading)) {
    if (out.size() != start) out.put(", ");
    out.put(item.text);
  }
}

void put_bits(const Field& field, std::uint64_t rest, TextBuffer& out) {
  if (rest == 0) {
    const EnumValue* none = find_value(field, kNoBit);
    out.put(none != nullptr ? none->name : "None");
  }
  for (bool first = true; rest != 0; rest &= rest - 1, first = false) {
    if (!first) out.put(", ");
    out.put(bit_name(field, static_cast<unsigned>(std::countr_zero(rest))));
  }
}

// What few structures have.
void put_rare(const Reading& reading, TextBuffer& out) {
  const Bytes raw = reading.raw;
  const std::uint64_t number = reading.number();
  switch (reading.field->kind) {
    case Kind::kStrings:
    case Kind::kHandle:
    case Kind::kBytes:
      return put_items(reading, out);
    case Kind::kAddress:
      return put_address(reading, out);
    case Kind::kRevision:
      return put_revision(reading, out);
    case Kind::kBcdRevision:
      return put_two(number >> 4, number & 0x0F, out);
    case Kind::kText:
      return out.put(ByteView(raw).text().substr(0, ByteView(raw).text().find('\0')));
    case Kind::kDate:
      return put_date(number, out);
    case Kind::kBcdTime:
      return put_bcd_time(raw, out);
    case Kind::kPci:
      return put_pci(number, out);
    case Kind::kFarAddress:
      out.hex(number >> 16, 4);
      out.put(':');
      return out.hex(number, 4);
    case Kind::kJedec:
      return put_jedec(number, out);
    case Kind::kCpuid:
      return put_cpuid(number, false, out);
    case Kind::kCpuidAmd:
      return put_cpuid(number, true, out);
    case Kind::kIpmiAddress:
      return put_ipmi_address(reading, out);
    default:
      return;
  }
}

}  // namespace

void rows::add_to_line(std::string& line, const Field& field, std::string_view text) {
  std::string_view form = field.line.empty() ? "%" : field.line;
  const bool before = form.starts_with('<');
  if (before) form.remove_prefix(1);
  std::string piece(form);
  if (const std::size_t at = piece.find('%'); at != std::string::npos) piece.replace(at, 1, text);
  if (before) {
    line.insert(0, piece);
    return;
  }
  const bool apart = !form.starts_with(' ') && !form.starts_with('+');
  if (form.starts_with('+') || (line.empty() && form.starts_with(' '))) piece.erase(0, 1);
  if (!line.empty() && apart) line += ", ";
  line += piece;
}

std::string rows::value_or_state(const Reading& reading) {
  if (reading.state == State::kPresent) return reading.text();
  if (reading.state == State::kBlank) return "\"" + reading.text() + "\" (blank)";
  return in_parentheses(reading.state);
}

std::vector<Item> items(const Reading& reading) {
  if (reading.state != State::kPresent || reading.field == nullptr) return {};
  if (reading.field->kind == Kind::kBits) return bit_items(reading);
  if (reading.field->kind == Kind::kStrings) return string_items(reading);
  return reading.field->items.count != 0 ? list_items(reading) : std::vector<Item>{};
}

namespace {

// Whether the row's values name the number that stands there.
bool has_names(const Field& field) {
  return !field.values.empty() && field.kind != Kind::kBits && field.items.count == 0;
}

}  // namespace

std::optional<std::string_view> Reading::ready_text() const {
  if (field == nullptr || (state != State::kPresent && state != State::kBlank)) return std::string_view();
  if (field->kind == Kind::kString) return ByteView(raw).text();
  if (!has_names(*field)) return std::nullopt;
  const EnumValue* known = find_value(*field, rows::number_of(*this));
  return known != nullptr ? std::optional(known->name) : std::nullopt;
}

std::string_view Reading::put_text(TextBuffer& out) const {
  const auto other = stand_in();
  return other ? other->put_text(out) : put_own_text(out);
}

std::string_view Reading::put_own_text(TextBuffer& out) const {
  if (field == nullptr || (state != State::kPresent && state != State::kBlank)) return {};
  if (field->kind == Kind::kString) {
    out.put(ByteView(raw).text());
    return {};
  }
  const std::uint64_t number = rows::number_of(*this);
  if (has_names(*field)) {
    if (const EnumValue* known = find_value(*field, number)) {
      out.put(known->name);
      return {};
    }
  }
  switch (field->kind) {
    case Kind::kNumber:
    case Kind::kSigned:
    case Kind::kPower:
    case Kind::kSpan:
      return write_number(*this, out);
    case Kind::kHex:
    case Kind::kEnum:
      put_masked_hex(*this, number, out);
      return {};
    case Kind::kBits:
      put_bits(*field, number, out);
      return {};
    case Kind::kUuid:
      put_uuid(raw, version.known() && version < Version{2, 6} ? kInOrder : kMixed, out);
      return {};
    case Kind::kHandle:
      if (field->items.count != 0) break;
      put_masked_hex(*this, number, out);
      return {};
    case Kind::kBytes:
      if (!field->columns.empty()) break;
      out.put(raw);
      return {};
    default:
      break;
  }
  put_rare(*this, out);
  return {};
}

std::string Reading::text() const {
  TextBuffer out;
  put_text(out);
  return std::string(out.text());
}

std::string_view Reading::unit() const {
  TextBuffer out;
  return put_text(out);
}

std::string uuid_text_rfc(Bytes raw) { return uuid_text(raw, kInOrder); }
std::string uuid_text_mixed(Bytes raw) { return uuid_text(raw, kMixed); }

std::optional<UuidBytes> parse_uuid(std::string_view text, bool mixed) {
  const std::string digits = uuid_digits(text);
  if (digits.size() != 32) return std::nullopt;
  UuidBytes raw{};
  const UuidBytes& order = mixed ? kMixed : kInOrder;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::size_t high = kLowerHex.find(digits[2 * i]);
    const std::size_t low = kLowerHex.find(digits[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    raw.at(order.at(i)) = static_cast<std::uint8_t>(high << 4 | low);
  }
  return raw;
}

std::string enum_key(std::string_view name) {
  std::string key;
  bool gap = false;
  for (const char c : name) {
    const char small = lower(c);
    const bool word = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (word && gap && !key.empty()) key += '-';
    if (word) key += small;
    gap = !word;
  }
  return key;
}

std::optional<std::uint32_t> parse_enum(const Field& field, std::string_view text) {
  const auto number = parse_number(text);
  const std::string small = lowered(text);
  for (const EnumValue& value : field.values) {
    const bool listed = number && value.value < *number && *number <= value.last;
    if (listed) return *number;
    if (number == value.value || small == lowered(value.name) || small == enum_key(value.name))
      return static_cast<std::uint32_t>(value.value);
  }
  return std::nullopt;
}

}  // namespace dmigate::smbios
