// What the types of structures are called, and how long each must be.
#pragma once

#include "smbios/fields.h"

namespace dmigate::smbios::rows {

// Clause 6.2, as they stand in lists of structures.
constexpr EnumValue kStructureTypes[] = {
    {0, "BIOS"},
    {1, "System"},
    {2, "Base Board"},
    {3, "Chassis"},
    {4, "Processor"},
    {5, "Memory Controller"},
    {6, "Memory Module"},
    {7, "Cache"},
    {8, "Port Connector"},
    {9, "System Slots"},
    {10, "On Board Devices"},
    {11, "OEM Strings"},
    {12, "System Configuration Options"},
    {13, "BIOS Language"},
    {14, "Group Associations"},
    {15, "System Event Log"},
    {16, "Physical Memory Array", 0, {2, 1}},
    {17, "Memory Device", 0, {2, 1}},
    {18, "32-bit Memory Error", 0, {2, 1}},
    {19, "Memory Array Mapped Address", 0, {2, 1}},
    {20, "Memory Device Mapped Address", 0, {2, 1}},
    {21, "Built-in Pointing Device", 0, {2, 1}},
    {22, "Portable Battery", 0, {2, 1}},
    {23, "System Reset", 0, {2, 2}},
    {24, "Hardware Security", 0, {2, 2}},
    {25, "System Power Controls", 0, {2, 2}},
    {26, "Voltage Probe", 0, {2, 2}},
    {27, "Cooling Device", 0, {2, 2}},
    {28, "Temperature Probe", 0, {2, 2}},
    {29, "Electrical Current Probe", 0, {2, 2}},
    {30, "Out-of-band Remote Access", 0, {2, 2}},
    {31, "Boot Integrity Services", 0, {2, 3}},
    {32, "System Boot", 0, {2, 3}},
    {33, "64-bit Memory Error", 0, {2, 3}},
    {34, "Management Device", 0, {2, 3}},
    {35, "Management Device Component", 0, {2, 3}},
    {36, "Management Device Threshold Data", 0, {2, 3}},
    {37, "Memory Channel", 0, {2, 3}},
    {38, "IPMI Device", 0, {2, 3}},
    {39, "Power Supply", 0, {2, 3}},
    {40, "Additional Information", 0, {2, 6}},
    {41, "Onboard Device", 0, {2, 6}},
    {42, "Management Controller Host Interface"},
    {43, "TPM Device", 0, {3, 1}},
    {44, "Processor", 0, {3, 3}},
    {45, "Firmware", 0, {3, 5}},
    {46, "String Property", 0, {3, 5}},
    {126, "Inactive"},
    {127, "End Of Table"},
    {128, "OEM-specific", 255},
};

// The headings that are not the same.
constexpr EnumValue kHeadings[] = {
    {0, "BIOS Information"},
    {1, "System Information"},
    {2, "Base Board Information"},
    {3, "Chassis Information"},
    {4, "Processor Information"},
    {5, "Memory Controller Information"},
    {6, "Memory Module Information"},
    {7, "Cache Information"},
    {8, "Port Connector Information"},
    {9, "System Slot Information"},
    {10, "On Board Device Information"},
    {13, "BIOS Language Information"},
    {18, "32-bit Memory Error Information"},
    {31, "Boot Integrity Services Entry Point"},
    {32, "System Boot Information"},
    {33, "64-bit Memory Error Information"},
    {38, "IPMI Device Information"},
    {39, "System Power Supply"},
    {44, "Processor Additional Information"},
    {45, "Firmware Inventory Information"},
    {128, "OEM-specific Type", 255},
};

// How long a structure must be from a version on: the smallest that the clause of its type allows.
struct MinimumLength {
  std::uint8_t type;
  Version since;
  std::uint8_t bytes;
};
constexpr MinimumLength kMinimumLengths[] = {
    {0, {}, 0x12},      {0, {2, 3}, 0x14},  {0, {2, 4}, 0x18},  {0, {3, 1}, 0x1A},  // clause 7.1
    {1, {}, 0x08},      {1, {2, 1}, 0x19},  {1, {2, 4}, 0x1B},                      // clause 7.2
    {2, {}, 0x08},                                                                  // clause 7.3
    {3, {}, 0x09},      {3, {2, 1}, 0x0D},                                          // clause 7.4
    {4, {}, 0x1A},      {4, {2, 1}, 0x20},  {4, {2, 3}, 0x23},  {4, {2, 5}, 0x28},
    {4, {2, 6}, 0x2A},  {4, {3, 0}, 0x30},  {4, {3, 6}, 0x32},  {4, {3, 8}, 0x33},  // clause 7.5
    {5, {}, 0x0F},      {5, {2, 1}, 0x10},                                          // clause 7.6
    {6, {}, 0x0C},                                                                  // clause 7.7
    {7, {}, 0x0F},      {7, {2, 1}, 0x13},  {7, {3, 1}, 0x1B},                      // clause 7.8
    {8, {}, 0x09},                                                                  // clause 7.9
    {9, {}, 0x0C},      {9, {2, 1}, 0x0D},  {9, {2, 6}, 0x11},  {9, {3, 2}, 0x13},
    {9, {3, 4}, 0x17},  {9, {3, 5}, 0x18},   // clause 7.10
    {10, {}, 0x06},                          // clause 7.11
    {11, {}, 0x05},                          // clause 7.12
    {12, {}, 0x05},                          // clause 7.13
    {13, {}, 0x16},                          // clause 7.14
    {14, {}, 0x05},                          // clause 7.15
    {15, {}, 0x14},     {15, {2, 1}, 0x17},  // clause 7.16
    {16, {}, 0x0F},     {16, {2, 7}, 0x17},  // clause 7.17
    {17, {}, 0x15},     {17, {2, 3}, 0x1B}, {17, {2, 6}, 0x1C}, {17, {2, 7}, 0x22},
    {17, {2, 8}, 0x28}, {17, {3, 2}, 0x54}, {17, {3, 3}, 0x5C}, {17, {3, 7}, 0x64},  // clause 7.18
    {18, {}, 0x17},                                                                  // clause 7.19
    {19, {}, 0x0F},     {19, {2, 7}, 0x1F},                                          // clause 7.20
    {20, {}, 0x13},     {20, {2, 7}, 0x23},                                          // clause 7.21
    {21, {}, 0x07},                                                                  // clause 7.22
    {22, {}, 0x10},     {22, {2, 2}, 0x1A},                                          // clause 7.23
    {23, {}, 0x0D},                                                                  // clause 7.24
    {24, {}, 0x05},                                                                  // clause 7.25
    {25, {}, 0x09},                                                                  // clause 7.26
    {26, {}, 0x14},                                                                  // clause 7.27
    {27, {}, 0x0C},     {27, {2, 7}, 0x0F},                                          // clause 7.28
    {28, {}, 0x14},                                                                  // clause 7.29
    {29, {}, 0x14},                                                                  // clause 7.30
    {30, {}, 0x06},                                                                  // clause 7.31
    {31, {}, 0x1C},                                                                  // clause 7.32
    {32, {}, 0x0B},                                                                  // clause 7.33
    {33, {}, 0x1F},                                                                  // clause 7.34
    {34, {}, 0x0B},                                                                  // clause 7.35
    {35, {}, 0x0B},                                                                  // clause 7.36
    {36, {}, 0x10},                                                                  // clause 7.37
    {37, {}, 0x07},                                                                  // clause 7.38
    {38, {}, 0x10},                                                                  // clause 7.39
    {39, {}, 0x10},                                                                  // clause 7.40
    {40, {}, 0x05},                                                                  // clause 7.41
    {41, {}, 0x0B},                                                                  // clause 7.42
    {42, {}, 0x09},                                                                  // clause 7.43
    {43, {}, 0x1F},                                                                  // clause 7.44
    {44, {}, 0x08},                                                                  // clause 7.45
    {45, {}, 0x18},                                                                  // clause 7.46
    {46, {}, 0x09},                                                                  // clause 7.47
};

}  // namespace dmigate::smbios::rows
