// What is still there after a loss of power.
#pragma once

#include <string>
#include <string_view>

namespace dmigate::line {

// Writes all of it and waits until it is on the disk; false: errno says why not.
bool write_durably(int fd, std::string_view text);
// So that a new name in the folder survives as well; empty: the current one.
bool sync_folder(const std::string& folder);

}  // namespace dmigate::line
