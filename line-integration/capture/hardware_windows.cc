// Each of Windows' own headers needs those before it.
// clang-format off
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <ws2ipdef.h>
#include <windows.h>
#include <initguid.h>
#include <winioctl.h>
#include <cfgmgr32.h>
#include <setupapi.h>
#include <devguid.h>
#include <objbase.h>
#include <iphlpapi.h>
#include <netioapi.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "gate/evidence/inventory.h"
#include "gate/evidence/text.h"
#include "line-integration/capture/windows.h"
#include "line-integration/capture/windows_text.h"

namespace dmigate::line {
namespace {

using gate::Bus;
using gate::Disk;
using gate::DiskKind;
using gate::NetworkCard;

struct CloseHandle {
  void operator()(HANDLE handle) const { ::CloseHandle(handle); }
};
using Handle = std::unique_ptr<void, CloseHandle>;

struct CloseSet {
  void operator()(HDEVINFO set) const { ::SetupDiDestroyDeviceInfoList(set); }
};
using DeviceSet = std::unique_ptr<void, CloseSet>;

DeviceSet devices(const GUID* of_class, const wchar_t* enumerator, DWORD flags) {
  HDEVINFO set = ::SetupDiGetClassDevsW(of_class, enumerator, nullptr, DIGCF_PRESENT | flags);
  return DeviceSet(set == INVALID_HANDLE_VALUE ? nullptr : set);
}

std::string instance_of(HDEVINFO set, SP_DEVINFO_DATA& device) {
  std::array<wchar_t, MAX_DEVICE_ID_LEN + 1> id{};
  const auto room = static_cast<DWORD>(id.size());
  return ::SetupDiGetDeviceInstanceIdW(set, &device, id.data(), room, nullptr) != 0 ? utf8(id.data()) : "";
}

// A text, or several behind each other with NULs between them; empty: there is none.
std::wstring property(HDEVINFO set, SP_DEVINFO_DATA& device, DWORD which) {
  std::array<wchar_t, 2048> text{};
  DWORD size = 0;
  if (::SetupDiGetDeviceRegistryPropertyW(set, &device, which, nullptr, reinterpret_cast<BYTE*>(text.data()),
                                          sizeof text - sizeof(wchar_t), &size) == 0)
    return {};
  return {text.data(), std::min<std::size_t>(size / sizeof(wchar_t), text.size())};
}

// Whether Windows expects the device to be pulled out. None: it does not say.
struct Policy {
  bool at_any_time = false;  ///< without a word before
  bool orderly = false;      ///< after a word
};
std::optional<Policy> removal_policy(HDEVINFO set, SP_DEVINFO_DATA& device) {
  DWORD policy = 0;
  if (::SetupDiGetDeviceRegistryPropertyW(set, &device, SPDRP_REMOVAL_POLICY, nullptr,
                                          reinterpret_cast<BYTE*>(&policy), sizeof policy, nullptr) == 0)
    return std::nullopt;
  return Policy{policy == CM_REMOVAL_POLICY_EXPECT_SURPRISE_REMOVAL,
                policy == CM_REMOVAL_POLICY_EXPECT_ORDERLY_REMOVAL};
}

// ---------------------------------------------------------------- disks

// STORAGE_BUS_TYPE, by number: MinGW's headers do not know the later ones.
struct BusRow {
  int type;
  Bus bus;
  DiskKind kind;
  std::optional<bool> removable;  ///< none: by its medium and by what Windows expects
};
constexpr BusRow kBuses[] = {
    {1, Bus::kScsi, DiskKind::kDisk, {}},          // SCSI
    {2, Bus::kAta, DiskKind::kDisk, {}},           // ATAPI
    {3, Bus::kAta, DiskKind::kDisk, {}},           // ATA
    {4, Bus::kOther, DiskKind::kDisk, true},       // IEEE 1394
    {6, Bus::kNetwork, DiskKind::kNetwork, true},  // Fibre Channel
    {7, Bus::kUsb, DiskKind::kDisk, true},         // USB
    {8, Bus::kScsi, DiskKind::kDisk, {}},          // RAID
    {9, Bus::kNetwork, DiskKind::kNetwork, true},  // iSCSI
    {10, Bus::kSas, DiskKind::kDisk, {}},          // SAS
    {11, Bus::kAta, DiskKind::kDisk, {}},          // SATA
    {12, Bus::kMmc, DiskKind::kDisk, true},        // SD
    {13, Bus::kMmc, DiskKind::kDisk, {}},          // MMC: soldered
    {14, Bus::kVirtual, DiskKind::kLoop, {}},      // virtual
    {15, Bus::kVirtual, DiskKind::kLoop, {}},      // a file: VHD
    {16, Bus::kVirtual, DiskKind::kMapped, {}},    // storage spaces
    {17, Bus::kNvme, DiskKind::kDisk, {}},         // NVMe
    {19, Bus::kNvme, DiskKind::kDisk, {}},         // UFS
};

std::optional<std::uint64_t> size_of(HANDLE disk) {
  DISK_GEOMETRY_EX geometry{};
  DWORD size = 0;
  if (::DeviceIoControl(disk, IOCTL_DISK_GET_DRIVE_GEOMETRY_EX, nullptr, 0, &geometry, sizeof geometry, &size,
                        nullptr) != 0)
    return static_cast<std::uint64_t>(geometry.DiskSize.QuadPart);
  const DWORD error = ::GetLastError();
  if (error == ERROR_NOT_READY || error == ERROR_NO_MEDIA_IN_DRIVE) return 0;
  return std::nullopt;
}

std::string text_at(std::span<const char> bytes, DWORD offset) {
  if (offset == 0 || offset >= bytes.size()) return {};
  const auto rest = bytes.subspan(offset);
  return {rest.data(), ::strnlen(rest.data(), rest.size())};
}

void describe(HANDLE device, const std::optional<Policy>& policy, Disk& disk) {
  STORAGE_PROPERTY_QUERY query{};  // StorageDeviceProperty, PropertyStandardQuery
  alignas(STORAGE_DEVICE_DESCRIPTOR) std::array<char, 4096> answer{};
  DWORD size = 0;
  if (::DeviceIoControl(device, IOCTL_STORAGE_QUERY_PROPERTY, &query, sizeof query, answer.data(),
                        answer.size(), &size, nullptr) == 0 ||
      size < offsetof(STORAGE_DEVICE_DESCRIPTOR, RawDeviceProperties)) {
    return;
  }
  STORAGE_DEVICE_DESCRIPTOR descriptor{};
  std::memcpy(&descriptor, answer.data(), std::min<std::size_t>(size, sizeof descriptor));
  const std::span<const char> bytes(answer.data(), size);
  const auto* row = std::ranges::find(kBuses, static_cast<int>(descriptor.BusType), &BusRow::type);
  disk.bus = row == std::end(kBuses) ? Bus::kOther : row->bus;
  disk.kind = row == std::end(kBuses) ? DiskKind::kOther : row->kind;
  disk.serial = gate::valid_utf8(text_at(bytes, descriptor.SerialNumberOffset));
  disk.model = gate::valid_utf8(gate::trimmed(text_at(bytes, descriptor.ProductIdOffset)));
  if (row != std::end(kBuses) && row->removable) {
    disk.removable = row->removable;
  } else if (descriptor.RemovableMedia != 0) {
    disk.removable = true;
  } else if (policy) {
    disk.removable = policy->at_any_time;  // internal SATA ports, too, are pulled out after a word
  }
}

Disk disk_of(HDEVINFO set, SP_DEVICE_INTERFACE_DATA& shown, std::size_t number) {
  alignas(SP_DEVICE_INTERFACE_DETAIL_DATA_W) std::array<char, 4096> room{};
  auto* detail = reinterpret_cast<SP_DEVICE_INTERFACE_DETAIL_DATA_W*>(room.data());
  detail->cbSize = sizeof *detail;
  SP_DEVINFO_DATA device{};
  device.cbSize = sizeof device;
  // What cannot be asked is a disk of which nothing is known, and not no disk.
  Disk disk{.name = "disk" + std::to_string(number), .kind = DiskKind::kOther, .bus = Bus::kUnknown};
  if (::SetupDiGetDeviceInterfaceDetailW(set, &shown, detail, room.size(), nullptr, &device) == 0)
    return disk;
  disk.port = instance_of(set, device);
  const HANDLE opened = ::CreateFileW(detail->DevicePath, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                      OPEN_EXISTING, 0, nullptr);
  if (opened == INVALID_HANDLE_VALUE) return disk;
  const Handle handle(opened);
  STORAGE_DEVICE_NUMBER place{};
  DWORD size = 0;
  if (::DeviceIoControl(opened, IOCTL_STORAGE_GET_DEVICE_NUMBER, nullptr, 0, &place, sizeof place, &size,
                        nullptr) != 0)
    disk.name = "PhysicalDrive" + std::to_string(place.DeviceNumber);
  describe(opened, removal_policy(set, device), disk);
  disk.size = size_of(opened);
  return disk;
}

std::optional<std::vector<Disk>> capture_disks() {
  const DeviceSet set = devices(&GUID_DEVINTERFACE_DISK, nullptr, DIGCF_DEVICEINTERFACE);
  if (!set) return std::nullopt;
  std::vector<Disk> disks;
  for (DWORD i = 0;; ++i) {
    SP_DEVICE_INTERFACE_DATA shown{};
    shown.cbSize = sizeof shown;
    if (::SetupDiEnumDeviceInterfaces(set.get(), nullptr, &GUID_DEVINTERFACE_DISK, i, &shown) == 0) break;
    disks.push_back(disk_of(set.get(), shown, i));
  }
  if (::GetLastError() != ERROR_NO_MORE_ITEMS) return std::nullopt;
  return disks;
}

// ---------------------------------------------------------------- network cards

struct CardBusRow {
  std::string_view prefix;  ///< of the instance's name
  Bus bus;
};
constexpr CardBusRow kCardBuses[] = {
    {"PCI\\", Bus::kPci},      {"USB\\", Bus::kUsb},     {"SD\\", Bus::kMmc},
    {"ROOT\\", Bus::kVirtual}, {"SWD\\", Bus::kVirtual}, {"VIRTIO\\", Bus::kVirtio},
};

Bus card_bus(std::string_view instance) {
  for (const CardBusRow& row : kCardBuses) {
    if (instance.starts_with(row.prefix)) return row.bus;
  }
  return Bus::kOther;
}

std::optional<std::vector<MIB_IF_ROW2>> interfaces() {
  MIB_IF_TABLE2* table = nullptr;
  if (::GetIfTable2(&table) != NO_ERROR) return std::nullopt;
  std::vector<MIB_IF_ROW2> rows(table->Table, table->Table + table->NumEntries);
  ::FreeMibTable(table);
  // A filter shows its card's words once more.
  std::erase_if(rows,
                [](const MIB_IF_ROW2& row) { return row.InterfaceAndOperStatusFlags.FilterInterface != 0; });
  return rows;
}

bool is_ethernet(const MIB_IF_ROW2& row) {
  return row.Type == IF_TYPE_ETHERNET_CSMACD || row.Type == IF_TYPE_IEEE80211;
}

std::optional<std::string> permanent_address(const MIB_IF_ROW2& row) {
  if (row.PhysicalAddressLength != 6) return std::nullopt;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  bool any = false;
  for (std::size_t i = 0; i < 6; ++i) {
    const UCHAR byte = row.PermanentPhysicalAddress[i];
    digits += kDigits[byte >> 4];
    digits += kDigits[byte & 0x0F];
    any = any || byte != 0;
  }
  return any ? gate::mac_text(digits) : std::nullopt;
}

// "{GUID}" of the interface that the device's driver made; empty: none.
std::wstring interface_of(HDEVINFO set, SP_DEVINFO_DATA& device) {
  HKEY key = ::SetupDiOpenDevRegKey(set, &device, DICS_FLAG_GLOBAL, 0, DIREG_DRV, KEY_READ);
  if (key == INVALID_HANDLE_VALUE) return {};
  std::array<wchar_t, 64> text{};
  DWORD size = sizeof text - sizeof(wchar_t);
  const LSTATUS status = ::RegQueryValueExW(key, L"NetCfgInstanceId", nullptr, nullptr,
                                            reinterpret_cast<BYTE*>(text.data()), &size);
  ::RegCloseKey(key);
  return status == ERROR_SUCCESS ? std::wstring(text.data()) : std::wstring();
}

bool is_disabled(const SP_DEVINFO_DATA& device) {
  ULONG status = 0, problem = 0;
  return ::CM_Get_DevNode_Status(&status, &problem, device.DevInst, 0) == CR_SUCCESS &&
         (status & DN_HAS_PROBLEM) != 0 && problem == CM_PROB_DISABLED;
}

std::optional<bool> card_removable(HDEVINFO set, SP_DEVINFO_DATA& device, Bus bus) {
  if (bus == Bus::kUsb) return true;
  if (bus == Bus::kVirtual) return false;
  const auto policy = removal_policy(set, device);
  if (!policy) return std::nullopt;
  return policy->at_any_time || policy->orderly;  // a dock is let go with a word
}

NetworkCard card_of(HDEVINFO set, SP_DEVINFO_DATA& device, std::vector<MIB_IF_ROW2>& rows) {
  NetworkCard card{.name = utf8(property(set, device, SPDRP_DEVICEDESC).c_str())};
  card.port = instance_of(set, device);
  if (card.name.empty()) card.name = card.port.empty() ? "card" : card.port;
  card.bus = card_bus(card.port);
  card.removable = card_removable(set, device, card.bus);
  card.driver = utf8(property(set, device, SPDRP_SERVICE).c_str());
  card.disabled = is_disabled(device);
  const std::wstring name = interface_of(set, device);
  const auto row = std::ranges::find_if(rows, [&](const MIB_IF_ROW2& each) {
    std::array<wchar_t, 64> text{};
    ::StringFromGUID2(each.InterfaceGuid, text.data(), static_cast<int>(text.size()));
    return !name.empty() && ::_wcsicmp(text.data(), name.c_str()) == 0;
  });
  if (row == rows.end()) {  // a disabled card has no interface, and nobody tells its address
    card.physical = card.bus != Bus::kVirtual;
    return card;
  }
  card.physical = card.bus != Bus::kVirtual && row->InterfaceAndOperStatusFlags.HardwareInterface != 0 &&
                  is_ethernet(*row);
  if (card.physical) card.mac = permanent_address(*row);
  rows.erase(row);
  return card;
}

// Interfaces of hardware that no device was found for: they are there, and no more is known of them.
void add_strange(const std::vector<MIB_IF_ROW2>& rows, std::vector<NetworkCard>& cards) {
  for (const MIB_IF_ROW2& row : rows) {
    if (row.InterfaceAndOperStatusFlags.HardwareInterface == 0 || !is_ethernet(row)) continue;
    cards.push_back({.name = utf8(row.Alias),
                     .bus = Bus::kUnknown,
                     .port = {},
                     .physical = true,
                     .removable = {},
                     .mac = permanent_address(row),
                     .driver = {},
                     .disabled = {}});
    if (cards.back().name.empty()) cards.back().name = "interface" + std::to_string(row.InterfaceIndex);
  }
}

// PCI devices of the class "network" that no driver has taken.
void add_driverless(std::vector<NetworkCard>& cards) {
  const DeviceSet set = devices(nullptr, L"PCI", DIGCF_ALLCLASSES);
  for (DWORD i = 0; set; ++i) {
    SP_DEVINFO_DATA device{};
    device.cbSize = sizeof device;
    if (::SetupDiEnumDeviceInfo(set.get(), i, &device) == 0) break;
    const bool network = property(set.get(), device, SPDRP_HARDWAREID).find(L"&CC_02") != std::wstring::npos;
    if (!network || !property(set.get(), device, SPDRP_SERVICE).empty()) continue;
    const std::string port = instance_of(set.get(), device);
    cards.push_back({.name = port.empty() ? "card" : port,
                     .bus = Bus::kPci,
                     .port = port,
                     .physical = true,
                     .removable = card_removable(set.get(), device, Bus::kPci),
                     .mac = {},
                     .driver = "",
                     .disabled = {}});
  }
}

std::optional<std::vector<NetworkCard>> capture_cards() {
  auto rows = interfaces();
  const DeviceSet set = devices(&GUID_DEVCLASS_NET, nullptr, 0);
  if (!rows || !set) return std::nullopt;
  std::vector<NetworkCard> cards;
  for (DWORD i = 0;; ++i) {
    SP_DEVINFO_DATA device{};
    device.cbSize = sizeof device;
    if (::SetupDiEnumDeviceInfo(set.get(), i, &device) == 0) break;
    // One without a driver is told by its bus, below.
    if (!property(set.get(), device, SPDRP_SERVICE).empty())
      cards.push_back(card_of(set.get(), device, *rows));
  }
  add_driverless(cards);
  add_strange(*rows, cards);
  return cards;
}

}  // namespace

gate::Hardware capture_windows_hardware() {
  gate::Hardware hardware;
  hardware.disks = capture_disks();
  hardware.nics = capture_cards();
  return hardware;
}

}  // namespace dmigate::line
