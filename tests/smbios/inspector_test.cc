// What an Inspector says of a table is what inspect() says, whatever it was shown before.
#include "smbios/inspector.h"

#include <doctest/doctest.h>

#include <random>

#include "shared_dumps.h"
#include "table_builder.h"

namespace dmigate::smbios::test {
namespace {

bool same(const Defect& a, const Defect& b) {
  return a.kind == b.kind && a.offset == b.offset && a.type == b.type && a.handle == b.handle &&
         a.found == b.found && a.expected == b.expected && a.field == b.field;
}

void check_same(Inspector& inspector, const Layout& layout) {
  const auto quick = inspector.inspect(layout);
  const auto slow = inspect(layout);
  REQUIRE(quick.size() == slow.size());
  for (std::size_t i = 0; i < slow.size(); ++i) REQUIRE(same(quick[i], slow[i]));
}

// The table with one byte changed, `rounds` times, each shown twice: afresh and remembered.
void check_changed(Inspector& inspector, Buffer table, int rounds, std::mt19937& random) {
  const Version versions[] = {{2, 4, 0}, {3, 2, 0}, {3, 7, 0}, {9, 0, 0}, {}};
  for (int round = 0; round < rounds; ++round) {
    std::uint8_t& byte = table[random() % table.size()];
    const std::uint8_t before = byte;
    byte = static_cast<std::uint8_t>(random());
    Layout layout;
    layout.table = table;
    layout.version = versions[random() % std::size(versions)];
    check_same(inspector, layout);
    check_same(inspector, layout);
    if (round % 3 != 0) byte = before;
  }
}

TEST_CASE("an inspector that has seen other tables says of each what a fresh look says") {
  std::mt19937 random(20261120);
  Inspector inspector;
  Buffer table = good_table();
  table.resize(table.size() - end_of_table().size());
  for (int n = 0; n < 40; ++n) {
    append(table, structure(static_cast<std::uint8_t>(4 + n), static_cast<Handle>(0x100 + n), Buffer(0x40, 2),
                            {"A", " padded", "\x01"}));
  }
  append(table, end_of_table());
  check_changed(inspector, table, 4000, random);
  check_changed(inspector, good_table(), 2000, random);
}

TEST_CASE("a structure that stands elsewhere, or in a table of another version, is looked at for that one") {
  Inspector inspector;
  const Buffer odd = structure(9, 0x90, Buffer(0x09, 0), {"slot"});
  for (const Version version : {Version{2, 0, 0}, Version{3, 2, 0}, Version{}}) {
    for (const Buffer& table : {join({odd, good_table()}), join({bios(), odd, good_table()}), good_table()}) {
      Layout layout;
      layout.table = table;
      layout.version = version;
      check_same(inspector, layout);
    }
  }
}

TEST_CASE("a handle that is there in one table and not in the next dangles in the next") {
  Inspector inspector;
  Buffer array = structure(16, 0x10, Buffer(0x0B, 3), {});
  Buffer device = structure(17, 0x11, Buffer(0x11, 0), {"DIMM"});
  device[4] = 0x10;  // of the array
  device[5] = 0;
  for (const Buffer& table : {join({array, device, end_of_table()}), join({device, end_of_table()}),
                              join({array, device, end_of_table()})}) {
    Layout layout;
    layout.table = table;
    layout.version = {3, 2, 0};
    check_same(inspector, layout);
  }
}

TEST_CASE("structures with very many faults, and very long ones, are told in full each time") {
  Inspector inspector;
  std::vector<std::string> strings(200, "\x01 \x02");
  const Buffer faulty = structure(221, 0x20, Buffer(0x10, 1), strings);
  const Buffer longest = structure(221, 0x21, Buffer(0x10, 1), {std::string(70'000, 'x')});
  for (int round = 0; round < 3; ++round) {
    const Buffer table = join({faulty, longest, good_table()});
    Layout layout;
    layout.table = table;
    layout.version = {2, 4, 0};
    check_same(inspector, layout);
  }
}

TEST_CASE("of real machines an inspector says what a fresh look says") {
  std::mt19937 random(7);
  Inspector inspector;
  for (const SharedDump& dump : manifest_or_message()) {
    const auto source = Source::open(dump.path());
    if (!source) continue;
    check_same(inspector, source->layout());
    check_same(inspector, source->layout());
    const Bytes table = source->layout().table;
    check_changed(inspector, {table.begin(), table.end()}, 200, random);
  }
}

}  // namespace
}  // namespace dmigate::smbios::test
