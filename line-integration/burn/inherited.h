// What a command of a line gets of the environment that its starter has. Whatever else is there (preloaded
// libraries, passwords, another unit's variables) stays out.
#pragma once

#include <span>
#include <string_view>

namespace dmigate::line {

// Taken over where they are set.
std::span<const std::string_view> inherited_variables();

}  // namespace dmigate::line
