#include "profiles/learn.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

#include "profiles/check.h"
#include "profiles/draft.h"
#include "smbios/unseen.h"
#include "smbios/utf8.h"

namespace dmigate::profiles {
namespace {

using smbios::Field;
using smbios::Reading;
using smbios::State;

constexpr std::size_t kLongestValue = 256;  // bytes; a longer one is asked to be there, and not quoted
constexpr std::size_t kMostModels = 8;      // product names that may be one model's

// What is done with a field of the units.
enum class Use : std::uint8_t {
  kConstant,  ///< the same on every unit of the model
  kFirmware,  ///< the same until an update
  kChoice,    ///< one of a few
  kSerial,    ///< another on every unit
  kUuid,
};
struct Row {
  std::string_view keyword;
  Use use;
  bool asked = true;  ///< false: asked for only where every unit has it
};
constexpr Row kRows[] = {
    {"bios-vendor", Use::kConstant, false},
    {"bios-version", Use::kFirmware, false},
    {"system-manufacturer", Use::kConstant},
    {"system-product-name", Use::kConstant},
    {"system-serial-number", Use::kSerial},
    {"system-uuid", Use::kUuid},
    {"system-sku-number", Use::kConstant},
    {"system-family", Use::kConstant},
    {"baseboard-manufacturer", Use::kConstant, false},
    {"baseboard-product-name", Use::kConstant},
    {"baseboard-serial-number", Use::kSerial},
    {"chassis-manufacturer", Use::kConstant, false},
    {"chassis-type", Use::kChoice},
    {"chassis-serial-number", Use::kSerial, false},
};

// By which of them the model is found, the first that will do.
constexpr std::string_view kMatchBy[] = {"baseboard-product-name", "system-product-name",
                                         "system-sku-number"};

// ---------------------------------------------------------------- patterns

enum class Letter : std::uint8_t { kDigit, kUpper, kLower, kOther };

Letter letter_of(char c) {
  if (c >= '0' && c <= '9') return Letter::kDigit;
  if (c >= 'A' && c <= 'Z') return Letter::kUpper;
  return c >= 'a' && c <= 'z' ? Letter::kLower : Letter::kOther;
}

constexpr std::array<std::string_view, 3> kClasses = {"0-9", "A-Z", "a-z"};

struct Run {
  Letter letter;
  std::string text;
};

// "CX-042" as CX, -, 042.
std::vector<Run> runs_of(std::string_view value) {
  std::vector<Run> runs;
  for (const char c : value) {
    if (runs.empty() || runs.back().letter != letter_of(c)) runs.push_back({letter_of(c), {}});
    runs.back().text += c;
  }
  return runs;
}

std::string times(std::size_t least, std::size_t most) {
  if (least == 1 && most == 1) return {};
  if (least == most) return "{" + std::to_string(least) + "}";
  return "{" + std::to_string(least) + "," + std::to_string(most) + "}";
}

std::string literal(std::string_view text) {
  return re2::RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

bool same_shape(const std::vector<Run>& a, const std::vector<Run>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Run& x, const Run& y) {
    return x.letter == y.letter && (x.letter != Letter::kOther || x.text == y.text);
  });
}

// All values are runs of the same kinds: run by run.
std::string by_runs(const std::vector<std::vector<Run>>& all) {
  std::string pattern;
  for (std::size_t i = 0; i < all.front().size(); ++i) {
    const Run& first = all.front()[i];
    std::size_t least = first.text.size(), most = least;
    bool same = true;
    for (const auto& runs : all) {
      least = std::min(least, runs[i].text.size());
      most = std::max(most, runs[i].text.size());
      same = same && runs[i].text == first.text;
    }
    const bool fixed = same && first.letter != Letter::kDigit && (i == 0 || all.size() >= 3);
    if (fixed || first.letter == Letter::kOther) {
      pattern += literal(first.text);
    } else {
      pattern +=
          "[" + std::string(kClasses.at(static_cast<std::size_t>(first.letter))) + "]" + times(least, most);
    }
  }
  return pattern;
}

// What all begin with, up to the first digit: digits count on.
std::size_t common_letters(const std::vector<std::string>& values) {
  std::size_t length = 0;
  for (; length < values.front().size(); ++length) {
    const char c = values.front()[length];
    if (letter_of(c) == Letter::kDigit) break;
    if (std::any_of(values.begin(), values.end(),
                    [&](const std::string& value) { return length >= value.size() || value[length] != c; }))
      break;
  }
  return length;
}

// A common beginning, then so many of the kinds that occur.
std::string by_classes(const std::vector<std::string>& values) {
  const std::size_t prefix = common_letters(values);
  std::set<Letter> kinds;
  std::set<char> others;
  std::size_t least = values.front().size() - prefix, most = least;
  for (const std::string& value : values) {
    least = std::min(least, value.size() - prefix);
    most = std::max(most, value.size() - prefix);
    for (const char c : value.substr(prefix)) {
      kinds.insert(letter_of(c));
      if (letter_of(c) == Letter::kOther) others.insert(c);
    }
  }
  std::string inside;
  for (const Letter kind : kinds) {
    if (kind != Letter::kOther) inside += kClasses.at(static_cast<std::size_t>(kind));
  }
  for (const char c : others) inside += literal(std::string_view(&c, 1));
  const std::string begin = literal(std::string_view(values.front()).substr(0, prefix));
  return inside.empty() ? begin : begin + "[" + inside + "]" + times(least, most);
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// ---------------------------------------------------------------- YAML

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// What a reader could not see, or would see somewhere else: controls, marks without width, marks that turn
// the direction of writing, line ends of Unicode's, what is no character.
bool is_hidden(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA1) || point == 0xAD ||
         (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || (point >= 0xE000 && point <= 0xF8FF) || point == 0xFEFF ||
         (point >= 0xFFF0 && point <= 0xFFFF) || point >= 0xE0000;
}

std::string escape(char32_t point) {
  char text[16];
  const auto number = static_cast<unsigned>(point);
  std::snprintf(text, sizeof text,
                number <= 0xFF     ? "\\x%02X"
                : number <= 0xFFFF ? "\\u%04X"
                                   : "\\U%08X",
                number);
  return text;
}

// Words and hyphens that begin with a letter, and none that YAML or people take for something else.
bool is_plain(std::string_view text) {
  static constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](char c) {
    return letter_of(c) == Letter::kUpper ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (std::find(std::begin(kWords), std::end(kWords), folded) != std::end(kWords)) return false;
  if (text.empty() || letter_of(text.front()) == Letter::kOther ||
      letter_of(text.front()) == Letter::kDigit || text.back() == ' ')
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return letter_of(c) != Letter::kOther || c == '-' || c == '_' || c == ' ';
  });
}

std::string double_quoted(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text));
    const std::string_view one = text.substr(0, length);
    const char32_t point = code_point(one).value;
    if (one == "\"" || one == "\\") quoted += '\\';
    quoted += is_hidden(point) ? escape(point) : std::string(one);
    text.remove_prefix(length);
  }
  return quoted + "\"";
}

bool shows_all(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text));
    if (is_hidden(code_point(text).value)) return false;
    text.remove_prefix(length);
  }
  return true;
}

// ---------------------------------------------------------------- the draft

// What the units have at one field.
struct Seen {
  const Field* field;
  std::vector<std::string> values;  ///< the good ones, a unit each, in the units' order
  std::size_t units = 0;
  std::size_t missing = 0;       ///< no value at all
  std::size_t placeholders = 0;  ///< one that is none

  [[nodiscard]] bool everywhere() const { return values.size() == units; }
  [[nodiscard]] std::vector<std::string> distinct() const {
    std::vector<std::string> all;
    for (const std::string& value : values) {
      if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(value);
    }
    return all;
  }
};

struct Rule {
  std::string keyword;
  std::vector<std::string> parts;  ///< "equals: THTF"
  std::string pattern;             ///< of a serial, for the label
  std::vector<std::string> doubts;
};

std::string count(std::size_t number, const char* one) {
  return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

class Learner {
 public:
  Learner(std::span<const Golden> units, const LearnOptions& options, const Profile& base)
      : units_(units), options_(options), base_(base) {}

  Result<std::string> run() {
    for (const Golden& unit : units_) {
      if (auto good = check_unit(unit); !good) return Failure(good.error());
    }
    for (const Row& row : kRows) learn_row(row);
    for (const FieldRule& rule : base_.fields) {
      if (auto good = learn_inherited(rule); !good) return Failure(good.error());
    }
    const bool asks = std::any_of(kRows, std::end(kRows), [&](const Row& row) {
      const Seen seen = look(*smbios::find_field(row.keyword));
      return row.asked && seen.everywhere();
    });
    if (!asks) {
      return fail("no field has a good value on all of these units: there is nothing to learn",
                  units_[0].name, "take units as they should leave the line");
    }
    return write();
  }

 private:
  // A unit that no profile could pass is no golden one.
  static Result<void> check_unit(const Golden& unit) {
    const auto& layout = unit.source->layout();
    if (layout.form == smbios::Form::kText) {
      return fail("dmidecode's text does not tell everything that a unit has", unit.name,
                  "take a binary dump: dmigate dump, or dmidecode --dump-bin");
    }
    for (const smbios::Defect& defect : smbios::inspect(layout)) {
      if (smbios::weight(defect.kind) != smbios::Weight::kBlocks) continue;
      return fail(
          "this table does not pass whatever a profile asks: " + std::string(smbios::rule_id(defect.kind)),
          unit.name, "take units as they should leave the line");
    }
    return {};
  }

  static std::string text_of(const Reading& reading) {
    return reading.field->kind == smbios::Kind::kEnum ? smbios::enum_key(reading.text()) : reading.text();
  }

  [[nodiscard]] bool is_placeholder(const Reading& reading) const {
    return reading.state == State::kPresent && base_.placeholders->detect(*reading.field, reading.raw);
  }

  [[nodiscard]] Seen look(const Field& field) const {
    Seen seen{.field = &field, .values = {}, .units = units_.size()};
    for (const Golden& unit : units_) {
      const smbios::Table table = unit.source->table();
      Reading reading = smbios::read(table, field);
      // Where the motherboard is not the first Type 2, that one is judged too.
      const auto first = field.type == 2 ? table.first(2) : std::nullopt;
      Reading other = first ? smbios::read(*first, field, table.version()) : reading;
      if (reading.state != State::kPresent || other.state != State::kPresent) {
        ++seen.missing;
      } else if (is_placeholder(reading) || is_placeholder(other)) {
        ++seen.placeholders;
      } else {
        seen.values.push_back(text_of(reading));
      }
    }
    return seen;
  }

  [[nodiscard]] bool required_by_base(const Field& field) const {
    const FieldRule* rule = base_.rule(field);
    return rule != nullptr && !rule->optional;
  }

  void learn_row(const Row& row) {
    const Seen seen = look(*smbios::find_field(row.keyword));
    if (!row.asked && !seen.everywhere() && !required_by_base(*seen.field)) {
      // An empty one is not asked for; a value that is none is worth a look.
      if (seen.placeholders > 0) {
        general_.push_back(std::string(row.keyword) + " is a placeholder on " +
                           count(seen.placeholders, "unit") + ", and is not asked for");
      }
      return;
    }
    Rule rule{std::string(row.keyword), {}, {}, {}};
    if (!seen.values.empty()) learn_values(row, seen, rule);
    learn_presence(seen, rule);
    rules_.push_back(std::move(rule));
  }

  void learn_presence(const Seen& seen, Rule& rule) {
    if (seen.everywhere()) return;
    rule.parts.emplace_back("optional: true");
    if (seen.missing > 0) rule.doubts.push_back("empty on " + of_units(seen.missing));
    if (seen.placeholders > 0) rule.doubts.push_back("a placeholder on " + of_units(seen.placeholders));
    rule.doubts.emplace_back("must it be there?");
  }

  [[nodiscard]] std::string of_units(std::size_t number) const {
    return std::to_string(number) + " of " + count(units_.size(), "unit");
  }

  void learn_values(const Row& row, const Seen& seen, Rule& rule) {
    const auto distinct = seen.distinct();
    const bool can_be_written = std::all_of(distinct.begin(), distinct.end(), [&](const std::string& value) {
      return value.size() <= kLongestValue && is_valid_utf8(value) &&
             (seen.field->kind != smbios::Kind::kEnum || smbios::parse_enum(*seen.field, value));
    });
    if (row.use == Use::kUuid) {
      rule.parts.emplace_back("unique: true");
      if (distinct.size() < seen.values.size()) rule.doubts.emplace_back("two units have the same one");
    } else if (!can_be_written) {
      rule.doubts.emplace_back(
          "its value cannot be written here: not UTF-8, too long, or outside the "
          "specification");
    } else if (row.use == Use::kSerial) {
      learn_serial(seen, distinct, rule);
    } else if (row.use == Use::kChoice) {
      rule.parts.push_back("one_of: " + list(distinct));
      if (distinct.size() > 1) rule.doubts.emplace_back("the units differ");
    } else {
      learn_constant(row, distinct, rule);
    }
  }

  void learn_constant(const Row& row, const std::vector<std::string>& distinct, Rule& rule) {
    const bool repeats = distinct.size() < units_.size() && distinct.size() <= kMostModels;
    const bool names_models = row.keyword.ends_with("product-name");
    if (distinct.size() == 1) {
      rule.parts.push_back("equals: " + yaml_scalar(distinct.front()));
    } else if (repeats || (names_models && distinct.size() <= kMostModels)) {
      rule.parts.push_back("one_of: " + list(distinct));
      rule.doubts.emplace_back("the units differ: are these all?");
    } else {
      rule.doubts.push_back("it differs from unit to unit: write a pattern, or one_of");
    }
    if (row.use == Use::kFirmware && distinct.size() == 1)
      rule.doubts.emplace_back("an update changes it: equals, one_of, or at_least?");
  }

  void learn_serial(const Seen& seen, const std::vector<std::string>& distinct, Rule& rule) {
    const bool board = seen.field->keyword == "baseboard-serial-number";
    rule.parts.emplace_back(board ? "unique: { within: baseboard-manufacturer }" : "unique: true");
    if (distinct.size() < seen.values.size()) {
      return rule.doubts.push_back(distinct.size() == 1 ? "all units have the same serial"
                                                        : "some units have the same serial");
    }
    rule.pattern = infer_pattern(distinct);
    if (rule.pattern.empty()) {
      return rule.doubts.push_back("no form in common: write a pattern");
    }
    rule.parts.insert(rule.parts.begin(), "pattern: " + yaml_scalar(rule.pattern));
    rule.doubts.push_back("the pattern is guessed from " + count(distinct.size(), "unit"));
  }

  // A set may ask for more than the rows: what the units do not have is optional, what contradicts it is
  // for a person to settle before there is a draft.
  Result<void> learn_inherited(const FieldRule& inherited) {
    if (!inherited.name().plain()) return {};
    const Seen seen = look(*inherited.field);
    const std::string keyword(inherited.field->keyword);
    for (const Check& check : inherited.checks) {
      if (check.severity != Severity::kError || check.other != nullptr) continue;
      for (const std::string& value : seen.values) {
        if (holds(check, *inherited.field, value,
                  check.values.empty() ? std::string() : check.values.front()))
          continue;
        return fail(keyword + " of a unit does not hold to " + std::string(check_name(check.kind)) +
                        " of the set " + check.origin.profile,
                    units_[0].name, "extend another set with --extends", ErrorKind::kConfiguration);
      }
    }
    const bool known =
        std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.keyword == keyword; });
    if (known || seen.everywhere() || inherited.optional) return {};
    Rule rule{keyword, {}, {}, {}};
    learn_presence(seen, rule);
    rules_.push_back(std::move(rule));
    return {};
  }

  static std::string list(const std::vector<std::string>& values) {
    std::string all;
    for (const std::string& value : values) all += (all.empty() ? "[" : ", ") + yaml_scalar(value);
    return all + "]";
  }

  [[nodiscard]] const Rule* rule_of(std::string_view keyword) const {
    const auto found =
        std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.keyword == keyword; });
    return found == rules_.end() ? nullptr : &*found;
  }

  // "CX E500" as cx-e500.
  [[nodiscard]] std::string name() const {
    if (!options_.name.empty()) return options_.name;
    const Seen seen = look(*smbios::find_field("system-product-name"));
    std::string name;
    for (const char c : seen.values.empty() ? std::string() : seen.values.front()) {
      const Letter letter = letter_of(c);
      if (letter == Letter::kDigit || letter == Letter::kLower) name += c;
      if (letter == Letter::kUpper) name += static_cast<char>(c - 'A' + 'a');
      if (letter == Letter::kOther && !name.empty() && name.back() != '-') name += '-';
    }
    name.resize(std::min<std::size_t>(name.size(), 64));
    while (name.ends_with('-')) name.pop_back();
    return is_name(name) && name != options_.extends ? name : "new-model";
  }

  std::string write() {
    const std::string match = match_section();  // they add to what is not confirmed
    const std::string label = label_section();
    std::string text = "# A draft, learnt from " + count(units_.size(), "unit") +
                       ". Decide each `unconfirmed`, then delete it.\nprofile: " + name() +
                       "\nversion: 1\nextends: [" + options_.extends + "]\n\n" + match + label + "fields:\n";
    for (const Rule& rule : rules_) text += written(rule);
    text +=
        "\nstages:\n  pre-image:  {}\n  post-image: { after: pre-image }\n  ship:       { after: post-image "
        "}\n";
    if (units_.size() == 1)
      general_.insert(general_.begin(), "everything here is learnt from one unit: what do others have?");
    if (base_.hardware.any()) {
      general_.push_back("hardware: " + options_.extends +
                         " asks for it, and a table does not tell it; try the draft on evidence files");
    }
    general_.emplace_back(
        "stages: which of incoming, pre-burn, post-burn, pre-image, post-image, ship does this line have? A "
        "line that burns needs `burn`, pre-burn and post-burn");
    text += "\nunconfirmed:\n";
    for (const std::string& doubt : general_) text += "  - " + yaml_scalar(doubt) + "\n";
    return text;
  }

  std::string match_section() {
    for (const std::string_view keyword : kMatchBy) {
      const Seen seen = look(*smbios::find_field(keyword));
      const auto distinct = seen.distinct();
      const bool good = seen.everywhere() && distinct.size() <= kMostModels &&
                        std::all_of(distinct.begin(), distinct.end(), [](const std::string& value) {
                          return value.size() <= kLongestValue && is_valid_utf8(value);
                        });
      if (!good) continue;
      return "match:\n  " + std::string(keyword) + ": " + list(distinct) + "\n\n";
    }
    general_.emplace_back(
        "nothing on these units tells their model: write `match`, or a `label` with a pattern");
    return {};
  }

  std::string label_section() {
    const Rule* serial = rule_of("system-serial-number");
    if (serial == nullptr || !look(*smbios::find_field(serial->keyword)).everywhere()) return {};
    general_.emplace_back("label: does the label on the case show the system serial?");
    return "label:\n  equals: { field: system-serial-number }\n\n";
  }

  static std::string written(const Rule& rule) {
    if (rule.parts.empty() && rule.doubts.empty()) return "  " + rule.keyword + ": {}\n";
    std::string text = "  " + rule.keyword + ":\n";
    for (const std::string& part : rule.parts) text += "    " + part + "\n";
    std::string doubts;
    for (const std::string& doubt : rule.doubts) doubts += (doubts.empty() ? "" : "; ") + doubt;
    if (!doubts.empty()) text += "    unconfirmed: " + yaml_scalar(doubts) + "\n";
    return text;
  }

  std::span<const Golden> units_;
  const LearnOptions& options_;
  const Profile& base_;
  std::vector<Rule> rules_;
  std::vector<std::string> general_;  // of the whole draft
};

}  // namespace

std::string infer_pattern(const std::vector<std::string>& values) {
  constexpr std::size_t kMostRuns = 5;  // more are no form, but letters and digits mixed
  for (const std::string& value : values) {
    if (value.empty() || value.size() > kLongestValue || !is_printable_ascii(value)) return {};
  }
  if (values.empty()) return {};
  std::vector<std::vector<Run>> all;
  for (const std::string& value : values) all.push_back(runs_of(value));
  const bool alike =
      all.front().size() <= kMostRuns &&
      std::all_of(all.begin(), all.end(), [&](const auto& runs) { return same_shape(runs, all.front()); });
  std::string pattern = alike ? by_runs(all) : by_classes(values);
  const re2::RE2 compiled(pattern, re2::RE2::Quiet);
  const bool good = compiled.ok() && std::all_of(values.begin(), values.end(), [&](const std::string& value) {
                      return re2::RE2::FullMatch(value, compiled);
                    });
  return good ? pattern : std::string();
}

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  if (!shows_all(text)) return double_quoted(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

Result<std::string> learn(std::span<const Golden> units, const LearnOptions& options,
                          const Catalog& catalog) {
  if (!options.name.empty() && (!is_name(options.name) || options.name == options.extends)) {
    return fail(ticked(options.name) + " is no name of a new profile", {},
                "use a-z, 0-9, dot, hyphen and underscore, beginning with a letter or digit",
                ErrorKind::kConfiguration);
  }
  if (!is_name(options.extends)) {
    return fail(ticked(options.extends) + " is no name of a set", {}, "name one that profile list lists",
                ErrorKind::kConfiguration);
  }
  const auto base = load_profile(options.extends, catalog);
  if (!base) return Failure(base.error());
  return Learner(units, options, *base).run().and_then([&](const std::string& draft) -> Result<std::string> {
    // A draft that does not load is a fault of this room's, and nobody is to find that out on the line.
    const auto loaded = parse_profile(draft, "draft", catalog);
    if (!loaded) return Failure(loaded.error());
    return draft;
  });
}

}  // namespace dmigate::profiles
