#include "profiles/placeholder.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "profiles/lookup.h"
#include "profiles/yaml.h"

namespace dmigate::profiles {

// A value without its case, blanks and ASCII punctuation; other bytes stay.
struct Folded {
  std::string text;
  std::string joined;  ///< joined[i] is 1 where nothing stood between text[i - 1] and text[i], else 0
};

namespace {

using smbios::Bytes;
using smbios::Field;
using smbios::Kind;

// A counting run this long inside a value is no serial any more: a line that counts its units comes
// by it once in 10^10.
constexpr std::size_t kInnerRun = 10;
constexpr std::size_t kFillRun = 6;        // XXXXXX, NNNNNN inside a value
constexpr std::size_t kZeros = 12;         // zeros before a digit or two
constexpr std::size_t kNumber = 3;         // digits that a word may carry
constexpr std::size_t kLongestWords = 96;  // bytes; longer values are no field's name

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_kept(char c) {
  const char small = lower(c);
  return is_digit(c) || (small >= 'a' && small <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

std::string folded(std::string_view value) {
  std::string text;
  for (char c : value) {
    if (is_kept(c)) text.push_back(lower(c));
  }
  return text;
}

Folded fold(std::string_view value) {
  Folded fold{folded(value), {}};
  char joined = 0;
  for (char c : value) {
    if (is_kept(c)) fold.joined.push_back(joined);
    joined = is_kept(c) ? 1 : 0;
  }
  return fold;
}

bool is_blank(std::string_view value) {
  return value.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

bool is_serial(const Field& field) {
  return field.keyword.ends_with("-serial-number") || field.keyword.ends_with("-asset-tag");
}

// 1.1.1, 11/11/2011: digits that mean something between separators.
bool has_separated_digits(std::string_view value) {
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    const bool separator = value[i] == '.' || value[i] == '/' || value[i] == ':';
    if (separator && is_digit(value[i - 1]) && is_digit(value[i + 1])) return true;
  }
  return false;
}

// ---------------------------------------------------------------- runs

bool is_next(char a, char b) {
  if (a == '9') return b == '0' || b == '1' || b == 'a';
  if (a == '0' && b == 'a') return true;
  return b == a + 1 && (is_digit(a) || (a >= 'a' && a < 'z'));
}
bool is_previous(char a, char b) { return is_digit(a) && is_digit(b) && b == (a == '0' ? '9' : a - 1); }

bool counts(std::string_view text, bool (*follows)(char, char)) {
  std::size_t misses = 0;
  for (std::size_t i = 1; i < text.size(); ++i) misses += follows(text[i - 1], text[i]) ? 0U : 1U;
  const bool alphabet = text.size() >= 10 && !is_digit(text.front());
  return misses <= (alphabet ? 1U : 0U);  // ABCDEFGHIJKLMNOPQRTUVWXYZ: makers miscount, too
}

std::size_t longest(std::string_view text, bool (*follows)(char, char)) {
  std::size_t best = 0;
  for (std::size_t i = 0, length = 0; i < text.size(); ++i) {
    length = i > 0 && follows(text[i - 1], text[i]) ? length + 1 : 1;
    best = std::max(best, length);
  }
  return best;
}

bool is_one_character(std::string_view text) {
  if (text.find_first_not_of(text.front()) != std::string_view::npos) return false;
  if (text.size() >= 3) return true;
  return text.front() == '0' || text.front() == 'x';  // "A" is a version, and "00" is none
}

bool is_counting(const Field& field, std::string_view text) {
  const bool serial = field.keyword.ends_with("-serial-number");  // 1234 is a product, and an asset's number
  const std::size_t least = !is_digit(text.front()) ? 6 : serial ? 4 : 5;
  return text.size() >= least && (counts(text, is_next) || counts(text, is_previous));
}

// XXXXXX-1234, xxx0204GRxxxx: a form that was never filled in.
bool is_unfilled(std::string_view text) {
  const auto fills = [](char a, char b) { return a == b && (a == 'x' || a == 'n'); };
  if (longest(text, fills) >= kFillRun) return true;
  const std::size_t after = text.find_first_not_of('x');
  return after >= 3 && after != std::string_view::npos && text.find('x', after) != std::string_view::npos;
}

// 0000000000000001. In a serial it is the first unit of a line that pads its numbers.
bool is_zero_padded(const Field& field, std::string_view text) {
  const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size());
  return !is_serial(field) && zeros >= kZeros && text.size() - zeros <= 2;
}

bool is_run(const Field& field, std::string_view value, std::string_view text) {
  const auto digits_count = [](char a, char b) { return is_digit(a) && is_digit(b) && is_next(a, b); };
  if (longest(text, digits_count) >= kInnerRun || is_unfilled(text)) return true;
  if (!is_serial(field) && has_separated_digits(value)) return false;
  return is_one_character(text) || is_counting(field, text) || is_zero_padded(field, text);
}

// ---------------------------------------------------------------- UUIDs

std::string hex_digits(const std::string& uuid) {
  std::string digits;
  std::copy_if(uuid.begin(), uuid.end(), std::back_inserter(digits), [](char c) { return c != '-'; });
  return digits;
}

int hex_value(char c) { return is_digit(c) ? c - '0' : c - 'a' + 10; }

// 00 01 02 … 0F, 00 11 22 … FF, 0A 0A 0A …: every byte the same step after the one before.
bool has_constant_step(std::string_view digits) {
  const auto byte = [&](std::size_t i) {
    return hex_value(digits[2 * i]) * 16 + hex_value(digits[2 * i + 1]);
  };
  for (std::size_t i = 2; i < 16; ++i) {
    if (((byte(i) - byte(i - 1)) & 0xFF) != ((byte(1) - byte(0)) & 0xFF)) return false;
  }
  return true;
}

// 12345678-…, 01234567-…
bool begins_counting(std::string_view digits) {
  return longest(digits.substr(0, 8), [](char a, char b) { return hex_value(b) == hex_value(a) + 1; }) == 8;
}

}  // namespace

// ---------------------------------------------------------------- the lists

// Turns the file into the lists.
class PlaceholderReader {
 public:
  PlaceholderReader(const Node& root, const std::string& file) : file_(file), map_(root, file, problems_) {}

  Result<Placeholders> read() {
    lists_.values_ = read_lines(map_, "values");
    lists_.phrases_ = read_lines(map_, "phrases");
    lists_.verbatim_ = read_lines(map_, "verbatim");
    lists_.words_ = read_lines(map_, "words");
    lists_.fillers_ = read_lines(map_, "fillers");
    lists_.field_values_ = read_by_field("field_values");
    lists_.endings_ = read_by_field("endings");
    for (const Placeholders::Entry& entry : read_lines(map_, "uuids")) read_uuid(entry);
    map_.finish();
    if (!problems_.empty()) return tl::unexpected(to_error(problems_));
    return std::move(lists_);
  }

 private:
  // A text of lines, one entry in each.
  std::vector<Placeholders::Entry> read_lines(MappingReader& map, std::string_view key) {
    std::vector<Placeholders::Entry> entries;
    const std::string text = map.text(key).value_or("");
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string line = text.substr(begin, end - begin);
      if (!line.empty()) entries.push_back({line, folded(line)});
      begin = end + 1;
    }
    return entries;
  }

  std::vector<Placeholders::FieldEntries> read_by_field(std::string_view key) {
    std::vector<Placeholders::FieldEntries> list;
    const Node* node = map_.take(key);
    if (node == nullptr) return list;
    MappingReader map(*node, file_, problems_);
    for (const Node::Entry& entry : node->entries) {
      const Field* field = smbios::find_field(entry.key);
      if (field != nullptr) list.push_back({field, read_lines(map, field->keyword)});
    }
    map.finish();  // tells keys that are no field's
    return list;
  }

  void read_uuid(const Placeholders::Entry& entry) {
    const bool prefix = entry.written.ends_with('*');
    const std::string& digits = entry.folded;
    const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex || digits.empty() || (digits.size() != 32 && !prefix)) {
      problems_.push_back(
          {file_, {}, ticked(entry.written) + " is no UUID, and no beginning of one with a final *"});
    }
    lists_.uuids_.push_back({entry.written, digits, prefix});
  }

  std::string file_;
  std::vector<Problem> problems_;
  MappingReader map_;
  Placeholders lists_;
};

Result<Placeholders> Placeholders::parse(std::string_view text, const std::string& file) {
  return parse_yaml(text, file).and_then([&](const Node& root) {
    return PlaceholderReader(root, file).read();
  });
}

Result<std::shared_ptr<const Placeholders>> shipped_placeholders() {
  const Node root = find_shipped(kPlaceholdersFile)->root();
  return PlaceholderReader(root, "catalog/" + std::string(kPlaceholdersFile))
      .read()
      .map([](Placeholders&& lists) { return std::make_shared<const Placeholders>(std::move(lists)); });
}

// ---------------------------------------------------------------- detection

Placeholder Placeholders::detect(const Field& field, Bytes raw) const {
  switch (field.kind) {
    case Kind::kString:
      return detect_text(field, {reinterpret_cast<const char*>(raw.data()), raw.size()});
    case Kind::kUuid:
      return detect_uuid(raw);
    case Kind::kEnum: {
      // 00h and "Unknown" are what DSP0134's Annex A does not let stand for a chassis type.
      const smbios::Reading reading{&field, smbios::State::kPresent, {}, raw, std::nullopt};
      const std::string name = reading.text();
      const bool none =
          name == "Unknown" || (reading.number() == 0 && smbios::enum_key(name).starts_with("0x"));
      return none ? Placeholder{PlaceholderKind::kText, "Unknown"} : Placeholder{};
    }
    default:
      return {};
  }
}

Placeholder Placeholders::detect_text(const Field& field, std::string_view value) const {
  if (is_blank(value)) return {};  // a state of its own
  for (const Entry& entry : verbatim_) {
    if (value.find(entry.written) != std::string_view::npos) return {PlaceholderKind::kText, entry.written};
  }
  const Folded fold = profiles::fold(value);
  if (fold.text.empty()) return {PlaceholderKind::kText, {}};
  if (const Placeholder found = detect_words(field, fold)) return found;
  return {is_run(field, value, fold.text) ? PlaceholderKind::kRun : PlaceholderKind::kNone, {}};
}

Placeholder Placeholders::detect_words(const Field& field, const Folded& value) const {
  const std::string& text = value.text;
  const bool digits = std::any_of(text.begin(), text.end(), is_digit);
  for (const Entry& entry : values_) {
    if (text == entry.folded) return {PlaceholderKind::kText, entry.written};
  }
  for (const FieldEntries& of_field : field_values_) {
    for (const Entry& entry : of_field.entries) {
      if (of_field.field == &field && text == entry.folded) return {PlaceholderKind::kText, entry.written};
    }
  }
  for (const FieldEntries& of_field : endings_) {
    for (const Entry& entry : of_field.entries) {
      const bool ends = of_field.field == &field && !digits && text.ends_with(entry.folded);
      if (ends) return {PlaceholderKind::kText, entry.written};
    }
  }
  for (const Entry& entry : phrases_) {
    if (text.find(entry.folded) != std::string::npos) return {PlaceholderKind::kText, entry.written};
  }
  return {made_of_words(value) ? PlaceholderKind::kText : PlaceholderKind::kNone, {}};
}

// Whether words and fillers, at least one word among them, make up the value. A part may carry a number
// as makers do, "SKU0", "Name1", "string000": one digit, or digits after a zero. "System76" is a maker.
bool Placeholders::made_of_words(const Folded& value) const {
  const std::string_view text = value.text;
  if (text.size() > kLongestWords) return false;
  enum Reach : std::uint8_t { kNot, kByFillers, kByWords };
  std::array<Reach, kLongestWords + 1> reach{};
  reach.at(0) = kByFillers;
  const auto arrive = [&](std::size_t at, Reach how) {
    reach.at(at) = std::max(reach.at(at), how);
    const std::size_t last = std::min(text.size(), at + kNumber);
    for (std::size_t end = at; end < last && is_digit(text[end]) && value.joined[end] == 1; ++end) {
      if (end == at || text[at] == '0') reach.at(end + 1) = std::max(reach.at(end + 1), how);
    }
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (reach.at(at) == kNot) continue;
    const std::string_view rest = text.substr(at);
    for (const Entry& word : words_) {
      if (rest.starts_with(word.folded)) arrive(at + word.folded.size(), kByWords);
    }
    for (const Entry& filler : fillers_) {
      if (rest.starts_with(filler.folded)) arrive(at + filler.folded.size(), reach.at(at));
    }
  }
  return reach.at(text.size()) == kByWords;
}

Placeholder Placeholders::detect_uuid(Bytes raw) const {
  if (raw.size() != 16) return {};
  const auto all = [&](std::uint8_t byte) { return std::count(raw.begin(), raw.end(), byte) == 16; };
  if (all(0x00)) return {PlaceholderKind::kUuidNil, {}};
  if (all(0xFF)) return {PlaceholderKind::kUuidFf, {}};
  for (const std::string& digits :
       {hex_digits(smbios::uuid_text_rfc(raw)), hex_digits(smbios::uuid_text_mixed(raw))}) {
    for (const UuidTemplate& known : uuids_) {
      const bool same = known.prefix ? digits.starts_with(known.digits) : digits == known.digits;
      if (same) return {PlaceholderKind::kUuidTemplate, known.written};
    }
    if (has_constant_step(digits) || begins_counting(digits)) return {PlaceholderKind::kUuidTemplate, {}};
  }
  return {};
}

}  // namespace dmigate::profiles
