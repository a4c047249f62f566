// Pictures of the page, as SVG. Inside gate/audit only.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "gate/audit/summary.h"

namespace dmigate::gate::audit {

// Text of anywhere as text of a page: every byte is shown, none is markup.
std::string escaped(std::string_view text);

std::uint64_t total_of(std::span<const RuleCount> rules);

std::string whole_bar(const Counts& counts);  ///< pass, fail and error as parts of one bar
std::string model_bar(const Counts& counts);  ///< the same, small
// A bar for each rule, and a line of what they and those above make up of `total` together.
std::string pareto(std::span<const RuleCount> rules, std::uint64_t total);

}  // namespace dmigate::gate::audit
