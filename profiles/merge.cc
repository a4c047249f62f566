// Lays what base sets and a profile say over each other, and checks what only the whole can tell.
#include <algorithm>
#include <utility>

#include "profiles/draft.h"

namespace dmigate::profiles {
namespace {

using smbios::Field;

// Whether `later` lets a value through that `inherited` blocks, as far as the two alone tell.
bool asks_less(const Check& later, const Check& inherited) {
  if (later.severity == Severity::kWarning && inherited.severity == Severity::kError) return true;
  if (inherited.severity == Severity::kWarning || later.kind != CheckKind::kLength) return false;
  return later.at_most.value_or(~std::uint64_t{0}) > inherited.at_most.value_or(~std::uint64_t{0}) ||
         later.at_least.value_or(0) < inherited.at_least.value_or(0);
}

// "later wins, rule by rule": a check replaces the inherited one of its kind, and `unique` and
// `optional` only what is said. What is asked less then is noted.
void lay_over(FieldRule& rule, const FieldDraft& later, std::vector<Loosened>& loosened) {
  const std::string name = ticked(rule.name().text());
  for (const Check& check : later.rule.checks) {
    const auto same = std::find_if(rule.checks.begin(), rule.checks.end(),
                                   [&](const Check& inherited) { return inherited.kind == check.kind; });
    if (same == rule.checks.end()) {
      rule.checks.push_back(check);
      continue;
    }
    if (asks_less(check, *same)) {
      loosened.push_back(
          {ticked(check_name(check.kind)) + " of " + name + " asks less than " + same->origin.profile,
           check.origin});
    }
    *same = check;
  }
  if (later.says_optional) {
    if (later.rule.optional && !rule.optional)
      loosened.push_back({name + " must be there by " + rule.origin.profile + ", and is optional here",
                          *later.rule.optional_origin});
    rule.optional = later.rule.optional;
    rule.optional_origin = later.rule.optional_origin;
  }
  if (later.says_unique) {
    const bool everywhere = rule.unique && rule.within == nullptr;
    if (rule.unique && (!later.rule.unique || (everywhere && later.rule.within != nullptr)))
      loosened.push_back({name + " is unique by " +
                              (rule.unique_origin ? rule.unique_origin->profile : rule.origin.profile) +
                              (later.rule.unique ? ", and only within another field here" : ", and not here"),
                          *later.rule.unique_origin});
    rule.unique = later.rule.unique;
    rule.within = later.rule.within;
    rule.unique_origin = later.rule.unique_origin;
  }
  rule.origin = later.rule.origin;
}

class Merger {
 public:
  Merger(const std::vector<const Draft*>& drafts, bool whole, std::vector<Problem>& problems)
      : drafts_(drafts), problems_(problems), fields_read_(whole) {}

  Profile merge() {
    const Draft& own = *drafts_.back();
    profile_.name = own.name;
    profile_.version = own.version.value_or(0);
    profile_.description = own.description;
    profile_.file = own.file;
    hash();
    for (const Draft* draft : drafts_) lay(*draft);
    check_match();
    check_label();
    if (burn_ != nullptr) keep_burn();
    if (stages_ != nullptr) keep_stages();
    if (burn_ != nullptr) check_burn_stages();
    return std::move(profile_);
  }

 private:
  void hash() {
    std::vector<std::uint8_t> hashes;
    for (const Draft* draft : drafts_)
      hashes.insert(hashes.end(), draft->sha256.begin(), draft->sha256.end());
    profile_.sha256 = sha256(hashes);
  }

  void lay(const Draft& draft) {
    profile_.layers.push_back({draft.name, draft.version.value_or(0), draft.file});
    for (const FieldDraft& field : draft.fields) {
      const auto same = std::find_if(profile_.fields.begin(), profile_.fields.end(),
                                     [&](const FieldRule& rule) { return rule.name() == field.rule.name(); });
      if (same == profile_.fields.end()) {
        profile_.fields.push_back(field.rule);
      } else {
        lay_over(*same, field, profile_.loosened);
      }
    }
    for (const IdentifierRule& later : draft.identifiers) {
      replace(profile_.identifiers, later, [](const IdentifierRule& rule) { return rule.name; });
    }
    for (const StructureRule& later : draft.structures) {
      replace(profile_.structures, later, [](const StructureRule& rule) { return rule.type; });
    }
    if (draft.hardware.system_disk) profile_.hardware.system_disk = draft.hardware.system_disk;
    if (draft.hardware.fixed_disks) profile_.hardware.fixed_disks = draft.hardware.fixed_disks;
    if (draft.hardware.physical_nics) profile_.hardware.physical_nics = draft.hardware.physical_nics;
    if (draft.hardware.clock) profile_.hardware.clock = draft.hardware.clock;
    if (draft.witnesses) lay(*draft.witnesses);
    if (draft.waivers) profile_.waivers = *draft.waivers;
    profile_.unconfirmed.insert(profile_.unconfirmed.end(), draft.unconfirmed.begin(),
                                draft.unconfirmed.end());
    profile_.observes = draft.observes.value_or(profile_.observes);
    if (draft.match) profile_.match = *draft.match;
    if (draft.label) profile_.label = draft.label;
    profile_.refuses_text = draft.refuses_text.value_or(profile_.refuses_text);
    if (draft.burn) burn_ = &*draft.burn;
    if (draft.stages) stages_ = &*draft.stages;
    fields_read_ = fields_read_ && draft.fields_read;
  }

  // A list stands for the one that is inherited.
  void lay(const WitnessesDraft& later) {
    const std::vector<WitnessRule> inherited = std::exchange(profile_.witnesses, later.rules);
    for (const WitnessRule& rule : inherited) {
      if (profile_.has_witness(rule.which)) continue;
      profile_.loosened.push_back(
          {ticked(witness_name(rule.which)) + " is a witness by " + rule.origin.profile + ", and not here",
           later.origin});
    }
  }

  // The rule of the same key is replaced, where there is one.
  template <typename Rule, typename KeyOf>
  static void replace(std::vector<Rule>& rules, const Rule& later, KeyOf key_of) {
    const auto same = std::find_if(rules.begin(), rules.end(),
                                   [&](const Rule& rule) { return key_of(rule) == key_of(later); });
    if (same == rules.end()) {
      rules.push_back(later);
    } else {
      *same = later;
    }
  }

  void problem(const Origin& origin, std::string message) {
    problems_.push_back({origin.file, origin.mark, std::move(message)});
  }

  // A field that is named somewhere must have a rule. Where a rule could not be read, that is told.
  void need_rule(const FieldName& name, const Origin& origin, std::string_view who) {
    if (!fields_read_ || profile_.rule(name) != nullptr) return;
    problem(origin, std::string(who) + " names " + ticked(name.text()) +
                        ", for which there is no rule; name it under `fields`");
  }

  void check_match() {
    for (const MatchRule& match : profile_.match) need_rule(*match.field, match.origin, "`match`");
  }

  void check_label() {
    if (!profile_.label || profile_.label->equals == nullptr) return;
    need_rule(*profile_.label->equals, profile_.label->origin, "`label`");
  }

  void keep_burn() {
    BurnRule burn{burn_->tool, {}, burn_->origin};
    for (const Named& named : burn_->fields) {
      burn.fields.push_back(named.name.field);
      need_rule(named.name, {burn_->origin.profile, burn_->origin.file, named.mark}, "`burn`");
    }
    for (const FieldRule& rule : profile_.fields) {
      if (rule.within == nullptr ||
          std::find(burn.fields.begin(), burn.fields.end(), rule.within) == burn.fields.end())
        continue;
      problem(rule.origin,
              ticked(rule.field->keyword) + " is unique within " + ticked(rule.within->keyword) +
                  ", which `burn` writes: a burn would change whose it is; write `unique: true`, "
                  "or do not burn it");
    }
    profile_.burn = std::move(burn);
  }

  void keep_stages() {
    for (const StageDraft& draft : *stages_) {
      StageRule rule;
      rule.stage = draft.stage;
      rule.except = resolve(draft.except, draft);
      rule.after = draft.after;
      rule.needs_wmi = draft.needs_wmi;
      rule.waivers = draft.waivers;
      rule.origin = draft.origin;
      if (draft.only) rule.only = resolve(*draft.only, draft);
      const bool read = fields_read_ && draft.except.read && (!draft.only || draft.only->read);
      if (read) check_judges_something(rule);
      profile_.stages.push_back(std::move(rule));
    }
  }

  StageRule::List resolve(const JudgedList& list, const StageDraft& stage) {
    StageRule::List judged;
    const auto at = [&](const Mark& mark) { return Origin{stage.origin.profile, stage.origin.file, mark}; };
    for (const Named& named : list.fields) {
      need_rule(named.name, at(named.mark), "stage " + ticked(stage_name(stage.stage)));
      judged.fields.push_back(named.name);
    }
    for (const auto& [which, mark] : list.hardware) {
      if (!profile_.hardware.asks(which)) {
        problem(at(mark),
                "there is no rule for " + ticked(hardware_name(which)) + "; name it under `hardware`");
      }
      judged.hardware.push_back(which);
    }
    judged.structures = list.structures.has_value();
    if (judged.structures && profile_.structures.empty()) {
      problem(at(*list.structures), "this profile has no `structures`");
    }
    if (!list.burn_fields) return judged;
    if (!profile_.burn) {
      problem(at(*list.burn_fields),
              "`burn-fields` are the fields of `burn`, and this profile has no such section");
    } else {
      for (const Field* field : profile_.burn->fields) judged.fields.emplace_back(*field);
    }
    return judged;
  }

  void check_judges_something(const StageRule& rule) {
    const bool field =
        std::any_of(profile_.fields.begin(), profile_.fields.end(),
                    [&](const FieldRule& each) { return !each.optional && rule.judges(each.name()); });
    const bool hardware = std::any_of(kAllHardware.begin(), kAllHardware.end(), [&](Hardware which) {
      return profile_.hardware.asks(which) && rule.judges(which);
    });
    if (field || hardware) return;
    problem(rule.origin, "stage " + ticked(stage_name(rule.stage)) +
                             " judges no field that must be there, so every unit would pass it; leave the "
                             "stage out");
  }

  // What a burn needs around it: a visit that lets it through, and one that proves it.
  void check_burn_stages() {
    const StageRule* post = profile_.stage(Stage::kPostBurn);
    if (profile_.stage(Stage::kPreBurn) == nullptr || post == nullptr) {
      return problem(burn_->origin,
                     "`burn` needs the stages `pre-burn` and `post-burn`; declare both under `stages`");
    }
    if (post->after != Stage::kPreBurn) {
      problem(post->origin, "`post-burn` proves what was burnt after `pre-burn`; add `after: pre-burn`");
    }
    for (const StageRule& stage : profile_.stages) {
      if (stage.stage < Stage::kPostBurn) check_before_burn(stage);
    }
  }

  void check_before_burn(const StageRule& stage) {
    std::string names;
    for (const Field* field : profile_.burn->fields) {
      const FieldRule* rule = profile_.rule(*field);
      if (rule == nullptr || rule->optional || !stage.judges(*field)) continue;
      names += (names.empty() ? "" : ", ") + std::string(field->keyword);
    }
    if (names.empty()) return;
    problem(stage.origin, "stage " + ticked(stage_name(stage.stage)) +
                              " judges what is burnt only after it: " + names +
                              "; add `except: burn-fields`, or list with `only` what is there already");
  }

  const std::vector<const Draft*>& drafts_;
  std::vector<Problem>& problems_;
  Profile profile_;
  const BurnDraft* burn_ = nullptr;
  const std::vector<StageDraft>* stages_ = nullptr;
  bool fields_read_;  // whether every rule of every set could be read
};

}  // namespace

Profile merge(const std::vector<const Draft*>& drafts, bool whole, std::vector<Problem>& problems) {
  return Merger(drafts, whole, problems).merge();
}

}  // namespace dmigate::profiles
