// The catalogue of sentences: both languages say the same, and ids never change.
#include <algorithm>
#include <set>

#include "profiles/rule_ids.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

std::set<std::string> placeholders_of(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    REQUIRE(close != text.npos);
    names.emplace(text.substr(open + 1, close - open - 1));
  }
  return names;
}

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (static_cast<unsigned char>(c) & 0xF0) == 0xE0; });
}

TEST_CASE("every row has both languages, and the same placeholders in both") {
  for (const Message& row : messages()) {
    CAPTURE(std::string(row.rule));
    const bool cure = row.rule.starts_with("cure.");
    CHECK(row.english.empty() == cure);
    CHECK(row.english.empty() == row.chinese.empty());
    const bool cause = row.rule.starts_with("why.");
    CHECK(row.english_advice.empty() == cause);
    CHECK(row.chinese_advice.empty() == cause);
    CHECK(placeholders_of(row.english) == placeholders_of(row.chinese));
    CHECK(placeholders_of(row.english_advice) == placeholders_of(row.chinese_advice));
    for (const std::string_view text : {row.chinese, row.chinese_advice}) {
      if (!text.empty() && text != "{cure}") CHECK(has_chinese(text));
    }
    for (const std::string_view text : {row.english, row.english_advice}) {
      CHECK_FALSE(has_chinese(text));
      CHECK_FALSE(text.ends_with('.'));
      CHECK(printable(text) == text);
    }
  }
}

TEST_CASE("every rule that is said has its id in the list that waivers are held against, and no other has") {
  // cure.* and why.* are parts of sentences, and no findings.
  std::set<std::string_view> found;
  for (const Message& row : messages()) {
    if (!row.rule.starts_with("cure.") && !row.rule.starts_with("why.")) found.insert(row.rule);
  }
  const std::set<std::string_view> listed(profiles::rule_ids().begin(), profiles::rule_ids().end());
  CHECK(found == listed);
}

TEST_CASE("a placeholder is filled once; what a unit says is never taken for one") {
  CHECK(fill("{a} and {b}, {a}", {{"a", "{b}"}, {"b", "2"}}) == "{b} and 2, {b}");
  CHECK(fill("{unknown} stays", {}) == "{unknown} stays");
  CHECK(fill("{ open", {{" open", "x"}}) == "{ open");
  CHECK(fill("", {{"a", "x"}}).empty());
  CHECK(fill("}{a}{", {{"a", "x"}}) == "}x{");
  CHECK(fill("{a}", {{"a", "first"}, {"a", "second"}}) == "first");
}

TEST_CASE("bytes become text that a screen, a log and a JSON parser can take") {
  struct Row {
    std::string bytes;
    const char* text;
  };
  const Row rows[] = {
      {"CX E500", "CX E500"},
      {"", ""},
      {"\t\r\n", "\\x09\\x0D\\x0A"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\x7F", "\\x7F"},
      {"\x1B[31m", "\\x1B[31m"},
      {"晨曦", "晨曦"},
      {"\xE6\x99", "\\xE6\\x99"},
      {"\x80", "\\x80"},
      {"\xC0\xAF", "\\xC0\\xAF"},                    // overlong
      {"\xE0\x80\x80", "\\xE0\\x80\\x80"},           // overlong
      {"\xED\xA0\x80", "\\xED\\xA0\\x80"},           // a surrogate
      {"\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // beyond U+10FFFF
      {"\xF0\x9F\x96\xA5", "\xF0\x9F\x96\xA5"},
      {"\xF5\xFF", "\\xF5\\xFF"},
      {"\xC2\x85", "\\xC2\\x85"},  // a C1 control
      {"a\xE2\x80\xAE"
       "b",
       "a\\xE2\\x80\\xAEb"},                         // right-to-left override
      {"\xE2\x80\x8B", "\\xE2\\x80\\x8B"},           // zero width space
      {"\xE2\x81\xA6", "\\xE2\\x81\\xA6"},           // an isolate
      {"\xE2\x80\xA6", "\xE2\x80\xA6"},              // an ellipsis is fine
      {"\xEF\xBB\xBF", "\\xEF\\xBB\\xBF"},           // zero width no-break space
      {"\xD8\x9C", "\\xD8\\x9C"},                    // Arabic letter mark
      {"\xC2\xAD", "\\xC2\\xAD"},                    // soft hyphen
      {"\xF3\xA0\x81\x81", "\\xF3\\xA0\\x81\\x81"},  // a tag
  };
  for (const Row& row : rows) {
    CHECK(printable(row.bytes) == row.text);
    CHECK(printable(printable(row.bytes)) == printable(row.bytes));
  }
}

TEST_CASE("times are UTC with milliseconds") {
  using std::chrono::milliseconds;
  using Time = std::chrono::system_clock::time_point;
  CHECK(utc_text(Time{milliseconds(0)}) == "1970-01-01T00:00:00.000Z");
  CHECK(utc_text(Time{milliseconds(1795150800123)}) == "2026-11-20T05:00:00.123Z");
  CHECK(utc_text(Time{milliseconds(-1)}) == "1969-12-31T23:59:59.999Z");
  CHECK(utc_text(Time{milliseconds(1709164800000)}) == "2024-02-29T00:00:00.000Z");
}

}  // namespace
}  // namespace dmigate::gate
