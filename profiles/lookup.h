// Where files that profiles name are found. Inside this room only.
#pragma once

#include <optional>
#include <string>

#include "profiles/profile.h"
#include "profiles/shipped.h"

namespace dmigate::profiles {

inline constexpr std::string_view kPlaceholdersFile = "placeholders.yaml";

struct Document {
  Node root;
  Sha256 sha256;  ///< of the file's bytes
};
Result<Document> parse_document(std::string_view text, const std::string& file);

struct FoundFile {
  std::string file;           ///< for messages
  Result<Document> document;  ///< an error where the file is there and cannot be read, or does not hold
};

// The first of the catalog's folders that has `relative`, else the one that ships; none when there is none.
std::optional<FoundFile> find_file(const Catalog& catalog, const std::string& relative);

// The lists that ship, and what the placeholders.yaml of each of the catalog's folders adds to them.
struct LoadedPlaceholders {
  std::shared_ptr<const Placeholders> lists;
  std::vector<std::uint8_t> hashes;  ///< SHA-256 of each of the folders' files, one after the other
};
Result<LoadedPlaceholders> load_placeholders(const Catalog& catalog);

// The names of all NAME.yaml that find_file finds below `below` ("" or "tools/"), for "did you mean".
std::vector<std::string> known_names(const Catalog& catalog, std::string_view below);

}  // namespace dmigate::profiles
