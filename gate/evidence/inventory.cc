#include "gate/evidence/inventory.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <pugixml.hpp>
#include <utility>

#include "gate/evidence/text.h"
#include "smbios/ascii.h"

namespace dmigate::gate {
namespace {

constexpr std::size_t kLargestInventory = 1u << 20;  // bytes; a real one has some kilobytes

using Entry = std::pair<std::string, std::string>;  // key, value

// What it says of the table. Board and chassis are those of one structure: several boards are not told
// apart.
constexpr std::pair<std::string_view, std::string_view> kStated[] = {
    {"SmbiosSystemManufacturer", "system-manufacturer"},
    {"SmbiosSystemProductName", "system-product-name"},
    {"SmbiosSystemSerialNumber", "system-serial-number"},
    {"SmbiosUuid", "system-uuid"},
    {"SmbiosSkuNumber", "system-sku-number"},
    {"SmbiosSystemFamily", "system-family"},
    {"SmbiosSystemVersion", "system-version"},
    {"SmbiosBoardProduct", "baseboard-product-name"},
    {"ChassisType", "chassis-type"},
};

// StorageBusType, by name or as the number of STORAGE_BUS_TYPE, and whether what is on it can be pulled
// out. The names are matched without regard to case.
struct StorageBus {
  std::string_view name;
  std::string_view number;
  Bus bus;
  bool removable;
};
constexpr StorageBus kStorageBuses[] = {
    {"scsi", "1", Bus::kScsi, false}, {"atapi", "2", Bus::kAta, false},    {"ata", "3", Bus::kAta, false},
    {"1394", "4", Bus::kOther, true}, {"fibre", "6", Bus::kNetwork, true}, {"usb", "7", Bus::kUsb, true},
    {"raid", "8", Bus::kScsi, false}, {"iscsi", "9", Bus::kNetwork, true}, {"sas", "10", Bus::kSas, false},
    {"sata", "11", Bus::kAta, false}, {"sd", "12", Bus::kMmc, true},       {"mmc", "13", Bus::kMmc, false},
    {"emmc", "13", Bus::kMmc, false}, {"nvme", "17", Bus::kNvme, false},   {"scm", "18", Bus::kOther, false},
    {"ufs", "19", Bus::kScsi, false},
};

Failure not_inventory(const std::string& name, std::string what) {
  return fail(std::move(what), name, "take the inventory of this unit again with the OA3 tool");
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// "Key: value". One blank after the colon belongs to the form; the value's own blanks stay.
std::optional<Entry> entry_in(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return std::nullopt;
  const std::string_view key = trimmed(line.substr(0, colon));
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  return Entry{std::string(key), std::string(value)};
}

bool is_xml(std::string_view text) { return trimmed(text).starts_with('<'); }

std::vector<Entry> entries_of_text(std::string_view text) {
  std::vector<Entry> entries;
  while (!text.empty()) {
    if (auto entry = entry_in(next_line(text))) entries.push_back(*std::move(entry));
  }
  return entries;
}

// pugixml knows no entities but XML's own five and reads no other file; its parser does not recurse.
Result<std::vector<Entry>> entries_of_xml(const std::string& text, const std::string& name) {
  pugi::xml_document document;
  const auto parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) {
    return not_inventory(
        name, "its XML ends at byte " + std::to_string(parsed.offset) + ": " + parsed.description());
  }
  pugi::xml_node inventory = document.child("HardwareReport").child("HardwareInventory");
  if (!inventory) inventory = document.child("HardwareInventory");
  if (!inventory) return not_inventory(name, "its XML has no HardwareInventory");
  if (inventory.next_sibling("HardwareInventory")) return not_inventory(name, "it is of several units");
  std::vector<Entry> entries;
  for (const pugi::xml_node& p : inventory.children("p")) {
    entries.emplace_back(p.attribute("n").value(), p.attribute("v").value());
  }
  return entries;
}

// "Disk2.DiskSerialNumber" is {"Disk2", "DiskSerialNumber"}; a key without a point has no part.
std::pair<std::string_view, std::string_view> split_key(std::string_view key) {
  const std::size_t point = key.rfind('.');
  if (point == key.npos) return {{}, key};
  return {key.substr(0, point), key.substr(point + 1)};
}

// Gathers the parts in the order in which they stand.
class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  Result<Hardware> read(const std::vector<Entry>& entries) {
    for (const auto& [key, value] : entries) {
      read_stated(key, value);
      if (key == "OsSystemTime" || key == "OsLocalTime" || key == "PrimaryDiskType") once(key, value);
      const auto [part, field] = split_key(key);
      read_disk(part, field, value);
      read_card(part, field, value);
      if (key == "PrimaryDiskType") primary_ = lowered(trimmed(value));
      if (key == "OsSystemTime") system_time_ = trimmed(value);
      if (key == "OsLocalTime") local_time_ = trimmed(value);
    }
    if (wrong_.empty() && !names_a_unit())
      wrong_ = "it does not say of which unit it is: it has no SmbiosSystemSerialNumber and no SmbiosUuid";
    finish_disks();
    if (!wrong_.empty()) return not_inventory(name_, wrong_);
    finish_clock();
    return std::move(hardware_);
  }

 private:
  [[nodiscard]] bool states(std::string_view keyword) const {
    return std::ranges::find(hardware_.stated, keyword, &Statement::keyword) != hardware_.stated.end();
  }

  // Nothing, and a UUID of nothing but 0 or F, names no unit.
  [[nodiscard]] bool names_a_unit() const {
    return std::ranges::any_of(hardware_.stated, [](const Statement& statement) {
      if (statement.keyword == "system-serial-number") return !trimmed(statement.value).empty();
      const std::string value = lowered(trimmed(statement.value));
      return statement.keyword == "system-uuid" && value.find_first_not_of("0-{}") != value.npos &&
             value.find_first_not_of("f-{}") != value.npos;
    });
  }

  // What is said twice, and not alike, is of several units, or was changed by hand.
  void once(std::string_view key, std::string_view value) {
    const auto [at, fresh] = said_.emplace(lowered(key), trimmed(value));
    if (!fresh && at->second != trimmed(value))
      wrong_ = printable(key) + " stands in it twice, with different values";
  }

  void read_stated(std::string_view key, const std::string& value) {
    const auto* row = std::ranges::find(kStated, key, &std::pair<std::string_view, std::string_view>::first);
    if (row == std::end(kStated)) return;
    if (states(row->second)) wrong_ = std::string(key) + " stands in it twice: it is of several units";
    hardware_.stated.push_back({std::string(row->second), value});
  }

  // Older tools write DiskSerialNumber alone, once for each disk; newer ones put DiskN before it.
  Disk& disk_of(std::string_view part, bool begins) {
    auto& disks = all_disks();
    const std::string name = part.empty() ? "" : lowered(part);
    const auto found = std::ranges::find(disks, name, &Disk::name);
    if (!name.empty() && found != disks.end()) return *found;
    if (name.empty() && !begins && !disks.empty()) return disks.back();
    disks.push_back({.name = name.empty() ? "disk-" + std::to_string(disks.size()) : name});
    return disks.back();
  }
  std::vector<Disk>& all_disks() {
    if (!hardware_.disks) hardware_.disks.emplace();
    return *hardware_.disks;
  }

  void read_disk(std::string_view part, std::string_view field, const std::string& value) {
    if (field == "InternalDiskCount") {
      if (internal_disks_) wrong_ = "its InternalDiskCount stands in it twice";
      std::size_t count = 0;
      const std::string_view digits = trimmed(value);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
      if (error != std::errc{} || end != digits.data() + digits.size() || count > 1000) {
        wrong_ = "its InternalDiskCount is no number of disks";
      } else {
        internal_disks_ = count;
      }
    } else if (field == "DiskSerialNumber") {
      // "serial|model|" is what some drivers answer.
      Disk& disk = disk_of(part, true);
      once(disk.name + ".DiskSerialNumber", value);
      const std::size_t bar = value.find('|');
      disk.serial = value.substr(0, bar);
      if (bar != value.npos) {
        const std::string_view rest = std::string_view(value).substr(bar + 1);
        disk.model = trimmed(rest.substr(0, rest.find('|')));
      }
    } else if (field == "StorageBusType") {
      Disk& disk = disk_of(part, false);
      once(disk.name + ".StorageBusType", value);
      read_bus(disk, value);
    }
  }

  static void read_bus(Disk& disk, const std::string& value) {
    std::string bus = lowered(trimmed(value));
    if (bus.starts_with("bustype")) bus.erase(0, 7);
    for (const StorageBus& row : kStorageBuses) {
      if (row.name != bus && row.number != bus) continue;
      disk.bus = row.bus;
      disk.removable = row.removable;
      if (row.bus == Bus::kNetwork) disk.kind = DiskKind::kNetwork;
    }
  }

  // PhysicalMedium stands before the MacAddress that it is of. The tool leaves removable cards out
  // (Microsoft, Autopilot FAQ, "Technical interface").
  void read_card(std::string_view part, std::string_view field, const std::string& value) {
    if (field == "PhysicalMedium") medium_ = trimmed(value);
    if (field != "MacAddress") return;
    if (!part.empty()) once(std::string(part) + ".MacAddress", value);
    const auto mac = mac_text(trimmed(value));
    if (!mac) {
      wrong_ = "a MacAddress in it is no address";
      return;
    }
    if (!hardware_.nics) hardware_.nics.emplace();
    const std::string medium = lowered(medium_);
    const bool nearby = medium.find("bluetooth") != medium.npos || medium.find("wan") != medium.npos;
    hardware_.nics->push_back({.name = "card-" + std::to_string(hardware_.nics->size()),
                               .port = std::exchange(medium_, {}),
                               .physical = !nearby,
                               .removable = false,
                               .mac = mac});
  }

  // Disks that are counted and not described are there all the same. The count says nothing of how one that
  // is described is plugged in: only its bus does.
  void finish_disks() {
    if (internal_disks_) add_undescribed(*internal_disks_);
    read_primary();
  }

  void add_undescribed(std::size_t count) {
    std::vector<Disk>& disks = all_disks();
    if (static_cast<std::size_t>(std::ranges::count(disks, false, &Disk::removable)) > count)
      wrong_ = "its InternalDiskCount is smaller than the number of internal disks in it";
    const auto inside = static_cast<std::size_t>(
        std::ranges::count_if(disks, [](const Disk& disk) { return disk.removable != true; }));
    for (std::size_t i = inside; i < count; ++i) {
      disks.push_back({.name = "undescribed-" + std::to_string(i), .removable = false});
    }
  }

  static bool is_out(std::string_view type) {
    return type.find("usb") != type.npos || type.find("removable") != type.npos || type == "sd";
  }

  // The primary disk can be pulled out: which one that is, is known of a single one.
  void read_primary() {
    if (!is_out(primary_) || !hardware_.disks) return;
    std::vector<Disk>& disks = all_disks();
    if (disks.size() == 1) {
      disks.front().removable = true;
    } else if (std::ranges::find(disks, true, &Disk::removable) == disks.end()) {
      for (Disk& disk : disks) disk.removable.reset();
    }
  }

  void finish_clock() {
    if (!parse_instant(system_time_)) return;
    hardware_.clock = Clock{.at = system_time_, .local = {}, .reference = {}, .from = {}};
    if (parse_instant(local_time_)) hardware_.clock->local = local_time_;
  }

  const std::string& name_;
  Hardware hardware_;
  std::optional<std::size_t> internal_disks_;
  std::map<std::string, std::string> said_;  ///< by key, in lower case
  std::string primary_;                      ///< PrimaryDiskType, in lower case
  std::string medium_;
  std::string system_time_;
  std::string local_time_;
  std::string wrong_;
};

}  // namespace

bool is_inventory(std::string_view bytes) {
  if (bytes.size() > kLargestInventory) return false;
  const auto text = plain_text(bytes);
  if (!text) return false;
  if (is_xml(*text)) return text->find("<HardwareInventory") != std::string::npos;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto entry = entry_in(next_line(rest));
    if (entry && (entry->first == "HardwareInventoryVersion" || entry->first == "SmbiosSystemSerialNumber" ||
                  entry->first == "SmbiosUuid")) {
      return true;
    }
  }
  return false;
}

Result<Hardware> parse_inventory(std::string_view bytes, const std::string& name) {
  if (bytes.size() > kLargestInventory) return not_inventory(name, "it is too large to be an inventory");
  const auto text = plain_text(bytes);
  if (!text) return not_inventory(name, "it is no text");
  if (!is_xml(*text)) return Reader(name).read(entries_of_text(*text));
  auto entries = entries_of_xml(*text, name);
  if (!entries) return Failure(entries.error());
  return Reader(name).read(*entries);
}

}  // namespace dmigate::gate
