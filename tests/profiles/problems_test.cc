// Every problem of a profile, where it is and in what words.
#include <doctest/doctest.h>

#include "profiles/profile.h"

namespace dmigate::profiles {
namespace {

std::string problems(const std::string& text) {
  const auto profile = parse_profile(text, "p.yaml", {});
  if (profile) return "accepted";
  CHECK(profile.error().kind == ErrorKind::kConfiguration);
  return profile.error().to_string();
}

// The snippet begins in line 3.
std::string in_model(const std::string& snippet) { return problems("profile: m\nversion: 1\n" + snippet); }

}  // namespace

TEST_CASE("A profile has a name, a version and rules, and knows its keys") {
  CHECK(problems("profle: m") ==
        "p.yaml:1:1: `profile` is missing\n"
        "p.yaml:1:1: unknown key `profle`; did you mean `profile`?");
  CHECK(problems("profile: M 1\n"
                 "version: 1") ==
        "p.yaml:1:10: `M 1` is no name of a profile; use a-z, 0-9, dot, hyphen and underscore, at most 64, "
        "beginning with a letter or digit");
  CHECK(problems("profile: [a]\n"
                 "version: 1") == "p.yaml:1:10: `profile` must be a text");
  CHECK(problems("- a") == "p.yaml:1:1: a mapping (`key: value` lines) is expected here");
  CHECK(problems("profile: m\n"
                 "version: 0\n"
                 "fields: { system-uuid: }") ==
        "p.yaml:2:10: `version` counts from 1, and ends at 999999999");
  CHECK(problems("profile: m\n"
                 "version: one\n"
                 "fields: { system-uuid: }") ==
        "p.yaml:2:10: `version` must be a whole number in decimal digits");
  CHECK(problems("profile: m\n"
                 "fields: { system-uuid: }") ==
        "p.yaml:1:1: `version` is missing; raise it with every change");
  CHECK(problems("profile: m\n"
                 "version: 1") ==
        "p.yaml:1:1: this profile asks for no field, so every unit would pass; name some under `fields` that "
        "are not optional");
  CHECK(in_model("description: [a]\n"
                 "fields: { system-family: }") == "p.yaml:3:14: `description` must be a text");
}

TEST_CASE("Fields are named by keywords, and each has a mapping of checks") {
  CHECK(in_model("fields: {}") ==
        "p.yaml:1:1: this profile asks for no field, so every unit would pass; name some under `fields` that "
        "are not optional");
  CHECK(in_model("fields: [system-uuid]") == "p.yaml:3:9: `fields` must be a mapping: keyword: { … }");
  CHECK(in_model("fields: { system-serial: {} }") ==
        "p.yaml:3:11: unknown field `system-serial`; did you mean `system-serial-number`?");
  CHECK(in_model("fields: { totally-else: {} }") == "p.yaml:3:11: unknown field `totally-else`");
  CHECK(in_model("fields: { system-uuid: needed }") ==
        "p.yaml:3:24: a mapping (`key: value` lines) is expected here");
  CHECK(in_model("fields: { system-uuid: { uniqe: true } }") ==
        "p.yaml:3:26: unknown key `uniqe`; did you mean `unique`?");
  CHECK(in_model("fields: { system-uuid: { unique: yes } }") ==
        "p.yaml:3:34: `unique` must be true, false or { within: KEYWORD }");
  CHECK(in_model("fields: { system-uuid: { unique: 'true' } }") ==
        "p.yaml:3:34: `unique` must be true, false or { within: KEYWORD }");
  CHECK(in_model("fields: { system-uuid: { optional: maybe } }") ==
        "p.yaml:3:36: `optional` must be true or false");
  CHECK(in_model("fields: { system-uuid: { unique: { in: a } } }") ==
        "p.yaml:3:34: `within` is missing\n"
        "p.yaml:3:36: unknown key `in`");
  CHECK(in_model("fields: { system-serial-number: { unique: { within: baseboard-manufactuer } } }") ==
        "p.yaml:3:53: unknown field `baseboard-manufactuer`; did you mean `baseboard-manufacturer`?");
  CHECK(in_model("fields: { system-serial-number: { unique: { within: system-serial-number } } }") ==
        "p.yaml:3:53: `system-serial-number` cannot be unique within itself");
  CHECK(in_model("fields: { chassis-type: { unique: true } }") ==
        "p.yaml:3:35: chassis-type cannot be unique; only strings and UUIDs can");
}

TEST_CASE("A check compares with a text, or with another field of the unit") {
  CHECK(in_model("fields: { system-family: { equals: null } }") ==
        "p.yaml:3:36: a text is expected here; quote words such as 'null' and '~'");
  CHECK(in_model("fields: { system-family: { equals: '' } }") ==
        "p.yaml:3:36: a text is expected here; quote words such as 'null' and '~'");
  CHECK(in_model("fields: { system-family: { equals: [a] } }") ==
        "p.yaml:3:36: a text is expected here; quote words such as 'null' and '~'");
  CHECK(in_model("fields: { system-family: { equals: { field: system-famly } } }") ==
        "p.yaml:3:45: unknown field `system-famly`; did you mean `system-family`?");
  CHECK(in_model("fields: { system-family: { equals: { field: system-family } } }") ==
        "p.yaml:3:45: `system-family` cannot be compared with itself");
  CHECK(in_model("fields: { system-family: { equals: { field: system-uuid } } }") ==
        "p.yaml:3:45: `system-uuid` is of another kind than `system-family`, so the two never compare");
  CHECK(in_model("fields: { system-family: { equals: { field: system-version, value: A } } }") ==
        "p.yaml:3:36: either `value` or `field` is expected here");
  CHECK(in_model("fields: { system-family: { equals: { severity: warning } } }") ==
        "p.yaml:3:36: either `value` or `field` is expected here");
  CHECK(in_model("fields: { system-family: { equals: { value: A, severity: warn } } }") ==
        "p.yaml:3:58: `severity` is error or warning, not `warn`");
  CHECK(in_model("fields: { system-family: { equals: { value: A, severity: fatal } } }") ==
        "p.yaml:3:58: `severity` is error or warning, not `fatal`");
  CHECK(in_model("fields: { system-family: { equals: { value: A, sevrity: warning } } }") ==
        "p.yaml:3:48: unknown key `sevrity`; did you mean `severity`?");
  CHECK(in_model("fields: { system-family: { one_of: A } }") ==
        "p.yaml:3:36: `one_of` must be a list of texts, and not empty");
  CHECK(in_model("fields: { system-family: { one_of: [] } }") ==
        "p.yaml:3:36: `one_of` must be a list of texts, and not empty");
  CHECK(in_model("fields: { system-family: { one_of: [A, [B]] } }") ==
        "p.yaml:3:40: a text is expected here; quote words such as 'null' and '~'");
  CHECK(in_model("fields: { system-family: { one_of: { severity: warning } } }") ==
        "p.yaml:3:36: `one_of` must be a list of texts, and not empty");
}

TEST_CASE("A pattern compiles, in bounded memory") {
  CHECK(in_model("fields: { system-family: { pattern: '[0-9' } }") ==
        "p.yaml:3:37: the pattern does not compile: missing ]: [0-9");
  CHECK(in_model("fields: { system-family: { pattern: '(?=a)' } }") ==
        "p.yaml:3:37: the pattern does not compile: invalid perl operator: (?=");
  CHECK(in_model("fields: { system-family: { pattern: '((a{100}){100}){100}' } }") ==
        "p.yaml:3:37: the pattern does not compile: invalid repetition size: {100}");
  CHECK(in_model("fields: { system-family: { pattern: { field: system-version } } }") ==
        "p.yaml:3:37: `value` is expected here\n"
        "p.yaml:3:39: unknown key `field`");
}

TEST_CASE("Lengths and least versions are numbers") {
  CHECK(in_model("fields: { system-family: { length: 5 } }") ==
        "p.yaml:3:36: a mapping (`key: value` lines) is expected here");
  CHECK(in_model("fields: { system-family: { length: {} } }") ==
        "p.yaml:3:36: `length` needs `at_most` or `at_least`, in bytes");
  CHECK(in_model("fields: { system-family: { length: { at_most: -1 } } }") ==
        "p.yaml:3:47: `at_most` must be a whole number in decimal digits");
  CHECK(in_model("fields: { system-family: { length: { at_most: 0 } } }") ==
        "p.yaml:3:36: no length is between these bounds");
  CHECK(in_model("fields: { system-family: { length: { at_least: 5, at_most: 4 } } }") ==
        "p.yaml:3:36: no length is between these bounds");
  CHECK(in_model("fields: { bios-version: { at_least: 'F10' } }") ==
        "p.yaml:3:37: `F10` is no dotted number such as 5.13; list what is allowed with `one_of`");
  CHECK(in_model("fields: { bios-version: { at_least: '5..1' } }") ==
        "p.yaml:3:37: `5..1` is no dotted number such as 5.13; list what is allowed with `one_of`");
}

TEST_CASE("A rule asks for a value that the field can have") {
  CHECK(in_model("fields: { system-uuid: { pattern: '.*' } }") ==
        "p.yaml:3:35: `pattern` does not go with system-uuid, which is a UUID; use `equals` or `one_of`");
  CHECK(in_model("fields: { chassis-type: { length: { at_most: 4 } } }") ==
        "p.yaml:3:35: `length` does not go with chassis-type, which is an enumeration; use `equals` or "
        "`one_of`");
  CHECK(in_model("fields: { chassis-type: { one_of: [desktop, notbook] } }") ==
        "p.yaml:3:45: `notbook` is no value of chassis-type; did you mean `notebook`?");
  CHECK(in_model("fields: { system-uuid: { equals: 1234 } }") ==
        "p.yaml:3:34: `1234` is no UUID; write 00112233-4455-6677-8899-aabbccddeeff");
}

TEST_CASE("`match` compares fields that have rules") {
  CHECK(in_model("match: [a]\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:8: `match` must be a mapping, and not empty: { keyword: [value, …] }");
  CHECK(in_model("match: { system-famly: [A] }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:10: unknown field `system-famly`; did you mean `system-family`?");
  CHECK(in_model("match: { system-family: [] }\n"
                 "fields: { system-family: }") == "p.yaml:3:25: an empty list matches no unit");
  CHECK(in_model("match: { chassis-type: desk-top }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:10: `match` names `chassis-type`, for which there is no rule; name it under `fields`\n"
        "p.yaml:3:24: `desk-top` is no value of chassis-type; did you mean `desktop`?");
  CHECK(in_model("match: { system-family: A }\n"
                 "fields: { system-uuid: }") ==
        "p.yaml:3:10: `match` names `system-family`, for which there is no rule; name it under `fields`");
}

TEST_CASE("`label` has a pattern, or a field it must equal") {
  CHECK(in_model("label: {}\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:8: `label` must be a mapping, and not empty: { pattern, equals }");
  CHECK(in_model("label: { pattern: '(' }\n"
                 "fields: { system-family: }") == "p.yaml:3:19: the pattern does not compile: missing ): (");
  CHECK(in_model("label: { equals: CX }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:18: a mapping (`key: value` lines) is expected here");
  CHECK(in_model("label: { equals: { feld: system-uuid } }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:18: `field` is missing\n"
        "p.yaml:3:20: unknown key `feld`; did you mean `field`?");
  CHECK(in_model("label: { equals: { field: system-uuid } }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:8: `label` names `system-uuid`, for which there is no rule; name it under `fields`");
  CHECK(in_model("label: { patern: 'A' }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:10: unknown key `patern`; did you mean `pattern`?");
}

TEST_CASE("Identifiers have names of their own") {
  CHECK(in_model("identifiers: { Activation: {} }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:16: `Activation` is no name of an identifier; use a-z, 0-9 and hyphens, and neither "
        "`label` nor a field's keyword");
  CHECK(in_model("identifiers: { label: {} }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:16: `label` is no name of an identifier; use a-z, 0-9 and hyphens, and neither `label` nor "
        "a field's keyword");
  CHECK(in_model("identifiers: { system-uuid: {} }\n"
                 "fields: { system-family: }") ==
        "p.yaml:3:16: `system-uuid` is no name of an identifier; use a-z, 0-9 and hyphens, and neither "
        "`label` nor a field's keyword");
  CHECK(in_model("identifiers: { sn: { unique: 1 } }\n"
                 "fields: { system-family: }") == "p.yaml:3:30: `unique` must be true or false");
  CHECK(in_model("identifiers: { sn: { within: a } }\n"
                 "fields: { system-family: }") == "p.yaml:3:22: unknown key `within`");
}

TEST_CASE("A burn has a tool, fields with rules, and the stages before and after it") {
  CHECK(in_model("burn: { fields: [system-uuid] }\n"
                 "fields: { system-uuid: }") ==
        "p.yaml:3:1: `burn` needs the stages `pre-burn` and `post-burn`; declare both under `stages`\n"
        "p.yaml:3:7: `tool` is missing");
  CHECK(in_model("burn: { tool: ../x, fields: [system-uuid] }\n"
                 "fields: { system-uuid: }\n"
                 "stages:\n"
                 "  pre-burn: { except: [system-uuid] }\n"
                 "  post-burn: { after: pre-burn }") ==
        "p.yaml:3:15: `../x` is no name of a burn tool; `tool` names a file tools/NAME.yaml, or a tool that "
        "ships\n"
        "p.yaml:6:3: stage `pre-burn` judges no field that must be there, so every unit would pass it; leave "
        "the stage out");
  CHECK(in_model("burn: { tool: x, fields: [] }\n"
                 "fields: { system-uuid: }") ==
        "p.yaml:3:1: `burn` needs the stages `pre-burn` and `post-burn`; declare both under `stages`\n"
        "p.yaml:3:26: `fields` must be a list of keywords, and not empty");
  CHECK(in_model("burn: { tool: x, fields: [system-uuid, system-uuid] }\n"
                 "fields: { system-uuid: , system-family: }\n"
                 "stages:\n"
                 "  pre-burn: { except: burn-fields }\n"
                 "  post-burn: { after: pre-burn }") == "p.yaml:3:40: `system-uuid` is named twice");
  CHECK(in_model("burn: { tool: x, fields: [system-family] }\n"
                 "fields: { system-uuid: }\n"
                 "stages:\n"
                 "  pre-burn: { except: burn-fields }\n"
                 "  post-burn: { after: pre-burn }") ==
        "p.yaml:3:27: `burn` names `system-family`, for which there is no rule; name it under `fields`");
  CHECK(in_model("burn: { tool: x, fields: [system-uuid] }\n"
                 "fields: { system-uuid: }") ==
        "p.yaml:3:1: `burn` needs the stages `pre-burn` and `post-burn`; declare both under `stages`");
  CHECK(in_model("burn: { tool: x, fields: [system-uuid] }\n"
                 "fields: { system-uuid: , system-family: }\n"
                 "stages:\n"
                 "  pre-burn: { except: burn-fields }") ==
        "p.yaml:3:1: `burn` needs the stages `pre-burn` and `post-burn`; declare both under `stages`");
  CHECK(in_model("burn: { tool: x, fields: [system-uuid] }\n"
                 "fields: { system-uuid: , system-family: }\n"
                 "stages:\n"
                 "  pre-burn: { except: burn-fields }\n"
                 "  post-burn: {}") ==
        "p.yaml:7:3: `post-burn` proves what was burnt after `pre-burn`; add `after: pre-burn`");
  CHECK(in_model("burn: { tool: x, fields: [system-uuid] }\n"
                 "fields: { system-uuid: , system-family: }\n"
                 "stages:\n"
                 "  incoming:\n"
                 "  pre-burn: {}\n"
                 "  post-burn: { after: pre-burn }") ==
        "p.yaml:6:3: stage `incoming` judges what is burnt only after it: system-uuid; add `except: "
        "burn-fields`, or list with `only` what is there already\n"
        "p.yaml:7:3: stage `pre-burn` judges what is burnt only after it: system-uuid; add `except: "
        "burn-fields`, or list with `only` what is there already");
}

TEST_CASE("Stages stand in the order of the line, and each judges something") {
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages: []") == "p.yaml:4:9: `stages` must be a mapping, and not empty: { pre-image: {} }");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages: {}") == "p.yaml:4:9: `stages` must be a mapping, and not empty: { pre-image: {} }");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  pre-imge: {}") == "p.yaml:5:3: unknown stage `pre-imge`; did you mean `pre-image`?");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: {}\n"
                 "  pre-image: {}") ==
        "p.yaml:6:3: stage `pre-image` stands before `ship` on the line; write the stages in its order: "
        "incoming, pre-burn, post-burn, pre-image, post-image, ship");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { afer: pre-image }") == "p.yaml:5:11: unknown key `afer`; did you mean `after`?");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { after: pre-imag }") ==
        "p.yaml:5:18: unknown stage `pre-imag`; did you mean `pre-image`?");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { after: pre-image }") ==
        "p.yaml:5:18: stage `pre-image` is not declared in this profile");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  pre-image: { after: ship }\n"
                 "  ship: {}") ==
        "p.yaml:5:23: `pre-image` cannot come after `ship`, which is not earlier on the line");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { after: ship }") ==
        "p.yaml:5:18: `ship` cannot come after `ship`, which is not earlier on the line");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { only: system-uuid }") ==
        "p.yaml:5:17: `only` must be the word burn-fields or a list of keywords");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { only: [] }") ==
        "p.yaml:5:17: `only` must be the word burn-fields or a list of keywords");
  CHECK(
      in_model("fields: { system-uuid: }\n"
               "stages:\n"
               "  ship: { only: [system-family, system-uuid] }") ==
      "p.yaml:5:18: stage `ship` names `system-family`, for which there is no rule; name it under `fields`");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { only: [system-uid] }") ==
        "p.yaml:5:18: unknown field `system-uid`; did you mean `system-uuid`?");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { except: burn-fields }") ==
        "p.yaml:5:19: `burn-fields` are the fields of `burn`, and this profile has no such section");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "stages:\n"
                 "  ship: { except: [system-uuid] }") ==
        "p.yaml:5:3: stage `ship` judges no field that must be there, so every unit would pass it; leave the "
        "stage out");
  CHECK(in_model("fields: { system-uuid: , system-family: }\n"
                 "stages:\n"
                 "  ship: { only: [system-uuid], except: [system-family] }") ==
        "p.yaml:5:32: a stage says either `only` or `except`");
}

TEST_CASE("`mode` is enforce or observe") {
  CHECK(in_model("fields: { system-uuid: }\n"
                 "mode: enforced") ==
        "p.yaml:4:7: `mode` is enforce or observe, not `enforced`; did you mean `enforce`?");
}

TEST_CASE("Witnesses are a list of those that there are, each once; an empty list takes back a set's") {
  const auto witnesses = [](const std::string& list) {
    return in_model("witnesses: " + list + "\nfields: { system-uuid: }");
  };
  CHECK(witnesses("[nic-mac]") == "accepted");
  CHECK(witnesses("[]") == "accepted");
  CHECK(witnesses("nic-mac") == "p.yaml:3:12: `witnesses` must be a list: [nic-mac]");
  CHECK(witnesses("") == "p.yaml:3:11: `witnesses` must be a list: [nic-mac]");
  CHECK(witnesses("[nic-mak]") == "p.yaml:3:13: there is no witness `nic-mak`; did you mean `nic-mac`?");
  CHECK(witnesses("[{ nic-mac: }]") == "p.yaml:3:13: there is no witness ``");
  CHECK(witnesses("[nic-mac, nic-mac]") == "p.yaml:3:22: `nic-mac` is named twice");
  CHECK(in_model("fields: { system-uuid: }\nstages: { ship: { only: [nic-mac] } }") ==
        "p.yaml:4:26: unknown field `nic-mac`");
}

TEST_CASE("A selector names structures of a type, and a field that they have") {
  const auto field = [](const std::string& name) {
    return in_model("fields: { '" + name + "': , system-uuid: }");
  };
  CHECK(field("type-17[*].part-number") == "accepted");
  CHECK(field("type-17[1].memory-device-part-number") == "accepted");
  CHECK(field("type-17.part-number") == "accepted");
  CHECK(field("type-17[size!=No Module Installed].part-number") == "accepted");
  CHECK(field("type-17[device-locator=DIMM [0].A=1].part-number") == "accepted");
  CHECK(field("type-17[*].part-numbr") ==
        "p.yaml:3:11: Type 17 has no field `part-numbr`; did you mean `part-number`?");
  CHECK(field("type-17[0].part-number") ==
        "p.yaml:3:11: `0` selects nothing; write [*] for each, [2] for the second, or [KEYWORD=VALUE] or "
        "[KEYWORD!=VALUE]");
  CHECK(field("type-17[].part-number").find("selects nothing") != std::string::npos);
  CHECK(field("type-17[sise=0].part-number").find("Type 17 has no field `sise`") != std::string::npos);
  CHECK(field("type-300[*].part-number") == "p.yaml:3:11: unknown field `type-300[*].part-number`");
  CHECK(field("type-200[*].part-number") == "p.yaml:3:11: Type 200 has no field `part-number`");
  CHECK(in_model(
            "fields: { 'type-1.serial-number': { equals: A1B }, system-serial-number: { equals: C2D } }") ==
        "p.yaml:3:52: `system-serial-number` is named twice");
  CHECK(in_model("fields: { 'type-17[*].serial-number': { unique: true }, system-uuid: }") ==
        "p.yaml:3:49: a field of several structures cannot be unique: a unit holds one value of it");
  CHECK(
      in_model("fields: { system-uuid: , system-family: { equals: { field: 'type-17[*].part-number' } } }") ==
      "p.yaml:3:60: a selector cannot stand here; name the field by its keyword");
}

TEST_CASE("Structures are counted by type") {
  const auto structures = [](const std::string& list) {
    return in_model("structures: [" + list + "]\nfields: { system-uuid: }");
  };
  CHECK(structures("{ type: 17, count: { at_least: 1, at_most: 4 } }") == "accepted");
  CHECK(structures("17") == "p.yaml:3:14: a mapping (`key: value` lines) is expected here");
  CHECK(structures("{ type: 17 }") == "p.yaml:3:14: `count` is missing");
  CHECK(structures("{ count: { at_least: 1 } }") == "p.yaml:3:14: `type` is missing");
  CHECK(structures("{ type: 256, count: { at_least: 1 } }") ==
        "p.yaml:3:22: types of structures are 0 to 255");
  CHECK(structures("{ type: 17, count: {} }") == "p.yaml:3:33: `at_least` or `at_most` is expected here");
  CHECK(structures("{ type: 17, count: { at_least: 2, at_most: 1 } }") ==
        "p.yaml:3:33: no number is between these bounds");
  CHECK(structures("{ type: 17, count: { at_least: 2 } }, { type: 17, count: { at_most: 4 } }") ==
        "p.yaml:3:52: Type 17 is counted twice");
  CHECK(in_model("structures: 17\nfields: { system-uuid: }") ==
        "p.yaml:3:13: `structures` must be a list: - { … }");
}

TEST_CASE("What is asked of hardware can be met") {
  const auto hardware = [](const std::string& rules) {
    return in_model("hardware: { " + rules + " }\nfields: { system-uuid: }");
  };
  CHECK(hardware("system-disk: { removable: false, serial: { at_most_bytes: 64 } }") == "accepted");
  CHECK(hardware("system-disk: { serial: }") == "accepted");
  CHECK(hardware("fixed-disks: { at_most: 1 }, physical-nics: { at_least: 1, severity: warning }") ==
        "accepted");
  CHECK(hardware("clock: { within: 5m }") == "accepted");
  CHECK(hardware("system-disk: {}") == "p.yaml:3:26: `removable` or `serial` is expected here");
  CHECK(hardware("system-disk: { removabel: false }") ==
        "p.yaml:3:26: `removable` or `serial` is expected here\n"
        "p.yaml:3:28: unknown key `removabel`; did you mean `removable`?");
  CHECK(hardware("system-disk: { serial: { at_most_bytes: 0 } }") ==
        "p.yaml:3:36: no serial is as short as that");
  CHECK(hardware("fixed-disks: 1") == "p.yaml:3:26: a mapping (`key: value` lines) is expected here");
  CHECK(hardware("fixed-disks: { at_least: 2, at_most: 1 }") ==
        "p.yaml:3:26: no number is between these bounds");
  CHECK(hardware("clock: { within: 5 }") ==
        "p.yaml:3:30: `within` is a time such as 90s, 5m or 1h, at most a day");
  CHECK(hardware("clock: {}") == "p.yaml:3:20: `within` is missing");
  CHECK(hardware("fixed-disk: { at_most: 1 }") ==
        "p.yaml:3:13: unknown key `fixed-disk`; did you mean `fixed-disks`?");
}

TEST_CASE("A waiver names a rule that can be waived, a day, a person and a reason") {
  const auto waiver = [](const std::string& text) {
    return in_model("waivers: [{ " + text + " }]\nfields: { system-uuid: }");
  };
  CHECK(
      waiver("rule: field.length, field: system-sku-number, until: 2026-12-31, by: QA, reason: old stock") ==
      "accepted");
  CHECK(waiver("rule: field.lenght, until: 2026-12-31, by: QA, reason: r") ==
        "p.yaml:3:19: there is no rule `field.lenght`; did you mean `field.length`?");
  CHECK(waiver("rule: unique.duplicate, until: 2026-12-31, by: QA, reason: r") ==
        "p.yaml:3:19: `unique.duplicate` cannot be waived: it keeps units apart, or says that one was not "
        "judged");
  for (const char* rule : {"table.truncated", "structure.missing", "field.unknown", "disk.unknown"}) {
    CHECK(waiver("rule: " + std::string(rule) + ", until: 2026-12-31, by: QA, reason: r")
              .find("cannot be waived") != std::string::npos);
  }
  CHECK(waiver("rule: field.length, until: 2026-02-30, by: QA, reason: r") ==
        "p.yaml:3:40: `until` is a day such as 2026-12-31");
  CHECK(waiver("rule: field.length, until: 31.12.2026, by: QA, reason: r") ==
        "p.yaml:3:40: `until` is a day such as 2026-12-31");
  CHECK(waiver("rule: field.length, until: 2026-12-31, by: ' ', reason: r") == "p.yaml:3:56: `by` is blank");
  CHECK(waiver("rule: field.length, until: 2026-12-31") ==
        "p.yaml:3:11: `by` is missing\np.yaml:3:11: `reason` is missing");
}

TEST_CASE("A stage names rules that there are") {
  const auto stage = [](const std::string& text) {
    return in_model("fields: { system-uuid: }\nhardware: { clock: { within: 5m } }\nstages: { ship: { " +
                    text + " } }");
  };
  CHECK(stage("only: [clock]") == "accepted");
  CHECK(stage("except: [clock]") == "accepted");
  CHECK(stage("wmi: required, waivers: refused") == "accepted");
  CHECK(stage("only: [fixed-disks]").find("there is no rule for `fixed-disks`; name it under `hardware`") !=
        std::string::npos);
  CHECK(stage("except: [structures]") == "p.yaml:5:28: this profile has no `structures`");
  CHECK(stage("wmi: optional") == "p.yaml:5:24: `wmi` is required, not `optional`");
  CHECK(stage("waivers: none") == "p.yaml:5:28: `waivers` is refused, not `none`");
}

TEST_CASE("`text` is accept or refuse") {
  CHECK(in_model("fields: { system-uuid: }\n"
                 "text: refused") ==
        "p.yaml:4:7: `text` is accept or refuse, not `refused`; did you mean `refuse`?");
}

TEST_CASE("`extends` names sets that are there") {
  CHECK(in_model("fields: { system-uuid: }\n"
                 "extends: cmge") == "p.yaml:4:10: `extends` must be a list: [cmge]");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "extends: [cmeg]") ==
        "p.yaml:4:11: there is no profile or base set `cmeg`; did you mean `cmge`?");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "extends: [cmge, cmge]") == "p.yaml:4:17: `cmge` is named twice");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "extends: [../cmge]") == "p.yaml:4:11: an item of `extends` must be the name of a base set");
  CHECK(in_model("fields: { system-uuid: }\n"
                 "extends: [m]") == "p.yaml:4:11: `m` extends itself: m -> m");
}

TEST_CASE("All problems are told, in the order of the file") {
  CHECK(in_model("hardwear: {}\n"
                 "versoin: 2\n"
                 "fields: { system-uuid: { unique: maybe, equals: x }, system-famly: }\n"
                 "stages: { shp: {} }") ==
        "p.yaml:3:1: unknown key `hardwear`; did you mean `hardware`?\n"
        "p.yaml:4:1: unknown key `versoin`; did you mean `version`?\n"
        "p.yaml:5:34: `unique` must be true, false or { within: KEYWORD }\n"
        "p.yaml:5:49: `x` is no UUID; write 00112233-4455-6677-8899-aabbccddeeff\n"
        "p.yaml:5:54: unknown field `system-famly`; did you mean `system-family`?\n"
        "p.yaml:6:11: unknown stage `shp`; did you mean `ship`?");
}

TEST_CASE("A pattern longer than a pattern may be is refused") {
  const std::string pattern(1025, 'a');
  CHECK(in_model("fields: { system-family: { pattern: " + pattern + " } }") ==
        "p.yaml:3:37: a pattern may have 1024 bytes; this one is longer");
  CHECK(in_model("fields: { system-family: { pattern: " + pattern.substr(1) + " } }") == "accepted");
}

TEST_CASE("A file that is no YAML is told as such, and nothing else") {
  CHECK(in_model("fields: [") ==
        "p.yaml:3:1: not YAML: did not find expected node content while parsing a flow node");
  CHECK(in_model("description: \"cut off here").starts_with("p.yaml:3:"));
  CHECK(in_model("description: \"cut off here\n").starts_with("p.yaml:3:"));
  CHECK(problems("") == "p.yaml:1:1: a mapping (`key: value` lines) is expected here");
}

}  // namespace dmigate::profiles
