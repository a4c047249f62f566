// What is asked beside single fields: of each of several structures, of their number; and what is waived.
#include "gate/judge/judge.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

std::string asking_more(const std::string& more) {
  return "profile: cx\nversion: 1\nfields:\n  system-uuid:\n" + more + "\n";
}

Judgement judged_more(const fixtures::UnitDescription& described, const std::string& model,
                      std::optional<Stage> stage = {}, const std::string& today = "2026-11-20") {
  const Evidence evidence = evidence_of(described);
  const profiles::Profile parsed = profile(model);
  return judge({.evidence = evidence,
                .profile = parsed,
                .stage = stage,
                .label = {},
                .identifiers = {},
                .today = today});
}

// Without what the specification says of the unit `parts`.
Words said(const Judgement& judgement) {
  Words all = rules(judgement.findings);
  std::erase_if(all, [](const std::string& words) {
    return words.starts_with("warning structure.") && words != "warning structure.count";
  });
  return all;
}

}  // namespace

TEST_CASE("[*] asks each structure of the type, and tells them apart by their handles") {
  // `parts` has two memory devices; the second slot is empty and its strings are not there.
  const Judgement judgement =
      judged_more(unit("parts"), asking_more("  'type-17[*].locator': { equals: DIMM 0 }"));
  REQUIRE(said(judgement) == Words{"field.empty memory-device-locator"});
  CHECK(judgement.findings[0].handle == 0x22);
  REQUIRE(judgement.fields.size() == 3);
  CHECK(judgement.fields[1].handle == 0x21);
  CHECK(judgement.fields[1].value == "DIMM 0");
  CHECK(judgement.fields[2].handle == 0x22);
  CHECK(outcome(judgement) == Outcome::kFail);
}

TEST_CASE("[KEYWORD!=VALUE] leaves out what is not meant; what it leaves must be there") {
  const auto with = [](const std::string& selector, const std::string& check = "") {
    return said(
        judged_more(unit("parts"), asking_more("  'type-17[" + selector + "].locator': {" + check + "}")));
  };
  CHECK(with("size!=No Module Installed").empty());
  CHECK(with("size!=NO MODULE INSTALLED").empty());
  CHECK(with("size=No Module Installed") == Words{"field.empty memory-device-locator"});
}

TEST_CASE("[N] is the Nth of its type, from 1; one that is not there is absent") {
  const auto with = [](const std::string& number) {
    return said(
        judged_more(unit("parts"), asking_more("  'type-17[" + number + "].locator': { equals: DIMM 0 }")));
  };
  CHECK(with("1").empty());
  CHECK(with("2") == Words{"field.empty memory-device-locator"});
  CHECK(with("3") == Words{"field.absent memory-device-locator"});
}

TEST_CASE("a selector that finds nothing fails, unless the field is optional") {
  CHECK(said(judged_more(unit("parts"), asking_more("  'type-17[locator=DIMM 9].locator': {}"))) ==
        Words{"field.absent memory-device-locator"});
  CHECK(
      said(judged_more(unit("parts"), asking_more("  'type-17[locator=DIMM 9].locator': { optional: true }")))
          .empty());
  CHECK(said(judged_more(unit("good-unit"), asking_more("  'type-17[*].locator': {}"))) ==
        Words{"field.absent memory-device-locator"});
}

TEST_CASE("a relation inside a selected structure means that structure") {
  // Only the second cache is larger than the old field can say, and has its size in the newer one.
  CHECK(said(judged_more(
                 unit("parts"),
                 asking_more("  'type-7[2].maximum-size': { equals: { field: cache-maximum-size-2 } }")))
            .empty());
  CHECK(said(judged_more(
            unit("parts"),
            asking_more("  'type-7[1].maximum-size': { equals: { field: cache-maximum-size-2 } }"))) ==
        Words{"field.value cache-maximum-size"});
}

TEST_CASE("structures are counted") {
  const auto counted = [](const std::string& rule) {
    return said(judged_more(unit("parts"), asking_more("structures: [" + rule + "]")));
  };
  CHECK(counted("{ type: 17, count: { at_least: 2, at_most: 2 } }").empty());
  CHECK(counted("{ type: 17, count: { at_least: 3 } }") == Words{"structure.count"});
  CHECK(counted("{ type: 17, count: { at_most: 1 } }") == Words{"structure.count"});
  CHECK(counted("{ type: 41, count: { at_least: 1 } }") == Words{"structure.count"});
  CHECK(counted("{ type: 41, count: { at_least: 1 }, severity: warning }") ==
        Words{"warning structure.count"});
  const Judgement judgement = judged_more(
      unit("parts"), asking_more("structures: [{ type: 17, count: { at_least: 3, at_most: 4 } }]"));
  CHECK(judgement.findings[0].found == "2");
  CHECK(judgement.findings[0].expected == "3..4");
  const std::string words = sentence(judgement.findings[0], Language::kEnglish, {}).message;
  CHECK(words == "the table has 2 structures of Type 17 (Memory Device), asked for are 3..4");
}

TEST_CASE("a table that is cut off cannot be counted") {
  const Judgement judgement =
      judged_more(unit("truncated"), asking_more("structures: [{ type: 17, count: { at_most: 4 } }]"));
  CHECK(outcome(judgement) == Outcome::kError);
}

TEST_CASE("a stage counts structures unless it says otherwise") {
  const std::string model = asking_more(
      "structures: [{ type: 41, count: { at_least: 1 } }]\n"
      "stages:\n  incoming: { only: [system-uuid] }\n  pre-image: {}\n  post-image: { except: [structures] "
      "}\n"
      "  ship: { only: [system-uuid, structures] }");
  const auto at = [&](Stage stage) { return said(judged_more(unit("good-unit"), model, stage)); };
  CHECK(at(Stage::kIncoming).empty());
  CHECK(at(Stage::kPreImage) == Words{"structure.count"});
  CHECK(at(Stage::kPostImage).empty());
  CHECK(at(Stage::kShip) == Words{"structure.count"});
}

TEST_CASE("a waived finding warns until its day has passed, and says who answers for it") {
  const std::string model = asking_more(
      "  system-sku-number: { length: { at_most: 3 } }\n  system-family: { length: { at_most: 1 } }\n"
      "stages: { pre-image: , ship: { waivers: refused } }\n"
      "waivers: [{ rule: field.length, field: system-sku-number, until: 2026-11-20, by: QA Li, reason: old "
      "labels }]");
  const auto on = [&](const std::string& day, Stage stage = Stage::kPreImage) {
    return judged_more(unit("good-unit"), model, stage, day);
  };
  const Judgement judgement = on("2026-11-20");
  CHECK(said(judgement) == Words{"warning field.length system-sku-number", "field.length system-family"});
  REQUIRE(judgement.findings[0].waived);
  CHECK(judgement.findings[0].waived->by == "QA Li");
  CHECK(said(on("2026-11-21")) == Words{"field.length system-sku-number", "field.length system-family",
                                        "warning profile.waiver-expired system-sku-number"});
  // A clock that is not there waives nothing; nor does any clock where waivers are refused.
  CHECK(said(on("")) == Words{"field.length system-sku-number", "field.length system-family"});
  CHECK(said(on("2026-11-20", Stage::kShip)) ==
        Words{"field.length system-sku-number", "field.length system-family"});
}

TEST_CASE("what was not judged is not waived") {
  const Judgement judgement = judged_more(
      unit("truncated"), asking_more("structures: [{ type: 17, count: { at_most: 4 } }]\n"
                                     "waivers:\n"
                                     "  - { rule: structure.count, until: 2030-01-01, by: QA, reason: r }"));
  CHECK(outcome(judgement) == Outcome::kError);
}

TEST_CASE("a waiver without a field counts for every finding of its rule") {
  const Judgement judgement =
      judged_more(unit("good-unit"),
                  asking_more("  system-sku-number: { length: { at_most: 3 } }\n"
                              "  system-family: { length: { at_most: 1 } }\n"
                              "waivers: [{ rule: field.length, until: 2030-01-01, by: QA, reason: r }]"));
  CHECK(outcome(judgement) == Outcome::kPass);
  CHECK(said(judgement) ==
        Words{"warning field.length system-sku-number", "warning field.length system-family"});
}

TEST_CASE("a waiver stands in the text and in the JSON") {
  Verdict verdict;
  verdict.findings = {{.say = Say::kFieldTooLong,
                       .severity = Severity::kWarning,
                       .keyword = "system-sku-number",
                       .waived = Waived{.until = "2026-12-31", .by = "QA Li", .reason = "old labels"}}};
  verdict.conclude(nullptr);
  CHECK(to_text(verdict, Language::kEnglish, {}, false)
            .find("(waived until 2026-12-31 by QA Li: old labels)") != std::string::npos);
  CHECK(to_text(verdict, Language::kChinese, {}, false).find("QA Li 特许放行至 2026-12-31：old labels") !=
        std::string::npos);
  CHECK(to_json(verdict, Language::kEnglish, {})
            .find(R"("waived":{"until":"2026-12-31","by":"QA Li","reason":"old labels"})") !=
        std::string::npos);
}

TEST_CASE("what is optional may be a placeholder only as far as its other rules allow") {
  const fixtures::UnitDescription unit = changed(good(1), {{"system-serial-number", "Default string"}});
  const auto with = [&](const std::string& rule) {
    return said(judged_more(unit, asking_more("  system-serial-number: { optional: true" + rule + " }")));
  };
  CHECK(with("").empty());
  CHECK(with(", pattern: 'CX[0-9]{7}'") == Words{"field.pattern system-serial-number"});
  CHECK(with(", equals: CX2600417") == Words{"field.value system-serial-number"});
  CHECK(with(", length: { at_most: 9 }") == Words{"field.length system-serial-number"});
}

TEST_CASE("a placeholder that was scanned names no unit, and is not claimed") {
  const std::string model = asking_more("identifiers: { activation-sn: { unique: true, optional: true } }");
  const Evidence evidence = evidence_of(good(1));
  const profiles::Profile parsed = profile(model);
  const auto scanned = [&](const std::string& label, const std::string& number) {
    return judge({.evidence = evidence,
                  .profile = parsed,
                  .stage = {},
                  .label = label,
                  .identifiers = {{"activation-sn", number}}});
  };
  const Judgement filler = scanned("Default string", "00000000");
  CHECK(said(filler) == Words{"unit.scanned-placeholder label", "unit.scanned-placeholder activation-sn"});
  CHECK(filler.presented.empty());
  CHECK(said(scanned("A7", "0401-1900-04589")).empty());
}

TEST_CASE("where none of several structures is meant, the sentence does not say that the type is missing") {
  const Judgement judgement =
      judged_more(unit("parts"), asking_more("  'type-17[locator=DIMM 9].locator': {}"));
  REQUIRE(said(judgement) == Words{"field.absent memory-device-locator"});
  CHECK(sentence(judgement.findings.front(), Language::kEnglish, {})
            .message.find("none of the table's Type 17") != std::string::npos);
  const Judgement empty = judged_more(unit("parts"), asking_more("  'type-17[*].locator': {}"));
  CHECK(sentence(empty.findings.front(), Language::kEnglish, {}).message.find("0x0022") != std::string::npos);
}

TEST_CASE("a draft says that it is one") {
  CHECK(said(judged_more(unit("good-unit"), asking_more("  system-family: { unconfirmed: always CX? }"))) ==
        Words{"warning profile.unconfirmed"});
}

}  // namespace dmigate::gate
