// The system and its parts, and what names them: Types 1, 2, 3, 11, 12, 14, 40, 46.
#pragma once

#include "smbios/fields/row.h"
#include "smbios/fields/types.h"

namespace dmigate::smbios::rows {

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
    {0x1A, "CompactPCI", 0, kV25},
    {0x1B, "AdvancedTCA", 0, kV25},
    {0x1C, "Blade", 0, kV26},
    {0x1D, "Blade Enclosing", 0, kV26},
    {0x1E, "Tablet", 0, kV30},
    {0x1F, "Convertible", 0, kV30},
    {0x20, "Detachable", 0, kV30},
    {0x21, "IoT Gateway", 0, kV31},
    {0x22, "Embedded PC", 0, kV31},
    {0x23, "Mini PC", 0, kV31},
    {0x24, "Stick PC", 0, kV31},
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
constexpr EnumValue kRackTypes[] = {{0x00, "Unspecified"}, {0x01, "OU"}};
constexpr Unit kRackUnits[] = {{1, "U"}};

// 7.4.4: an element is a structure type where bit 7 is set, else a board type.
constexpr Range kBit7Clear[] = {{0x00, 0x00}};
constexpr Range kBit7Set[] = {{0x80, 0x80}};

// 7.47.1
constexpr EnumValue kStringProperties[] = {
    {0x0000, "None"},
    {0x0001, "UEFI device path"},
    {0x0002, "Reserved", 0x7FFF},
    {0x8000, "BIOS vendor-specific", 0xBFFF},
    {0xC000, "OEM-specific", 0xFFFF},
};

// clang-format off
constexpr Of kSystem{1, "7.2"};
constexpr Field kSystemRows[] = {
    kSystem.text("system-manufacturer", "Manufacturer", 0x04, kV20),
    kSystem.text("system-product-name", "Product Name", 0x05, kV20),
    kSystem.text("system-version", "Version", 0x06, kV20),
    kSystem.text("system-serial-number", "Serial Number", 0x07, kV20),
    kSystem.row(Kind::kUuid, "system-uuid", "UUID", 0x08, 16, kV21).clause("7.2.1"),
    kSystem.value("system-wake-up-type", "Wake-up Type", 0x18, 1, kV21, kWakeUpTypes).clause("7.2.2"),
    kSystem.text("system-sku-number", "SKU Number", 0x19, kV24),
    kSystem.text("system-family", "Family", 0x1A, kV24),
};

constexpr Of kBoard{2, "7.3"};
constexpr Field kBoardRows[] = {
    kBoard.text("baseboard-manufacturer", "Manufacturer", 0x04, kV20),
    kBoard.text("baseboard-product-name", "Product Name", 0x05, kV20),
    kBoard.text("baseboard-version", "Version", 0x06, kV20),
    kBoard.text("baseboard-serial-number", "Serial Number", 0x07, kV20),
    kBoard.text("baseboard-asset-tag", "Asset Tag", 0x08, kV20),
    kBoard.bits("baseboard-features", "Features", 0x09, 1, kV20, kBoardFeatures).clause("7.3.1"),
    kBoard.text("baseboard-location", "Location In Chassis", 0x0A, kV20),
    kBoard.handle("baseboard-chassis-handle", "Chassis Handle", 0x0B, kV20),
    kBoard.value("baseboard-type", "Type", 0x0D, 1, kV20, kBoardTypes).clause("7.3.2"),
    kBoard.count("baseboard-contained-count", "Contained Object Handles", 0x0E, kV20),
    kBoard.row(Kind::kHandle, "baseboard-contained-handles", "Contained Object Handles", 0x0F, 0, kV20).list({.count = 0x0E, .bytes = 2}),
};

constexpr Of kChassis{3, "7.4"};
constexpr List kElements{.count = 0x13, .size = 0x14};
constexpr Field kElementColumns[] = {
    kChassis.value("board-type", "Type", 0, 1, kV23, kBoardTypes).mask(0x7F).when(when_byte(0, kBit7Clear, 0x80)),
    kChassis.value("structure-type", "Type", 0, 1, kV23, kStructureTypes).mask(0x7F).when(when_byte(0, kBit7Set, 0x80)),
    kChassis.number("at-least", "Type", 1, 1, kV23).line(" (%"),
    kChassis.number("at-most", "Type", 2, 1, kV23).line("+-%)"),
};
constexpr Field kChassisRows[] = {
    kChassis.text("chassis-manufacturer", "Manufacturer", 0x04, kV20),
    kChassis.value("chassis-type", "Type", 0x05, 1, kV20, kChassisTypes).mask(0x7F).clause("7.4.1"),
    kChassis.value("chassis-lock", "Lock", 0x05, 1, kV20, kChassisLocks).mask(0x80),
    kChassis.text("chassis-version", "Version", 0x06, kV20),
    kChassis.text("chassis-serial-number", "Serial Number", 0x07, kV20),
    kChassis.text("chassis-asset-tag", "Asset Tag", 0x08, kV20),
    kChassis.value("chassis-boot-up-state", "Boot-up State", 0x09, 1, kV21, kChassisStates).clause("7.4.2"),
    kChassis.value("chassis-power-supply-state", "Power Supply State", 0x0A, 1, kV21, kChassisStates).clause("7.4.2"),
    kChassis.value("chassis-thermal-state", "Thermal State", 0x0B, 1, kV21, kChassisStates).clause("7.4.2"),
    kChassis.value("chassis-security-status", "Security Status", 0x0C, 1, kV21, kChassisSecurity).clause("7.4.3"),
    kChassis.hex("chassis-oem", "OEM Information", 0x0D, 4, kV23),
    kChassis.number("chassis-height", "Height", 0x11, 1, kV23).named(kHeights).in(kRackUnits),
    kChassis.number("chassis-power-cords", "Number Of Power Cords", 0x12, 1, kV23).named(kUnspecifiedIs0),
    kChassis.count("chassis-contained-count", "Contained Elements", 0x13, kV23),
    kChassis.count("chassis-contained-length", "Contained Element Record Length", 0x14, kV23).aside(),
    kChassis.bytes("chassis-contained-elements", "Contained Elements", 0x15, kV23).clause("7.4.4").list(kElements, kElementColumns),
    kChassis.text("chassis-sku-number", "SKU Number", 0x15, kV27).behind(kElements),
    kChassis.value("chassis-rack-type", "Rack Type", 0x16, 1, kV39, kRackTypes).behind(kElements),
    kChassis.number("chassis-rack-height", "Rack Height", 0x17, 1, kV39).named(kUnspecifiedIs0).behind(kElements),
};

constexpr Of kOemStrings{11, "7.12"};
constexpr Field kOemStringsRows[] = {
    kOemStrings.row(Kind::kStrings, "oem-strings", "String #", 0x04, 1, kV20),
};
constexpr Of kOptions{12, "7.13"};
constexpr Field kOptionsRows[] = {
    kOptions.row(Kind::kStrings, "system-configuration-options", "Option #", 0x04, 1, kV20),
};

constexpr Of kGroup{14, "7.15"};
constexpr Field kGroupColumns[] = {
    kGroup.handle("handle", "Items", 1, kV20),
    kGroup.value("type", "Items", 0, 1, kV20, kStructureTypes).line(" (%)"),
};
constexpr Field kGroupRows[] = {
    kGroup.text("group-name", "Name", 0x04, kV20),
    kGroup.bytes("group-items", "Items", 0x05, kV20).list({.count = kToTheEnd, .bytes = 3}, kGroupColumns),
};

constexpr Of kAdditional{40, "7.41"};
constexpr Field kAdditionalColumns[] = {
    kAdditional.handle("handle", "Referenced Handle", 1, kV26),
    kAdditional.hex("offset", "Referenced Offset", 3, 1, kV26),
    kAdditional.text("string", "String", 4, kV26),
    kAdditional.hex("value", "Value", 5, 0, kV26),
};
constexpr Field kAdditionalRows[] = {
    kAdditional.count("additional-information-count", "Entries", 0x04, kV26).aside(),
    kAdditional.bytes("additional-information", "Additional Information #", 0x05, kV26).list({.count = 0x04, .own = 1}, kAdditionalColumns),
};

constexpr Of kProperty{46, "7.47"};
constexpr Field kPropertyRows[] = {
    kProperty.value("string-property-id", "String Property ID", 0x04, 2, kV35, kStringProperties).clause("7.47.1"),
    kProperty.text("string-property-value", "String Property Value", 0x06, kV35),
    kProperty.handle("string-property-parent-handle", "Parent Handle", 0x07, kV35),
};

// clang-format on

}  // namespace dmigate::smbios::rows
