#include "profiles/yaml.h"

#include <doctest/doctest.h>

#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

Node parsed(std::string_view text) {
  auto node = parse_yaml(text, "f.yaml");
  REQUIRE_MESSAGE(node.has_value(), text);
  return std::move(*node);
}

std::string error_of(std::string_view text) {
  const auto node = parse_yaml(text, "f.yaml");
  if (node) return "accepted";
  CHECK(node.error().kind == ErrorKind::kConfiguration);
  return node.error().to_string();
}

std::string repeat(std::string_view part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

std::string place(const Mark& mark) { return std::to_string(mark.line) + ":" + std::to_string(mark.column); }

}  // namespace

TEST_CASE("text stays as it is written") {
  const Node node =
      parsed("a: 010\nb: '010'\nc: \"x\\ty\"\nd: yes\ne: 1e3\nf: 2026-12-31\ng: ''\nh: |\n  two\n  lines\n");
  const auto text = [&](const char* key) { return node.find(key)->text; };
  CHECK(text("a") == "010");
  CHECK(text("b") == "010");
  CHECK(text("c") == "x\ty");
  CHECK(text("d") == "yes");
  CHECK(text("e") == "1e3");
  CHECK(text("f") == "2026-12-31");
  CHECK(text("g").empty());
  CHECK(text("h") == "two\nlines\n");
  CHECK_FALSE(node.find("a")->quoted);
  CHECK(node.find("b")->quoted);
  CHECK(node.find("c")->quoted);
  CHECK(node.find("g")->quoted);
  CHECK(node.find("g")->is_scalar());
  CHECK(node.find("i") == nullptr);
}

TEST_CASE("nothing, ~ and null are null, and quoted they are texts") {
  const Node node = parsed("a:\nb: ~\nc: null\nd: 'null'\ne: '~'\n");
  for (const std::string key : {"a", "b", "c"}) CHECK(node.find(key)->kind == Node::Kind::kNull);
  CHECK(node.find("d")->text == "null");
  CHECK(node.find("e")->text == "~");
}

TEST_CASE("an empty file, or one of comments, is a null at its beginning") {
  for (const std::string text : {"", "# only this\n", "---\n", "\xEF\xBB\xBF", "\n\n"}) {
    CAPTURE(text);
    CHECK(parsed(text).kind == Node::Kind::kNull);
    CHECK(parsed(text).mark.line >= 1);
  }
}

TEST_CASE("every node and key knows its line and column, in characters") {
  const Node node = parsed("# 注\n型号: { 名称: [中文, b] }\nlist:\n  - x\n  - y: z\n");
  const Node::Entry& model = node.entries[0];
  CHECK(place(node.mark) == "2:1");
  CHECK(place(model.mark) == "2:1");
  CHECK(place(model.value.mark) == "2:5");
  CHECK(place(model.value.entries[0].mark) == "2:7");
  CHECK(place(model.value.entries[0].value.items[1].mark) == "2:16");
  CHECK(place(node.find("list")->items[1].entries[0].value.mark) == "5:8");
}

TEST_CASE("a byte order mark and CRLF shift no place") {
  CHECK(error_of("\xEF\xBB\xBF"
                 "a: 1\r\nb: 2\r\na: 3\r\n") == "f.yaml:3:1: repeated key `a`; it is in line 1 already");
}

TEST_CASE("entries and items keep the order of the file") {
  const Node node = parsed("z: 1\na: 2\nm: [c, b]\n");
  CHECK(node.entries[0].key == "z");
  CHECK(node.entries[1].key == "a");
  CHECK(node.entries[2].value.items[0].text == "c");
}

TEST_CASE("what YAML allows and a rule book must not is refused, with its place") {
  CHECK(error_of("a: 1\nb: { c: 1, d: 2, c: 3 }\n") ==
        "f.yaml:2:18: repeated key `c`; it is in line 2 already");
  CHECK(error_of("a: 1\n'a': 2\n") == "f.yaml:2:1: repeated key `a`; it is in line 1 already");
  CHECK(error_of("a: &x 1\n") == "f.yaml:1:4: anchors are not read; write the value out");
  CHECK(error_of("a: &x [1]\nb: *x\n") == "f.yaml:1:4: anchors are not read; write the value out");
  CHECK(error_of("a: !!str 1\n") == "f.yaml:1:4: tags are not read; quote a text that begins with !");
  CHECK(error_of("a: ! 1\n") == "f.yaml:1:4: tags are not read; quote a text that begins with !");
  CHECK(error_of("a: !x { b: 1 }\n") == "f.yaml:1:4: tags are not read; quote a text that begins with !");
  CHECK(error_of("? [a, b]\n: 1\n") == "f.yaml:1:3: a key must be a text; quote it");
  CHECK(error_of("null: 1\n") == "f.yaml:1:1: a key must be a text; quote it");
  CHECK(error_of(": 1\n") == "f.yaml:1:1: not YAML: did not find expected key while parsing a block mapping");
  CHECK(error_of("a: 1\n---\nb: 2\n") == "f.yaml:2:1: the document has ended before this; a file holds one");
  CHECK(error_of("'a' b\n") == "f.yaml:1:5: not YAML: did not find expected <document start>");
  CHECK(error_of("'!': '*'\n'&': '!!'\n") == "accepted");
}

TEST_CASE("a syntax error says where it is") {
  CHECK(error_of("a: [1, 2\nb: 3\n") ==
        "f.yaml:2:2: not YAML: did not find expected ',' or ']' while parsing a flow sequence that begins in "
        "line 1");
  CHECK(error_of("a: b: c\n") == "f.yaml:1:5: not YAML: mapping values are not allowed in this context");
  CHECK(error_of("a:\n\tb: 1\n") ==
        "f.yaml:2:1: not YAML: found character that cannot start any token while scanning for the next "
        "token; indent with blanks, not tabs");
  CHECK(error_of("a: \"\\q\"\n").starts_with("f.yaml:1:"));
  CHECK(error_of("a: *x\n") ==
        "f.yaml:1:4: aliases are not read; write the value out, or quote a text with *");
  CHECK(error_of("%YAML 9.0\n---\na: 1\n").starts_with("f.yaml:1:1: not YAML: "));
}

TEST_CASE("what is not closed is told in the last line, with the line that it begins in") {
  CHECK(error_of("a: 1\nb: \"cut off\nc: 2\n") ==
        "f.yaml:3:1: not YAML: found unexpected end of stream while scanning a quoted scalar that begins in "
        "line 2");
  CHECK(error_of("a: [1,\n") ==
        "f.yaml:1:1: not YAML: did not find expected node content while parsing a flow node");
}

TEST_CASE("bytes that a reader would drop or replace are refused") {
  using namespace std::string_view_literals;
  CHECK(error_of("a: 1\nb\x04: 2\n") == "f.yaml:2:2: a control character stands here; remove it");
  CHECK(error_of("a: \0"sv) == "f.yaml:1:4: a control character stands here; remove it");
  CHECK(error_of("a: \x7F") == "f.yaml:1:4: a control character stands here; remove it");
  for (const std::string bytes :
       {"\xE9t", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8", "\xFF"}) {
    CAPTURE(bytes);
    CHECK(error_of("a: " + bytes) == "f.yaml:1:4: the file is not UTF-8 here; save it as UTF-8");
  }
  for (const std::string bytes :
       {"\xC3\xA9", "\xE4\xB8\xAD", "\xEF\xBF\xBD", "\xF0\x9F\x94\xA5", "\xF4\x8F\xBF\xBD"}) {
    CAPTURE(bytes);
    CHECK(parsed("a: " + bytes).find("a")->text == bytes);
  }
  CHECK(error_of("\xFF\xFE"
                 "a\0:\0"sv) == "f.yaml:1:1: the file is not UTF-8 here; save it as UTF-8");
}

TEST_CASE("64 levels are read, 65 are not, and a million do not end the program") {
  CHECK(error_of(repeat("[", 64) + repeat("]", 64)) == "accepted");
  CHECK(error_of(repeat("[", 65) + repeat("]", 65)) == "f.yaml:1:65: nested deeper than 64 levels");
  for (const std::string part : {"[", "{", "- ", "? ", "[? ", ": ", "{a: ", "[a, ", "!a ", "&a ", "- - "}) {
    CAPTURE(part);
    CHECK(error_of(repeat(part, 100'000 / part.size())).starts_with("f.yaml:1:"));
  }
  std::string stairs;
  for (std::size_t i = 0; i < 300; ++i) stairs += std::string(i, ' ') + "a:\n";
  CHECK(error_of(stairs) == "f.yaml:65:65: nested deeper than 64 levels");
}

TEST_CASE("a file may have 1 MiB") {
  CHECK(error_of(std::string(1 << 20, '\n')) == "accepted");
  CHECK(error_of(std::string((1 << 20) + 1, '\n')) ==
        "f.yaml: larger than 1 MiB; this is not a file of dmigate");
}

TEST_CASE("a file that cannot be read is told with its cause") {
  const test::Folder folder;
  CHECK(load_yaml(folder.file("none.yaml")).error().to_string() ==
        folder.file("none.yaml") +
            ": cannot be read: No such file or directory; check the path and who may read it");
  folder.write("sub/f.yaml", "a: 1\n");
  CHECK(load_yaml(folder.file("sub")).error().to_string().find("Is a directory") != std::string::npos);
  CHECK(load_yaml(folder.file("sub/f.yaml"))->find("a")->text == "1");
  folder.write("large.yaml", std::string(2 << 20, '\n'));
  CHECK(load_yaml(folder.file("large.yaml")).error().to_string() ==
        folder.file("large.yaml") + ": larger than 1 MiB; this is not a file of dmigate");
  CHECK(read_text(folder.file("large.yaml"))->size() == (1 << 20) + 1);
}

TEST_CASE("the nearest name is the one that was meant") {
  const std::string_view names[] = {"system-version", "system-serial-number", "chassis-type", "at_least",
                                    "at_most"};
  CHECK(nearest("system-serial-nubmer", names) == "system-serial-number");
  CHECK(nearest("System_Serial_Number", names) == "system-serial-number");
  CHECK(nearest("serial-number", names) == "system-serial-number");
  CHECK(nearest("system-serial", names) == "system-serial-number");
  CHECK(nearest("atleast", names) == "at_least");
  CHECK(nearest("at-most", names) == "at_most");
  CHECK(nearest("colour", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest("ab", names).empty());
  CHECK(nearest(std::string(100'000, 'a'), names).empty());
  CHECK(did_you_mean("chasis-type", names) == "; did you mean `chassis-type`?");
  CHECK(did_you_mean("colour", names).empty());
}

TEST_CASE("a mapping is read key by key, and what nobody asked for is unknown") {
  const Node node = parsed("name: n\nyes: true\ncount: 12\nlist: [a, b]\nnmae: x\n");
  std::vector<Problem> problems;
  MappingReader map(node, "f.yaml", problems);
  CHECK(map.required_text("name") == "n");
  CHECK(map.boolean("yes") == true);
  CHECK(map.number("count") == 12);
  CHECK(map.texts("list") == std::vector<std::string>{"a", "b"});
  CHECK(map.text("absent") == std::nullopt);
  CHECK(map.boolean("absent") == std::nullopt);
  CHECK(map.number("absent") == std::nullopt);
  CHECK(map.texts("absent") == std::nullopt);
  CHECK(problems.empty());
  map.finish();
  CHECK(to_error(problems).to_string() == "f.yaml:5:1: unknown key `nmae`; did you mean `name`?");
}

TEST_CASE("values of the wrong type are told, each at its place") {
  const Node node =
      parsed("a: [x]\nb: 'true'\nc: -1\nd: 99999999999999999999\ne: a\nf: [a, [b]]\ng: True\nh: 0x10\n");
  std::vector<Problem> problems;
  MappingReader map(node, "f.yaml", problems);
  CHECK(map.text("a") == std::nullopt);
  CHECK(map.boolean("b") == std::nullopt);
  CHECK(map.number("c") == std::nullopt);
  CHECK(map.number("d") == std::nullopt);
  CHECK(map.texts("e") == std::nullopt);
  CHECK(map.texts("f") == std::nullopt);
  CHECK(map.boolean("g") == std::nullopt);
  CHECK(map.number("h") == std::nullopt);
  CHECK(map.required_text("i").empty());
  map.finish();
  CHECK(to_error(problems).to_string() ==
        "f.yaml:1:4: `a` must be a text\n"
        "f.yaml:2:4: `b` must be true or false\n"
        "f.yaml:3:4: `c` must be a whole number in decimal digits\n"
        "f.yaml:4:4: `d` must be a whole number in decimal digits\n"
        "f.yaml:5:4: `e` must be a list of texts: [a, b]\n"
        "f.yaml:6:8: an item of `f` must be a text\n"
        "f.yaml:7:4: `g` must be true or false\n"
        "f.yaml:8:4: `h` must be a whole number in decimal digits\n"
        "f.yaml:1:1: `i` is missing");
}

TEST_CASE("what is no mapping is told once") {
  const Node node = parsed("- a\n");
  std::vector<Problem> problems;
  MappingReader map(node, "f.yaml", problems);
  CHECK(map.required_text("name").empty());
  CHECK(map.take("name") == nullptr);
  map.finish();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].to_string() == "f.yaml:1:1: a mapping (`key: value` lines) is expected here");
}

TEST_CASE("a problem without a place names its file, and without a file only itself") {
  CHECK(Problem{"f.yaml", {}, "m"}.to_string() == "f.yaml: m");
  CHECK(Problem{"", {}, "m"}.to_string() == "m");
}

}  // namespace dmigate::profiles
