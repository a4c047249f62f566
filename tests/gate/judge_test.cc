// The decision: given this table, this profile and this stage, the gate says that.
#include "gate/judge/judge.h"

#include <filesystem>
#include <tuple>

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

// A profile with these fields and nothing else.
std::string asking(const std::string& fields, const std::string& more = "") {
  // A profile asks for something: where the test's fields are optional, for what every unit has.
  const std::string asked = fields.find("optional: true") == std::string::npos ? "" : "  bios-vendor:\n";
  return "profile: cx\nversion: 1\nfields:\n" + asked + fields + "\n" + more + "\n";
}

struct Asked {
  std::optional<Stage> stage = {};
  std::string label = {};
  std::map<std::string, std::string> identifiers = {};
  Values burn = {};
};

Judgement judged(const fixtures::UnitDescription& described, const std::string& model,
                 const Asked& asked = {}) {
  const Evidence evidence = evidence_of(described);
  const profiles::Profile parsed = profile(model);
  std::vector<profiles::BurnValue> intended;
  for (const auto& [keyword, value] : asked.burn) intended.push_back({&field(keyword), value});
  return judge({.evidence = evidence,
                .profile = parsed,
                .stage = asked.stage,
                .label = asked.label,
                .identifiers = asked.identifiers,
                .intended = intended});
}

Words said(const fixtures::UnitDescription& described, const std::string& model, const Asked& asked = {}) {
  return rules(judged(described, model, asked).findings);
}

Words keywords(const std::vector<UniqueValue>& values) {
  Words all;
  for (const UniqueValue& value : values) {
    all.push_back(value.keyword + " " + value.shown + (value.second ? " second" : "") +
                  (value.claimable ? "" : " looked up"));
  }
  return all;
}

TEST_CASE("a good unit has no findings, and shows what the profile names") {
  const Judgement judgement =
      judged(unit("good-unit"),
             asking("  system-serial-number: { unique: true }\n  chassis-type: { equals: desktop }"));
  CHECK(judgement.findings.empty());
  REQUIRE(judgement.fields.size() == 2);
  CHECK(judgement.fields[0].value == "CX2600417");
  CHECK(judgement.fields[0].raw == "435832363030343137");
  CHECK(judgement.fields[1].value == "Desktop");
  CHECK(keywords(judgement.presented) == Words{"system-serial-number CX2600417"});
}

// What is said of fields; the unit `parts` is not all that the specification asks.
Words of_fields(Words said) {
  std::erase_if(said, [](const std::string& words) { return words.starts_with("warning structure."); });
  return said;
}

TEST_CASE("fields of every structure can be asked for: a processor's family, a memory device's size") {
  const std::string model = asking(
      "  processor-family: { equals: rv64 }\n  memory-device-size: { equals: 64 GB }\n"
      "  memory-device-type-detail: { equals: 'Synchronous, Unbuffered (Unregistered)' }");
  CHECK(of_fields(said(unit("parts"), model)).empty());
  CHECK(of_fields(
            said(unit("parts"),
                 asking("  processor-family: { equals: zen }\n  memory-device-size: { equals: 32 GB }"))) ==
        Words{"field.value processor-family", "field.value memory-device-size"});
}

TEST_CASE("a field that the structure has another one in place of is absent, and the sentence says so") {
  const Judgement judgement = judged(unit("parts"), asking("  processor-voltages: {}"));
  REQUIRE(of_fields(rules(judgement.findings)) == Words{"field.absent processor-voltages"});
  CHECK(judgement.findings[0].state == smbios::State::kNotApplicable);
  const std::string words = sentence(judgement.findings[0], Language::kEnglish, {}).message;
  CHECK_MESSAGE(words.find("another field in its place") != std::string::npos, words);
}

TEST_CASE("the profile that ships as an example passes the unit it was written for, at every stage") {
  const std::string text = read_file(std::string(DMIGATE_SOURCE_DIR) + "/profiles/examples/cx-e500.yaml");
  for (const Stage stage : profiles::kAllStages) {
    CAPTURE(std::string(profiles::stage_name(stage)));
    CHECK(said(unit("good-unit"), text, {.stage = stage, .label = "CX2600417"}).empty());
  }
}

TEST_CASE("case A: both serials are missing; each is named with its place and the switch that fills it") {
  const profiles::Profile model =
      profile(read_file(std::string(DMIGATE_SOURCE_DIR) + "/profiles/examples/cx-e500.yaml"));
  const auto tool = profiles::parse_burn_tool(
      read_file(std::string(DMIGATE_SOURCE_DIR) + "/profiles/catalog/tools/amidewin.yaml"), "amidewin.yaml");
  REQUIRE(tool);
  for (const char* name : {"case-a-1", "case-a-2"}) {
    CAPTURE(name);
    const Evidence evidence = evidence_of(unit(name));
    const Judgement judgement = judge({.evidence = evidence, .profile = model, .stage = Stage::kPreImage});
    CHECK(outcome(judgement) == Outcome::kFail);
    for (const auto& [keyword, place, burn_switch] :
         {std::tuple{"system-serial-number", "Type 1 07h", "/SS"},
          std::tuple{"baseboard-serial-number", "Type 2 07h", "/BS"}}) {
      CAPTURE(keyword);
      const auto finding = std::ranges::find(judgement.findings, keyword, &Finding::keyword);
      REQUIRE(finding != judgement.findings.end());
      for (const Language language : {Language::kEnglish, Language::kChinese}) {
        const Sentence words = sentence(*finding, language, {.tool = &*tool, .burn = &*model.burn});
        CHECK(words.message.find(place) != std::string::npos);
        CHECK(words.advice.find(burn_switch) != std::string::npos);
        CHECK(words.advice.find(keyword) != std::string::npos);
      }
    }
  }
}

TEST_CASE("each way of being empty is a finding of its own, with its own sentence") {
  struct Row {
    const char* unit;
    const char* keyword;
    const char* rule;
    const char* words;
  };
  const Row rows[] = {
      {"no-baseboard", "baseboard-serial-number", "field.absent", "no Type 2 structure"},
      {"short-type1", "system-family", "field.absent", "too short"},
      {"bare-board-no-serial", "baseboard-serial-number", "field.empty", "never written"},
      {"bad-index", "system-serial-number", "field.empty", "names a string that the table does not have"},
      {"blank-serial", "system-serial-number", "field.blank", "only blanks"},
      {"nil-uuid", "system-uuid", "uuid.nil", "all zeros"},
      {"ff-uuid", "system-uuid", "uuid.ff", "all FF"},
      {"template-uuid", "system-uuid", "uuid.template", "a template"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.unit);
    const std::string named = std::string("  ") + row.keyword + ": ";
    const Judgement judgement = judged(unit(row.unit), asking(named + "{ unique: true }"));
    REQUIRE(judgement.findings.size() >= 1);
    const auto finding = std::ranges::find(judgement.findings, row.keyword, &Finding::keyword);
    REQUIRE(finding != judgement.findings.end());
    CHECK(finding->rule() == row.rule);
    CHECK(finding->state);
    CHECK(finding->type == field(row.keyword).type);
    CHECK(finding->offset == field(row.keyword).offset);
    const Sentence words = sentence(*finding, Language::kEnglish, {});
    CHECK(words.message.find(row.words) != std::string::npos);
    CHECK_FALSE(words.advice.empty());
    CHECK(judgement.presented.empty());
    // Optional lifts it, and still claims nothing.
    const Judgement lifted = judged(unit(row.unit), asking(named + "{ unique: true, optional: true }"));
    CHECK(std::ranges::find(lifted.findings, row.keyword, &Finding::keyword) == lifted.findings.end());
    CHECK(lifted.presented.empty());
  }
}

TEST_CASE("the cure is the burn, the supplier or the engineer, as the line has it") {
  const profiles::Profile model = profile(kModel);
  const auto tool = profiles::parse_burn_tool(
      read_file(std::string(DMIGATE_SOURCE_DIR) + "/profiles/catalog/tools/amidewin.yaml"), "amidewin.yaml");
  REQUIRE(tool);
  const Finding burnt{.say = Say::kFieldNoString, .keyword = "system-serial-number"};
  const Finding supplied{.say = Say::kFieldNoString, .keyword = "baseboard-serial-number"};
  const auto advice = [](const Finding& finding, const Cures& cures) {
    return sentence(finding, Language::kEnglish, cures).advice;
  };
  const Cures all{.tool = &*tool, .burn = &*model.burn};
  CHECK(advice(burnt, all) == "burn it: amidewin /SS (dmigate burn --set system-serial-number=VALUE)");
  CHECK(advice(supplied, all).find("return the board to its supplier") != std::string::npos);
  CHECK(advice(burnt, {.burn = &*model.burn}).find("test engineer") != std::string::npos);
  CHECK(advice(burnt, {}).find("test engineer") != std::string::npos);
}

TEST_CASE("words that are no value are placeholders, whatever their case") {
  for (const char* value :
       {"To Be Filled By O.E.M.", "default STRING", "0123456789", "XXXXXXXX", "0000000000"}) {
    CAPTURE(value);
    const auto described = unit("good-unit", {{"system-serial-number", value}});
    CHECK(said(described, asking("  system-serial-number: {}")) ==
          Words{"field.placeholder system-serial-number"});
    CHECK(said(described, asking("  system-serial-number: { optional: true }")).empty());
  }
}

TEST_CASE("each check holds or is a finding of its rule, with what was found and what was expected") {
  struct Row {
    const char* check;
    const char* good;
    const char* bad;
    const char* rule;
    const char* expected;
  };
  const Row rows[] = {
      {"equals: Board-7", "Board-7", "board-7", "field.value", "Board-7"},
      {"one_of: [Board-7, Board-8]", "Board-8", "Board-9", "field.value", "Board-7, Board-8"},
      {"pattern: 'HB[0-9]{3}'", "HB417", "HB4178", "field.pattern", "HB[0-9]{3}"},
      {"contains: ard", "BOARD-7", "HB-7", "field.relation", "ard"},
      {"not_contains: ard", "HB-7", "BOARD-7", "field.relation", "ard"},
      {"starts_with: hb", "HB-7", "xHB-7", "field.relation", "hb"},
      {"length: { at_most: 5 }", "HB-71", "HB-712", "field.length", "5"},
      {"length: { at_least: 5 }", "HB-71", "HB-7", "field.length", "5"},
      {"at_least: '5.13'", "5.13", "5.9", "field.value", "5.13"},
      {"at_least: '5.13'", "5.13.0", "5.13a", "field.value", "5.13"},
      {"at_least: '5.13'", "6", "6.x", "field.value", "5.13"},
      {"at_least: '5.13'", "5.100", "6..1", "field.value", "5.13"},
      {"at_least: '5.0'", "5", "v6", "field.value", "5.0"},
      {"at_least: '5.0'", "05.0", "18446744073709551617", "field.value", "5.0"},
      {"at_least: '5.0'", "5.0.1", "5.", "field.value", "5.0"},
      {"at_least: '5.0'", "5.1", "-6", "field.value", "5.0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.check);
    CAPTURE(row.bad);
    const std::string model = asking(std::string("  baseboard-version: { ") + row.check + " }");
    CHECK(said(unit("good-unit", {{"baseboard-version", row.good}}), model).empty());
    const Judgement judgement = judged(unit("good-unit", {{"baseboard-version", row.bad}}), model);
    REQUIRE(judgement.findings.size() == 1);
    const Finding& finding = judgement.findings[0];
    CHECK(finding.rule() == row.rule);
    CHECK(finding.severity == Severity::kError);
    CHECK(finding.expected == row.expected);
    if (finding.rule() != "field.length") CHECK(finding.found == row.bad);
    CHECK(outcome(judgement) == Outcome::kFail);
    // Optional does not lift what is asked of a value that is there.
    const std::string optional =
        asking(std::string("  baseboard-version: { optional: true, ") + row.check + " }");
    CHECK(said(unit("good-unit", {{"baseboard-version", row.bad}}), optional).size() == 1);
    CHECK(said(unit("good-unit", {{"baseboard-version", ""}}), optional).empty());
  }
}

TEST_CASE("a warning is said and does not block") {
  const Judgement judgement =
      judged(unit("good-unit"), asking("  system-family: { length: { at_most: 1, severity: warning } }"));
  CHECK(rules(judgement.findings) == Words{"warning field.length system-family"});
  CHECK(outcome(judgement) == Outcome::kPass);
}

TEST_CASE("a value that is newer than the table's version is a warning, with the version that has it") {
  const Judgement judgement =
      judged(unit("smbios2-2.4", {{"chassis-type", "tablet"}}), asking("  chassis-type: { equals: tablet }"));
  CHECK(rules(judgement.findings) == Words{"warning structure.newer-value"});
  const Finding& finding = judgement.findings.at(0);
  CHECK(finding.found == "0x1E");
  CHECK(finding.expected == "3.0");
  CHECK(sentence(finding, Language::kEnglish, {}).message ==
        "chassis-type of 0x0003 is 0x1E, which the specification has since 3.0 only, and the table is of an "
        "older "
        "version; such values in the table: 1");
  CHECK(outcome(judgement) == Outcome::kPass);
  CHECK(said(unit("smbios2-2.4", {{"chassis-type", "rack-mount-chassis"}}), asking("  chassis-type: {}"))
            .empty());
}

TEST_CASE("blanks at the ends and characters that are not printable are warnings about the value") {
  CHECK(said(unit("good-unit", {{"system-family", "CX "}}), asking("  system-family: {}")) ==
        Words{"warning field.whitespace system-family"});
  CHECK(said(unit("good-unit", {{"system-family", "晨曦"}}), asking("  system-family: {}")) ==
        Words{"warning field.charset system-family", "warning structure.charset"});
  CHECK(said(unit("good-unit", {{"system-family", "C\x7FX"}}), asking("  system-family: {}")) ==
        Words{"warning field.charset system-family", "warning structure.control-character"});
}

TEST_CASE("what nobody sees at the ends of a value is blanks, and is shown as its bytes") {
  for (const std::string unseen : {"\u00A0", "\u3000", "\u200B", "\uFEFF"}) {
    CAPTURE(unseen);
    for (const std::string& value : {unseen + "CX", "CX" + unseen, "CX" + unseen + " "}) {
      const Judgement judgement =
          judged(unit("good-unit", {{"system-family", value}}), asking("  system-family: {}"));
      CHECK(rules(judgement.findings) == Words{"warning field.whitespace system-family",
                                               "warning field.charset system-family",
                                               "warning structure.charset"});
      CHECK(judgement.findings[0].found->find("\\x") != std::string::npos);
    }
    // Inside a value it is no end, and still no ASCII.
    CHECK(said(unit("good-unit", {{"system-family", "C" + unseen + "X"}}), asking("  system-family: {}")) ==
          Words{"warning field.charset system-family", "warning structure.charset"});
    CHECK(said(unit("good-unit", {{"system-family", unseen}}), asking("  system-family: {}")) ==
          Words{"field.placeholder system-family", "warning structure.charset"});
  }
}

TEST_CASE("a UUID that is odd and this unit's alone is a warning: it is there, and claimed") {
  const struct {
    const char* uuid;
    const char* rule;
  } rows[] = {
      {"43583236-3431-3730-3031-484232363431", "warning uuid.ascii system-uuid"},
      {"00000000-0000-0000-0000-02005e10aa46", "warning uuid.mac system-uuid"},
      {"03020200-045e-0510-aa06-460700080009", "warning uuid.mac system-uuid"},
      {"8d1e6f02-5c3b-074a-9e41-2b7f60c4d513", "warning uuid.byte-order system-uuid"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.uuid);
    const Judgement judgement =
        judged(unit("good-unit", {{"system-uuid", row.uuid}}), asking("  system-uuid: { unique: true }"));
    CHECK(rules(judgement.findings) == Words{row.rule});
    CHECK(outcome(judgement) == Outcome::kPass);
    CHECK(judgement.presented.size() == 1);
  }
  CHECK(said(unit("good-unit"), asking("  system-uuid: {}")).empty());
  CHECK(said(unit("template-uuid"), asking("  system-uuid: {}")) == Words{"uuid.template system-uuid"});
}

TEST_CASE("one field compared with another of the same unit") {
  const std::string equal = "  chassis-serial-number: { equals: { field: system-serial-number } }\n";
  const auto same = unit("good-unit", {{"chassis-serial-number", "CX2600417"}});
  const auto empty = unit("good-unit", {{"system-serial-number", ""}});
  CHECK(said(same, asking(equal)).empty());
  const Judgement differs = judged(unit("good-unit"), asking(equal));
  REQUIRE(rules(differs.findings) == Words{"field.value chassis-serial-number"});
  CHECK(differs.findings[0].expected == "CX2600417");
  // Said once where the other field has a rule of its own, and not lost where it has none.
  CHECK(said(empty, asking(equal + "  system-serial-number: {}")) ==
        Words{"field.empty system-serial-number"});
  CHECK(said(empty, asking(equal + "  system-serial-number: { optional: true }")).empty());
  const Judgement alone = judged(empty, asking(equal));
  REQUIRE(rules(alone.findings) == Words{"field.value chassis-serial-number"});
  CHECK(alone.findings[0].expected == "system-serial-number (no-string)");

  const std::string without = "  system-product-name: { not_contains: { field: system-family } }";
  CHECK(said(unit("good-unit"), asking(without)) == Words{"field.relation system-product-name"});
  CHECK(said(unit("good-unit", {{"system-family", ""}}), asking(without)).empty());
}

constexpr const char* kLine = R"(
burn: { tool: simulated, fields: [system-serial-number, system-family] }
stages:
  incoming:  { only: [baseboard-serial-number] }
  pre-burn:  { except: burn-fields }
  post-burn: { after: pre-burn }
)";
const std::string kFields =
    "  system-serial-number: { unique: true }\n"
    "  system-family: {}\n"
    "  system-product-name: { starts_with: { field: system-family } }\n"
    "  baseboard-serial-number: {}";

TEST_CASE("a stage judges only what it says") {
  const auto nothing = unit(
      "good-unit",
      {{"system-serial-number", ""}, {"system-family", "Default string"}, {"baseboard-serial-number", ""}});
  const std::string model = asking(kFields, kLine);
  CHECK(said(nothing, model, {.stage = Stage::kIncoming}) == Words{"field.empty baseboard-serial-number"});
  CHECK(said(nothing, model, {.stage = Stage::kPreBurn}) == Words{"field.empty baseboard-serial-number"});
  CHECK(said(nothing, model, {.stage = Stage::kPostBurn}).size() >= 3);
  CHECK(said(nothing, model).size() >= 3);
  // What is not judged is not claimed either, and still shown and looked up.
  const Judgement incoming = judged(unit("good-unit"), model, {.stage = Stage::kIncoming});
  CHECK(keywords(incoming.presented) == Words{"system-serial-number CX2600417 looked up"});
  CHECK(std::ranges::none_of(incoming.presented, &UniqueValue::claimable));
  CHECK(incoming.fields.size() == 4);
}

TEST_CASE("before a burn the intended values are judged, and what is there is looked up") {
  const std::string model = asking(kFields, kLine);
  const auto before =
      unit("good-unit", {{"system-serial-number", "CX2600999"}, {"system-family", "Default string"}});
  const auto with = [&](const Values& burn) {
    return judged(before, model, {.stage = Stage::kPreBurn, .burn = burn});
  };

  const Judgement good = with({{"system-serial-number", "CX2600417"}, {"system-family", "CX"}});
  CHECK(good.findings.empty());
  CHECK(keywords(good.intended) == Words{"system-serial-number CX2600417"});
  CHECK(keywords(good.presented) == Words{"system-serial-number CX2600999 looked up"});

  SUBCASE("a value that is a placeholder") {
    const Judgement bad = with({{"system-serial-number", "0123456789"}, {"system-family", "CX"}});
    REQUIRE(rules(bad.findings) == Words{"burn.intended system-serial-number"});
    CHECK(bad.intended.empty());
    const Sentence words = sentence(bad.findings[0], Language::kEnglish, {});
    CHECK(words.message.find("0123456789") != std::string::npos);
    CHECK(words.message.find('{') == std::string::npos);
    CHECK(words.advice.find("nothing was burnt") != std::string::npos);
  }
  SUBCASE("a field that the burn would leave as it is, and that is not good") {
    const Judgement bad = with({{"system-serial-number", "CX2600417"}});
    REQUIRE_FALSE(bad.findings.empty());
    CHECK(rules(bad.findings).front() == "burn.intended system-family");
    const Sentence words = sentence(bad.findings[0], Language::kEnglish, {});
    CHECK(words.advice.find("--set system-family=VALUE") != std::string::npos);
  }
  SUBCASE("a field that the burn would leave as it is, and that is good") {
    const Judgement kept = with({{"system-family", "CX"}});
    CHECK(kept.findings.empty());
    CHECK(keywords(kept.presented) == Words{"system-serial-number CX2600999"});
  }
  SUBCASE("a relation between what is intended and what is there") {
    const Judgement bad = with({{"system-serial-number", "CX2600417"}, {"system-family", "Bright"}});
    CHECK(rules(bad.findings) == Words{"field.relation system-product-name"});
  }
}

TEST_CASE("several boards: what is required and unique holds for the first one as well") {
  const std::string model =
      asking("  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }");
  const Judgement several = judged(unit("several-type2"), model);
  CHECK(rules(several.findings) == Words{"warning structure.several-baseboards"});
  CHECK(keywords(several.presented) ==
        Words{"baseboard-serial-number HB26031187", "baseboard-serial-number RS26000012 second"});
  const Judgement first_empty = judged(unit("several-type2-first-empty"), model);
  CHECK(rules(first_empty.findings) ==
        Words{"field.empty baseboard-serial-number", "warning structure.several-baseboards"});
  CHECK(keywords(first_empty.presented) == Words{"baseboard-serial-number HB26031187"});
}

TEST_CASE("the label has its form and is the one inside") {
  const std::string model =
      asking("  system-serial-number: {}",
             "label: { pattern: 'CX[0-9]{7}', equals: { field: system-serial-number } }");
  const auto with = [&](const std::string& label) {
    return judged(unit("good-unit"), model, {.label = label});
  };
  CHECK(with("").findings.empty());
  CHECK(with("").presented.empty());
  CHECK(with("CX2600417").findings.empty());
  CHECK(keywords(with("CX2600417").presented) == Words{"label CX2600417"});
  const Judgement swapped = with("CX2600418");
  REQUIRE(rules(swapped.findings) == Words{"unit.label-mismatch system-serial-number"});
  const Sentence words = sentence(swapped.findings[0], Language::kEnglish, {});
  CHECK(words.message ==
        "the label says \"CX2600418\", system-serial-number (Type 1 07h) says \"CX2600417\"");
  CHECK(rules(with("CX26004170").findings) == Words{"unit.label-pattern label"});
  CHECK(with("CX26004170").presented.empty());
  CHECK(with(" \t").findings.empty());
  CHECK(with(" \t").presented.empty());
}

TEST_CASE("identifiers: missing, malformed, optional, unique") {
  const std::string model = asking("  system-serial-number: {}", R"(
identifiers:
  activation-sn: { pattern: '[0-9]{4}-[0-9]{4}-[0-9]{5}', unique: true }
  box-sn: { optional: true }
stages: { incoming: { only: [system-serial-number] }, ship: {} })");
  const auto with = [&](const std::map<std::string, std::string>& identifiers, Stage stage = Stage::kShip) {
    return judged(unit("good-unit"), model, {.stage = stage, .identifiers = identifiers});
  };
  CHECK(with({{"activation-sn", "0401-1900-04589"}}).findings.empty());
  CHECK(keywords(with({{"activation-sn", "0401-1900-04589"}, {"box-sn", "7"}}).presented) ==
        Words{"activation-sn 0401-1900-04589"});
  for (const auto& missing :
       {std::map<std::string, std::string>{}, {{"activation-sn", ""}}, {{"activation-sn", " "}}}) {
    const Judgement judgement = with(missing);
    CHECK(rules(judgement.findings) == Words{"evidence.missing activation-sn"});
    CHECK(outcome(judgement) == Outcome::kError);
    CHECK(judgement.presented.empty());
  }
  const Judgement malformed = with({{"activation-sn", "0401-1900-4589"}});
  CHECK(rules(malformed.findings) == Words{"unit.identifier-pattern activation-sn"});
  CHECK(malformed.presented.empty());
  CHECK(with({}, Stage::kIncoming).findings.empty());
}

TEST_CASE("a broken table is judged as far as it can be walked, and is never good") {
  struct Row {
    const char* unit;
    const char* rule;
    Outcome outcome;
  };
  const Row rows[] = {
      {"truncated", "table.truncated", Outcome::kFail},
      {"no-end", "table.no-end", Outcome::kFail},
      {"wrong-checksum", "table.checksum", Outcome::kFail},
      {"wrong-intermediate-checksum", "table.checksum", Outcome::kFail},
      {"bad-length", "table.bad-length", Outcome::kFail},
      {"no-system", "structure.missing", Outcome::kFail},
      {"two-systems", "structure.repeated", Outcome::kFail},
      {"duplicate-handle", "table.duplicate-handle", Outcome::kPass},
      {"trailing-data", "table.trailing-data", Outcome::kPass},
      {"wrong-count", "table.count", Outcome::kPass},
      {"physical-address", "table.address", Outcome::kPass},
      {"version-2.31", "table.version", Outcome::kPass},
  };
  for (const Row& row : rows) {
    CAPTURE(row.unit);
    const Judgement judgement = judged(unit(row.unit), asking("  system-serial-number: { optional: true }"));
    const auto finding = std::ranges::find(judgement.findings, row.rule, &Finding::rule);
    REQUIRE(finding != judgement.findings.end());
    CHECK(outcome(judgement) == row.outcome);
  }
}

TEST_CASE("a table that breaks off before Type 1 could not be judged") {
  auto described = unit("truncated");
  described.defects.truncate_at = 60;
  const Judgement judgement =
      judged(described, asking("  system-serial-number: { optional: true }"), {.label = "CX2600417"});
  CHECK(rules(judgement.findings) == Words{"table.truncated"});
  CHECK(outcome(judgement) == Outcome::kError);
  CHECK(judgement.presented.empty());
}

TEST_CASE("no finding of any unit leaves a placeholder of the catalogue unfilled") {
  const char* model = R"(
profile: all
version: 1
extends: [cmge]
label: { equals: { field: system-serial-number } }
fields: { baseboard-serial-number: {}, system-family: { equals: Nothing } }
)";
  const profiles::Profile parsed = profile(model);
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units")) {
    const std::string name = entry.path().stem();
    CAPTURE(name);
    const Evidence evidence = evidence_of(unit(name));
    const Judgement judgement = judge({.evidence = evidence, .profile = parsed, .stage = {}, .label = "CX1"});
    CHECK_FALSE(judgement.findings.empty());
    for (const Finding& finding : judgement.findings) {
      for (const Language language : {Language::kEnglish, Language::kChinese}) {
        const Sentence words = sentence(finding, language, {});
        CAPTURE(words.message);
        CHECK_FALSE(words.message.empty());
        CHECK_FALSE(words.advice.empty());
        if (name == "hostile-strings") continue;  // has braces of its own
        CHECK(words.message.find('{') == std::string::npos);
        CHECK(words.advice.find('{') == std::string::npos);
        CHECK(words.message.find("()") == std::string::npos);
      }
    }
  }
}

TEST_CASE("the profile is found by the table, by the label, or not at all") {
  const auto candidate = [](const std::string& name, const std::string& match, const std::string& label) {
    std::string text = "profile: " + name +
                       "\nversion: 1\nfields: { baseboard-product-name: {}, system-serial-number: {} }\n";
    if (!match.empty()) text += "match: { baseboard-product-name: [" + match + "] }\n";
    if (!label.empty()) text += "label: { pattern: '" + label + "' }\n";
    return profile(text + "stages: { incoming: { only: [system-serial-number] }, ship: {} }\n");
  };
  std::vector<profiles::Profile> candidates;
  candidates.push_back(candidate("a", "H310CM-A", "CX[0-9]{7}"));
  candidates.push_back(candidate("b", "H310CM-B", "CX[0-9]{7}"));
  candidates.push_back(candidate("c", "H310CM-A, H310CM-C", "CY[0-9]{7}"));
  const auto found = [&](const char* product, const std::string& label, std::optional<Stage> stage = {}) {
    const Evidence evidence = evidence_of(unit("good-unit", {{"baseboard-product-name", product}}));
    Words names;
    for (const profiles::Profile* one :
         match_profiles(candidates, evidence.source.table(), label, stage).profiles) {
      names.push_back(one->name);
    }
    return names;
  };
  CHECK(found("H310CM-B", "") == Words{"b"});
  CHECK(found("H310CM-C", "") == Words{"c"});
  CHECK(found("H310CM-A", "") == Words{"a", "c"});
  CHECK(found("H310CM-Z", "").empty());
  CHECK(found("h310cm-b", "").empty());
  CHECK(found("H310CM-A", "CX2600417") == Words{"a"});
  CHECK(found("H310CM-A", "CY2600417") == Words{"c"});
  CHECK(found("H310CM-Z", "CY2600417") == Words{"c"});
  CHECK(found("H310CM-Z", "CX2600417") == Words{"a", "b"});
  CHECK(found("H310CM-C", "CX2600417").empty());
  CHECK(found("H310CM-B", "CX26004170") == Words{"b"});
  // Only fields that the stage judges find a profile, and only profiles that have the stage.
  CHECK(found("H310CM-B", "", Stage::kIncoming).empty());
  CHECK(found("H310CM-B", "", Stage::kShip) == Words{"b"});
  CHECK(found("H310CM-B", "", Stage::kPreImage).empty());

  const Evidence evidence = evidence_of(unit("good-unit", {{"baseboard-product-name", "\x1B[2J"}}));
  const Match none = match_profiles(candidates, evidence.source.table(), "\x07", {});
  CHECK(none.seen == "baseboard-product-name \"\\x1B[2J\", label \\x07");
}

TEST_CASE("what was burnt is compared in the field's own kind") {
  const Evidence evidence = evidence_of(unit("good-unit"));
  const smbios::Table table = evidence.source.table();
  struct Row {
    const char* keyword;
    const char* intended;
    bool equal;
  };
  for (const Row& row :
       {Row{"system-serial-number", "CX2600417", true}, Row{"system-serial-number", "cx2600417", false},
        Row{"system-serial-number", "CX2600417 ", false}, Row{"system-serial-number", "", false},
        Row{"system-uuid", "8D1E6F02-5C3B-4A77-9E41-2B7F60C4D513", true},
        Row{"system-uuid", "8d1e6f025c3b4a779e412b7f60c4d513", true},
        Row{"system-uuid", "026f1e8d-3b5c-774a-9e41-2b7f60c4d513", false},
        Row{"system-uuid", "8d1e6f02", false}, Row{"chassis-type", "desktop", true},
        Row{"chassis-type", "3", true}, Row{"chassis-type", "0x03", true},
        Row{"chassis-type", "Desktop", true}, Row{"chassis-type", "notebook", false},
        Row{"chassis-type", "", false}, Row{"chassis-asset-tag", "", false}}) {
    CAPTURE(row.keyword);
    CAPTURE(row.intended);
    CHECK(equals_intended(table, field(row.keyword), row.intended) == row.equal);
  }
}

TEST_CASE("keys: no two values share one, and lengths cannot be shifted between their parts") {
  const UniqueValue value{.keyword = "system-serial-number", .scope = "ab", .key = "c"};
  for (const UniqueValue& other :
       {UniqueValue{.keyword = "system-serial-number", .scope = "a", .key = "bc"},
        UniqueValue{.keyword = "system-serial-number", .scope = "abc", .key = ""},
        UniqueValue{.keyword = "system-serial-number", .scope = "", .key = "abc"},
        UniqueValue{.keyword = "baseboard-serial-number", .scope = "ab", .key = "c"}}) {
    CHECK(other.id() != value.id());
  }
  CHECK(fold(" \tAbC\xC4\xE4 d\v\r\n") == "abc\xC4\xE4 d");
  CHECK(fold(" ").empty());
}

}  // namespace
}  // namespace dmigate::gate
