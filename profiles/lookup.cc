#include "profiles/lookup.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace dmigate::profiles {

namespace fs = std::filesystem;

Result<Document> parse_document(std::string_view text, const std::string& file) {
  return parse_yaml(text, file).map([&](Node&& root) { return Document{std::move(root), sha256(text)}; });
}

namespace {

std::optional<FoundFile> find_in(const std::string& folder, const std::string& relative) {
  const std::string path = (fs::path(folder) / relative).string();
  std::error_code error;
  // A file that is there and cannot be seen is not passed over: another of that name is not meant.
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) {
    // Nor is a folder that is misspelt, or on a share that is not mounted: other rules than the plant's would
    // count.
    if (fs::is_directory(folder, error)) return std::nullopt;
    return FoundFile{folder,
                     fail("the folder of profiles is not there", folder,
                          "check the name, and whether its share is mounted", ErrorKind::kConfiguration)};
  }
  return FoundFile{
      path, read_text(path).and_then([&](const std::string& text) { return parse_document(text, path); })};
}

}  // namespace

std::optional<FoundFile> find_file(const Catalog& catalog, const std::string& relative) {
  for (const std::string& folder : catalog.folders) {
    if (auto found = find_in(folder, relative)) return found;
  }
  const ShippedFile* shipped = find_shipped(relative);
  if (shipped == nullptr) return std::nullopt;
  return FoundFile{"catalog/" + relative, Document{shipped->root(), shipped->sha256}};
}

Catalog with_folder_of(Catalog catalog, const std::string& file) {
  const fs::path parent = fs::path(file).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  std::error_code error;
  const bool known = std::any_of(
      catalog.folders.begin(), catalog.folders.end(),
      [&](const std::string& each) { return each == folder || fs::equivalent(each, folder, error); });
  if (!known) catalog.folders.push_back(folder);
  return catalog;
}

Result<LoadedPlaceholders> load_placeholders(const Catalog& catalog) {
  auto lists = std::make_shared<Placeholders>();
  LoadedPlaceholders loaded{lists, {}};
  const std::string shipped = "catalog/" + std::string(kPlaceholdersFile);
  if (auto added = lists->add(find_shipped(kPlaceholdersFile)->root(), shipped); !added) {
    return tl::unexpected(added.error());
  }
  for (const std::string& folder : catalog.folders) {
    const auto found = find_in(folder, std::string(kPlaceholdersFile));
    if (!found) continue;
    const auto added = found->document.and_then([&](const Document& document) -> Result<void> {
      loaded.hashes.insert(loaded.hashes.end(), document.sha256.begin(), document.sha256.end());
      return lists->add(document.root, found->file);
    });
    if (!added) return tl::unexpected(added.error());
  }
  return loaded;
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
      if (entry.path().extension() == ".yaml" && entry.path().filename() != kPlaceholdersFile)
        names.push_back(entry.path().stem().string());
    }
  }
  return names;
}

}  // namespace dmigate::profiles
