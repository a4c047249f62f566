// What a profile's text becomes, and how later sets lie over earlier ones.
#include <doctest/doctest.h>
#include <re2/re2.h>

#include "profiles/profile.h"
#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

using smbios::find_field;

Profile parse_rules(const std::string& snippet, const Catalog& catalog = {}) {
  auto profile = parse_profile("profile: m\nversion: 1\n" + snippet, "p.yaml", catalog);
  REQUIRE_MESSAGE(profile.has_value(), profile.error().to_string());
  return std::move(*profile);
}

const FieldRule& rule(const Profile& profile, std::string_view keyword) {
  const FieldRule* found = profile.rule(*find_field(keyword));
  REQUIRE(found != nullptr);
  return *found;
}

const Check& check(const Profile& profile, std::string_view keyword, CheckKind kind) {
  for (const Check& found : rule(profile, keyword).checks) {
    if (found.kind == kind) return found;
  }
  FAIL("no such check");
  return rule(profile, keyword).checks.front();
}

}  // namespace

TEST_CASE("a field that is named is asked for, with nothing more") {
  const Profile profile = parse_rules("fields:\n  system-sku-number:\n  system-family: {}\n");
  for (const std::string keyword : {"system-sku-number", "system-family"}) {
    CHECK(rule(profile, keyword).checks.empty());
    CHECK_FALSE(rule(profile, keyword).optional);
    CHECK_FALSE(rule(profile, keyword).unique);
  }
  CHECK(profile.rule(*find_field("system-uuid")) == nullptr);
}

TEST_CASE("every form of every check is read") {
  const Profile profile = parse_rules(R"(fields:
  system-manufacturer: { equals: 010, starts_with: { value: 0, severity: warning } }
  system-product-name: { equals: { field: system-family, severity: warning }, contains: A, not_contains: { field: system-manufacturer } }
  system-family: { one_of: [A, B], length: { at_least: 2, at_most: 64, severity: warning } }
  system-version: { one_of: { values: [A], severity: warning }, pattern: { value: 'A+', severity: warning } }
  system-serial-number: { pattern: 'CX[0-9]{7}', unique: true, optional: true }
  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }
  bios-version: { at_least: 5.13 }
  bios-revision: { at_least: { value: '5.1', severity: warning } }
  chassis-type: { one_of: [Desktop, 0x0A, all-in-one] }
  system-uuid: { equals: 00112233-4455-6677-8899-AABBCCDDEEFF }
)");
  CHECK(check(profile, "system-manufacturer", CheckKind::kEquals).values == std::vector<std::string>{"010"});
  CHECK(check(profile, "system-manufacturer", CheckKind::kEquals).severity == Severity::kError);
  CHECK(check(profile, "system-manufacturer", CheckKind::kStartsWith).severity == Severity::kWarning);
  CHECK(check(profile, "system-product-name", CheckKind::kEquals).other == find_field("system-family"));
  CHECK(check(profile, "system-product-name", CheckKind::kEquals).severity == Severity::kWarning);
  CHECK(check(profile, "system-product-name", CheckKind::kContains).values.front() == "A");
  CHECK(check(profile, "system-product-name", CheckKind::kNotContains).other ==
        find_field("system-manufacturer"));
  CHECK(check(profile, "system-family", CheckKind::kOneOf).values == std::vector<std::string>{"A", "B"});
  CHECK(check(profile, "system-family", CheckKind::kLength).at_least == 2);
  CHECK(check(profile, "system-family", CheckKind::kLength).at_most == 64);
  CHECK(check(profile, "system-family", CheckKind::kLength).severity == Severity::kWarning);
  CHECK(check(profile, "system-version", CheckKind::kOneOf).severity == Severity::kWarning);
  CHECK(check(profile, "system-version", CheckKind::kPattern).severity == Severity::kWarning);
  CHECK(check(profile, "bios-version", CheckKind::kAtLeast).values.front() == "5.13");
  CHECK(check(profile, "bios-revision", CheckKind::kAtLeast).severity == Severity::kWarning);
  // An enumeration's values are stored in one spelling, whichever was written.
  CHECK(check(profile, "chassis-type", CheckKind::kOneOf).values ==
        std::vector<std::string>{"desktop", "notebook", "all-in-one"});
  CHECK(check(profile, "system-uuid", CheckKind::kEquals).values.front() ==
        "00112233-4455-6677-8899-AABBCCDDEEFF");
  CHECK(rule(profile, "system-serial-number").unique);
  CHECK(rule(profile, "system-serial-number").optional);
  CHECK(rule(profile, "baseboard-serial-number").within == find_field("baseboard-manufacturer"));
  CHECK(rule(profile, "baseboard-serial-number").unique);
  const Check& pattern = check(profile, "system-serial-number", CheckKind::kPattern);
  CHECK(pattern.values.front() == "CX[0-9]{7}");
  CHECK(re2::RE2::FullMatch("CX1234567", *pattern.pattern));
  CHECK_FALSE(re2::RE2::FullMatch("CX12345678", *pattern.pattern));
  CHECK(pattern.origin.profile == "m");
  CHECK(pattern.origin.file == "p.yaml");
  CHECK(pattern.origin.mark.line == 8);
}

TEST_CASE("text is accepted unless the profile refuses it") {
  CHECK_FALSE(parse_rules("fields: { system-uuid: }\n").refuses_text);
  CHECK_FALSE(parse_rules("text: accept\nfields: { system-uuid: }\n").refuses_text);
  CHECK(parse_rules("text: refuse\nfields: { system-uuid: }\n").refuses_text);
}

TEST_CASE("match, label, identifiers, burn and stages are read") {
  const Profile profile = parse_rules(R"(description: A model
mode: enforce
match: { baseboard-product-name: [A, B], chassis-type: desktop }
label: { pattern: 'CX[0-9]+', equals: { field: system-serial-number } }
identifiers:
  activation-sn: { pattern: '[0-9]{13}', unique: true, optional: true }
  box:
fields: { baseboard-product-name: , chassis-type: , system-serial-number: , system-uuid: }
burn: { tool: simulated, fields: [system-uuid, system-serial-number] }
stages:
  incoming: { only: [baseboard-product-name] }
  pre-burn: { except: burn-fields }
  post-burn: { after: pre-burn, only: burn-fields }
  ship:
)");
  CHECK(profile.name == "m");
  CHECK(profile.version == 1);
  CHECK(profile.description == "A model");
  CHECK(profile.file == "p.yaml");
  CHECK(profile.placeholders != nullptr);
  REQUIRE(profile.match.size() == 2);
  CHECK(profile.match[0].values == std::vector<std::string>{"A", "B"});
  CHECK(profile.match[1].values == std::vector<std::string>{"desktop"});
  REQUIRE(profile.label);
  CHECK(profile.label->pattern_text == "CX[0-9]+");
  CHECK(profile.label->equals == find_field("system-serial-number"));
  REQUIRE(profile.identifiers.size() == 2);
  CHECK(profile.identifiers[0].name == "activation-sn");
  CHECK(profile.identifiers[0].unique);
  CHECK(profile.identifiers[0].optional);
  CHECK(profile.identifiers[1].pattern == nullptr);
  CHECK_FALSE(profile.identifiers[1].optional);
  REQUIRE(profile.burn);
  CHECK(profile.burn->tool == "simulated");
  CHECK(profile.burn->fields.size() == 2);

  const smbios::Field& uuid = *find_field("system-uuid");
  const smbios::Field& product = *find_field("baseboard-product-name");
  CHECK(profile.stage(Stage::kIncoming)->judges(product));
  CHECK_FALSE(profile.stage(Stage::kIncoming)->judges(uuid));
  CHECK(profile.stage(Stage::kPreBurn)->judges(product));
  CHECK_FALSE(profile.stage(Stage::kPreBurn)->judges(uuid));
  CHECK(profile.stage(Stage::kPostBurn)->judges(uuid));
  CHECK_FALSE(profile.stage(Stage::kPostBurn)->judges(product));
  CHECK(profile.stage(Stage::kPostBurn)->after == Stage::kPreBurn);
  CHECK(profile.stage(Stage::kShip)->judges(uuid));
  CHECK(profile.stage(Stage::kShip)->judges(product));
  CHECK(profile.stage(Stage::kPreImage) == nullptr);
}

TEST_CASE("a burn's field that is optional may be judged before it is burnt") {
  const Profile profile = parse_rules(R"(fields: { system-family: , system-uuid: { optional: true } }
burn: { tool: x, fields: [system-uuid] }
stages:
  pre-burn:
  post-burn: { after: pre-burn }
)");
  CHECK(profile.stage(Stage::kPreBurn)->judges(*find_field("system-uuid")));
}

TEST_CASE("a later set wins rule by rule, and leaves what it does not name") {
  const test::Folder folder;
  folder.write("base.yaml", R"(profile: base
fields:
  system-family: { equals: A, length: { at_most: 9, severity: warning }, unique: true, optional: true }
  system-serial-number: { unique: { within: system-manufacturer } }
  system-uuid: { unique: true }
match: { system-family: A }
label: { pattern: 'A' }
identifiers: { one: { pattern: 'A' }, two: { unique: true } }
)");
  const Profile profile = parse_rules(R"(extends: [base]
fields:
  system-sku-number: { equals: S }
  system-family: { equals: B, contains: B }
  system-serial-number: { unique: true }
  system-uuid: { unique: false }
match: { system-sku-number: S }
label: { equals: { field: system-serial-number } }
identifiers: { two: { optional: true }, three: {} }
)",
                                      folder.catalog());
  CHECK(check(profile, "system-family", CheckKind::kEquals).values.front() == "B");
  CHECK(check(profile, "system-family", CheckKind::kEquals).origin.profile == "m");
  CHECK(check(profile, "system-family", CheckKind::kLength).at_most == 9);
  CHECK(check(profile, "system-family", CheckKind::kLength).origin.profile == "base");
  CHECK(rule(profile, "system-family").checks.size() == 3);
  CHECK(rule(profile, "system-family").unique);  // not said again, so it stays
  CHECK(rule(profile, "system-family").optional);
  CHECK(rule(profile, "system-serial-number").unique);
  CHECK(rule(profile, "system-serial-number").within == nullptr);
  CHECK_FALSE(rule(profile, "system-uuid").unique);
  // Base sets first, in the order in which fields were first named.
  REQUIRE(profile.fields.size() == 4);
  CHECK(profile.fields[0].field->keyword == "system-family");
  CHECK(profile.fields[3].field->keyword == "system-sku-number");
  // These are replaced as a whole; identifiers each.
  REQUIRE(profile.match.size() == 1);
  CHECK(profile.match[0].field->keyword == "system-sku-number");
  CHECK(profile.label->pattern == nullptr);
  REQUIRE(profile.identifiers.size() == 3);
  CHECK(profile.identifiers[0].pattern_text == "A");
  CHECK(profile.identifiers[1].optional);
  CHECK_FALSE(profile.identifiers[1].unique);
  CHECK(profile.identifiers[2].name == "three");
}

TEST_CASE("an inherited optional can be taken back") {
  const test::Folder folder;
  folder.write("base.yaml", "profile: base\nfields: { system-family: , system-uuid: { optional: true } }\n");
  CHECK_FALSE(
      rule(parse_rules("extends: [base]\nfields: { system-uuid: { optional: false } }\n", folder.catalog()),
           "system-uuid")
          .optional);
  CHECK(rule(parse_rules("extends: [base]\nfields: { system-uuid: }\n", folder.catalog()), "system-uuid")
            .optional);
}

TEST_CASE("burn and stages are inherited, and replaced as a whole") {
  const test::Folder folder;
  folder.write("line.yaml", R"(profile: line
fields: { system-family: , system-uuid: , system-sku-number: }
burn: { tool: x, fields: [system-uuid] }
stages:
  pre-burn: { except: burn-fields }
  post-burn: { after: pre-burn }
)");
  const Profile inherited = parse_rules("extends: [line]\n", folder.catalog());
  CHECK_FALSE(inherited.stage(Stage::kPreBurn)->judges(*find_field("system-uuid")));
  // `burn-fields` means the fields that are burnt in the end.
  const Profile replaced = parse_rules(
      "extends: [line]\nburn: { tool: y, fields: [system-sku-number, system-uuid] }\n", folder.catalog());
  CHECK(replaced.burn->tool == "y");
  CHECK_FALSE(replaced.stage(Stage::kPreBurn)->judges(*find_field("system-sku-number")));
  const Profile stages = parse_rules(
      "extends: [line]\nstages:\n  pre-burn: { only: [system-family] }\n"
      "  post-burn: { after: pre-burn }\n  ship: { after: post-burn }\n",
      folder.catalog());
  CHECK(stages.stages.size() == 3);
}

TEST_CASE("a stage's name and a check's name are their spelling in profiles") {
  for (Stage stage : kAllStages) CHECK(find_stage(stage_name(stage)) == stage);
  CHECK(find_stage("Pre-Image") == std::nullopt);
  CHECK(check_name(CheckKind::kNotContains) == "not_contains");
  CHECK(check_name(CheckKind::kAtLeast) == "at_least");
}

}  // namespace dmigate::profiles
