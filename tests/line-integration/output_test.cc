#include "line-integration/burn/output.h"

#include <doctest/doctest.h>

using dmigate::line::KeptOutput;

TEST_CASE("output that fits is kept as it came") {
  KeptOutput kept(10);
  kept.append("01234");
  kept.append("");
  kept.append("56789");
  CHECK(kept.text() == "0123456789");
  CHECK(kept.total() == 10);
}

TEST_CASE("longer output keeps its first and last half, and says how much is missing") {
  KeptOutput kept(10);
  kept.append("0123456789A");
  CHECK(kept.text() == "01234\n[1 bytes left out]\n6789A");
  CHECK(kept.total() == 11);
}

TEST_CASE("nothing is kept where nothing is asked for") {
  KeptOutput kept(0);
  kept.append("abc");
  CHECK(kept.text() == "\n[3 bytes left out]\n");
}

// Whatever the pieces, the halves are those of the whole.
TEST_CASE("how output is cut into pieces does not matter") {
  std::string whole;
  for (int i = 0; i < 200; ++i) whole += static_cast<char>('a' + i % 26);
  for (std::size_t limit : {2U, 3U, 16U, 99U, 100U, 101U, 199U, 200U, 201U}) {
    for (std::size_t piece = 1; piece <= whole.size(); ++piece) {
      KeptOutput kept(limit);
      for (std::size_t at = 0; at < whole.size(); at += piece) {
        kept.append(std::string_view(whole).substr(at, piece));
      }
      const std::size_t half = limit / 2;
      const std::size_t left_out = 2 * half >= whole.size() ? 0 : whole.size() - 2 * half;
      const std::string expected = left_out == 0
                                       ? whole
                                       : whole.substr(0, half) + "\n[" + std::to_string(left_out) +
                                             " bytes left out]\n" + whole.substr(whole.size() - half);
      REQUIRE_MESSAGE(kept.text() == expected, "limit ", limit, ", pieces of ", piece);
    }
  }
}
