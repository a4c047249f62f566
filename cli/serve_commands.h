// dmigate serve: the service, and the tokens of those who ask it.
#pragma once

#include "cli/registry_commands.h"

namespace dmigate::cli {

Result<Done> serve_command(const Arguments& arguments);

}  // namespace dmigate::cli
