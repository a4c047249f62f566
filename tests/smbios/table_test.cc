#include <doctest/doctest.h>

#include <numeric>

#include "table_builder.h"

namespace dmigate::smbios::test {
namespace {

std::vector<unsigned> types(const Table& table) {
  std::vector<unsigned> found;
  for (const Structure structure : table) found.push_back(structure.type());
  return found;
}

TEST_CASE("a good table gives its structures in order, Type 127 included") {
  const Buffer bytes = good_table();
  CHECK(types(Table(bytes, {})) == std::vector<unsigned>{0, 1, 2, 3, 127});
}

TEST_CASE("nothing after Type 127 is a structure") {
  const Buffer bytes = join({system(), end_of_table(), baseboard("hidden")});
  CHECK(types(Table(bytes, {})) == std::vector<unsigned>{1, 127});
}

TEST_CASE("an inactive structure is given like any other") {
  const Buffer bytes = join({structure(126, 9, {1, 2, 3}), system(), end_of_table()});
  CHECK(types(Table(bytes, {})) == std::vector<unsigned>{126, 1, 127});
}

TEST_CASE("an empty table has no structure") {
  const Table table(Bytes{}, {});
  CHECK(table.begin() == table.end());
  CHECK(table.count(1) == 0);
  CHECK_FALSE(table.first(1));
  CHECK_FALSE(table.baseboard());
}

TEST_CASE("a structure knows its place, size, handle and strings") {
  const Buffer bytes = join({bios(0x1234), system(), end_of_table()});
  const Table table(bytes, {});
  const Structure first = *table.begin();
  CHECK(first.offset() == 0);
  CHECK(first.handle() == 0x1234);
  CHECK(first.length() == 0x1A);
  CHECK(first.size() == bios().size());
  CHECK(first.string_count() == 3);
  CHECK(first.string(1) == "American Megatrends");
  CHECK(first.string(3) == "11/20/2026");
  CHECK_FALSE(first.string(0));
  CHECK_FALSE(first.string(4));
  CHECK_FALSE(first.string(~0U));
  CHECK(table.first(1)->offset() == first.size());
}

TEST_CASE("a structure without strings has two NULs and no string") {
  const Buffer bytes = join({structure(32, 5, {1, 2, 3}), end_of_table()});
  const Structure first = *Table(bytes, {}).begin();
  CHECK(first.string_count() == 0);
  CHECK(first.strings().empty());
  CHECK_FALSE(first.string(1));
  CHECK(first.size() == bytes.size() - end_of_table().size());
}

TEST_CASE("an empty string ends the set, as readers of the line see it") {
  Buffer bytes = {11, 5, 0, 0, 2, 0, 'A', 0, 0};
  append(bytes, end_of_table());
  const Table table(bytes, {});
  CHECK(types(table) == std::vector<unsigned>{11, 127});
  CHECK((*table.begin()).string_count() == 0);
  CHECK_FALSE((*table.begin()).string(1));
}

TEST_CASE("a structure that the table ends inside of is not given") {
  const Buffer whole = join({bios(), system()});
  for (std::size_t size = bios().size(); size < whole.size(); ++size) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(types(Table(cut, {})) == std::vector<unsigned>{0});
  }
}

TEST_CASE("a length below 4 ends the walk") {
  for (std::uint8_t length = 0; length < 4; ++length) {
    Buffer bytes = join({bios(), system(), end_of_table()});
    bytes[bios().size() + 1] = length;
    CHECK(types(Table(bytes, {})) == std::vector<unsigned>{0});
  }
}

TEST_CASE("structures are found by type and by handle") {
  const Buffer bytes = join({chassis(3, 0x30), chassis(0x17, 0x31), system(), end_of_table()});
  const Table table(bytes, {});
  CHECK(table.count(3) == 2);
  CHECK(table.first(3)->handle() == 0x30);
  CHECK(table.by_handle(0x31)->type() == 3);
  CHECK_FALSE(table.by_handle(0x32));
  CHECK(table.chosen(3)->handle() == 0x30);
}

TEST_CASE("many types are chosen in one walk as each by itself") {
  const auto same = [](const std::optional<Structure>& a, const std::optional<Structure>& b) {
    return a.has_value() == b.has_value() && (!a || a->offset() == b->offset());
  };
  const auto check = [&](const Table& table, const std::vector<int>& types) {
    Table::ChosenByType chosen;
    for (const int type : types) chosen.try_emplace(static_cast<std::uint8_t>(type));
    table.choose(chosen);
    for (const auto& [type, structure] : chosen) CHECK(same(structure, table.chosen(type)));
    table.choose(chosen);
    for (const auto& [type, structure] : chosen) CHECK(same(structure, table.chosen(type)));
  };
  std::vector<int> all(256);
  std::iota(all.begin(), all.end(), 0);
  for (const std::uint8_t last : {std::uint8_t{0x01}, std::uint8_t{0x0A}}) {
    const Buffer bytes =
        join({baseboard("riser", 0x09, 0x01, 0x20), chassis(3, 0x30), baseboard("plain", 0x0B, 0x00, 0x21),
              chassis(0x17, 0x31), system(), baseboard("last", last, 0x00, 0x22), end_of_table()});
    for (const auto& types : {all, {2}, {1, 2}, {3}, {1, 2, 3, 77}, {}}) check(Table(bytes, {}), types);
  }
}

TEST_CASE("of several Type 2 the baseboard is the motherboard by type") {
  const Buffer bytes = join({baseboard("riser", 0x09, 0x01, 0x20), baseboard("mother", 0x0A, 0x00, 0x21),
                             baseboard("second mother", 0x0A, 0x01, 0x22), end_of_table()});
  CHECK(Table(bytes, {}).baseboard()->handle() == 0x21);
}

TEST_CASE("of several Type 2 without a motherboard the hosting one is the baseboard") {
  const Buffer bytes = join({baseboard("riser", 0x09, 0x08, 0x20), baseboard("hosting", 0x02, 0x01, 0x21),
                             baseboard("also hosting", 0x02, 0x01, 0x22), end_of_table()});
  CHECK(Table(bytes, {}).baseboard()->handle() == 0x21);
}

TEST_CASE("of several Type 2 that say nothing the first is the baseboard") {
  const Buffer shortest = {1, 2, 0, 3};  // 08h bytes: no features, no type
  const Buffer bytes = join({structure(2, 0x20, shortest, {"a", "b", "c"}),
                             structure(2, 0x21, shortest, {"a", "b", "c"}), end_of_table()});
  CHECK(Table(bytes, {}).baseboard()->handle() == 0x20);
}

TEST_CASE("the view refuses what lies outside, however large the numbers") {
  const Buffer bytes = {1, 2, 3, 4};
  const ByteView view{Bytes(bytes)};
  CHECK_FALSE(view.sub(0, 5));
  CHECK_FALSE(view.sub(5, 0));
  CHECK_FALSE(view.sub(1, SIZE_MAX));
  CHECK_FALSE(view.sub(SIZE_MAX, 1));
  CHECK_FALSE(view.byte(4));
  CHECK_FALSE(view.number(3, 2));
  CHECK_FALSE(view.number(0, 0));
  CHECK_FALSE(view.number(0, 9));
  CHECK(view.sub(4, 0)->empty());
  CHECK(view.number(0, 4) == 0x04030201U);
  CHECK(view.from(UINT64_MAX).empty());
  CHECK(view.first(UINT64_MAX).size() == 4);
  CHECK_FALSE(view.find_two_nuls(SIZE_MAX - 1));
}

}  // namespace
}  // namespace dmigate::smbios::test
