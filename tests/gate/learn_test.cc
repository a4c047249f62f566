// profile learn: from golden units a draft that loads, that they pass, and that tells what is not decided.
#include "profiles/learn.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>

#include "gate/judge/judge.h"
#include "profiles/lint.h"
#include "tests/gate/units.h"
#include "tests/smbios/shared_dumps.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;
using profiles::FieldRule;
using profiles::infer_pattern;
using profiles::yaml_scalar;

std::vector<Evidence> evidence_of_all(const std::vector<fixtures::UnitDescription>& units) {
  std::vector<Evidence> all;
  for (const auto& each : units) all.push_back(evidence_of(each));
  return all;
}

Result<std::string> try_learn(const std::vector<Evidence>& units, const profiles::LearnOptions& options = {},
                              const profiles::Catalog& catalog = {}) {
  std::vector<profiles::Golden> golden;
  for (const Evidence& each : units) golden.push_back({each.source.path(), &each.source});
  return profiles::learn(golden, options, catalog);
}

// What blocks each of them by the profile that was learnt: nothing should.
Words blocked(const profiles::Profile& learnt, const std::vector<Evidence>& units) {
  Words all;
  for (const Evidence& each : units) {
    for (const Finding& finding :
         judge({.evidence = each, .profile = learnt, .stage = {}, .label = {}, .identifiers = {}}).findings) {
      if (finding.severity == Severity::kError)
        all.push_back(std::string(finding.rule()) + " " + finding.keyword);
    }
  }
  return all;
}

std::string learn(const std::vector<Evidence>& units, const profiles::LearnOptions& options = {}) {
  const auto draft = try_learn(units, options);
  REQUIRE_MESSAGE(draft, (draft ? "" : draft.error().to_string()));
  CHECK(blocked(profile(*draft), units).empty());
  return *draft;
}

const FieldRule& rule(const profiles::Profile& learnt, const std::string& keyword) {
  const FieldRule* found = learnt.rule(field(keyword));
  REQUIRE_MESSAGE(found != nullptr, keyword);
  return *found;
}

const profiles::Check* check(const FieldRule& of, profiles::CheckKind kind) {
  const auto found = std::ranges::find(of.checks, kind, &profiles::Check::kind);
  return found == of.checks.end() ? nullptr : &*found;
}

std::string doubts(const profiles::Profile& learnt) {
  std::string all;
  for (const auto& each : learnt.unconfirmed) all += each.what + "\n";
  return all;
}

}  // namespace

TEST_CASE("three good units of a model give its constants, the form of its serials, and what finds it") {
  const auto units = evidence_of_all({good(1), good(12), good(123)});
  const auto learnt = profile(learn(units));
  CHECK(learnt.name == "cx-e500");
  CHECK(check(rule(learnt, "system-manufacturer"), profiles::CheckKind::kEquals)->values == Words{"Chenxi"});
  CHECK(check(rule(learnt, "system-product-name"), profiles::CheckKind::kEquals)->values == Words{"CX E500"});
  CHECK(check(rule(learnt, "chassis-type"), profiles::CheckKind::kOneOf)->values == Words{"desktop"});
  CHECK(check(rule(learnt, "system-serial-number"), profiles::CheckKind::kPattern)->values ==
        Words{"CX[0-9]{7}"});
  CHECK(check(rule(learnt, "baseboard-serial-number"), profiles::CheckKind::kPattern)->values ==
        Words{"HB[0-9]{7}"});
  CHECK(rule(learnt, "system-serial-number").unique);
  CHECK(rule(learnt, "system-uuid").unique);
  REQUIRE(learnt.match.size() == 1);
  CHECK(learnt.match[0].field == &field("baseboard-product-name"));
  CHECK(learnt.match[0].values == Words{"H310CM-A"});
  CHECK_FALSE(learnt.stages.empty());
  CHECK(contains(doubts(learnt), "system-serial-number: the pattern is guessed from 3 units"));
  CHECK(contains(doubts(learnt), "stages: which of"));
  CHECK_FALSE(contains(doubts(learnt), "learnt from one unit"));
}

TEST_CASE("one unit is little to learn from, and the draft says so") {
  const auto learnt = profile(learn(evidence_of_all({good(1)})));
  CHECK(contains(doubts(learnt), "everything here is learnt from one unit"));
  CHECK(contains(doubts(learnt), "system-serial-number: the pattern is guessed from 1 unit"));
}

TEST_CASE("lint warns of everything that a person must decide, and of nothing else") {
  const TemporaryFolder folder;
  const std::string file = folder / "cx-e500.yaml";
  write_file(file, learn(evidence_of_all({good(1), good(2)})));
  const auto notes = profiles::lint({file}, {}, "2026-11-20");
  CHECK_FALSE(notes.empty());
  for (const auto& note : notes) {
    CHECK(note.severity == Severity::kWarning);
    CHECK_MESSAGE(note.message.starts_with("unconfirmed: "), note.message);
  }
}

TEST_CASE("a placeholder on a golden unit is not learnt as its value, and is told") {
  const auto units = evidence_of_all({changed(good(1), {{"system-serial-number", "To be filled by O.E.M."},
                                                        {"chassis-serial-number", "Default string"}}),
                                      good(2)});
  const auto made = try_learn(units);
  REQUIRE(made);
  const std::string& draft = *made;
  const auto learnt = profile(draft);
  CHECK(rule(learnt, "system-serial-number").optional);
  // The draft itself refuses that unit: what is there has not the form of the others'.
  CHECK(blocked(learnt, units) == Words{"field.pattern system-serial-number"});
  CHECK(contains(doubts(learnt),
                 "system-serial-number: the pattern is guessed from 1 unit; a placeholder on 1 of 2 units"));
  CHECK(contains(doubts(learnt), "chassis-serial-number is a placeholder on 1 unit"));
  CHECK_FALSE(contains(draft, "filled"));
  CHECK_FALSE(contains(draft, "Default string"));
}

TEST_CASE("a field that is empty on a golden unit is optional, and a person is asked") {
  const auto learnt =
      profile(learn(evidence_of_all({changed(good(1), {{"system-sku-number", ""}}), good(2)})));
  CHECK(rule(learnt, "system-sku-number").optional);
  CHECK(contains(doubts(learnt), "system-sku-number: empty on 1 of 2 units; must it be there?"));
}

TEST_CASE("what differs between the units is no constant") {
  const auto with = [](int n, const std::string& sku, const std::string& board) {
    return changed(good(n), {{"system-sku-number", sku}, {"baseboard-product-name", board}});
  };
  const auto learnt = profile(learn(
      evidence_of_all({with(1, "A-1", "H310CM-A"), with(2, "B-2", "H310CM-B"), with(3, "C-3", "H310CM-A")})));
  CHECK(rule(learnt, "system-sku-number").checks.size() <=
        1);  // what windows-oem says of its length; no value
  CHECK(check(rule(learnt, "baseboard-product-name"), profiles::CheckKind::kOneOf)->values ==
        Words{"H310CM-A", "H310CM-B"});
  CHECK(learnt.match[0].values == Words{"H310CM-A", "H310CM-B"});
  CHECK(contains(doubts(learnt), "system-sku-number: it differs from unit to unit"));
}

TEST_CASE("units that share a serial are no pattern, and a person is asked") {
  const auto learnt = profile(learn(evidence_of_all({good(1), good(1), good(1)})));
  CHECK(check(rule(learnt, "system-serial-number"), profiles::CheckKind::kPattern) == nullptr);
  CHECK(contains(doubts(learnt), "system-serial-number: all units have the same serial"));
  CHECK(contains(doubts(learnt), "system-uuid: two units have the same one"));
}

TEST_CASE("a draft extends the set that is named, has the name that is given, and refuses what is none") {
  const auto units = evidence_of_all({good(1), good(2)});
  const auto learnt = profile(learn(units, {.name = "my-model", .extends = "cmge"}));
  CHECK(learnt.name == "my-model");
  CHECK(learnt.layers.size() == 3);
  for (const profiles::LearnOptions& options : {profiles::LearnOptions{.name = "My Model"},
                                                {.name = "../x"},
                                                {.name = "windows-oem"},
                                                {.name = {}, .extends = "nosuch"},
                                                {.name = {}, .extends = "a\nb"}}) {
    const auto refused = try_learn(units, options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::kConfiguration);
  }
}

TEST_CASE("a plant's own set that a unit does not hold to is told, and no draft is made that it fails") {
  const TemporaryFolder folder;
  write_file(folder / "plant.yaml",
             "profile: plant\nversion: 1\nfields: { system-family: { equals: OTHER }, bios-vendor: {} }\n");
  const auto refused =
      try_learn(evidence_of_all({good(1)}), {.name = {}, .extends = "plant"}, {{folder.path()}});
  REQUIRE_FALSE(refused);
  CHECK(contains(refused.error().what, "system-family of a unit does not hold to equals of the set plant"));
}

TEST_CASE("hostile strings become YAML that says the same, and patterns that mean the text") {
  const auto units = evidence_of_all({unit("hostile-strings")});
  const auto learnt = profile(learn(units));
  REQUIRE(check(rule(learnt, "system-manufacturer"), profiles::CheckKind::kEquals) != nullptr);
  CHECK(check(rule(learnt, "system-manufacturer"), profiles::CheckKind::kEquals)->values ==
        Words{"Chenxi'); DROP TABLE claims; --"});
  REQUIRE(check(rule(learnt, "system-family"), profiles::CheckKind::kEquals) != nullptr);
  CHECK(check(rule(learnt, "system-family"), profiles::CheckKind::kEquals)->values ==
        Words{"<script>alert(1)</script>"});
  // Bytes that are no UTF-8 cannot be written in YAML: the field is asked for, and a person told.
  CHECK(rule(learnt, "system-serial-number").checks.empty());
  CHECK(contains(doubts(learnt), "system-serial-number: its value cannot be written here"));

  for (const std::string value : {"a: b",
                                  "a # b",
                                  "- a",
                                  "'",
                                  "\"",
                                  "\\",
                                  "null",
                                  "~",
                                  "true",
                                  "No",
                                  "010",
                                  "1e3",
                                  "{x}",
                                  "[x]",
                                  "&x",
                                  "*x",
                                  "!x",
                                  "%x",
                                  "@x",
                                  "`x`",
                                  "|",
                                  ">",
                                  "?",
                                  " lead",
                                  "trail ",
                                  "a\nb",
                                  "a\r\nb",
                                  "\t",
                                  "\x01\x1f\x7f",
                                  "…",
                                  "a\u202Eb",
                                  "\u2028",
                                  "\uFEFF",
                                  "晨曦",
                                  "\U0001F600",
                                  "2026-01-01",
                                  "a,b",
                                  "#",
                                  ": ",
                                  "---",
                                  "..."}) {
    CAPTURE(value);
    const auto described = changed(good(1), {{"system-manufacturer", value}});
    const auto hostile = evidence_of_all({described});
    const auto told = profile(learn(hostile));
    const auto* equals = check(rule(told, "system-manufacturer"), profiles::CheckKind::kEquals);
    if (equals != nullptr) CHECK(equals->values == Words{value});  // else it is blank, or a placeholder
  }
}

TEST_CASE("any text is a YAML scalar that reads as that text") {
  for (int first = 1; first < 0x80; ++first) {
    for (const char* rest : {"", "a", " ", "'", "\n", ": ", "\\"}) {
      const std::string text = std::string(1, static_cast<char>(first)) + rest;
      for (const std::string& yaml :
           {"key: " + yaml_scalar(text) + "\n", "{ key: " + yaml_scalar(text) + " }\n",
            "[" + yaml_scalar(text) + ", b]\n"}) {
        const auto root = profiles::parse_yaml(yaml, "t.yaml");
        REQUIRE_MESSAGE(root, yaml);
        const profiles::Node* node = root->is_mapping() ? root->find("key") : root->items.data();
        REQUIRE(node != nullptr);
        CHECK(node->is_scalar());
        CHECK(node->text == text);
      }
    }
  }
  CHECK(yaml_scalar("CX E500") == "CX E500");
  CHECK(yaml_scalar("it's") == "'it''s'");
  CHECK(yaml_scalar("a\u202Eb") == "\"a\\u202Eb\"");
}

TEST_CASE("the form of serials is what they have in common") {
  const struct {
    Words values;
    const char* pattern;
  } rows[] = {
      {{"CX2600417"}, "CX[0-9]{7}"},
      {{"CX2600417", "CX2600418"}, "CX[0-9]{7}"},
      {{"CX1", "CX12", "CX123"}, "CX[0-9]{1,3}"},
      {{"AB12", "CD34"}, "[A-Z]{2}[0-9]{2}"},
      {{"cx-01", "cx-22"}, "cx\\-[0-9]{2}"},
      {{"1.5", "2.7"}, "[0-9]\\.[0-9]"},
      {{"12A", "34A"}, "[0-9]{2}[A-Z]"},
      {{"12A", "34A", "56A"}, "[0-9]{2}A"},
      {{"5CG12A4X9", "5CGA3B1Z2"}, "[0-9A-Z]{9}"},
      {{"PF1A2B3C"}, "PF[0-9A-Z]{6}"},
      {{"SN-1A", "SN-B2"}, "SN\\-[0-9A-Z]{2}"},
      {{"a+b"}, "a\\+[a-z]"},
      {{"(x)*"}, "\\([a-z]\\)\\*"},
      {{""}, ""},
      {{}, ""},
      {{"晨"}, ""},
      {{"A", std::string(300, '1')}, ""},
      {{"a\nb"}, ""},
  };
  for (const auto& [values, pattern] : rows) {
    CAPTURE(values);
    CHECK(infer_pattern(values) == pattern);
  }
}

TEST_CASE("a pattern matches every value that it was inferred from, whatever they are") {
  const std::string letters = "A9z-.*+?()[]{}^$|\\ /'\"#:0";
  unsigned state = 1;
  const auto next = [&](unsigned below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 16) % below;
  };
  for (int round = 0; round < 500; ++round) {
    Words values;
    for (unsigned n = next(4) + 1; n > 0; --n) {
      std::string value;
      for (unsigned size = next(10) + 1; size > 0; --size)
        value += letters[next(static_cast<unsigned>(letters.size()))];
      values.push_back(value);
    }
    CAPTURE(values);
    const std::string pattern = infer_pattern(values);
    REQUIRE_FALSE(pattern.empty());
    for (const std::string& value : values) CHECK(RE2::FullMatch(value, pattern));
  }
}

TEST_CASE("every unit of the fixtures is refused with a reason, or passes what is learnt from it") {
  std::size_t learnt = 0;
  for (const auto& entry : fs::directory_iterator(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units")) {
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    const auto built = fixtures::build(unit(name));
    if (!built) continue;
    auto source = built->form == smbios::Form::kSysfs
                      ? smbios::Source::from_pair(built->entry_point, built->table, name)
                      : smbios::Source::from_bytes(built->file, name);
    if (!source) continue;
    std::vector<Evidence> units;
    units.push_back({.source = *std::move(source), .live = false, .boot_id = {}, .taken = {}});
    const auto draft = try_learn(units);
    if (!draft) {
      CHECK_FALSE(draft.error().what.empty());
      CHECK(draft.error().kind == ErrorKind::kUnjudgeable);
      continue;
    }
    ++learnt;
    CHECK(blocked(profile(*draft), units).empty());
  }
  CHECK(learnt > 20);
}

TEST_CASE("every table of a real machine is refused with a reason, or passes what is learnt from it") {
  std::size_t learnt = 0;
  for (const auto& dump : smbios::test::manifest_or_message()) {
    CAPTURE(dump.file);
    auto source = smbios::Source::open(dump.path());
    if (!source) continue;
    std::vector<Evidence> units;
    units.push_back({.source = *std::move(source), .live = false, .boot_id = {}, .taken = {}});
    const auto draft = try_learn(units);
    if (!draft) {
      CHECK(draft.error().kind == ErrorKind::kUnjudgeable);
      continue;
    }
    ++learnt;
    CHECK(blocked(profile(*draft), units).empty());
  }
  if (std::filesystem::exists(smbios::test::shared_dumps())) CHECK(learnt > 50);
}

TEST_CASE("what tells not everything, or blocks whatever a profile asks, is no golden unit") {
  for (const char* name : {"wrong-checksum", "truncated", "no-system"}) {
    CAPTURE(name);
    const auto refused = try_learn(evidence_of_all({good(1), unit(name)}));
    REQUIRE_FALSE(refused);
    CHECK(contains(refused.error().what, "does not pass whatever a profile asks"));
  }
}

}  // namespace dmigate::gate
