#include "profiles/lookup.h"

#include <filesystem>
#include <system_error>

namespace dmigate::profiles {

namespace fs = std::filesystem;

std::optional<FoundFile> find_file(const Catalog& catalog, const std::string& relative) {
  for (const std::string& folder : catalog.folders) {
    const std::string path = (fs::path(folder) / relative).string();
    std::error_code error;
    // A file that is there and cannot be seen is not passed over: another of that name is not meant.
    if (fs::status(path, error).type() != fs::file_type::not_found) return FoundFile{path, read_text(path)};
  }
  const ShippedFile* shipped = find_shipped(relative);
  if (shipped == nullptr) return std::nullopt;
  return FoundFile{"catalog/" + relative, std::string(shipped->text)};
}

std::vector<std::string> known_names(const Catalog& catalog, std::string_view below) {
  std::vector<std::string> names;
  for (const ShippedFile& file : shipped_files()) {
    if (!file.path.starts_with(below) || file.path == kPlaceholdersFile) continue;
    const std::string_view name = file.path.substr(below.size());
    if (name.find('/') == std::string_view::npos) names.emplace_back(name.substr(0, name.rfind('.')));
  }
  for (const std::string& folder : catalog.folders) {
    std::error_code ignored;  // a folder that cannot be read has no names to offer
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / below, ignored)) {
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    }
  }
  return names;
}

}  // namespace dmigate::profiles
