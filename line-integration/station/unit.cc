#include "line-integration/station/unit.h"

namespace dmigate::line {
namespace {

// What an inventory speaks of stands for what could be read; of which unit it is, the judge sees.
void add_inventory(gate::Hardware inventory, gate::Hardware& hardware) {
  if (!inventory.clock) inventory.clock = std::move(hardware.clock);
  if (!inventory.disks) inventory.disks = std::move(hardware.disks);
  if (!inventory.nics) inventory.nics = std::move(hardware.nics);
  if (!inventory.wmi) inventory.wmi = std::move(hardware.wmi);
  if (inventory.system_disk.empty()) inventory.system_disk = std::move(hardware.system_disk);
  hardware = std::move(inventory);
}

Result<gate::Evidence> read_table(const Request& request, std::chrono::system_clock::time_point now) {
  return request.source ? gate::read_evidence(*request.source) : capture({}, now);
}

Result<gate::Evidence> read_parts(const Request& request, std::chrono::system_clock::time_point now) {
  if (!request.evidence) return read_table(request, now);
  auto beside = gate::read_beside(*request.evidence);
  if (!beside) return Failure(beside.error());
  auto* said = std::get_if<gate::Evidence>(&*beside);
  if (said != nullptr && !request.source) return std::move(*said);
  auto unit = read_table(request, now);
  if (!unit) return unit;
  if (said == nullptr) {
    add_inventory(std::get<gate::Hardware>(*std::move(beside)), unit->hardware);
    return unit;
  }
  if (sha256(said->source.layout().table) != sha256(unit->source.layout().table)) {
    return fail(
        "its table is not the one of " + *request.source + ": it belongs to another unit, or another boot",
        *request.evidence, "take the evidence of this unit again");
  }
  unit->boot_id = said->boot_id;
  unit->taken = said->taken;
  unit->hardware = std::move(said->hardware);
  return unit;
}

}  // namespace

Result<gate::Evidence> read_unit(const Request& request, std::chrono::system_clock::time_point now) {
  auto unit = read_parts(request, now);
  if (!unit) return unit;
  if (auto added = add_given(request.given, *unit); !added) return Failure(added.error());
  return unit;
}

}  // namespace dmigate::line
