#include "line-integration/station/environment.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace dmigate::line {
namespace {

// What a command is told of its unit.
struct Told {
  std::string_view name;
  std::string (*value)(const gate::Verdict&);
};

constexpr Told kTold[] = {
    {"DMIGATE_UNIT", [](const gate::Verdict& v) { return v.label; }},
    {"DMIGATE_UNIT_ID", [](const gate::Verdict& v) { return v.unit; }},
    {"DMIGATE_STAGE",
     [](const gate::Verdict& v) {
       return v.stage ? std::string(profiles::stage_name(*v.stage)) : std::string();
     }},
    {"DMIGATE_MODEL", [](const gate::Verdict& v) { return v.profile ? v.profile->name : std::string(); }},
    {"DMIGATE_SOURCE", [](const gate::Verdict& v) { return v.source ? v.source->path : std::string(); }},
    {"DMIGATE_STATION", [](const gate::Verdict& v) { return v.station.id; }},
    {"DMIGATE_LINE", [](const gate::Verdict& v) { return v.station.line; }},
    {"DMIGATE_OPERATOR", [](const gate::Verdict& v) { return v.station.operator_name; }},
    {"DMIGATE_WORK_ORDER", [](const gate::Verdict& v) { return v.station.work_order; }},
    {"DMIGATE_LOT", [](const gate::Verdict& v) { return v.station.lot; }},
    {"DMIGATE_SHIFT", [](const gate::Verdict& v) { return v.station.shift; }},
    {"DMIGATE_RECORD",
     [](const gate::Verdict& v) { return v.station_seq ? std::to_string(*v.station_seq) : std::string(); }},
};

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

}  // namespace

std::vector<std::string> command_environment(const gate::Verdict& verdict,
                                             const std::vector<std::string>& passed) {
  const auto inherited = inherited_variables();
  std::vector<std::string> names(inherited.begin(), inherited.end());
  for (const std::string& name : passed) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  std::vector<std::string> variables;
  for (const std::string& name : names) {
    if (const char* value = std::getenv(name.c_str())) variables.push_back(name + "=" + value);
  }
  for (const Told& told : kTold) {
    // What was scanned may hold anything; a NUL would end the variable there.
    const std::string value = told.value(verdict);
    if (!value.empty() && value.find('\0') == std::string::npos)
      variables.push_back(std::string(told.name) + "=" + value);
  }
  return variables;
}

bool may_be_passed(std::string_view name) {
  const auto good = [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, good) &&
         std::ranges::find(kTold, name, &Told::name) == std::end(kTold);
}

}  // namespace dmigate::line
