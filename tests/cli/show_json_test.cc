#include "cli/show_json.h"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "gate/judge/verdict.h"

namespace json = boost::json;
using namespace dmigate;

namespace {

using Buffer = std::vector<std::uint8_t>;

// A Type 1 whose manufacturer is the text.
void add_system(const std::string& text, Buffer& table) {
  table.insert(table.end(), {1, 8, 0, 0, 1, 0, 0, 0});
  table.insert(table.end(), text.begin(), text.end());
  table.insert(table.end(), {0, 0});
}

void add_end(Buffer& table) { table.insert(table.end(), {127, 4, 1, 0, 0, 0}); }

std::vector<std::string> pieces_of(const Buffer& bytes) {
  const smbios::Table table(bytes, {3, 5, 0});
  std::vector<std::string> pieces;
  cli::StructuresJson().write(table, smbios::Handles(table), {},
                              [&](std::string_view piece) { pieces.emplace_back(piece); });
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string all;
  for (const std::string& piece : pieces) all += piece;
  return all;
}

}  // namespace

TEST_CASE("every byte, at every place of a string, comes out as what people may see of it") {
  for (unsigned byte = 1; byte < 256; ++byte) {
    for (std::size_t before = 0; before < 18; ++before) {
      const std::string text =
          std::string(before, 'a') + static_cast<char>(byte) + std::string(before % 5 + 1, 'z');
      CAPTURE(byte);
      CAPTURE(before);
      Buffer table;
      add_system(text, table);
      add_end(table);
      const json::value system = json::parse(joined(pieces_of(table))).at(0);
      const std::string shown = gate::printable(text);
      REQUIRE(system.at("strings").at(0).as_string() == shown);
      REQUIRE(system.at("fields").at(0).at("value").as_string() == shown);
    }
  }
}

TEST_CASE("a large table is given away in small pieces, and they are one array") {
  constexpr std::size_t kStructures = 2000;
  Buffer table;
  for (std::size_t i = 0; i < kStructures; ++i) add_system("system " + std::to_string(i), table);
  add_end(table);
  const auto pieces = pieces_of(table);
  CHECK(pieces.size() > 10);
  for (const std::string& piece : pieces) CHECK(piece.size() < 16384);
  const json::value all = json::parse(joined(pieces));
  REQUIRE(all.as_array().size() == kStructures + 1);
  CHECK(all.at(kStructures - 1).at("strings").at(0).as_string() ==
        "system " + std::to_string(kStructures - 1));
}

TEST_CASE("no structure is an empty array") {
  CHECK(joined(pieces_of({})) == "[]");
  Buffer table;
  add_end(table);
  const smbios::Table end(table, {});
  std::string text;
  cli::StructuresJson().write(end, smbios::Handles(end), {1}, [&](std::string_view piece) { text += piece; });
  CHECK(text == "[]");
}
