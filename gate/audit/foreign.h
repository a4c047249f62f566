// Files that are plainly no dumps: notes, pictures, logs that lie beside them. Inside gate/audit only.
#pragma once

#include <string_view>

#include "smbios/byte_view.h"

namespace dmigate::gate::audit {

// What the file is, as a sentence; empty where it may be a damaged dump. Asked of what no table was found in:
// a dump that is cut, empty or zeroed is none of these.
std::string_view what_else(smbios::Bytes file);

// Whether a file's name ends as an archive's or a compressed file's does: what is none all the same is no
// note that lies beside the dumps.
bool is_named_as_archive(std::string_view path);

}  // namespace dmigate::gate::audit
