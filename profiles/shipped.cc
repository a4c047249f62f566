#include "profiles/shipped.h"

#include <algorithm>

namespace dmigate::profiles {

const ShippedFile* find_shipped(std::string_view path) {
  const auto files = shipped_files();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace dmigate::profiles
