// Files that are plainly no dumps: notes, pictures, logs that lie beside them. Inside gate/audit only.
#pragma once

#include <string_view>

#include "smbios/byte_view.h"

namespace dmigate::gate::audit {

// What the file is, as a sentence; empty where it may be a damaged dump. Asked of what no table was found in:
// a dump that is cut, empty or zeroed is none of these.
std::string_view what_else(smbios::Bytes file);

}  // namespace dmigate::gate::audit
