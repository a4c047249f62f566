// CSV row by row: as RFC 4180 has it, as spreadsheets write it, and as nobody should.
#include "gate/evidence/csv.h"

#include <algorithm>
#include <cstring>

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

// "line:column text|text", or "line:column ! why"; in pieces of `piece` bytes.
Words rows_of(std::string_view text, std::size_t piece = 1U << 16U) {
  ByteStream bytes([text, piece](std::span<char> into) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({piece, text.size(), into.size()});
    if (count != 0) std::memcpy(into.data(), text.data(), count);
    text.remove_prefix(count);
    return count;
  });
  CsvReader reader(bytes);
  CsvRow row;
  Words all;
  for (auto more = reader.next(row); more && *more; more = reader.next(row)) {
    std::string said = std::to_string(row.where.line) + ":" + std::to_string(row.where.column) + " ";
    if (!row.wrong.empty()) {
      all.push_back(said + "! " + row.wrong);
      continue;
    }
    for (const CsvCell& cell : row.cells) said += (&cell == row.cells.data() ? "" : "|") + cell.text;
    all.push_back(said);
  }
  return all;
}

TEST_CASE("a CSV is read as RFC 4180 and spreadsheets write it, however the bytes come") {
  struct Row {
    std::string text;
    Words rows;
  };
  const Row rows[] = {
      {"", {}},
      {"a", {"1:1 a"}},
      {"a,b\n1,2\n", {"1:1 a|b", "2:1 1|2"}},
      {"a,b\r\n1,2", {"1:1 a|b", "2:1 1|2"}},
      {"\xEF\xBB\xBF"
       "a,b\n",
       {"1:1 a|b"}},
      {"a;b\n1,5;2\n", {"1:1 a|b", "2:1 1,5|2"}},
      {"a\tb\n1\t\n", {"1:1 a|b", "2:1 1|"}},
      {"\n\r\n,,\na\n", {"4:1 a"}},
      {"\"a,b\",\"say \"\"yes\"\"\"\n\"two\nlines\",x\nlast,y\n",
       {"1:1 a,b|say \"yes\"", "2:1 two\nlines|x", "4:1 last|y"}},
      {"\"a\"\r\n\"b\"\r\n", {"1:1 a", "2:1 b"}},
      {"a, b ,c\n", {"1:1 a| b |c"}},
      {"张,李\n1,\"x\"y\n", {"1:1 张|李", "2:6 ! text after the quote that ends its cell"}},
      {"a\n5\" disk\nb\n", {"1:1 a", "2:2 ! a quote inside a cell that does not begin with one", "3:1 b"}},
      {"a\n\"open\nb\n", {"1:1 a", "2:1 ! the quote that begins here has no end"}},
      {std::string("a\0,b\n", 5), {std::string("1:1 a\0|b", 8)}},
      {"a\rb,c\n", {"1:1 a\rb|c"}},
      {"a\n" + std::string(70000, 'x') + "\nb\n", {"1:1 a", "2:1 ! this row is longer than 64 KiB", "3:1 b"}},
      {"a\n\"" + std::string(70000, 'x') + "\"\nb\n",
       {"1:1 a", "2:1 ! this row is longer than 64 KiB", "3:1 b"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text.substr(0, 60));
    CHECK(rows_of(row.text) == row.rows);
    for (const std::size_t piece : {1U, 2U, 7U}) CHECK(rows_of(row.text, piece) == row.rows);
  }
}

TEST_CASE("a file that cannot be read to its end is an error, and no shorter file") {
  int pieces = 0;
  ByteStream bytes([&](std::span<char> into) -> Result<std::size_t> {
    if (++pieces > 1) return fail("the disk failed");
    std::memcpy(into.data(), "a,b\n1,2", 7);
    return 7;
  });
  CsvReader reader(bytes);
  CsvRow row;
  REQUIRE(reader.next(row));
  const auto second = reader.next(row);
  REQUIRE_FALSE(second);
  CHECK(second.error().what == "the disk failed");
}

TEST_CASE("what is written for spreadsheets is read as it was, and is no formula") {
  for (const std::string value : {"", "a", "a,b", "say \"yes\"", "two\nlines", "a;b", "张"}) {
    CAPTURE(value);
    CHECK(rows_of("x," + csv_cell(value)) == Words{"1:1 x|" + value});
  }
  for (const char* value : {"=1+1", "+1", "-1", "@sum", "=HYPERLINK(\"http://x\",\"y\")"}) {
    CHECK(rows_of("x," + csv_cell(value)) == Words{"1:1 x|'" + std::string(value)});
  }
}

}  // namespace
}  // namespace dmigate::gate
