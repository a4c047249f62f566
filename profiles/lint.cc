#include "profiles/lint.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <tuple>

#include "profiles/burn_tool.h"
#include "profiles/check.h"
#include "profiles/draft.h"

namespace dmigate::profiles {
namespace {

namespace fs = std::filesystem;

// How two sets of values lie to each other, as far as it can be told.
enum class Overlap : std::uint8_t { kNever, kPerhaps, kSurely };

bool matches(std::string_view text, const re2::RE2& pattern) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

// Whether one text can match both patterns. The range that RE2 gives holds every match, so that ranges
// apart are a proof; its lower end is often a match itself, and then a witness.
Overlap overlap(const re2::RE2& a, const re2::RE2& b) {
  constexpr int kBytes = 64;
  if (a.pattern() == b.pattern()) return Overlap::kSurely;
  std::string a_least, a_most, b_least, b_most;
  if (!a.PossibleMatchRange(&a_least, &a_most, kBytes) || !b.PossibleMatchRange(&b_least, &b_most, kBytes))
    return Overlap::kPerhaps;
  if (a_most < b_least || b_most < a_least) return Overlap::kNever;
  for (const std::string& text : {a_least, b_least}) {
    if (matches(text, a) && matches(text, b)) return Overlap::kSurely;
  }
  return Overlap::kPerhaps;
}

const Check* find_check(const FieldRule& rule, CheckKind kind) {
  const auto found = std::find_if(rule.checks.begin(), rule.checks.end(),
                                  [&](const Check& check) { return check.kind == kind; });
  return found == rule.checks.end() ? nullptr : &*found;
}

// The values that a rule lists, and the check that does.
struct Listed {
  const Check* by = nullptr;
  const std::vector<std::string>* values = nullptr;
};

class ProfileLint {
 public:
  ProfileLint(const Profile& profile, const Catalog& catalog, std::string_view today,
              std::vector<Note>& notes)
      : profile_(profile), catalog_(catalog), today_(today), notes_(notes) {}

  void run() {
    for (const Unconfirmed& left : profile_.unconfirmed) warn(left.origin, "unconfirmed: " + left.what);
    for (const Loosened& less : profile_.loosened) warn(less.origin, less.what);
    for (const FieldRule& rule : profile_.fields) check_field(rule);
    if (profile_.label) check_label(*profile_.label);
    check_match();
    if (!profile_.witnesses.empty()) check_witnesses(profile_.witnesses.front());
    if (profile_.burn) check_burn(*profile_.burn);
    for (const Waiver& waiver : profile_.waivers) check_waiver(waiver);
  }

 private:
  void note(const Origin& origin, Severity severity, std::string message) {
    notes_.push_back({origin.file, origin.mark, severity, std::move(message)});
  }
  void warn(const Origin& origin, std::string message) {
    note(origin, Severity::kWarning, std::move(message));
  }

  void check_field(const FieldRule& rule) {
    if (rule.unique && rule.optional) {
      warn(rule.unique_origin.value_or(rule.origin),
           ticked(rule.name().text()) + " is unique and optional: units without it are not told apart by it");
    }
    for (const CheckKind kind : {CheckKind::kEquals, CheckKind::kOneOf}) {
      if (const Check* check = find_check(rule, kind)) check_values(rule, *check);
    }
    check_relations(rule);
  }

  [[nodiscard]] Listed listed(const FieldRule& rule) const {
    for (const CheckKind kind : {CheckKind::kEquals, CheckKind::kOneOf}) {
      const Check* check = find_check(rule, kind);
      if (check != nullptr && check->other == nullptr) return {check, &check->values};
    }
    return {};
  }

  // Each value that `equals` or `one_of` lists must pass the other checks, or it is listed in vain.
  void check_values(const FieldRule& rule, const Check& lists) {
    const std::vector<std::string>* values = &lists.values;
    if (lists.other != nullptr) {
      const FieldRule* other = profile_.rule(*lists.other);
      values = other == nullptr ? nullptr : listed(*other).values;
    }
    if (values == nullptr) return;
    check_placeholders(rule, lists, *values);
    for (const Check& check : rule.checks) {
      if (&check == &lists || check.other != nullptr) continue;
      if (check.kind == CheckKind::kEquals) continue;  // told where `equals` lists
      std::vector<std::string> refused;
      for (const std::string& value : *values) {
        if (!holds(check, *rule.field, value, check.values.empty() ? std::string() : check.values.front()))
          refused.push_back(value);
      }
      tell_refused(rule, lists, refused, values->size(), ticked(check_name(check.kind)) + " refuses",
                   check.severity);
    }
  }

  void check_placeholders(const FieldRule& rule, const Check& lists, const std::vector<std::string>& values) {
    if (rule.field->kind != smbios::Kind::kString || !profile_.placeholders) return;
    std::vector<std::string> refused;
    for (const std::string& value : values) {
      const smbios::Bytes raw(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
      if (profile_.placeholders->detect(*rule.field, raw)) refused.push_back(value);
    }
    tell_refused(rule, lists, refused, values.size(), "is a placeholder",
                 rule.optional ? Severity::kWarning : Severity::kError);
  }

  // "`system-sku-number`: `one_of` asks for `A`, which `pattern` refuses".
  void tell_refused(const FieldRule& rule, const Check& lists, const std::vector<std::string>& refused,
                    std::size_t of, const std::string& why, Severity severity) {
    if (refused.empty()) return;
    const bool blocks = severity == Severity::kError && lists.severity == Severity::kError;
    std::string which;
    for (const std::string& value : refused) which += (which.empty() ? "" : ", ") + ticked(value);
    const std::string what = ticked(rule.name().text()) + ": " + ticked(check_name(lists.kind)) +
                             " asks for " + which + ", which " + why;
    if (refused.size() == of) {
      note(lists.origin, blocks ? Severity::kError : Severity::kWarning,
           what + (blocks ? "; no unit can pass" : "; every unit gets a warning"));
    } else {
      warn(lists.origin, what);
    }
  }

  // equals: { field: K } against what is said of K.
  void check_relations(const FieldRule& rule) {
    const Check* equals = find_check(rule, CheckKind::kEquals);
    if (equals == nullptr || equals->other == nullptr) return;
    const Check* unlike = find_check(rule, CheckKind::kNotContains);
    if (unlike != nullptr && unlike->other == equals->other) {
      note(unlike->origin,
           unlike->severity == Severity::kError && equals->severity == Severity::kError ? Severity::kError
                                                                                        : Severity::kWarning,
           ticked(rule.name().text()) + " must equal " + ticked(equals->other->keyword) +
               " and must not contain it; no unit can pass");
    }
    const FieldRule* other = profile_.rule(*equals->other);
    const Check* own = find_check(rule, CheckKind::kPattern);
    const Check* its = other == nullptr ? nullptr : find_check(*other, CheckKind::kPattern);
    if (own == nullptr || its == nullptr || overlap(*own->pattern, *its->pattern) != Overlap::kNever) return;
    note(own->origin, Severity::kError,
         ticked(rule.name().text()) + " must equal " + ticked(equals->other->keyword) +
             ", and no value matches the patterns of both");
  }

  void check_label(const LabelRule& label) {
    if (!label.pattern || label.equals == nullptr) return;
    const FieldRule* rule = profile_.rule(*label.equals);
    if (rule == nullptr) return;
    const std::string what =
        "the label's pattern and " + ticked(rule->name().text()) + ", which it must equal, ";
    const Check* pattern = find_check(*rule, CheckKind::kPattern);
    if (pattern != nullptr && overlap(*label.pattern, *pattern->pattern) == Overlap::kNever) {
      note(label.origin, Severity::kError, what + "contradict each other: no value matches both patterns");
    }
    const Listed values = listed(*rule);
    if (values.values == nullptr) return;
    const auto refused =
        std::count_if(values.values->begin(), values.values->end(),
                      [&](const std::string& value) { return !matches(value, *label.pattern); });
    if (refused == 0) return;
    const bool all = static_cast<std::size_t>(refused) == values.values->size();
    note(label.origin, all ? Severity::kError : Severity::kWarning,
         what + (all ? "contradict each other: the pattern refuses every value of the field"
                     : "do not fit: the pattern refuses some of the field's values"));
  }

  void check_match() {
    const bool by_label = profile_.label && profile_.label->pattern;
    if (profile_.match.empty() && !by_label) {
      if (profile_.stages.empty()) return;  // a set
      return warn({profile_.name, profile_.file, {}},
                  "this profile has neither `match` nor a label pattern: it is used only where --profile "
                  "names it");
    }
    const Origin& origin = profile_.match.empty() ? profile_.label->origin : profile_.match.front().origin;
    if (profile_.stages.empty()) {
      return warn(origin, "this profile has no `stages`: it can be tried, and no stage can be passed by it");
    }
    if (by_label) return;
    for (const StageRule& stage : profile_.stages) {
      for (const MatchRule& match : profile_.match) {
        if (stage.judges(FieldName(*match.field))) continue;
        warn(match.origin, "stage " + ticked(stage_name(stage.stage)) + " does not judge " +
                               ticked(match.field->keyword) +
                               ", so `match` does not find this profile there");
      }
    }
  }

  // A copy is known by what it copied, and a unit without a card has no witness.
  void check_witnesses(const WitnessRule& first) {
    if (std::none_of(profile_.fields.begin(), profile_.fields.end(), std::mem_fn(&FieldRule::unique))) {
      warn(first.origin, "no field is unique here: a copy of a unit's DMI is not known as one");
    }
    const auto& cards = profile_.hardware.physical_nics;
    const bool asked = cards && cards->severity == Severity::kError && cards->count.at_least.value_or(0) > 0;
    if (profile_.has_witness(Witness::kNicMac) && !asked) {
      warn(first.origin,
           "a unit without a network card has no witness; ask for one with `physical-nics: { at_least: 1 }`");
    }
  }

  void check_burn(const BurnRule& burn) {
    const auto tool = load_burn_tool(burn.tool, catalog_);
    if (!tool) return warn(burn.origin, "the burn tool cannot be used: " + tool.error().to_string());
    for (const smbios::Field* field : burn.fields) {
      if (tool->find(*field) == nullptr) {
        warn(burn.origin,
             "the burn tool " + ticked(burn.tool) + " has no switch for " + ticked(field->keyword));
      } else if (const FieldRule* rule = profile_.rule(*field)) {
        check_written(*tool, *rule);
      }
    }
  }

  // The values that the profile lists are those that are burnt.
  void check_written(const BurnTool& tool, const FieldRule& rule) {
    const Listed values = listed(rule);
    if (values.values == nullptr) return;
    for (const std::string& value : *values.values) {
      const auto refused = cannot_write(tool, {rule.field, value});
      if (refused) warn(values.by->origin, "the value cannot be burnt: " + refused->what);
    }
  }

  void check_waiver(const Waiver& waiver) {
    if (!today_.empty() && today_ > waiver.until) {
      warn(waiver.origin, "the waiver of " + ticked(waiver.rule) + " by " + waiver.by + " expired on " +
                              waiver.until + ": it does nothing any more");
    }
    if (waiver.field.empty() || waiver.field == "label" || names(waiver.field)) return;
    warn(waiver.origin, "the waiver names " + ticked(waiver.field) +
                            ", for which this profile has no rule: it does nothing");
  }

  [[nodiscard]] bool names(std::string_view keyword) const {
    const auto hardware = find_hardware(keyword);
    return (hardware && profile_.hardware.asks(*hardware)) ||
           std::any_of(profile_.fields.begin(), profile_.fields.end(),
                       [&](const FieldRule& rule) {
                         return rule.field->keyword == keyword || rule.name().text() == keyword;
                       }) ||
           std::any_of(profile_.identifiers.begin(), profile_.identifiers.end(),
                       [&](const IdentifierRule& rule) { return rule.name == keyword; });
  }

  const Profile& profile_;
  const Catalog& catalog_;
  std::string_view today_;
  std::vector<Note>& notes_;
};

// ---------------------------------------------------------------- two models

Overlap overlap_of_match(const Profile& a, const Profile& b) {
  if (a.match.empty() || b.match.empty()) return Overlap::kNever;
  std::size_t common = 0;
  for (const MatchRule& one : a.match) {
    const auto other = std::find_if(b.match.begin(), b.match.end(),
                                    [&](const MatchRule& rule) { return rule.field == one.field; });
    if (other == b.match.end()) continue;
    ++common;
    if (std::none_of(one.values.begin(), one.values.end(), [&](const std::string& value) {
          return std::find(other->values.begin(), other->values.end(), value) != other->values.end();
        }))
      return Overlap::kNever;
  }
  // Two that look at nothing in common cannot be told to be for one unit, nor for two.
  if (common == 0) return Overlap::kNever;
  return common == a.match.size() && common == b.match.size() ? Overlap::kSurely : Overlap::kPerhaps;
}

bool has_label_pattern(const Profile& profile) { return profile.label && profile.label->pattern; }

bool share_a_stage(const Profile& a, const Profile& b) {
  return a.stages.empty() || b.stages.empty() ||
         std::any_of(a.stages.begin(), a.stages.end(),
                     [&](const StageRule& rule) { return b.stage(rule.stage) != nullptr; });
}

// What is to be said of two models that one unit may be both of; none when it cannot.
std::optional<std::pair<Severity, std::string>> ambiguity(const Profile& a, const Profile& b) {
  if (!share_a_stage(a, b)) return std::nullopt;
  const Overlap match = overlap_of_match(a, b);
  const bool labels = has_label_pattern(a) && has_label_pattern(b);
  const Overlap label = labels ? overlap(*a.label->pattern, *b.label->pattern) : Overlap::kPerhaps;
  const std::string both = ticked(a.name) + " (" + a.file + ") and " + ticked(b.name);
  if (labels && label == Overlap::kSurely && (a.match.empty() || b.match.empty())) {
    return std::pair(Severity::kError, both +
                                           " are for units with the same labels: make the label patterns "
                                           "tell them apart, or give both a `match`");
  }
  if (match == Overlap::kNever) return std::nullopt;
  if (labels && label != Overlap::kSurely) {
    if (match == Overlap::kPerhaps) return std::nullopt;
    return std::pair(Severity::kWarning,
                     both + " match the same units: only a scanned label tells them apart");
  }
  if (match == Overlap::kSurely) {
    return std::pair(
        Severity::kError,
        both + " match the same units: make `match` tell them apart, or one unit is refused as both");
  }
  return std::pair(Severity::kWarning,
                   both + " may match the same unit: they do not name the same fields in `match`");
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return a == b || fs::equivalent(a, b, error);
}

// ---------------------------------------------------------------- files

class Linter {
 public:
  Linter(const Catalog& catalog, std::string_view today) : catalog_(catalog), today_(today) {}

  std::vector<Note> run(const std::vector<std::string>& names_or_files) {
    if (const auto found = load_placeholders(catalog_)) {
      placeholders_ = found->lists;
    } else {
      tell_lines(found.error(), {});
    }
    for (const std::string& each : names_or_files) lint_one(each);
    add_neighbours();
    compare();
    std::vector<Note> once;
    for (Note& note : notes_) {
      if (told_.insert({note.file, note.mark.line, note.mark.column, note.message}).second)
        once.push_back(std::move(note));
    }
    return once;
  }

 private:
  void lint_one(const std::string& name_or_file) {
    if (fs::path(name_or_file).filename() == kPlaceholdersFile) return;  // read, and told of, with its folder
    if (const auto tool = is_tool(name_or_file)) return lint_tool(*tool, name_or_file);
    Checked checked = check_profile(name_or_file, catalog_);
    for (Problem& problem : checked.problems)
      notes_.push_back({problem.file, problem.mark, Severity::kError, std::move(problem.message)});
    if (!checked.problems.empty()) return;
    checked.profile.placeholders = placeholders_;
    if (checked.is_base) {
      notes_.push_back(
          {checked.profile.file,
           {},
           Severity::kWarning,
           "this file has no `version`, `match`, `label` or `stages`: it is read as a set for models "
           "to extend"});
    }
    std::vector<Note> notes;
    ProfileLint(checked.profile, catalog_, today_, notes).run();
    std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
      return std::tie(a.file, a.mark.line, a.mark.column) < std::tie(b.file, b.mark.line, b.mark.column);
    });
    std::move(notes.begin(), notes.end(), std::back_inserter(notes_));
    if (checked.profile.is_candidate()) models_.push_back(std::move(checked.profile));
  }

  // A file that begins with `tool:` describes a burn tool: its text.
  static std::optional<std::string> is_tool(const std::string& file) {
    if (file.find('/') == std::string::npos && !file.ends_with(".yaml") && !file.ends_with(".yml"))
      return std::nullopt;
    auto text = read_text(file);
    if (!text) return std::nullopt;
    const auto root = parse_yaml(*text, file);
    if (!root || root->find("tool") == nullptr || root->find("profile") != nullptr) return std::nullopt;
    return *std::move(text);
  }

  void lint_tool(const std::string& text, const std::string& file) {
    const auto tool = parse_burn_tool(text, file);
    if (!tool) return tell_lines(tool.error(), file);
    const bool word = std::all_of(tool->calls.begin(), tool->calls.end(),
                                  [](const BurnCall& call) { return call.success.has_value(); });
    if (word) return;
    notes_.push_back({file,
                      {},
                      Severity::kWarning,
                      "`success` is missing: whether a call ended well is told by its exit status alone, "
                      "which burn tools do not vouch for"});
  }

  // One note for each line, as to_error() puts problems together.
  void tell_lines(const Error& error, const std::string& file) {
    const std::string lines = error.to_string();
    std::string_view all = lines;
    while (!all.empty()) {
      const std::size_t end = std::min(all.find('\n'), all.size());
      Problem problem = to_problem(Error{std::string(all.substr(0, end)), {}, {}}, file);
      notes_.push_back({problem.file, problem.mark, Severity::kError, std::move(problem.message)});
      all.remove_prefix(std::min(end + 1, all.size()));
    }
  }

  // The other models of the folders, as far as they hold: their own faults are not asked for here.
  void add_neighbours() {
    linted_ = models_.size();
    if (linted_ == 0) return;
    for (const std::string& folder : catalog_.folders) {
      const auto files = profile_files(folder);
      if (!files) continue;
      for (const std::string& file : *files) {
        if (std::any_of(models_.begin(), models_.end(),
                        [&](const Profile& known) { return same_file(known.file, file); }))
          continue;
        Checked checked = check_profile(file, catalog_);
        if (checked.problems.empty() && checked.profile.is_candidate())
          models_.push_back(std::move(checked.profile));
      }
    }
  }

  // Told at the profile that was asked for; of two, at the later.
  void compare() {
    for (std::size_t i = 0; i < linted_; ++i) {
      for (std::size_t j = 0; j < models_.size(); ++j) {
        if (j < linted_ ? j >= i : j == i) continue;
        tell(models_[j], models_[i]);
      }
    }
  }

  void tell(const Profile& other, const Profile& here) {
    const Origin& origin = here.match.empty() ? here.label->origin : here.match.front().origin;
    if (other.name == here.name) {
      notes_.push_back({here.file,
                        {},
                        Severity::kError,
                        "the profile " + ticked(here.name) + " is in " + other.file + " as well"});
      return;
    }
    if (auto found = ambiguity(other, here))
      notes_.push_back({here.file, origin.mark, found->first, std::move(found->second)});
  }

  const Catalog& catalog_;
  std::string_view today_;
  std::shared_ptr<const Placeholders> placeholders_;
  std::vector<Profile> models_;  // those that were asked for, then their neighbours
  std::size_t linted_ = 0;
  std::vector<Note> notes_;
  std::set<std::tuple<std::string, int, int, std::string>> told_;
};

}  // namespace

std::vector<Note> lint(const std::vector<std::string>& names_or_files, const Catalog& catalog,
                       std::string_view today) {
  return Linter(catalog, today).run(names_or_files);
}

Result<std::vector<std::string>> files_of_folder(const std::string& folder) {
  return profile_files(folder).map([&](std::vector<std::string>&& files) {
    std::error_code error;
    const std::string tools = (fs::path(folder) / "tools").string();
    if (fs::is_directory(tools, error)) {
      if (const auto more = profile_files(tools)) files.insert(files.end(), more->begin(), more->end());
    }
    return std::move(files);
  });
}

}  // namespace dmigate::profiles
