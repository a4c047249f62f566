// A file that is never there by half: it is written beside its place, and takes it when it is whole and on
// the disk.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dmigate::line {

// Only its owner may read it, but for what `prepare` makes of it by its descriptor; where that returns false,
// errno says why. Returns 0, or the number of the system's error: then nothing has changed.
int replace_file(const std::string& file, std::string_view text,
                 const std::function<bool(int fd)>& prepare = {});

}  // namespace dmigate::line
