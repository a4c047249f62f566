// Power, cooling and the probes on them: Types 22, 25 to 29, 39.
#pragma once

#include "smbios/fields/row.h"

namespace dmigate::smbios::rows {

// 7.23.1
constexpr EnumValue kBatteryChemistries[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Lead Acid"},
    {0x04, "Nickel Cadmium"},
    {0x05, "Nickel Metal Hydride"},
    {0x06, "Lithium Ion"},
    {0x07, "Zinc Air"},
    {0x08, "Lithium Polymer"},
};

// 7.29.1; those of Types 26 and 29 end at 0Bh
constexpr EnumValue kProbeLocations[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Processor"},
    {0x04, "Disk"},
    {0x05, "Peripheral Bay"},
    {0x06, "System Management Module"},
    {0x07, "Motherboard"},
    {0x08, "Memory Module"},
    {0x09, "Processor Module"},
    {0x0A, "Power Unit"},
    {0x0B, "Add-in Card"},
    {0x0C, "Front Panel Board"},
    {0x0D, "Back Panel Board"},
    {0x0E, "Power System Board"},
    {0x0F, "Drive Back Plane"},
};

// 7.27.1
constexpr EnumValue kProbeStatuses[] = {
    {0x01, "Other"},        {0x02, "Unknown"},  {0x03, "OK"},
    {0x04, "Non-critical"}, {0x05, "Critical"}, {0x06, "Non-recoverable"},
};

// 7.28.1
constexpr EnumValue kCoolingTypes[] = {
    {0x01, "Other"},
    {0x02, "Unknown"},
    {0x03, "Fan"},
    {0x04, "Centrifugal Blower"},
    {0x05, "Chip Fan"},
    {0x06, "Cabinet Fan"},
    {0x07, "Power Supply Fan"},
    {0x08, "Heat Pipe"},
    {0x09, "Integrated Refrigeration"},
    {0x10, "Active Cooling"},
    {0x11, "Passive Cooling"},
};

constexpr auto kFewerLocations = std::span(kProbeLocations).first<0x0B>();

constexpr EnumValue kNominalSpeeds[] = {{0x8000, "Unknown Or Non-rotating"}};
constexpr EnumValue kNoHandle[] = {{0xFFFF, "Not Provided"}};
constexpr EnumValue kNoGroup[] = {{0x00, "None"}};
// 7.40.1
constexpr EnumValue kSupplyPresences[] = {{0, "Not Present"}, {1, "Present"}};
constexpr EnumValue kSupplyStatuses[] = {
    {1, "Other"}, {2, "Unknown"}, {3, "OK"}, {4, "Non-critical"}, {5, "Critical"}};
constexpr Range kSupplyPresent[] = {{0x02, 0x02}};
constexpr EnumValue kSupplyTypes[] = {
    {1, "Other"},   {2, "Unknown"}, {3, "Linear"},    {4, "Switching"},
    {5, "Battery"}, {6, "UPS"},     {7, "Converter"}, {8, "Regulator"},
};
constexpr EnumValue kSupplySwitchings[] = {{1, "Other"},       {2, "Unknown"},    {3, "Manual"},
                                           {4, "Auto-switch"}, {5, "Wide Range"}, {6, "N/A"}};
constexpr EnumValue kSupplyPlugged[] = {{0, "Yes"}, {1, "No"}};

constexpr Unit kVolts[] = {{1, "V", 3}};
constexpr Unit kTenthsOfMillivolt[] = {{1, "mV", 1}};
constexpr Unit kAmperes[] = {{1, "A", 3}};
constexpr Unit kTenthsOfMilliampere[] = {{1, "mA", 1}};
constexpr Unit kTenthsOfDegree[] = {{1, "deg C", 1}};
constexpr Unit kThousandthsOfDegree[] = {{1, "deg C", 3}};
constexpr Unit kHundredthsOfPercent[] = {{1, "%", 2}};
constexpr Unit kPercent[] = {{1, "%"}};
constexpr Unit kMilliwattHours[] = {{1, "mWh"}};
constexpr Unit kMillivoltsWhole[] = {{1, "mV"}};
constexpr Unit kWatts[] = {{1, "W"}};
constexpr Unit kTurns[] = {{1, "rpm"}};

// clang-format off
constexpr Of kBattery{22, "7.23"};
constexpr Field kBatteryRows[] = {
    kBattery.text("battery-location", "Location", 0x04, kV21),
    kBattery.text("battery-manufacturer", "Manufacturer", 0x05, kV21),
    kBattery.text("battery-manufacture-date", "Manufacture Date", 0x06, kV21),
    kBattery.text("battery-serial-number", "Serial Number", 0x07, kV21),
    kBattery.text("battery-name", "Name", 0x08, kV21),
    kBattery.value("battery-chemistry", "Chemistry", 0x09, 1, kV21, kBatteryChemistries).clause("7.23.1"),
    kBattery.number("battery-design-capacity", "Design Capacity", 0x0A, 2, kV21).named(kUnknownIs0).in(kMilliwattHours).times_byte(0x15),
    kBattery.number("battery-design-voltage", "Design Voltage", 0x0C, 2, kV21).named(kUnknownIs0).in(kMillivoltsWhole),
    kBattery.text("battery-sbds-version", "SBDS Version", 0x0E, kV21),
    kBattery.number("battery-maximum-error", "Maximum Error", 0x0F, 1, kV21).named(kUnknownIsFF).in(kPercent),
    kBattery.hex("battery-sbds-serial-number", "SBDS Serial Number", 0x10, 2, kV22),
    kBattery.row(Kind::kDate, "battery-sbds-manufacture-date", "SBDS Manufacture Date", 0x12, 2, kV22),
    kBattery.text("battery-sbds-chemistry", "SBDS Chemistry", 0x14, kV22),
    kBattery.number("battery-capacity-multiplier", "Design Capacity Multiplier", 0x15, 1, kV22).aside(),
    kBattery.hex("battery-oem", "OEM-specific Information", 0x16, 4, kV22),
};

constexpr Of kPowerControls{25, "7.26"};
constexpr Field kPowerControlsRows[] = {
    kPowerControls.row(Kind::kBcdTime, "power-controls-next-power-on", "Next Scheduled Power-on", 0x04, 5, kV22).clause("7.26.1"),
};

constexpr Of kVoltageProbe{26, "7.27"};
constexpr Field kVoltageProbeRows[] = {
    kVoltageProbe.text("voltage-probe-description", "Description", 0x04, kV22),
    kVoltageProbe.value("voltage-probe-location", "Location", 0x05, 1, kV22, kFewerLocations).clause("7.27.1").mask(0x1F),
    kVoltageProbe.value("voltage-probe-status", "Status", 0x05, 1, kV22, kProbeStatuses).clause("7.27.1").mask(0xE0),
    kVoltageProbe.row(Kind::kSigned, "voltage-probe-maximum", "Maximum Value", 0x06, 2, kV22).named(kUnknownIs8000).in(kVolts),
    kVoltageProbe.row(Kind::kSigned, "voltage-probe-minimum", "Minimum Value", 0x08, 2, kV22).named(kUnknownIs8000).in(kVolts),
    kVoltageProbe.number("voltage-probe-resolution", "Resolution", 0x0A, 2, kV22).named(kUnknownIs8000).in(kTenthsOfMillivolt),
    kVoltageProbe.row(Kind::kSigned, "voltage-probe-tolerance", "Tolerance", 0x0C, 2, kV22).named(kUnknownIs8000).in(kVolts),
    kVoltageProbe.number("voltage-probe-accuracy", "Accuracy", 0x0E, 2, kV22).named(kUnknownIs8000).in(kHundredthsOfPercent),
    kVoltageProbe.hex("voltage-probe-oem", "OEM-specific Information", 0x10, 4, kV22),
    kVoltageProbe.row(Kind::kSigned, "voltage-probe-nominal", "Nominal Value", 0x14, 2, kV22).named(kUnknownIs8000).in(kVolts),
};

constexpr Of kCooling{27, "7.28"};
constexpr Field kCoolingRows[] = {
    kCooling.handle("cooling-device-probe-handle", "Temperature Probe Handle", 0x04, kV22).named(kNoHandle),
    kCooling.value("cooling-device-type", "Type", 0x06, 1, kV22, kCoolingTypes).clause("7.28.1").mask(0x1F),
    kCooling.value("cooling-device-status", "Status", 0x06, 1, kV22, kProbeStatuses).clause("7.28.1").mask(0xE0),
    kCooling.number("cooling-device-group", "Cooling Unit Group", 0x07, 1, kV22).named(kNoGroup),
    kCooling.hex("cooling-device-oem", "OEM-specific Information", 0x08, 4, kV22),
    kCooling.number("cooling-device-nominal-speed", "Nominal Speed", 0x0C, 2, kV22).named(kNominalSpeeds).in(kTurns),
    kCooling.text("cooling-device-description", "Description", 0x0E, kV27),
};

constexpr Of kTemperatureProbe{28, "7.29"};
constexpr Field kTemperatureProbeRows[] = {
    kTemperatureProbe.text("temperature-probe-description", "Description", 0x04, kV22),
    kTemperatureProbe.value("temperature-probe-location", "Location", 0x05, 1, kV22, kProbeLocations).clause("7.29.1").mask(0x1F),
    kTemperatureProbe.value("temperature-probe-status", "Status", 0x05, 1, kV22, kProbeStatuses).clause("7.29.1").mask(0xE0),
    kTemperatureProbe.row(Kind::kSigned, "temperature-probe-maximum", "Maximum Value", 0x06, 2, kV22).named(kUnknownIs8000).in(kTenthsOfDegree),
    kTemperatureProbe.row(Kind::kSigned, "temperature-probe-minimum", "Minimum Value", 0x08, 2, kV22).named(kUnknownIs8000).in(kTenthsOfDegree),
    kTemperatureProbe.number("temperature-probe-resolution", "Resolution", 0x0A, 2, kV22).named(kUnknownIs8000).in(kThousandthsOfDegree),
    kTemperatureProbe.row(Kind::kSigned, "temperature-probe-tolerance", "Tolerance", 0x0C, 2, kV22).named(kUnknownIs8000).in(kTenthsOfDegree),
    kTemperatureProbe.number("temperature-probe-accuracy", "Accuracy", 0x0E, 2, kV22).named(kUnknownIs8000).in(kHundredthsOfPercent),
    kTemperatureProbe.hex("temperature-probe-oem", "OEM-specific Information", 0x10, 4, kV22),
    kTemperatureProbe.row(Kind::kSigned, "temperature-probe-nominal", "Nominal Value", 0x14, 2, kV22).named(kUnknownIs8000).in(kTenthsOfDegree),
};

constexpr Of kCurrentProbe{29, "7.30"};
constexpr Field kCurrentProbeRows[] = {
    kCurrentProbe.text("current-probe-description", "Description", 0x04, kV22),
    kCurrentProbe.value("current-probe-location", "Location", 0x05, 1, kV22, kFewerLocations).clause("7.30.1").mask(0x1F),
    kCurrentProbe.value("current-probe-status", "Status", 0x05, 1, kV22, kProbeStatuses).clause("7.30.1").mask(0xE0),
    kCurrentProbe.row(Kind::kSigned, "current-probe-maximum", "Maximum Value", 0x06, 2, kV22).named(kUnknownIs8000).in(kAmperes),
    kCurrentProbe.row(Kind::kSigned, "current-probe-minimum", "Minimum Value", 0x08, 2, kV22).named(kUnknownIs8000).in(kAmperes),
    kCurrentProbe.number("current-probe-resolution", "Resolution", 0x0A, 2, kV22).named(kUnknownIs8000).in(kTenthsOfMilliampere),
    kCurrentProbe.row(Kind::kSigned, "current-probe-tolerance", "Tolerance", 0x0C, 2, kV22).named(kUnknownIs8000).in(kAmperes),
    kCurrentProbe.number("current-probe-accuracy", "Accuracy", 0x0E, 2, kV22).named(kUnknownIs8000).in(kHundredthsOfPercent),
    kCurrentProbe.hex("current-probe-oem", "OEM-specific Information", 0x10, 4, kV22),
    kCurrentProbe.row(Kind::kSigned, "current-probe-nominal", "Nominal Value", 0x14, 2, kV22).named(kUnknownIs8000).in(kAmperes),
};

constexpr Of kSupply{39, "7.40"};
constexpr Field kSupplyRows[] = {
    kSupply.number("power-supply-group", "Power Unit Group", 0x04, 1, kV23).named(kNoGroup),
    kSupply.text("power-supply-location", "Location", 0x05, kV23),
    kSupply.text("power-supply-name", "Name", 0x06, kV23),
    kSupply.text("power-supply-manufacturer", "Manufacturer", 0x07, kV23),
    kSupply.text("power-supply-serial-number", "Serial Number", 0x08, kV23),
    kSupply.text("power-supply-asset-tag", "Asset Tag", 0x09, kV23),
    kSupply.text("power-supply-part-number", "Model Part Number", 0x0A, kV23),
    kSupply.text("power-supply-revision", "Revision", 0x0B, kV23),
    kSupply.number("power-supply-maximum-power", "Max Power Capacity", 0x0C, 2, kV23).named(kUnknownIs8000).in(kWatts),
    kSupply.value("power-supply-present", "Status", 0x0E, 2, kV23, kSupplyPresences).clause("7.40.1").mask(0x0002),
    kSupply.value("power-supply-status", "Status", 0x0E, 2, kV23, kSupplyStatuses).clause("7.40.1").mask(0x0380).when({0x0E, 2, 0x0002, kSupplyPresent}),
    kSupply.value("power-supply-type", "Type", 0x0E, 2, kV23, kSupplyTypes).clause("7.40.1").mask(0x3C00),
    kSupply.value("power-supply-voltage-switching", "Input Voltage Range Switching", 0x0E, 2, kV23, kSupplySwitchings).clause("7.40.1").mask(0x0078),
    kSupply.value("power-supply-plugged", "Plugged", 0x0E, 2, kV23, kSupplyPlugged).clause("7.40.1").mask(0x0004),
    kSupply.value("power-supply-hot-replaceable", "Hot Replaceable", 0x0E, 2, kV23, kYes).clause("7.40.1").mask(0x0001),
    kSupply.handle("power-supply-voltage-probe-handle", "Input Voltage Probe Handle", 0x10, kV23).named(kNoHandle),
    kSupply.handle("power-supply-cooling-device-handle", "Cooling Device Handle", 0x12, kV23).named(kNoHandle),
    kSupply.handle("power-supply-current-probe-handle", "Input Current Probe Handle", 0x14, kV23).named(kNoHandle),
};

// clang-format on

}  // namespace dmigate::smbios::rows
