// The ids of all rules, which waivers name: an id never changes. What each says stands in gate/judge.
#pragma once

#include <span>
#include <string_view>

namespace dmigate::profiles {

std::span<const std::string_view> rule_ids();  ///< in alphabetical order
bool is_rule_id(std::string_view id);
// Not what tells units apart, holds the order of the line, or says that something was not judged.
bool can_be_waived(std::string_view id);

}  // namespace dmigate::profiles
