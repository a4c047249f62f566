// The rule sets that ship, on real tables, where such lie beside the project.
#include <algorithm>
#include <set>

#include "gate/judge/judge.h"
#include "tests/gate/units.h"
#include "tests/smbios/shared_dumps.h"

namespace dmigate::gate {
namespace {

// Every table of truth.tsv, once; empty where there is none.
std::set<std::string> judged_tables() {
  std::set<std::string> files;
  std::ifstream in(smbios::test::shared_dumps() / "truth.tsv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) files.insert(line.substr(0, line.find('\t')));
  return files;
}

Judgement judged_by(const profiles::Profile& profile, const std::string& file) {
  auto source = smbios::Source::open(smbios::test::shared_dumps() / file);
  REQUIRE_MESSAGE(source, file);
  const Evidence evidence{.source = *std::move(source), .live = false, .boot_id = {}, .taken = {}};
  return judge({.evidence = evidence, .profile = profile, .stage = {}, .label = {}, .identifiers = {}});
}

// "rule keyword" of each finding that blocks.
std::set<std::string> blocking(const Judgement& judgement) {
  std::set<std::string> all;
  for (const Finding& finding : judgement.findings) {
    if (finding.severity == Severity::kError) all.insert(std::string(finding.rule()) + " " + finding.keyword);
  }
  return all;
}

}  // namespace

TEST_CASE("the sets that ship pass the real machines whose fields are filled, and say why others fail") {
  const std::set<std::string> files = judged_tables();
  if (files.empty()) {
    MESSAGE("left out: the shipped sets on real tables; there are none at ../shared/dumps");
    return;
  }
  std::map<std::string, std::size_t> passing;
  for (const std::string name : {"smbios-spec", "windows-oem", "cmge"}) {
    const auto profile = profiles::load_profile(name, {});
    REQUIRE_MESSAGE(profile, (profile ? "" : profile.error().to_string()));
    std::map<std::string, int> why;
    std::map<std::string, int> warned;
    for (const std::string& file : files) {
      const Judgement judgement = judged_by(*profile, file);
      const std::set<std::string> found = blocking(judgement);
      passing[name] += found.empty() ? 1 : 0;
      for (const std::string& rule : found) ++why[rule];
      std::set<std::string> warnings;
      for (const Finding& finding : judgement.findings) {
        if (finding.severity == Severity::kWarning) warnings.insert(std::string(finding.rule()));
      }
      for (const std::string& rule : warnings) ++warned[rule];
    }
    std::string reasons;
    for (const auto& [rule, count] : why) reasons += "\n  " + std::to_string(count) + " " + rule;
    reasons += "\n  warnings:";
    for (const auto& [rule, count] : warned) reasons += " " + rule + " " + std::to_string(count);
    MESSAGE(name << ": " << passing[name] << " of " << files.size()
                 << " tables pass; what blocks:" << reasons);
  }
  CHECK(passing["smbios-spec"] > 0);
  CHECK(passing["windows-oem"] > 0);
  CHECK(passing["cmge"] > 0);
  CHECK(passing["cmge"] <= passing["windows-oem"]);
}

}  // namespace dmigate::gate
