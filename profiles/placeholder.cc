#include "profiles/placeholder.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <span>

#include "profiles/draft.h"
#include "profiles/lookup.h"
#include "profiles/yaml.h"
#include "smbios/ascii.h"
#include "smbios/unseen.h"

namespace dmigate::profiles {

// A value without its case, blanks, invisible characters and punctuation; full-width letters are ASCII's,
// other characters stay.
struct Folded {
  std::string text;
  std::string joined;  ///< joined[i] is 1 where nothing stood between text[i - 1] and text[i], else 0
};

namespace {

using smbios::Bytes;
using smbios::Field;
using smbios::Kind;

// A counting run this long inside a name or a version tells that nobody filled it in; a serial number may
// hold one, since a line that counts its units comes by it.
constexpr std::size_t kInnerRun = 10;
constexpr std::size_t kFillRun = 6;         // XXXXXX, NNNNNN inside a value
constexpr std::size_t kZeros = 12;          // zeros before a digit or two
constexpr std::size_t kSerialZeros = 8;     // in a serial number
constexpr std::size_t kNumber = 3;          // digits that a word may carry
constexpr std::size_t kLongestForm = 256;   // bytes; longer values are not looked at for repeated groups
constexpr std::size_t kShortest = 3;        // characters of a serial number; fewer tell no units apart
constexpr std::size_t kLabelledCount = 5;   // digits that count behind SN
constexpr std::size_t kLabelledRepeat = 7;  // that repeat: 11111 is a serial number of the line's
constexpr std::size_t kWordedCount = 3;     // behind a word that says what should stand there
constexpr std::size_t kLongestWords = 96;   // bytes; longer values are no field's name

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_kept(char c) {
  const char small = lower(c);
  return is_digit(c) || (small >= 'a' && small <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Beyond ASCII: dashes, dots and quotation marks, and those of Chinese.
bool is_wide_punctuation(char32_t c) {
  return (c >= 0x2010 && c <= 0x2027) || (c >= 0x2030 && c <= 0x205E) || (c >= 0x3001 && c <= 0x3003) ||
         (c >= 0x3008 && c <= 0x301F) || (c >= 0xFF61 && c <= 0xFF65);
}

// ！ to ～ are ASCII's ! to ~ in the width of an ideograph.
bool is_full_width(char32_t c) { return c >= 0xFF01 && c <= 0xFF5E; }

// Beyond ASCII: what a character is compared as; empty where it is passed over.
std::string_view fold_wide(std::string_view sequence, char32_t point) {
  constexpr std::string_view kAscii =
      "!\"#$%&'()*+,-./0123456789:;<=>?@abcdefghijklmnopqrstuvwxyz[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  if (is_full_width(point)) return kAscii.substr(point - 0xFF01, 1);
  return unseen_length(sequence) != 0 || is_wide_punctuation(point) ? std::string_view() : sequence;
}

Folded fold(std::string_view value) {
  Folded fold;
  fold.text.reserve(value.size());
  fold.joined.reserve(value.size());
  char joined = 0;
  for (; !value.empty() && static_cast<unsigned char>(value.front()) < 0x80; value.remove_prefix(1)) {
    const char small = lower(value.front());
    const bool kept = is_kept(small);
    if (kept) {
      fold.text.push_back(small);
      fold.joined.push_back(joined);
    }
    joined = kept ? 1 : 0;
  }
  while (!value.empty()) {
    const char small = lower(value.front());
    const bool ascii = static_cast<unsigned char>(small) < 0x80;
    const CodePoint point = ascii ? CodePoint{0, 1} : code_point(value);
    const std::string_view sequence = value.substr(0, std::max<std::size_t>(point.bytes, 1));
    const std::string_view piece = ascii ? std::string_view(&small, 1) : fold_wide(sequence, point.value);
    const bool kept = !piece.empty() && is_kept(piece.front());
    if (kept) {
      fold.text += piece;
      fold.joined.push_back(joined);
      fold.joined.append(piece.size() - 1, 1);
    }
    joined = kept ? 1 : 0;
    value.remove_prefix(sequence.size());
  }
  return fold;
}

std::string folded(std::string_view value) { return fold(value).text; }

bool has_only_blanks(std::string_view value) {
  return value.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

using namespace std::string_view_literals;

bool is_serial_number(const Field& field) { return field.keyword.ends_with("-serial-number"sv); }
bool is_serial(const Field& field) {
  return is_serial_number(field) || field.keyword.ends_with("-asset-tag"sv);
}
// What is no word of any language, so that a form of letters and digits says that nobody filled it in.
bool is_code(const Field& field) {
  return is_serial(field) || field.keyword.ends_with("-sku-number"sv) ||
         field.keyword.ends_with("-part-number"sv);
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
bool is_previous(char a, char b) {
  if (is_digit(a)) return b == (a == '0' ? '9' : a - 1);
  return a > 'a' && a <= 'z' && b == a - 1;
}

bool is_next_digit(char a, char b) { return is_digit(b) && is_digit(a) && is_next(a, b); }
bool is_previous_digit(char a, char b) { return is_digit(a) && is_previous(a, b); }

bool counts(std::string_view text, bool (*follows)(char, char)) {
  std::size_t misses = 0;
  for (std::size_t i = 1; i < text.size() && misses <= 1; ++i)
    misses += follows(text[i - 1], text[i]) ? 0U : 1U;
  const bool alphabet = text.size() >= 10 && std::none_of(text.begin(), text.end(), is_digit);
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
  // 1234 is a product, and an asset's number.
  const std::size_t least = !is_digit(text.front()) ? 6 : is_serial_number(field) ? 4 : 5;
  return text.size() >= least && (counts(text, is_next) || counts(text, is_previous));
}

// XXXXXX-1234, xxx0204GRxxxx: a form that was never filled in.
bool is_unfilled(std::string_view text) {
  const auto fills = [](char a, char b) { return a == b && (a == 'x' || a == 'n'); };
  if (longest(text, fills) >= kFillRun) return true;
  const std::size_t after = text.find_first_not_of('x');
  return after >= 3 && after != std::string_view::npos && text.find('x', after) != std::string_view::npos;
}

// 0000000000000001. An asset's number may be padded so.
bool is_zero_padded(const Field& field, std::string_view text) {
  const bool serial_number = is_serial_number(field);
  if (is_serial(field) && !serial_number) return false;
  const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size());
  return zeros >= (serial_number ? kSerialZeros : kZeros) && text.size() - zeros <= 2;
}

// 12121212, 123123123; 1234512345, whose halves count. A line that counts its units comes by it once in
// 10^6, and all of the value must be so.
bool is_repeating(std::string_view text) {
  if (text.size() < 8 || text.size() > kLongestForm) return false;
  for (std::size_t period = 2; 2 * period <= text.size(); ++period) {
    const bool repeats = text.substr(period) == text.substr(0, text.size() - period);
    const bool counted = period >= 4 && counts(text.substr(0, period), is_next);
    if (repeats && (3 * period <= text.size() || counted)) return true;
  }
  return false;
}

// 11223344, AABBCCDD, 111122223333: each character of a count as often as the first.
bool is_multiplied(std::string_view text) {
  const std::size_t times = std::min(text.find_first_not_of(text.front()), text.size());
  if (times < 2 || text.size() < std::max<std::size_t>(8, 3 * times) || text.size() % times != 0)
    return false;
  std::string once;
  for (std::size_t i = 0; i < text.size(); i += times) {
    if (text.substr(i, times).find_first_not_of(text[i]) != std::string_view::npos) return false;
    once.push_back(text[i]);
  }
  return counts(once, is_next) || counts(once, is_previous);
}

// The rows of a keyboard, from their beginning: qwerty, asdf.
bool is_keyboard_row(std::string_view text) {
  constexpr std::string_view kRows[] = {"qwertyuiop", "asdfghjkl", "zxcvbnm"};
  return text.size() >= 4 && std::any_of(std::begin(kRows), std::end(kRows),
                                         [&](std::string_view row) { return row.starts_with(text); });
}

// XXXX0000, 0xFFFFFFFF
bool is_masked(std::string_view text) {
  if (text.starts_with("0x") && text.size() >= 5) text.remove_prefix(2);
  return text.size() >= 3 && (text.find_first_not_of(text.front()) == std::string_view::npos ||
                              (text.size() >= 6 && text.find_first_not_of("x0") == std::string_view::npos));
}

bool is_form(std::string_view text) {
  return is_repeating(text) || is_multiplied(text) || is_keyboard_row(text) || is_masked(text);
}

// What stands behind a label or a word: 12345, 000000.
bool is_filler_number(std::string_view digits, std::size_t counted, std::size_t repeated) {
  const bool begins = digits.front() == '0' || digits.front() == '1';
  return (digits.size() >= counted && ((begins && counts(digits, is_next)) || counts(digits, is_previous))) ||
         (digits.size() >= repeated && digits.find_first_not_of(digits.front()) == std::string_view::npos);
}

bool is_run(const Field& field, std::string_view value, std::string_view text) {
  const bool code = is_code(field);
  const auto runs = [&](bool (*follows)(char, char)) { return longest(text, follows) >= kInnerRun; };
  if (!code && (runs(is_next_digit) || runs(is_previous_digit))) return true;
  if (is_unfilled(text) || (code && is_form(text))) return true;
  if (!is_serial(field) && has_separated_digits(value)) return false;
  return is_one_character(text) || is_counting(field, text) || is_zero_padded(field, text);
}

// ---------------------------------------------------------------- lists in the order of their first bytes

struct ByInitial {
  char operator()(const auto& entry) const { return entry.folded.empty() ? '\0' : entry.folded.front(); }
};

// Those that begin as the text does; of nothing, none.
auto with_initial(const auto& entries, std::string_view text) {
  if (text.empty()) return std::span(entries.end(), entries.end());
  const auto first = std::ranges::lower_bound(entries, text.front(), {}, ByInitial());
  return std::span(first, std::find_if(first, entries.end(), [&](const auto& entry) {
                     return ByInitial()(entry) != text.front();
                   }));
}

// ---------------------------------------------------------------- UUIDs

constexpr std::size_t kUuidGroups[] = {2, 4, 8};  // bytes
constexpr std::size_t kMostChanges = 5;           // from digit to digit, of 31
constexpr int kMostEdits = 2;                     // bytes that somebody changed in a sample
constexpr std::uint8_t kUuidFills[] = {0x00, 0xFF};

// As they are written, from the left.
using UuidBytes = std::array<std::uint8_t, 16>;

UuidBytes in_order(Bytes raw) {
  UuidBytes bytes{};
  std::copy_n(raw.begin(), bytes.size(), bytes.begin());
  return bytes;
}

// The first three groups stand with their last byte first.
UuidBytes mixed_order(Bytes raw) {
  UuidBytes bytes = in_order(raw);
  std::reverse(bytes.begin(), bytes.begin() + 4);
  std::swap(bytes[4], bytes[5]);
  std::swap(bytes[6], bytes[7]);
  return bytes;
}

int digit(const UuidBytes& uuid, std::size_t i) {
  return i % 2 == 0 ? uuid.at(i / 2) >> 4 : uuid.at(i / 2) & 0x0F;
}

int hex_value(char c) { return is_digit(c) ? c - '0' : c - 'a' + 10; }

// 00 01 02 … 0F, 00 11 22 … FF, 0A 0A 0A …: every byte the same step after the one before.
bool has_constant_step(const UuidBytes& uuid) {
  for (std::size_t i = 2; i < uuid.size(); ++i) {
    if (((uuid[i] - uuid[i - 1]) & 0xFF) != ((uuid[1] - uuid[0]) & 0xFF)) return false;
  }
  return true;
}

// 12345678-…, 01234567-…
bool begins_counting(const UuidBytes& uuid) {
  for (std::size_t i = 1; i < 8; ++i) {
    if (digit(uuid, i) != digit(uuid, i - 1) + 1) return false;
  }
  return true;
}

// 12345678 four times, 00010001-0001-…
bool repeats_a_group(const UuidBytes& uuid) {
  return std::any_of(std::begin(kUuidGroups), std::end(kUuidGroups), [&](std::size_t group) {
    return std::equal(uuid.begin() + static_cast<std::ptrdiff_t>(group), uuid.end(), uuid.begin());
  });
}

// 11111111-2222-3333-4444-555555555555, ffffffff-0000-…: hardly a digit unlike the one before it.
bool is_of_few_runs(const UuidBytes& uuid) {
  std::size_t changes = 0;
  for (std::size_t i = 1; i < 2 * uuid.size(); ++i) changes += digit(uuid, i) == digit(uuid, i - 1) ? 0U : 1U;
  return changes <= kMostChanges;
}

// 11112222-3333-…, 99887766-…: every digit stands twice.
bool is_of_pairs(Bytes raw) {
  return std::all_of(raw.begin(), raw.end(), [](std::uint8_t byte) { return byte >> 4 == (byte & 0x0F); });
}

// The sample, or the sample with a byte or two changed by hand; a MAC address changes more.
bool is_edited(const UuidBytes& uuid, const UuidBytes& sample) {
  int edits = 0;
  for (std::size_t i = 0; i < uuid.size() && edits <= kMostEdits; ++i) edits += uuid[i] == sample[i] ? 0 : 1;
  return edits <= kMostEdits;
}

// `digits`: lower-case, any number of them; a dot stands for any.
bool begins_with(const UuidBytes& uuid, std::string_view digits) {
  if (digits.size() > 2 * uuid.size()) return false;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != '.' && digit(uuid, i) != hex_value(digits[i])) return false;
  }
  return true;
}

// ffffff00-ffff-…, all zeros but the last byte: one byte throughout, with two exceptions at most.
bool is_nearly_one_byte(Bytes raw) {
  return std::any_of(raw.begin(), raw.begin() + 3,
                     [&](std::uint8_t byte) { return std::count(raw.begin(), raw.end(), byte) >= 14; });
}

// Six bytes at the beginning or at the end, and nothing but zeros, or FF, beside them.
bool is_mac_and_fill(Bytes raw) {
  return std::any_of(std::begin(kUuidFills), std::end(kUuidFills), [&](std::uint8_t fill) {
    const auto is_fill = [&](std::uint8_t byte) { return byte == fill; };
    return std::all_of(raw.begin() + 6, raw.end(), is_fill) ||
           std::all_of(raw.begin(), raw.end() - 6, is_fill);
  });
}

// Text, perhaps with zeros behind it.
bool is_ascii(Bytes raw) {
  const auto is_printable = [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7F; };
  const auto end = std::find_if_not(raw.begin(), raw.end(), is_printable);
  return end - raw.begin() >= 8 && std::all_of(end, raw.end(), [](std::uint8_t byte) { return byte == 0; });
}

// AMI's sample, six of its zeros, or its last six bytes, replaced by a MAC address.
bool is_ami_with_mac(const UuidBytes& uuid) {
  return begins_with(uuid, "03..02..04..05....06..0700080009") || begins_with(uuid, "03000200040005000006");
}

// RFC 4122 (4.1.1, 4.1.3): the 13th digit is the version, 1 to 5, later 8; the 17th is 8 to b. A UUID of a
// time (1) or at random (4) whose version stands right only in the other byte order was written in that one.
bool is_swapped(Bytes raw, bool mixed) {
  const auto has_version = [&](bool as_mixed) {
    const int version = raw[as_mixed ? 7 : 6] >> 4;
    return version == 1 || version == 4;
  };
  const int other = raw[mixed ? 7 : 6] >> 4;
  return (raw[8] & 0xC0) == 0x80 && has_version(!mixed) && (other == 0 || other > 8);
}

}  // namespace

// ---------------------------------------------------------------- the lists

// Puts a file's entries behind those that the lists have.
class PlaceholderReader {
 public:
  PlaceholderReader(const Node& root, const std::string& file, Placeholders& lists)
      : file_(file), map_(root, file, problems_), lists_(lists) {}

  Result<void> read() {
    append("values", lists_.values_);
    append("serial_numbers", lists_.serial_numbers_);
    append("beginnings", lists_.beginnings_);
    append("phrases", lists_.phrases_);
    append("verbatim", lists_.verbatim_, true);
    append("words", lists_.words_);
    append("fillers", lists_.fillers_);
    append("labels", lists_.labels_);
    append("allow", lists_.allowed_, true);
    append_by_field("field_values", lists_.field_values_);
    append_by_field("endings", lists_.endings_);
    append_by_field("field_allow", lists_.field_allowed_, true);
    for (const Line& line : read_lines(map_, "uuids")) read_uuid(line);
    for (const Line& line : read_lines(map_, "patterns")) read_pattern(line);
    map_.finish();
    for (auto* list : {&lists_.values_, &lists_.serial_numbers_, &lists_.beginnings_, &lists_.words_,
                       &lists_.fillers_, &lists_.labels_})
      std::ranges::stable_sort(*list, {}, ByInitial());  // for with_initial()
    lists_.initials_of_values_.clear();
    std::ranges::transform(lists_.values_, std::back_inserter(lists_.initials_of_values_), ByInitial());
    for (const auto* list : {&lists_.words_, &lists_.fillers_}) {
      for (const Placeholders::Entry& entry : *list) {
        if (!entry.folded.empty()) lists_.initials_.set(static_cast<unsigned char>(entry.folded.front()));
      }
    }
    if (!problems_.empty()) return tl::unexpected(to_error(problems_));
    return {};
  }

 private:
  struct Line {
    std::string text;
    Mark mark;
  };

  // A list of texts, or one text of lines.
  std::vector<Line> read_lines(MappingReader& map, std::string_view key) {
    const Node* node = map.take(key);
    if (node == nullptr) return {};
    std::vector<Line> lines;
    for (const Node& item : node->items) {
      if (item.is_scalar() && !item.text.empty()) {
        lines.push_back({item.text, item.mark});
      } else {
        problem(item.mark, "an item of " + ticked(key) + " must be a text");
      }
    }
    if (node->is_scalar()) return split(*node);
    if (!node->is_sequence())
      problem(node->mark, ticked(key) + " must be a text of lines, or a list of texts");
    return lines;
  }

  // The lines of a block stand below its `|`.
  static std::vector<Line> split(const Node& node) {
    std::vector<Line> lines;
    const bool block = node.text.find('\n') != std::string::npos;
    int number = node.mark.line;
    for (std::size_t begin = 0; begin < node.text.size();) {
      const std::size_t end = std::min(node.text.find('\n', begin), node.text.size());
      const std::string line = node.text.substr(begin, end - begin);
      const Mark mark = block ? Mark{++number, 1} : node.mark;
      if (!line.empty()) lines.push_back({line, mark});
      begin = end + 1;
    }
    return lines;
  }

  // `as_it_stands`: compared unfolded.
  void append_lines(MappingReader& map, std::string_view key, std::vector<Placeholders::Entry>& list,
                    bool as_it_stands) {
    for (const Line& line : read_lines(map, key)) {
      list.push_back({line.text, folded(line.text)});
      if (list.back().folded.empty() && !as_it_stands) {  // it would be found in every value
        problem(line.mark,
                ticked(line.text) + " has no letter and no digit; such values are found without it");
      }
    }
  }

  void append(std::string_view key, std::vector<Placeholders::Entry>& list, bool as_it_stands = false) {
    append_lines(map_, key, list, as_it_stands);
  }

  void append_by_field(std::string_view key, std::vector<Placeholders::FieldEntries>& list,
                       bool as_it_stands = false) {
    const Node* node = map_.take(key);
    if (node == nullptr) return;
    MappingReader map(*node, file_, problems_);
    for (const Node::Entry& entry : node->entries) {
      const Field* field = smbios::find_field(entry.key);
      if (field == nullptr) continue;
      list.push_back({field, {}});
      append_lines(map, field->keyword, list.back().entries, as_it_stands);
    }
    map.finish();  // tells keys that are no field's
  }

  void read_uuid(const Line& line) {
    const bool prefix = line.text.ends_with('*');
    const std::string digits = folded(line.text);
    const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex || digits.empty() || (digits.size() != 32 && !prefix)) {
      problem(line.mark, ticked(line.text) + " is no UUID, and no beginning of one with a final *");
    }
    Placeholders::UuidTemplate known{.written = line.text, .digits = digits, .bytes = {}, .prefix = prefix};
    for (std::size_t i = 0; hex && i < std::min(digits.size(), 2 * known.bytes.size()); ++i) {
      std::uint8_t& byte = known.bytes.at(i / 2);
      byte = static_cast<std::uint8_t>(byte * 16 + hex_value(digits[i]));
    }
    lists_.uuids_.push_back(std::move(known));
  }

  void read_pattern(const Line& line) {
    const DraftContext context{file_, {}, problems_};
    if (auto pattern = context.pattern(line.text, line.mark)) {
      lists_.patterns_.push_back({line.text, std::move(pattern)});
    }
  }

  void problem(const Mark& mark, std::string message) {
    problems_.push_back({file_, mark, std::move(message)});
  }

  std::string file_;
  std::vector<Problem> problems_;
  MappingReader map_;
  Placeholders& lists_;
};

Result<Placeholders> Placeholders::parse(std::string_view text, const std::string& file) {
  Placeholders lists;
  return parse_yaml(text, file).and_then([&](const Node& root) { return lists.add(root, file); }).map([&] {
    return std::move(lists);
  });
}

Result<void> Placeholders::add(const Node& root, const std::string& file) {
  return PlaceholderReader(root, file, *this).read();
}

Result<std::shared_ptr<const Placeholders>> shipped_placeholders() {
  return load_placeholders({}).map([](const LoadedPlaceholders& loaded) { return loaded.lists; });
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
  if (has_only_blanks(value)) return {};  // a state of its own
  if (is_allowed(field, value)) return {};
  for (const Pattern& pattern : patterns_) {
    if (RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *pattern.compiled)) {
      return {PlaceholderKind::kText, pattern.written};
    }
  }
  for (const Entry& entry : verbatim_) {
    if (value.find(entry.written) != std::string_view::npos) return {PlaceholderKind::kText, entry.written};
  }
  const Folded fold = profiles::fold(value);
  if (fold.text.empty()) return {PlaceholderKind::kText, {}};
  if (const Placeholder found = detect_words(field, fold)) return found;
  const bool run = is_run(field, value, fold.text) || (is_code(field) && is_labelled_run(field, fold));
  if (run) return {PlaceholderKind::kRun, {}};
  const bool short_serial = is_serial_number(field) && fold.text.size() < kShortest;
  return {short_serial ? PlaceholderKind::kText : PlaceholderKind::kNone, {}};
}

// As it is written, blanks at its ends aside: what a plant lets pass is that value and no other.
bool Placeholders::is_allowed(const Field& field, std::string_view value) const {
  const auto holds = [&](const std::vector<Entry>& entries) {
    return std::any_of(entries.begin(), entries.end(),
                       [&](const Entry& entry) { return entry.written == trim_unseen(value); });
  };
  return holds(allowed_) ||
         std::any_of(field_allowed_.begin(), field_allowed_.end(), [&](const FieldEntries& of_field) {
           return of_field.field == &field && holds(of_field.entries);
         });
}

// SN-12345, SYS-000000000, TEST123, TEST-SN-001: what should stand there, and a filler behind it.
bool Placeholders::is_labelled_run(const Field& field, const Folded& value) const {
  const std::size_t begin = value.text.find_last_not_of("0123456789") + 1;  // 0 where all are digits
  if (begin == 0 || begin == value.text.size()) return false;
  const std::string label = value.text.substr(0, begin);
  const std::string_view digits = std::string_view(value.text).substr(begin);
  const bool labelled =
      std::any_of(labels_.begin(), labels_.end(), [&](const Entry& entry) { return entry.folded == label; });
  if (labelled && is_filler_number(digits, kLabelledCount, kLabelledRepeat)) return true;
  const std::size_t least = is_serial(field) ? kWordedCount : kLabelledCount;  // SKU_0123 may be one
  const bool first = is_serial_number(field) && digits.size() <= kNumber && digits.front() == '0';
  return (first || is_filler_number(digits, least, kWordedCount)) &&
         made_of_words(field, {label, value.joined.substr(0, begin)}) == kByWords;
}

// REQUIRES: value.text is not empty.
Placeholder Placeholders::detect_words(const Field& field, const Folded& value) const {
  const std::string& text = value.text;
  const bool digits = std::any_of(text.begin(), text.end(), is_digit);
  for (auto at = initials_of_values_.find(text.front());
       at < initials_of_values_.size() && initials_of_values_[at] == text.front(); ++at) {
    if (text == values_[at].folded) return {PlaceholderKind::kText, values_[at].written};
  }
  if (is_serial_number(field)) {
    for (const Entry& entry : with_initial(serial_numbers_, text)) {
      if (text == entry.folded) return {PlaceholderKind::kText, entry.written};
    }
  }
  for (const FieldEntries& of_field : field_values_) {
    if (of_field.field != &field) continue;
    for (const Entry& entry : of_field.entries) {
      if (text == entry.folded) return {PlaceholderKind::kText, entry.written};
    }
  }
  for (const FieldEntries& of_field : endings_) {
    if (of_field.field != &field || digits) continue;
    for (const Entry& entry : of_field.entries) {
      if (text.ends_with(entry.folded)) return {PlaceholderKind::kText, entry.written};
    }
  }
  std::bitset<256> letters;  // most values have none of a phrase's
  for (const char c : text) letters[static_cast<unsigned char>(c)] = true;
  for (const Entry& entry : phrases_) {
    if (!entry.folded.empty() && !letters[static_cast<unsigned char>(entry.folded.back())]) continue;
    if (!entry.folded.empty() && !letters[static_cast<unsigned char>(entry.folded.front())]) continue;
    if (text.find(entry.folded) != std::string::npos) return {PlaceholderKind::kText, entry.written};
  }
  for (const Entry& entry : with_initial(beginnings_, text)) {
    const std::size_t size = entry.folded.size();
    const bool begins = text.size() > size && text.starts_with(entry.folded) && value.joined[size] == 0;
    if (begins) return {PlaceholderKind::kText, entry.written};
  }
  const bool said = made_of_words(field, value) >= kByLabels;
  return {said ? PlaceholderKind::kText : PlaceholderKind::kNone, {}};
}

// What makes up the value: fillers, with labels or words among them. Labels alone, "SN", "MB SN", are no
// serial number. A word or filler may carry a number as makers do, "SKU0", "Name1", "string000": one digit,
// or digits after a zero. "System76" is a maker.
Placeholders::Reach Placeholders::made_of_words(const Field& field, const Folded& value) const {
  const std::string_view text = value.text;
  if (text.size() > kLongestWords) return kNot;
  const bool serial_number = is_serial_number(field);
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
    const std::string_view rest = text.substr(at);
    if (serial_number && reach.at(at) != kNot) {
      for (const Entry& label : with_initial(labels_, rest)) {
        if (!rest.starts_with(label.folded)) continue;
        Reach& behind = reach.at(at + label.folded.size());
        behind = std::max({behind, reach.at(at), kByLabels});
      }
    }
    if (reach.at(at) == kNot || !initials_.test(static_cast<unsigned char>(text[at]))) continue;
    for (const Entry& word : with_initial(words_, rest)) {
      if (rest.starts_with(word.folded)) arrive(at + word.folded.size(), kByWords);
    }
    for (const Entry& filler : with_initial(fillers_, rest)) {
      const bool last = filler.folded.size() == 1 && rest.size() == 1;  // "Model A" is a model
      if (rest.starts_with(filler.folded) && !last) arrive(at + filler.folded.size(), reach.at(at));
    }
  }
  return reach.at(text.size());
}

Placeholder Placeholders::detect_uuid(Bytes raw) const {
  if (raw.size() != 16) return {};
  const auto all = [&](std::uint8_t byte) { return std::count(raw.begin(), raw.end(), byte) == 16; };
  if (all(0x00)) return {PlaceholderKind::kUuidNil, {}};
  if (all(0xFF)) return {PlaceholderKind::kUuidFf, {}};
  for (const UuidBytes& uuid : {in_order(raw), mixed_order(raw)}) {
    for (const UuidTemplate& known : uuids_) {
      const bool same = known.prefix ? begins_with(uuid, known.digits) : is_edited(uuid, known.bytes);
      if (same) return {PlaceholderKind::kUuidTemplate, known.written};
    }
    const bool counted = has_constant_step(uuid) || begins_counting(uuid);
    if (counted || is_of_few_runs(uuid) || repeats_a_group(uuid)) return {PlaceholderKind::kUuidTemplate, {}};
  }
  return {
      is_nearly_one_byte(raw) || is_of_pairs(raw) ? PlaceholderKind::kUuidTemplate : PlaceholderKind::kNone,
      {}};
}

UuidDoubt doubt_of_uuid(Bytes raw, bool mixed) {
  if (raw.size() != 16) return UuidDoubt::kNone;
  if (is_ascii(raw)) return UuidDoubt::kAscii;
  if (is_mac_and_fill(raw)) return UuidDoubt::kMac;
  if (is_ami_with_mac(in_order(raw)) || is_ami_with_mac(mixed_order(raw))) return UuidDoubt::kTemplateMac;
  return is_swapped(raw, mixed) ? UuidDoubt::kByteOrder : UuidDoubt::kNone;
}

}  // namespace dmigate::profiles
