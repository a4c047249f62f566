// A work order says what each unit gets, in whatever form the MES writes it; what is not clear is told with
// its place, and no value goes to the wrong unit.
#include "line-integration/station/order.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace dmigate::line {
namespace {

const std::string kHeader = "unit,work_order,system-serial-number,baseboard-serial-number\n";
const std::string kTwo =
    kHeader + "CX2600501,WO-7,CX2600501,HB26031501\nCX2600502,WO-7,CX2600502,HB26031502\n";

const profiles::Profile& model() {
  static const profiles::Profile profile = [] {
    auto parsed = profiles::parse_profile(R"(profile: m
version: 1
match: { system-product-name: [M] }
identifiers: { activation-sn: { unique: true, optional: true }, crate: { optional: true } }
fields:
  system-product-name: {}
  system-serial-number: { unique: true }
  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }
  baseboard-manufacturer: {}
  system-uuid: { unique: true }
  system-sku-number: {}
burn:
  tool: amidewin
  fields: [system-serial-number, baseboard-serial-number, system-uuid, system-sku-number]
stages: { pre-burn: { except: burn-fields }, post-burn: { after: pre-burn } }
)",
                                          "m.yaml", {});
    REQUIRE_MESSAGE(parsed, parsed.error().to_string());
    return *std::move(parsed);
  }();
  return profile;
}

struct Asked {
  std::string label = "CX2600501";
  std::string work_order = {};
};

// "keyword=value …, identifier:name=value", or what is wrong.
std::string told(const std::string& text, const Asked& asked = {}, const std::string& file = "order") {
  const auto order = parse_order(text, file);
  const auto row = order ? find_row(*order, asked.label, asked.work_order) : Failure(order.error());
  const auto sorted = row ? sort_values(*order, *row, model()) : Failure(row.error());
  if (!sorted) {
    CHECK(sorted.error().kind == ErrorKind::kConfiguration);
    return sorted.error().to_string();
  }
  std::string all;
  for (const OrderValue& value : sorted->fields) all += value.name + "=" + value.value + " ";
  for (const auto& [name, value] : sorted->identifiers) all += "identifier:" + name + "=" + value + " ";
  return all;
}

std::string utf16(const std::string& ascii, bool little = true) {
  std::string bytes = little ? "\xFF\xFE" : "\xFE\xFF";
  for (const char c : ascii) bytes += little ? std::string{c, '\0'} : std::string{'\0', c};
  return bytes;
}

const std::string kFirst = "system-serial-number=CX2600501 baseboard-serial-number=HB26031501 ";

}  // namespace

TEST_CASE("the scanned unit's row of a lot is found, and no other") {
  CHECK(told(kTwo) == kFirst);
  CHECK(told(kTwo, {.label = " cx2600502 "}) ==
        "system-serial-number=CX2600502 baseboard-serial-number=HB26031502 ");
  CHECK(told(kTwo, {.label = "CX2600503"}) ==
        "order: the order has nothing for unit CX2600503; see that the label was scanned right, and that "
        "this is "
        "the "
        "unit's order");
}

TEST_CASE("one order in every form says the same") {
  const std::string json =
      R"({"unit": "CX2600501", "work_order": "WO-7", "system-serial-number": "CX2600501",)"
      "\n\t"
      R"("baseboard-serial-number":"HB26031501"})";
  CHECK(told(json) == kFirst);
  CHECK(told("[" + json + "]", {}, "o.json") == kFirst);
  CHECK(told("unit: CX2600501\nsystem-serial-number: CX2600501\nbaseboard-serial-number: HB26031501\n") ==
        kFirst);
  CHECK(
      told(
          "work_order: WO-7\nunits:\n"
          "- { label: CX2600502, system-serial-number: CX2600502 }\n"
          "- { label: CX2600501, system-serial-number: CX2600501, baseboard-serial-number: HB26031501 }\n") ==
      kFirst);
  CHECK(told(R"({"units": [{"unit": "CX2600501", "system-sku-number": 0010}]})") ==
        "system-sku-number=0010 ");
}

TEST_CASE("a CSV is read as spreadsheets write it") {
  const std::string row = "CX2600501,WO-7,CX2600501,HB26031501";
  std::string semicolons = kTwo, tabs = kTwo, windows;
  std::ranges::replace(semicolons, ',', ';');
  std::ranges::replace(tabs, ',', '\t');
  for (const char c : kTwo) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string blanks =
      "unit , system-serial-number,baseboard-serial-number\n\"CX2600501\",\"CX2600501\",\"HB26031501\"\n";
  const std::string all[] = {kHeader + row, "\xEF\xBB\xBF" + kTwo, windows,     semicolons,       tabs,
                             utf16(kTwo),   utf16(windows, false), utf16(tabs), kTwo + ",,,\n\n", "\n" + kTwo,
                             blanks};
  for (const std::string& text : all) {
    CAPTURE(text);
    CHECK(told(text, {}, "lot.csv") == kFirst);
    if (!text.starts_with("\n")) CHECK(told(text) == kFirst);  // and by its content
  }
  CHECK(told("unit,system-sku-number\nCX2600501,\"a \"\"b\"\", c\"\n") == "system-sku-number=a \"b\", c ");
}

TEST_CASE("what is wrong with a CSV is told with file, line and column") {
  const struct {
    std::string text;
    const char* said;
  } rows[] = {
      {"unit,system-serial-number\nCX2600501\n", "lot.csv:2:1: this row has 1 cells, and the header has 2"},
      {"unit,system-serial-number\nCX2600501,A,B\n",
       "lot.csv:2:1: this row has 3 cells, and the header has 2"},
      {"unit,system-serial-number\nCX2600501,\"A\n", "lot.csv:2:11: the quote that begins here has no end"},
      {"unit,system-serial-number\nCX2600501,\"A\"B\n",
       "lot.csv:2:14: text after the quote that ends its cell"},
      {"unit,system-serial-number\nCX2600501,A\"B\"\n",
       "lot.csv:2:12: a quote inside a cell that does not begin with one"},
      {"unit,,system-serial-number\nCX2600501,,A\n", "lot.csv:1:6: this column has no name"},
      {"unit,system-serial-number,system-serial-number\nCX2600501,A,A\n",
       "lot.csv:1:27: there are two columns `system-serial-number`"},
      {"unit,sytem-serial-number\nCX2600501,A\n",
       "lot.csv:1:6: `sytem-serial-number` is no keyword, identifier or word of an order; did you mean "
       "`system-serial-number`?"},
      {"unit,bios-version\nCX2600501,A\n", "lot.csv:1:6: profile m does not have `bios-version` burnt"},
      {"unit,system-serial-number\nCX2600501,\n",
       "lot.csv:2:11: `system-serial-number` has no value for this unit"},
      {"unit,system-serial-number\nCX2600501,\" \"\n",
       "lot.csv:2:11: `system-serial-number` has no value for this unit"},
      {"unit,system-serial-number\nCX2600501,A\x01\n",
       "lot.csv:2:11: `system-serial-number` has characters that cannot be printed: A\\x01"},
      {"unit,system-serial-number\nCX2600502,B\nCX2600501,\"A\nB\"\n",
       "lot.csv:3:11: `system-serial-number` has characters that cannot be printed: A\\x0AB"},
      {"", "lot.csv: the order is empty"},
      {" \n\n", "lot.csv: the order is empty"},
      {",,\n", "lot.csv:1:1: there is no row in it"},
      {kHeader, "lot.csv:1:1: there is no unit below the header"},
      {"unit,system-serial-number\n\xB3\xBF,A\n",
       "lot.csv:2:1: the file is not UTF-8 in this line; save it as UTF-8, or as Unicode text"},
      {std::string("unit\0,x\n", 8),
       "lot.csv:1:1: the file is not UTF-8 in this line; save it as UTF-8, or as Unicode text"},
      {utf16("unit,x\nA,B\n") + "C", "lot.csv: the file is no whole UTF-16 text; save it again"},
      {utf16("unit,x\nA,B\n").substr(2),
       "lot.csv:1:1: the file is not UTF-8 in this line; save it as UTF-8, or as Unicode text"},
      {std::string(1024 * 1024 + 1, 'a'), "lot.csv: larger than 1 MiB; give each lot a file of its own"},
  };
  for (const auto& [text, said] : rows) CHECK(told(text, {}, "lot.csv") == said);
}

TEST_CASE("what is wrong with an order in YAML or JSON is told with file, line and column") {
  const struct {
    const char* text;
    const char* said;
  } rows[] = {
      {"unit: CX2600501\nsystem-serial-number: ''\n",
       "order.yaml:2:23: `system-serial-number` has no value for this unit"},
      {"unit: CX2600501\nsystem-serial-number:\n",
       "order.yaml:2:22: `system-serial-number` has no value for this unit"},
      {"unit: CX2600501\nsystem-serial-number: [A, B]\n",
       "order.yaml:2:23: `system-serial-number` must be a text"},
      {"unit: CX2600501\nsystem-serial-number: A\nsystem-serial-number: B\n",
       "order.yaml:3:1: repeated key `system-serial-number`; it is in line 2 already"},
      {"unit: CX2600501\nsystem-serial: A\n",
       "order.yaml:2:1: `system-serial` is no keyword, identifier or word of an order; did you mean "
       "`system-serial-number`?"},
      {"units: {}\n", "order.yaml:1:8: `units` must be a list of mappings, and not empty"},
      {"units: [CX2600501]\n", "order.yaml:1:9: a mapping (`keyword: value` lines) is expected here"},
      {"units: [{ unit: CX2600501, units: [] }]\n", "order.yaml:1:35: a unit has no `units`"},
      {"system-sku-number: S\nunits: [{ unit: CX2600501, system-sku-number: T }]\n",
       "order.yaml:2:9: `system-sku-number` is said here and for all units"},
      {"{\"unit\": \"CX2600501\", \"system-serial-number\": \"A\",\n\"system-serial-number\": \"B\"}",
       "order.yaml:2:1: repeated key `system-serial-number`; it is in line 1 already"},
  };
  for (const auto& [text, said] : rows) CHECK(told(text, {}, "order.yaml") == said);
  CHECK(told("{\"unit\": \"CX2600501\"", {}, "o.json").starts_with("o.json:1:"));
}

TEST_CASE("no value goes to two units") {
  CHECK(told(kTwo + "CX2600501,WO-7,CX2600503,HB26031503\n", {.label = "CX2600502"}) ==
        "order:4:1: unit CX2600501 is in line 2 already; have the order corrected");
  CHECK(told(kTwo + "cx2600501 ,WO-7,CX2600503,HB26031503\n").starts_with("order:4:1: unit "));
  CHECK(told(kTwo + "CX2600503,WO-7,cx2600502,HB26031503\n") ==
        "order:4:16: `system-serial-number` cx2600502 is in line 3 already, and no two units may have it");
  // What is unique within another field only may be equal, and so may empty cells and what is not unique.
  CHECK(told(kTwo + "CX2600503,WO-7,CX2600503,HB26031502\n") == kFirst);
  CHECK(told("unit,system-sku-number,system-serial-number\nCX2600501,S,A\nCX2600502,S,\nCX2600503,S,\n") ==
        "system-sku-number=S system-serial-number=A ");
  // A UUID is one value however it is written.
  CHECK(told("unit,system-uuid\nCX2600501,8d1e6f02-5c3b-4a77-9e41-2b7f60c4d501\n"
             "CX2600502,8D1E6F025C3B4A779E412B7F60C4D501\n")
            .starts_with("order:3:11: `system-uuid` 8D1E6F025C3B4A779E412B7F60C4D501 is in line 2 already"));
  CHECK(told("unit,activation-sn\nCX2600501,0401\nCX2600502,0401\n")
            .starts_with("order:3:11: `activation-sn`"));
  CHECK(told("unit,crate\nCX2600501,7\nCX2600502,7\n") == "identifier:crate=7 ");
  CHECK(told("unit,label,crate\nCX2600501,CX2600501,7\n") ==
        "order:2:1: `unit` and `label` are the same thing; leave one of them out");
}

TEST_CASE("a unit without a label is found by its work order, where that has no other unit") {
  const std::string one = "work_order,system-serial-number\nWO-7,CX2600501\nWO-8,CX2600502\n";
  CHECK(told(one, {.label = "", .work_order = "WO-8"}) == "system-serial-number=CX2600502 ");
  CHECK(told(one, {.label = "CX2600502", .work_order = "WO-8"}) == "system-serial-number=CX2600502 ");
  CHECK(told(one, {.label = "", .work_order = "WO-9"})
            .starts_with("order: the order has nothing for work order WO-9"));
  CHECK(
      told(kTwo, {.label = "", .work_order = "WO-7"}) ==
      "order:3:1: the order has 2 units for work order WO-7; scan the unit's label, and have the order name "
      "labels");
  CHECK(told(one, {.label = ""}) ==
        "order: nothing says which of the order's units this is; scan its label, or name the work order with "
        "--work-order");
  // Values that are for nobody in particular are for nobody.
  CHECK(told("system-serial-number: CX2600501\n", {.label = "CX2600501"})
            .starts_with("order: nothing says which of the order's units this is"));
}

}  // namespace dmigate::line
