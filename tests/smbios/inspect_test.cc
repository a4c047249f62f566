#include <doctest/doctest.h>

#include "table_builder.h"

namespace dmigate::smbios::test {
namespace {

Layout layout_of(const Buffer& table, Version version = {3, 2, 0}) {
  Layout layout;
  layout.table = table;
  layout.version = version;
  return layout;
}
std::vector<Defect> inspected(const Buffer& table, Version version = {3, 2, 0}) {
  return inspect(layout_of(table, version));
}

TEST_CASE("nothing is wrong with a good table") { CHECK(rules(inspected(good_table())) == ""); }

TEST_CASE("a table cut inside a structure names that structure") {
  Buffer table = good_table();
  const std::size_t board = bios().size() + system().size();
  table.resize(board + 20);
  const auto defects = inspected(table);
  CHECK(rules(defects) == "table.truncated table.no-end");
  CHECK(defects[0].offset == board);
  CHECK(defects[0].type == 2);
  CHECK(defects[0].handle == 2);
}
TEST_CASE("a table cut inside a structure's header says so without reading further") {
  const std::size_t board = bios().size() + system().size();
  for (std::size_t extra = 1; extra < 4; ++extra) {
    Buffer table = good_table();
    table.resize(board + extra);
    CHECK(rules(inspected(table)) == "table.truncated table.no-end");
    CHECK_FALSE(inspected(table)[0].handle);
  }
}
TEST_CASE("a table without Type 127 says so, padded with zeros or not") {
  Buffer table = join({bios(), system(), baseboard("MB-1"), chassis()});
  CHECK(rules(inspected(table)) == "table.no-end");
  table.resize(table.size() + 296);
  CHECK(rules(inspected(table)) == "table.no-end");
}
TEST_CASE("a table that ends between structures before its announced end is truncated") {
  const Buffer table = join({bios(), system(), baseboard("MB-1"), chassis()});
  Layout layout = layout_of(table);
  layout.entry_point_kind = EntryPointKind::kSmbios3;
  layout.announced_bytes = 5809;
  const auto defects = inspect(layout);
  CHECK(rules(defects) == "table.truncated table.no-end");
  CHECK(defects[0].found == table.size());
  CHECK(defects[0].expected == 5809);
}
TEST_CASE("a length below 4 is reported where the walk stops") {
  Buffer table = good_table();
  table[bios().size() + system().size() + 1] = 3;
  const auto defects = inspected(table);
  CHECK(rules(defects) == "table.bad-length table.no-end");
  CHECK(defects[0].offset == bios().size() + system().size());
  CHECK(defects[0].found == 3);
  CHECK(defects[0].handle == 2);
}
TEST_CASE("a handle that comes twice is reported once") {
  const Buffer table = join({bios(7), system(), baseboard("a", 0x0A, 9, 7), chassis(3, 7), end_of_table()});
  const auto defects = inspected(table);
  CHECK(rules(defects) == "table.duplicate-handle");
  CHECK(defects[0].found == 7);
  CHECK(defects[0].type == 2);
}
TEST_CASE("bytes after Type 127 are reported, zeros are not") {
  Buffer table = good_table();
  table.resize(table.size() + 16);
  CHECK(rules(inspected(table)) == "");
  table.back() = 0x5A;
  const auto defects = inspected(table);
  CHECK(rules(defects) == "table.trailing-data");
  CHECK(defects[0].offset == good_table().size());
}
TEST_CASE("a table without Type 1, and one with several") {
  CHECK(rules(inspected(join({bios(), end_of_table()}))) == "structure.missing");
  const auto defects =
      inspected(join({bios(), system(), system({"x"}, 8), system({"y"}, 9), end_of_table()}));
  CHECK(rules(defects) == "structure.repeated");
  CHECK(defects[0].found == 3);
  CHECK(defects[0].handle == 8);
}
TEST_CASE("a structure shorter than its version asks is reported with both lengths") {
  const Buffer table = join({bios(), structure(1, 1, Buffer(0x15), {"a"}), end_of_table()});  // 19h
  CHECK(rules(inspected(table, {2, 3})) == "");
  CHECK(rules(inspected(table, {})) == "");
  const auto defects = inspected(table, {2, 4});
  CHECK(rules(defects) == "structure.short");
  CHECK(defects[0].found == 0x19);
  CHECK(defects[0].expected == 0x1B);
}
TEST_CASE("every structure at its minimum length is long enough") {
  struct Case {
    std::uint8_t type;
    Version version;
    std::uint8_t minimum;
  };
  for (const Case& is :
       {Case{0, {2, 0}, 0x12}, Case{0, {2, 3}, 0x14}, Case{0, {2, 4}, 0x18}, Case{0, {3, 0}, 0x18},
        Case{0, {3, 1}, 0x1A}, Case{1, {2, 0}, 0x08}, Case{1, {2, 1}, 0x19}, Case{1, {2, 4}, 0x1B},
        Case{2, {3, 9}, 0x08}, Case{3, {2, 0}, 0x09}, Case{3, {2, 1}, 0x0D}, Case{3, {3, 9}, 0x0D}}) {
    const auto with = [&](std::size_t length) {
      const auto table = join({structure(is.type, 0x50, Buffer(length - 4)), end_of_table()});
      return has(inspected(table, is.version), DefectKind::kShortStructure);
    };
    CAPTURE(unsigned{is.type});
    CHECK_FALSE(with(is.minimum));
    CHECK(with(is.minimum - 1U));
  }
}
TEST_CASE("of one kind no more than a number of defects are kept, however long the table") {
  Buffer table;
  for (int i = 0; i < 10000; ++i) append(table, structure(3, static_cast<Handle>(i / 2), {}));
  const auto defects = inspected(join({table, system(), end_of_table()}));
  CHECK(count(defects, DefectKind::kShortStructure) == kMaxDefects);
  CHECK(count(defects, DefectKind::kDuplicateHandle) == kMaxDefects);
}
TEST_CASE("defects of the layout come first") {
  const Buffer table = join({bios(), end_of_table()});
  Layout layout = layout_of(table);
  layout.defects.push_back({DefectKind::kChecksum, 0, std::nullopt, std::nullopt, 5, 0});
  CHECK(rules(inspect(layout)) == "table.checksum structure.missing");
}
TEST_CASE("every kind has its own rule id") {
  std::vector<std::string_view> ids;
  for (unsigned kind = 0; kind <= static_cast<unsigned>(DefectKind::kShortStructure); ++kind) {
    ids.push_back(rule_id(static_cast<DefectKind>(kind)));
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  CHECK(std::find(ids.begin(), ids.end(), "table.unknown") == ids.end());
}

}  // namespace
}  // namespace dmigate::smbios::test
