#include "profiles/describe.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "profiles/draft.h"

namespace dmigate::profiles {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

// Sorted, and no two lists alike that are not: each word with its length.
std::string as_set(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : std::set<std::string>(words.begin(), words.end()))
    all += std::to_string(word.size()) + ":" + word;
  return all;
}

// "at least 1", "at most 64", "2 to 4", "exactly 2".
std::string in_words(const std::optional<std::uint64_t>& least, const std::optional<std::uint64_t>& most) {
  if (!most) return "at least " + std::to_string(least.value_or(0));
  if (!least) return "at most " + std::to_string(*most);
  if (*least == *most) return "exactly " + std::to_string(*least);
  return std::to_string(*least) + " to " + std::to_string(*most);
}
std::string in_words(const Bounds& bounds) { return in_words(bounds.at_least, bounds.at_most); }

std::string in_words(std::chrono::milliseconds time) {
  const auto count = time.count();
  if (count % 3'600'000 == 0) return std::to_string(count / 3'600'000) + "h";
  if (count % 60'000 == 0) return std::to_string(count / 60'000) + "m";
  return count % 1000 == 0 ? std::to_string(count / 1000) + "s" : std::to_string(count) + "ms";
}

class Describer {
 public:
  explicit Describer(const Profile& profile) : profile_(profile) {}

  std::vector<Statement> run() {
    describe_head();
    for (const MatchRule& rule : profile_.match)
      add_set("match", std::string(rule.field->keyword), "one_of", rule.values, rule.origin);
    if (profile_.label) describe_label(*profile_.label);
    for (const IdentifierRule& rule : profile_.identifiers) describe_identifier(rule);
    for (const FieldRule& rule : profile_.fields) describe_field(rule);
    for (const StructureRule& rule : profile_.structures) {
      add("structures", "type " + std::to_string(rule.type), "count", in_words(rule.count), rule.origin,
          rule.severity);
    }
    describe_hardware(profile_.hardware);
    for (const WitnessRule& rule : profile_.witnesses)
      add("witnesses", std::string(witness_name(rule.which)), "required", "", rule.origin);
    if (profile_.burn) describe_burn(*profile_.burn);
    for (const StageRule& rule : profile_.stages) describe_stage(rule);
    std::vector<Waiver> waivers = profile_.waivers;
    std::stable_sort(waivers.begin(), waivers.end(), [](const Waiver& a, const Waiver& b) {
      return std::tie(a.rule, a.field, a.until) < std::tie(b.rule, b.field, b.until);
    });
    for (const Waiver& waiver : waivers) {
      add("waivers", waiver.rule, waiver.field.empty() ? "every field" : waiver.field,
          "until " + waiver.until + " by " + waiver.by + ": " + waiver.reason, waiver.origin);
    }
    return std::move(all_);
  }

 private:
  void add(std::string section, std::string name, std::string what, std::string value, const Origin& origin,
           Severity severity = Severity::kError) {
    all_.push_back(
        {std::move(section), std::move(name), std::move(what), std::move(value), severity, origin});
    all_.back().compared = all_.back().value;
  }

  void add_set(std::string section, std::string name, std::string what,
               const std::vector<std::string>& values, const Origin& origin,
               Severity severity = Severity::kError) {
    add(std::move(section), std::move(name), std::move(what), join(values), origin, severity);
    all_.back().compared = as_set(values);
  }

  void describe_head() {
    const Origin own{profile_.name, profile_.file, {}};
    add("profile", "", "name", profile_.name, own);
    add("profile", "", "version", std::to_string(profile_.version), own);
    add("profile", "", "mode", profile_.observes ? "observe" : "enforce", own);
    add("profile", "", "text", profile_.refuses_text ? "refuse" : "accept", own);
  }

  void describe_label(const LabelRule& rule) {
    if (rule.pattern) add("label", "", "pattern", rule.pattern_text, rule.origin);
    if (rule.equals != nullptr) add("label", "", "equals", field_words(*rule.equals), rule.origin);
  }

  void describe_identifier(const IdentifierRule& rule) {
    add("identifiers", rule.name, rule.optional ? "optional" : "required", "", rule.origin);
    if (rule.pattern) add("identifiers", rule.name, "pattern", rule.pattern_text, rule.origin);
    if (rule.unique) add("identifiers", rule.name, "unique", "", rule.origin);
  }

  static std::string field_words(const smbios::Field& field) {
    return "the field " + std::string(field.keyword);
  }

  void describe_field(const FieldRule& rule) {
    const std::string name = rule.name().text();
    add("fields", name, rule.optional ? "optional" : "required", "",
        rule.optional_origin.value_or(rule.origin));
    if (rule.unique) {
      add("fields", name, "unique",
          rule.within == nullptr ? "" : "within " + std::string(rule.within->keyword),
          rule.unique_origin.value_or(rule.origin));
    }
    for (const Check& check : rule.checks) describe_check(name, check);
  }

  void describe_check(const std::string& name, const Check& check) {
    const std::string what(check_name(check.kind));
    if (check.kind == CheckKind::kLength) {
      add("fields", name, what, in_words(check.at_least, check.at_most) + " bytes", check.origin,
          check.severity);
    } else if (check.kind == CheckKind::kOneOf) {
      add_set("fields", name, what, check.values, check.origin, check.severity);
    } else {
      add("fields", name, what, check.other != nullptr ? field_words(*check.other) : check.values.front(),
          check.origin, check.severity);
      // A text may read like the name of a field.
      all_.back().compared = (check.other != nullptr ? "field " : "value ") + all_.back().compared;
    }
  }

  void describe_hardware(const HardwareRules& rules) {
    const auto name = [](Hardware which) { return std::string(hardware_name(which)); };
    if (const auto& disk = rules.system_disk) {
      const std::string section = name(Hardware::kSystemDisk);
      if (disk->removable)
        add("hardware", section, "removable", *disk->removable ? "true" : "false", disk->origin,
            disk->severity);
      if (disk->serial) {
        add("hardware", section, "serial",
            disk->serial_at_most ? "at most " + std::to_string(*disk->serial_at_most) + " bytes" : "",
            disk->origin, disk->severity);
      }
    }
    const auto count = [&](Hardware which, const std::optional<CountRule>& rule) {
      if (rule) add("hardware", name(which), "count", in_words(rule->count), rule->origin, rule->severity);
    };
    count(Hardware::kFixedDisks, rules.fixed_disks);
    count(Hardware::kPhysicalNics, rules.physical_nics);
    if (const auto& clock = rules.clock)
      add("hardware", name(Hardware::kClock), "within", in_words(clock->within), clock->origin,
          clock->severity);
  }

  void describe_burn(const BurnRule& rule) {
    add("burn", "", "tool", rule.tool, rule.origin);
    std::vector<std::string> fields;
    for (const smbios::Field* field : rule.fields) fields.emplace_back(field->keyword);
    add_set("burn", "", "fields", fields, rule.origin);
  }

  static std::vector<std::string> names_of(const StageRule::List& list) {
    std::vector<std::string> names;
    for (const FieldName& field : list.fields) names.push_back(field.text());
    for (const Hardware which : list.hardware) names.emplace_back(hardware_name(which));
    if (list.structures) names.emplace_back("structures");
    return names;
  }

  void describe_stage(const StageRule& rule) {
    const std::string name(stage_name(rule.stage));
    const auto except = names_of(rule.except);
    if (rule.only) {
      add_set("stages", name, "judges only", names_of(*rule.only), rule.origin);
    } else if (!except.empty()) {
      add_set("stages", name, "judges all but", except, rule.origin);
    } else {
      add("stages", name, "judges everything", "", rule.origin);
    }
    if (rule.after) add("stages", name, "after", std::string(stage_name(*rule.after)), rule.origin);
    if (rule.needs_wmi) add("stages", name, "wmi", "required", rule.origin);
    if (!rule.waivers) add("stages", name, "waivers", "refused", rule.origin);
  }

  const Profile& profile_;
  std::vector<Statement> all_;
};

// `required` and `optional` are one question with two answers, as are the forms of a stage's list.
std::string question(const Statement& statement) {
  const bool presence = statement.what == "required" || statement.what == "optional";
  const bool list = statement.what.starts_with("judges");
  return statement.section + '\n' + statement.name + '\n' +
         (presence ? "presence"
          : list   ? "judges"
                   : statement.what);
}

bool same_answer(const Statement& a, const Statement& b) {
  return a.what == b.what && a.compared == b.compared && a.severity == b.severity;
}

// The statements that answer the same question, by number: several waivers may be of one rule and field.
std::vector<std::string> questions(const std::vector<Statement>& statements) {
  std::vector<std::string> all;
  std::multiset<std::string> seen;
  for (const Statement& statement : statements) {
    const std::string asked = question(statement);
    all.push_back(asked + '\n' + std::to_string(seen.count(asked)));
    seen.insert(asked);
  }
  return all;
}

}  // namespace

std::vector<Statement> describe(const Profile& profile) { return Describer(profile).run(); }

std::vector<Change> diff(const Profile& before, const Profile& after) {
  const auto olds = describe(before), news = describe(after);
  const auto old_questions = questions(olds), new_questions = questions(news);
  std::vector<Change> changes;
  for (std::size_t i = 0; i < olds.size(); ++i) {
    const auto found = std::find(new_questions.begin(), new_questions.end(), old_questions[i]);
    if (found == new_questions.end()) {
      changes.push_back({Change::Kind::kRemoved, olds[i], {}});
      continue;
    }
    const Statement& now = news[static_cast<std::size_t>(found - new_questions.begin())];
    if (!same_answer(olds[i], now)) changes.push_back({Change::Kind::kChanged, olds[i], now});
  }
  for (std::size_t i = 0; i < news.size(); ++i) {
    if (std::find(old_questions.begin(), old_questions.end(), new_questions[i]) == old_questions.end())
      changes.push_back({Change::Kind::kAdded, {}, news[i]});
  }
  return changes;
}

std::vector<Listing> list_profiles(const Catalog& catalog) {
  const std::vector<std::string> known = known_names(catalog, "");
  std::vector<Listing> all;
  for (const std::string& name : std::set<std::string>(known.begin(), known.end())) {
    const auto found = find_file(catalog, name + ".yaml");
    // station.yaml, and whatever else may lie there, is no profile.
    if (!found || (found->document && found->document->root.find("profile") == nullptr)) continue;
    const Checked checked = check_profile(name, catalog);
    const Profile& profile = checked.profile;
    all.push_back({name, profile.version, profile.description, found->file,
                   !profile.match.empty() || profile.label || !profile.stages.empty(),
                   checked.problems.empty() ? "" : checked.problems.front().to_string()});
  }
  return all;
}

}  // namespace dmigate::profiles
