// The text of a reading, and what its items are: interprets rows and knows none.

#include <algorithm>
#include <bit>
#include <charconv>

#include "smbios/fields/layout_of_rows.h"

namespace dmigate::smbios {

namespace {

// ---------------------------------------------------------------- hexadecimal

constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr std::string_view kLower = "0123456789abcdef";

void append_hex(std::uint64_t value, std::size_t digits, std::string_view alphabet, std::string& out) {
  out.append(digits, '0');
  for (auto at = out.rbegin(); digits > 0; --digits, ++at, value >>= 4) *at = alphabet[value & 0x0F];
}

std::string hex(std::uint64_t value, std::size_t digits, std::string_view alphabet) {
  std::string text;
  append_hex(value, digits, alphabet, text);
  return text;
}

std::string hex_number(std::uint64_t value, std::size_t bytes) {
  return "0x" + hex(value, bytes * 2, kUpper);
}

void append_hex_bytes(Bytes bytes, std::string& out) {
  const std::size_t at = out.size();
  out.resize(at + 2 * bytes.size());
  char* to = out.data() + at;
  for (const std::uint8_t byte : bytes) {
    *to++ = kLower[byte >> 4];
    *to++ = kLower[byte & 0x0F];
  }
}

// As many digits as the row's bits need.
void append_masked_hex(const Reading& reading, std::string& out) {
  const std::size_t stored = reading.raw.size();
  if (stored == 0 || stored > 8) return append_hex_bytes(reading.raw, out);
  const std::uint64_t all = ~std::uint64_t{0} >> (64 - 8 * stored);
  const auto bits = static_cast<std::size_t>(std::popcount(reading.field->mask & all));
  out += "0x";
  append_hex(reading.number(), (bits + 3) / 4, kUpper, out);
}

// ---------------------------------------------------------------- numbers

constexpr std::string_view kSizes[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};

// 16384 kB is 16 MB.
void scale(std::uint64_t& number, std::string_view& unit) {
  const auto* size = std::find(std::begin(kSizes), std::end(kSizes), unit);
  while (size != std::end(kSizes) && size + 1 != std::end(kSizes) && number != 0 && number % 1024 == 0) {
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
  Unit unit = {1, {}};
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
std::optional<Amount> amount_of(const Reading& reading) {
  const Field& field = *reading.field;
  if (value_name(field, reading.number())) return std::nullopt;
  const ByteView raw(reading.raw);
  const std::uint64_t stored = raw.number(0, raw.size()).value_or(0);
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
    const std::uint64_t sign = (all_of(raw.size()) >> 1) + 1;
    amount.negative = (stored & sign) != 0;
    if (amount.negative) amount.number = (~stored + 1) & all_of(raw.size());
  }
  amount.number += field.add;
  if (field.times != 0 && reading.structure) {
    const auto times = ByteView(reading.structure->formatted()).byte(field.times);
    if (times) amount.number *= *times;
  }
  if (field.units.empty()) return amount;
  const std::uint64_t unit = field.unit_mask == 0 ? 0 : rows::shifted(stored, field.unit_mask);
  if (unit >= field.units.size()) return std::nullopt;
  amount.unit = field.units[static_cast<std::size_t>(unit)];
  amount.number *= amount.unit.multiply;
  if (amount.unit.scaled) scale(amount.number, amount.unit.name);
  return amount;
}

void append_decimal(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  out.append(digits.begin(), end);
}

void append_number(const Reading& reading, std::string& out) {
  if (const auto name = value_name(*reading.field, reading.number())) return static_cast<void>(out += *name);
  const auto amount = amount_of(reading);
  if (!amount && reading.field->kind == Kind::kSpan) {
    out += "ends before it begins";
  } else if (!amount) {
    out += hex_number(ByteView(reading.raw).number(0, reading.raw.size()).value_or(0), reading.raw.size());
  } else {
    if (amount->negative) out += '-';
    if (amount->unit.decimals == 0) {
      append_decimal(amount->number, out);
    } else {
      out += with_point(amount->number, amount->unit);
    }
    if (!amount->unit.name.empty() && amount->unit.name != "%") out += ' ';
    out += amount->unit.name;
  }
}

std::string address_text(const Reading& reading) {
  const std::uint64_t multiply = reading.field->units.empty() ? 1 : reading.field->units[0].multiply;
  const auto more = static_cast<std::size_t>(std::countr_zero(multiply) + 3) / 4;
  return "0x" + hex(reading.number() * multiply + reading.field->add, reading.raw.size() * 2 + more, kUpper);
}

std::string revision_text(const Reading& reading) {
  const std::uint64_t value = reading.number();
  if (const auto name = value_name(*reading.field, value)) return std::string(*name);
  const std::size_t half = reading.raw.size() * 4;
  return std::to_string(value >> half) + "." + std::to_string(value & all_of(reading.raw.size() / 2));
}

// ---------------------------------------------------------------- what has a form of its own

std::string handle_text(Bytes raw) { return hex_number(ByteView(raw).number(0, 2).value_or(0), 2); }

// Clause 7.5.3, and the vendors' descriptions of CPUID leaf 1.
std::string cpuid_text(std::uint64_t eax, bool amd) {
  std::uint64_t family = eax >> 8 & 0x0F;
  std::uint64_t model = eax >> 4 & 0x0F;
  if (family == 0x0F || (family == 0x06 && !amd)) model += (eax >> 16 & 0x0F) << 4;
  if (family == 0x0F) family += eax >> 20 & 0xFF;
  const std::string type = amd ? "" : "Type " + std::to_string(eax >> 12 & 0x03) + ", ";
  return type + "Family " + std::to_string(family) + ", Model " + std::to_string(model) + ", Stepping " +
         std::to_string(eax & 0x0F);
}

// Bits 4:0 day, 8:5 month, 15:9 year from 1980.
std::string date_text(std::uint64_t packed) {
  const auto two = [](std::uint64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(1980 + (packed >> 9)) + "-" + two(packed >> 5 & 0x0F) + "-" + two(packed & 0x1F);
}

// A part that no calendar or clock has is any: clause 7.26.1.
std::string bcd_time_text(Bytes raw) {
  struct Part {
    std::uint8_t first, last;
    std::string_view after;
  };
  constexpr Part kParts[] = {
      {0x01, 0x12, "-"}, {0x01, 0x31, " "}, {0x00, 0x23, ":"}, {0x00, 0x59, ":"}, {0x00, 0x59, ""}};
  std::string text;
  for (std::size_t i = 0; i < std::size(kParts) && i < raw.size(); ++i) {
    const std::uint8_t byte = raw[i];
    const bool known = kParts[i].first <= byte && byte <= kParts[i].last && (byte & 0x0F) < 10;
    text += (known ? hex(byte, 2, kUpper) : "*") + std::string(kParts[i].after);
  }
  return text;
}

// Segment group, bus, device (5 bits) and function; all FF where there is none: clause 7.10.8.
std::string pci_text(std::uint64_t address) {
  if (address == 0xFFFFFFFF) return "Not Applicable";
  return hex(address & 0xFFFF, 4, kLower) + ":" + hex(address >> 16 & 0xFF, 2, kLower) + ":" +
         hex(address >> 27 & 0x1F, 2, kLower) + "." + std::to_string(address >> 24 & 0x07);
}

// Low byte: how often the code was continued, with parity; high byte: the code.
std::string jedec_text(const Reading& reading) {
  if (const auto name = value_name(*reading.field, reading.number())) return std::string(*name);
  return "Bank " + std::to_string((reading.number() & 0x7F) + 1) + ", Hex " +
         hex_number(reading.number() >> 8, 1);
}

// Clause 7.39: bit 0 says which space; the lowest bit of the address stands in the modifier (bit 4).
std::string ipmi_address_text(const Reading& reading) {
  constexpr std::uint8_t kSsif = 4;
  if (!reading.structure) return {};
  const ByteView view(reading.structure->formatted());
  const std::uint64_t stored = ByteView(reading.raw).number(0, reading.raw.size()).value_or(0);
  if (view.byte(0x04) == kSsif) return hex_number(stored >> 1 & 0x7F, 1) + " (SMBus)";
  const std::uint64_t lowest = view.byte(0x10).value_or(0) >> 4 & 1U;
  return hex_number((stored & ~std::uint64_t{1}) | lowest, 8) +
         ((stored & 1) != 0 ? " (I/O)" : " (Memory-mapped)");
}

// ---------------------------------------------------------------- UUIDs

using UuidBytes = std::array<std::uint8_t, 16>;
// The order in which the stored bytes are written: clause 7.2.1.
constexpr UuidBytes kInOrder = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr UuidBytes kMixed = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

void append_uuid(Bytes raw, const UuidBytes& order, std::string& out) {
  if (raw.size() != order.size()) return;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    append_hex(ByteView(raw).byte(order.at(i)).value_or(0), 2, kLower, out);
  }
}

std::string uuid_text(Bytes raw, const UuidBytes& order) {
  std::string text;
  append_uuid(raw, order, text);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
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
  const std::string digits = lower(is_hex ? text.substr(2) : text);
  const std::uint64_t base = is_hex ? 16 : 10;
  if (digits.empty() || digits.size() > 10) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    const std::size_t digit = kLower.find(c);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  if (value > 0xFFFFFFFF) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

// ---------------------------------------------------------------- items

void append_bit(const Field& field, unsigned bit, std::string& out) {
  if (const auto name = value_name(field, bit)) return static_cast<void>(out += *name);
  out += "bit ";
  append_decimal(bit, out);
}

std::vector<Item> bit_items(const Reading& reading) {
  std::vector<Item> items;
  for (std::uint64_t rest = reading.number(); rest != 0; rest &= rest - 1) {
    append_bit(*reading.field, static_cast<unsigned>(std::countr_zero(rest)), items.emplace_back().text);
  }
  return items;
}

std::vector<Item> string_items(const Reading& reading) {
  std::vector<Item> items;
  if (!reading.structure) return items;
  for (unsigned number = 1; number <= reading.number(); ++number) {
    const auto string = reading.structure->string(number);
    const std::string state = "(" + std::string(state_name(State::kBadIndex)) + ")";
    items.push_back({string ? std::string(*string) : state, {}});
  }
  return items;
}

Item column_item(const Reading& reading, ByteView bytes) {
  Item item;
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
    items.push_back(field.columns.empty() ? Item{handle_text(item->bytes()), {}}
                                          : column_item(reading, *item));
  }
  return items;
}

std::string items_text(const Reading& reading) {
  std::string text;
  for (const Item& item : items(reading)) text += (text.empty() ? "" : ", ") + item.text;
  return text;
}

void append_bits(const Reading& reading, std::string& out) {
  std::uint64_t rest = reading.number();
  if (rest == 0) out += value_name(*reading.field, kNoBit).value_or("None");
  for (bool first = true; rest != 0; rest &= rest - 1, first = false) {
    if (!first) out += ", ";
    append_bit(*reading.field, static_cast<unsigned>(std::countr_zero(rest)), out);
  }
}

void append_named_or_hex(const Reading& reading, std::string& out) {
  const auto name = value_name(*reading.field, reading.number());
  if (name) {
    out += *name;
  } else {
    append_masked_hex(reading, out);
  }
}

// What few structures have.
std::string rare_text(const Reading& reading) {
  const Bytes raw = reading.raw;
  switch (reading.field->kind) {
    case Kind::kStrings:
    case Kind::kHandle:
    case Kind::kBytes:
      return items_text(reading);
    case Kind::kAddress:
      return address_text(reading);
    case Kind::kRevision:
      return revision_text(reading);
    case Kind::kBcdRevision:
      return std::to_string(reading.number() >> 4) + "." + std::to_string(reading.number() & 0x0F);
    case Kind::kText:
      return std::string(ByteView(raw).text().substr(0, ByteView(raw).text().find('\0')));
    case Kind::kDate:
      return date_text(reading.number());
    case Kind::kBcdTime:
      return bcd_time_text(raw);
    case Kind::kPci:
      return pci_text(reading.number());
    case Kind::kFarAddress:
      return hex(reading.number() >> 16, 4, kUpper) + ":" + hex(reading.number(), 4, kUpper);
    case Kind::kJedec:
      return jedec_text(reading);
    case Kind::kCpuid:
      return cpuid_text(reading.number(), false);
    case Kind::kCpuidAmd:
      return cpuid_text(reading.number(), true);
    case Kind::kIpmiAddress:
      return ipmi_address_text(reading);
    default:
      return {};
  }
}

void append_text_of(const Reading& reading, std::string& out) {
  const bool listed = reading.field->items.count != 0;
  switch (reading.field->kind) {
    case Kind::kString:
      out += ByteView(reading.raw).text();
      return;
    case Kind::kNumber:
    case Kind::kSigned:
    case Kind::kPower:
    case Kind::kSpan:
      return append_number(reading, out);
    case Kind::kHex:
    case Kind::kEnum:
      return append_named_or_hex(reading, out);
    case Kind::kBits:
      return append_bits(reading, out);
    case Kind::kUuid:
      return append_uuid(reading.raw,
                         reading.version.known() && reading.version < Version{2, 6} ? kInOrder : kMixed, out);
    case Kind::kHandle:
      if (!listed) return append_named_or_hex(reading, out);
      break;
    case Kind::kBytes:
      if (reading.field->columns.empty()) return append_hex_bytes(reading.raw, out);
      break;
    default:
      break;
  }
  out += rare_text(reading);
}

}  // namespace

std::optional<std::string_view> value_name(const Field& field, std::uint64_t value) {
  for (const EnumValue& known : field.values) {
    if (known.value == value || (known.value < value && value <= known.last)) return known.name;
  }
  return std::nullopt;
}

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
  return "(" + std::string(state_name(reading.state)) + ")";
}

std::vector<Item> items(const Reading& reading) {
  if (reading.state != State::kPresent || reading.field == nullptr) return {};
  if (reading.field->kind == Kind::kBits) return bit_items(reading);
  if (reading.field->kind == Kind::kStrings) return string_items(reading);
  return reading.field->items.count != 0 ? list_items(reading) : std::vector<Item>{};
}

void Reading::append_text(std::string& out) const {
  if (field == nullptr || (state != State::kPresent && state != State::kBlank)) return;
  if (field->instead.keyword.empty()) return append_text_of(*this, out);
  append_text_of(answer(), out);
}

std::string Reading::text() const {
  std::string text;
  append_text(text);
  return text;
}

std::string_view Reading::unit() const {
  if (field == nullptr || (field->units.empty() && field->instead.keyword.empty())) return {};
  const Reading found = answer();
  if (found.field == nullptr || found.state != State::kPresent || found.field->units.empty()) return {};
  if (found.field->kind == Kind::kAddress) return {};
  const auto amount = amount_of(found);
  return amount ? amount->unit.name : std::string_view();
}

std::string uuid_text_rfc(Bytes raw) { return uuid_text(raw, kInOrder); }
std::string uuid_text_mixed(Bytes raw) { return uuid_text(raw, kMixed); }

std::optional<UuidBytes> parse_uuid(std::string_view text, bool mixed) {
  const std::string digits = uuid_digits(text);
  if (digits.size() != 32) return std::nullopt;
  UuidBytes raw{};
  const UuidBytes& order = mixed ? kMixed : kInOrder;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::size_t high = kLower.find(digits[2 * i]);
    const std::size_t low = kLower.find(digits[2 * i + 1]);
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
  const std::string small = lower(text);
  for (const EnumValue& value : field.values) {
    const bool listed = number && value.value < *number && *number <= value.last;
    if (listed) return *number;
    if (number == value.value || small == lower(value.name) || small == enum_key(value.name))
      return static_cast<std::uint32_t>(value.value);
  }
  return std::nullopt;
}

}  // namespace dmigate::smbios
