#include "profiles/rule_ids.h"

#include <algorithm>
#include <array>

namespace dmigate::profiles {
namespace {

constexpr auto kIds = std::to_array<std::string_view>({
    "burn.command",
    "burn.intended",
    "burn.mismatch",
    "clock.skew",
    "disk.count",
    "disk.missing",
    "disk.removable",
    "disk.serial-length",
    "disk.serial-missing",
    "disk.serial-placeholder",
    "disk.unknown",
    "evidence.mismatch",
    "evidence.missing",
    "evidence.text",
    "field.absent",
    "field.blank",
    "field.charset",
    "field.empty",
    "field.length",
    "field.pattern",
    "field.placeholder",
    "field.relation",
    "field.unknown",
    "field.value",
    "field.whitespace",
    "image.command",
    "nic.count",
    "nic.none",
    "notify.lost",
    "permit.damaged",
    "permit.expired",
    "permit.forged",
    "permit.key",
    "permit.not-issued",
    "permit.not-yet",
    "permit.profile",
    "permit.stage",
    "permit.stale",
    "permit.table",
    "permit.unit",
    "permit.used",
    "profile.ambiguous",
    "profile.no-match",
    "profile.unconfirmed",
    "profile.waiver-expired",
    "stage.open-record",
    "stage.order",
    "stage.pending-burn",
    "stage.run-failed",
    "stage.same-boot",
    "structure.annex-a",
    "structure.bad-list",
    "structure.bad-string",
    "structure.charset",
    "structure.control-character",
    "structure.count",
    "structure.dangling-handle",
    "structure.long-string",
    "structure.missing",
    "structure.newer-value",
    "structure.out-of-spec",
    "structure.repeated",
    "structure.reserved-bits",
    "structure.several-baseboards",
    "structure.short",
    "table.address",
    "table.bad-length",
    "table.checksum",
    "table.count",
    "table.duplicate-handle",
    "table.newer-version",
    "table.no-end",
    "table.reserved-handle",
    "table.several",
    "table.size",
    "table.text",
    "table.trailing-data",
    "table.truncated",
    "table.version",
    "unique.changed",
    "unique.clone",
    "unique.duplicate",
    "unit.identifier-pattern",
    "unit.label-mismatch",
    "unit.label-pattern",
    "unit.scanned-placeholder",
    "unit.unknown",
    "uuid.ascii",
    "uuid.byte-order",
    "uuid.ff",
    "uuid.mac",
    "uuid.nil",
    "uuid.template",
    "wmi.differs",
    "wmi.empty",
    "wmi.silent",
});
static_assert(std::is_sorted(kIds.begin(), kIds.end()));

constexpr std::array<std::string_view, 8> kNeverWaived = {"burn.",   "evidence.", "image.", "notify.",
                                                          "permit.", "profile.",  "stage.", "unique."};
// What hides part of the table, or leaves open what was found.
constexpr std::array<std::string_view, 8> kNotTold = {
    "disk.unknown",     "field.unknown", "structure.missing", "structure.repeated",
    "table.bad-length", "table.no-end",  "table.several",     "table.truncated"};

}  // namespace

std::span<const std::string_view> rule_ids() { return kIds; }

bool is_rule_id(std::string_view id) { return std::binary_search(kIds.begin(), kIds.end(), id); }

bool can_be_waived(std::string_view id) {
  if (std::find(kNotTold.begin(), kNotTold.end(), id) != kNotTold.end()) return false;
  return std::none_of(kNeverWaived.begin(), kNeverWaived.end(),
                      [&](std::string_view family) { return id.starts_with(family); });
}

}  // namespace dmigate::profiles
