// dmigate profile list, show, lint, diff, test, learn: what the rooms answer, as text or JSON.
#pragma once

#include "cli/registry_commands.h"

namespace dmigate::cli {

Result<Done> profile_command(const Arguments& arguments);

}  // namespace dmigate::cli
