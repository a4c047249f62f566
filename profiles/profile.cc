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
constexpr std::array<std::string_view, kAllWitnesses.size()> kWitnessNames = {"nic-mac"};

template <typename List, typename Item>
bool holds(const List& list, const Item& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
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

bool HardwareRules::asks(Hardware which) const {
  switch (which) {
    case Hardware::kSystemDisk:
      return system_disk.has_value();
    case Hardware::kFixedDisks:
      return fixed_disks.has_value();
    case Hardware::kPhysicalNics:
      return physical_nics.has_value();
    case Hardware::kClock:
      return clock.has_value();
  }
  return false;
}

std::string_view witness_name(Witness which) { return kWitnessNames.at(static_cast<std::size_t>(which)); }

std::optional<Witness> find_witness(std::string_view name) {
  for (Witness which : kAllWitnesses) {
    if (witness_name(which) == name) return which;
  }
  return std::nullopt;
}

std::string_view check_name(CheckKind kind) { return kCheckNames.at(static_cast<std::size_t>(kind)); }

std::string FieldName::text() const {
  std::string keyword(field->keyword);
  std::string selected;
  switch (selector.which) {
    case Selector::Which::kChosen:
      return keyword;
    case Selector::Which::kEvery:
      selected = "*";
      break;
    case Selector::Which::kNth:
      selected = std::to_string(selector.number);
      break;
    case Selector::Which::kWhere:
      selected = std::string(selector.by->keyword) + (selector.unlike ? "!=" : "=") + selector.value;
      break;
  }
  return "type-" + std::to_string(field->type) + "[" + selected + "]." + keyword;
}

bool StageRule::judges(const FieldName& field) const {
  return (!only || holds(only->fields, field)) && !holds(except.fields, field);
}

bool StageRule::judges(Hardware which) const {
  return (!only || holds(only->hardware, which)) && !holds(except.hardware, which);
}

bool StageRule::judges_structures() const { return (!only || only->structures) && !except.structures; }

const StageRule* Profile::stage(Stage which) const {
  const auto found =
      std::find_if(stages.begin(), stages.end(), [&](const StageRule& rule) { return rule.stage == which; });
  return found == stages.end() ? nullptr : &*found;
}

const FieldRule* Profile::rule(const FieldName& field) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const FieldRule& rule) { return rule.name() == field; });
  return found == fields.end() ? nullptr : &*found;
}

bool Profile::is_candidate() const { return !match.empty() || (label && label->pattern != nullptr); }

bool Profile::has_witness(Witness which) const {
  return std::any_of(witnesses.begin(), witnesses.end(),
                     [&](const WitnessRule& rule) { return rule.which == which; });
}

}  // namespace dmigate::profiles
