// Ports, slots and devices on the board: Types 8, 9, 10, 21, 41.
#pragma once

#include "smbios/fields/row.h"

namespace dmigate::smbios::rows {

// 7.9.2
constexpr EnumValue kConnectorTypes[] = {
    {0x00, "None"},
    {0x01, "Centronics"},
    {0x02, "Mini Centronics"},
    {0x03, "Proprietary"},
    {0x04, "DB-25 male"},
    {0x05, "DB-25 female"},
    {0x06, "DB-15 male"},
    {0x07, "DB-15 female"},
    {0x08, "DB-9 male"},
    {0x09, "DB-9 female"},
    {0x0A, "RJ-11"},
    {0x0B, "RJ-45"},
    {0x0C, "50 Pin MiniSCSI"},
    {0x0D, "Mini DIN"},
    {0x0E, "Micro DIN"},
    {0x0F, "PS/2"},
    {0x10, "Infrared"},
    {0x11, "HP-HIL"},
    {0x12, "Access Bus (USB)"},
    {0x13, "SSA SCSI"},
    {0x14, "Circular DIN-8 male"},
    {0x15, "Circular DIN-8 female"},
    {0x16, "On Board IDE"},
    {0x17, "On Board Floppy"},
    {0x18, "9 Pin Dual Inline (pin 10 cut)"},
    {0x19, "25 Pin Dual Inline (pin 26 cut)"},
    {0x1A, "50 Pin Dual Inline"},
    {0x1B, "68 Pin Dual Inline"},
    {0x1C, "On Board Sound Input From CD-ROM"},
    {0x1D, "Mini Centronics Type-14"},
    {0x1E, "Mini Centronics Type-26"},
    {0x1F, "Mini Jack (headphones)"},
    {0x20, "BNC"},
    {0x21, "IEEE 1394"},
    {0x22, "SAS/SATA Plug Receptacle", 0, kV25},
    {0x23, "USB Type-C Receptacle"},
    {0xA0, "PC-98"},
    {0xA1, "PC-98 Hireso"},
    {0xA2, "PC-H98"},
    {0xA3, "PC-98 Note"},
    {0xA4, "PC-98 Full"},
    {0xFF, "Other"},
};

// 7.9.3
constexpr EnumValue kPortTypes[] = {
    {0x00, "None"},
    {0x01, "Parallel Port XT/AT Compatible"},
    {0x02, "Parallel Port PS/2"},
    {0x03, "Parallel Port ECP"},
    {0x04, "Parallel Port EPP"},
    {0x05, "Parallel Port ECP/EPP"},
    {0x06, "Serial Port XT/AT Compatible"},
    {0x07, "Serial Port 16450 Compatible"},
    {0x08, "Serial Port 16550 Compatible"},
    {0x09, "Serial Port 16550A Compatible"},
    {0x0A, "SCSI Port"},
    {0x0B, "MIDI Port"},
    {0x0C, "Joystick Port"},
    {0x0D, "Keyboard Port"},
    {0x0E, "Mouse Port"},
    {0x0F, "SSA SCSI"},
    {0x10, "USB"},
    {0x11, "Firewire (IEEE P1394)"},
    {0x12, "PCMCIA Type I"},
    {0x13, "PCMCIA Type II"},
    {0x14, "PCMCIA Type III"},
    {0x15, "Cardbus"},
    {0x16, "Access Bus Port"},
    {0x17, "SCSI II"},
    {0x18, "SCSI Wide"},
    {0x19, "PC-98"},
    {0x1A, "PC-98 Hireso"},
    {0x1B, "PC-H98"},
    {0x1C, "Video Port"},
    {0x1D, "Audio Port"},
    {0x1E, "Modem Port"},
    {0x1F, "Network Port"},
    {0x20, "SATA", 0, kV25},
    {0x21, "SAS", 0, kV25},
    {0x22, "MFDP"},
    {0x23, "Thunderbolt"},
    {0xA0, "8251 Compatible"},
    {0xA1, "8251 FIFO Compatible"},
    {0xFF, "Other"},
};

// 7.10.1
constexpr EnumValue kSlotTypes[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "ISA"},
    {0x04, "MCA"},
    {0x05, "EISA"},
    {0x06, "PCI"},
    {0x07, "PC Card (PCMCIA)"},
    {0x08, "VLB"},
    {0x09, "Proprietary"},
    {0x0A, "Processor Card"},
    {0x0B, "Proprietary Memory Card"},
    {0x0C, "I/O Riser Card"},
    {0x0D, "NuBus"},
    {0x0E, "PCI-66"},
    {0x0F, "AGP"},
    {0x10, "AGP 2x"},
    {0x11, "AGP 4x"},
    {0x12, "PCI-X"},
    {0x13, "AGP 8x"},
    {0x14, "M.2 Socket 1-DP", 0, kV30},
    {0x15, "M.2 Socket 1-SD", 0, kV30},
    {0x16, "M.2 Socket 2", 0, kV30},
    {0x17, "M.2 Socket 3", 0, kV30},
    {0x18, "MXM Type I", 0, kV30},
    {0x19, "MXM Type II", 0, kV30},
    {0x1A, "MXM Type III", 0, kV30},
    {0x1B, "MXM Type III-HE", 0, kV30},
    {0x1C, "MXM Type IV", 0, kV30},
    {0x1D, "MXM 3.0 Type A", 0, kV30},
    {0x1E, "MXM 3.0 Type B", 0, kV30},
    {0x1F, "PCI Express 2 SFF-8639 (U.2)", 0, kV30},
    {0x20, "PCI Express 3 SFF-8639 (U.2)", 0, kV30},
    {0x21, "PCI Express Mini 52-pin with bottom-side keep-outs", 0, kV31},
    {0x22, "PCI Express Mini 52-pin without bottom-side keep-outs", 0, kV31},
    {0x23, "PCI Express Mini 76-pin", 0, kV31},
    {0x24, "PCI Express 4 SFF-8639 (U.2)", 0, kV34},
    {0x25, "PCI Express 5 SFF-8639 (U.2)", 0, kV34},
    {0x26, "OCP NIC 3.0 Small Form Factor (SFF)", 0, kV34},
    {0x27, "OCP NIC 3.0 Large Form Factor (LFF)", 0, kV34},
    {0x28, "OCP NIC Prior to 3.0", 0, kV34},
    {0x30, "CXL FLexbus 1.0", 0, kV33},
    {0xA0, "PC-98/C20"},
    {0xA1, "PC-98/C24"},
    {0xA2, "PC-98/E"},
    {0xA3, "PC-98/Local Bus"},
    {0xA4, "PC-98/Card"},
    {0xA5, "PCI Express", 0, kV24},
    {0xA6, "PCI Express x1", 0, kV26},
    {0xA7, "PCI Express x2", 0, kV26},
    {0xA8, "PCI Express x4", 0, kV26},
    {0xA9, "PCI Express x8", 0, kV26},
    {0xAA, "PCI Express x16", 0, kV26},
    {0xAB, "PCI Express 2", 0, kV26},
    {0xAC, "PCI Express 2 x1", 0, kV26},
    {0xAD, "PCI Express 2 x2", 0, kV26},
    {0xAE, "PCI Express 2 x4", 0, kV26},
    {0xAF, "PCI Express 2 x8", 0, kV26},
    {0xB0, "PCI Express 2 x16", 0, kV26},
    {0xB1, "PCI Express 3", 0, kV27},
    {0xB2, "PCI Express 3 x1", 0, kV27},
    {0xB3, "PCI Express 3 x2", 0, kV27},
    {0xB4, "PCI Express 3 x4", 0, kV27},
    {0xB5, "PCI Express 3 x8", 0, kV27},
    {0xB6, "PCI Express 3 x16", 0, kV27},
    {0xB8, "PCI Express 4", 0, kV33},
    {0xB9, "PCI Express 4 x1", 0, kV33},
    {0xBA, "PCI Express 4 x2", 0, kV33},
    {0xBB, "PCI Express 4 x4", 0, kV33},
    {0xBC, "PCI Express 4 x8", 0, kV33},
    {0xBD, "PCI Express 4 x16", 0, kV33},
    {0xBE, "PCI Express 5", 0, kV34},
    {0xBF, "PCI Express 5 x1", 0, kV34},
    {0xC0, "PCI Express 5 x2", 0, kV34},
    {0xC1, "PCI Express 5 x4", 0, kV34},
    {0xC2, "PCI Express 5 x8", 0, kV34},
    {0xC3, "PCI Express 5 x16", 0, kV34},
    {0xC4, "PCI Express 6+", 0, kV34},
    {0xC5, "EDSFF E1", 0, kV34},
    {0xC6, "EDSFF E3", 0, kV34},
};

// 7.10.2
constexpr EnumValue kSlotWidths[] = {
    {0x01, "Other"},        {0x02, "Unknown"},      {0x03, "8-bit"},       {0x04, "16-bit"},
    {0x05, "32-bit"},       {0x06, "64-bit"},       {0x07, "128-bit"},     {0x08, "x1", 0, kV24},
    {0x09, "x2", 0, kV24},  {0x0A, "x4", 0, kV24},  {0x0B, "x8", 0, kV24}, {0x0C, "x12", 0, kV24},
    {0x0D, "x16", 0, kV24}, {0x0E, "x32", 0, kV24},
};

// 7.10.3
constexpr EnumValue kSlotUsages[] = {
    {0x01, "Other"}, {0x02, "Unknown"}, {0x03, "Available"}, {0x04, "In Use"}, {0x05, "Unavailable", 0, kV32},
};

// 7.10.4
constexpr EnumValue kSlotLengths[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Short"},
    {0x04, "Long"},
    {0x05, "2.5\" drive form factor"},
    {0x06, "3.5\" drive form factor"},
};

// 7.10.6, 7.10.7
constexpr EnumValue kSlotCharacteristics[] = {
    {0, "Unknown"},
    {1, "5.0 V is provided"},
    {2, "3.3 V is provided"},
    {3, "Opening is shared"},
    {4, "PC Card-16 is supported"},
    {5, "Cardbus is supported"},
    {6, "Zoom Video is supported"},
    {7, "Modem ring resume is supported"},
    {8, "PME signal is supported"},
    {9, "Hot-plug devices are supported"},
    {10, "SMBus signal is supported"},
    {11, "PCIe slot bifurcation is supported", 0, kV32},
    {12, "Async/surprise removal is supported", 0, kV34},
    {13, "Flexbus slot, CXL 1.0 capable", 0, kV34},
    {14, "Flexbus slot, CXL 2.0 capable", 0, kV34},
    {15, "Flexbus slot, CXL 3.0 capable", 0, kV37},
};

// 7.10.13
constexpr EnumValue kSlotHeights[] = {
    {0x00, "Not applicable"}, {0x01, "Other"},       {0x02, "Unknown"},
    {0x03, "Full height"},    {0x04, "Low-profile"},
};

// 7.11.1, 7.42.2
constexpr EnumValue kOnBoardTypes[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Video"},
    {0x04, "SCSI Controller"},
    {0x05, "Ethernet"},
    {0x06, "Token Ring"},
    {0x07, "Sound"},
    {0x08, "PATA Controller", 0, kV25},
    {0x09, "SATA Controller", 0, kV25},
    {0x0A, "SAS Controller", 0, kV25},
    {0x0B, "Wireless LAN", 0, kV35},
    {0x0C, "Bluetooth", 0, kV35},
    {0x0D, "WWAN", 0, kV35},
    {0x0E, "eMMC", 0, kV35},
    {0x0F, "NVMe Controller", 0, kV35},
    {0x10, "UFS Controller", 0, kV35},
};

// 7.22.1
constexpr EnumValue kPointingTypes[] = {
    {0x01, "Other"},      {0x02, "Unknown"},      {0x03, "Mouse"},
    {0x04, "Track Ball"}, {0x05, "Track Point"},  {0x06, "Glide Point"},
    {0x07, "Touch Pad"},  {0x08, "Touch Screen"}, {0x09, "Optical Sensor"},
};

// 7.22.2
constexpr EnumValue kPointingInterfaces[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Serial"},
    {0x04, "PS/2"},
    {0x05, "Infrared"},
    {0x06, "HIP-HIL"},
    {0x07, "Bus Mouse"},
    {0x08, "ADB (Apple Desktop Bus)"},
    {0xA0, "Bus Mouse DB-9"},
    {0xA1, "Bus Mouse Micro DIN"},
    {0xA2, "USB"},
    {0xA3, "I2C", 0, kV35},
    {0xA4, "SPI", 0, kV35},
};

// 7.10.5: what the slot ID is, by slot type
constexpr Range kPcCard[] = {{0x07, 0x07}};
constexpr Range kSlotsWithId[] = {{0x00, 0x06}, {0x08, 0xFF}};
// 7.10.10, 7.10.12
constexpr EnumValue kSlotGenerations[] = {{0x00, "Not Applicable"}};
constexpr EnumValue kSlotPitches[] = {{0x0000, "Unknown"}};
constexpr Unit kHundredthsOfMillimetre[] = {{1, "mm", 2}};

// clang-format off
constexpr Of kPort{8, "7.9"};
constexpr Field kPortRows[] = {
    kPort.text("port-internal-designator", "Internal Reference Designator", 0x04, kV20),
    kPort.value("port-internal-connector-type", "Internal Connector Type", 0x05, 1, kV20, kConnectorTypes).clause("7.9.2"),
    kPort.text("port-external-designator", "External Reference Designator", 0x06, kV20),
    kPort.value("port-external-connector-type", "External Connector Type", 0x07, 1, kV20, kConnectorTypes).clause("7.9.2"),
    kPort.value("port-type", "Port Type", 0x08, 1, kV20, kPortTypes).clause("7.9.3"),
};

constexpr Of kSlot{9, "7.10"};
constexpr List kPeers{.count = 0x12, .bytes = 5};
constexpr Field kPeerColumns[] = {
    kSlot.row(Kind::kPci, "bus-address", "Peer Device #", 0, 4, kV32),
    kSlot.number("width", "Peer Device #", 4, 1, kV32).line(" (Width %)"),
};
constexpr Field kSlotRows[] = {
    kSlot.text("slot-designation", "Designation", 0x04, kV20),
    kSlot.value("slot-type", "Type", 0x05, 1, kV20, kSlotTypes).clause("7.10.1"),
    kSlot.value("slot-data-bus-width", "Type", 0x06, 1, kV20, kSlotWidths).clause("7.10.2").line("<% "),
    kSlot.value("slot-current-usage", "Current Usage", 0x07, 1, kV20, kSlotUsages).clause("7.10.3"),
    kSlot.value("slot-length", "Length", 0x08, 1, kV20, kSlotLengths).clause("7.10.4"),
    kSlot.number("slot-id", "ID", 0x09, 2, kV20).clause("7.10.5").when(when_byte(0x05, kSlotsWithId)),
    kSlot.number("slot-adapter", "ID", 0x09, 1, kV20).clause("7.10.5").when(when_byte(0x05, kPcCard)).line("Adapter %"),
    kSlot.number("slot-socket", "ID", 0x0A, 1, kV20).clause("7.10.5").when(when_byte(0x05, kPcCard)).line("Socket %"),
    kSlot.bits("slot-characteristics", "Characteristics", 0x0B, 2, kV20, kSlotCharacteristics).clause("7.10.6, 7.10.7"),
    kSlot.row(Kind::kPci, "slot-bus-address", "Bus Address", 0x0D, 4, kV26).clause("7.10.8"),
    kSlot.number("slot-base-data-bus-width", "Data Bus Width", 0x11, 1, kV32),
    kSlot.count("slot-peer-count", "Peer Devices", 0x12, kV32),
    kSlot.bytes("slot-peers", "Peer Devices", 0x13, kV32).clause("7.10.9").list(kPeers, kPeerColumns),
    kSlot.number("slot-pci-express-generation", "PCI Express Generation", 0x13, 1, kV34).clause("7.10.10").named(kSlotGenerations).behind(kPeers),
    kSlot.value("slot-physical-width", "Slot Physical Width", 0x14, 1, kV34, kSlotWidths).clause("7.10.2, 7.10.11").behind(kPeers),
    kSlot.number("slot-pitch", "Pitch", 0x15, 2, kV34).clause("7.10.12").named(kSlotPitches).in(kHundredthsOfMillimetre).behind(kPeers),
    kSlot.value("slot-height", "Height", 0x17, 1, kV35, kSlotHeights).clause("7.10.13").behind(kPeers),
};

constexpr Of kOnBoard{10, "7.11"};
constexpr Field kOnBoardColumns[] = {
    kOnBoard.value("type", "Type", 0, 1, kV20, kOnBoardTypes).mask(0x7F),
    kOnBoard.value("status", "Status", 0, 1, kV20, kEnabled).mask(0x80),
    kOnBoard.text("description", "Description", 1, kV20),
};
constexpr Field kOnBoardRows[] = {
    kOnBoard.bytes("on-board-devices", "On Board Device #", 0x04, kV20).list({.count = kToTheEnd, .bytes = 2}, kOnBoardColumns),
};

constexpr Of kPointing{21, "7.22"};
constexpr Field kPointingRows[] = {
    kPointing.value("pointing-device-type", "Type", 0x04, 1, kV21, kPointingTypes).clause("7.22.1"),
    kPointing.value("pointing-device-interface", "Interface", 0x05, 1, kV21, kPointingInterfaces).clause("7.22.2"),
    kPointing.number("pointing-device-buttons", "Buttons", 0x06, 1, kV21),
};

constexpr Of kOnboard{41, "7.42"};
constexpr Field kOnboardRows[] = {
    kOnboard.text("onboard-device-designation", "Reference Designation", 0x04, kV26),
    kOnboard.value("onboard-device-type", "Type", 0x05, 1, kV26, kOnBoardTypes).clause("7.42.2").mask(0x7F),
    kOnboard.value("onboard-device-status", "Status", 0x05, 1, kV26, kEnabled).clause("7.42.2").mask(0x80),
    kOnboard.number("onboard-device-instance", "Type Instance", 0x06, 1, kV26),
    kOnboard.row(Kind::kPci, "onboard-device-bus-address", "Bus Address", 0x07, 4, kV26).clause("7.42.3"),
};

// clang-format on

}  // namespace dmigate::smbios::rows
