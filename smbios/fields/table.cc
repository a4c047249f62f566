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

std::string_view name_in(std::span<const EnumValue> names, std::uint8_t type) {
  for (const EnumValue& name : names) {
    if (name.value == type || (name.value < type && type <= name.last)) return name.name;
  }
  return {};
}

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

std::string_view type_name(std::uint8_t type) {
  std::string_view name = name_in(kHeadings, type);
  if (name.empty()) name = name_in(kStructureTypes, type);
  return name.empty() ? "Unknown Type" : name;
}

std::string_view type_short_name(std::uint8_t type) {
  const std::string_view name = name_in(kStructureTypes, type);
  return name.empty() ? "Unknown Type" : name;
}

std::uint8_t minimum_length(std::uint8_t type, Version version) {
  std::uint8_t bytes = kHeaderBytes;
  for (std::size_t row = kLengthStarts[type]; row < kLengthStarts[type + std::size_t{1}]; ++row) {
    if (version >= kMinimumLengths[row].since) bytes = kMinimumLengths[row].bytes;
  }
  return bytes;
}

}  // namespace dmigate::smbios
