#include <algorithm>

#include "gate/audit/report.h"
#include "gate/judge/phrases.h"

namespace dmigate::gate::audit {
namespace {

// The worst first.
void sort(std::vector<RuleCount>& rules) {
  std::ranges::sort(rules, [](const RuleCount& a, const RuleCount& b) {
    return std::tie(b.units, a.rule, a.keyword) < std::tie(a.units, b.rule, b.keyword);
  });
}

void count_outcome(Outcome outcome, Counts& counts) {
  ++counts.units;
  switch (outcome) {
    case Outcome::kPass:
      ++counts.pass;
      break;
    case Outcome::kFail:
      ++counts.fail;
      break;
    case Outcome::kError:
      ++counts.error;
      break;
    case Outcome::kObserved:
      ++counts.observed;
      break;
  }
}

void add_counts(const Counts& from, Counts& to) {
  to.units += from.units;
  to.pass += from.pass;
  to.fail += from.fail;
  to.error += from.error;
  to.observed += from.observed;
}

// As many as there is room for.
template <typename Item>
void append(std::vector<Item>&& from, std::size_t most, std::vector<Item>& to) {
  for (std::size_t i = 0; i < from.size() && to.size() < most; ++i) to.push_back(std::move(from[i]));
}

}  // namespace

std::string rule_and_keyword(std::string_view rule, std::string_view keyword) {
  return std::string(rule) + (keyword.empty() ? "" : " ") + std::string(keyword);
}

std::vector<Sentence> sentences_of(const Unit& unit, Language language) {
  std::vector<Sentence> all;
  if (unit.record.kind == Kind::kOther) return {{std::string(unit.record.words), {}}};
  for (std::string_view rest = unit.record.words; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const std::size_t tab = std::min(line.find('\t'), line.size());
    all.push_back(
        {std::string(line.substr(0, tab)), std::string(line.substr(std::min(tab + 1, line.size())))});
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  for (const Duplicate& duplicate : unit.duplicates) {
    all.push_back(sentence(
        {.say = Say::kSharedInBatch,
         .keyword = std::string(duplicate.keyword),
         .found = std::string(duplicate.value),
         .details = {{"n", std::to_string(duplicate.units)}, {"group", std::to_string(duplicate.group)}}},
        language, {}));
  }
  for (const Finding& finding : unit.registry) all.push_back(sentence(finding, language, {}));
  return all;
}

void Collector::add(const Unit& unit) {
  const Record& record = unit.record;
  if (record.kind == Kind::kOther) {
    ++summary_.other;
    if (summary_.others.size() < kListed)
      summary_.others.push_back({printable(record.path), std::string(record.words)});
    return;
  }
  count(unit, models_[record.model == kNoModel ? models_.size() - 1 : record.model]);
  list(unit);
}

void Collector::add(Collector&& later) {
  for (std::size_t i = 0; i < models_.size(); ++i) {
    add_counts(later.models_[i].counts, models_[i].counts);
    for (const auto& [rule, units] : later.models_[i].units) models_[i].units[rule] += units;
  }
  for (const auto& [keyword, units] : later.not_judged_) not_judged_[keyword] += units;
  for (auto& [number, group] : later.groups_) {
    Group& known = groups_[number];
    if (known.number == 0) {
      known = std::move(group);
    } else {
      append(std::move(group.paths), kGroupPaths, known.paths);
    }
  }
  summary_.other += later.summary_.other;
  summary_.in_groups += later.summary_.in_groups;
  summary_.known += later.summary_.known;
  append(std::move(later.summary_.troubles), kListed, summary_.troubles);
  append(std::move(later.summary_.others), kListed, summary_.others);
  append(std::move(later.summary_.known_first), kListed, summary_.known_first);
}

void Collector::count(const Unit& unit, Rules& rules) {
  count_outcome(unit.outcome, rules.counts);
  if (!unit.duplicates.empty()) ++summary_.in_groups;
  for (const Brief& brief : unit.record.briefs) {
    if (!is_not_judged(brief)) continue;
    auto counted = not_judged_.find(brief.keyword);
    if (counted == not_judged_.end()) counted = not_judged_.emplace(brief.keyword, 0).first;
    ++counted->second;
  }
  if (unit.outcome == Outcome::kPass) return;
  of_unit_.clear();  // a unit counts once for a rule, however often it breaks it
  for (const Brief& brief : unit.record.briefs) {
    if (brief.severity == Severity::kError)
      of_unit_.emplace(message(brief.say).rule, std::string(brief.keyword));
  }
  for (const Duplicate& duplicate : unit.duplicates)
    of_unit_.emplace(message(Say::kSharedInBatch).rule, std::string(duplicate.keyword));
  for (const Finding& finding : unit.registry) of_unit_.emplace(finding.rule(), finding.keyword);
  for (const auto& rule : of_unit_) ++rules.units[rule];
}

void Collector::list(const Unit& unit) {
  if (unit.outcome == Outcome::kError && summary_.troubles.size() < kListed) {
    const auto said = sentences_of(unit, request_->language);
    summary_.troubles.push_back({printable(unit.record.path), said.empty() ? "" : said.front().message});
  }
  const auto speaks = [](const Finding& finding) { return finding.say != Say::kRegistryFailed; };
  if (std::ranges::any_of(unit.registry, speaks)) ++summary_.known;
  for (const Finding& finding : unit.registry) {
    if (!speaks(finding) || summary_.known_first.size() >= kListed) continue;
    summary_.known_first.push_back(
        {printable(unit.record.path), finding.keyword, sentence(finding, request_->language, {}).message});
  }
  for (const Duplicate& duplicate : unit.duplicates) {
    if (duplicate.group > kGroupsShown) continue;
    Group& group = groups_[duplicate.group];
    if (group.number == 0) {
      group = {.number = duplicate.group,
               .keyword = std::string(duplicate.keyword),
               .value = std::string(duplicate.value),
               .units = duplicate.units};
    }
    if (group.paths.size() < kGroupPaths) group.paths.push_back(printable(unit.record.path));
  }
}

Summary Collector::finish() {
  std::map<std::pair<std::string_view, std::string>, std::uint64_t> all;
  for (std::size_t i = 0; i < models_.size(); ++i) {
    const Rules& rules = models_[i];
    if (rules.counts.units == 0) continue;
    ModelCount model{.counts = rules.counts};
    if (i < request_->profiles.size()) {
      model.name = request_->profiles[i].name;
      model.version = request_->profiles[i].version;
    }
    for (const auto& [rule, units] : rules.units) {
      model.rules.push_back({std::string(rule.first), rule.second, units});
      all[rule] += units;
    }
    sort(model.rules);
    add_counts(model.counts, summary_.counts);
    summary_.models.push_back(std::move(model));
  }
  std::ranges::sort(summary_.models, [](const ModelCount& a, const ModelCount& b) {
    return std::pair(a.name.empty(), a.name) < std::pair(b.name.empty(), b.name);
  });
  for (const auto& [rule, units] : all)
    summary_.rules.push_back({std::string(rule.first), rule.second, units});
  sort(summary_.rules);
  for (const auto& [keyword, units] : not_judged_) summary_.not_judged.push_back({{}, keyword, units});
  for (auto& [number, group] : groups_) summary_.largest.push_back(std::move(group));
  return std::move(summary_);
}

}  // namespace dmigate::gate::audit
