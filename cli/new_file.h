// A file that a command makes: whole or not at all, and never over another.
#pragma once

#include <string>

#include "smbios/result.h"

namespace dmigate::cli {

// Written beside, made durable, then given its name, which must be free.
Result<void> write_new_file(const std::string& path, const std::string& content);

}  // namespace dmigate::cli
