#include "profiles/placeholder.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

using smbios::find_field;

std::shared_ptr<const Placeholders> shipped() {
  static const auto lists = shipped_placeholders();
  REQUIRE(lists.has_value());
  return *lists;
}

Placeholder detect(std::string_view keyword, std::string_view value) {
  const smbios::Field* field = find_field(keyword);
  REQUIRE(field != nullptr);
  return shipped()->detect(*field, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
}

std::array<std::uint8_t, 16> uuid_bytes(std::string_view text, bool mixed) {
  const auto raw = smbios::parse_uuid(text, mixed);
  REQUIRE(raw.has_value());
  return *raw;
}

PlaceholderKind detect_uuid(std::string_view text, bool mixed) {
  return shipped()->detect(*find_field("system-uuid"), uuid_bytes(text, mixed)).kind;
}

UuidDoubt doubt(std::string_view text, bool mixed) { return doubt_of_uuid(uuid_bytes(text, mixed), mixed); }

PlaceholderKind detect_chassis(std::uint8_t raw) {
  return shipped()->detect(*find_field("chassis-type"), {&raw, 1}).kind;
}

}  // namespace

TEST_CASE("what firmware makers leave in a field is no value, however it is spelt") {
  for (const std::string value : {"To Be Filled By O.E.M.",
                                  "to be filled by oem",
                                  "  TO BE FILLED BY O.E.M  ",
                                  "To be filled on plant",
                                  "Default string",
                                  "DEFAULT_STRING",
                                  "OEM Default string000",
                                  "Default string-CF-WCP-ADO",
                                  "System Product Name",
                                  "System manufacturer",
                                  "Chassis Manufacture",
                                  "Base Board Version",
                                  "Type1Family",
                                  "Type1 - SKU0",
                                  "Type2 - Board Vendor Name1",
                                  "Type2 - A01 Board Version",
                                  "Type1ProductConfigId",
                                  "SKU1",
                                  "SKU",
                                  "System SKU#",
                                  "System SKUNumber",
                                  "INVALID-NULL",
                                  "(null)",
                                  "N/A",
                                  "NA",
                                  "None",
                                  "unknown",
                                  "Not Applicable",
                                  "Undefined",
                                  "empty",
                                  "TBD by OEM",
                                  "00000000Not Defined",
                                  "SKU=NotProvided;ModelName=Box",
                                  "Please change product name",
                                  "SerNum0",
                                  "OEM_Define2",
                                  "No Asset Tag",
                                  "No Asset Information",
                                  "Not Programmed",
                                  "NOT_USED",
                                  "None specified",
                                  "To be set by OEM",
                                  "Fill By OEM",
                                  "Filled by O.E.M.",
                                  "Uninitialized",
                                  "Engineering Sample",
                                  "TEST",
                                  "EVAL",
                                  "System Model",
                                  "Array1_PartNumber0",
                                  "DIMM_A1_AssetTag",
                                  "<empty>",
                                  "[SERIAL]"}) {
    CAPTURE(value);
    CHECK(detect("system-sku-number", value).kind == PlaceholderKind::kText);
  }
}

TEST_CASE("what is left in Chinese, or in letters of full width, is no value either") {
  for (const std::string value :
       {"无",       "空",         "未知",         "默认",   "默认字符串", "待填写",
        "未填写",   "未设置",     "未定义",       "不适用", "无效",       "由OEM填写",
        "待定",     "系统序列号", "请填写序列号", "测试",   "产品名称",   "Ｎ／Ａ",
        "ＮＯＮＥ", "－－－－",   "……",           "——",     "。"}) {
    CAPTURE(value);
    CHECK(detect("system-serial-number", value).kind == PlaceholderKind::kText);
  }
  CHECK(detect("system-serial-number", "０００００").kind == PlaceholderKind::kRun);
  for (const std::string value : {"清华同方", "超越E500", "无界14", "空军一号", "测试者", "联想"}) {
    CAPTURE(value);
    CHECK_FALSE(detect("system-product-name", value));
  }
}

TEST_CASE("characters that nobody sees neither hide a placeholder nor make a value") {
  for (const std::string value : {"\u00A0", "\u200B\u200B", "\u3000", "\uFEFF", "\u2800", "\u3164 \u00AD"}) {
    CAPTURE(value);
    CHECK(detect("system-serial-number", value).kind == PlaceholderKind::kText);
    CHECK(detect("system-serial-number", "Default" + value + "string"));
    CHECK(detect("system-serial-number", value + "N/A" + value));
    CHECK_FALSE(detect("system-serial-number", value + "CX2641700" + value));
  }
}

TEST_CASE("punctuation alone, and what a build script did not fill in, is no value") {
  for (const std::string value : {"-", "...", "*", "_ _", "$(DEFAULT_STRING)", "${SERIAL}"}) {
    CAPTURE(value);
    CHECK(detect("system-family", value).kind == PlaceholderKind::kText);
  }
}

TEST_CASE("runs are no values") {
  for (const std::string value : {"0",
                                  "00",
                                  "000",
                                  "0000000000",
                                  "X",
                                  "XX",
                                  "XXXXXXX",
                                  "XxXxXxX",
                                  "xxxxxx-xxxxxx",
                                  "FFFFFFFF",
                                  "111",
                                  "0123456789",
                                  "123456789",
                                  "1234567890.",
                                  "12345",
                                  "9876543210",
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                  "ABCDEFGHIJKLMNOPQRTUVWXYZ",
                                  "012345678912345678912345678",
                                  "01234567890123456789AB",
                                  ".XXXXXXX.XXXXXXXXXXXXXX.",
                                  "SN-0123456789",
                                  "SN1234567890",
                                  "0987654321",
                                  "1234567890",
                                  "123456789012345678",
                                  "SERIAL1234567890",
                                  "0000000000000001",
                                  "00000000000000000001",
                                  "0000000012",
                                  "1111-2222-3333",
                                  "AAABBBCCCDDD",
                                  "ChangeMe123",
                                  "DEMO123456",
                                  "TEST-SN-001",
                                  "xxx0204GRxxxxxxxx0",
                                  "NNNNNN-1",
                                  "XXXX0000",
                                  "0xFFFFFFFF",
                                  "SYS-9876543210",
                                  "SN-12345",
                                  "S/N: 123456789",
                                  "SN00000000",
                                  "TEST123",
                                  "Serial 0000",
                                  "Serial Number 12345",
                                  "12121212",
                                  "ABABABAB",
                                  "123123123",
                                  "1234512345",
                                  "12341234",
                                  "11223344",
                                  "AABBCCDD",
                                  "998877665544",
                                  "ZYXWVUTS",
                                  "qwerty",
                                  "ASDF",
                                  "\xFF\xFF\xFF\xFF"}) {
    CAPTURE(value);
    CHECK(detect("baseboard-serial-number", value).kind == PlaceholderKind::kRun);
  }
  CHECK(detect("baseboard-serial-number", "1234").kind == PlaceholderKind::kRun);
  CHECK(detect("system-sku-number", "0000000000000001").kind == PlaceholderKind::kRun);
}

TEST_CASE("what people type into a serial number to have typed something is none, and a value elsewhere") {
  for (const std::string value : {"ABC123", "abcd-0123", "ABCD1234", "ABCDE12345", "nil", "NaN", "foo",
                                  "foobar", "temp", "VMware", "123", "BSN", "SN", "SN BSN", "MB SN"}) {
    CAPTURE(value);
    CHECK(detect("system-serial-number", value).kind == PlaceholderKind::kText);
    CHECK(detect("baseboard-serial-number", value).kind == PlaceholderKind::kText);
    CHECK_FALSE(detect("system-product-name", value));
  }
}

TEST_CASE("a serial number that says what should stand there is none") {
  for (const std::string value :
       {"INSERT SERIAL", "Insert Serial Number Here", "Your Serial Here", "serial_number_here", "SN-UNKNOWN",
        "System SN", "BIOS Serial", "CHANGEME", "FILLME", "DEMO", "PROTOTYPE", "ES sample", "ERROR",
        "READ ERROR", "Failed", "CAFEBABE", "BADF00D"}) {
    CAPTURE(value);
    CHECK(detect("system-serial-number", value).kind == PlaceholderKind::kText);
  }
}

TEST_CASE("a maker or a product that could be anybody's is none") {
  for (const std::string value :
       {"Generic", "Company Name", "Your Company", "OEM Company", "Company", "Brand", "Customer", "ODM"}) {
    CAPTURE(value);
    for (const std::string structure : {"system", "baseboard", "chassis"}) {
      CHECK(detect(structure + "-manufacturer", value).kind == PlaceholderKind::kText);
    }
  }
  for (const std::string value :
       {"Computer", "PC", "Your Product", "Test Platform", "Reference Platform", "CRB"}) {
    CAPTURE(value);
    CHECK(detect("system-product-name", value).kind == PlaceholderKind::kText);
  }
}

TEST_CASE("a count inside a serial number is that unit's") {
  for (const std::string value :
       {"ABC1234567", "ABCD12345", "M70123456789", "E80-1234567890", "NHQ8LAA0012345678976200",
        "NXABCEY00123456789", "S1234567890123", "1601234567890", "A0123456789B", "LB0123456789",
        "M80-A1234567890", "A9876543210", "HB1234567890"}) {
    CAPTURE(value);
    for (const std::string keyword :
         {"system-serial-number", "baseboard-serial-number", "chassis-asset-tag", "system-sku-number"}) {
      CAPTURE(keyword);
      CHECK_FALSE(detect(keyword, value));
    }
  }
}

TEST_CASE("a name or a version that holds a long count is none") {
  CHECK(detect("system-product-name", "MAKER_NP1234567890").kind == PlaceholderKind::kRun);
  CHECK(detect("system-version", "SW_REVISION_1234567890ABCD").kind == PlaceholderKind::kRun);
  CHECK_FALSE(detect("system-product-name", "NP123456789"));
}

TEST_CASE("odd values are values") {
  const struct {
    std::string keyword, value;
  } values[] = {
      {"system-family", "Desktop"},
      {"system-family", "Modern"},
      {"system-family", "XPS"},
      {"system-manufacturer", "System76"},
      {"system-manufacturer", "3M"},
      {"system-product-name", "SER"},
      {"system-product-name", "EQ"},
      {"system-product-name", "MRA-XXX"},
      {"system-product-name", "All Series"},
      {"system-product-name", "IBM System x3650 M4"},
      {"baseboard-product-name", "088888"},
      {"baseboard-product-name", "1234"},
      {"chassis-asset-tag", "1234"},
      {"system-serial-number", "1234567812"},
      {"system-serial-number", "CX123456789"},
      {"chassis-version", "Define"},
      {"system-serial-number", "CX1234567"},
      {"system-serial-number", "00000001"},  // the first unit of a line
      {"system-serial-number", "00000000123"},
      {"chassis-asset-tag", "0000000000000001"},
      {"system-serial-number", "SN-001"},
      {"system-serial-number", "SN123"},
      {"system-serial-number", "SNB00417"},
      {"system-serial-number", "00001111"},
      {"system-serial-number", "1111-2223-3333"},
      {"system-serial-number", "FOO417"},
      {"system-sku-number", "SKU_0123"},
      {"system-product-name", "Fill Station 2"},
      {"system-product-name", "SN"},
      {"system-product-name", "Computer 5"},
      {"system-product-name", "CRB-14"},
      {"system-manufacturer", "PC Company"},
      {"system-manufacturer", "Customer First Ltd."},
      {"system-manufacturer", "General Brand"},
      {"system-product-name", "440BX Desktop Reference Platform"},
      {"system-serial-number", "A00000000012"},
      {"system-serial-number", "000111"},
      {"system-serial-number", "PF1AAAAB"},
      {"system-serial-number", "SN00000001"},
      {"system-serial-number", "SN-11111"},
      {"system-serial-number", "MB-12346"},
      {"system-serial-number", "1212121"},
      {"system-serial-number", "1212121A"},
      {"system-serial-number", "112233"},
      {"system-serial-number", "ABC1"},
      {"system-serial-number", "ABC817"},
      {"system-serial-number", "TEST0417"},
      {"system-serial-number", "R90XXX01"},
      {"system-serial-number", "489089M+16324B2191"},
      {"system-serial-number", "QWERTZ"},
      {"system-product-name", "Product 123"},
      {"system-product-name", "11223344"},
      {"system-product-name", "Model A"},
      {"system-product-name", "Blank Slate"},
      {"system-product-name", "Nothing Phone"},
      {"system-product-name", "Tobey 3"},
      {"system-product-name", "Test Drive 100"},
      {"system-product-name", "Virtual Machine"},
      {"system-manufacturer", "Notebook"},
      {"system-sku-number", "SKU-4711"},
      {"system-serial-number", "BOARD0001234"},
      {"system-sku-number", "10ST-S04K00"},
      {"system-version", "A"},
      {"system-version", "1.0"},
      {"bios-version", "1.1.1"},
      {"bios-version", "1.2.3.4.5"},
      {"bios-version", "5.13"},
      {"bios-version", "Version 2.0"},
      {"bios-release-date", "11/11/2011"},
      {"bios-release-date", "11/11/11"},
      {"system-manufacturer", "\xE8\x81\x94\xE6\x83\xB3"},
      {"system-manufacturer", "Micro-Star International Co., Ltd."},
  };
  for (const auto& odd : values) {
    CAPTURE(odd.keyword);
    CAPTURE(odd.value);
    CHECK_FALSE(detect(odd.keyword, odd.value));
  }
}

TEST_CASE("what is said of one field holds for that field") {
  CHECK(detect("system-sku-number", "All"));
  CHECK_FALSE(detect("system-family", "All"));
  CHECK(detect("system-sku-number", "Maker-NotebookSKU").matched == "SKU");
  CHECK_FALSE(detect("system-family", "Maker-NotebookSKU"));
  CHECK(detect("chassis-serial-number", "OEM Chassis Serial Number"));
}

TEST_CASE("a serial number that a maker gave to every board is none") {
  CHECK(detect("baseboard-serial-number", "123490EN400015").kind == PlaceholderKind::kText);
  CHECK_FALSE(detect("baseboard-serial-number", "123490EN400016"));
}

TEST_CASE("a serial number of one or two characters tells no units apart") {
  CHECK(detect("system-serial-number", "1").kind == PlaceholderKind::kText);
  CHECK(detect("baseboard-serial-number", "A1").kind == PlaceholderKind::kText);
  CHECK_FALSE(detect("baseboard-serial-number", "A1F"));
  CHECK_FALSE(detect("system-version", "A1"));
  CHECK_FALSE(detect("chassis-asset-tag", "7"));
}

TEST_CASE("a blank string is a state, and no placeholder") {
  CHECK_FALSE(detect("system-family", "   "));
  CHECK_FALSE(detect("system-family", ""));
}

TEST_CASE("hostile strings are judged in bounded time") {
  CHECK_FALSE(detect("system-family", std::string(1 << 16, ' ') + "a1"));
  CHECK(detect("system-family", std::string(1 << 16, 'a')));
  std::string words;
  for (int i = 0; i < 5000; ++i) words += "base board ";
  CHECK_FALSE(detect("system-family", words + "1x"));
  CHECK_FALSE(detect("system-family", std::string("\0a\0b", 4)));
  CHECK_FALSE(detect("system-serial-number", std::string(1 << 15, 'a') + "b" + std::string(1 << 15, 'a')));
  for (std::size_t cut = 1; cut < 9; ++cut) CHECK(detect("system-serial-number", std::string(cut, '\xE3')));
}

TEST_CASE("UUID templates are found in both renderings, and what only looks like one is not") {
  for (bool mixed : {false, true}) {
    CAPTURE(mixed);
    CHECK(detect_uuid("00000000-0000-0000-0000-000000000000", mixed) == PlaceholderKind::kUuidNil);
    CHECK(detect_uuid("ffffffff-ffff-ffff-ffff-ffffffffffff", mixed) == PlaceholderKind::kUuidFf);
    for (const std::string text :
         {"03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009",
          "03020100-0504-0706-0809-0a0b0c0d0e0f", "00010203-0405-0607-0809-0a0b0c0d0e0f",
          "fefefefe-fefe-fefe-fefe-fefefefefefe", "01010101-0101-0101-0101-010101010101",
          "00112233-4455-6677-8899-aabbccddeeff", "12345678-1234-5678-90ab-cddeefaabbcc",
          "deadbeef-1234-4321-8765-001122334455", "6ab5b300-538d-1014-9fb5-b0684d007b53",
          "12345678-1234-5678-1234-567812345678", "12121313-1212-1313-1212-131312121313",
          "11111111-2222-3333-4444-555555555555", "ffffff00-ffff-ffff-ffff-ffffffffffff",
          "03000200-0400-0500-0006-0007000800aa", "03000200-0400-0500-0006-000700081234",
          "00000000-0000-1000-8000-00805f9b34fb", "0000110b-0000-1000-8000-00805f9b34fb",
          "11112222-3333-4444-5555-666677778888", "aabbccdd-eeff-0011-2233-445566778899",
          "00000000-0000-0000-0000-000000000001", "550e8400-e29b-41d4-a716-446655440000"}) {
      CAPTURE(text);
      CHECK(detect_uuid(text, mixed) == PlaceholderKind::kUuidTemplate);
    }
    // AMI's template around a MAC address, a serial in ASCII, a MAC after zeros: unique, each.
    for (const std::string text :
         {"03020200-045e-0510-aa06-460700080009", "43583236-3431-3730-3031-48423236aa41",
          "03000200-0400-0500-0006-02005e10aa46", "03000200-0400-0500-0006-000700ab11cd",
          "00000000-0000-0000-0000-0cc47a123456", "11112222-3333-4444-5555-666677778889",
          "0a3f110b-8c21-4000-8000-00805f9b34fb", "00000000-0000-0000-0000-02005e10aa46",
          "4c4c4544-0041-4210-8043-c4c04f303132"}) {
      CAPTURE(text);
      CHECK(detect_uuid(text, mixed) == PlaceholderKind::kNone);
    }
  }
  const std::uint8_t half[8] = {};
  CHECK_FALSE(shipped()->detect(*find_field("system-uuid"), half));
}

TEST_CASE("a UUID made from a serial, an address or a template is there, and odd") {
  for (bool mixed : {false, true}) {
    CAPTURE(mixed);
    CHECK(doubt("43583236-3431-3730-3031-484232363431", mixed) == UuidDoubt::kAscii);
    CHECK(doubt("44434241-4847-4b4a-4d4e-000000000000", mixed) == UuidDoubt::kAscii);
    CHECK(doubt("00000000-0000-0000-0000-02005e10aa46", mixed) == UuidDoubt::kMac);
    CHECK(doubt("ffffffff-ffff-ffff-ffff-02005e10aa46", mixed) == UuidDoubt::kMac);
    CHECK(doubt("02005e10-aa46-0000-0000-000000000000", mixed) == UuidDoubt::kMac);
    CHECK(doubt("03020200-045e-0510-aa06-460700080009", mixed) == UuidDoubt::kTemplateMac);
    CHECK(doubt("03000200-0400-0500-0006-02005e10aa46", mixed) == UuidDoubt::kTemplateMac);
    CHECK(doubt("00000000-0000-0000-0000-0cc47a123456", mixed) == UuidDoubt::kMac);
    CHECK(doubt("03000200-0400-0500-0106-02005e10aa46", mixed) == UuidDoubt::kNone);
    CHECK(doubt("00000001-0000-0000-0000-02005e10aa46", mixed) == UuidDoubt::kNone);
    CHECK(doubt("8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", mixed) == UuidDoubt::kNone);
    CHECK(doubt("4c4c4544-0041-4210-8043-c4c04f303132", mixed) == UuidDoubt::kNone);
  }
  // A random UUID as RFC 4122 writes it, in a table whose first groups are little-endian, and the other way.
  CHECK(doubt_of_uuid(uuid_bytes("8d1e6f02-5c3b-4a07-9e41-2b7f60c4d513", false), true) ==
        UuidDoubt::kByteOrder);
  CHECK(doubt_of_uuid(uuid_bytes("8d1e6f02-5c3b-4a07-9e41-2b7f60c4d513", true), false) ==
        UuidDoubt::kByteOrder);
  const std::uint8_t half[8] = {};
  CHECK(doubt_of_uuid(half, true) == UuidDoubt::kNone);
  CHECK(doubt_of_uuid({}, true) == UuidDoubt::kNone);
}

TEST_CASE("a chassis type that DSP0134's Annex A refuses says nothing") {
  CHECK(detect_chassis(0x02) == PlaceholderKind::kText);  // Unknown
  CHECK(detect_chassis(0x82) == PlaceholderKind::kText);  // the same, with a lock
  CHECK(detect_chassis(0x00) == PlaceholderKind::kText);
  CHECK(detect_chassis(0x03) == PlaceholderKind::kNone);
  CHECK(detect_chassis(0x83) == PlaceholderKind::kNone);
  CHECK(detect_chassis(0x7E) == PlaceholderKind::kNone);  // a type of a later specification
}

TEST_CASE("lists that do not hold are refused") {
  const auto error = [](std::string_view text) {
    const auto lists = Placeholders::parse(text, "p.yaml");
    REQUIRE_FALSE(lists.has_value());
    return lists.error().to_string();
  };
  CHECK(error("word: a\n") == "p.yaml:1:1: unknown key `word`; did you mean `words`?");
  CHECK(error("words: {a: b}\n") == "p.yaml:1:8: `words` must be a text of lines, or a list of texts");
  CHECK(error("words: [a, [b]]\n") == "p.yaml:1:12: an item of `words` must be a text");
  CHECK(error("uuids: 0300\n") == "p.yaml:1:8: `0300` is no UUID, and no beginning of one with a final *");
  CHECK(error("uuids: |\n  deadbeef-*\n  0300\n").starts_with("p.yaml:3:1: `0300` is no UUID"));
  CHECK(error("uuids: ['*']\n").starts_with("p.yaml:1:9: `*` is no UUID"));
  CHECK(error("values: ['---']\n").starts_with("p.yaml:1:10: `---` has no letter and no digit"));
  CHECK(error("patterns: ['[0-9']\n").starts_with("p.yaml:1:12: the pattern does not compile: "));
  CHECK(
      error("patterns:\n  - A.*\n  - ''\n").starts_with("p.yaml:3:5: an item of `patterns` must be a text"));
  CHECK(error("endings:\n  system-sku: a\n").starts_with("p.yaml:2:3: unknown key `system-sku`"));
  CHECK(error("field_allow:\n  system-sku: a\n").starts_with("p.yaml:2:3: unknown key `system-sku`"));
  CHECK(error("- a\n").starts_with("p.yaml:1:1: a mapping"));
}

// ---------------------------------------------------------------- a plant's own lists

namespace {

constexpr const char* kModel = "profile: cx\nversion: 1\nfields:\n  system-sku-number:\n";

Profile model(const test::Folder& folder) {
  auto profile = parse_profile(kModel, "cx.yaml", folder.catalog());
  REQUIRE_MESSAGE(profile, (profile ? "" : profile.error().to_string()));
  return *std::move(profile);
}

bool refuses(const Profile& profile, std::string_view keyword, std::string_view value) {
  return static_cast<bool>(profile.placeholders->detect(
      *find_field(keyword), {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()}));
}

}  // namespace

TEST_CASE("a plant adds to the lists that ship, and lets pass what is good there") {
  const test::Folder folder;
  folder.write("placeholders.yaml", R"(
values: [Golden Unit]
patterns:
  - 'CX0000[0-9]{3}'
words: |
  werkbank
allow: [SKU]
field_allow:
  system-family: Default string
)");
  const Profile profile = model(folder);
  CHECK(refuses(profile, "system-sku-number", "golden_unit"));
  CHECK(refuses(profile, "system-sku-number", "Werkbank SKU"));
  CHECK(refuses(profile, "system-serial-number", "CX0000417"));
  CHECK_FALSE(refuses(profile, "system-serial-number", "CX00004170"));
  CHECK_FALSE(refuses(profile, "system-sku-number", "SKU"));
  CHECK_FALSE(refuses(profile, "system-sku-number", " SKU "));
  CHECK_FALSE(refuses(profile, "system-family", "Default string"));
  // What the plant lets pass is that value and no other, in that field and no other.
  CHECK(refuses(profile, "system-sku-number", "sku"));
  CHECK(refuses(profile, "system-version", "Default string"));
  CHECK(refuses(profile, "system-family", "Default String"));
  // What ships is still there.
  CHECK(refuses(profile, "system-serial-number", "To be filled by O.E.M."));
  CHECK_FALSE(refuses(model(test::Folder()), "system-sku-number", "Golden Unit"));
}

TEST_CASE("a plant lets a form pass that a rule refuses, and no template of a UUID") {
  const test::Folder folder;
  folder.write("placeholders.yaml", "allow: ['12121212', '---', 00000000-0000-0000-0000-000000000000]\n");
  const Profile profile = model(folder);
  CHECK_FALSE(refuses(profile, "system-serial-number", "12121212"));
  CHECK_FALSE(refuses(profile, "system-serial-number", "---"));
  CHECK(refuses(profile, "system-serial-number", "13131313"));
  const std::uint8_t nil[16] = {};
  CHECK(profile.placeholders->detect(*find_field("system-uuid"), nil).kind == PlaceholderKind::kUuidNil);
}

TEST_CASE("a changed list is a changed profile") {
  const test::Folder folder;
  const auto hash = [&] { return model(folder).sha256; };
  const Sha256 without = hash();
  folder.write("placeholders.yaml", "values: [Golden Unit]\n");
  const Sha256 with = hash();
  folder.write("placeholders.yaml", "values: [Golden Unit, Silver Unit]\n");
  CHECK(without != with);
  CHECK(with != hash());
}

TEST_CASE("the plant's lists are no profile, and are read for every profile of the folder") {
  const test::Folder folder;
  folder.write("cx.yaml",
               "profile: cx\nversion: 1\nmatch: { system-family: CX }\nfields:\n  system-family:\n");
  const auto found = [&] { return load_candidates(folder.catalog()); };
  REQUIRE(found());
  const Sha256 before = found()->front().sha256;
  folder.write("placeholders.yaml", "values: [Golden Unit]\n");
  const auto candidates = found();
  REQUIRE_MESSAGE(candidates, (candidates ? "" : candidates.error().to_string()));
  REQUIRE(candidates->size() == 1);
  CHECK(candidates->front().sha256 != before);
  CHECK(refuses(candidates->front(), "system-family", "Golden Unit"));
  const auto named = load_profile("cx", folder.catalog());
  REQUIRE(named);
  CHECK(named->sha256 == candidates->front().sha256);
}

TEST_CASE("a plant's list that does not hold is an error with its place, and no profile loads beside it") {
  const test::Folder folder;
  const auto error = [&](const std::string& text) {
    folder.write("placeholders.yaml", text);
    const auto profile = parse_profile(kModel, "cx.yaml", folder.catalog());
    REQUIRE_FALSE(profile);
    CHECK_FALSE(load_candidates(folder.catalog()));
    return profile.error().to_string();
  };
  const std::string file = folder.file("placeholders.yaml");
  CHECK(error("values: [a\n").starts_with(file + ":"));
  CHECK(error("value: [a]\n").starts_with(file + ":1:1: unknown key `value`"));
  CHECK(error("allow:\n  - a\n  - [b]\n").starts_with(file + ":3:5: "));
  CHECK(error("").starts_with(file + ":1:1: a mapping"));
}

TEST_CASE("a plant's list that is cut off anywhere holds or is refused, and never refuses a good value") {
  const std::string whole =
      "values: [Golden Unit]\npatterns:\n  - 'CX0000[0-9]{3}'\nwords: |\n  werkbank\nuuids: deadbeef-*\n"
      "allow: [SKU]\nfield_allow:\n  system-family: Default string\n";
  std::size_t held = 0;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    CAPTURE(length);
    const auto lists = Placeholders::parse(whole.substr(0, length), "p.yaml");
    if (!lists) {
      CHECK(lists.error().to_string().starts_with("p.yaml:"));
      continue;
    }
    ++held;
    const std::string good = "HB2641700";
    CHECK_FALSE(lists->detect(*find_field("baseboard-serial-number"),
                              {reinterpret_cast<const std::uint8_t*>(good.data()), good.size()}));
  }
  CHECK(held > 0);
  CHECK(held < whole.size());
}

}  // namespace dmigate::profiles
