// The environment of the commands of a line: a short list, and what is said of the unit. Whatever else
// the station's environment holds (preloaded libraries, passwords, another unit's variables) stays out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/judge/verdict.h"
#include "line-integration/burn/inherited.h"

namespace dmigate::line {

// "NAME=value" each: the inherited ones, those of `passed` (station.yaml's pass_environment), and
// DMIGATE_UNIT, DMIGATE_STAGE … of the verdict that let the command start; what is empty is left out.
std::vector<std::string> command_environment(const gate::Verdict& verdict,
                                             const std::vector<std::string>& passed);

// A name that a variable may have, and that dmigate does not set itself.
bool may_be_passed(std::string_view name);

}  // namespace dmigate::line
