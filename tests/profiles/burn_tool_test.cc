#include "profiles/burn_tool.h"

#include <doctest/doctest.h>

#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

using smbios::find_field;

std::string error(const std::string& text) {
  const auto tool = parse_burn_tool(text, "t.yaml");
  if (tool) return "accepted";
  CHECK(tool.error().kind == ErrorKind::kConfiguration);
  return tool.error().to_string();
}

// The snippet begins in line 3.
std::string in_tool(const std::string& snippet) { return error("tool: t\ncommand: burn\n" + snippet); }

BurnTool parse_tool(const std::string& text) {
  auto tool = parse_burn_tool(text, "t.yaml");
  REQUIRE_MESSAGE(tool.has_value(), tool.error().to_string());
  return std::move(*tool);
}

const std::string kTool = R"(tool: t
description: A tool
command: ./burn
arguments: [--table, '{source}', '{value}']
switches:
  system-serial-number: [/SS, '{value}']
  system-sku-number: ['/SK={value};{value}']
  system-uuid: { arguments: [/SU, '{value}'], format: hex32 }
  chassis-type: { arguments: [/CT, '{value}'], format: hex2 }
  system-family: { arguments: [/SF, '{value}'] }
success: Done
)";

Result<std::vector<PreparedCall>> calls(const BurnTool& tool, const std::vector<BurnValue>& values) {
  return burn_calls(tool, values, "unit.bin");
}

// The last argument, which carries the value.
std::string written(const BurnTool& tool, std::string_view keyword, const std::string& value) {
  const auto made = calls(tool, {{find_field(keyword), value}});
  if (!made) {
    CHECK(made.error().kind == ErrorKind::kConfiguration);
    return made.error().to_string();
  }
  REQUIRE(made->size() == 1);
  return made->front().argv.back();
}
std::string written(std::string_view keyword, const std::string& value) {
  return written(parse_tool(kTool), keyword, value);
}

// Each call as one line.
std::vector<std::string> lines(const Result<std::vector<PreparedCall>>& made) {
  REQUIRE_MESSAGE(made, made.error().to_string());
  std::vector<std::string> lines;
  for (const PreparedCall& call : *made) {
    std::string line;
    for (const std::string& argument : call.argv) line += (line.empty() ? "" : " ") + argument;
    lines.push_back(line + " -> " + call.success.value_or("anything"));
  }
  return lines;
}

}  // namespace

TEST_CASE("a tool is read as it is described") {
  const BurnTool tool = parse_tool(kTool);
  CHECK(tool.name == "t");
  CHECK(tool.description == "A tool");
  CHECK(tool.file == "t.yaml");
  CHECK(tool.switches.size() == 5);
  REQUIRE(tool.calls.size() == 1);
  CHECK(tool.calls[0].command == "./burn");
  CHECK(tool.calls[0].success == "Done");
  CHECK(tool.calls[0].fields.size() == 5);
  CHECK(tool.find(*find_field("system-uuid"))->format == SwitchFormat::kHex32);
  CHECK(tool.find(*find_field("system-family"))->format == SwitchFormat::kText);
  CHECK(tool.find(*find_field("system-version")) == nullptr);
}

TEST_CASE("the command is an argument vector, in the order of the values") {
  const auto made = burn_calls(
      parse_tool(kTool),
      {{find_field("system-family"), "CX \"E\" $(x)"}, {find_field("system-serial-number"), "CX1234567"}},
      "/units/7 a.bin");
  REQUIRE(made);
  REQUIRE(made->size() == 1);
  CHECK(made->front().success == "Done");
  CHECK(made->front().argv == std::vector<std::string>{"./burn", "--table", "/units/7 a.bin", "{value}",
                                                       "/SF", "CX \"E\" $(x)", "/SS", "CX1234567"});
}

TEST_CASE("a value is written in its switch's format") {
  CHECK(written("system-serial-number", "{value}") == "{value}");  // put in once, never again
  CHECK(written("system-sku-number", "A") == "/SK=A;A");
  CHECK(written("system-uuid", "00112233-4455-6677-8899-AABBCCDDEEFF") == "00112233445566778899aabbccddeeff");
  CHECK(written("chassis-type", "desktop") == "03");
  CHECK(written("chassis-type", "Notebook") == "0a");
  CHECK(written("chassis-type", "0x1F") == "1f");
  const BurnTool stored = parse_tool(
      "tool: t\ncommand: b\nswitches: { system-uuid: { arguments: ['{value}'], format: hex32-stored } }\n");
  CHECK(written(stored, "system-uuid", "00112233-4455-6677-8899-AABBCCDDEEFF") ==
        "33221100554477668899aabbccddeeff");
}

TEST_CASE("a tool that takes one field a call is called once for each value, in their order") {
  const BurnTool tool = parse_tool(kTool + "calls: each\n");
  CHECK(lines(calls(tool, {{find_field("chassis-type"), "desktop"}, {find_field("system-family"), "CX"}})) ==
        std::vector<std::string>{"./burn --table unit.bin {value} /CT 03 -> Done",
                                 "./burn --table unit.bin {value} /SF CX -> Done"});
}

TEST_CASE("a tool that takes groups is called for those that have a value, in the tool's order") {
  const BurnTool tool = parse_tool(R"(tool: t
command: burn
arguments: [-q]
switches:
  system-serial-number: [/SS, '{value}']
  baseboard-serial-number: [/BS, '{value}']
  system-family: [/SF, '{value}']
  chassis-type: { arguments: [/CT, '{value}'], format: hex2 }
calls:
  - { command: unlock, arguments: ['{source}'], success: OPEN }
  - [system-serial-number, baseboard-serial-number]
  - { fields: [system-family], success: OK }
  - { fields: [chassis-type], arguments: [] }
  - { arguments: [--commit] }
success: Done
)");
  const BurnValue serial = {find_field("system-serial-number"), "CX1"};
  const BurnValue board = {find_field("baseboard-serial-number"), "HB1"};
  CHECK(lines(calls(tool, {board, {find_field("chassis-type"), "desktop"}, serial})) ==
        std::vector<std::string>{"unlock unit.bin -> OPEN", "burn -q /BS HB1 /SS CX1 -> Done",
                                 "burn /CT 03 -> Done", "burn --commit -> Done"});
  CHECK(lines(calls(tool, {{find_field("system-family"), "CX"}})) ==
        std::vector<std::string>{"unlock unit.bin -> OPEN", "burn -q /SF CX -> OK", "burn --commit -> Done"});
}

TEST_CASE("quotes go around a text where the tool wants them, and around nothing else") {
  const BurnTool quoting = parse_tool(kTool + "quoting: double\n");
  CHECK(written(quoting, "system-family", "CX E500") == "\"CX E500\"");
  CHECK(written(quoting, "system-sku-number", "A") == "/SK=\"A\";\"A\"");
  CHECK(written(quoting, "chassis-type", "desktop") == "03");
  CHECK(written(quoting, "system-family", "1\" disk") ==
        "t.yaml: the burn tool `t` cannot write the character `\"` of `1\" disk` to system-family; give a "
        "value "
        "without it");
  const BurnTool escaping = parse_tool(kTool + "quoting: escaped\n");
  CHECK(written(escaping, "system-family", R"(1" \ disk)") == R"("1\" \\ disk")");
}

TEST_CASE("what cannot be written is refused before anything is burnt") {
  CHECK(written("system-version", "A") ==
        "t.yaml: the burn tool `t` has no switch for system-version; add the switch there, or burn the field "
        "with "
        "another tool");
  CHECK(written("system-uuid", "1234") ==
        "t.yaml: `1234` cannot be written to system-uuid; give a value of the field's kind");
  CHECK(written("chassis-type", "cube").find("cannot be written to chassis-type") != std::string::npos);
  CHECK(written("system-family", "").find("cannot be written to system-family") != std::string::npos);
  CHECK(written("system-family", std::string("a\0b", 3)).find("cannot be written") != std::string::npos);
  CHECK(written("system-family", "/ss") ==
        "t.yaml: the burn tool `t` would take `/ss` for a switch; give another value");
  CHECK(written("system-sku-number", "/SS") == "/SK=/SS;/SS");  // within its own argument it is none

  const BurnTool picky = parse_tool(
      "tool: t\ncommand: b\nrefuses: '%^'\nat_most: 8\nswitches:\n"
      "  system-family: ['{value}']\n  system-sku-number: { arguments: ['{value}'], at_most: 12 }\n"
      "  system-uuid: { arguments: ['{value}'], format: hex32 }\n");
  CHECK(written(picky, "system-family", "12345678") == "12345678");
  CHECK(written(picky, "system-family", "123456789") ==
        "t.yaml: the burn tool `t` writes at most 8 bytes to system-family, and `123456789` has 9; give a "
        "shorter "
        "value");
  CHECK(written(picky, "system-family", "晨曦晨").find("has 9") !=
        std::string::npos);  // bytes, not characters
  CHECK(written(picky, "system-sku-number", "123456789012") == "123456789012");
  CHECK(written(picky, "system-sku-number", "1234567890123").find("at most 12 bytes") != std::string::npos);
  CHECK(written(picky, "system-family", "5^%").find("the character `^`") != std::string::npos);
  CHECK(written(picky, "system-uuid", "00112233-4455-6677-8899-aabbccddeeff").size() == 32);

  // Of several calls the first is not prepared where the last could not be made.
  const BurnTool each = parse_tool(kTool + "calls: each\n");
  CHECK_FALSE(calls(each, {{find_field("system-family"), "CX"}, {find_field("chassis-type"), "cube"}}));
}

TEST_CASE("a tool's word is a word of its own in what it prints") {
  CHECK(says("(/SS) system serial  Done\n", "Done"));
  CHECK(says("Done", "Done"));
  CHECK(says("=OK.", "OK"));
  CHECK_FALSE(says("NOTOK", "OK"));
  CHECK_FALSE(says("SN LOOK2600501 failed", "OK"));
  CHECK_FALSE(says("OK1", "OK"));
  CHECK(says("OK1 OK", "OK"));
  CHECK(says("100%done", "%done"));
  CHECK_FALSE(says("", "Done"));
  CHECK_FALSE(says("Done", ""));
}

TEST_CASE("a description that does not hold is told with its places") {
  const std::string switches = "switches: { system-family: [/SF, '{value}'] }\n";
  CHECK(in_tool(switches) == "accepted");
  CHECK(error("command: b\n" + switches) == "t.yaml:1:1: `tool` is missing");
  CHECK(error("tool: t\n" + switches) == "t.yaml:1:1: `command` is missing");
  CHECK(error("tool: ../t\ncommand: b\n" + switches) == "t.yaml:1:7: `../t` is no name of a burn tool");
  CHECK(error("tool: t\ncommand: ''\n" + switches) == "t.yaml:2:10: `command` is empty");
  CHECK(error("- tool: t\n").find("a mapping (`key: value` lines) is expected here") != std::string::npos);
  CHECK(in_tool(switches + "success: ''\n") == "t.yaml:4:10: `success` is empty");
  CHECK(in_tool(switches + "refuses: ''\n") ==
        "t.yaml:4:10: `refuses` lists printable ASCII characters, such as '%\"'");
  CHECK(in_tool(switches + "refuses: 晨\n").find("printable ASCII") != std::string::npos);
  CHECK(in_tool("switches: { system-family: /SF }") ==
        "t.yaml:3:28: a list of arguments is expected here: [/SS, '{value}']");
  CHECK(in_tool("switches: { system-family: { arguments: [/SF, '{value}'], format: hex2 } }") ==
        "t.yaml:3:41: hex2 writes an enumeration of one byte, which system-family is not");
  CHECK(in_tool(switches + "calls: []\n").find("t.yaml:4:8: `calls` is the word each") != std::string::npos);
  CHECK(in_tool(switches + "calls: [[]]\n") ==
        "t.yaml:4:9: `fields` must be a list of keywords, and not empty\n"
        "t.yaml:4:8: no call writes `system-family`; name it in one");
}

TEST_CASE("a plant's tool lies in tools/ beside its profiles, and comes before one that ships") {
  const test::Folder folder;
  folder.write("tools/mine.yaml", "tool: mine\ncommand: b\nswitches: { system-family: [/SF, '{value}'] }\n");
  folder.write("tools/amidewin.yaml",
               "tool: amidewin\ncommand: b\nswitches: { system-family: [/SF, '{value}'] }\n");
  folder.write("tools/other.yaml",
               "tool: another\ncommand: b\nswitches: { system-family: [/SF, '{value}'] }\n");
  CHECK(load_burn_tool("mine", folder.catalog())->calls[0].command == "b");
  CHECK(load_burn_tool("amidewin", folder.catalog())->calls[0].command == "b");
  CHECK(load_burn_tool("h2osde", folder.catalog()).has_value());
  CHECK(load_burn_tool("other", folder.catalog()).error().to_string() ==
        folder.file("tools/other.yaml") +
            ": the file is named after `other`, and holds the tool `another`; rename the one or the other");
  CHECK(load_burn_tool("mien", folder.catalog()).error().to_string() ==
        "there is no burn tool `mien`; did you mean `mine`?; describe it in tools/mien.yaml beside the "
        "profiles");
  CHECK_FALSE(load_burn_tool("../tools/mine", folder.catalog()));
}

}  // namespace dmigate::profiles
