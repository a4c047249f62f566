#include "gate/evidence/hardware.h"

#include <algorithm>
#include <array>

namespace dmigate::gate {
namespace {

constexpr std::array<std::string_view, 12> kBusNames = {
    "unknown", "nvme", "ata", "sas", "scsi", "usb", "mmc", "virtio", "pci", "network", "virtual", "other"};
constexpr std::array<std::string_view, 7> kDiskKindNames = {"disk",   "optical", "loop", "network",
                                                            "memory", "mapped",  "other"};
static_assert(kBusNames[static_cast<std::size_t>(Bus::kOther)] == "other");
static_assert(kDiskKindNames[static_cast<std::size_t>(DiskKind::kOther)] == "other");

template <typename E, std::size_t N>
std::optional<E> find_in(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<E>(found - names.begin());
}

}  // namespace

std::string_view bus_name(Bus bus) { return kBusNames.at(static_cast<std::size_t>(bus)); }
std::optional<Bus> find_bus(std::string_view name) { return find_in<Bus>(kBusNames, name); }

std::string_view disk_kind_name(DiskKind kind) { return kDiskKindNames.at(static_cast<std::size_t>(kind)); }
std::optional<DiskKind> find_disk_kind(std::string_view name) {
  return find_in<DiskKind>(kDiskKindNames, name);
}

}  // namespace dmigate::gate
