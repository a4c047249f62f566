#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <numeric>

#include "profiles/yaml.h"
#include "smbios/ascii.h"

namespace dmigate::profiles {
namespace {

// Keywords are written with hyphens, keys with underscores, and people mix both and the case.
char folded(char c) { return c == '_' ? '-' : lower(c); }

constexpr std::size_t kLongestName = 64;  // longer is no slip of a finger, and hostile texts cost no time

// Levenshtein's distance over folded characters; above `most`, any number above it. `a` is no longer than
// kLongestName.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > most) return most + 1;
  std::array<std::uint8_t, kLongestName + 1> row{};
  std::iota(row.begin(), row.end(), std::uint8_t{0});
  for (std::size_t i = 0; i < b.size(); ++i) {
    const char c = folded(b[i]);
    std::uint8_t diagonal = row[0], least = ++row[0];
    for (std::size_t j = 0; j < a.size(); ++j) {
      const int replaced = diagonal + (folded(a[j]) == c ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = static_cast<std::uint8_t>(std::min({replaced, row[j] + 1, diagonal + 1}));
      least = std::min(least, row[j + 1]);
    }
    if (least > most) return most + 1;  // it only grows
  }
  return row[a.size()];
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.empty() || name.size() > kLongestName) return {};
  std::size_t best = name.size() < 4 ? 1 : std::max<std::size_t>(2, name.size() / 3);
  std::string_view found;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate, best);
    if (distance > best || (distance == best && !found.empty())) continue;
    best = distance;
    found = candidate;
  }
  if (best <= 2 || name.size() < 4) return std::string(found);
  // "serial-number" is far from "system-serial-number" and yet what is meant.
  const auto holds = std::find_if(candidates.begin(), candidates.end(),
                                  [&](auto c) { return c.find(name) != std::string_view::npos; });
  return std::string(holds == candidates.end() ? found : *holds);
}

std::string ticked(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string near = nearest(name, candidates);
  return near.empty() ? near : "; did you mean " + ticked(near) + "?";
}

std::string Problem::to_string() const {
  if (mark.line == 0) return file.empty() ? message : file + ": " + message;
  return file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column) + ": " + message;
}

Error to_error(const std::vector<Problem>& problems) {
  std::string all;
  for (const Problem& problem : problems) {
    if (!all.empty()) all += '\n';
    all += problem.to_string();
  }
  return Error{std::move(all), {}, {}, ErrorKind::kConfiguration};
}

Problem to_problem(const Error& error, const std::string& file) {
  Problem problem{file, {}, error.to_string()};
  std::string_view rest = problem.message;
  if (!rest.starts_with(file + ":")) return problem;
  rest.remove_prefix(file.size() + 1);
  Mark mark;
  for (int* part : {&mark.line, &mark.column}) {
    const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), *part);
    if (failed != std::errc{} || end == rest.data() + rest.size() || *end != ':') {
      if (rest.starts_with(' ')) problem.message = rest.substr(1);
      return problem;
    }
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  }
  return {file, mark, std::string(rest.substr(std::min<std::size_t>(1, rest.size())))};
}

const Node* Node::find(std::string_view key) const {
  const auto entry =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return entry == entries.end() ? nullptr : &entry->value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
  };
  static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  constexpr std::int64_t kDay = 86'400'000;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count <= 0 || count > kDay) return std::nullopt;
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  const Unit* unit =
      std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& each) { return each.name == rest; });
  if (unit == std::end(kUnits) || count * unit->milliseconds > kDay) return std::nullopt;
  return std::chrono::milliseconds(count * unit->milliseconds);
}

MappingReader::MappingReader(const Node& node, std::string file, std::vector<Problem>& problems,
                             std::vector<std::string_view> known)
    : node_(node), file_(std::move(file)), problems_(problems), known_(std::move(known)) {
  if (!node.is_mapping()) problem(node.mark, "a mapping (`key: value` lines) is expected here");
}

void MappingReader::problem(const Mark& mark, std::string message) {
  problems_.push_back({file_, mark, std::move(message)});
}

const Node* MappingReader::take(std::string_view key) {
  asked_.push_back(key);
  return node_.find(key);
}

std::optional<std::string> MappingReader::text(std::string_view key) {
  const Node* value = take(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_scalar()) return value->text;
  problem(value->mark, ticked(key) + " must be a text");
  return std::nullopt;
}

std::string MappingReader::required_text(std::string_view key) {
  if (node_.is_mapping() && node_.find(key) == nullptr) {
    problem(node_.mark, ticked(key) + " is missing");
  }
  return text(key).value_or("");
}

std::optional<bool> MappingReader::boolean(std::string_view key) {
  const Node* value = take(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_scalar() && !value->quoted) {
    if (value->text == "true") return true;
    if (value->text == "false") return false;
  }
  problem(value->mark, ticked(key) + " must be true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> MappingReader::number(std::string_view key) {
  const Node* value = take(key);
  if (value == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const char* begin = value->text.data();
  const char* end = begin + value->text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (value->is_scalar() && error == std::errc() && rest == end) return number;
  problem(value->mark, ticked(key) + " must be a whole number in decimal digits");
  return std::nullopt;
}

std::optional<std::vector<std::string>> MappingReader::texts(std::string_view key) {
  const Node* value = take(key);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const Node& item : value->items) {
    if (item.is_scalar()) {
      texts.push_back(item.text);
    } else {
      problem(item.mark, "an item of " + ticked(key) + " must be a text");
    }
  }
  if (value->is_sequence() && texts.size() == value->items.size()) return texts;
  if (!value->is_sequence()) problem(value->mark, ticked(key) + " must be a list of texts: [a, b]");
  return std::nullopt;
}

void MappingReader::finish() {
  const auto all_in = [](const auto& keys, const auto& others) {
    return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
      return std::find(others.begin(), others.end(), key) != others.end();
    });
  };
  if (!known_.empty() && !(all_in(asked_, known_) && all_in(known_, asked_))) {
    problem(node_.mark, "this mapping is not read as its format says: a fault of dmigate, tell its makers");
  }
  for (const Node::Entry& entry : node_.entries) {
    if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
    problem(entry.mark, "unknown key " + ticked(entry.key) + did_you_mean(entry.key, asked_));
  }
}

}  // namespace dmigate::profiles
