#include <doctest/doctest.h>

#include <bit>

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
  CHECK(rules(defects) == "table.duplicate-handle structure.dangling-handle");
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
  const std::vector<std::string> strings = {"a", "b", "c", "d", "e", "f"};
  const auto defects =
      inspected(join({bios(), system(), system(strings, 8), system(strings, 9), end_of_table()}));
  CHECK(rules(defects) == "structure.repeated");
  CHECK(defects[0].found == 3);
  CHECK(defects[0].handle == 8);
}
TEST_CASE("a structure shorter than its version asks is reported with both lengths") {
  const Buffer table = join({bios(), structure(1, 1, Buffer(0x15), {"a"}), end_of_table()});  // 19h
  CHECK_FALSE(has(inspected(table, {2, 3}), DefectKind::kShortStructure));
  CHECK_FALSE(has(inspected(table, {}), DefectKind::kShortStructure));
  const auto defects = inspected(table, {2, 4});
  CHECK(count(defects, DefectKind::kShortStructure) == 1);
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

// ---- conformance

// The good table with one structure in the place of its like.
Buffer with(const Buffer& other) {
  Buffer table;
  for (const Buffer& part : {bios(), system(), baseboard("MB-1"), chassis()}) {
    append(table, part[0] == other[0] ? other : part);
  }
  return join({table, end_of_table()});
}
Buffer changed(Buffer structure, std::size_t at, std::uint8_t to) {
  structure.at(at) = to;
  return structure;
}
std::string keyword(const Defect& defect) {
  return defect.field == nullptr ? "" : std::string(defect.field->keyword);
}
// "rule keyword found/expected", of the only defect.
std::string only(const std::vector<Defect>& defects) {
  if (defects.size() != 1) return std::to_string(defects.size()) + ": " + rules(defects);
  return std::string(rule_id(defects[0].kind)) + " " + keyword(defects[0]) + " " +
         std::to_string(defects[0].found) + "/" + std::to_string(defects[0].expected);
}

TEST_CASE(
    "a table newer than the specification that we know is read, with a warning, and its values are not "
    "judged") {
  const Buffer table = with(changed(chassis(), 0x09, 0x77));
  CHECK(only(inspected(table, {3, 9, 5})) == "structure.out-of-spec chassis-boot-up-state 119/0");
  CHECK(only(inspected(table, {3, 10})) == "table.newer-version  778/777");
  CHECK(only(inspected(good_table(), {4, 0})) == "table.newer-version  1024/777");
}
TEST_CASE("handles from FF00h up are reserved") {
  const auto defects = inspected(join({bios(), system(), chassis(), end_of_table(0xFF00)}));
  CHECK(only(defects) == "table.reserved-handle  65280/65280");
  CHECK(inspected(join({bios(), system(), chassis(), end_of_table(0xFEFF)})).empty());
}
TEST_CASE("a handle that no structure has is named with its field; FFFFh names none") {
  CHECK(only(inspected(with(changed(baseboard("MB-1"), 0x0B, 9)))) ==
        "structure.dangling-handle baseboard-chassis-handle 9/0");
  CHECK(inspected(with(changed(changed(baseboard("MB-1"), 0x0B, 0xFF), 0x0C, 0xFF))).empty());
  const Buffer self = changed(baseboard("MB-1"), 0x0B, 2);  // to itself
  CHECK(inspected(with(self)).empty());
}
TEST_CASE("handles in a list are held as well, and a list beyond its structure is one finding") {
  Buffer board = structure(2, 2, {1, 2, 0, 3, 4, 9, 5, 3, 0, 0x0A, 2, 1, 0, 0x44, 0},
                           {"THTF", "H310CM-A", "MB-1", "Asset", "Default"});
  CHECK(only(inspected(with(board))) == "structure.dangling-handle baseboard-contained-handles 68/0");
  board[0x11] = 3;
  board[0x0E] = 7;
  CHECK(only(inspected(with(board))) == "structure.bad-list baseboard-contained-handles 19/29");
}
TEST_CASE("a string number beyond the set is named with its field") {
  CHECK(only(inspected(with(changed(chassis(), 0x08, 6)))) == "structure.bad-string chassis-asset-tag 6/5");
  CHECK(only(inspected(with(changed(chassis(), 0x15, 9)))) == "structure.bad-string chassis-sku-number 9/5");
}
TEST_CASE("strings: what is no ASCII, no UTF-8, a control character, or a blank at an end") {
  const auto serial = [](const std::string& text, Version version) {
    return only(inspected(with(baseboard(text)), version));
  };
  const std::string none = "0: ";
  CHECK(serial("\xC3\xA9", {3, 5}) == none);
  CHECK(serial("\xE4\xB8\xAD\xF0\x9F\x98\x80", {}) == none);
  CHECK(serial("\xC3\xA9", {3, 4}) == "structure.charset  3/0");
  for (const char* bad :
       {"\xFF", "\xC3", "\xC3(", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8", "\x80"}) {
    CHECK(serial(bad, {3, 5}) == "structure.charset  3/0");
  }
  CHECK(serial("a\x01z", {3, 5}) == "structure.control-character  3/0");
  CHECK(serial("a\x7Fz", {3, 5}) == "structure.control-character  3/0");
  CHECK(serial(" a", {3, 5}) == "structure.padded-string  3/0");
  CHECK(serial("a ", {3, 5}) == "structure.padded-string  3/0");
  CHECK(serial("a b~", {3, 5}) == none);
}
TEST_CASE("a string of more than 64 bytes is too long up to 2.6") {
  const std::string longest(64, 'x');
  CHECK(inspected(with(baseboard(longest)), {2, 6}).empty());
  CHECK(only(inspected(with(baseboard(longest + "y")), {2, 6, 1})) == "structure.long-string  65/64");
  CHECK(inspected(with(baseboard(longest + "y")), {2, 7}).empty());
}
TEST_CASE("of several boards the chosen one is named, and why it is") {
  const auto boards = [](const Buffer& first, const Buffer& second) {
    return inspected(join({bios(), system(), first, second, chassis(), end_of_table()}));
  };
  const Buffer other = baseboard("MB-1", 0x09, 0, 2), hosting = baseboard("MB-2", 0x09, 1, 8),
               mother = baseboard("MB-3", 0x0A, 0, 9);
  CHECK(only(boards(other, mother)) == "structure.several-baseboards  2/2");
  CHECK(boards(other, mother)[0].handle == 9);
  CHECK(only(boards(other, hosting)) == "structure.several-baseboards  2/1");
  CHECK(boards(other, hosting)[0].handle == 8);
  CHECK(only(boards(other, baseboard("MB-2", 0x09, 0, 8))) == "structure.several-baseboards  2/0");
  CHECK(boards(other, baseboard("MB-2", 0x09, 0, 8))[0].handle == 2);
}
TEST_CASE("enumeration values and bits outside the specification are named with their field") {
  CHECK(only(inspected(with(changed(chassis(), 0x05, 0x7E)))) == "structure.out-of-spec chassis-type 126/0");
  CHECK(only(inspected(with(changed(system(), 0x18, 9)))) == "structure.out-of-spec system-wake-up-type 9/0");
  CHECK(only(inspected(with(changed(baseboard("MB-1"), 0x09, 0x29)))) ==
        "structure.reserved-bits baseboard-features 32/0");
  CHECK(only(inspected(with(changed(bios(), 0x0A, 0x01)))) ==
        "structure.reserved-bits bios-characteristics 1/0");
  CHECK(inspected(with(changed(bios(), 0x0E, 0xFF))).empty());  // a vendor's
}
// One structure of the field's type, zeros but for the value, in a table of the version.
std::vector<Defect> newer_values(const Field& field, std::uint64_t stored, Version version) {
  Buffer body(0x60);
  const std::uint64_t mask = field.mask & (~std::uint64_t{0} >> (64 - 8 * field.width));
  put_number(body, field.offset - kHeaderBytes, field.width, stored << std::countr_zero(mask));
  auto defects = inspected(join({structure(field.type, 9, body), end_of_table()}), version);
  std::erase_if(defects, [&](const Defect& defect) {
    return defect.kind != DefectKind::kNewerValue || defect.field != &field;
  });
  return defects;
}
TEST_CASE("a value or bit is a warning in a table of an older version than it is, and in no other") {
  constexpr Version kVersions[] = {{2, 0}, {2, 1}, {2, 2}, {2, 3}, {2, 4}, {2, 5}, {2, 6}, {2, 7}, {2, 8},
                                   {3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}, {3, 5}, {3, 6}, {3, 7}, {3, 8}};
  std::size_t tried = 0;
  for (const Field& field : fields()) {
    if (field.kind != Kind::kEnum && field.kind != Kind::kBits) continue;
    CAPTURE(field.keyword);
    for (const EnumValue& value : field.values) {
      if (!value.since.known()) continue;
      const std::uint64_t stored = field.kind == Kind::kBits ? std::uint64_t{1} << value.value : value.value;
      if (field.width != 8 && stored >> 8 * field.width != 0) continue;  // one list for two widths
      CAPTURE(value.name);
      ++tried;
      for (const Version version : kVersions) {
        CAPTURE(version.minor);
        const auto defects = newer_values(field, stored, version);
        REQUIRE(defects.size() == (field.since <= version && version < value.since ? 1U : 0U));
        if (defects.empty()) continue;
        CHECK(defects[0].found == stored);
        CHECK(defects[0].expected == value.since.major * 0x100U + value.since.minor);
        CHECK(defects[0].handle == 9);
      }
      CHECK(newer_values(field, stored, value.since).empty());
      CHECK(newer_values(field, stored, {3, 9}).empty());
      CHECK(newer_values(field, stored, {}).empty());  // a table that does not say its version
    }
  }
  CHECK(tried > 250);
}
TEST_CASE("of several newer bits of a field the newest says since when; a revision is not waited for") {
  const Field& characteristics = *find_field("bios-characteristics-2");
  const auto defects = newer_values(characteristics, 0x28, {2, 6});
  REQUIRE(defects.size() == 1);
  CHECK(defects[0].found == 0x28);
  CHECK(defects[0].expected == 0x0305);
  CHECK(newer_values(characteristics, 0x28, {3, 4})[0].found == 0x20);
  CHECK(newer_values(*find_field("chassis-type"), 0x1E, {3, 0, 0}).empty());
  CHECK(newer_values(*find_field("chassis-type"), 0x1E, {2, 8, 9}).size() == 1);
  CHECK(newer_values(*find_field("chassis-type"), 0x9E, {2, 8})[0].found == 0x1E);  // without the lock
}
TEST_CASE("a field that the table's version does not have is not judged") {
  CHECK(only(inspected(with(changed(bios(), 0x13, 0x81)), {2, 3})) ==
        "structure.reserved-bits bios-characteristics-2 128/0");
  CHECK(inspected(with(changed(bios(), 0x13, 0x81)), {2, 1}).empty());
}
TEST_CASE("a count of strings other than there are is a finding") {
  const auto table = [](std::uint8_t count) {
    return join({bios(), system(), structure(11, 0x30, {count}, {"a", "b"}), end_of_table()});
  };
  CHECK(inspected(table(2)).empty());
  CHECK(only(inspected(table(3))) == "structure.bad-list  2/3");
  CHECK(only(inspected(table(1))) == "structure.bad-list  2/1");
}
TEST_CASE("Annex A: BIOS, system and chassis say who they are") {
  CHECK(only(inspected(with(changed(bios(), 0x05, 0)))) == "structure.annex-a bios-version 0/0");
  CHECK(only(inspected(with(changed(system(), 0x04, 0)))) == "structure.annex-a system-manufacturer 0/0");
  CHECK(only(inspected(with(changed(system(), 0x05, 0)))) == "structure.annex-a system-product-name 0/0");
  CHECK(only(inspected(with(changed(system(), 0x18, 0)))) == "structure.annex-a system-wake-up-type 0/0");
  CHECK(only(inspected(with(changed(system(), 0x18, 2)))) == "structure.annex-a system-wake-up-type 2/0");
  CHECK(only(inspected(with(changed(chassis(), 0x04, 0)))) == "structure.annex-a chassis-manufacturer 0/0");
  CHECK(only(inspected(with(chassis(2)))) == "structure.annex-a chassis-type 2/0");
  CHECK(only(inspected(with(chassis(0x82)))) == "structure.annex-a chassis-type 2/0");  // with a lock
  Buffer nil = system();
  std::fill(nil.begin() + 8, nil.begin() + 0x18, std::uint8_t{0});
  CHECK(only(inspected(with(nil))) == "structure.annex-a system-uuid 0/0");
}
TEST_CASE("Annex A: there is one BIOS structure, and its date has a year of four digits") {
  CHECK(only(inspected(join({system(), chassis(), end_of_table()}))) == "structure.annex-a  0/1");
  CHECK(only(inspected(join({bios(), bios(9), system(), chassis(), end_of_table()}))) ==
        "structure.annex-a  2/1");
  CHECK(rules(inspected(join({system(), chassis()}))) == "table.no-end");  // it may have been lost
  for (const std::string date : {"11/20/26", "2026-11-20", "11/20/026", "", "11/20/20x6"}) {
    const Buffer good = bios();
    const Buffer changed_bios = structure(0, 0, Buffer(good.begin() + 4, good.begin() + 0x1A),
                                          {"AMI", "1", date.empty() ? "?" : date});
    CHECK(only(inspected(with(changed_bios))) == "structure.annex-a bios-release-date 3/0");
  }
}
TEST_CASE("Annex A: a processor, a slot and a memory device are known where they are there") {
  Buffer processor(0x2C);
  processor[0] = 1;        // socket designation
  processor[1] = 3;        // type: central processor
  processor[0x10] = 100;   // max speed
  processor[0x15] = 0x15;  // upgrade
  const auto table = [&] {
    return join({bios(), system(), structure(4, 0x40, processor, {"CPU0"}), end_of_table()});
  };
  CHECK_FALSE(has(inspected(table()), DefectKind::kAnnexA));  // an empty socket
  processor[0x14] = 0x41;  // populated, enabled: then its maker, family and speed are asked for
  CHECK(count(inspected(table()), DefectKind::kAnnexA) == 3);
  processor[3] = 1;
  processor[2] = 0xC6;
  processor[0x12] = 100;
  CHECK_FALSE(has(inspected(table()), DefectKind::kAnnexA));
}
TEST_CASE("what blocks is what may hide an identity, and padding is in no verdict") {
  for (const DefectKind kind :
       {DefectKind::kChecksum, DefectKind::kTruncated, DefectKind::kNoEnd, DefectKind::kBadLength,
        DefectKind::kMissingStructure, DefectKind::kRepeatedStructure, DefectKind::kSeveralTables}) {
    CHECK(weight(kind) == Weight::kBlocks);
  }
  for (auto kind = DefectKind::kText; kind <= DefectKind::kAnnexA;
       kind = static_cast<DefectKind>(static_cast<int>(kind) + 1)) {
    CHECK(weight(kind) == (kind == DefectKind::kPaddedString ? Weight::kNoted : Weight::kWarns));
  }
}
TEST_CASE("a table that is wrong throughout keeps no more than so many findings of each kind") {
  Buffer table;
  for (int i = 0; i < 2000; ++i) {
    append(table, structure(2, static_cast<Handle>(i), {9, 9, 9, 9, 9, 0xFF, 9, 0x33, 0x33, 0x77, 0xFF},
                            {" \x01\xFF"}));
  }
  const auto defects = inspected(join({table, system(), end_of_table()}), {3, 2});
  for (const DefectKind kind : {DefectKind::kBadString, DefectKind::kCharset, DefectKind::kControlCharacter,
                                DefectKind::kPaddedString, DefectKind::kOutOfSpec, DefectKind::kReservedBits,
                                DefectKind::kBadList, DefectKind::kDanglingHandle}) {
    CAPTURE(std::string(rule_id(kind)));
    CHECK(count(defects, kind) == kMaxDefects);
  }
}
TEST_CASE("every kind has its own rule id") {
  std::vector<std::string_view> ids;
  for (unsigned kind = 0; kind <= static_cast<unsigned>(DefectKind::kAnnexA); ++kind) {
    ids.push_back(rule_id(static_cast<DefectKind>(kind)));
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  CHECK(std::find(ids.begin(), ids.end(), "table.unknown") == ids.end());
}

}  // namespace
}  // namespace dmigate::smbios::test
