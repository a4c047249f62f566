#include "cli/field_words.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "gate/judge/phrases.h"

namespace dmigate::cli {
namespace {

using smbios::Field;
using smbios::Kind;
using smbios::List;
using smbios::Unit;

std::string say(Language language, std::string_view english, const gate::Details& details = {}) {
  return gate::fill(gate::phrase(english, language), details);
}

std::string bytes_text(std::size_t bytes, Language language) {
  return say(language, bytes == 1 ? "{count} byte" : "{count} bytes", {{"count", std::to_string(bytes)}});
}

std::string byte_at(std::uint64_t offset, Language language) {
  return say(language, "the byte at {offset}", {{"offset", hex(offset)}});
}

std::uint64_t all_bits(std::size_t bytes) {
  return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * bytes) - 1;
}

// "bit 7", "bits 6:0", "bits 6, 2:0"; empty where they are all, or the row is no integer.
std::string bits_text(std::uint64_t mask, std::size_t bytes, Language language) {
  mask &= all_bits(bytes);
  if (bytes == 0 || bytes > 8 || mask == all_bits(bytes)) return {};
  std::string text;
  for (int high = 63; high >= 0; --high) {
    if ((mask >> high & 1) == 0) continue;
    int low = high;
    while (low > 0 && (mask >> (low - 1) & 1) != 0) --low;
    text +=
        (text.empty() ? "" : ", ") + std::to_string(high) + (low == high ? "" : ":" + std::to_string(low));
    high = low;
  }
  return say(language, std::popcount(mask) == 1 ? "bit {bits}" : "bits {bits}", {{"bits", text}});
}

// "bit 7 of the byte at 11h is 0", "the 2 bytes at 28h are 5".
std::string part_is(std::size_t offset, std::size_t bytes, std::uint64_t mask, const std::string& value,
                    Language language) {
  const std::string bits = bits_text(mask, bytes, language);
  const bool one = bits.empty() ? bytes == 1 : std::has_single_bit(mask & all_bits(bytes));
  const std::string place = bytes == 1
                                ? byte_at(offset, language)
                                : say(language, "the {bytes} at {offset}",
                                      {{"bytes", bytes_text(bytes, language)}, {"offset", hex(offset)}});
  const std::string part =
      bits.empty() ? place : say(language, "{bits} of {place}", {{"bits", bits}, {"place", place}});
  return say(language, one ? "{part} is {value}" : "{part} are {value}", {{"part", part}, {"value", value}});
}

std::string_view kind_text(const Field& row) {
  const bool list = row.items.count != 0;
  switch (row.kind) {
    case Kind::kString:
      return "a string, by its number in the structure";
    case Kind::kStrings:
      return "how many strings the structure has, and they are the value";
    case Kind::kNumber:
      return "a number";
    case Kind::kSigned:
      return "a number that may be negative, in two's complement";
    case Kind::kPower:
      return "a number n that means 2 to the power of n";
    case Kind::kSpan:
      return "the first and the last of a range, in half of the bytes each; the value is how many there are";
    case Kind::kHex:
      return "a number, written in hexadecimal";
    case Kind::kAddress:
      return "an address";
    case Kind::kRevision:
      return "major and minor of a revision";
    case Kind::kBcdRevision:
      return "major and minor of a revision, in half of the byte each";
    case Kind::kEnum:
      return "one of its named values";
    case Kind::kBits:
      return "bits, each with its own meaning";
    case Kind::kHandle:
      return list ? "a list of handles of other structures" : "the handle of another structure";
    case Kind::kUuid:
      return "a UUID; its first three groups are stored little-endian since 2.6";
    case Kind::kText:
      return "characters, up to a NUL";
    case Kind::kDate:
      return "a date: day in bits 4:0, month in 8:5, years since 1980 in 15:9";
    case Kind::kBcdTime:
      return "month, day, hour, minute and second, in BCD";
    case Kind::kPci:
      return "segment group, bus, device and function of a PCI address";
    case Kind::kFarAddress:
      return "offset and segment of a 16-bit entry point";
    case Kind::kJedec:
      return "a manufacturer by JEDEC JEP-106: bank and code";
    case Kind::kCpuid:
      return "EAX of CPUID leaf 1";
    case Kind::kCpuidAmd:
      return "EAX of CPUID leaf 1, as AMD counts family and model";
    case Kind::kIpmiAddress:
      return "an address; bit 0 says I/O or memory, and the lowest bit of the address is bit 4 of the byte "
             "at 10h";
    case Kind::kBytes:
      if (!row.columns.empty()) return "a list; what each item has stands below";
      return "bytes as they are";
  }
  return "unknown";
}

// ---------------------------------------------------------------- numbers

// What 1 is: "kB", "64 kB", "0.001 V".
std::string step_text(const Unit& unit) {
  std::string step;
  if (unit.decimals != 0) {
    step = "0." + std::string(unit.decimals - std::size_t{1}, '0') + std::to_string(unit.multiply);
  } else if (unit.multiply != 1) {
    step = std::to_string(unit.multiply);
  }
  return step + (step.empty() || unit.name == "%" ? "" : " ") + std::string(unit.name);
}

// The units that the row's own bits choose from: "MB or GB, as bits 15:14 are 0 or 1".
std::string choice_text(const Field& row, Language language) {
  const std::string_view alternative = gate::phrase(" or ", language);
  std::string steps, numbers;
  for (std::size_t i = 0; i < row.units.size(); ++i) {
    steps += std::string(i == 0 ? "" : alternative) + step_text(row.units[i]);
    numbers += std::string(i == 0 ? "" : alternative) + std::to_string(i);
  }
  return say(
      language,
      std::has_single_bit(row.unit_mask) ? "{steps}, as {bits} is {numbers}"
                                         : "{steps}, as {bits} are {numbers}",
      {{"steps", steps}, {"bits", bits_text(row.unit_mask, row.width, language)}, {"numbers", numbers}});
}

std::string counts_text(const Field& row, Language language) {
  if (row.units.empty() && row.add == 0 && row.times == 0) return {};
  std::string text;
  if (!row.units.empty())
    text = row.unit_mask != 0 ? choice_text(row, language) : step_text(row.units.front());
  if (row.add != 0 && row.kind == Kind::kAddress) {
    text += say(language, " and {number} more", {{"number", std::to_string(row.add)}});
  } else if (row.add != 0) {
    text += say(language, ", the number plus {number}", {{"number", std::to_string(row.add)}});
  }
  if (row.times != 0) text += say(language, ", times {byte}", {{"byte", byte_at(row.times, language)}});
  return text;
}

// ---------------------------------------------------------------- lists and conditions

// "as many as the byte at 13h says, each of as many bytes as the byte at 14h says".
std::string list_text(const List& list, Language language) {
  const std::string count =
      list.count == smbios::kToTheEnd ? say(language, "as many as the structure has room for")
      : list.count == smbios::kByteBefore
          ? say(language, "as many as the byte before them says")
          : say(language, "as many as {byte} says", {{"byte", byte_at(list.count, language)}});
  const auto each = [&](std::string_view english, const std::string& byte) {
    return count + say(language, english, {{"byte", byte}, {"bytes", bytes_text(list.bytes, language)}});
  };
  if (list.size != 0) {
    return each(", each of as many bytes as {byte} says", byte_at(list.size, language));
  }
  if (list.own == 0) return each(", each of {bytes}", {});
  const std::string own = hex(list.own - std::uint64_t{1});
  return each(list.bytes == 0 ? ", each of as many bytes as its byte {byte} says"
                              : ", each of {bytes} and as many more as its byte {byte} says",
              own);
}

std::string when_text(const smbios::When& when, Language language) {
  if (when.width == 0) return {};
  const std::uint64_t mask = when.mask & all_bits(when.width);
  const int shift = mask == 0 ? 0 : std::countr_zero(mask);
  const auto value = [&](std::uint64_t number) {
    return std::popcount(mask) == 1 ? std::to_string(number >> shift) : hex(number >> shift);
  };
  std::string text;
  for (const smbios::Range& range : when.in) {
    text += (text.empty() ? "" : ", ") + value(range.first);
    if (range.last != range.first) text += "-" + value(range.last);
  }
  if (when.in.size() > 1) text = say(language, "one of {values}", {{"values", text}});
  return part_is(when.offset, when.width, mask, text, language);
}

std::string instead_text(const Field& row, Language language) {
  const smbios::Instead& instead = row.instead;
  if (instead.keyword.empty()) return {};
  const std::string where = instead.offset == 0
                                ? say(language, "it is {value}", {{"value", hex(instead.when)}})
                                : part_is(instead.offset, 4, ~std::uint64_t{0}, hex(instead.when), language);
  return say(language, "{keyword} where {where}",
             {{"keyword", std::string(instead.keyword)}, {"where", where}});
}

// The rows that this one answers for, where it is an extended size.
std::string answers_text(const Field& row) {
  std::string text;
  for (const Field& other : smbios::fields_of(row.type)) {
    if (other.instead.keyword != row.keyword) continue;
    text += (text.empty() ? "" : ", ") + std::string(other.keyword);
  }
  return text;
}

}  // namespace

std::string chosen_text(std::uint8_t type, Language language) {
  if (smbios::highest_precedence(type) == 0) return {};
  return say(language, "the motherboard (board type 0Ah), else the hosting board, else the first");
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::kString:
      return "string";
    case Kind::kStrings:
      return "strings";
    case Kind::kNumber:
      return "number";
    case Kind::kSigned:
      return "signed";
    case Kind::kPower:
      return "power";
    case Kind::kSpan:
      return "span";
    case Kind::kHex:
      return "hex";
    case Kind::kAddress:
      return "address";
    case Kind::kRevision:
      return "revision";
    case Kind::kBcdRevision:
      return "bcd-revision";
    case Kind::kEnum:
      return "enum";
    case Kind::kBits:
      return "bits";
    case Kind::kHandle:
      return "handle";
    case Kind::kUuid:
      return "uuid";
    case Kind::kText:
      return "text";
    case Kind::kDate:
      return "date";
    case Kind::kBcdTime:
      return "bcd-time";
    case Kind::kPci:
      return "pci";
    case Kind::kFarAddress:
      return "far-address";
    case Kind::kJedec:
      return "jedec";
    case Kind::kCpuid:
      return "cpuid";
    case Kind::kCpuidAmd:
      return "cpuid-amd";
    case Kind::kIpmiAddress:
      return "ipmi-address";
    case Kind::kBytes:
      return "bytes";
  }
  return "unknown";
}

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "%02llXh", static_cast<unsigned long long>(value));
  return text;
}

std::string offset_text(const Field& row, Language language) {
  if (row.after.count == 0) return hex(row.offset);
  const std::string count = byte_at(row.after.count, language);
  const std::string size =
      row.after.size == 0 ? std::to_string(row.after.bytes) : byte_at(row.after.size, language);
  return hex(row.offset) + " + " + count + (size == "1" ? "" : " x " + size);
}

std::string size_text(const Field& row, Language language) {
  if (row.width == 0) return say(language, row.items.count != 0 ? "as long as its list" : "up to the end");
  std::uint64_t mask = row.mask;
  if (row.unit_mask != 0) mask &= ~row.unit_mask;
  const std::string bits = bits_text(mask, row.width, language);
  return bytes_text(row.width, language) + (bits.empty() ? "" : ", " + bits);
}

std::vector<Fact> facts_of(const Field& row, Language language) {
  std::vector<Fact> facts = {
      {"kind", say(language, kind_text(row))},
      {"in", counts_text(row, language)},
      {"items", row.items.count == 0 ? std::string() : list_text(row.items, language)},
      {"instead", instead_text(row, language)},
      {"answers for", answers_text(row)},
      {"only where", when_text(row.when, language)},
      {"of several", chosen_text(row.type, language)},
  };
  std::erase_if(facts, [](const Fact& fact) { return fact.text.empty(); });
  return facts;
}

std::vector<NamedValue> values_of(const Field& row, Language language) {
  const std::uint64_t mask = row.mask & all_bits(row.width);
  const auto digits = std::max<int>(2, (std::popcount(mask) + 3) / 4);
  const auto number = [&](std::uint64_t value) {
    std::string text = hex(value);
    const auto wanted = static_cast<std::size_t>(digits) + 1;
    if (text.size() < wanted) text.insert(0, wanted - text.size(), '0');
    return text;
  };
  std::vector<NamedValue> values;
  for (const smbios::EnumValue& value : row.values) {
    NamedValue named{number(value.value), {}, value.name, {}};
    if (value.since > row.since) named.since = value.since.to_string();
    if (row.kind == Kind::kBits) {
      named.value = value.value == smbios::kNoBit
                        ? say(language, "no bit")
                        : say(language, "bit {bits}", {{"bits", std::to_string(value.value)}});
    }
    if (value.last != 0) named.value += "-" + number(value.last);
    if (row.kind == Kind::kEnum) named.key = smbios::enum_key(value.name);
    values.push_back(std::move(named));
  }
  return values;
}

}  // namespace dmigate::cli
