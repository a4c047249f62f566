#include "line-integration/agent/platform.h"

#include <array>
#include <cstdio>

#include "smbios/open_file.h"

namespace dmigate::agent {

std::string text_of_file(const std::string& path) {
  constexpr std::size_t kLargest = 64 * 1024;
  std::string text;
  const smbios::File file = smbios::open_file(path_of(path));
  if (!file) return text;
  std::array<char, 4096> part = {};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file.get())) {
    text.append(part.data(), size);
    if (text.size() > kLargest) return {};
  }
  return text;
}

}  // namespace dmigate::agent
