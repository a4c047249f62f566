// The rules on what is beside the table: disks, network cards, the clock, WMI's answers, and whether an
// inventory is of this unit.
#pragma once

#include <vector>

#include "gate/judge/judge.h"

namespace dmigate::gate {

// Adds what is wrong with the hardware that the stage judges. What WMI answered and what an inventory
// states is judged whenever it is there; a rule whose evidence is not there is evidence.missing.
void judge_hardware(const Question& question, std::vector<Finding>& findings);

}  // namespace dmigate::gate
