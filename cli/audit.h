// dmigate audit: a batch judged, and what is printed of it.
#pragma once

#include <string>

#include "cli/arguments.h"
#include "cli/registry_commands.h"

namespace dmigate::cli {

// The summary. Reports that could not be written are told on stderr.
Result<Done> audit_command(const Arguments& arguments);

}  // namespace dmigate::cli
