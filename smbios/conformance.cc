#include "smbios/conformance.h"

#include <algorithm>
#include <cstring>

#include "smbios/ascii.h"
#include "smbios/fields/layout_of_rows.h"
#include "smbios/utf8.h"

namespace dmigate::smbios {

namespace {

// Types whose byte at 04h says how many strings they have: clauses 7.12, 7.13, 7.14.
constexpr std::uint8_t kCountsStrings[] = {11, 12, 13};

// Bits that the specification leaves to vendors; clause 7.1.1.
constexpr std::uint8_t kBiosType = 0;
constexpr std::uint8_t kBiosCharacteristics = 0x0A;
constexpr std::uint64_t kVendorBits = 0xFFFFFFFF00000000;

constexpr std::uint8_t kBoardType = 2;
constexpr std::size_t kLongestString = 64;  // bytes, up to 2.6
constexpr Version kUtf8Since{3, 5, 0};
constexpr Version kLongStringsSince{2, 7, 0};

// ---- Annex A, clause 6.2

enum class Demand : std::uint8_t {
  kString,   // a string number other than 0
  kNeither,  // not one of two values
  kYear,     // a date whose year has four digits: MM/DD/YYYY
  kUuid,     // not 16 zeros
};
// What stands at `offset`, looked at only where the bits `when_mask` at `when` say that the thing is there.
struct AnnexRule {
  std::uint8_t type, offset, width;
  Demand demand;
  std::uint32_t value = 0, other = 0;
  std::uint32_t mask = 0xFFFFFFFF;
  std::uint8_t when = 0, when_width = 0;
  std::uint32_t when_mask = 0;
};
constexpr AnnexRule kAnnexRules[] = {
    {0, 0x05, 1, Demand::kString},
    {0, 0x08, 1, Demand::kYear},
    {1, 0x04, 1, Demand::kString},
    {1, 0x05, 1, Demand::kString},
    {1, 0x08, 16, Demand::kUuid},
    {1, 0x18, 1, Demand::kNeither, 0x00, 0x02},
    {3, 0x04, 1, Demand::kString},
    {3, 0x05, 1, Demand::kNeither, 0x00, 0x02, 0x7F},
    {4, 0x04, 1, Demand::kString},
    {4, 0x05, 1, Demand::kNeither, 0x00, 0x02},
    {4, 0x14, 2, Demand::kNeither, 0, 0},
    {4, 0x19, 1, Demand::kNeither, 0x00, 0x02},
    {4, 0x07, 1, Demand::kString, 0, 0, 0xFF, 0x18, 1, 0x40},
    {4, 0x06, 1, Demand::kNeither, 0x00, 0x02, 0xFF, 0x18, 1, 0x40},
    {4, 0x16, 2, Demand::kNeither, 0, 0, 0xFFFF, 0x18, 1, 0x40},
    {4, 0x18, 1, Demand::kNeither, 0, 0, 0x07, 0x18, 1, 0x40},
    {9, 0x04, 1, Demand::kString},
    {9, 0x05, 1, Demand::kNeither, 0x00, 0x02},
    {9, 0x06, 1, Demand::kNeither, 0x00, 0x02},
    {16, 0x04, 1, Demand::kNeither, 0x00, 0x02},
    {16, 0x05, 1, Demand::kNeither, 0x00, 0x02},
    {16, 0x06, 1, Demand::kNeither, 0x00, 0x02},
    {16, 0x0D, 2, Demand::kNeither, 0, 0},
    {17, 0x10, 1, Demand::kString},
    {17, 0x0A, 2, Demand::kNeither, 0xFFFF, 0xFFFF, 0xFFFF, 0x0C, 2, 0xFFFF},
    {17, 0x08, 2, Demand::kNeither, 0xFFFF, 0xFFFF, 0xFFFF, 0x0C, 2, 0xFFFF},
    {17, 0x0C, 2, Demand::kNeither, 0xFFFF, 0xFFFF},
    {17, 0x0E, 1, Demand::kNeither, 0x00, 0x02},
    {17, 0x0F, 1, Demand::kNeither, 0xFF, 0xFF},
    {19, 0x0E, 1, Demand::kNeither, 0, 0},
};

bool has_four_digit_year(std::string_view date) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::size_t slash = date.rfind('/');
  return slash != std::string_view::npos && date.size() - slash == 5 &&
         std::all_of(date.begin() + static_cast<std::ptrdiff_t>(slash) + 1, date.end(), is_digit);
}

bool holds(const AnnexRule& rule, const Structure& structure, std::uint64_t value) {
  switch (rule.demand) {
    case Demand::kString:
      return value != 0;
    case Demand::kNeither:
      return value != rule.value && value != rule.other;
    case Demand::kYear:
      return has_four_digit_year(structure.string(static_cast<unsigned>(value)).value_or(""));
    case Demand::kUuid:
      return !ByteView(structure.formatted()).from(rule.offset).first(rule.width).zero();
  }
  return true;
}

// Those of one type.
std::span<const AnnexRule> annex_rules(std::uint8_t type) {
  static_assert(std::ranges::is_sorted(kAnnexRules, {}, &AnnexRule::type));
  const auto first = std::ranges::lower_bound(kAnnexRules, type, {}, &AnnexRule::type);
  return {first,
          std::find_if(first, std::end(kAnnexRules), [&](const AnnexRule& r) { return r.type != type; })};
}

const Field* find_row(std::span<const Field> rows, const AnnexRule& rule) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Field& field) {
    return field.offset == rule.offset && field.after.count == 0 &&
           (field.mask & rule.mask & ((std::uint64_t{1} << std::min<unsigned>(8 * rule.width, 32)) - 1)) != 0;
  });
  return row == rows.end() ? nullptr : &*row;
}

// ---- strings

// Nothing that must be looked at more closely (ascii.h). NULs are let pass.
bool is_plain(Bytes bytes) {
  std::uint64_t found = 0, eight = 0;
  for (; bytes.size() >= sizeof eight; bytes = bytes.subspan(sizeof eight)) {
    std::memcpy(&eight, bytes.data(), sizeof eight);
    found |= not_printable(eight);
  }
  eight = 0;
  if (!bytes.empty()) std::memcpy(&eight, bytes.data(), bytes.size());
  return (found | not_printable(eight)) == 0;
}

bool has_control(std::string_view string) {
  return std::any_of(string.begin(), string.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}
bool is_ascii(std::string_view string) {
  return std::all_of(string.begin(), string.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_utf8(std::string_view string) {
  while (!string.empty()) {
    const std::size_t length = utf8_length(string);
    if (length == 0) return false;
    string.remove_prefix(length);
  }
  return true;
}

// "0309h", as defects have versions.
std::uint64_t number_of(Version version) { return std::uint64_t{version.major} << 8 | version.minor; }

bool has_value(const Field& field, std::uint64_t value) { return find_value(field, value) != nullptr; }

bool has_handles(const Field& field) {
  const auto is_handle = [](const Field& column) { return column.kind == Kind::kHandle; };
  return is_handle(field) || (field.items.count != 0 && std::ranges::any_of(field.columns, is_handle));
}

}  // namespace

Conformance::Conformance(const Layout& layout, Defects& defects, StructureMemory* memory)
    : layout_(layout),
      defects_(defects),
      memory_(memory),
      told_(layout.known.empty()),
      newer_(Version{layout.version.major, layout.version.minor, 0} > kNewest) {
  if (newer_) {
    defects_.add({DefectKind::kNewerVersion, 0, std::nullopt, std::nullopt, number_of(layout.version),
                  number_of(kNewest)});
  }
}

void Conformance::add(DefectKind kind, const Structure& at, std::uint64_t found, std::uint64_t expected,
                      const Field* field) {
  const Defect defect{kind, at.offset(), at.type(), at.handle(), found, expected, field};
  defects_.add(defect);
  if (place_ != nullptr) place_->defects.push_back(defect);
}

void Conformance::look_at(const Structure& structure) {
  ended_ = structure.type() == kEndOfTableType;
  bios_ += structure.type() == kBiosType ? 1 : 0;
  boards_ += structure.type() == kBoardType ? 1 : 0;
  if (memory_ == nullptr || !told_ || !StructureMemory::takes(structure)) return look_closely(structure);
  const auto found = memory_->find(structure, layout_.version);
  if (!found.known) {
    place_ = &found.place;
    look_closely(structure);
    place_ = nullptr;
    return memory_->keep(found.place);
  }
  for (Defect defect : found.place.defects) {
    defect.offset = structure.offset();
    defects_.add(defect);
  }
  for (const NamedHandle& named : found.place.handles) name(structure, named);
}

void Conformance::look_closely(const Structure& structure) {
  const std::uint8_t minimum = minimum_length(structure.type(), layout_.version);
  if (structure.length() < minimum) add(DefectKind::kShortStructure, structure, structure.length(), minimum);
  if (!told_) return;
  const std::size_t strings = look_at_strings(structure);
  for (const Field& field : fields_of(structure.type())) {
    look_at_field(structure, field, strings);
    if (has_handles(field)) find_handles(structure, field);
  }
  look_at_annex(structure);
}

// How many strings there are.
std::size_t Conformance::look_at_strings(const Structure& structure) {
  const bool plain = is_plain(structure.strings());
  const bool limited = layout_.version.known() && layout_.version < kLongStringsSince;
  unsigned count = 0;
  for (const std::string_view string : Strings(structure.strings())) {
    ++count;
    if (!plain) look_at_string(structure, count, string);
    if (limited && string.size() > kLongestString) {
      add(DefectKind::kLongString, structure, string.size(), kLongestString);
    }
    if (is_blank(string.front()) || is_blank(string.back()))
      add(DefectKind::kPaddedString, structure, count, 0);
  }
  const auto* counted = std::find(std::begin(kCountsStrings), std::end(kCountsStrings), structure.type());
  const auto announced = ByteView(structure.formatted()).byte(4);
  if (counted != std::end(kCountsStrings) && announced && *announced != count) {
    add(DefectKind::kBadList, structure, count, *announced);
  }
  return count;
}

void Conformance::look_at_string(const Structure& structure, unsigned number, std::string_view string) {
  if (has_control(string)) add(DefectKind::kControlCharacter, structure, number, 0);
  if (is_ascii(string)) return;
  const bool allowed = !layout_.version.known() || layout_.version >= kUtf8Since;
  if (!allowed || !is_utf8(string)) add(DefectKind::kCharset, structure, number, 0);
}

void Conformance::look_at_field(const Structure& structure, const Field& field, std::size_t strings) {
  const bool list = field.items.count != 0;
  const bool judged = field.kind == Kind::kString || field.kind == Kind::kEnum || field.kind == Kind::kBits;
  const ByteView formatted(structure.formatted());
  if ((!list && !judged) || field.offset + std::size_t{field.width} > formatted.size() ||
      !rows::applies(formatted, field.when))
    return;
  const auto before = field.after.count == 0 ? std::optional<std::size_t>(0)
                                             : rows::list_bytes(formatted, field.after, field.offset);
  if (!before) return;
  const std::size_t at = field.offset + *before;
  if (list) return look_at_list(structure, field, at);
  const auto value = formatted.number(at, field.width);
  if (!value) return;  // beyond the structure, or no number
  if (field.kind == Kind::kString) {
    if (*value > strings) add(DefectKind::kBadString, structure, *value, strings, &field);
  } else if (!newer_ && !field.values.empty() &&
             (!layout_.version.known() || field.since <= layout_.version)) {
    look_at_value(structure, field, rows::shifted(*value, field.mask));
  }
}

void Conformance::look_at_value(const Structure& structure, const Field& field, std::uint64_t value) {
  if (field.kind == Kind::kBits) return look_at_bits(structure, field, value);
  const EnumValue* known = find_value(field, value);
  if (known == nullptr) {
    add(DefectKind::kOutOfSpec, structure, value, 0, &field);
  } else if (is_newer(*known)) {
    add(DefectKind::kNewerValue, structure, value, number_of(known->since), &field);
  }
}

void Conformance::look_at_bits(const Structure& structure, const Field& field, std::uint64_t bits) {
  std::uint64_t reserved = bits & ~rows::named_bits(field);
  if (field.type == kBiosType && field.offset == kBiosCharacteristics) reserved &= ~kVendorBits;
  if (reserved != 0) add(DefectKind::kReservedBits, structure, reserved, 0, &field);
  std::uint64_t newer = 0;
  Version since;
  for (const EnumValue& row : field.values) {
    if (!is_newer(row) || (bits >> row.value & 1) == 0) continue;
    newer |= std::uint64_t{1} << row.value;
    since = std::max(since, row.since);
  }
  if (newer != 0) add(DefectKind::kNewerValue, structure, newer, number_of(since), &field);
}

// Firmware that announces 2.8 and says what came with 3.0 is common: readers get along with it.
bool Conformance::is_newer(const EnumValue& value) const {
  return layout_.version.known() && value.since > layout_.version;
}

void Conformance::look_at_list(const Structure& structure, const Field& field, std::size_t at) {
  const ByteView formatted(structure.formatted());
  const auto bytes = rows::list_bytes(formatted, field.items, at);
  if (bytes && *bytes != 0 && at + *bytes > formatted.size()) {
    add(DefectKind::kBadList, structure, formatted.size(), at + *bytes, &field);
  }
}

void Conformance::look_at_annex(const Structure& structure) {
  const ByteView formatted(structure.formatted());
  for (const AnnexRule& rule : annex_rules(structure.type())) {
    if (!formatted.sub(rule.offset, rule.width)) continue;
    if (rule.when_width != 0 &&
        (formatted.number(rule.when, rule.when_width).value_or(0) & rule.when_mask) == 0)
      continue;
    const std::uint64_t value = formatted.number(rule.offset, rule.width).value_or(0) & rule.mask;
    if (!holds(rule, structure, value))
      add(DefectKind::kAnnexA, structure, value, 0, find_row(fields_of(rule.type), rule));
  }
}

void Conformance::finish(const Table& table, const HandleSet& handles) {
  // A table without its end may have lost it, and text may leave it out.
  if (told_ && (bios_ > 1 || (bios_ == 0 && ended_)))
    defects_.add({DefectKind::kAnnexA, 0, kBiosType, std::nullopt, bios_, 1});
  if (boards_ > 1) {
    const auto chosen = table.baseboard();
    if (chosen)
      add(DefectKind::kSeveralBaseboards, *chosen, boards_, static_cast<std::uint64_t>(precedence(*chosen)));
  }
  for (const Name& name : names_) {
    const auto& [named, offset, type, by] = name;
    if (handles.test(named.handle)) continue;
    defects_.add({DefectKind::kDanglingHandle, offset, type, by, named.handle, 0, named.field});
  }
}

void Conformance::find_handles(const Structure& structure, const Field& field) {
  const ByteView formatted(structure.formatted());
  if (!rows::applies(formatted, field.when)) return;
  const auto before = rows::list_bytes(formatted, field.after, field.offset);
  if (!before) return;
  std::size_t at = field.offset + *before;
  if (field.items.count == 0) return find_handle(structure, field, field, at);
  const std::size_t count = rows::item_count(formatted, field.items, at).value_or(0);
  for (std::size_t i = 0; i < count && at < formatted.size(); ++i) {
    if (field.columns.empty()) find_handle(structure, field, field, at);
    for (const Field& column : field.columns) {
      if (column.kind == Kind::kHandle) find_handle(structure, field, column, at + column.offset);
    }
    const auto bytes = rows::item_bytes(formatted, field.items, at);
    if (!bytes || *bytes == 0) break;
    at += *bytes;
  }
}

// FFFFh and what the row names are no handles.
void Conformance::find_handle(const Structure& structure, const Field& field, const Field& part,
                              std::size_t at) {
  const auto named = ByteView(structure.formatted()).number(at, sizeof(Handle));
  if (!named || *named >= kFirstReservedHandle || has_value(part, *named)) return;
  const NamedHandle handle{static_cast<Handle>(*named), &field};
  name(structure, handle);
  if (place_ != nullptr) place_->handles.push_back(handle);
}

void Conformance::name(const Structure& by, const NamedHandle& named) {
  names_.push_back({named, by.offset(), by.type(), by.handle()});
}

}  // namespace dmigate::smbios
