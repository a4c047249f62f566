// dmigate registry import and export: units into a registry, and out of it.
#pragma once

#include "cli/registry_commands.h"
#include "gate/registry/registry.h"

namespace dmigate::cli {

Result<Done> import_units(gate::Registry& registry, const Arguments& arguments);
// To the file, or straight to standard output: of a registry of any size a page is held.
Result<Done> export_units(gate::Registry& registry, const Arguments& arguments);

}  // namespace dmigate::cli
