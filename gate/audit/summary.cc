#include "gate/audit/summary.h"

#include <algorithm>
#include <cstdio>

#include "gate/judge/phrases.h"

namespace dmigate::gate::audit {
namespace {

// What fits on a screen or two; the reports have all of it.
constexpr std::size_t kRules = 10, kModels = 20, kRulesOfModel = 3;
constexpr std::size_t kGroups = 10, kPathsOfGroup = 5, kKnown = 10, kTroubles = 10, kOthers = 5;

// Columns of a terminal: an ideograph takes two.
std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    columns += byte >= 0xE3 && byte < 0xF0 ? 2 : (byte & 0xC0) != 0x80 ? 1 : 0;
  }
  return columns;
}

std::string right(std::string_view text, std::size_t columns) {
  return std::string(columns - std::min(columns, width(text)), ' ') + std::string(text);
}

class Text {
 public:
  Text(const Summary& summary, Language language, bool colour)
      : summary_(summary), language_(language), colour_(colour) {}

  std::string run() {
    headline();
    rules();
    models();
    groups();
    known();
    not_judged();
    tell_list("could not be judged: {count}", summary_.counts.error, summary_.troubles, kTroubles);
    tell_list("no dumps: {count}", summary_.other, summary_.others, kOthers);
    for (const std::string& path : summary_.written) {
      tell("written: {path}", {{"path", printable(path)}});
    }
    if (summary_.partial) line(mark("1;37;45", std::string(word("PARTIAL: ended before all was audited"))));
    return text_;
  }

 private:
  [[nodiscard]] std::string_view word(std::string_view english) const { return phrase(english, language_); }
  void line(std::string_view text) { text_.append(text).append("\n"); }
  void tell(std::string_view english, const Details& details) { line(fill(word(english), details)); }
  [[nodiscard]] std::string mark(const char* how, const std::string& text) const {
    return colour_ ? std::string("\033[") + how + "m " + text + " \033[0m" : text;
  }

  void headline() {
    const Counts& counts = summary_.counts;
    const Outcome outcome = outcome_of(summary_);
    const char* how = outcome == Outcome::kFail    ? "1;37;41"
                      : outcome == Outcome::kError ? "1;37;45"
                                                   : "1;37;42";
    std::string head = mark(how, std::string(outcome_name(outcome)));
    if (outcome == Outcome::kPass && !summary_.claimed) head += word(" (not recorded)");
    const double seconds = std::chrono::duration<double>(summary_.taken).count();
    char taken[32];
    std::snprintf(taken, sizeof taken, "%.1f", seconds);
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(counts.units) / std::max(seconds, 1e-3));
    line(head + "  " +
         fill(word("{units} units: {pass} pass, {fail} fail, {error} error"),
              {{"units", grouped(counts.units)},
               {"pass", grouped(counts.pass)},
               {"fail", grouped(counts.fail)},
               {"error", grouped(counts.error)}}));
    if (counts.observed > 0) tell("  observed only: {count}", {{"count", grouped(counts.observed)}});
    tell("  in {seconds} s, {rate} units a second", {{"seconds", taken}, {"rate", grouped(rate)}});
    if (counts.units == 0) tell("nothing here is a unit that could be judged", {});
  }

  void counted(const RuleCount& rule, const std::string& indent) {
    line(indent + right(grouped(rule.units), 10) + "  " + rule.rule + (rule.keyword.empty() ? "" : " ") +
         rule.keyword);
  }

  void rules() {
    if (summary_.rules.empty()) return;
    line("");
    tell("the worst rules, and on how many units", {});
    for (std::size_t i = 0; i < std::min(kRules, summary_.rules.size()); ++i) counted(summary_.rules[i], "");
    more(summary_.rules.size(), kRules);
  }

  void more(std::uint64_t all, std::size_t shown) {
    if (all > shown) tell("            and {count} more", {{"count", grouped(all - shown)}});
  }

  void models() {
    if (summary_.models.empty()) return;
    line("");
    std::string heads;
    for (const std::string_view head :
         {word("units"), word("pass"), word("fail"), word("error"), word("yield")})
      heads += right(head, 10);
    line(heads + "  " + std::string(word("model")));
    for (std::size_t i = 0; i < std::min(kModels, summary_.models.size()); ++i) model(summary_.models[i]);
    more(summary_.models.size(), kModels);
  }

  void model(const ModelCount& model) {
    const Counts& counts = model.counts;
    const std::string name = model.name.empty() ? std::string(word("(no profile)"))
                                                : model.name + " v" + std::to_string(model.version);
    line(right(grouped(counts.units), 10) + right(grouped(counts.pass), 10) +
         right(grouped(counts.fail), 10) + right(grouped(counts.error), 10) + right(yield_text(counts), 10) +
         "  " + name);
    if (summary_.models.size() < 2) return;  // the list above is this model's
    for (std::size_t i = 0; i < std::min(kRulesOfModel, model.rules.size()); ++i) {
      counted(model.rules[i], std::string(44, ' '));
    }
  }

  void groups() {
    if (summary_.groups == 0) return;
    line("");
    tell("duplicates: {groups} groups, {units} units",
         {{"groups", grouped(summary_.groups)}, {"units", grouped(summary_.in_groups)}});
    std::span<const Group> rest = summary_.largest;
    for (std::size_t told = 0; told < kGroups && !rest.empty(); ++told) {
      const auto same = rest.first(groups_of_same_units(rest));
      for (const Group& group : same) {
        tell("  {group}. {field} \"{value}\": {units} units", {{"group", std::to_string(group.number)},
                                                               {"field", group.keyword},
                                                               {"value", group.value},
                                                               {"units", grouped(group.units)}});
      }
      const Group& group = same.front();
      const std::size_t shown = std::min(kPathsOfGroup, group.paths.size());
      for (std::size_t path = 0; path < shown; ++path) line("            " + group.paths[path]);
      more(group.units, shown);
      rest = rest.subspan(same.size());
    }
    more(summary_.groups, summary_.largest.size() - rest.size());
  }

  void known() {
    if (summary_.known > 0) {
      line("");
      tell("the registry speaks against {count} units", {{"count", grouped(summary_.known)}});
      const std::size_t shown = std::min(kKnown, summary_.known_first.size());
      for (std::size_t i = 0; i < shown; ++i) {
        const Known& each = summary_.known_first[i];
        line("            " + each.path + ": " + each.said);
      }
      if (summary_.known > shown) tell("            and more: see the reports", {});
    }
    if (!summary_.claimed) return;
    line("");
    tell("claimed: {units} units that were not known, with {values} values",
         {{"units", grouped(summary_.units_claimed)}, {"values", grouped(summary_.values_claimed)}});
  }

  void not_judged() {
    if (summary_.not_judged.empty()) return;
    line("");
    tell("not judged for want of evidence, and on how many units", {});
    for (const RuleCount& rule : summary_.not_judged) {
      line(right(grouped(rule.units), 10) + "  " + rule.keyword);
    }
  }

  void tell_list(std::string_view english, std::uint64_t count, const std::vector<Told>& told,
                 std::size_t most) {
    if (count == 0) return;
    line("");
    tell(english, {{"count", grouped(count)}});
    const std::size_t shown = std::min(most, told.size());
    for (std::size_t i = 0; i < shown; ++i) line("            " + told[i].path + ": " + told[i].why);
    more(count, shown);
  }

  const Summary& summary_;
  Language language_;
  bool colour_;
  std::string text_;
};

}  // namespace

std::size_t groups_of_same_units(std::span<const Group> groups) {
  const Group& first = groups.front();
  const auto same = [&](const Group& group) {
    return group.units == first.units && group.paths == first.paths && group.paths.size() == group.units;
  };
  const auto other = std::ranges::find_if_not(groups.subspan(1), same);
  return static_cast<std::size_t>(other - groups.subspan(1).begin()) + 1;
}

std::string grouped(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

Outcome outcome_of(const Summary& summary) {
  const Counts& counts = summary.counts;
  if (counts.fail > 0) return Outcome::kFail;
  if (counts.units == 0 || counts.error > 0 || summary.partial) return Outcome::kError;
  return counts.pass > 0 ? Outcome::kPass : Outcome::kObserved;
}

std::string yield_text(const Counts& counts) {
  const std::uint64_t judged = counts.units - counts.observed;
  if (judged == 0) return "-";
  const std::uint64_t tenths = counts.pass * 1000 / judged;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string to_text(const Summary& summary, Language language, bool colour) {
  return Text(summary, language, colour).run();
}

}  // namespace dmigate::gate::audit
