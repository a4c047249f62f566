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

BurnTool parse(const std::string& text) {
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

Result<std::vector<std::string>> command(std::string_view keyword, const std::string& value) {
  return burn_command(parse(kTool), {{find_field(keyword), value}}, "unit.bin");
}

// The last argument, which carries the value.
std::string written(std::string_view keyword, const std::string& value) {
  const auto made = command(keyword, value);
  return made ? made->back() : made.error().to_string();
}

}  // namespace

TEST_CASE("a tool is read as it is described") {
  const BurnTool tool = parse(kTool);
  CHECK(tool.name == "t");
  CHECK(tool.description == "A tool");
  CHECK(tool.command == "./burn");
  CHECK(tool.file == "t.yaml");
  CHECK(tool.success == "Done");
  CHECK(tool.switches.size() == 5);
  CHECK(tool.find(*find_field("system-uuid"))->format == SwitchFormat::kHex32);
  CHECK(tool.find(*find_field("system-family"))->format == SwitchFormat::kText);
  CHECK(tool.find(*find_field("system-version")) == nullptr);
}

TEST_CASE("the command is an argument vector, in the order of the values") {
  const auto made = burn_command(
      parse(kTool),
      {{find_field("system-family"), "CX \"E\" $(x)"}, {find_field("system-serial-number"), "CX1234567"}},
      "/units/7 a.bin");
  REQUIRE(made);
  CHECK(*made == std::vector<std::string>{"./burn", "--table", "/units/7 a.bin", "{value}", "/SF",
                                          "CX \"E\" $(x)", "/SS", "CX1234567"});
}

TEST_CASE("a value is written in its switch's format") {
  CHECK(written("system-serial-number", "{value}") == "{value}");  // put in once, never again
  CHECK(written("system-sku-number", "A") == "/SK=A;A");
  CHECK(written("system-uuid", "00112233-4455-6677-8899-AABBCCDDEEFF") == "00112233445566778899aabbccddeeff");
  CHECK(written("chassis-type", "desktop") == "03");
  CHECK(written("chassis-type", "Notebook") == "0a");
  CHECK(written("chassis-type", "0x1F") == "1f");
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
}

TEST_CASE("a description that does not hold is told with its places") {
  const std::string switches = "switches: { system-family: [/SF, '{value}'] }\n";
  CHECK(in_tool(switches) == "accepted");
  CHECK(error("command: b\n" + switches) == "t.yaml:1:1: `tool` is missing");
  CHECK(error("tool: t\n" + switches) == "t.yaml:1:1: `command` is missing");
  CHECK(error("tool: ../t\ncommand: b\n" + switches) == "t.yaml:1:7: `../t` is no name of a burn tool");
  CHECK(error("tool: t\ncommand: ''\n" + switches) == "t.yaml:2:10: `command` is empty");
  CHECK(in_tool(switches + "success: ''\n") == "t.yaml:4:10: `success` is empty");
  CHECK(in_tool(switches + "sucess: Done\n") == "t.yaml:4:1: unknown key `sucess`; did you mean `success`?");
  CHECK(in_tool("") ==
        "t.yaml:1:1: `switches` must be a mapping, and not empty: { keyword: [/SS, '{value}'] }");
  CHECK(in_tool("switches: { system-famly: [/SF, '{value}'] }") ==
        "t.yaml:3:13: unknown field `system-famly`; did you mean `system-family`?");
  CHECK(in_tool("switches: { system-family: /SF }") ==
        "t.yaml:3:28: a list of arguments is expected here: [/SS, '{value}']");
  CHECK(in_tool("switches: { system-family: [/SF] }") ==
        "t.yaml:3:28: none of the arguments holds {value}, so nothing would be written");
  CHECK(in_tool("switches: { system-family: { arguments: [/SF, '{value}'], format: hex3 } }") ==
        "t.yaml:3:67: unknown format `hex3`; did you mean `hex32`?; it is text, hex32 or hex2");
  CHECK(in_tool("switches: { system-family: { arguments: [/SF, '{value}'], format: hex32 } }") ==
        "t.yaml:3:41: hex32 writes a UUID, which system-family is not");
  CHECK(in_tool("switches: { system-family: { arguments: [/SF, '{value}'], format: hex2 } }") ==
        "t.yaml:3:41: hex2 writes an enumeration of one byte, which system-family is not");
}

TEST_CASE("a plant's tool lies in tools/ beside its profiles, and comes before one that ships") {
  const test::Folder folder;
  folder.write("tools/mine.yaml", "tool: mine\ncommand: b\nswitches: { system-family: [/SF, '{value}'] }\n");
  folder.write("tools/amidewin.yaml",
               "tool: amidewin\ncommand: b\nswitches: { system-family: [/SF, '{value}'] }\n");
  folder.write("tools/other.yaml",
               "tool: another\ncommand: b\nswitches: { system-family: [/SF, '{value}'] }\n");
  CHECK(load_burn_tool("mine", folder.catalog())->command == "b");
  CHECK(load_burn_tool("amidewin", folder.catalog())->command == "b");
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
