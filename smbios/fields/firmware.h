// The firmware: Types 0, 13, 32, 45.
#pragma once

#include "smbios/fields/row.h"

namespace dmigate::smbios::rows {

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
    {2, "Targeted content distribution is supported", 0, kV24},
    {3, "UEFI is supported", 0, kV27},
    {4, "System is a virtual machine", 0, kV27},
    {5, "Manufacturing mode is supported", 0, kV35},
    {6, "Manufacturing mode is enabled", 0, kV35},
};

// 7.14
constexpr EnumValue kLanguageFormats[] = {{0, "Long"}, {1, "Abbreviated"}};

// 7.33.1
constexpr EnumValue kBootStatuses[] = {
    {0x00, "No errors detected"},
    {0x01, "No bootable media"},
    {0x02, "Operating system failed to load"},
    {0x03, "Firmware-detected hardware failure"},
    {0x04, "Operating system-detected hardware failure"},
    {0x05, "User-requested boot"},
    {0x06, "System security violation"},
    {0x07, "Previously-requested image"},
    {0x08, "System watchdog timer expired"},
    {0x09, "Reserved", 0x7F},
    {0x80, "OEM-specific", 0xBF},
    {0xC0, "Product-specific", 0xFF},
};

// 7.46.1, 7.46.2
constexpr EnumValue kFirmwareVersionFormats[] = {
    {0x00, "Free-form"},          {0x01, "Major.Minor"},        {0x02, "32-bit hexadecimal"},
    {0x03, "64-bit hexadecimal"}, {0x80, "OEM-specific", 0xFF},
};
constexpr EnumValue kFirmwareIdFormats[] = {
    {0x00, "Free-form"},
    {0x01, "UEFI ESRT FwClass GUID"},
    {0x80, "OEM-specific", 0xFF},
};
constexpr EnumValue kImageSizes[] = {{0, "None"}, {0xFFFFFFFFFFFFFFFF, "Unknown"}};
// 7.46.3
constexpr EnumValue kFirmwareStates[] = {
    {0x01, "Other"},  {0x02, "Unknown"},          {0x03, "Disabled"},       {0x04, "Enabled"},
    {0x05, "Absent"}, {0x06, "Stand-by Offline"}, {0x07, "Stand-by Spare"}, {0x08, "Unavailable Offline"},
};

// clang-format off
constexpr Of kBios{0, "7.1"};
constexpr Field kBiosRows[] = {
    kBios.text("bios-vendor", "Vendor", 0x04, kV20),
    kBios.text("bios-version", "Version", 0x05, kV20),
    kBios.hex("bios-segment", "Starting Address Segment", 0x06, 2, kV20),
    kBios.text("bios-release-date", "Release Date", 0x08, kV20),
    kBios.number("bios-rom-size", "ROM Size", 0x09, 1, kV20).named(kRomSizes).in(kRomUnits).plus(1).instead(0xFF, "bios-extended-rom-size"),
    kBios.bits("bios-characteristics", "Characteristics", 0x0A, 8, kV20, kBiosCharacteristics).clause("7.1.1"),
    kBios.bits("bios-characteristics-1", "Characteristics", 0x12, 1, kV21, kBiosCharacteristics1).clause("7.1.2.1"),
    kBios.bits("bios-characteristics-2", "Characteristics", 0x13, 1, kV23, kBiosCharacteristics2).clause("7.1.2.2"),
    kBios.row(Kind::kRevision, "bios-revision", "BIOS Revision", 0x14, 2, kV24).named(kRevisions),
    kBios.row(Kind::kRevision, "firmware-revision", "Firmware Revision", 0x16, 2, kV24).named(kRevisions),
    kBios.number("bios-extended-rom-size", "Extended ROM Size", 0x18, 2, kV31).mask(0x3FFF).in(kExtendedRomUnits, 0xC000).aside(),
};

constexpr Of kLanguage{13, "7.14"};
constexpr Field kLanguageRows[] = {
    kLanguage.row(Kind::kStrings, "bios-language-installable", "Installable Languages", 0x04, 1, kV20),
    kLanguage.value("bios-language-format", "Language Description Format", 0x05, 1, kV21, kLanguageFormats).mask(0x01),
    kLanguage.text("bios-language-current", "Currently Installed Language", 0x15, kV20),
};

constexpr Of kBoot{32, "7.33"};
constexpr Field kBootRows[] = {
    kBoot.value("system-boot-status", "Status", 0x0A, 1, kV23, kBootStatuses).clause("7.33.1"),
};

constexpr Of kInventory{45, "7.46"};
constexpr Field kInventoryRows[] = {
    kInventory.text("firmware-inventory-component-name", "Firmware Component Name", 0x04, kV35),
    kInventory.text("firmware-inventory-version", "Firmware Version", 0x05, kV35),
    kInventory.value("firmware-inventory-version-format", "Version Format", 0x06, 1, kV35, kFirmwareVersionFormats).clause("7.46.1"),
    kInventory.text("firmware-inventory-id", "Firmware ID", 0x07, kV35),
    kInventory.value("firmware-inventory-id-format", "Firmware ID Format", 0x08, 1, kV35, kFirmwareIdFormats).clause("7.46.2"),
    kInventory.text("firmware-inventory-release-date", "Release Date", 0x09, kV35),
    kInventory.text("firmware-inventory-manufacturer", "Manufacturer", 0x0A, kV35),
    kInventory.text("firmware-inventory-lowest-version", "Lowest Supported Firmware Version", 0x0B, kV35),
    kInventory.number("firmware-inventory-image-size", "Image Size", 0x0C, 8, kV35).named(kImageSizes).in(kBytesUnit),
    kInventory.value("firmware-inventory-updatable", "Updatable", 0x14, 2, kV35, kYes).mask(0x0001),
    kInventory.value("firmware-inventory-write-protect", "Write-Protect", 0x14, 2, kV35, kYes).mask(0x0002),
    kInventory.value("firmware-inventory-state", "State", 0x16, 1, kV35, kFirmwareStates).clause("7.46.3"),
    kInventory.count("firmware-inventory-associated-count", "Associated Components", 0x17, kV35),
    kInventory.row(Kind::kHandle, "firmware-inventory-associated-handles", "Associated Components", 0x18, 0, kV35).list({.count = 0x17, .bytes = 2}),
};

// clang-format on

}  // namespace dmigate::smbios::rows
