// Opening what a person names.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>

namespace dmigate::smbios {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// To read its bytes; null, and errno says why, where it cannot be opened. Does not wait: a FIFO that nobody
// writes to is empty.
File open_file(const std::filesystem::path& path);

}  // namespace dmigate::smbios
