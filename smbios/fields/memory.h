// Memory: Types 5, 6, 16 to 20, 33, 37.
#pragma once

#include "smbios/fields/row.h"

namespace dmigate::smbios::rows {

// 7.6.1
constexpr EnumValue kMemoryErrorDetecting[] = {
    {0x01, "Other"},      {0x02, "Unknown"},    {0x03, "None"},        {0x04, "8-bit Parity"},
    {0x05, "32-bit ECC"}, {0x06, "64-bit ECC"}, {0x07, "128-bit ECC"}, {0x08, "CRC"},
};

// 7.6.2
constexpr EnumValue kMemoryErrorCorrecting[] = {
    {0, "Other"},
    {1, "Unknown"},
    {2, "None"},
    {3, "Single-bit Error Correcting"},
    {4, "Double-bit Error Correcting"},
    {5, "Error Scrubbing"},
};

// 7.6.3
constexpr EnumValue kMemoryInterleaves[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "One-way Interleave"},
    {0x04, "Two-way Interleave"},
    {0x05, "Four-way Interleave"},
    {0x06, "Eight-way Interleave"},
    {0x07, "Sixteen-way Interleave"},
};

// 7.6.4
constexpr EnumValue kMemorySpeeds[] = {
    {0, "Other"}, {1, "Unknown"}, {2, "70 ns"}, {3, "60 ns"}, {4, "50 ns"},
};

// 7.7.1
constexpr EnumValue kMemoryModuleTypes[] = {
    {0, "Other"}, {1, "Unknown"}, {2, "Standard"}, {3, "FPM"},       {4, "EDO"},    {5, "Parity"},
    {6, "ECC"},   {7, "SIMM"},    {8, "DIMM"},     {9, "Burst EDO"}, {10, "SDRAM"},
};

// 7.6
constexpr EnumValue kMemoryModuleVoltages[] = {
    {0, "5.0 V"},
    {1, "3.3 V"},
    {2, "2.9 V"},
    {kNoBit, "Unknown"},
};
// 7.6: of the voltages of a module, bit 7 set: tenths of a volt
constexpr Unit kMegabytes[] = {{1, "MB"}};
constexpr Unit kPlainMegabytes[] = {{.multiply = 1, .name = "MB", .scaled = false}};
// 7.20, 7.21
constexpr Unit kKilobyteAddresses[] = {{1024, "bytes"}};
constexpr Unit kAccessTime[] = {{1, "ns"}};
// 7.7: four bits each, Fh is none
constexpr EnumValue kNoBank[] = {{0xF, "None"}};
constexpr Range kFirstBankOrNone[] = {{0x00, 0xEF}, {0xFF, 0xFF}};
constexpr Range kSecondBank[] = {{0x00, 0x0E}};
// 7.7.2
constexpr EnumValue kModuleSizes[] = {
    {0x7D, "Not Determinable"}, {0x7E, "Disabled"}, {0x7F, "Not Installed"}};
constexpr EnumValue kModuleBanks[] = {{0, "Single-bank Connection"}, {1, "Double-bank Connection"}};
constexpr Range kModuleInstalled[] = {{0x00, 0x7E}};
// 7.7: bit 2 says that the other two are in the event log
constexpr EnumValue kModuleErrors[] = {
    {0, "OK"},
    {1, "Uncorrectable Errors"},
    {2, "Correctable Errors"},
    {3, "Correctable and Uncorrectable Errors"},
    {4, "See Event Log", 7},
};

// 7.17.1
constexpr EnumValue kArrayLocations[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "System Board Or Motherboard"},
    {0x04, "ISA Add-on Card"},
    {0x05, "EISA Add-on Card"},
    {0x06, "PCI Add-on Card"},
    {0x07, "MCA Add-on Card"},
    {0x08, "PCMCIA Add-on Card"},
    {0x09, "Proprietary Add-on Card"},
    {0x0A, "NuBus"},
    {0xA0, "PC-98/C20 Add-on Card"},
    {0xA1, "PC-98/C24 Add-on Card"},
    {0xA2, "PC-98/E Add-on Card"},
    {0xA3, "PC-98/Local Bus Add-on Card"},
    {0xA4, "CXL Flexbus 1.0", 0, kV33},
};

// 7.17.2
constexpr EnumValue kArrayUses[] = {
    {0x01, "Other"},        {0x02, "Unknown"},          {0x03, "System Memory"}, {0x04, "Video Memory"},
    {0x05, "Flash Memory"}, {0x06, "Non-volatile RAM"}, {0x07, "Cache Memory"},
};

// 7.17.3
constexpr EnumValue kArrayErrorCorrections[] = {
    {0x01, "Other"},          {0x02, "Unknown"},       {0x03, "None"}, {0x04, "Parity"},
    {0x05, "Single-bit ECC"}, {0x06, "Multi-bit ECC"}, {0x07, "CRC"},
};

// 7.18.1
constexpr EnumValue kFormFactors[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "SIMM"},
    {0x04, "SIP"},
    {0x05, "Chip"},
    {0x06, "DIP"},
    {0x07, "ZIP"},
    {0x08, "Proprietary Card"},
    {0x09, "DIMM"},
    {0x0A, "TSOP"},
    {0x0B, "Row Of Chips"},
    {0x0C, "RIMM"},
    {0x0D, "SODIMM"},
    {0x0E, "SRIMM"},
    {0x0F, "FB-DIMM", 0, kV25},
    {0x10, "Die", 0, kV33},
    {0x11, "CAMM", 0, kV38},
    {0x12, "CUDIMM", 0, kV39},
    {0x13, "CSODIMM", 0, kV39},
};

// 7.18.2
constexpr EnumValue kMemoryTypes[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "DRAM"},
    {0x04, "EDRAM"},
    {0x05, "VRAM"},
    {0x06, "SRAM"},
    {0x07, "RAM"},
    {0x08, "ROM"},
    {0x09, "Flash"},
    {0x0A, "EEPROM"},
    {0x0B, "FEPROM"},
    {0x0C, "EPROM"},
    {0x0D, "CDRAM"},
    {0x0E, "3DRAM"},
    {0x0F, "SDRAM"},
    {0x10, "SGRAM"},
    {0x11, "RDRAM"},
    {0x12, "DDR"},
    {0x13, "DDR2", 0, kV24},
    {0x14, "DDR2 FB-DIMM", 0, kV25},
    {0x15, "Reserved", 0x17},
    {0x18, "DDR3", 0, kV26},
    {0x19, "FBD2", 0, kV26},
    {0x1A, "DDR4", 0, kV30},
    {0x1B, "LPDDR", 0, kV30},
    {0x1C, "LPDDR2", 0, kV30},
    {0x1D, "LPDDR3", 0, kV30},
    {0x1E, "LPDDR4", 0, kV30},
    {0x1F, "Logical non-volatile device", 0, kV32},
    {0x20, "HBM", 0, kV33},
    {0x21, "HBM2", 0, kV33},
    {0x22, "DDR5", 0, kV34},
    {0x23, "LPDDR5", 0, kV34},
    {0x24, "HBM3", 0, kV36},
    {0x25, "MRDIMM", 0, kV39},
};

// 7.18.3
constexpr EnumValue kMemoryTypeDetails[] = {
    {1, "Other"},
    {2, "Unknown"},
    {3, "Fast-paged"},
    {4, "Static Column"},
    {5, "Pseudo-static"},
    {6, "RAMBus"},
    {7, "Synchronous"},
    {8, "CMOS"},
    {9, "EDO"},
    {10, "Window DRAM"},
    {11, "Cache DRAM"},
    {12, "Non-Volatile"},
    {13, "Registered (Buffered)"},
    {14, "Unbuffered (Unregistered)"},
    {15, "LRDIMM", 0, kV28},
};

// 7.18.6
constexpr EnumValue kMemoryTechnologies[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "DRAM"},
    {0x04, "NVDIMM-N"},
    {0x05, "NVDIMM-F"},
    {0x06, "NVDIMM-P"},
    {0x07, "Intel Optane DC persistent memory"},
    {0x08, "MRDIMM"},
};

// 7.18.7
constexpr EnumValue kMemoryModes[] = {
    {1, "Other"},
    {2, "Unknown"},
    {3, "Volatile memory"},
    {4, "Byte-accessible persistent memory"},
    {5, "Block-accessible persistent memory"},
};

// 7.19.1
constexpr EnumValue kMemoryErrorTypes[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "OK"},
    {0x04, "Bad Read"},
    {0x05, "Parity Error"},
    {0x06, "Single-bit Error"},
    {0x07, "Double-bit Error"},
    {0x08, "Multi-bit Error"},
    {0x09, "Nibble Error"},
    {0x0A, "Checksum Error"},
    {0x0B, "CRC Error"},
    {0x0C, "Corrected Single-bit Error"},
    {0x0D, "Corrected Error"},
    {0x0E, "Uncorrectable Error"},
};

// 7.19.2
constexpr EnumValue kMemoryErrorGranularities[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Device Level"},
    {0x04, "Memory Partition Level"},
};

// 7.19.3
constexpr EnumValue kMemoryErrorOperations[] = {
    {0x01, "Other"}, {0x02, "Unknown"}, {0x03, "Read"}, {0x04, "Write"}, {0x05, "Partial Write"},
};

// 7.38.1
constexpr EnumValue kMemoryChannelTypes[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "RamBus"},
    {0x04, "SyncLink"},
};

// 7.17, 7.18: 0 or FFFFh say that there is none, or that nothing is known
constexpr EnumValue kErrorHandles[] = {{0xFFFE, "Not Provided"}, {0xFFFF, "No Error"}};
constexpr EnumValue kUnknownWidths[] = {{0x0000, "Unknown"}, {0xFFFF, "Unknown"}};
constexpr EnumValue kDeviceSizes[] = {{0x0000, "No Module Installed"}, {0xFFFF, "Unknown"}};
constexpr EnumValue kDeviceSets[] = {{0x00, "None"}, {0xFF, "Unknown"}};
constexpr EnumValue kUnknownSpeeds[] = {{0x0000, "Unknown"}, {0xFFFF, "Unknown"}};
constexpr EnumValue kPartSizes[] = {{0, "None"}, {0xFFFFFFFFFFFFFFFF, "Unknown"}};
constexpr EnumValue kUnknownIsHighest[] = {{0x8000000000000000, "Unknown"}};
constexpr EnumValue kNotProvidedIsFF00[] = {{0xFF00, "Unknown"}};
constexpr EnumValue kRowPositions[] = {{0x00, "Reserved"}, {0xFF, "Unknown"}};
constexpr Unit kBits[] = {{1, "bits"}};
constexpr Unit kDeviceUnits[] = {{1, "MB"}, {1, "kB"}};
constexpr Unit kTransfers[] = {{1, "MT/s"}};
constexpr Unit kMillivolts[] = {{1, "V", 3, 1}};

// clang-format off
constexpr Of kController{5, "7.6"};
constexpr List kControlledSlots{.count = 0x0E, .bytes = 2};
constexpr Field kControllerRows[] = {
    kController.value("memory-controller-error-detecting-method", "Error Detecting Method", 0x04, 1, kV20, kMemoryErrorDetecting).clause("7.6.1"),
    kController.bits("memory-controller-error-correcting-capabilities", "Error Correcting Capabilities", 0x05, 1, kV20, kMemoryErrorCorrecting).clause("7.6.2"),
    kController.value("memory-controller-supported-interleave", "Supported Interleave", 0x06, 1, kV20, kMemoryInterleaves).clause("7.6.3"),
    kController.value("memory-controller-current-interleave", "Current Interleave", 0x07, 1, kV20, kMemoryInterleaves).clause("7.6.3"),
    kController.row(Kind::kPower, "memory-controller-maximum-module-size", "Maximum Memory Module Size", 0x08, 1, kV20).in(kPlainMegabytes),
    kController.bits("memory-controller-supported-speeds", "Supported Speeds", 0x09, 2, kV20, kMemorySpeeds).clause("7.6.4"),
    kController.bits("memory-controller-supported-memory-types", "Supported Memory Types", 0x0B, 2, kV20, kMemoryModuleTypes).clause("7.7.1"),
    kController.bits("memory-controller-module-voltage", "Memory Module Voltage", 0x0D, 1, kV20, kMemoryModuleVoltages),
    kController.count("memory-controller-slot-count", "Associated Memory Slots", 0x0E, kV20),
    kController.row(Kind::kHandle, "memory-controller-slot-handles", "Associated Memory Slots", 0x0F, 0, kV20).list(kControlledSlots),
    kController.bits("memory-controller-enabled-error-correcting", "Enabled Error Correcting Capabilities", 0x0F, 1, kV21, kMemoryErrorCorrecting).clause("7.6.2").behind(kControlledSlots),
};

constexpr Of kModule{6, "7.7"};
constexpr Field kModuleRows[] = {
    kModule.text("memory-module-socket-designation", "Socket Designation", 0x04, kV20),
    kModule.number("memory-module-bank-1", "Bank Connections", 0x05, 1, kV20).mask(0xF0).named(kNoBank).when(when_byte(0x05, kFirstBankOrNone)),
    kModule.number("memory-module-bank-2", "Bank Connections", 0x05, 1, kV20).mask(0x0F).when(when_byte(0x05, kSecondBank, 0x0F)).line(" %"),
    kModule.number("memory-module-current-speed", "Current Speed", 0x06, 1, kV20).named(kUnknownIs0).in(kAccessTime),
    kModule.bits("memory-module-type", "Type", 0x07, 2, kV20, kMemoryModuleTypes).clause("7.7.1"),
    kModule.row(Kind::kPower, "memory-module-installed-size", "Installed Size", 0x09, 1, kV20).clause("7.7.2").mask(0x7F).named(kModuleSizes).in(kPlainMegabytes),
    kModule.value("memory-module-installed-banks", "Installed Size", 0x09, 1, kV20, kModuleBanks).clause("7.7.2").mask(0x80).when(when_byte(0x09, kModuleInstalled, 0x7F)).line(" (%)"),
    kModule.row(Kind::kPower, "memory-module-enabled-size", "Enabled Size", 0x0A, 1, kV20).clause("7.7.2").mask(0x7F).named(kModuleSizes).in(kPlainMegabytes),
    kModule.value("memory-module-enabled-banks", "Enabled Size", 0x0A, 1, kV20, kModuleBanks).clause("7.7.2").mask(0x80).when(when_byte(0x0A, kModuleInstalled, 0x7F)).line(" (%)"),
    kModule.value("memory-module-error-status", "Error Status", 0x0B, 1, kV20, kModuleErrors).mask(0x07),
};

constexpr Of kArray{16, "7.17"};
constexpr Field kArrayRows[] = {
    kArray.value("memory-array-location", "Location", 0x04, 1, kV21, kArrayLocations).clause("7.17.1"),
    kArray.value("memory-array-use", "Use", 0x05, 1, kV21, kArrayUses).clause("7.17.2"),
    kArray.value("memory-array-error-correction-type", "Error Correction Type", 0x06, 1, kV21, kArrayErrorCorrections).clause("7.17.3"),
    kArray.number("memory-array-maximum-capacity", "Maximum Capacity", 0x07, 4, kV21).named(kUnknownIs80000000).in(kKilobytes).instead(0x80000000, "memory-array-extended-capacity"),
    kArray.handle("memory-array-error-information-handle", "Error Information Handle", 0x0B, kV21).named(kErrorHandles),
    kArray.number("memory-array-number-of-devices", "Number Of Devices", 0x0D, 2, kV21),
    kArray.number("memory-array-extended-capacity", "Extended Maximum Capacity", 0x0F, 8, kV27).in(kBytesUnit).aside(),
};

constexpr Of kDevice{17, "7.18"};
constexpr Field kDeviceRows[] = {
    kDevice.handle("memory-device-array-handle", "Array Handle", 0x04, kV21),
    kDevice.handle("memory-device-error-information-handle", "Error Information Handle", 0x06, kV21).named(kErrorHandles),
    kDevice.number("memory-device-total-width", "Total Width", 0x08, 2, kV21).named(kUnknownWidths).in(kBits),
    kDevice.number("memory-device-data-width", "Data Width", 0x0A, 2, kV21).named(kUnknownWidths).in(kBits),
    kDevice.number("memory-device-size", "Size", 0x0C, 2, kV21).named(kDeviceSizes).in(kDeviceUnits, 0x8000).instead(0x7FFF, "memory-device-extended-size"),
    kDevice.value("memory-device-form-factor", "Form Factor", 0x0E, 1, kV21, kFormFactors).clause("7.18.1"),
    kDevice.number("memory-device-set", "Set", 0x0F, 1, kV21).named(kDeviceSets),
    kDevice.text("memory-device-locator", "Locator", 0x10, kV21),
    kDevice.text("memory-device-bank-locator", "Bank Locator", 0x11, kV21),
    kDevice.value("memory-device-type", "Type", 0x12, 1, kV21, kMemoryTypes).clause("7.18.2"),
    kDevice.bits("memory-device-type-detail", "Type Detail", 0x13, 2, kV21, kMemoryTypeDetails).clause("7.18.3"),
    kDevice.number("memory-device-speed", "Speed", 0x15, 2, kV23).clause("7.18.4").named(kUnknownSpeeds).in(kTransfers).instead(0xFFFF, "memory-device-extended-speed"),
    kDevice.text("memory-device-manufacturer", "Manufacturer", 0x17, kV23),
    kDevice.text("memory-device-serial-number", "Serial Number", 0x18, kV23),
    kDevice.text("memory-device-asset-tag", "Asset Tag", 0x19, kV23),
    kDevice.text("memory-device-part-number", "Part Number", 0x1A, kV23),
    kDevice.number("memory-device-rank", "Rank", 0x1B, 1, kV26).mask(0x0F).named(kUnknownIs0),
    kDevice.number("memory-device-extended-size", "Extended Size", 0x1C, 4, kV27).clause("7.18.5").mask(0x7FFFFFFF).in(kMegabytes).aside(),
    kDevice.number("memory-device-configured-speed", "Configured Memory Speed", 0x20, 2, kV27).clause("7.18.4").named(kUnknownSpeeds).in(kTransfers).instead(0xFFFF, "memory-device-extended-configured-speed"),
    kDevice.number("memory-device-minimum-voltage", "Minimum Voltage", 0x22, 2, kV28).named(kUnknownIs0).in(kMillivolts),
    kDevice.number("memory-device-maximum-voltage", "Maximum Voltage", 0x24, 2, kV28).named(kUnknownIs0).in(kMillivolts),
    kDevice.number("memory-device-configured-voltage", "Configured Voltage", 0x26, 2, kV28).named(kUnknownIs0).in(kMillivolts),
    kDevice.value("memory-device-technology", "Memory Technology", 0x28, 1, kV32, kMemoryTechnologies).clause("7.18.6"),
    kDevice.bits("memory-device-operating-mode-capability", "Memory Operating Mode Capability", 0x29, 2, kV32, kMemoryModes).clause("7.18.7"),
    kDevice.text("memory-device-firmware-version", "Firmware Version", 0x2B, kV32),
    kDevice.row(Kind::kJedec, "memory-device-module-manufacturer-id", "Module Manufacturer ID", 0x2C, 2, kV32).clause("7.18.8").named(kUnknownIs0),
    kDevice.hex("memory-device-module-product-id", "Module Product ID", 0x2E, 2, kV32).clause("7.18.9").named(kUnknownIs0),
    kDevice.row(Kind::kJedec, "memory-device-controller-manufacturer-id", "Memory Subsystem Controller Manufacturer ID", 0x30, 2, kV32).clause("7.18.10").named(kUnknownIs0),
    kDevice.hex("memory-device-controller-product-id", "Memory Subsystem Controller Product ID", 0x32, 2, kV32).clause("7.18.11").named(kUnknownIs0),
    kDevice.number("memory-device-non-volatile-size", "Non-Volatile Size", 0x34, 8, kV32).clause("7.18.12").named(kPartSizes).in(kBytesUnit),
    kDevice.number("memory-device-volatile-size", "Volatile Size", 0x3C, 8, kV32).clause("7.18.12").named(kPartSizes).in(kBytesUnit),
    kDevice.number("memory-device-cache-size", "Cache Size", 0x44, 8, kV32).clause("7.18.12").named(kPartSizes).in(kBytesUnit),
    kDevice.number("memory-device-logical-size", "Logical Size", 0x4C, 8, kV32).clause("7.18.12").named(kPartSizes).in(kBytesUnit),
    kDevice.number("memory-device-extended-speed", "Extended Speed", 0x54, 4, kV33).clause("7.18.4").mask(0x7FFFFFFF).named(kUnknownIs0).in(kTransfers).aside(),
    kDevice.number("memory-device-extended-configured-speed", "Extended Configured Memory Speed", 0x58, 4, kV33).clause("7.18.4").mask(0x7FFFFFFF).named(kUnknownIs0).in(kTransfers).aside(),
    kDevice.row(Kind::kJedec, "memory-device-pmic0-manufacturer-id", "PMIC0 Manufacturer ID", 0x5C, 2, kV37).clause("7.18.15").named(kUnknownIs0),
    kDevice.hex("memory-device-pmic0-revision", "PMIC0 Revision Number", 0x5E, 2, kV37).clause("7.18.16").named(kNotProvidedIsFF00),
    kDevice.row(Kind::kJedec, "memory-device-rcd-manufacturer-id", "RCD Manufacturer ID", 0x60, 2, kV37).clause("7.18.17").named(kUnknownIs0),
    kDevice.hex("memory-device-rcd-revision", "RCD Revision Number", 0x62, 2, kV37).clause("7.18.18").named(kNotProvidedIsFF00),
};

constexpr Of kError32{18, "7.19"};
constexpr Field kError32Rows[] = {
    kError32.value("memory-error-32-type", "Type", 0x04, 1, kV21, kMemoryErrorTypes).clause("7.19.1"),
    kError32.value("memory-error-32-granularity", "Granularity", 0x05, 1, kV21, kMemoryErrorGranularities).clause("7.19.2"),
    kError32.value("memory-error-32-operation", "Operation", 0x06, 1, kV21, kMemoryErrorOperations).clause("7.19.3"),
    kError32.hex("memory-error-32-vendor-syndrome", "Vendor Syndrome", 0x07, 4, kV21).named(kUnknownIs0),
    kError32.hex("memory-error-32-array-address", "Memory Array Address", 0x0B, 4, kV21).named(kUnknownIs80000000),
    kError32.hex("memory-error-32-device-address", "Device Address", 0x0F, 4, kV21).named(kUnknownIs80000000),
    kError32.hex("memory-error-32-resolution", "Resolution", 0x13, 4, kV21).named(kUnknownIs80000000),
};

constexpr Of kArrayMapped{19, "7.20"};
constexpr Field kArrayMappedRows[] = {
    kArrayMapped.row(Kind::kAddress, "memory-array-mapped-start", "Starting Address", 0x04, 4, kV21).in(kKilobyteAddresses).instead(0xFFFFFFFF, "memory-array-mapped-extended-start"),
    kArrayMapped.row(Kind::kSpan, "memory-array-mapped-size", "Range Size", 0x04, 8, kV21).in(kKilobytes).instead(0xFFFFFFFF, "memory-array-mapped-extended-size"),
    kArrayMapped.row(Kind::kAddress, "memory-array-mapped-end", "Ending Address", 0x08, 4, kV21).in(kKilobyteAddresses).plus(1023).instead(0xFFFFFFFF, "memory-array-mapped-extended-end", 0x04),
    kArrayMapped.handle("memory-array-mapped-array-handle", "Physical Array Handle", 0x0C, kV21),
    kArrayMapped.number("memory-array-mapped-partition-width", "Partition Width", 0x0E, 1, kV21),
    kArrayMapped.hex("memory-array-mapped-extended-start", "Extended Starting Address", 0x0F, 8, kV27).aside(),
    kArrayMapped.row(Kind::kSpan, "memory-array-mapped-extended-size", "Extended Range Size", 0x0F, 16, kV27).in(kBytesUnit).aside(),
    kArrayMapped.hex("memory-array-mapped-extended-end", "Extended Ending Address", 0x17, 8, kV27).aside(),
};

constexpr Of kDeviceMapped{20, "7.21"};
constexpr Field kDeviceMappedRows[] = {
    kDeviceMapped.row(Kind::kAddress, "memory-device-mapped-start", "Starting Address", 0x04, 4, kV21).in(kKilobyteAddresses).instead(0xFFFFFFFF, "memory-device-mapped-extended-start"),
    kDeviceMapped.row(Kind::kSpan, "memory-device-mapped-size", "Range Size", 0x04, 8, kV21).in(kKilobytes).instead(0xFFFFFFFF, "memory-device-mapped-extended-size"),
    kDeviceMapped.row(Kind::kAddress, "memory-device-mapped-end", "Ending Address", 0x08, 4, kV21).in(kKilobyteAddresses).plus(1023).instead(0xFFFFFFFF, "memory-device-mapped-extended-end", 0x04),
    kDeviceMapped.handle("memory-device-mapped-device-handle", "Physical Device Handle", 0x0C, kV21),
    kDeviceMapped.handle("memory-device-mapped-array-handle", "Memory Array Mapped Address Handle", 0x0E, kV21),
    kDeviceMapped.number("memory-device-mapped-row-position", "Partition Row Position", 0x10, 1, kV21).named(kRowPositions),
    kDeviceMapped.number("memory-device-mapped-interleave-position", "Interleave Position", 0x11, 1, kV21).named(kUnknownIsFF),
    kDeviceMapped.number("memory-device-mapped-interleaved-depth", "Interleaved Data Depth", 0x12, 1, kV21).named(kUnknownIsFF),
    kDeviceMapped.hex("memory-device-mapped-extended-start", "Extended Starting Address", 0x13, 8, kV27).aside(),
    kDeviceMapped.row(Kind::kSpan, "memory-device-mapped-extended-size", "Extended Range Size", 0x13, 16, kV27).in(kBytesUnit).aside(),
    kDeviceMapped.hex("memory-device-mapped-extended-end", "Extended Ending Address", 0x1B, 8, kV27).aside(),
};

constexpr Of kError64{33, "7.34"};
constexpr Field kError64Rows[] = {
    kError64.value("memory-error-64-type", "Type", 0x04, 1, kV23, kMemoryErrorTypes).clause("7.19.1"),
    kError64.value("memory-error-64-granularity", "Granularity", 0x05, 1, kV23, kMemoryErrorGranularities).clause("7.19.2"),
    kError64.value("memory-error-64-operation", "Operation", 0x06, 1, kV23, kMemoryErrorOperations).clause("7.19.3"),
    kError64.hex("memory-error-64-vendor-syndrome", "Vendor Syndrome", 0x07, 4, kV23).named(kUnknownIs0),
    kError64.hex("memory-error-64-array-address", "Memory Array Address", 0x0B, 8, kV23).named(kUnknownIsHighest),
    kError64.hex("memory-error-64-device-address", "Device Address", 0x13, 8, kV23).named(kUnknownIsHighest),
    kError64.hex("memory-error-64-resolution", "Resolution", 0x1B, 4, kV23).named(kUnknownIs80000000),
};

constexpr Of kChannel{37, "7.38"};
constexpr Field kChannelColumns[] = {
    kChannel.number("load", "Device # Load", 0, 1, kV23),
    kChannel.handle("handle", "Device # Handle", 1, kV23),
};
constexpr Field kChannelRows[] = {
    kChannel.value("memory-channel-type", "Type", 0x04, 1, kV23, kMemoryChannelTypes).clause("7.38.1"),
    kChannel.number("memory-channel-maximal-load", "Maximal Load", 0x05, 1, kV23),
    kChannel.count("memory-channel-device-count", "Devices", 0x06, kV23),
    kChannel.bytes("memory-channel-devices", "Devices", 0x07, kV23).list({.count = 0x06, .bytes = 3}, kChannelColumns),
};

// clang-format on

}  // namespace dmigate::smbios::rows
