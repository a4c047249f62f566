// profile test: units beside a profile that must pass, and others that must fail, for the right reason.
#include "gate/judge/trial.h"

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

// A folder with cx.yaml, and units/ with a good unit and one without a serial.
class Bench {
 public:
  Bench() {
    write_file(folder_ / "cx.yaml", kModel);
    put("good.bin", good(1));
    put("empty.bin", changed(good(2), {{"system-serial-number", ""}}));
  }

  void put(const std::string& name, fixtures::UnitDescription described) const {
    described.form = smbios::Form::kDump;
    auto built = fixtures::build(described);
    REQUIRE(built);
    REQUIRE(fixtures::write_unit(*built, folder_ / ("units/" + name)));
  }

  [[nodiscard]] Result<Trial> run(const std::string& expect, const std::string& profile = {}) const {
    write_file(folder_ / "units/expect.yaml", expect);
    return try_profile(folder_ / "units", profile, {}, "2026-11-20");
  }

  // "good.bin PASS", "empty.bin FAIL field.empty system-serial-number; not as expected"
  [[nodiscard]] Words lines(const std::string& expect) const {
    const auto trial = run("profile: ../cx.yaml\nunits:\n" + expect);
    REQUIRE_MESSAGE(trial, (trial ? "" : trial.error().to_string()));
    Words all;
    for (const Tried& each : trial->units) {
      std::string line = each.expected.unit + " " + std::string(outcome_name(each.outcome));
      for (const std::string& finding : each.findings) line += " " + finding;
      all.push_back(line + (each.as_expected() ? "" : "; not as expected"));
    }
    CHECK(trial->as_expected() == std::ranges::all_of(all, [](const std::string& line) {
            return !line.ends_with("; not as expected");
          }));
    return all;
  }

  [[nodiscard]] std::string error(const std::string& expect) const {
    const auto trial = run(expect);
    REQUIRE_FALSE(trial);
    CHECK(trial.error().kind == ErrorKind::kConfiguration);
    return trial.error().to_string();
  }

  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

 private:
  struct Made {
    explicit Made(const TemporaryFolder& folder) { std::filesystem::create_directory(folder / "units"); }
  };
  TemporaryFolder folder_;
  Made made_{folder_};
};

}  // namespace

TEST_CASE("a good unit passes, a bad one fails for the reason that is written down") {
  const Bench bench;
  CHECK(bench.lines("  - { unit: good.bin, expect: PASS }\n"
                    "  - { unit: empty.bin, expect: FAIL, findings: [field.empty system-serial-number] }\n"
                    "  - { unit: empty.bin, expect: FAIL }\n") ==
        Words{"good.bin PASS", "empty.bin FAIL field.empty system-serial-number",
              "empty.bin FAIL field.empty system-serial-number"});
}

TEST_CASE("another outcome, another reason, or one reason more is not as expected") {
  const Bench bench;
  CHECK(bench.lines("  - { unit: good.bin, expect: FAIL }\n"
                    "  - { unit: empty.bin, expect: PASS }\n"
                    "  - { unit: empty.bin, expect: FAIL, findings: [field.pattern system-serial-number] }\n"
                    "  - { unit: empty.bin, expect: FAIL, findings: [] }\n"
                    "  - { unit: empty.bin, expect: ERROR }\n") ==
        Words{"good.bin PASS; not as expected",
              "empty.bin FAIL field.empty system-serial-number; not as expected",
              "empty.bin FAIL field.empty system-serial-number; not as expected",
              "empty.bin FAIL field.empty system-serial-number; not as expected",
              "empty.bin FAIL field.empty system-serial-number; not as expected"});
}

TEST_CASE("a unit is judged at the stage, with the label and the identifiers that are written") {
  const Bench bench;
  CHECK(
      bench.lines(
          "  - { unit: empty.bin, stage: incoming, expect: PASS }\n"
          "  - { unit: good.bin, label: x, expect: FAIL, findings: [unit.label-pattern label] }\n"
          "  - { unit: good.bin, stage: ship, label: CX2641701, identifiers: { activation-sn: A1 }, expect: "
          "PASS }\n") == Words{"empty.bin PASS", "good.bin FAIL unit.label-pattern label", "good.bin PASS"});
}

TEST_CASE("a folder of units is each of them") {
  const Bench bench;
  std::filesystem::create_directory(bench.folder() / "units/pass");
  for (const char* name : {"pass/b.bin", "pass/a.bin"}) bench.put(name, good(3));
  write_file(bench.folder() / "units/pass/.notes", "not a unit");
  CHECK(bench.lines("  - { unit: pass, expect: PASS }\n") == Words{"pass/a.bin PASS", "pass/b.bin PASS"});
}

TEST_CASE("what cannot be read is ERROR, and as expected only where that is written") {
  const Bench bench;
  write_file(bench.folder() / "units/junk.bin", "no table at all");
  CHECK(bench.lines("  - { unit: junk.bin, expect: ERROR }\n  - { unit: junk.bin, expect: FAIL }\n") ==
        Words{"junk.bin ERROR", "junk.bin ERROR; not as expected"});
}

TEST_CASE("a profile that only observes is tried as if it were enforced") {
  const Bench bench;
  write_file(bench.folder() / "cx.yaml", std::string(kModel) + "mode: observe\n");
  CHECK(bench.lines("  - { unit: empty.bin, expect: FAIL }\n") ==
        Words{"empty.bin FAIL field.empty system-serial-number"});
}

TEST_CASE("no unit, no file, no stage, no rule: an error with its place, and never all as expected") {
  const Bench bench;
  const std::string head = "profile: ../cx.yaml\nunits:\n";
  std::filesystem::create_directory(bench.folder() / "units/none");
  const struct {
    std::string expect;
    const char* sentence;
  } bad[] = {
      {"", "expect.yaml:1:1: "},
      {"profile: ../cx.yaml\n", "expect.yaml:1:1: `units` must be a list, and not empty"},
      {"profile: ../cx.yaml\nunits: []\n", "expect.yaml:2:8: `units` must be a list, and not empty"},
      {"units: [{ unit: good.bin, expect: PASS }]\n", "expect.yaml:1:1: `profile` is missing"},
      {"profile: ../nosuch.yaml\nunits: []\n", "nosuch.yaml: cannot be read"},
      {head + "  - { unit: nosuch.bin, expect: ERROR }\n",
       "expect.yaml:3:13: there is no `nosuch.bin` in this folder"},
      {head + "  - { unit: none, expect: PASS }\n", "expect.yaml:3:13: there is no unit in `none`"},
      {head + "  - { unit: good.bin }\n", "expect.yaml:3:5: `expect` is missing"},
      {head + "  - { expect: PASS }\n", "expect.yaml:3:5: `unit` is missing"},
      {head + "  - { unit: good.bin, expect: pass }\n",
       "expect.yaml:3:31: `expect` is PASS, FAIL or ERROR, not `pass`"},
      {head + "  - { unit: good.bin, expect: PASS, stage: post-image }\n", "declares no stage `post-image`"},
      {head + "  - { unit: good.bin, expect: PASS, stage: heating }\n", "declares no stage `heating`"},
      {head + "  - { unit: good.bin, expect: FAIL, findings: [field.emtpy] }\n",
       "there is no rule `field.emtpy`; did you mean `field.empty`?"},
      {head + "  - { unit: good.bin, expect: PASS, findings: [field.empty] }\n",
       "a unit that is expected to PASS has no finding that blocks"},
      {head + "  - { unit: good.bin, expect: PASS, identifiers: { mac: 1 } }\n", "unknown key `mac`"},
      {head + "  - { unit: good.bin, expcet: PASS }\n", "unknown key `expcet`; did you mean `expect`?"},
      {head + "  - good.bin\n", "expect.yaml:3:5: a mapping"},
  };
  for (const auto& [expect, sentence] : bad) {
    CAPTURE(expect);
    CHECK_MESSAGE(contains(bench.error(expect), sentence), bench.error(expect));
  }
  std::filesystem::remove(bench.folder() / "units/expect.yaml");
  const auto trial = try_profile(bench.folder() / "units", {}, {}, "2026-11-20");
  REQUIRE_FALSE(trial);
  CHECK(contains(trial.error().what, "there is no expect.yaml in this folder"));
}

TEST_CASE("the profile that is named goes before the one that is written down") {
  const Bench bench;
  write_file(bench.folder() / "other.yaml",
             "profile: other\nversion: 7\nfields: { system-manufacturer: { equals: X } }\n");
  const auto trial = bench.run("profile: ../cx.yaml\nunits: [{ unit: good.bin, expect: FAIL }]\n",
                               bench.folder() / "other.yaml");
  REQUIRE(trial);
  CHECK(trial->name == "other");
  CHECK(trial->as_expected());
}

}  // namespace dmigate::gate
