// dmigate code: the code of a unit, and which fields differ from one that was read out.
#pragma once

#include "cli/arguments.h"
#include "cli/registry_commands.h"

namespace dmigate::cli {

// Ends with 0 where a comparison finds nothing changed, 1 where it does, and 3 where it does not and some
// fields are not known.
Result<Done> code_command(const Arguments& arguments);

}  // namespace dmigate::cli
