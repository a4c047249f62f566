// The one table of fields: joins the rows of all headers in this folder.

#include <algorithm>
#include <array>

#include "smbios/fields/firmware.h"
#include "smbios/fields/management.h"
#include "smbios/fields/memory.h"
#include "smbios/fields/power.h"
#include "smbios/fields/processor.h"
#include "smbios/fields/slots_ports.h"
#include "smbios/fields/system.h"
#include "smbios/fields/types.h"

namespace dmigate::smbios {

namespace {

using namespace rows;

// By type; the rows of one type stand together, by offset.
constexpr std::span<const Field> kGroups[] = {
    kBiosRows,
    kSystemRows,
    kBoardRows,
    kChassisRows,
    kProcessorRows,
    kControllerRows,
    kModuleRows,
    kCacheRows,
    kPortRows,
    kSlotRows,
    kOnBoardRows,
    kOemStringsRows,
    kOptionsRows,
    kLanguageRows,
    kGroupRows,
    kLogRows,
    kArrayRows,
    kDeviceRows,
    kError32Rows,
    kArrayMappedRows,
    kDeviceMappedRows,
    kPointingRows,
    kBatteryRows,
    kResetRows,
    kSecurityRows,
    kPowerControlsRows,
    kVoltageProbeRows,
    kCoolingRows,
    kTemperatureProbeRows,
    kCurrentProbeRows,
    kRemoteRows,
    kIntegrityRows,
    kBootRows,
    kError64Rows,
    kManagementRows,
    kComponentRows,
    kThresholdRows,
    kChannelRows,
    kIpmiRows,
    kSupplyRows,
    kAdditionalRows,
    kOnboardRows,
    kHostRows,
    kTpmRows,
    kMoreOfProcessorRows,
    kInventoryRows,
    kPropertyRows,
};

constexpr std::size_t count_rows() {
  std::size_t count = 0;
  for (const auto& group : kGroups) count += group.size();
  return count;
}

constexpr auto join_rows() {
  std::array<Field, count_rows()> all{};
  auto* to = all.begin();
  for (const auto& group : kGroups) to = std::copy(group.begin(), group.end(), to);
  return all;
}
constexpr auto kFields = join_rows();

constexpr bool in_order() {
  return std::is_sorted(kFields.begin(), kFields.end(), [](const Field& a, const Field& b) {
    return a.type != b.type ? a.type < b.type : a.offset < b.offset;
  });
}
static_assert(in_order());

// find_value() asks for it.
constexpr bool has_values_in_order(const Field& row) {
  for (std::size_t i = 1; i < row.values.size(); ++i) {
    const EnumValue& before = row.values[i - 1];
    if (row.values[i].value <= std::max(before.value, before.last)) return false;
  }
  return std::all_of(row.columns.begin(), row.columns.end(), has_values_in_order);
}
static_assert(std::all_of(kFields.begin(), kFields.end(), has_values_in_order));
static_assert(std::all_of(kFields.begin(), kFields.end(),
                          [](const Field& row) { return row.keyword.size() <= kLongestKeyword; }));

// Where the rows of a type begin; those of the next type end them. REQUIRES: ordered by type.
template <typename Rows>
constexpr auto find_types(const Rows& all) {
  std::array<std::uint16_t, 257> starts{};
  for (std::size_t type = 0, row = 0; type < starts.size(); ++type) {
    while (row < std::size(all) && all[row].type < type) ++row;
    starts[type] = static_cast<std::uint16_t>(row);
  }
  return starts;
}
constexpr auto kStarts = find_types(kFields);
constexpr auto kLengthStarts = find_types(kMinimumLengths);
static_assert(std::is_sorted(std::begin(kMinimumLengths), std::end(kMinimumLengths),
                             [](const MinimumLength& a, const MinimumLength& b) { return a.type < b.type; }));

// The rows by keyword.
constexpr auto sort_keywords() {
  std::array<std::uint16_t, kFields.size()> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint16_t>(i);
  std::sort(rows.begin(), rows.end(),
            [](std::uint16_t a, std::uint16_t b) { return kFields[a].keyword < kFields[b].keyword; });
  return rows;
}
constexpr auto kByKeyword = sort_keywords();

constexpr void add_names(std::span<const EnumValue> names, std::span<std::string_view, 256> of_types) {
  for (const EnumValue& name : names) {
    for (std::uint64_t type = name.value; type <= std::max(name.value, name.last); ++type)
      of_types[static_cast<std::size_t>(type)] = name.name;
  }
}

constexpr auto kShortNames = [] {
  std::array<std::string_view, 256> of_types{};
  of_types.fill("Unknown Type");
  add_names(kStructureTypes, of_types);
  return of_types;
}();
constexpr auto kNames = [] {
  auto of_types = kShortNames;
  add_names(kHeadings, of_types);
  return of_types;
}();

}  // namespace

std::span<const Field> fields() { return kFields; }

std::span<const Field> fields_of(std::uint8_t type) {
  return std::span(kFields).subspan(kStarts[type],
                                    kStarts[type + std::size_t{1}] - std::size_t{kStarts[type]});
}

const Field* find_field(std::string_view keyword) {
  const auto* found = std::lower_bound(
      kByKeyword.begin(), kByKeyword.end(), keyword,
      [](std::uint16_t row, std::string_view wanted) { return kFields[row].keyword < wanted; });
  return found != kByKeyword.end() && kFields[*found].keyword == keyword ? &kFields[*found] : nullptr;
}

std::string_view type_name(std::uint8_t type) { return kNames[type]; }

std::string_view type_short_name(std::uint8_t type) { return kShortNames[type]; }

std::uint8_t minimum_length(std::uint8_t type, Version version) {
  std::uint8_t bytes = kHeaderBytes;
  for (std::size_t row = kLengthStarts[type]; row < kLengthStarts[type + std::size_t{1}]; ++row) {
    if (version >= kMinimumLengths[row].since) bytes = kMinimumLengths[row].bytes;
  }
  return bytes;
}

}  // namespace dmigate::smbios
