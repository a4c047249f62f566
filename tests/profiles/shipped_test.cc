// What is built into the library is what stands in catalog/.
#include "profiles/shipped.h"

#include <doctest/doctest.h>

namespace dmigate::profiles::test {
namespace {

void check_same(const Node& built, const Node& read) {
  CHECK(built.kind == read.kind);
  CHECK(built.mark.line == read.mark.line);
  CHECK(built.mark.column == read.mark.column);
  CHECK(built.text == read.text);
  CHECK(built.quoted == read.quoted);
  REQUIRE(built.items.size() == read.items.size());
  REQUIRE(built.entries.size() == read.entries.size());
  for (std::size_t i = 0; i < built.items.size(); ++i) check_same(built.items[i], read.items[i]);
  for (std::size_t i = 0; i < built.entries.size(); ++i) {
    CHECK(built.entries[i].key == read.entries[i].key);
    CHECK(built.entries[i].mark.line == read.entries[i].mark.line);
    CHECK(built.entries[i].mark.column == read.entries[i].mark.column);
    check_same(built.entries[i].value, read.entries[i].value);
  }
}

TEST_CASE("every file that ships is built in as it stands in the catalog") {
  REQUIRE(shipped_files().size() >= 7);
  for (const ShippedFile& file : shipped_files()) {
    CAPTURE(file.path);
    const auto text = read_text(DMIGATE_SOURCE_DIR "/profiles/catalog/" + std::string(file.path));
    REQUIRE(text);
    CHECK(file.sha256 == sha256(*text));
    const auto root = parse_yaml(*text, std::string(file.path));
    REQUIRE(root);
    check_same(file.root(), *root);
  }
}

}  // namespace
}  // namespace dmigate::profiles::test
