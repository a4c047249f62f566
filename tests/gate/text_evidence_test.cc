// Units that only dmidecode's text tells of: what it does not tell never passes.
#include "gate/judge/judge.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

const std::string kText =
    "# dmidecode 3.4\n"
    "SMBIOS 3.2.0 present.\n"
    "\n"
    "Handle 0x0001, DMI type 1, 27 bytes\n"
    "System Information\n"
    "\tManufacturer: Chenxi\n"
    "\tProduct Name: CX E500\n"
    "\tVersion: 1.0\n"
    "\tSerial Number: CX2600417\n"
    "\tUUID: 8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513\n"
    "\tWake-up Type: Power Switch\n"
    "\tSKU Number: Not Specified\n"
    "\n"
    "Handle 0x007F, DMI type 127, 4 bytes\n"
    "End Of Table\n"
    "\n";
const std::string kHexText =
    "SMBIOS 3.2.0 present.\n"
    "\n"
    "Handle 0x0001, DMI type 1, 8 bytes\n"
    "\tHeader and Data:\n"
    "\t\t01 08 01 00 01 00 00 00\n"
    "\tStrings:\n"
    "\t\t43 58 00\n"
    "\t\tCX\n"
    "\n"
    "Handle 0x007F, DMI type 127, 4 bytes\n"
    "\tHeader and Data:\n"
    "\t\t7F 04 7F 00\n"
    "\n";

Evidence evidence_of_text(const std::string& text) {
  auto source = smbios::Source::from_bytes({text.begin(), text.end()}, "unit.txt");
  REQUIRE_MESSAGE(source, (source ? "" : source.error().to_string()));
  return {.source = *std::move(source), .live = false, .boot_id = {}, .taken = {}};
}
struct Said {
  Judgement judgement;
  Outcome outcome;
  Words words;
};
Said judged(const std::string& text, const std::string& fields, const std::string& more = "",
            const std::string& label = "") {
  const Evidence evidence = evidence_of_text(text);
  const profiles::Profile model = profile("profile: cx\nversion: 1\n" + more + "fields:\n" + fields);
  Said said{judge({.evidence = evidence,
                   .profile = model,
                   .stage = {},
                   .label = label,
                   .identifiers = {},
                   .intended = {}}),
            {},
            {}};
  Verdict verdict;
  verdict.findings = said.judgement.findings;
  said.outcome = verdict.judged();
  said.words = rules(said.judgement.findings);
  return said;
}

TEST_CASE("what the text tells is judged, with a warning that it is text") {
  const Said said =
      judged(kText, "  system-serial-number: { unique: true }\n  system-manufacturer: { equals: Chenxi }\n");
  CHECK(said.words == Words{"warning table.text"});
  CHECK(said.outcome == Outcome::kPass);
  REQUIRE(said.judgement.presented.size() == 1);
  CHECK(said.judgement.presented[0].shown == "CX2600417");
  CHECK(judged(kText, "  system-manufacturer: { equals: THTF }\n").outcome == Outcome::kFail);
}
TEST_CASE("what the text does not tell is ERROR, needed or optional, and claims nothing") {
  for (const char* rule :
       {"{}", "{ optional: true }", "{ unique: true }", "{ unique: true, optional: true }"}) {
    CAPTURE(rule);
    for (const std::string keyword : {"system-sku-number", "system-family"}) {
      const Said said = judged(kText, "  system-manufacturer: {}\n  " + keyword + ": " + rule + "\n");
      CHECK(said.words == Words{"warning table.text", "field.unknown " + keyword});
      CHECK(said.outcome == Outcome::kError);
      CHECK(said.judgement.presented.empty());
    }
  }
  CHECK(judged(kText, "  baseboard-serial-number: {}\n").outcome == Outcome::kFail);  // there is no Type 2
}
TEST_CASE("what a rule compares with, and the text does not tell, is ERROR") {
  const Words unknown = {"warning table.text", "field.unknown system-family"};
  CHECK(judged(kText, "  system-product-name: { not_contains: { field: system-family } }\n").words ==
        unknown);
  CHECK(judged(kText, "  system-product-name: { contains: { field: system-family } }\n").words == unknown);
  const Said scoped = judged(kText, "  system-serial-number: { unique: { within: system-family } }\n");
  CHECK(scoped.words == unknown);
  CHECK(scoped.judgement.presented.empty());
}
TEST_CASE("a profile that refuses text takes neither kind of it, and nothing is judged") {
  const std::string fields = "  system-manufacturer: {}\n";
  for (const std::string& text : {kText, kHexText}) {
    const Said refused = judged(text, fields, "text: refuse\n");
    CHECK(refused.words == Words{"evidence.text"});
    CHECK(refused.outcome == Outcome::kError);
    CHECK(judged(text, fields, "text: accept\n").outcome == Outcome::kPass);
  }
  const auto good = unit("good-unit");
  const Evidence table = gate::evidence_of(good);
  const profiles::Profile model = profile("profile: cx\nversion: 1\ntext: refuse\nfields:\n" + fields);
  CHECK(
      judge(
          {.evidence = table, .profile = model, .stage = {}, .label = {}, .identifiers = {}, .intended = {}})
          .findings.empty());
}
TEST_CASE("evidence of text stays text: what it does not tell is unknown in its JSON too") {
  for (const std::string& text : {kText, kHexText}) {
    const Evidence evidence = evidence_of_text(text);
    const auto again = parse_evidence(to_json(evidence), "unit.json");
    REQUIRE_MESSAGE(again, (again ? "" : again.error().to_string()));
    CHECK(again->source.layout().form == evidence.source.layout().form);
    CHECK(smbios::read(again->source.table(), field("system-family")).state ==
          smbios::read(evidence.source.table(), field("system-family")).state);
  }
}

}  // namespace
}  // namespace dmigate::gate
