// permit keygen and notify: what a line needs beside its gate.
#pragma once

#include "cli/arguments.h"
#include "cli/registry_commands.h"

namespace dmigate::cli {

Result<Done> line_command(const Arguments& arguments);

}  // namespace dmigate::cli
