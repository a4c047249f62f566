#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "table_builder.h"

namespace dmigate::smbios::test {
namespace {

Reading of(const Buffer& table, std::string_view keyword, Version version = {3, 2, 0}) {
  REQUIRE(find_field(keyword) != nullptr);
  return read(Table(table, version), *find_field(keyword));
}

// ---- the table itself

TEST_CASE("every keyword is there once, and rows stand by type and offset") {
  std::set<std::string_view> seen;
  const Field* before = nullptr;
  for (const Field& field : fields()) {
    CAPTURE(field.keyword);
    CHECK(seen.insert(field.keyword).second);
    CHECK(find_field(field.keyword) == &field);
    CHECK(enum_key(field.keyword) == field.keyword);
    CHECK_FALSE(field.label.empty());
    CHECK_FALSE(field.clause.empty());
    CHECK(field.since.known());
    if (before != nullptr) {
      CHECK(std::pair(before->type, before->offset) <= std::pair(field.type, field.offset));
    }
    before = &field;
  }
  CHECK(find_field("system-serial") == nullptr);
  CHECK(find_field("") == nullptr);
}
TEST_CASE("every row has what its kind asks for") {
  const auto check = [](const Field& field, bool column) {
    CAPTURE(field.keyword);
    const bool list = field.items.count != 0;
    CHECK(((field.width == 0) == list || (column && field.width == 0)));
    if (field.kind == Kind::kString || field.kind == Kind::kStrings) CHECK(field.width == 1);
    if (field.kind == Kind::kUuid) CHECK(field.width == 16);
    if (field.kind == Kind::kRevision) CHECK((field.width == 2 || field.width == 4));
    if (field.kind == Kind::kHandle) CHECK((list || field.width == 2));
    if (field.kind == Kind::kPci) CHECK(field.width == 4);
    if (field.kind == Kind::kSpan) CHECK((field.width == 8 || field.width == 16));
    if (field.kind == Kind::kEnum || field.kind == Kind::kBits) CHECK_FALSE(field.values.empty());
    if (field.kind == Kind::kAddress) CHECK(field.units.size() == 1);
    if (!field.units.empty()) CHECK(field.kind != Kind::kHex);
    CHECK((field.columns.empty() || list));
    if (!field.instead.keyword.empty()) {
      const Field* other = find_field(field.instead.keyword);
      REQUIRE(other != nullptr);
      CHECK(other->type == field.type);
      CHECK(other->instead.keyword.empty());
    }
    std::uint64_t above = 0;
    for (const EnumValue& value : field.values) {
      CHECK((&value == field.values.data() || value.value > above));
      above = std::max(value.value, value.last);
      CHECK_FALSE(value.name.empty());
    }
  };
  for (const Field& field : fields()) {
    check(field, false);
    for (const Field& column : field.columns) {
      check(column, true);
      CHECK(column.type == field.type);
    }
  }
}
TEST_CASE("a value's first version is one that the reader knows, and no earlier than its field's") {
  // Fields share a list of values: the oldest of them counts.
  std::map<const EnumValue*, Version> oldest;
  std::size_t dated = 0;
  const auto each = [](const auto& look) {
    for (const Field& field : fields()) {
      look(field);
      for (const Field& column : field.columns) look(column);
    }
  };
  each([&](const Field& field) {
    if (field.values.empty()) return;
    const auto [row, is_new] = oldest.emplace(field.values.data(), field.since);
    if (!is_new) row->second = std::min(row->second, field.since);
  });
  each([&](const Field& field) {
    CAPTURE(field.keyword);
    for (const EnumValue& value : field.values) {
      if (!value.since.known()) continue;
      CAPTURE(value.name);
      ++dated;
      CHECK(value.since > oldest.at(field.values.data()));
      CHECK(value.since <= kNewest);
      CHECK(value.since.revision == 0);  // a table of 2.7 does not say that it is of 2.7.1
    }
  });
  CHECK(dated > 300);
}
TEST_CASE("values that DSP0134 3.7 to 3.9 have added are there, since then") {
  const struct {
    const char* keyword;
    std::uint64_t value;
    const char* name;
    Version since;
  } rows[] = {
      {"processor-family", 0x16, "Intel", {3, 7}},
      {"processor-family", 0xD0, "Xeon D", {3, 8}},
      {"processor-family-2", 0x307, "Core Ultra 9", {3, 8}},
      {"processor-upgrade", 0x50, "Socket LGA7529", {3, 7}},
      {"processor-upgrade", 0x57, "Socket BGA2833", {3, 8}},
      {"processor-upgrade", 0xFF, "See Socket Type", {3, 8}},
      {"slot-characteristics", 15, "Flexbus slot, CXL 3.0 capable", {3, 7}},
      {"memory-device-form-factor", 0x11, "CAMM", {3, 8}},
      {"memory-device-form-factor", 0x12, "CUDIMM", {3, 9}},
      {"memory-device-form-factor", 0x13, "CSODIMM", {3, 9}},
      {"memory-device-type", 0x25, "MRDIMM", {3, 9}},
      {"memory-device-technology", 0x08, "MRDIMM", {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.keyword);
    CAPTURE(row.name);
    const EnumValue* value = find_value(*find_field(row.keyword), row.value);
    REQUIRE(value != nullptr);
    CHECK(value->name == row.name);
    CHECK(value->since == row.since);
  }
}
TEST_CASE("no two values of an enumeration are written alike in a profile, but for three old processors") {
  // Written by number: K6-2+, Power PC 603+, UltraSPARC III; and MCTP has two ranges.
  const std::set<std::string> twice = {"k6-2", "power-pc-603", "ultrasparc-iii", "mctp"};
  for (const Field& field : fields()) {
    CAPTURE(field.keyword);
    std::set<std::string> keys;
    for (const EnumValue& value : field.values) {
      const std::string key = enum_key(value.name);
      if (field.kind == Kind::kEnum) CHECK((keys.insert(key).second || twice.contains(key)));
    }
  }
}
TEST_CASE("every type of the specification has a name, a length and, but for two, fields") {
  for (unsigned type = 0; type <= 46; ++type) {
    CAPTURE(type);
    const auto number = static_cast<std::uint8_t>(type);
    CHECK_FALSE(fields_of(number).empty());
    for (const Field& field : fields_of(number)) CHECK(field.type == type);
    CHECK(type_name(number) != "Unknown Type");
    CHECK(minimum_length(number, {3, 9}) > kHeaderBytes);
    CHECK(minimum_length(number, {2, 0}) <= minimum_length(number, {3, 9}));
  }
  std::size_t rows = 0;
  for (unsigned type = 0; type <= 255; ++type) rows += fields_of(static_cast<std::uint8_t>(type)).size();
  CHECK(rows == fields().size());
  CHECK(type_name(17) == "Memory Device");
  CHECK(type_name(47) == "Unknown Type");
  CHECK(type_name(126) == "Inactive");
  CHECK(type_name(127) == "End Of Table");
  CHECK(type_name(128) == "OEM-specific Type");
  CHECK(type_name(255) == "OEM-specific Type");
  CHECK(fields_of(126).empty());
  CHECK(minimum_length(200, {3, 9}) == kHeaderBytes);
}
TEST_CASE(
    "all keywords of dmidecode for Types 0 to 3 are there, and the eight fields stand where they must") {
  for (const std::string_view keyword : {"bios-vendor",
                                         "bios-version",
                                         "bios-release-date",
                                         "bios-revision",
                                         "firmware-revision",
                                         "system-manufacturer",
                                         "system-product-name",
                                         "system-version",
                                         "system-serial-number",
                                         "system-uuid",
                                         "system-sku-number",
                                         "system-family",
                                         "baseboard-manufacturer",
                                         "baseboard-product-name",
                                         "baseboard-version",
                                         "baseboard-serial-number",
                                         "baseboard-asset-tag",
                                         "chassis-manufacturer",
                                         "chassis-type",
                                         "chassis-version",
                                         "chassis-serial-number",
                                         "chassis-asset-tag"}) {
    CHECK_MESSAGE(find_field(keyword) != nullptr, keyword);
  }
  struct Place {
    std::string_view keyword;
    unsigned type, offset;
  };
  for (const Place& place : {Place{"system-manufacturer", 1, 4}, Place{"system-product-name", 1, 5},
                             Place{"system-serial-number", 1, 7}, Place{"system-uuid", 1, 8},
                             Place{"system-sku-number", 1, 0x19}, Place{"system-family", 1, 0x1A},
                             Place{"baseboard-product-name", 2, 5}, Place{"chassis-type", 3, 5}}) {
    const Field* field = find_field(place.keyword);
    CHECK(field->type == place.type);
    CHECK(field->offset == place.offset);
  }
}

// ---- the six states

TEST_CASE("a string that is there is present, byte by byte") {
  const Buffer table = join({system({"THTF", "CX", "1", " CX\xE4\xB8\xAD\x01 "}), end_of_table()});
  const Reading reading = of(table, "system-serial-number");
  CHECK(reading.state == State::kPresent);
  CHECK(reading.text() == " CX\xE4\xB8\xAD\x01 ");
  CHECK(reading.raw.size() == 8);
  CHECK(reading.structure->handle() == 1);
  CHECK(reading.offset() == 7);
}
TEST_CASE("no Type 2 at all: the structure is absent") {
  const Reading reading = of(join({system(), end_of_table()}), "baseboard-serial-number");
  CHECK(reading.state == State::kAbsentStructure);
  CHECK_FALSE(reading.structure);
  CHECK(reading.text() == "");
  CHECK(reading.number() == 0);
}
TEST_CASE("a Type 1 of 2.0 has no UUID, SKU number and family: beyond its length") {
  const Buffer table = join({structure(1, 1, {1, 2, 3, 4}, {"a", "b", "c", "d"}), end_of_table()});
  for (const std::string_view keyword :
       {"system-uuid", "system-wake-up-type", "system-sku-number", "system-family"}) {
    CHECK(of(table, keyword).state == State::kBeyondLength);
    CHECK(of(table, keyword).raw.empty());
    CHECK(of(table, keyword).structure);
  }
  CHECK(of(table, "system-serial-number").state == State::kPresent);
}
TEST_CASE("a field that begins inside and ends outside its structure is beyond its length") {
  Buffer body = {1, 2, 3, 4};
  append(body, Buffer(15, 0x11));
  CHECK(of(join({structure(1, 1, body, {"a"}), end_of_table()}), "system-uuid").state ==
        State::kBeyondLength);
  body.push_back(0x11);
  CHECK(of(join({structure(1, 1, body, {"a"}), end_of_table()}), "system-uuid").state == State::kPresent);
}
TEST_CASE("string number 0 is no string, one beyond the set is a bad index") {
  const Buffer table = join({structure(1, 1, {0, 3, 255, 2}, {"a", "b"}), end_of_table()});
  CHECK(of(table, "system-manufacturer").state == State::kNoString);
  CHECK(of(table, "system-product-name").state == State::kBadIndex);
  CHECK(of(table, "system-version").state == State::kBadIndex);
  CHECK(of(table, "system-serial-number").text() == "b");
  const Buffer none = join({structure(1, 1, {1, 0, 0, 0}), end_of_table()});
  CHECK(of(none, "system-manufacturer").state == State::kBadIndex);
}
TEST_CASE("blanks only are blank, and still to be seen") {
  const Buffer table =
      join({structure(1, 1, {1, 2, 3, 4}, {" ", "\t\n\v\f\r ", " x ", "\x01"}), end_of_table()});
  CHECK(of(table, "system-manufacturer").state == State::kBlank);
  CHECK(of(table, "system-manufacturer").text() == " ");
  CHECK(of(table, "system-product-name").state == State::kBlank);
  CHECK(of(table, "system-product-name").raw.size() == 6);
  CHECK(of(table, "system-version").state == State::kPresent);
  CHECK(of(table, "system-serial-number").state == State::kPresent);
}
TEST_CASE("states have the names of the verdict") {
  CHECK(state_name(State::kPresent) == "present");
  CHECK(state_name(State::kAbsentStructure) == "absent-structure");
  CHECK(state_name(State::kBeyondLength) == "beyond-length");
  CHECK(state_name(State::kNoString) == "no-string");
  CHECK(state_name(State::kBadIndex) == "bad-index");
  CHECK(state_name(State::kBlank) == "blank");
}

// ---- kinds

TEST_CASE("a UUID is shown in the order of the table's version, its bytes as stored") {
  const Buffer table = join({system(), end_of_table()});
  CHECK(of(table, "system-uuid", {2, 6}).text() == "00112233-4455-6677-8899-aabbccddeeff");
  CHECK(of(table, "system-uuid", {3, 9}).text() == "00112233-4455-6677-8899-aabbccddeeff");
  CHECK(of(table, "system-uuid", {2, 5}).text() == "33221100-5544-7766-8899-aabbccddeeff");
  CHECK(of(table, "system-uuid", {}).text() == "00112233-4455-6677-8899-aabbccddeeff");
  const Reading reading = of(table, "system-uuid");
  CHECK(Buffer(reading.raw.begin(), reading.raw.end()) == kUuid);
  CHECK(uuid_text_rfc(kUuid) == "33221100-5544-7766-8899-aabbccddeeff");
  CHECK(uuid_text_mixed(kUuid) == "00112233-4455-6677-8899-aabbccddeeff");
  CHECK(uuid_text_mixed(Bytes(kUuid).first(15)) == "");
}
TEST_CASE("a UUID's text gives its bytes back in either order, and nothing else does") {
  const auto same = [](const std::optional<std::array<std::uint8_t, 16>>& raw) {
    return raw && Buffer(raw->begin(), raw->end()) == kUuid;
  };
  CHECK(same(parse_uuid("00112233-4455-6677-8899-AABBCCDDEEFF", true)));
  CHECK(same(parse_uuid("33221100-5544-7766-8899-aabbccddeeff", false)));
  CHECK(same(parse_uuid("33221100554477668899aabbccddeeff", false)));
  CHECK_FALSE(same(parse_uuid("33221100554477668899aabbccddeeff", true)));
  for (const std::string_view wrong :
       {"", "00112233", "{00112233-4455-6677-8899-AABBCCDDEEFF}", "00112233-4455-6677-8899-AABBCCDDEEF",
        "00112233-4455-6677-8899-AABBCCDDEEFFF", "0011223-34455-6677-8899-AABBCCDDEEFF",
        "00112233 4455 6677 8899 AABBCCDDEEFF", "00112233-4455-6677-8899-AABBCCDDEEFG", "----------------",
        "001122334455-6677-8899-AABBCCDDEEFF----"}) {
    CHECK_FALSE_MESSAGE(parse_uuid(wrong, true), wrong);
  }
}
TEST_CASE("the lock bit is no part of the chassis type") {
  const Buffer table = join({chassis(0x83), end_of_table()});
  CHECK(of(table, "chassis-type").text() == "Desktop");
  CHECK(of(table, "chassis-type").number() == 3);
  CHECK(of(table, "chassis-lock").text() == "Present");
  CHECK(of(join({chassis(0x03), end_of_table()}), "chassis-lock").text() == "Not Present");
}
TEST_CASE("a value outside the specification is shown as a number") {
  CHECK(of(join({chassis(0x7E), end_of_table()}), "chassis-type").text() == "0x7E");
  CHECK(of(join({chassis(0x00), end_of_table()}), "chassis-type").text() == "0x00");
  CHECK(of(join({chassis(0x25), end_of_table()}), "chassis-type").text() == "0x25");
}
TEST_CASE("what the BIOS says of itself is decoded") {
  const Buffer table = join({bios(), end_of_table()});
  CHECK(of(table, "bios-vendor").text() == "American Megatrends");
  CHECK(of(table, "bios-segment").text() == "0xF000");
  CHECK(of(table, "bios-rom-size").text() == "32 MB");
  CHECK(of(table, "bios-extended-rom-size").text() == "32 MB");
  CHECK(of(table, "bios-characteristics").text() == "ISA is supported, PCI is supported");
  CHECK(of(table, "bios-characteristics").number() == 0x90);
  CHECK(of(table, "bios-characteristics-1").text() == "ACPI is supported, USB legacy is supported");
  CHECK(of(table, "bios-revision").text() == "5.13");
  CHECK(of(table, "bios-revision").number() == 0x050D);
  CHECK(of(table, "firmware-revision").text() == "Not Supported");
}
TEST_CASE("ROM sizes are counted in the units that the field says") {
  const auto rom = [](std::uint8_t size, std::uint16_t extended) {
    Buffer body(0x16);
    body[5] = size;
    put_number(body, 0x14, 2, extended);
    return join({structure(0, 0, body), end_of_table()});
  };
  CHECK(of(rom(0x00, 0), "bios-rom-size").text() == "64 kB");
  CHECK(of(rom(0x0F, 0), "bios-rom-size").text() == "1 MB");
  CHECK(of(rom(0x10, 0), "bios-rom-size").text() == "1088 kB");
  CHECK(of(rom(0xFF, 0x0010), "bios-extended-rom-size").text() == "16 MB");
  CHECK(of(rom(0xFF, 0x4002), "bios-extended-rom-size").text() == "2 GB");
  CHECK(of(rom(0xFF, 0x8002), "bios-extended-rom-size").text() == "0x8002");
}
TEST_CASE("bits that the specification does not name are shown by number") {
  Buffer body(0x0E);
  body[0x0A - 4 + 4] = 0x02;  // bit 33
  const Buffer table = join({structure(0, 0, body), end_of_table()});
  CHECK(of(table, "bios-characteristics").text() == "bit 33");
  CHECK(of(join({structure(0, 0, Buffer(0x0E)), end_of_table()}), "bios-characteristics").text() == "None");
}
TEST_CASE("a board names its chassis and what it contains") {
  const Buffer table =
      join({structure(2, 2, {1, 0, 0, 0, 0, 0x01, 0, 0x03, 0x01, 0x0A, 2, 0x11, 0, 0x12, 0xFF}, {"THTF"}),
            end_of_table()});
  CHECK(of(table, "baseboard-chassis-handle").text() == "0x0103");
  CHECK(of(table, "baseboard-chassis-handle").number() == 0x0103);
  CHECK(of(table, "baseboard-contained-count").text() == "2");
  CHECK(of(table, "baseboard-contained-handles").text() == "0x0011, 0xFF12");
  CHECK(of(table, "baseboard-features").text() == "Board is a hosting board");
  CHECK(of(table, "baseboard-type").text() == "Motherboard");
}
TEST_CASE("a list that says more than the structure has is beyond its length") {
  const Buffer table =
      join({structure(2, 2, {1, 0, 0, 0, 0, 1, 0, 3, 0, 0x0A, 2, 0x11, 0, 0x12}, {"THTF"}), end_of_table()});
  CHECK(of(table, "baseboard-contained-handles").state == State::kBeyondLength);
  const Buffer none = join({baseboard("MB-1"), end_of_table()});
  CHECK(of(none, "baseboard-contained-handles").state == State::kPresent);
  CHECK(of(none, "baseboard-contained-handles").text() == "");
}
TEST_CASE("the SKU number of a chassis stands behind its elements, wherever that is") {
  for (unsigned n = 0; n < 4; ++n) {
    for (unsigned m = 0; m < 4; ++m) {
      Buffer body = {1,
                     3,
                     0,
                     0,
                     0,
                     3,
                     3,
                     3,
                     2,
                     0xDE,
                     0xC0,
                     0xAD,
                     0xDE,
                     4,
                     2,
                     static_cast<std::uint8_t>(n),
                     static_cast<std::uint8_t>(m)};
      append(body, Buffer(std::size_t{n} * m, 0xEE));
      append(body, {2, 1, 40});
      const Buffer table = join({structure(3, 3, body, {"THTF", "SKU-C"}), end_of_table()});
      CHECK(of(table, "chassis-sku-number").text() == "SKU-C");
      CHECK(of(table, "chassis-sku-number").offset() == 0x15 + n * m);
      CHECK(of(table, "chassis-rack-type").text() == "OU");
      CHECK(of(table, "chassis-rack-height").text() == "40");
      CHECK(of(table, "chassis-contained-elements").raw.size() == n * m);
      CHECK(of(table, "chassis-oem").text() == "0xDEADC0DE");
      CHECK(of(table, "chassis-height").text() == "4 U");
      CHECK(of(table, "chassis-power-cords").text() == "2");
    }
  }
}
TEST_CASE("elements beyond the chassis put its SKU number beyond its length") {
  const Buffer lies =
      join({structure(3, 3, {1, 3, 0, 0, 0, 3, 3, 3, 2, 0, 0, 0, 0, 0, 1, 255, 255, 1}, {"THTF"}),
            end_of_table()});
  CHECK(of(lies, "chassis-sku-number").state == State::kBeyondLength);
  const Buffer old = join({structure(3, 3, {1, 3, 0, 0, 0, 3, 3, 3, 2}, {"THTF"}), end_of_table()});
  CHECK(of(old, "chassis-sku-number").state == State::kBeyondLength);
  CHECK(of(old, "chassis-security-status").state == State::kPresent);
}
TEST_CASE("a field of Type 2 is read from the baseboard, not from the first board") {
  const Buffer table =
      join({baseboard("riser", 0x09, 0x00, 0x20), baseboard("mother", 0x0A, 0x01, 0x21), end_of_table()});
  CHECK(of(table, "baseboard-serial-number").text() == "mother");
  CHECK(of(table, "baseboard-serial-number").structure->handle() == 0x21);
}
TEST_CASE("reading all fields in one walk is reading them one by one") {
  const Buffer tables[] = {
      good_table(),
      join({system(), end_of_table()}),
      join({baseboard("a", 9, 0, 0x20), baseboard("b", 9, 0, 0x21), end_of_table()}),
      join({baseboard("a", 9, 1, 0x20), baseboard("b", 9, 1, 0x21), end_of_table()}),
      Buffer{},
      join({chassis(0x17, 9), baseboard("riser", 9, 0, 0x20), baseboard("host", 2, 1, 0x21), chassis(),
            system(), baseboard("mother", 0x0A, 0, 0x22), system({"second"}, 7), end_of_table()})};
  std::vector<const Field*> wanted;
  for (const Field& field : fields()) wanted.push_back(&field);
  for (const Buffer& bytes : tables) {
    const Table table(bytes, {3, 2, 0});
    std::vector<Reading> readings(wanted.size());
    read(table, wanted, readings);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const Reading alone = read(table, *wanted[i]);
      CAPTURE(wanted[i]->keyword);
      CHECK(readings[i].field == wanted[i]);
      CHECK(readings[i].state == alone.state);
      CHECK(readings[i].raw.data() == alone.raw.data());
      CHECK(readings[i].text() == alone.text());
      CHECK(readings[i].structure.has_value() == alone.structure.has_value());
      if (alone.structure) CHECK(readings[i].structure->offset() == alone.structure->offset());
    }
  }
}

// ---- enumerations in profiles

TEST_CASE("an enumeration's value is written in a profile by key, name or number") {
  const Field& type = *find_field("chassis-type");
  CHECK(enum_key("Low Profile Desktop") == "low-profile-desktop");
  CHECK(enum_key("Processor+I/O Module") == "processor-i-o-module");
  CHECK(enum_key("PCI PME#") == "pci-pme");
  CHECK(parse_enum(type, "low-profile-desktop") == 4);
  CHECK(parse_enum(type, "LOW PROFILE DESKTOP") == 4);
  CHECK(parse_enum(type, "All In One") == 0x0D);
  CHECK(parse_enum(type, "3") == 3);
  CHECK(parse_enum(type, "03") == 3);
  CHECK(parse_enum(type, "0x0d") == 13);
  CHECK(parse_enum(type, "13") == 13);
  for (const std::string_view wrong : {"", "desk", "3h", "0x", "0x7E", "99", "-3", "3 ",
                                       "99999999999999999999", "4294967299", "low_profile_desktop"}) {
    CHECK_FALSE_MESSAGE(parse_enum(type, wrong), wrong);
  }
  for (const EnumValue& value : type.values) CHECK(parse_enum(type, enum_key(value.name)) == value.value);
  CHECK_FALSE(parse_enum(*find_field("system-family"), "3"));
}

}  // namespace
}  // namespace dmigate::smbios::test
