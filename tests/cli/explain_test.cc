// profile explain: what a field is, and docs/fields.md, which it writes.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "smbios/smbios.h"
#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

std::string explained(const Plant& plant, const std::string& asked) {
  const Ended said = plant.dmigate({"profile", "explain", asked});
  CHECK(said.status == 0);
  CHECK(said.err.empty());
  return said.out;
}

json::array fields_json(const Plant& plant, const Words& asked) {
  Words arguments = {"profile", "explain", "--json"};
  arguments.insert(arguments.end(), asked.begin(), asked.end());
  const Ended said = plant.dmigate(arguments);
  REQUIRE(said.status == 0);
  CHECK(said.err.empty());
  const auto object = parse_line(said.out);
  CHECK(text(object, "schema") == "dmigate.fields/1");
  return object.at("fields").as_array();
}

json::object field_json(const Plant& plant, const std::string& keyword) {
  const json::array fields = fields_json(plant, {keyword});
  REQUIRE(fields.size() == 1);
  return fields[0].as_object();
}

}  // namespace

TEST_CASE("a field is explained: where it stands, since when, by which clause, and what burns it") {
  const Plant plant;
  CHECK(explained(plant, "system-uuid") ==
        "system-uuid: UUID\n"
        "  structure   Type 1: System Information\n"
        "  offset      08h, 16 bytes\n"
        "  since       SMBIOS 2.1\n"
        "  clause      7.2.1 of DSP0134\n"
        "  kind        a UUID; its first three groups are stored little-endian since 2.6\n"
        "  burnt by    amideefi  /SU {value} (as 32 hexadecimal digits)\n"
        "              amidelnx  /SU {value} (as 32 hexadecimal digits)\n"
        "              amidewin  /SU {value} (as 32 hexadecimal digits)\n"
        "              h2osde    -SU {value} (as 32 hexadecimal digits)\n");
}

TEST_CASE("an extended size is explained from both sides, with its unit and its special values") {
  const Plant plant;
  CHECK(explained(plant, "memory-device-size") ==
        "memory-device-size: Size\n"
        "  structure   Type 17: Memory Device\n"
        "  offset      0Ch, 2 bytes, bits 14:0\n"
        "  since       SMBIOS 2.1\n"
        "  clause      7.18 of DSP0134\n"
        "  kind        a number\n"
        "  in          MB or kB, as bit 15 is 0 or 1\n"
        "  instead     memory-device-extended-size where it is 7FFFh\n"
        "  values\n"
        "    0000h  No Module Installed\n"
        "    FFFFh  Unknown\n");
  CHECK(contains(explained(plant, "memory-device-extended-size"), "  answers for memory-device-size\n"));
  CHECK(contains(explained(plant, "memory-array-mapped-end"),
                 "  instead     memory-array-mapped-extended-end where the 4 bytes at 04h are FFFFFFFFh\n"));
}

TEST_CASE("each part of a row has its words") {
  const Plant plant;
  const struct {
    const char* keyword;
    const char* line;
  } rows[] = {
      {"bios-rom-size", "in          64 kB, the number plus 1"},
      {"bios-extended-rom-size", "in          MB or GB, as bits 15:14 are 0 or 1"},
      {"voltage-probe-maximum", "in          0.001 V"},
      {"current-probe-accuracy", "in          0.01%"},
      {"memory-array-mapped-end", "in          1024 bytes and 1023 more"},
      {"battery-design-capacity", "in          mWh, times the byte at 15h"},
      {"processor-status", "offset      18h, 1 byte, bits 6, 2:0"},
      {"chassis-lock", "offset      05h, 1 byte, bit 7"},
      {"chassis-sku-number", "offset      15h + the byte at 13h x the byte at 14h, 1 byte"},
      {"slot-height", "offset      17h + the byte at 12h x 5, 1 byte"},
      {"host-interface-protocol-count", "offset      06h + the byte at 05h, 1 byte"},
      {"group-items", "items       as many as the structure has room for, each of 3 bytes"},
      {"additional-information",
       "items       as many as the byte at 04h says, each of as many bytes as its byte 00h says"},
      {"host-interface-protocols",
       "items       as many as the byte before them says, each of 2 bytes and as many more as its byte 01h "
       "says"},
      {"processor-voltages", "only where  bit 7 of the byte at 11h is 0"},
      {"processor-arm-part", "only where  the 2 bytes at 28h are one of 100h-102h, 118h-119h"},
      {"memory-module-installed-banks", "only where  bits 6:0 of the byte at 09h are 00h-7Eh"},
      {"baseboard-serial-number", "of several  the motherboard (board type 0Ah), else the hosting board"},
      {"chassis-type", "  23h  mini-pc                Mini PC (since 3.1)\n"},
      {"chassis-type", "  03h  desktop                Desktop\n"},
      {"onboard-device-type", "SATA Controller\n"},  // as old as the field
      {"processor-voltages", "  no bit  Unknown"},
      {"processor-family", "  101h  armv8 "},
      {"memory-device-type", "  15h-17h  reserved "},
      {"group-items", "    handle: 01h, 2 bytes; the handle of another structure\n"},
  };
  for (const auto& [keyword, line] : rows) {
    const std::string said = explained(plant, keyword);
    CAPTURE(said);
    CHECK_MESSAGE(contains(said, line), std::string(line));
  }
}

TEST_CASE("JSON explains the same, and of every field") {
  const Plant plant;
  const json::object size = field_json(plant, "memory-device-size");
  CHECK(size.at("type") == 17);
  CHECK(text(size, "structure") == "Memory Device");
  CHECK(text(size, "label") == "Size");
  CHECK(text(size, "offset") == "0Ch");
  CHECK(text(size, "size") == "2 bytes, bits 14:0");
  CHECK(text(size, "kind") == "number");
  CHECK(text(size, "since") == "2.1");
  CHECK(text(size, "clause") == "7.18");
  CHECK(text(size.at("facts").as_object(), "instead") == "memory-device-extended-size where it is 7FFFh");
  CHECK(size.at("values") == json::array{{{"value", "0000h"}, {"name", "No Module Installed"}},
                                         {{"value", "FFFFh"}, {"name", "Unknown"}}});
  CHECK(size.at("burnt_by").as_array().empty());

  CHECK(field_json(plant, "memory-device-form-factor").at("values").as_array().back() ==
        json::object{{"value", "13h"}, {"name", "CSODIMM"}, {"key", "csodimm"}, {"since", "3.9"}});
  const json::object serial = field_json(plant, "system-serial-number");
  CHECK(serial.at("burnt_by").as_array().size() == 4);
  CHECK(serial.at("burnt_by").as_array().back() ==
        json::object{{"tool", "h2osde"}, {"switch", "-SS"}, {"written", "-SS {value}"}});
  CHECK(field_json(plant, "group-items").at("columns").as_array().size() == 2);

  const json::array all = fields_json(plant, {});
  REQUIRE(all.size() == smbios::fields().size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const json::object& field = all[i].as_object();
    CHECK(text(field, "keyword") == smbios::fields()[i].keyword);
    CHECK_FALSE(text(field.at("facts").as_object(), "is").empty());
    CHECK(text(field.at("facts").as_object(), "is") != "unknown");
    CHECK(text(field, "kind") != "unknown");
  }
  CHECK(fields_json(plant, {"12"}).size() == 1);
}

TEST_CASE("without a keyword the fields are listed, of one type or of all") {
  const Plant plant;
  CHECK(explained(plant, "39")
            .starts_with("Type 39: System Power Supply\n"
                         "  power-supply-group                  Power Unit Group\n"));
  CHECK(lines(explained(plant, "39")) == 1 + smbios::fields_of(39).size());
  const Ended said = plant.dmigate({"profile", "explain"});
  CHECK(said.status == 0);
  std::set<int> types;
  for (const smbios::Field& field : smbios::fields()) {
    types.insert(field.type);
    CHECK_MESSAGE(contains(said.out, "\n  " + std::string(field.keyword) + " "), field.keyword);
  }
  // A heading for each type, a blank line between two.
  CHECK(lines(said.out) == smbios::fields().size() + types.size() * 2 - 1);
}

TEST_CASE("what is no field is wrong usage, with the nearest one") {
  const Plant plant;
  const struct {
    const char* asked;
    const char* sentence;
  } rows[] = {
      {"system-serial", "there is no field `system-serial`; did you mean `system-serial-number`?"},
      {"System_UUID", "there is no field `System_UUID`; did you mean `system-uuid`?"},
      {"zzzzzzzz", "there is no field `zzzzzzzz`; dmigate profile explain lists the fields"},
      {"126", "no field of Type 126 is known; dmigate profile explain lists the fields"},
      {"256", "no field of Type 256 is known; dmigate profile explain lists the fields"},
      {"99999999999999999999",
       "there is no field `99999999999999999999`; dmigate profile explain lists the fields"},
      {"\x1b[2J", "there is no field `\\x1B[2J`; dmigate profile explain lists the fields"},
  };
  for (const auto& [asked, sentence] : rows) {
    for (const bool as_json : {false, true}) {
      Words arguments = {"profile", "explain", asked};
      if (as_json) arguments.emplace_back("--json");
      const Ended said = plant.dmigate(arguments);
      CHECK(said.status == 2);
      CHECK(said.out.empty());
      CHECK(said.err == "dmigate: " + std::string(sentence) + "\n");
    }
  }
  CHECK(plant.dmigate({"profile", "explain", "system-uuid", "--markdown"}).status == 2);
  CHECK(plant.dmigate({"profile", "explain", "--json", "--markdown"}).status == 2);
}

TEST_CASE("docs/fields.md is what the program writes; scripts/make-goldens writes it anew") {
  const Plant plant;
  const Ended said = plant.dmigate({"profile", "explain", "--markdown"});
  REQUIRE(said.status == 0);
  const std::string kept = read_file(std::string(DMIGATE_SOURCE_DIR) + "/docs/fields.md");
  // Not CHECK(a == b): both would be printed whole.
  const auto [at, in_kept] = std::ranges::mismatch(said.out, kept);
  const bool same = at == said.out.end() && in_kept == kept.end();
  const auto line = std::count(said.out.begin(), at, '\n') + 1;
  CHECK_MESSAGE(same, "docs/fields.md is out of date from line ", line, " on: run scripts/make-goldens");
  for (const smbios::Field& field : smbios::fields()) {
    CHECK_MESSAGE(contains(said.out, "\n| `" + std::string(field.keyword) + "` | "), field.keyword);
  }
}
