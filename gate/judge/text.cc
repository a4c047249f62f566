// Bytes and times as text.
#include <array>
#include <charconv>

#include "gate/judge/verdict.h"
#include "profiles/unseen.h"
#include "smbios/utf8.h"

namespace dmigate::gate {
namespace {

// Control characters, and what nobody sees, or what would reorder what stands beside it on a screen.
bool hides(std::string_view sequence) {
  if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]) < 0x20 || sequence[0] == 0x7F;
  const bool control = sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
  return control || profiles::unseen_length(sequence) != 0;
}

void escape(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0x0F];
  }
}

// The bytes with what is not UTF-8, and each sequence that `shown_as_bytes` picks, as \xNN.
template <typename Picks>
std::string escape_where(std::string_view bytes, Picks shown_as_bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    const std::string_view sequence = bytes.substr(0, length == 0 ? 1 : length);
    if (length == 0 || shown_as_bytes(sequence)) {
      escape(sequence, out);
    } else {
      out += sequence;
    }
    bytes.remove_prefix(sequence.size());
  }
  return out;
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  return escape_where(bytes, [](std::string_view) { return false; });
}

std::string printable(std::string_view bytes) { return escape_where(bytes, hides); }

std::string utc_text(std::chrono::system_clock::time_point time) {
  using std::chrono::floor;
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{floor<std::chrono::milliseconds>(time - day)};
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace dmigate::gate
