// dmigate trace: all that is known of a unit, as text and JSON.
#pragma once

#include "cli/registry_commands.h"
#include "gate/registry/registry.h"

namespace dmigate::cli {

// Exit status 0 where something is known, 1 where nothing is.
Result<Done> trace(gate::Registry& registry, const Arguments& arguments);

}  // namespace dmigate::cli
