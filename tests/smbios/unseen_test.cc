#include "smbios/unseen.h"

#include <doctest/doctest.h>

#include <string>

namespace dmigate {

TEST_CASE("blanks, and characters without width, are unseen; others are not") {
  for (const std::string unseen :
       {" ",      "\t",     "\r",     "\u00A0", "\u00AD", "\u034F",    "\u061C", "\u1680",
        "\u180E", "\u2003", "\u200B", "\u200F", "\u2028", "\u202E",    "\u2060", "\u2800",
        "\u3000", "\u3164", "\uFE0F", "\uFEFF", "\uFFA0", "\U000E0041"}) {
    CAPTURE(unseen);
    CHECK(unseen_length(unseen) == unseen.size());
    CHECK(unseen_length(unseen + "x") == unseen.size());
    CHECK(trim_unseen(unseen + "x" + unseen) == "x");
    CHECK(trim_unseen(unseen + " " + unseen).empty());
    CHECK(trim_unseen("x" + unseen + "y") == "x" + unseen + "y");
  }
  for (const std::string seen : {"", "a", "-", "\x01", "\x7F", "\u0080", "é", "“", "—", "中", "Ａ", "😀"}) {
    CAPTURE(seen);
    CHECK(unseen_length(seen) == 0);
    CHECK(trim_unseen(seen) == seen);
  }
}

TEST_CASE("bytes that are no UTF-8 are seen, cut off or not") {
  for (const std::string bytes : {"\xA0", "\xC2", "\xE3\x80", "\x80\x80", "\xFF", "\xED\xA0\x80"}) {
    CAPTURE(bytes);
    CHECK(unseen_length(bytes) == 0);
    CHECK(trim_unseen(bytes) == bytes);
    CHECK(trim_unseen(" " + bytes + "\u3000") == bytes);
  }
}

TEST_CASE("a code point is read with its length") {
  CHECK(code_point("a").value == U'a');
  CHECK(code_point("é!").value == U'é');
  CHECK(code_point("中文").value == U'中');
  CHECK(code_point("中文").bytes == 3);
  CHECK(code_point("😀").value == U'😀');
  CHECK(code_point("😀").bytes == 4);
  CHECK(code_point("\xFF").bytes == 0);
  CHECK(code_point("").bytes == 0);
}

}  // namespace dmigate
