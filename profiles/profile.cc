#include "profiles/profile.h"

#include <algorithm>

namespace dmigate::profiles {
namespace {

constexpr std::array<std::string_view, kAllStages.size()> kStageNames = {
    "incoming", "pre-burn", "post-burn", "pre-image", "post-image", "ship"};
constexpr std::array<std::string_view, 8> kCheckNames = {
    "equals", "one_of", "pattern", "contains", "not_contains", "starts_with", "length", "at_least"};

constexpr std::array<std::string_view, kAllHardware.size()> kHardwareNames = {"system-disk", "fixed-disks",
                                                                              "physical-nics", "clock"};

bool holds(const std::vector<const smbios::Field*>& fields, const smbios::Field& field) {
  return std::find(fields.begin(), fields.end(), &field) != fields.end();
}

}  // namespace

std::string_view stage_name(Stage stage) { return kStageNames.at(static_cast<std::size_t>(stage)); }

std::optional<Stage> find_stage(std::string_view name) {
  for (Stage stage : kAllStages) {
    if (stage_name(stage) == name) return stage;
  }
  return std::nullopt;
}

std::string_view hardware_name(Hardware which) { return kHardwareNames.at(static_cast<std::size_t>(which)); }

std::optional<Hardware> find_hardware(std::string_view name) {
  for (Hardware which : kAllHardware) {
    if (hardware_name(which) == name) return which;
  }
  return std::nullopt;
}

std::string_view check_name(CheckKind kind) { return kCheckNames.at(static_cast<std::size_t>(kind)); }

bool StageRule::judges(const smbios::Field& field) const {
  return (!only || holds(*only, field)) && !holds(except, field);
}

bool StageRule::judges(Hardware which) const {
  const auto in = [&](const std::vector<Hardware>& list) {
    return std::find(list.begin(), list.end(), which) != list.end();
  };
  return (!only || in(only_hardware)) && !in(except_hardware);
}

const StageRule* Profile::stage(Stage which) const {
  const auto found =
      std::find_if(stages.begin(), stages.end(), [&](const StageRule& rule) { return rule.stage == which; });
  return found == stages.end() ? nullptr : &*found;
}

const FieldRule* Profile::rule(const smbios::Field& field) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const FieldRule& rule) { return rule.field == &field; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace dmigate::profiles
