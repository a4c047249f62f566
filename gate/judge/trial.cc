#include "gate/judge/trial.h"

#include <algorithm>
#include <filesystem>

#include "gate/judge/judge.h"
#include "profiles/rule_ids.h"
#include "profiles/yaml.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;
using profiles::MappingReader;
using profiles::Node;
using profiles::Problem;

constexpr std::string_view kFile = "expect.yaml";
constexpr Outcome kOutcomes[] = {Outcome::kPass, Outcome::kFail, Outcome::kError};

class ExpectReader {
 public:
  ExpectReader(const Node& root, const fs::path& folder, const profiles::Catalog& catalog)
      : root_(root), folder_(folder), file_((folder / kFile).string()), catalog_(catalog) {}

  Result<void> read(const std::string& given) {
    MappingReader map(root_, file_, problems_);
    const auto named = map.text("profile");
    const Node* units = map.take("units");
    map.finish();
    if (given.empty() && !named && problems_.empty())
      problem(root_.mark, "`profile` is missing: the profile that is tried, by name or by file from here");
    if (problems_.empty()) load(given, named.value_or(""));
    if (problems_.empty() && (units == nullptr || !units->is_sequence() || units->items.empty()))
      problem(units == nullptr ? root_.mark : units->mark,
              "`units` must be a list, and not empty: - { unit: FILE, expect: PASS }");
    if (!problems_.empty()) return Failure(profiles::to_error(problems_));
    for (const Node& item : units->items) read_unit(item);
    if (!problems_.empty()) return Failure(profiles::to_error(problems_));
    return {};
  }

  profiles::Profile profile;
  std::vector<Expectation> expected;

 private:
  void problem(const profiles::Mark& mark, std::string message) {
    problems_.push_back({file_, mark, std::move(message)});
  }

  void load(const std::string& given, const std::string& named) {
    std::string name = given.empty() ? named : given;
    if (given.empty() && profiles::names_file(name)) name = (folder_ / name).lexically_normal().string();
    // A file without a folder in its name is still a file.
    if (profiles::names_file(name) && name.find('/') == std::string::npos) name = "./" + name;
    auto loaded = profiles::load_profile(name, catalog_);
    if (loaded) {
      profile = *std::move(loaded);
    } else {
      problems_.push_back({"", {}, loaded.error().to_string()});
    }
  }

  void read_unit(const Node& item) {
    MappingReader map(item, file_, problems_);
    Expectation one;
    const std::string unit = map.required_text("unit");
    read_outcome(map.required_text("expect"), item, one);
    if (const auto name = map.text("stage")) read_stage(*name, *item.find("stage"), one);
    one.label = map.text("label").value_or("");
    if (const Node* node = map.take("identifiers")) read_identifiers(*node, one);
    if (auto findings = map.texts("findings")) read_findings(*findings, *item.find("findings"), one);
    map.finish();
    if (item.is_mapping() && item.find("unit") != nullptr) add_units(unit, *item.find("unit"), one);
  }

  void read_outcome(const std::string& text, const Node& item, Expectation& one) {
    const Node* node = item.find("expect");
    if (node == nullptr || !node->is_scalar()) return;
    for (const Outcome outcome : kOutcomes) {
      one.outcome = outcome;
      if (outcome_name(outcome) == text) return;
    }
    problem(node->mark, "`expect` is PASS, FAIL or ERROR, not " + profiles::ticked(text));
  }

  void read_stage(const std::string& name, const Node& node, Expectation& one) {
    one.stage = profiles::find_stage(name);
    if (!one.stage || profile.stage(*one.stage) == nullptr) {
      problem(node.mark, "profile " + profile.name + " declares no stage " + profiles::ticked(name));
    }
  }

  void read_identifiers(const Node& node, Expectation& one) {
    MappingReader map(node, file_, problems_);
    for (const profiles::IdentifierRule& rule : profile.identifiers) {
      if (auto value = map.text(rule.name)) one.identifiers[rule.name] = *std::move(value);
    }
    map.finish();
  }

  void read_findings(std::vector<std::string>& findings, const Node& node, Expectation& one) {
    for (std::size_t i = 0; i < findings.size(); ++i) {
      const std::string id = findings[i].substr(0, findings[i].find(' '));
      if (profiles::is_rule_id(id)) continue;
      problem(node.items[i].mark,
              "there is no rule " + profiles::ticked(id) + profiles::did_you_mean(id, profiles::rule_ids()));
    }
    if (one.outcome == Outcome::kPass && !findings.empty())
      problem(node.mark, "a unit that is expected to PASS has no finding that blocks");
    std::ranges::sort(findings);
    one.findings = std::move(findings);
  }

  // A file, a folder with a table, or a folder of such.
  void add_units(const std::string& unit, const Node& node, Expectation one) {
    const fs::path path = folder_ / unit;
    std::error_code error;
    if (unit.empty() || !fs::exists(path, error)) {
      return problem(node.mark, "there is no " + profiles::ticked(unit) + " in this folder");
    }
    if (!fs::is_directory(path, error) || fs::exists(path / "smbios_entry_point", error)) {
      one.unit = unit;
      return expected.push_back(std::move(one));
    }
    std::vector<std::string> names;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (!name.starts_with('.')) names.push_back(name);
    }
    if (error) return problem(node.mark, profiles::ticked(unit) + " cannot be listed: " + error.message());
    if (names.empty()) return problem(node.mark, "there is no unit in " + profiles::ticked(unit));
    std::ranges::sort(names);
    for (const std::string& name : names) {
      one.unit = (fs::path(unit) / name).string();
      expected.push_back(one);
    }
  }

  const Node& root_;
  fs::path folder_;
  std::string file_;
  const profiles::Catalog& catalog_;
  std::vector<Problem> problems_;
};

Tried try_unit(const Expectation& expected, const profiles::Profile& profile, const fs::path& folder,
               const std::string& today) {
  Tried tried{.expected = expected, .outcome = Outcome::kError, .findings = {}, .error = {}};
  const auto evidence = read_evidence((folder / expected.unit).string());
  if (!evidence) {
    tried.error = evidence.error().to_string();
    return tried;
  }
  Verdict verdict;
  verdict.findings = judge({.evidence = *evidence,
                            .profile = profile,
                            .stage = expected.stage,
                            .label = expected.label,
                            .identifiers = expected.identifiers,
                            .intended = {},
                            .today = today})
                         .findings;
  tried.outcome = verdict.judged();
  for (const Finding& finding : verdict.findings) {
    if (finding.severity != Severity::kError) continue;
    std::string words(finding.rule());
    if (!finding.keyword.empty()) words += " " + finding.keyword;
    tried.findings.push_back(std::move(words));
  }
  std::ranges::sort(tried.findings);
  return tried;
}

}  // namespace

bool Tried::as_expected() const {
  return outcome == expected.outcome && (!expected.findings || *expected.findings == findings);
}

bool Trial::as_expected() const { return std::ranges::all_of(units, &Tried::as_expected); }

Result<Trial> try_profile(const std::string& folder, const std::string& profile,
                          const profiles::Catalog& catalog, const std::string& today) {
  const std::string file = (fs::path(folder) / kFile).string();
  std::error_code error;
  if (!fs::exists(file, error)) {
    return fail("there is no expect.yaml in this folder, so no unit is expected to pass or to fail", folder,
                "write one: profile: ../NAME.yaml, and units: [{ unit: FILE, expect: PASS }]",
                ErrorKind::kConfiguration);
  }
  const auto root = profiles::load_yaml(file);
  if (!root) return Failure(root.error());
  ExpectReader reader(*root, folder, catalog);
  if (auto read = reader.read(profile); !read) return Failure(read.error());
  Trial trial{.name = reader.profile.name,
              .version = reader.profile.version,
              .file = reader.profile.file,
              .units = {}};
  for (const Expectation& each : reader.expected)
    trial.units.push_back(try_unit(each, reader.profile, folder, today));
  return trial;
}

}  // namespace dmigate::gate
