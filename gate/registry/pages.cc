#include "gate/registry/pages.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace dmigate::gate {
namespace {

static_assert(std::endian::native == std::endian::little, "sums are of words as they stand in the file");

// Of page 1, what a copy has anew although it is sound (sqlite3's .backup): its counters of changes, and the
// version of SQLite that wrote it. SQLite does not read from a page because of them.
struct Range {
  std::size_t first, last;
};
constexpr std::array<Range, 3> kVolatile = {{{24, 28}, {40, 44}, {92, 100}}};

// From the end of a page.
constexpr std::size_t kChecksum = 16, kBalance = 8;
// Where the sums begin, with the page's number: a page of zeros is not sound, nor one in another's place.
constexpr std::uint32_t kBegin = 0x646d6967;

Sums checksum(std::span<const std::uint8_t> page, std::uint32_t number) {
  const auto content = page.first(page.size() - kReservedBytes);
  if (number != 1) return sums_of(content, {kBegin, number});
  std::vector<std::uint8_t> lasting(content.begin(), content.end());
  for (const Range& range : kVolatile) {
    std::fill(lasting.begin() + static_cast<std::ptrdiff_t>(range.first),
              lasting.begin() + static_cast<std::ptrdiff_t>(range.last), std::uint8_t{0});
  }
  return sums_of(lasting, {kBegin, number});
}

Sums read_sums(std::span<const std::uint8_t> page, std::size_t from_end) {
  Sums sums{};
  std::memcpy(sums.data(), &page[page.size() - from_end], sizeof sums);
  return sums;
}

}  // namespace

Sums sums_of(std::span<const std::uint8_t> bytes, Sums begin) {
  auto [first, second] = begin;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    Sums words{};
    std::memcpy(words.data(), &bytes[at], sizeof words);
    first += words[0] + second;
    second += words[1] + first;
  }
  return {first, second};
}

void stamp_page(std::span<std::uint8_t> page, std::uint32_t number) {
  const Sums sums = checksum(page, number);
  const Sums old = read_sums(page, kChecksum);
  Sums balance = read_sums(page, kBalance);
  // SQLite adds the checksum's two words, then the balance's: with the new ones it comes to what it came to
  // with the old ones (sums_of() says how words are added).
  const std::uint32_t first = sums[0] - old[0], second = sums[1] - old[1];
  balance[0] -= 2 * first + second;
  balance[1] -= first + second;
  std::memcpy(&page[page.size() - kChecksum], sums.data(), sizeof sums);
  std::memcpy(&page[page.size() - kBalance], balance.data(), sizeof balance);
}

bool is_sound_page(std::span<const std::uint8_t> page, std::uint32_t number) {
  return checksum(page, number) == read_sums(page, kChecksum);
}

}  // namespace dmigate::gate
