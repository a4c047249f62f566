#include "gate/evidence/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "smbios/ascii.h"
#include "smbios/unseen.h"
#include "smbios/utf8.h"

namespace dmigate::gate {
namespace {

// Control characters, and what nobody sees, or what would reorder what stands beside it on a screen.
bool hides(std::string_view sequence) {
  if (sequence.size() == 1) return static_cast<unsigned char>(sequence[0]) < 0x20 || sequence[0] == 0x7F;
  const bool control = sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
  return control || unseen_length(sequence) != 0;
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

void append_utf8(std::uint32_t code, std::string& out) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

// `low` is the place of a unit's low byte: 0 in UTF-16 LE. Half a pair, and half a unit at the end, is
// U+FFFD.
std::string from_utf16(std::string_view bytes, std::size_t low) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  const auto unit = [&](std::size_t at) -> std::uint32_t {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    return byte(at + low) | std::uint32_t{byte(at + 1 - low)} << 8;
  };
  std::string out;
  std::size_t at = 0;
  for (; at + 2 <= bytes.size(); at += 2) {
    const std::uint32_t first = unit(at);
    if (first < 0xD800 || first > 0xDFFF) {
      append_utf8(first, out);
      continue;
    }
    const std::uint32_t second = first < 0xDC00 && at + 4 <= bytes.size() ? unit(at + 2) : 0;
    const bool pair = second >= 0xDC00 && second <= 0xDFFF;
    append_utf8(pair ? 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00) : kReplacement, out);
    if (pair) at += 2;
  }
  if (at < bytes.size()) append_utf8(kReplacement, out);
  return out;
}

// Reads the number of exactly `digits` digits at the start of `text`, and takes it away.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// ".123": digits beyond the third are left out. None when there is a point without digits.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int milliseconds = 0;
  int scale = 100;
  bool any = false;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    milliseconds += (text.front() - '0') * scale;
    scale /= 10;
    any = true;
  }
  return any ? std::optional(milliseconds) : std::nullopt;
}

// "Z" or "+08:00", in minutes east of Greenwich.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool east = take(text, '+');
  if (!east && !take(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return east ? offset : -offset;
}

}  // namespace

std::optional<std::string> plain_text(std::string_view bytes) {
  std::string text;
  if (bytes.starts_with("\xFF\xFE")) {
    text = from_utf16(bytes.substr(2), 0);
  } else if (bytes.starts_with("\xFE\xFF")) {
    text = from_utf16(bytes.substr(2), 1);
  } else {
    text = valid_utf8(bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes);
  }
  if (text.find('\0') != std::string::npos) return std::nullopt;
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = text.find_first_not_of('\r', at);
    if (text[at] == '\r' && end != std::string::npos && text[end] == '\n') at = end;
    plain += text[at];
  }
  return plain;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::chrono::system_clock::time_point> parse_instant(std::string_view text) {
  using namespace std::chrono;
  const auto year_number = take_number(text, 4);
  if (!year_number || !take(text, '-')) return std::nullopt;
  const auto month_number = take_number(text, 2);
  if (!month_number || !take(text, '-')) return std::nullopt;
  const auto day_number = take_number(text, 2);
  if (!day_number || !take(text, 'T')) return std::nullopt;
  const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number))};
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  // The difference of any two must fit into the clock's nanoseconds, 292 years.
  if (*year_number < 1950 || *year_number > 2200) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = fraction ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty()) return std::nullopt;
  return sys_days(date) + hours(*hour) + minutes(*minute - *offset) + seconds(*second) +
         milliseconds(*fraction);
}

std::string valid_utf8(std::string_view bytes) {
  return escape_where(bytes, [](std::string_view) { return false; });
}

std::string printable(std::string_view bytes) {
  const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
  return std::ranges::all_of(bytes, plain) ? std::string(bytes) : escape_where(bytes, hides);
}

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
