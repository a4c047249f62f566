#include "smbios/dmidecode_text.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "smbios/fields/layout_of_rows.h"

namespace dmigate::smbios {

namespace {

constexpr std::string_view kIndents = " \t";
constexpr std::uint8_t kLastRead = 3;  // of the types whose values are read
constexpr const char* kTakeAgain = "take it again with dmidecode -u, or better with dmigate dump FILE";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// ---------------------------------------------------------------- lines

struct TextLine {
  std::string_view text;  // from its first character that is no blank; blanks at its end are kept
  std::size_t depth = 0;  // characters before it
  std::size_t number = 0;
  [[nodiscard]] bool blank() const { return text.find_first_not_of(kIndents) == std::string_view::npos; }
};

// UTF-16 as text; characters beyond ASCII become '?', as dmidecode makes them '.' in values.
std::string from_utf16(ByteView file, bool big_endian) {
  std::string text;
  for (std::size_t at = 2; at + 2 <= file.size(); at += 2) {
    const unsigned low = file.byte(at + (big_endian ? 1 : 0)).value_or(0);
    const unsigned high = file.byte(at + (big_endian ? 0 : 1)).value_or(0);
    text += high == 0 && low < 0x80 ? static_cast<char>(low) : '?';
  }
  return text;
}

std::string plain_text(ByteView file) {
  if (file.starts_with("\xFF\xFE")) return from_utf16(file, false);
  if (file.starts_with("\xFE\xFF")) return from_utf16(file, true);
  if (file.starts_with("\xEF\xBB\xBF")) file = file.from(3);
  return std::string(file.text());
}

// dmidecode's text of the largest tables has half a megabyte; a handle line stands near its beginning.
constexpr std::size_t kMostText = std::size_t{4} << 20;
constexpr std::size_t kMostSought = std::size_t{64} << 10;

std::vector<TextLine> lines_of(std::string_view text) {
  std::vector<TextLine> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t depth = std::min(line.find_first_not_of(kIndents), line.size());
    lines.push_back({line.substr(depth), depth, number});
  }
  return lines;
}

// ---------------------------------------------------------------- what a line says

struct Header {
  std::uint8_t type = 0;
  std::uint8_t length = 0;
  Handle handle = 0;
};

// The next decimal number in the text, which is moved behind it.
std::optional<unsigned> next_number(std::string_view& text) {
  while (!text.empty() && !is_digit(text.front())) text.remove_prefix(1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// "Handle 0x0012, DMI type 17, 40 bytes", in whatever language: a handle and two numbers, with a word
// before, between and after them.
std::optional<Header> header_in(std::string_view text) {
  constexpr std::size_t kWord = 20;  // bytes, at most
  const std::size_t start = text.find("0x");
  if (start > kWord || start + 6 >= text.size() ||
      std::any_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(start), is_digit)) {
    return std::nullopt;
  }
  unsigned handle = 0;
  for (std::size_t i = start + 2; i < start + 6; ++i) {
    if (hex_digit(text[i]) < 0) return std::nullopt;
    handle = handle << 4 | static_cast<unsigned>(hex_digit(text[i]));
  }
  std::string_view rest = text.substr(start + 6);
  if (hex_digit(rest.front()) >= 0) return std::nullopt;
  const auto type = next_number(rest);
  const auto length = next_number(rest);
  if (!type || !length || *type > 0xFF || *length > 0xFF || rest.size() > kWord || next_number(rest))
    return std::nullopt;
  return Header{static_cast<std::uint8_t>(*type), static_cast<std::uint8_t>(*length),
                static_cast<Handle>(handle)};
}

// "86 10 04 00": pairs of digits with blanks between them, and nothing else.
std::optional<std::vector<std::uint8_t>> hex_in(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  while (!text.empty()) {
    if (text.size() < 2 || hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(hex_digit(text[0]) << 4 | hex_digit(text[1])));
    text.remove_prefix(2);
    if (!text.empty() && text.front() != ' ') return std::nullopt;
    text.remove_prefix(std::min(text.find_first_not_of(kIndents), text.size()));
  }
  if (bytes.empty()) return std::nullopt;
  return bytes;
}

// "SMBIOS 3.2.1 present."
std::optional<Version> version_in(std::string_view text) {
  for (const std::string_view name : {"SMBIOS ", "Legacy DMI "}) {
    if (!text.starts_with(name) || text.size() <= name.size() || !is_digit(text[name.size()])) continue;
    std::string_view rest = text.substr(name.size());
    unsigned parts[3] = {};
    for (unsigned& part : parts) {
      const auto number = next_number(rest);
      if (!number || *number > 0xFF) return std::nullopt;
      part = *number;
      if (rest.size() < 2 || rest.front() != '.' || !is_digit(rest[1])) break;
    }
    if (rest.starts_with('.') || parts[0] == 0) return std::nullopt;
    return Version{static_cast<std::uint8_t>(parts[0]), static_cast<std::uint8_t>(parts[1]),
                   static_cast<std::uint8_t>(parts[2])};
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- a value, as the bytes that print so

// One structure while it is put together from what is printed.
struct Draft {
  Draft(const Header& header, Version of) : formatted(header.length), known(header.length), version(of) {
    put_number(formatted, 0, 1, header.type);
    put_number(formatted, 1, 1, header.length);
    put_number(formatted, 2, 2, header.handle);
    put_number(known, 0, kHeaderBytes, 0xFFFFFFFF);
  }
  std::vector<std::uint8_t> formatted;
  std::vector<std::uint8_t> known;
  std::vector<std::uint8_t> strings;
  unsigned string_count = 0;
  Version version;

  [[nodiscard]] Structure view() const { return {formatted, strings, 0}; }

  void put(const Field& field, std::size_t offset, Bytes value) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const auto mask = static_cast<std::uint8_t>(i < 8 ? field.mask >> (8 * i) : 0xFF);
      const unsigned before = ByteView(formatted).byte(offset + i).value_or(0);
      put_number(formatted, offset + i, 1,
                 (before & ~unsigned{mask}) | (ByteView(value).byte(i).value_or(0) & mask));
      put_number(known, offset + i, 1, ByteView(known).byte(offset + i).value_or(0) | unsigned{mask});
    }
  }
};

using Value = std::optional<std::vector<std::uint8_t>>;

std::string printed(const Field& field, Bytes raw, Version version) {
  return Reading{&field, State::kPresent, version, raw, std::nullopt}.text();
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, is_hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value value_of_byte(const Field& field, std::string_view text, Version version) {
  Value found;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::vector<std::uint8_t> raw = {static_cast<std::uint8_t>(byte)};
    if ((byte & ~field.mask) != 0 || printed(field, raw, version) != text) continue;
    if (found) return std::nullopt;  // two values that print the same
    found = raw;
  }
  return found;
}

Value value_of_wide(const Field& field, std::string_view text, Version version) {
  std::vector<std::uint8_t> raw(field.width);
  if (field.kind == Kind::kRevision) {
    std::string_view rest = text;
    put_number(raw, 0, 1, next_number(rest).value_or(0));
    put_number(raw, 1, 1, next_number(rest).value_or(0));
  } else {
    put_number(raw, 0, raw.size(), number_in(text).value_or(0));
  }
  if (printed(field, raw, version) != text) return std::nullopt;
  return raw;
}

Value value_of_uuid(std::string_view text, Version version) {
  if (text == "Not Settable") return std::vector<std::uint8_t>(16, 0x00);
  if (text == "Not Present") return std::vector<std::uint8_t>(16, 0xFF);
  if (!version.known()) return std::nullopt;  // in which order its bytes are printed
  const auto raw = parse_uuid(text, version >= Version{2, 6});
  if (!raw) return std::nullopt;
  return std::vector<std::uint8_t>(raw->begin(), raw->end());
}

Value value_of(const Field& field, std::string_view text, Version version) {
  switch (field.kind) {
    case Kind::kUuid:
      return value_of_uuid(text, version);
    case Kind::kNumber:
    case Kind::kHex:
    case Kind::kEnum:
    case Kind::kRevision:
    case Kind::kHandle:
      if (field.width == 0) return std::nullopt;
      return field.width == 1 ? value_of_byte(field, text, version) : value_of_wide(field, text, version);
    default:
      return std::nullopt;
  }
}

// The number of a string, which is added to the set. None for what the text cannot tell apart.
Value string_number(std::string_view text, Draft& draft) {
  constexpr std::uint8_t kBeyond = 0xFF;  // no structure of these types has as many strings
  if (text.empty() || text == "Not Specified") return std::nullopt;
  if (text == "<BAD INDEX>") return std::vector<std::uint8_t>{kBeyond};
  const Bytes bytes = ByteView(text).bytes();
  draft.strings.insert(draft.strings.end(), bytes.begin(), bytes.end());
  draft.strings.push_back(0);
  return std::vector<std::uint8_t>{static_cast<std::uint8_t>(++draft.string_count)};
}

// The bits that the lines below a label name; none where one of them is no name of the field's.
Value value_of_bits(const Field& field, std::span<const TextLine> items) {
  std::uint64_t bits = 0;
  for (const TextLine& item : items) {
    const auto known = std::find_if(field.values.begin(), field.values.end(),
                                    [&](const EnumValue& value) { return value.name == item.text; });
    if (known == field.values.end() || known->value >= 64) return std::nullopt;
    bits |= std::uint64_t{1} << known->value;
  }
  std::vector<std::uint8_t> raw(field.width);
  put_number(raw, 0, raw.size(), bits);
  return raw;
}

// Where the field stands; none where the text does not tell it: behind a list of unknown items. One
// line tells the ROM's size for two fields.
std::optional<std::size_t> place_of(const Field& field, const Draft& draft) {
  if (field.keyword == "bios-rom-size") return std::nullopt;
  if (field.items.count != 0) return std::nullopt;
  if (field.after.count == 0) return field.offset;
  const bool counted = ByteView(draft.known).byte(field.after.count) == 0xFF;
  if (!counted || ByteView(draft.formatted).byte(field.after.count) != 0) return std::nullopt;
  return field.offset;
}

// "Label: value", and the deeper lines below it.
void take(const Field& field, std::string_view value, std::span<const TextLine> items, Draft& draft) {
  const auto place = place_of(field, draft);
  const bool continued = field.kind != Kind::kBits && !items.empty();  // text that was wrapped: cut where?
  if (!place || continued || *place + field.width > draft.formatted.size()) return;
  Field told = field;
  Value bytes;
  if (field.kind == Kind::kString) {
    bytes = string_number(value, draft);
  } else if (field.kind == Kind::kBits) {
    if (value.empty() && !items.empty()) bytes = value_of_bits(field, items);
    told.mask = rows::named_bits(field);  // of the others nothing is printed
  } else {
    bytes = value_of(field, value, draft.version);
  }
  if (bytes) draft.put(told, *place, *bytes);
}

// ---------------------------------------------------------------- the text

class Reader {
 public:
  explicit Reader(std::vector<TextLine> lines) : lines_(std::move(lines)) {}

  Result<TextTable> run() {
    for (at_ = 0; at_ < lines_.size();) {
      const auto header = header_at(at_);
      if (!header) {
        if (auto read = read_preamble(lines_[at_++]); !read) return Failure(read.error());
        continue;
      }
      if (ended_) return broken("a structure after the end of the table: several units in one text");
      if (result_.table.empty()) start();
      if (header->length < kHeaderBytes) return broken("an impossible length");
      ended_ = header->type == kEndOfTableType;
      auto read = result_.form == Form::kHexText ? read_hex(*header) : read_values(*header);
      if (!read) return Failure(read.error());
    }
    if (result_.form == Form::kHexText) result_.known.clear();
    return std::move(result_);
  }

 private:
  // A handle line stands as deep as the first, after an empty line or at the beginning: no string of a
  // unit can look like one.
  [[nodiscard]] std::optional<Header> header_at(std::size_t at) const {
    if (at >= lines_.size() || (depth_ && lines_[at].depth != *depth_)) return std::nullopt;
    if (at > 0 && depth_ && !lines_[at - 1].blank()) return std::nullopt;
    return header_in(lines_[at].text);
  }
  [[nodiscard]] Failure broken(std::string_view what) const {
    const std::size_t number = at_ < lines_.size() ? lines_[at_].number : lines_.size();
    return fail("line " + std::to_string(number) + " of dmidecode's text: " + std::string(what), {},
                kTakeAgain);
  }

  Result<void> read_preamble(const TextLine& line) {
    if (depth_ && line.depth == *depth_ && header_in(line.text)) {
      --at_;
      return broken("a structure without an empty line before it: lines were lost, or put in");
    }
    const bool banner = line.text.starts_with("# dmidecode ");
    const auto version = version_in(line.text);
    if ((banner && (banner_ || !result_.table.empty())) ||
        (version && (versioned_ || !result_.table.empty()))) {
      --at_;
      return broken("a second beginning: several units in one text");
    }
    banner_ = banner_ || banner;
    if (!version) return {};
    versioned_ = true;
    result_.version = *version;
    // "59 structures occupying 2429 bytes." follows, but for _SM3_, which counts none
    std::string_view next = at_ < lines_.size() ? lines_[at_].text : std::string_view();
    if (next.empty() || !is_digit(next.front())) return {};
    const auto structures = next_number(next);
    const auto bytes = next_number(next);
    if (structures && bytes && *structures <= 0xFFFF) {
      result_.announced_structures = static_cast<std::uint16_t>(*structures);
    }
    return {};
  }

  // After its handle line -u has a label and the header's bytes; otherwise a title comes first.
  void start() {
    depth_ = lines_[at_].depth;
    const auto bytes = at_ + 2 < lines_.size() ? hex_in(lines_[at_ + 2].text) : std::nullopt;
    const auto header = header_in(lines_[at_].text);
    const bool is_header =
        bytes && bytes->size() >= 2 && (*bytes)[0] == header->type && (*bytes)[1] == header->length;
    result_.form = is_header ? Form::kHexText : Form::kText;
  }

  void add(Bytes formatted, Bytes strings, Bytes known) {
    result_.table.insert(result_.table.end(), formatted.begin(), formatted.end());
    result_.table.insert(result_.table.end(), strings.begin(), strings.end());
    result_.table.resize(result_.table.size() + (strings.empty() ? 2 : 1));
    result_.known.insert(result_.known.end(), known.begin(), known.end());
    result_.known.resize(result_.table.size(), 0xFF);
  }

  // ---- -u

  // Firmware is known whose Type 34 says 10h and has 0Bh (clause 7.35): dmidecode prints the Bh, and what
  // follows them as the strings that they are. Together they are the bytes of the table.
  static bool is_put_right(const Header& header, std::size_t bytes) {
    return header.type == 34 && header.length == 0x10 && bytes == 0x0B;
  }

  Result<void> read_hex(const Header& header) {
    ++at_;
    if (at_ < lines_.size() && !hex_in(lines_[at_].text)) ++at_;  // "Header and Data:"
    std::vector<std::uint8_t> formatted;
    while (formatted.size() < header.length) {
      const auto bytes = at_ < lines_.size() ? hex_in(lines_[at_].text) : std::nullopt;
      if (!bytes && is_put_right(header, formatted.size())) break;
      if (!bytes) return broken("a header's or data's byte is missing");
      formatted.insert(formatted.end(), bytes->begin(), bytes->end());
      ++at_;
    }
    const ByteView view(formatted);
    if (formatted.size() > header.length || view.byte(0) != header.type || view.byte(1) != header.length ||
        view.number(2, 2) != header.handle) {
      return broken("the bytes are not those that the handle line announces");
    }
    auto strings = read_hex_strings();
    if (!strings) return Failure(strings.error());
    add(formatted, *strings, {});
    return {};
  }

  // "Strings:", then of each string its bytes up to the NUL, and the string itself.
  Result<std::vector<std::uint8_t>> read_hex_strings() {
    std::vector<std::uint8_t> strings;
    if (at_ >= lines_.size() || lines_[at_].blank()) return strings;
    if (!hex_in(lines_[at_].text)) ++at_;
    while (at_ < lines_.size() && !lines_[at_].blank()) {
      const std::size_t start = strings.size();
      do {
        const auto bytes = at_ < lines_.size() ? hex_in(lines_[at_].text) : std::nullopt;
        if (!bytes) return broken("a string's byte is missing");
        if (std::find(bytes->begin(), bytes->end() - 1, 0) != bytes->end() - 1)
          return broken("a NUL inside a string");
        strings.insert(strings.end(), bytes->begin(), bytes->end());
        ++at_;
      } while (strings.back() != 0);
      if (strings.size() == start + 1) return broken("an empty string");
      ++at_;  // the string itself, on one line whatever is in it: its bytes have told all
    }
    return strings;
  }

  // ---- plain

  Result<void> read_values(const Header& header) {
    const std::size_t first = ++at_;
    // Up to the next structure. What dmidecode itself says stands as deep as the handle lines.
    while (at_ < lines_.size() && !header_at(at_)) {
      if (!lines_[at_].blank() && lines_[at_].depth <= *depth_ && at_ != first) break;
      ++at_;
    }
    const std::span<const TextLine> lines(lines_.data() + first, at_ - first);
    Draft draft(header, result_.version);
    if (header.type <= kLastRead) {
      if (lines.empty() || lines.size() < 2 || lines[0].depth != *depth_)
        return broken("a structure without values, or its lines' depths are lost");
      if (is_cut(lines)) return cut(draft);
      if (!take_all(header.type, lines.subspan(1), draft))
        return broken("a value twice in the structure before this line");
    }
    add(draft.formatted, draft.strings, draft.known);
    return {};
  }

  // dmidecode came to the table's end inside the structure.
  static bool is_cut(std::span<const TextLine> lines) {
    return std::any_of(lines.begin(), lines.end(),
                       [](const TextLine& line) { return line.text == "<TRUNCATED>"; });
  }
  Result<void> cut(const Draft& draft) {
    const ByteView header = ByteView(draft.formatted).first(kHeaderBytes);
    result_.table.insert(result_.table.end(), header.bytes().begin(), header.bytes().end());
    result_.known.resize(result_.table.size(), 0xFF);
    ended_ = true;
    return {};
  }

  // False when a value comes twice.
  static bool take_all(std::uint8_t type, std::span<const TextLine> lines, Draft& draft) {
    const std::size_t depth = lines.front().depth;
    std::vector<const Field*> taken;  // at most the fields of the type
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].depth != depth) continue;
      const std::string_view line = lines[i].text;
      const Field* field = labelled(type, line.substr(0, line.find(':')));
      if (field == nullptr) continue;
      if (std::find(taken.begin(), taken.end(), field) != taken.end()) return false;
      taken.push_back(field);
      std::string_view value = line.substr(std::min(field->label.size() + 1, line.size()));
      if (value.starts_with(' ')) value.remove_prefix(1);
      std::size_t items = i + 1;
      while (items < lines.size() && !lines[items].blank() && lines[items].depth > depth) ++items;
      take(*field, value, lines.subspan(i + 1, items - i - 1), draft);
    }
    return true;
  }
  static const Field* labelled(std::uint8_t type, std::string_view label) {
    const auto rows = fields();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Field& field) {
      return field.type == type && field.label == label;
    });
    return row == rows.end() ? nullptr : &*row;
  }

  std::vector<TextLine> lines_;
  std::size_t at_ = 0;
  std::optional<std::size_t> depth_;  // of handle lines
  bool banner_ = false;
  bool versioned_ = false;
  bool ended_ = false;
  TextTable result_;
};

}  // namespace

bool is_dmidecode_text(Bytes file) {
  const ByteView view(file);
  const bool wide = view.starts_with("\xFF\xFE") || view.starts_with("\xFE\xFF");
  if (!wide && view.text().find('\0') != std::string_view::npos) return false;
  const std::string text = plain_text(file);
  const auto lines = lines_of(std::string_view(text).substr(0, kMostSought));
  return std::any_of(lines.begin(), lines.end(),
                     [](const TextLine& line) { return header_in(line.text).has_value(); });
}

Result<TextTable> read_dmidecode_text(Bytes file) {
  const std::string text = plain_text(file);
  if (text.size() > kMostText) return fail("larger than any text of dmidecode (4 MiB)", {}, kTakeAgain);
  return Reader(lines_of(text)).run();
}

}  // namespace dmigate::smbios
