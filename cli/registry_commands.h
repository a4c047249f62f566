// dmigate registry …: what the registry answers, as text or JSON.
#pragma once

#include <string>

#include "cli/arguments.h"

namespace dmigate::cli {

struct Done {
  std::string text;
  int status;
};
Result<Done> registry_command(const Arguments& arguments);

}  // namespace dmigate::cli
