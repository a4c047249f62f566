#include "cli/profile_commands.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "cli/exit_status.h"
#include "gate/judge/phrases.h"
#include "gate/judge/trial.h"
#include "line-integration/station/lint.h"
#include "profiles/describe.h"
#include "profiles/learn.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using gate::fill;
using gate::phrase;
using gate::printable;
using profiles::Origin;
using profiles::Severity;
using profiles::Statement;

constexpr std::size_t kWidest = 64;  // of a column, in characters

std::string today() { return gate::utc_text(std::chrono::system_clock::now()).substr(0, 10); }

Done as_json(const json::value& value, int status) { return {json::serialize(value) + "\n", status}; }

std::string_view severity_name(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

json::value place_or_null(int number) { return number == 0 ? json::value(nullptr) : json::value(number); }

// "cx-e500.yaml:12"
std::string place(const std::string& file, const profiles::Mark& mark, bool column) {
  std::string text = printable(file);
  if (mark.line == 0) return text;
  text += ":" + std::to_string(mark.line);
  return column ? text + ":" + std::to_string(mark.column) : text;
}

// Columns side by side, each as wide as its widest, up to a limit; the last is not padded. Width in
// characters.
std::string in_columns(const std::vector<std::vector<std::string>>& rows, const std::string& indent = {}) {
  const auto width = [](const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::min(kWidest, std::max(widths[i], width(row[i])));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size())
        line += std::string(std::max(widths[i], width(row[i])) - width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// ---------------------------------------------------------------- list

Result<Done> list(const Arguments& arguments) {
  const auto all = profiles::list_profiles(arguments.settings.catalog);
  if (arguments.json) {
    json::array rows;
    for (const profiles::Listing& each : all) {
      rows.push_back({{"name", each.name},
                      {"kind", each.is_model ? "model" : "set"},
                      {"version", each.version == 0 ? json::value(nullptr) : json::value(each.version)},
                      {"description", gate::valid_utf8(each.description)},
                      {"file", gate::valid_utf8(each.file)},
                      {"problem", each.problem.empty() ? json::value(nullptr)
                                                       : json::value(gate::valid_utf8(each.problem))}});
    }
    return as_json({{"schema", "dmigate.profile-list/1"}, {"profiles", std::move(rows)}}, kExitPass);
  }
  std::vector<std::vector<std::string>> rows;
  for (const profiles::Listing& each : all) {
    rows.push_back({each.name, each.is_model ? "model" : "set",
                    each.version == 0 ? "-" : "v" + std::to_string(each.version), printable(each.file),
                    each.problem.empty()
                        ? printable(each.description)
                        : std::string(phrase("does not hold: see profile lint", arguments.language))});
  }
  return Done{in_columns(rows), kExitPass};
}

// ---------------------------------------------------------------- show

// "one of: desktop, notebook (warning)"
std::string says(const Statement& statement) {
  std::string words = statement.what;
  std::ranges::replace(words, '_', ' ');
  if (!statement.value.empty()) words += ": " + printable(statement.value);
  return statement.severity == Severity::kWarning ? words + " (warning)" : words;
}

json::value to_json(const Statement& statement) {
  const Origin& origin = statement.origin;
  return {{"section", statement.section},
          {"name", gate::valid_utf8(statement.name)},
          {"what", statement.what},
          {"value", gate::valid_utf8(statement.value)},
          {"severity", severity_name(statement.severity)},
          {"from",
           {{"profile", gate::valid_utf8(origin.profile)},
            {"file", gate::valid_utf8(origin.file)},
            {"line", place_or_null(origin.mark.line)},
            {"column", place_or_null(origin.mark.column)}}}};
}

std::string layer_words(const profiles::Layer& layer) {
  return layer.version == 0 ? layer.name : layer.name + " v" + std::to_string(layer.version);
}

std::string name_and_version(const profiles::Profile& profile) {
  return profile.name + " v" + std::to_string(profile.version);
}

// What every profile is unless it says otherwise.
bool is_default(const Statement& statement) {
  return statement.section == "profile" && (statement.what == "name" || statement.what == "version" ||
                                            statement.value == "enforce" || statement.value == "accept");
}

// "cx-e500.yaml:12": the head says in which folder.
std::string short_place(const Origin& origin) {
  if (origin.mark.line == 0) return {};
  return place(std::filesystem::path(origin.file).filename().string(), origin.mark, false);
}

std::string show_text(const profiles::Profile& profile, const std::vector<Statement>& all) {
  std::string text = name_and_version(profile);
  if (!profile.description.empty()) text += "  " + printable(profile.description);
  text += "\n";
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < profile.layers.size(); ++i) {
    const profiles::Layer& layer = profile.layers[i];
    const bool own = i + 1 == profile.layers.size();
    rows.push_back({own ? "file" : "extends",
                    own ? printable(layer.file) : layer_words(layer) + "  " + printable(layer.file)});
  }
  rows.push_back({"sha256", to_hex(profile.sha256)});
  text += in_columns(rows);
  rows.clear();
  std::string section, name;
  for (const Statement& each : all) {
    if (is_default(each)) continue;
    if (each.section != section) {
      rows.push_back({""});
      rows.push_back({each.section});
      name.clear();
    }
    rows.push_back({each.section == section && each.name == name ? "" : "  " + printable(each.name),
                    says(each), short_place(each.origin)});
    section = each.section;
    name = each.name;
  }
  return text + in_columns(rows);
}

Result<Done> show(const Arguments& arguments) {
  const auto profile = profiles::load_profile(arguments.operands[0], arguments.settings.catalog);
  if (!profile) return Failure(profile.error());
  const auto all = profiles::describe(*profile);
  if (!arguments.json) return Done{show_text(*profile, all), kExitPass};
  json::array extends, rules;
  for (std::size_t i = 0; i + 1 < profile->layers.size(); ++i) {
    const profiles::Layer& layer = profile->layers[i];
    extends.push_back(
        {{"name", layer.name}, {"version", layer.version}, {"file", gate::valid_utf8(layer.file)}});
  }
  for (const Statement& each : all) rules.push_back(to_json(each));
  return as_json({{"schema", "dmigate.profile/1"},
                  {"profile", profile->name},
                  {"version", profile->version},
                  {"description", gate::valid_utf8(profile->description)},
                  {"file", gate::valid_utf8(profile->file)},
                  {"sha256", to_hex(profile->sha256)},
                  {"extends", std::move(extends)},
                  {"rules", std::move(rules)}},
                 kExitPass);
}

// ---------------------------------------------------------------- lint

std::string summary(const std::vector<profiles::Note>& notes, gate::Language language) {
  const auto errors = std::ranges::count(notes, Severity::kError, &profiles::Note::severity);
  const auto warnings = static_cast<std::ptrdiff_t>(notes.size()) - errors;
  if (notes.empty()) return std::string(phrase("no errors, no warnings", language)) + "\n";
  return fill(phrase(errors == 1 ? "{count} error" : "{count} errors", language),
              {{"count", std::to_string(errors)}}) +
         std::string(phrase(", ", language)) +
         fill(phrase(warnings == 1 ? "{count} warning" : "{count} warnings", language),
              {{"count", std::to_string(warnings)}}) +
         "\n";
}

Result<Done> lint(const Arguments& arguments) {
  const auto& operands = arguments.operands.empty() ? arguments.settings.catalog.folders : arguments.operands;
  if (operands.empty()) {
    return fail("nothing is named, and no folder of profiles is known", {},
                "name a file or a folder: profile lint FILE", ErrorKind::kConfiguration);
  }
  const auto notes = line::lint(operands, arguments.settings.catalog, today());
  const bool bad = std::ranges::find(notes, Severity::kError, &profiles::Note::severity) != notes.end();
  const int status = bad ? kExitUsage : kExitPass;
  if (arguments.json) {
    json::array all;
    for (const profiles::Note& note : notes) {
      all.push_back({{"file", gate::valid_utf8(note.file)},
                     {"line", place_or_null(note.mark.line)},
                     {"column", place_or_null(note.mark.column)},
                     {"severity", severity_name(note.severity)},
                     {"message", gate::valid_utf8(note.message)}});
    }
    return as_json(all, status);
  }
  std::string text;
  for (const profiles::Note& note : notes) {
    const std::string where = place(note.file, note.mark, true);
    text += (where.empty() ? "" : where + ": ") + std::string(severity_name(note.severity)) + ": " +
            gate::translated(printable(note.message), arguments.language) + "\n";
  }
  return Done{text + summary(notes, arguments.language), status};
}

// ---------------------------------------------------------------- diff

std::string_view change_name(profiles::Change::Kind kind) {
  switch (kind) {
    case profiles::Change::Kind::kAdded:
      return "added";
    case profiles::Change::Kind::kRemoved:
      return "removed";
    case profiles::Change::Kind::kChanged:
      break;
  }
  return "changed";
}

// "+ fields system-sku-number  pattern: CXE500-[0-9]{2}  (windows-oem)": the set where the profile itself
// does not say it.
std::string change_text(const profiles::Change& change, const std::string& before, const std::string& after) {
  const bool added = change.kind == profiles::Change::Kind::kAdded;
  const bool removed = change.kind == profiles::Change::Kind::kRemoved;
  const Statement& named = added ? change.after : change.before;
  std::string text = added ? "+ " : removed ? "- " : "~ ";
  text += named.section + (named.name.empty() ? "" : " " + printable(named.name)) + "  ";
  if (!added) text += says(change.before);
  if (!added && !removed) text += "  ->  ";
  if (!removed) text += says(change.after);
  const std::string& from = (removed ? change.before : change.after).origin.profile;
  return from == (removed ? before : after) ? text + "\n" : text + "  [" + printable(from) + "]\n";
}

Result<Done> diff(const Arguments& arguments) {
  const auto before = profiles::load_profile(arguments.operands[0], arguments.settings.catalog);
  if (!before) return Failure(before.error());
  const auto after = profiles::load_profile(arguments.operands[1], arguments.settings.catalog);
  if (!after) return Failure(after.error());
  const auto changes = profiles::diff(*before, *after);
  const int status = changes.empty() ? kExitPass : kExitFail;
  if (arguments.json) {
    json::array all;
    for (const profiles::Change& change : changes) {
      const bool added = change.kind == profiles::Change::Kind::kAdded;
      const bool removed = change.kind == profiles::Change::Kind::kRemoved;
      all.push_back({{"change", change_name(change.kind)},
                     {"before", added ? json::value(nullptr) : to_json(change.before)},
                     {"after", removed ? json::value(nullptr) : to_json(change.after)}});
    }
    return as_json(
        {{"schema", "dmigate.profile-diff/1"}, {"same", changes.empty()}, {"changes", std::move(all)}},
        status);
  }
  if (changes.empty()) {
    return Done{std::string(phrase("the two ask the same", arguments.language)) + "\n", status};
  }
  std::string text;
  for (const profiles::Change& change : changes) text += change_text(change, before->name, after->name);
  return Done{text, status};
}

// ---------------------------------------------------------------- test

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string outcome_words(gate::Outcome outcome, const std::vector<std::string>& findings) {
  const std::string name(gate::outcome_name(outcome));
  return findings.empty() ? name : name + ": " + joined(findings);
}

std::vector<std::string> tried_row(const gate::Tried& tried, gate::Language language) {
  const gate::Expectation& expected = tried.expected;
  std::string got = tried.error.empty() ? outcome_words(tried.outcome, tried.findings)
                                        : "ERROR: " + gate::translated(tried.error, language);
  if (!tried.as_expected())
    got += fill(phrase("; expected {outcome}", language),
                {{"outcome",
                  outcome_words(expected.outcome, expected.findings.value_or(std::vector<std::string>()))}});
  return {tried.as_expected() ? "ok" : "WRONG", printable(expected.unit),
          expected.stage ? std::string(profiles::stage_name(*expected.stage)) : "-", printable(got)};
}

json::value to_json(const gate::Tried& tried) {
  const gate::Expectation& expected = tried.expected;
  json::array findings;
  for (const std::string& finding : tried.findings) findings.emplace_back(gate::valid_utf8(finding));
  json::value wanted = nullptr;
  if (expected.findings) {
    json::array list;
    for (const std::string& finding : *expected.findings) list.emplace_back(gate::valid_utf8(finding));
    wanted = std::move(list);
  }
  return {
      {"unit", gate::valid_utf8(expected.unit)},
      {"stage", expected.stage ? json::value(profiles::stage_name(*expected.stage)) : json::value(nullptr)},
      {"as_expected", tried.as_expected()},
      {"outcome", gate::outcome_name(tried.outcome)},
      {"findings", std::move(findings)},
      {"expected", gate::outcome_name(expected.outcome)},
      {"expected_findings", std::move(wanted)},
      {"error", tried.error.empty() ? json::value(nullptr) : json::value(gate::valid_utf8(tried.error))}};
}

Result<Done> test(const Arguments& arguments) {
  const auto trial = gate::try_profile(arguments.operands[0], arguments.request.profile,
                                       arguments.settings.catalog, today());
  if (!trial) return Failure(trial.error());
  const int status = trial->as_expected() ? kExitPass : kExitFail;
  if (arguments.json) {
    json::array units;
    for (const gate::Tried& tried : trial->units) units.push_back(to_json(tried));
    return as_json({{"schema", "dmigate.profile-test/1"},
                    {"profile", trial->name},
                    {"version", trial->version},
                    {"file", gate::valid_utf8(trial->file)},
                    {"as_expected", trial->as_expected()},
                    {"units", std::move(units)}},
                   status);
  }
  std::vector<std::vector<std::string>> rows;
  for (const gate::Tried& tried : trial->units) rows.push_back(tried_row(tried, arguments.language));
  const auto good = std::ranges::count_if(trial->units, &gate::Tried::as_expected);
  return Done{in_columns(rows) +
                  fill(phrase("{name} v{version}: {good} of {all} as expected", arguments.language),
                       {{"name", trial->name},
                        {"version", std::to_string(trial->version)},
                        {"good", std::to_string(good)},
                        {"all", std::to_string(trial->units.size())}}) +
                  "\n",
              status};
}

// ---------------------------------------------------------------- learn

Result<Done> learn(const Arguments& arguments) {
  std::vector<gate::Evidence> evidence;
  for (const std::string& operand : arguments.operands) {
    auto read = gate::read_evidence(operand);
    if (!read) return Failure(read.error());
    evidence.push_back(*std::move(read));
  }
  std::vector<profiles::Golden> units;
  for (std::size_t i = 0; i < evidence.size(); ++i)
    units.push_back({arguments.operands[i], &evidence[i].source});
  profiles::LearnOptions options{.name = arguments.name};
  if (!arguments.extends.empty()) options.extends = arguments.extends;
  auto draft = profiles::learn(units, options, arguments.settings.catalog);
  if (!draft) return Failure(draft.error());
  return Done{*std::move(draft), kExitPass};
}

}  // namespace

Result<Done> profile_command(const Arguments& arguments) {
  switch (arguments.command) {
    case Command::kProfileList:
      return list(arguments);
    case Command::kProfileShow:
      return show(arguments);
    case Command::kProfileLint:
      return lint(arguments);
    case Command::kProfileDiff:
      return diff(arguments);
    case Command::kProfileTest:
      return test(arguments);
    default:
      return learn(arguments);
  }
}

}  // namespace dmigate::cli
