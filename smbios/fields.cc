// The table of fields. A new field is a new row; the code below interprets rows and knows none.

#include "smbios/fields.h"

#include <algorithm>
#include <bit>
#include <bitset>

namespace dmigate::smbios {

namespace {

constexpr Version kV20{2, 0}, kV21{2, 1}, kV23{2, 3}, kV24{2, 4}, kV27{2, 7}, kV31{3, 1}, kV39{3, 9};

// ---------------------------------------------------------------- values, by clause

// 7.1: 64 kB each, less one.
constexpr EnumValue kRomSizes[] = {{0xFF, "16 MB or more"}};
constexpr Unit kRomUnits[] = {{64, "kB"}};
constexpr Unit kExtendedRomUnits[] = {{1, "MB"}, {1, "GB"}};
constexpr EnumValue kRevisions[] = {{0xFFFF, "Not Supported"}};

// 7.1.1
constexpr EnumValue kBiosCharacteristics[] = {
    {2, "BIOS characteristics unknown"},
    {3, "BIOS characteristics not supported"},
    {4, "ISA is supported"},
    {5, "MCA is supported"},
    {6, "EISA is supported"},
    {7, "PCI is supported"},
    {8, "PC Card (PCMCIA) is supported"},
    {9, "PNP is supported"},
    {10, "APM is supported"},
    {11, "BIOS is upgradeable"},
    {12, "BIOS shadowing is allowed"},
    {13, "VLB is supported"},
    {14, "ESCD support is available"},
    {15, "Boot from CD is supported"},
    {16, "Selectable boot is supported"},
    {17, "BIOS ROM is socketed"},
    {18, "Boot from PC Card (PCMCIA) is supported"},
    {19, "EDD is supported"},
    {20, "Japanese floppy for NEC 9800 1.2 MB is supported (int 13h)"},
    {21, "Japanese floppy for Toshiba 1.2 MB is supported (int 13h)"},
    {22, "5.25\"/360 kB floppy services are supported (int 13h)"},
    {23, "5.25\"/1.2 MB floppy services are supported (int 13h)"},
    {24, "3.5\"/720 kB floppy services are supported (int 13h)"},
    {25, "3.5\"/2.88 MB floppy services are supported (int 13h)"},
    {26, "Print screen service is supported (int 5h)"},
    {27, "8042 keyboard services are supported (int 9h)"},
    {28, "Serial services are supported (int 14h)"},
    {29, "Printer services are supported (int 17h)"},
    {30, "CGA/mono video services are supported (int 10h)"},
    {31, "NEC PC-98"},
};
// 7.1.2.1
constexpr EnumValue kBiosCharacteristics1[] = {
    {0, "ACPI is supported"},
    {1, "USB legacy is supported"},
    {2, "AGP is supported"},
    {3, "I2O boot is supported"},
    {4, "LS-120 boot is supported"},
    {5, "ATAPI Zip drive boot is supported"},
    {6, "IEEE 1394 boot is supported"},
    {7, "Smart battery is supported"},
};
// 7.1.2.2
constexpr EnumValue kBiosCharacteristics2[] = {
    {0, "BIOS boot specification is supported"},
    {1, "Function key-initiated network boot is supported"},
    {2, "Targeted content distribution is supported"},
    {3, "UEFI is supported"},
    {4, "System is a virtual machine"},
    {5, "Manufacturing mode is supported"},
    {6, "Manufacturing mode is enabled"},
};

// 7.2.2
constexpr EnumValue kWakeUpTypes[] = {
    {0x00, "Reserved"},     {0x01, "Other"},      {0x02, "Unknown"},
    {0x03, "APM Timer"},    {0x04, "Modem Ring"}, {0x05, "LAN Remote"},
    {0x06, "Power Switch"}, {0x07, "PCI PME#"},   {0x08, "AC Power Restored"},
};

// 7.3.1
constexpr EnumValue kBoardFeatures[] = {
    {0, "Board is a hosting board"}, {1, "Board requires at least one daughter board"},
    {2, "Board is removable"},       {3, "Board is replaceable"},
    {4, "Board is hot swappable"},
};
// 7.3.2
constexpr EnumValue kBoardTypes[] = {
    {0x01, "Unknown"},
    {0x02, "Other"},
    {0x03, "Server Blade"},
    {0x04, "Connectivity Switch"},
    {0x05, "System Management Module"},
    {0x06, "Processor Module"},
    {0x07, "I/O Module"},
    {0x08, "Memory Module"},
    {0x09, "Daughter Board"},
    {0x0A, "Motherboard"},
    {0x0B, "Processor+Memory Module"},
    {0x0C, "Processor+I/O Module"},
    {0x0D, "Interconnect Board"},
};

// 7.4.1
constexpr EnumValue kChassisTypes[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Desktop"},
    {0x04, "Low Profile Desktop"},
    {0x05, "Pizza Box"},
    {0x06, "Mini Tower"},
    {0x07, "Tower"},
    {0x08, "Portable"},
    {0x09, "Laptop"},
    {0x0A, "Notebook"},
    {0x0B, "Hand Held"},
    {0x0C, "Docking Station"},
    {0x0D, "All In One"},
    {0x0E, "Sub Notebook"},
    {0x0F, "Space-saving"},
    {0x10, "Lunch Box"},
    {0x11, "Main Server Chassis"},
    {0x12, "Expansion Chassis"},
    {0x13, "Sub Chassis"},
    {0x14, "Bus Expansion Chassis"},
    {0x15, "Peripheral Chassis"},
    {0x16, "RAID Chassis"},
    {0x17, "Rack Mount Chassis"},
    {0x18, "Sealed-case PC"},
    {0x19, "Multi-system"},
    {0x1A, "CompactPCI"},
    {0x1B, "AdvancedTCA"},
    {0x1C, "Blade"},
    {0x1D, "Blade Enclosing"},
    {0x1E, "Tablet"},
    {0x1F, "Convertible"},
    {0x20, "Detachable"},
    {0x21, "IoT Gateway"},
    {0x22, "Embedded PC"},
    {0x23, "Mini PC"},
    {0x24, "Stick PC"},
};
// 7.4: bit 7 of the type
constexpr EnumValue kChassisLocks[] = {{0, "Not Present"}, {1, "Present"}};
// 7.4.2
constexpr EnumValue kChassisStates[] = {
    {0x01, "Other"},   {0x02, "Unknown"},  {0x03, "Safe"},
    {0x04, "Warning"}, {0x05, "Critical"}, {0x06, "Non-recoverable"},
};
// 7.4.3
constexpr EnumValue kChassisSecurity[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "None"},
    {0x04, "External Interface Locked Out"},
    {0x05, "External Interface Enabled"},
};
// 7.4
constexpr EnumValue kHeights[] = {{0x00, "Unspecified"}, {0xFF, "See Rack Height"}};
constexpr EnumValue kUnspecified[] = {{0x00, "Unspecified"}};
constexpr EnumValue kRackTypes[] = {{0x00, "Unspecified"}, {0x01, "OU"}};
constexpr Unit kRackUnits[] = {{1, "U"}};

// ---------------------------------------------------------------- rows

constexpr List kBoardObjects{.count = 0x0E, .size = 0, .bytes = 2};
constexpr List kChassisElements{.count = 0x13, .size = 0x14, .bytes = 0};

constexpr Field text(std::string_view keyword, std::string_view label, std::uint8_t type, std::uint8_t offset,
                     Version since, std::string_view clause) {
  return {keyword, label, type, offset, 1, Kind::kString, since, clause};
}
constexpr Field masked(Field field, std::uint64_t mask) {
  field.mask = mask;
  return field;
}
constexpr Field counted(Field field, std::span<const Unit> units, std::uint8_t add = 0,
                        std::uint64_t unit_mask = 0) {
  field.units = units;
  field.add = add;
  field.unit_mask = unit_mask;
  return field;
}
constexpr Field behind(Field field, List list) {
  field.after = list;
  return field;
}
constexpr Field listed(Field field, List list) {
  field.items = list;
  return field;
}

// clang-format off
constexpr Field kFields[] = {
    text("bios-vendor", "Vendor", 0, 0x04, kV20, "7.1"),
    text("bios-version", "Version", 0, 0x05, kV20, "7.1"),
    {"bios-segment", "Starting Address Segment", 0, 0x06, 2, Kind::kHex, kV20, "7.1"},
    text("bios-release-date", "Release Date", 0, 0x08, kV20, "7.1"),
    counted({"bios-rom-size", "ROM Size", 0, 0x09, 1, Kind::kNumber, kV20, "7.1", kRomSizes}, kRomUnits, 1),
    {"bios-characteristics", "Characteristics", 0, 0x0A, 8, Kind::kBits, kV20, "7.1.1", kBiosCharacteristics},
    {"bios-characteristics-1", "Characteristics Extension Byte 1", 0, 0x12, 1, Kind::kBits, kV21, "7.1.2.1", kBiosCharacteristics1},
    {"bios-characteristics-2", "Characteristics Extension Byte 2", 0, 0x13, 1, Kind::kBits, kV23, "7.1.2.2", kBiosCharacteristics2},
    {"bios-revision", "BIOS Revision", 0, 0x14, 2, Kind::kRevision, kV24, "7.1", kRevisions},
    {"firmware-revision", "Firmware Revision", 0, 0x16, 2, Kind::kRevision, kV24, "7.1", kRevisions},
    counted(masked({"bios-extended-rom-size", "Extended ROM Size", 0, 0x18, 2, Kind::kNumber, kV31, "7.1"}, 0x3FFF), kExtendedRomUnits, 0, 0xC000),

    text("system-manufacturer", "Manufacturer", 1, 0x04, kV20, "7.2"),
    text("system-product-name", "Product Name", 1, 0x05, kV20, "7.2"),
    text("system-version", "Version", 1, 0x06, kV20, "7.2"),
    text("system-serial-number", "Serial Number", 1, 0x07, kV20, "7.2"),
    {"system-uuid", "UUID", 1, 0x08, 16, Kind::kUuid, kV21, "7.2.1"},
    {"system-wake-up-type", "Wake-up Type", 1, 0x18, 1, Kind::kEnum, kV21, "7.2.2", kWakeUpTypes},
    text("system-sku-number", "SKU Number", 1, 0x19, kV24, "7.2"),
    text("system-family", "Family", 1, 0x1A, kV24, "7.2"),

    text("baseboard-manufacturer", "Manufacturer", 2, 0x04, kV20, "7.3"),
    text("baseboard-product-name", "Product Name", 2, 0x05, kV20, "7.3"),
    text("baseboard-version", "Version", 2, 0x06, kV20, "7.3"),
    text("baseboard-serial-number", "Serial Number", 2, 0x07, kV20, "7.3"),
    text("baseboard-asset-tag", "Asset Tag", 2, 0x08, kV20, "7.3"),
    {"baseboard-features", "Features", 2, 0x09, 1, Kind::kBits, kV20, "7.3.1", kBoardFeatures},
    text("baseboard-location", "Location In Chassis", 2, 0x0A, kV20, "7.3"),
    {"baseboard-chassis-handle", "Chassis Handle", 2, 0x0B, 2, Kind::kHandle, kV20, "7.3"},
    {"baseboard-type", "Type", 2, 0x0D, 1, Kind::kEnum, kV20, "7.3.2", kBoardTypes},
    {"baseboard-contained-count", "Contained Object Handles", 2, 0x0E, 1, Kind::kNumber, kV20, "7.3"},
    listed({"baseboard-contained-handles", "Contained Objects", 2, 0x0F, 0, Kind::kHandle, kV20, "7.3"}, kBoardObjects),

    text("chassis-manufacturer", "Manufacturer", 3, 0x04, kV20, "7.4"),
    masked({"chassis-type", "Type", 3, 0x05, 1, Kind::kEnum, kV20, "7.4.1", kChassisTypes}, 0x7F),
    masked({"chassis-lock", "Lock", 3, 0x05, 1, Kind::kEnum, kV20, "7.4", kChassisLocks}, 0x80),
    text("chassis-version", "Version", 3, 0x06, kV20, "7.4"),
    text("chassis-serial-number", "Serial Number", 3, 0x07, kV20, "7.4"),
    text("chassis-asset-tag", "Asset Tag", 3, 0x08, kV20, "7.4"),
    {"chassis-boot-up-state", "Boot-up State", 3, 0x09, 1, Kind::kEnum, kV21, "7.4.2", kChassisStates},
    {"chassis-power-supply-state", "Power Supply State", 3, 0x0A, 1, Kind::kEnum, kV21, "7.4.2", kChassisStates},
    {"chassis-thermal-state", "Thermal State", 3, 0x0B, 1, Kind::kEnum, kV21, "7.4.2", kChassisStates},
    {"chassis-security-status", "Security Status", 3, 0x0C, 1, Kind::kEnum, kV21, "7.4.3", kChassisSecurity},
    {"chassis-oem", "OEM Information", 3, 0x0D, 4, Kind::kHex, kV23, "7.4"},
    counted({"chassis-height", "Height", 3, 0x11, 1, Kind::kNumber, kV23, "7.4", kHeights}, kRackUnits),
    {"chassis-power-cords", "Number Of Power Cords", 3, 0x12, 1, Kind::kNumber, kV23, "7.4", kUnspecified},
    {"chassis-contained-count", "Contained Elements", 3, 0x13, 1, Kind::kNumber, kV23, "7.4"},
    {"chassis-contained-length", "Contained Element Record Length", 3, 0x14, 1, Kind::kNumber, kV23, "7.4"},
    listed({"chassis-contained-elements", "Contained Element Records", 3, 0x15, 0, Kind::kBytes, kV23, "7.4.4"}, kChassisElements),
    behind(text("chassis-sku-number", "SKU Number", 3, 0x15, kV27, "7.4"), kChassisElements),
    behind({"chassis-rack-type", "Rack Type", 3, 0x16, 1, Kind::kEnum, kV39, "7.4", kRackTypes}, kChassisElements),
    behind({"chassis-rack-height", "Rack Height", 3, 0x17, 1, Kind::kNumber, kV39, "7.4", kUnspecified}, kChassisElements),
};
// clang-format on

// ---------------------------------------------------------------- reading

constexpr std::string_view kBlanks = " \t\n\v\f\r";  // 20h, 09h-0Dh

// Bytes of a list; none when the structure ends before it says.
std::optional<std::size_t> list_bytes(ByteView formatted, const List& list) {
  if (list.count == 0) return 0;
  const auto count = formatted.byte(list.count);
  const auto each = list.size == 0 ? std::optional(list.bytes) : formatted.byte(list.size);
  if (!count || !each) return std::nullopt;
  return std::size_t{*count} * *each;
}

// The bytes of the field; none when the structure ends before they do.
std::optional<ByteView> field_bytes(ByteView formatted, const Field& field) {
  const auto before = list_bytes(formatted, field.after);
  const auto items = list_bytes(formatted, field.items);
  if (!before || !items) return std::nullopt;
  return formatted.sub(field.offset + *before, field.width + *items);
}

void read_string(const Structure& structure, ByteView number, Reading& reading) {
  const std::uint8_t index = number.byte(0).value_or(0);
  const auto string = structure.string(index);
  if (!string) {
    reading.state = index == 0 ? State::kNoString : State::kBadIndex;
    return;
  }
  reading.raw = ByteView(*string).bytes();
  reading.state =
      string->find_first_not_of(kBlanks) == std::string_view::npos ? State::kBlank : State::kPresent;
}

// ---------------------------------------------------------------- text

std::string hex(std::uint64_t value, std::size_t digits, std::string_view alphabet) {
  std::string text(digits, '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, value >>= 4) *at = alphabet[value & 0x0F];
  return text;
}
constexpr std::string_view kUpper = "0123456789ABCDEF";
constexpr std::string_view kLower = "0123456789abcdef";

std::string hex_number(std::uint64_t value, std::size_t bytes) {
  return "0x" + hex(value, bytes * 2, kUpper);
}

std::string hex_bytes(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += hex(byte, 2, kLower);
  return text;
}

std::optional<std::string_view> value_name(const Field& field, std::uint64_t value) {
  for (const EnumValue& known : field.values) {
    if (known.value == value) return known.name;
  }
  return std::nullopt;
}

std::uint64_t shifted(std::uint64_t value, std::uint64_t mask) {
  return (value & mask) >> (mask == 0 ? 0 : std::countr_zero(mask));
}

std::string bits_text(const Field& field, std::uint64_t value) {
  std::string text;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((value >> bit & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    if (const auto name = value_name(field, bit)) {
      text += *name;
    } else {
      text += "bit " + std::to_string(bit);
    }
  }
  return text.empty() ? "None" : text;
}

// 16384 kB is 16 MB.
std::string size_text(std::uint64_t number, std::string_view unit) {
  constexpr std::string_view kSizes[] = {"bytes", "kB", "MB", "GB", "TB"};
  const auto* size = std::find(std::begin(kSizes), std::end(kSizes), unit);
  while (size != std::end(kSizes) && size + 1 != std::end(kSizes) && number != 0 && number % 1024 == 0) {
    number /= 1024;
    unit = *++size;
  }
  return std::to_string(number) + " " + std::string(unit);
}

std::string number_text(const Reading& reading) {
  const Field& field = *reading.field;
  const std::uint64_t value = reading.number();
  if (const auto name = value_name(field, value)) return std::string(*name);
  if (field.units.empty()) return std::to_string(value + field.add);
  const std::uint64_t stored = ByteView(reading.raw).number(0, reading.raw.size()).value_or(0);
  const std::uint64_t unit = shifted(stored, field.unit_mask);
  if (unit >= field.units.size()) return hex_number(stored, reading.raw.size());
  const Unit& counts = field.units[static_cast<std::size_t>(unit)];
  return size_text((value + field.add) * counts.multiply, counts.name);
}

std::string handles_text(Bytes raw) {
  std::string text;
  for (std::size_t at = 0; at + 2 <= raw.size(); at += 2) {
    if (!text.empty()) text += ", ";
    text += hex_number(ByteView(raw).number(at, 2).value_or(0), 2);
  }
  return text;
}

std::string revision_text(const Reading& reading) {
  const std::uint64_t value = reading.number();
  if (const auto name = value_name(*reading.field, value)) return std::string(*name);
  return std::to_string(value >> 8) + "." + std::to_string(value & 0xFF);
}

// ---------------------------------------------------------------- UUIDs

using UuidBytes = std::array<std::uint8_t, 16>;
// The order in which the stored bytes are written: clause 7.2.1.
constexpr UuidBytes kInOrder = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr UuidBytes kMixed = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

std::string uuid_text(Bytes raw, const UuidBytes& order) {
  if (raw.size() != order.size()) return {};
  std::string text;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += hex(ByteView(raw).byte(order.at(i)).value_or(0), 2, kLower);
  }
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

}  // namespace

std::span<const Field> fields() { return kFields; }

const Field* find_field(std::string_view keyword) {
  const auto* field = std::find_if(std::begin(kFields), std::end(kFields),
                                   [&](const Field& row) { return row.keyword == keyword; });
  return field == std::end(kFields) ? nullptr : field;
}

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
  }
  return "unknown";
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

std::size_t Reading::offset() const {
  if (field == nullptr) return 0;
  const auto before = structure ? list_bytes(structure->formatted(), field->after) : std::nullopt;
  return field->offset + before.value_or(0);
}

std::uint64_t Reading::number() const {
  if (state != State::kPresent || field == nullptr) return 0;
  const ByteView view(raw);
  switch (field->kind) {
    case Kind::kNumber:
    case Kind::kHex:
    case Kind::kEnum:
    case Kind::kBits:
    case Kind::kHandle:
      return shifted(view.number(0, raw.size()).value_or(0), field->mask);
    case Kind::kRevision:
      return std::uint64_t{view.byte(0).value_or(0)} << 8 | view.byte(1).value_or(0);
    case Kind::kString:
    case Kind::kUuid:
    case Kind::kBytes:
      return 0;
  }
  return 0;
}

std::string Reading::text() const {
  if (field == nullptr || (state != State::kPresent && state != State::kBlank)) return {};
  switch (field->kind) {
    case Kind::kString:
      return std::string(ByteView(raw).text());
    case Kind::kNumber:
      return number_text(*this);
    case Kind::kHex:
      return hex_number(number(), raw.size());
    case Kind::kRevision:
      return revision_text(*this);
    case Kind::kEnum: {
      const auto name = value_name(*field, number());
      return name ? std::string(*name) : hex_number(number(), raw.size());
    }
    case Kind::kBits:
      return bits_text(*field, number());
    case Kind::kHandle:
      return handles_text(raw);
    case Kind::kUuid:
      return version.known() && version < Version{2, 6} ? uuid_text_rfc(raw) : uuid_text_mixed(raw);
    case Kind::kBytes:
      return hex_bytes(raw);
  }
  return {};
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

// A part of dmidecode's text, as it prints it for -t, need not have the structure that the unit has.
State state_of_absent(const Table& table) {
  return table.known().empty() || table.count(kEndOfTableType) != 0 ? State::kAbsentStructure
                                                                    : State::kUnknown;
}

}  // namespace

Reading read(const Structure& structure, const Field& field, Version version) {
  Reading reading{&field, State::kBeyondLength, version, {}, structure};
  const auto bytes = field_bytes(structure.formatted(), field);
  if (!bytes) return reading;
  if (!is_told(structure, field, *bytes)) {
    reading.state = State::kUnknown;
    return reading;
  }
  if (field.kind == Kind::kString) {
    read_string(structure, *bytes, reading);
  } else {
    reading.raw = bytes->bytes();
    reading.state = State::kPresent;
  }
  return reading;
}

Reading read(const Table& table, const Field& field) {
  const auto structure = table.chosen(field.type);
  if (!structure) return {&field, state_of_absent(table), table.version(), {}, std::nullopt};
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
    if (number == value.value || small == lower(value.name) || small == enum_key(value.name))
      return value.value;
  }
  return std::nullopt;
}

}  // namespace dmigate::smbios
