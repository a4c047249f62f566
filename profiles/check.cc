#include "profiles/check.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "smbios/ascii.h"

namespace dmigate::profiles {
namespace {

bool same(const smbios::Field& field, std::string_view a, std::string_view b) {
  return field.kind == smbios::Kind::kUuid ? lowered(a) == lowered(b) : a == b;
}

// "5.13" as {5, 13}, without final zeros: 5.0 is 5. None when it is not dotted numbers.
std::optional<std::vector<std::uint64_t>> dotted_numbers(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  for (;;) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  while (!numbers.empty() && numbers.back() == 0) numbers.pop_back();
  return numbers;
}

// 1.10 is above 1.9. What is not dotted numbers is above nothing.
bool dotted_at_least(std::string_view found, std::string_view wanted) {
  const auto numbers = dotted_numbers(found);
  const auto least = dotted_numbers(wanted);
  return numbers && least && *numbers >= *least;
}

bool length_holds(const Check& check, std::size_t bytes) {
  return bytes >= check.at_least.value_or(0) && bytes <= check.at_most.value_or(~std::uint64_t{0});
}

}  // namespace

bool holds(const Check& check, const smbios::Field& field, std::string_view text, std::string_view expected) {
  switch (check.kind) {
    case CheckKind::kEquals:
      return same(field, text, expected);
    case CheckKind::kOneOf:
      return std::any_of(check.values.begin(), check.values.end(),
                         [&](const std::string& value) { return same(field, text, value); });
    case CheckKind::kPattern:
      return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *check.pattern);
    case CheckKind::kContains:
      return lowered(text).find(lowered(expected)) != std::string::npos;
    case CheckKind::kNotContains:
      return lowered(text).find(lowered(expected)) == std::string::npos;
    case CheckKind::kStartsWith:
      return lowered(text).starts_with(lowered(expected));
    case CheckKind::kLength:
      return length_holds(check, text.size());
    case CheckKind::kAtLeast:
      return dotted_at_least(text, expected);
  }
  return false;
}

}  // namespace dmigate::profiles
