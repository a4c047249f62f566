// Management: Types 15, 23, 24, 30, 31, 34 to 36, 38, 42, 43.
#pragma once

#include "smbios/fields/row.h"

namespace dmigate::smbios::rows {

// 7.16
constexpr EnumValue kLogAccess[] = {
    {0x00, "Indexed I/O, one 8-bit index port, one 8-bit data port"},
    {0x01, "Indexed I/O, two 8-bit index ports, one 8-bit data port"},
    {0x02, "Indexed I/O, one 16-bit index port, one 8-bit data port"},
    {0x03, "Memory-mapped physical 32-bit address"},
    {0x04, "General-purpose non-volatile data functions"},
    {0x80, "OEM-specific", 0xFF},
};

// 7.16
constexpr EnumValue kLogHeaders[] = {
    {0x00, "No Header"},
    {0x01, "Type 1"},
    {0x80, "OEM-specific", 0xFF},
};

// 7.16.6.1
constexpr EnumValue kLogTypes[] = {
    {0x01, "Single-bit ECC memory error"},
    {0x02, "Multi-bit ECC memory error"},
    {0x03, "Parity memory error"},
    {0x04, "Bus timeout"},
    {0x05, "I/O channel block"},
    {0x06, "Software NMI"},
    {0x07, "POST memory resize"},
    {0x08, "POST error"},
    {0x09, "PCI parity error"},
    {0x0A, "PCI system error"},
    {0x0B, "CPU failure"},
    {0x0C, "EISA failsafe timer timeout"},
    {0x0D, "Correctable memory log disabled"},
    {0x0E, "Logging disabled"},
    {0x10, "System limit exceeded"},
    {0x11, "Asynchronous hardware timer expired"},
    {0x12, "System configuration information"},
    {0x13, "Hard disk information"},
    {0x14, "System reconfigured"},
    {0x15, "Uncorrectable CPU-complex error"},
    {0x16, "Log area reset/cleared"},
    {0x17, "System boot"},
    {0x80, "OEM-specific", 0xFE},
    {0xFF, "End of log"},
};

// 7.16.6.2
constexpr EnumValue kLogDataFormats[] = {
    {0x00, "None"},
    {0x01, "Handle"},
    {0x02, "Multiple-event"},
    {0x03, "Multiple-event handle"},
    {0x04, "POST results bitmap"},
    {0x05, "System management"},
    {0x06, "Multiple-event system management"},
    {0x80, "OEM-specific", 0xFF},
};

// 7.35.1
constexpr EnumValue kManagementTypes[] = {
    {0x01, "Other"},   {0x02, "Unknown"}, {0x03, "LM75"},     {0x04, "LM78"},   {0x05, "LM79"},
    {0x06, "LM80"},    {0x07, "LM81"},    {0x08, "ADM9240"},  {0x09, "DS1780"}, {0x0A, "MAX1617"},
    {0x0B, "GL518SM"}, {0x0C, "W83781D"}, {0x0D, "HT82H791"},
};

// 7.35.2
constexpr EnumValue kManagementAddressTypes[] = {
    {0x01, "Other"}, {0x02, "Unknown"}, {0x03, "I/O Port"}, {0x04, "Memory"}, {0x05, "SMBus"},
};

// 7.39.1
constexpr EnumValue kIpmiInterfaces[] = {
    {0x00, "Unknown"},
    {0x01, "KCS (Keyboard Control Style)"},
    {0x02, "SMIC (Server Management Interface Chip)"},
    {0x03, "BT (Block Transfer)"},
    {0x04, "SSIF (SMBus System Interface)"},
};

// 7.43.1, DSP0239
constexpr EnumValue kHostInterfaces[] = {
    {0x00, "MCTP", 0x01},
    {0x02, "KCS: Keyboard Controller Style"},
    {0x03, "8250 UART Register Compatible"},
    {0x04, "16450 UART Register Compatible"},
    {0x05, "16550/16550A UART Register Compatible"},
    {0x06, "16650/16650A UART Register Compatible"},
    {0x07, "16750/16750A UART Register Compatible"},
    {0x08, "16850/16850A UART Register Compatible"},
    {0x09, "MCTP: I2C/SMBus"},
    {0x0A, "MCTP: I3C"},
    {0x0B, "MCTP: PCIe VDM"},
    {0x0C, "MCTP: MMBI"},
    {0x0D, "MCTP: PCC"},
    {0x0E, "MCTP: UCIe"},
    {0x0F, "MCTP: USB"},
    {0x10, "MCTP", 0x3F},
    {0x40, "Network"},
    {0xF0, "OEM"},
};

// 7.16: bits of the log's status, and what the access address is by access method
constexpr EnumValue kLogValid[] = {{0, "Invalid"}, {1, "Valid"}};
constexpr EnumValue kLogFull[] = {{0, "Not Full"}, {1, "Full"}};
constexpr Range kLogIndexed[] = {{0x00, 0x02}};
constexpr Range kLogMapped[] = {{0x03, 0x03}};
constexpr Range kLogFunction[] = {{0x04, 0x04}};
constexpr Range kLogOther[] = {{0x05, 0xFF}};

// 7.24.1
constexpr EnumValue kWatchdogs[] = {{0, "Not Present"}, {1, "Present"}};
constexpr EnumValue kBootOptions[] = {{1, "Operating System"}, {2, "System Utilities"}, {3, "Do Not Reboot"}};
constexpr Range kWatchdogPresent[] = {{0x20, 0x20}};

// 7.25.1
constexpr EnumValue kSecurityStates[] = {
    {0, "Disabled"}, {1, "Enabled"}, {2, "Not Implemented"}, {3, "Unknown"}};

// 7.39
constexpr EnumValue kNoStorage[] = {{0xFF, "Not Present"}};
constexpr EnumValue kRegisterSpacings[] = {
    {0, "Successive Byte Boundaries"}, {1, "32-bit Boundaries"}, {2, "16-byte Boundaries"}, {3, "Reserved"}};
constexpr EnumValue kPolarities[] = {{0, "Active Low"}, {1, "Active High"}};
constexpr EnumValue kTriggers[] = {{0, "Edge"}, {1, "Level"}};
constexpr Range kInterruptSpecified[] = {{0x08, 0x08}};
constexpr EnumValue kNoInterrupt[] = {{0x00, "Not Specified"}};

// 7.43.2 and DSP0270: device types of a network host interface, protocols
constexpr Range kNetworkInterface[] = {{0x40, 0x40}};
constexpr EnumValue kHostDevices[] = {
    {0x02, "USB"}, {0x03, "PCI/PCIe"}, {0x04, "USB v2"}, {0x05, "PCI/PCIe v2"}, {0x80, "OEM", 0xFF}};
constexpr EnumValue kHostProtocols[] = {
    {0x02, "IPMI"}, {0x03, "MCTP"}, {0x04, "Redfish over IP"}, {0xF0, "OEM"}};

// 7.44.1
constexpr EnumValue kTpmCharacteristics[] = {
    {2, "TPM Device characteristics not supported"},
    {3, "Family configurable via firmware update"},
    {4, "Family configurable via platform software support"},
    {5, "Family configurable via OEM proprietary mechanism"},
};
constexpr Range kTpm1[] = {{1, 1}};
constexpr Range kTpm2[] = {{2, 2}};

// clang-format off
constexpr Of kLog{15, "7.16"};
constexpr Field kLogColumns[] = {
    kLog.value("type", "Descriptor #", 0, 1, kV21, kLogTypes).clause("7.16.6.1"),
    kLog.value("data-format", "Data Format #", 1, 1, kV21, kLogDataFormats).clause("7.16.6.2"),
};
constexpr Field kLogRows[] = {
    kLog.number("event-log-area-length", "Area Length", 0x04, 2, kV20).in(kPlainBytes),
    kLog.hex("event-log-header-start", "Header Start Offset", 0x06, 2, kV20),
    kLog.hex("event-log-data-start", "Data Start Offset", 0x08, 2, kV20),
    kLog.value("event-log-access-method", "Access Method", 0x0A, 1, kV20, kLogAccess),
    kLog.value("event-log-valid", "Status", 0x0B, 1, kV20, kLogValid).mask(0x01),
    kLog.value("event-log-full", "Status", 0x0B, 1, kV20, kLogFull).mask(0x02),
    kLog.hex("event-log-change-token", "Change Token", 0x0C, 4, kV20),
    kLog.hex("event-log-index-address", "Access Address", 0x10, 2, kV20).when(when_byte(0x0A, kLogIndexed)).line("Index %"),
    kLog.hex("event-log-memory-address", "Access Address", 0x10, 4, kV20).when(when_byte(0x0A, kLogMapped)),
    kLog.hex("event-log-function-handle", "Access Address", 0x10, 2, kV20).when(when_byte(0x0A, kLogFunction)),
    kLog.hex("event-log-other-address", "Access Address", 0x10, 4, kV20).when(when_byte(0x0A, kLogOther)),
    kLog.hex("event-log-data-address", "Access Address", 0x12, 2, kV20).when(when_byte(0x0A, kLogIndexed)).line("Data %"),
    kLog.value("event-log-header-format", "Header Format", 0x14, 1, kV21, kLogHeaders),
    kLog.count("event-log-descriptor-count", "Supported Log Type Descriptors", 0x15, kV21),
    kLog.count("event-log-descriptor-length", "Log Type Descriptor Length", 0x16, kV21).aside(),
    kLog.bytes("event-log-descriptors", "Supported Log Type Descriptors", 0x17, kV21).clause("7.16.6").list({.count = 0x15, .size = 0x16}, kLogColumns),
};

constexpr Of kReset{23, "7.24"};
constexpr Field kResetRows[] = {
    kReset.value("system-reset-status", "Status", 0x04, 1, kV22, kEnabled).clause("7.24.1").mask(0x01),
    kReset.value("system-reset-watchdog", "Watchdog Timer", 0x04, 1, kV22, kWatchdogs).clause("7.24.1").mask(0x20),
    kReset.value("system-reset-boot-option", "Boot Option", 0x04, 1, kV22, kBootOptions).clause("7.24.1").mask(0x06).when(when_byte(0x04, kWatchdogPresent, 0x20)),
    kReset.value("system-reset-boot-option-on-limit", "Boot Option On Limit", 0x04, 1, kV22, kBootOptions).clause("7.24.1").mask(0x18).when(when_byte(0x04, kWatchdogPresent, 0x20)),
    kReset.number("system-reset-count", "Reset Count", 0x05, 2, kV22).named(kUnknownIsFFFF),
    kReset.number("system-reset-limit", "Reset Limit", 0x07, 2, kV22).named(kUnknownIsFFFF),
    kReset.number("system-reset-timer-interval", "Timer Interval", 0x09, 2, kV22).named(kUnknownIsFFFF).in(kMinutes),
    kReset.number("system-reset-timeout", "Timeout", 0x0B, 2, kV22).named(kUnknownIsFFFF).in(kMinutes),
};

constexpr Of kSecurity{24, "7.25"};
constexpr Field kSecurityRows[] = {
    kSecurity.value("hardware-security-power-on-password", "Power-On Password Status", 0x04, 1, kV22, kSecurityStates).clause("7.25.1").mask(0xC0),
    kSecurity.value("hardware-security-keyboard-password", "Keyboard Password Status", 0x04, 1, kV22, kSecurityStates).clause("7.25.1").mask(0x30),
    kSecurity.value("hardware-security-administrator-password", "Administrator Password Status", 0x04, 1, kV22, kSecurityStates).clause("7.25.1").mask(0x0C),
    kSecurity.value("hardware-security-front-panel-reset", "Front Panel Reset Status", 0x04, 1, kV22, kSecurityStates).clause("7.25.1").mask(0x03),
};

constexpr Of kRemote{30, "7.31"};
constexpr Field kRemoteRows[] = {
    kRemote.text("remote-access-manufacturer", "Manufacturer Name", 0x04, kV22),
    kRemote.value("remote-access-inbound", "Inbound Connection", 0x05, 1, kV22, kEnabled).mask(0x01),
    kRemote.value("remote-access-outbound", "Outbound Connection", 0x05, 1, kV22, kEnabled).mask(0x02),
};

constexpr Of kIntegrity{31, "7.32"};
constexpr Field kIntegrityRows[] = {
    kIntegrity.hex("boot-integrity-checksum", "Checksum", 0x04, 1, kV23),
    kIntegrity.row(Kind::kFarAddress, "boot-integrity-address-16", "16-bit Entry Point Address", 0x08, 4, kV23),
    kIntegrity.hex("boot-integrity-address-32", "32-bit Entry Point Address", 0x0C, 4, kV23),
};

constexpr Of kManagement{34, "7.35"};
constexpr Field kManagementRows[] = {
    kManagement.text("management-device-description", "Description", 0x04, kV23),
    kManagement.value("management-device-type", "Type", 0x05, 1, kV23, kManagementTypes).clause("7.35.1"),
    kManagement.hex("management-device-address", "Address", 0x06, 4, kV23),
    kManagement.value("management-device-address-type", "Address Type", 0x0A, 1, kV23, kManagementAddressTypes).clause("7.35.2"),
};

constexpr Of kComponent{35, "7.36"};
constexpr Field kComponentRows[] = {
    kComponent.text("management-component-description", "Description", 0x04, kV23),
    kComponent.handle("management-component-device-handle", "Management Device Handle", 0x05, kV23),
    kComponent.handle("management-component-handle", "Component Handle", 0x07, kV23),
    kComponent.handle("management-component-threshold-handle", "Threshold Handle", 0x09, kV23).named(kNotProvidedIsFFFF),
};

constexpr Of kThreshold{36, "7.37"};
constexpr Field kThresholdRows[] = {
    kThreshold.row(Kind::kSigned, "management-threshold-lower-non-critical", "Lower Non-critical Threshold", 0x04, 2, kV23).named(kUnknownIs8000),
    kThreshold.row(Kind::kSigned, "management-threshold-upper-non-critical", "Upper Non-critical Threshold", 0x06, 2, kV23).named(kUnknownIs8000),
    kThreshold.row(Kind::kSigned, "management-threshold-lower-critical", "Lower Critical Threshold", 0x08, 2, kV23).named(kUnknownIs8000),
    kThreshold.row(Kind::kSigned, "management-threshold-upper-critical", "Upper Critical Threshold", 0x0A, 2, kV23).named(kUnknownIs8000),
    kThreshold.row(Kind::kSigned, "management-threshold-lower-non-recoverable", "Lower Non-recoverable Threshold", 0x0C, 2, kV23).named(kUnknownIs8000),
    kThreshold.row(Kind::kSigned, "management-threshold-upper-non-recoverable", "Upper Non-recoverable Threshold", 0x0E, 2, kV23).named(kUnknownIs8000),
};

constexpr Of kIpmi{38, "7.39"};
constexpr Field kIpmiRows[] = {
    kIpmi.value("ipmi-interface-type", "Interface Type", 0x04, 1, kV23, kIpmiInterfaces).clause("7.39.1"),
    kIpmi.row(Kind::kBcdRevision, "ipmi-specification-version", "Specification Version", 0x05, 1, kV23),
    kIpmi.hex("ipmi-i2c-address", "I2C Slave Address", 0x06, 1, kV23).mask(0xFE),
    kIpmi.number("ipmi-nv-storage-address", "NV Storage Device Address", 0x07, 1, kV23).named(kNoStorage),
    kIpmi.row(Kind::kIpmiAddress, "ipmi-base-address", "Base Address", 0x08, 8, kV23),
    kIpmi.value("ipmi-register-spacing", "Register Spacing", 0x10, 1, kV23, kRegisterSpacings).mask(0xC0),
    kIpmi.value("ipmi-interrupt-polarity", "Interrupt Polarity", 0x10, 1, kV23, kPolarities).mask(0x02).when(when_byte(0x10, kInterruptSpecified, 0x08)),
    kIpmi.value("ipmi-interrupt-trigger", "Interrupt Trigger Mode", 0x10, 1, kV23, kTriggers).mask(0x01).when(when_byte(0x10, kInterruptSpecified, 0x08)),
    kIpmi.number("ipmi-interrupt-number", "Interrupt Number", 0x11, 1, kV23).named(kNoInterrupt),
};

constexpr Of kHost{42, "7.43"};
constexpr List kHostData{.count = 0x05, .bytes = 1};
constexpr Field kHostProtocolColumns[] = {
    kHost.value("protocol", "Protocol ID", 0, 1, kV30, kHostProtocols),
    kHost.bytes("data", "Protocol Data", 2, kV30),
};
constexpr Field kHostRows[] = {
    kHost.value("host-interface-type", "Host Interface Type", 0x04, 1, kV30, kHostInterfaces).clause("7.43.1"),
    kHost.count("host-interface-data-length", "Interface Specific Data Length", 0x05, kV30).aside(),
    kHost.bytes("host-interface-data", "Interface Specific Data", 0x06, kV30).list(kHostData),
    kHost.value("host-interface-device-type", "Device Type", 0x06, 1, kV30, kHostDevices).when(when_byte(0x04, kNetworkInterface)),
    kHost.count("host-interface-protocol-count", "Protocol Records", 0x06, kV30).behind(kHostData).aside(),
    kHost.bytes("host-interface-protocols", "Protocol Record #", 0x07, kV30).clause("7.43.2").behind(kHostData).list({.count = kByteBefore, .bytes = 2, .own = 2}, kHostProtocolColumns),
};

constexpr Of kTpm{43, "7.44"};
constexpr Field kTpmRows[] = {
    kTpm.row(Kind::kText, "tpm-vendor-id", "Vendor ID", 0x04, 4, kV31),
    kTpm.row(Kind::kRevision, "tpm-specification-version", "Specification Version", 0x08, 2, kV31),
    kTpm.hex("tpm-firmware-version-1", "Firmware Version 1", 0x0A, 4, kV31).aside(),
    kTpm.row(Kind::kRevision, "tpm-firmware-revision", "Firmware Revision", 0x0A, 4, kV31).when(when_byte(0x08, kTpm2)),
    kTpm.row(Kind::kRevision, "tpm-1-firmware-revision", "Firmware Revision", 0x0C, 2, kV31).when(when_byte(0x08, kTpm1)),
    kTpm.hex("tpm-firmware-version-2", "Firmware Version 2", 0x0E, 4, kV31).aside(),
    kTpm.text("tpm-description", "Description", 0x12, kV31),
    kTpm.bits("tpm-characteristics", "Characteristics", 0x13, 8, kV31, kTpmCharacteristics).clause("7.44.1"),
    kTpm.hex("tpm-oem", "OEM-specific Information", 0x1B, 4, kV31),
};

// clang-format on

}  // namespace dmigate::smbios::rows
