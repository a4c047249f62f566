// profile lint: what is wrong with a profile and what is odd about it, each at its place.
#include "profiles/lint.h"

#include <doctest/doctest.h>

#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

using test::Folder;

constexpr const char* kToday = "2026-11-20";

// "3:5 error: …", in order; the file before it where it is another.
std::vector<std::string> linted(const Folder& folder, const std::vector<std::string>& files) {
  std::vector<std::string> paths;
  for (const std::string& file : files)
    paths.push_back(file.find('.') == std::string::npos ? file : folder.file(file));
  std::vector<std::string> all;
  for (const Note& note : lint(paths, folder.catalog(), kToday)) {
    std::string text =
        note.file == paths[0] ? "" : std::filesystem::path(note.file).filename().string() + " ";
    if (note.mark.line > 0)
      text += std::to_string(note.mark.line) + ":" + std::to_string(note.mark.column) + " ";
    all.push_back(text + (note.severity == Severity::kError ? "error: " : "warning: ") + note.message);
  }
  return all;
}

std::vector<std::string> linted(const std::string& snippet) {
  const Folder folder;
  folder.write(
      "m.yaml",
      "profile: m\nversion: 1\nmatch: { system-product-name: [M] }\nstages: { ship: {} }\n" + snippet);
  return linted(folder, {"m.yaml"});
}

// The one note, or all of them where there is not one.
std::string only(const std::vector<std::string>& notes) {
  std::string all;
  for (const std::string& note : notes) all += (all.empty() ? "" : " | ") + note;
  return all;
}

std::string fields(const std::string& rules) { return "fields:\n  system-product-name: {}\n" + rules; }

}  // namespace

TEST_CASE("a profile that says nothing odd has no notes") {
  CHECK(only(linted(fields("  system-serial-number: { pattern: 'CX[0-9]{7}', unique: true }\n"))).empty());
}

TEST_CASE("a witness that cannot tell a copy, and one that a set asks for and the model does not, are odd") {
  const std::string unique = fields("  system-serial-number: { unique: true }\n");
  const std::string card = "hardware: { physical-nics: { at_least: 1 } }\n";
  CHECK(only(linted(unique + card + "witnesses: [nic-mac]\n")).empty());
  CHECK(only(linted(fields("") + card + "witnesses: [nic-mac]\n")) ==
        "8:13 warning: no field is unique here: a copy of a unit's DMI is not known as one");
  constexpr const char* kNoCard =
      "8:13 warning: a unit without a network card has no witness; ask for one with `physical-nics: { "
      "at_least: 1 }`";
  CHECK(only(linted(unique + "witnesses: [nic-mac]\n")) == kNoCard);
  for (const char* weak : {"at_most: 2", "at_least: 0", "at_least: 1, severity: warning"}) {
    CHECK(only(linted(unique + "witnesses: [nic-mac]\nhardware: { physical-nics: { " + weak + " } }\n")) ==
          kNoCard);
  }
  const Folder folder;
  folder.write("plant.yaml", "profile: plant\nwitnesses: [nic-mac]\nfields: { system-uuid: {} }\n" + card);
  const std::string model =
      "profile: m\nversion: 1\nextends: [plant]\nmatch: { system-uuid: "
      "[00112233-4455-6677-8899-aabbccddeeff] }\nstages: { ship: {} }\nfields: { "
      "system-uuid: { unique: true } }\n";
  folder.write("m.yaml", model);
  CHECK(only(linted(folder, {"m.yaml"})).empty());
  folder.write("m.yaml", model + "witnesses: []\n");
  CHECK(only(linted(folder, {"m.yaml"})) == "7:12 warning: `nic-mac` is a witness by plant, and not here");
}

TEST_CASE("what ships has no notes") {
  const Folder folder;
  for (const char* name : {"smbios-spec", "windows-oem", "cmge"}) CHECK(only(linted(folder, {name})).empty());
}

TEST_CASE("what the loader refuses is an error at its place, all of it at once") {
  const auto notes = linted(fields("  sytem-uuid: {}\n  system-family: { patern: x }\n"));
  REQUIRE(notes.size() == 2);
  CHECK(notes[0] == "7:3 error: unknown field `sytem-uuid`; did you mean `system-uuid`?");
  CHECK(notes[1] == "8:20 error: unknown key `patern`; did you mean `pattern`?");
}

TEST_CASE("what is no YAML, no text, and no file is an error") {
  const Folder folder;
  const struct {
    const char* text;
    const char* note;
  } bad[] = {
      {"", "1:1 error: a mapping (`key: value` lines) is expected here"},
      {"profile: [\n", "1:1 error: not YAML: did not find expected node content while parsing a flow node"},
      {"profile: a\xFF\n", "1:11 error: the file is not UTF-8 here; save it as UTF-8"},
      {"a: 1\na: 2\n", "2:1 error: "},
      {"just words\n", "1:1 error: "},
      {"- a\n- list\n", "1:1 error: "},
  };
  for (const auto& [text, note] : bad) {
    CAPTURE(std::string(text));
    folder.write("bad.yaml", text);
    const auto notes = linted(folder, {"bad.yaml"});
    REQUIRE_FALSE(notes.empty());
    CHECK_MESSAGE(notes[0].starts_with(note), notes[0]);
  }
  CHECK(only(linted(folder, {"missing.yaml"})).starts_with("error: cannot be read: No such file"));
  CHECK(only(linted(folder, {"nosuch"})).find("there is no profile or base set `nosuch`") !=
        std::string::npos);
}

TEST_CASE("a file cut off anywhere gives errors or none, and never a fault of lint's") {
  const Folder folder;
  const std::string whole =
      "profile: m\nversion: 1\nextends: [cmge]\nmatch: { system-product-name: [M] }\nlabel: { pattern: "
      "'AX[0-9]{4}', "
      "equals: { field: system-serial-number } }\nfields:\n  system-product-name: { equals: M }\n"
      "  system-serial-number: { pattern: 'AX[0-9]{4}', one_of: [AX1725, AX1803] }\nhardware: { clock: { "
      "within: 5m } }\n"
      "stages: { ship: { waivers: refused } }\nwaivers:\n  - { rule: field.length, until: 2027-01-01, by: q, "
      "reason: "
      "r }\nunconfirmed: [a]\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    folder.write("cut.yaml", whole.substr(0, size));
    const auto notes = linted(folder, {"cut.yaml"});
    if (size < 30) CHECK_FALSE(notes.empty());
  }
  folder.write("cut.yaml", whole);
  CHECK(only(linted(folder, {"cut.yaml"})) == "13:15 warning: unconfirmed: a");
}

TEST_CASE("what is not confirmed is told until it is removed") {
  const auto notes =
      linted(fields("  system-family: { unconfirmed: is it needed? }\n") + "unconfirmed: [the stages]\n");
  REQUIRE(notes.size() == 2);
  CHECK(notes[0] == "7:33 warning: unconfirmed: system-family: is it needed?");
  CHECK(notes[1] == "8:15 warning: unconfirmed: the stages");
}

TEST_CASE("a value that another check of its field refuses can be on no unit") {
  const struct {
    const char* rule;
    const char* note;
  } contradictions[] = {
      {"{ equals: CX1, pattern: 'CX[0-9]{7}' }",
       "7:35 error: `system-serial-number`: `equals` asks for `CX1`, which `pattern` refuses; no unit can "
       "pass"},
      {"{ equals: CX12, length: { at_most: 3 } }",
       "7:35 error: `system-serial-number`: `equals` asks for `CX12`, which `length` refuses; no unit can "
       "pass"},
      {"{ equals: CX12, one_of: [AX17, BX25] }",
       "7:35 error: `system-serial-number`: `equals` asks for `CX12`, which `one_of` refuses; no unit can "
       "pass"},
      {"{ one_of: [AX17, BX25], starts_with: C }",
       "7:35 error: `system-serial-number`: `one_of` asks for `AX17`, `BX25`, which `starts_with` refuses; "
       "no unit "
       "can pass"},
      {"{ equals: CX1, not_contains: cx }",
       "7:35 error: `system-serial-number`: `equals` asks for `CX1`, which `not_contains` refuses; no unit "
       "can pass"},
      {"{ one_of: [AX17, BX25], pattern: 'AX17' }",
       "7:35 warning: `system-serial-number`: `one_of` asks for `BX25`, which `pattern` refuses"},
      {"{ equals: CX1, pattern: { value: 'A', severity: warning } }",
       "7:35 warning: `system-serial-number`: `equals` asks for `CX1`, which `pattern` refuses; every unit "
       "gets a "
       "warning"},
      {"{ equals: Default string }",
       "7:35 error: `system-serial-number`: `equals` asks for `Default "
       "string`, which is a placeholder; no unit can pass"},
      {"{ equals: { field: system-product-name }, not_contains: { field: system-product-name } }",
       "7:81 error: `system-serial-number` must equal `system-product-name` and must not contain it; no unit "
       "can "
       "pass"},
  };
  for (const auto& [rule, note] : contradictions) {
    CAPTURE(rule);
    CHECK(only(linted(fields("  system-serial-number: " + std::string(rule) + "\n"))) == note);
  }
  CHECK(only(linted(
                 fields("  system-serial-number: { equals: CX1, pattern: 'CX.', length: { at_most: 3 } }\n")))
            .empty());
}

TEST_CASE("patterns that no value matches both of contradict each other") {
  const std::string label = "label: { pattern: 'CX[0-9]{7}', equals: { field: system-serial-number } }\n";
  CHECK(only(linted(label + fields("  system-serial-number: { pattern: 'CXS[0-9]{6}' }\n"))) ==
        "5:8 error: the label's pattern and `system-serial-number`, which it must equal, contradict each "
        "other: no "
        "value matches both patterns");
  CHECK(only(linted(label + fields("  system-serial-number: { pattern: 'CX[0-9]{6,7}' }\n"))).empty());
  CHECK(only(linted(label + fields("  system-serial-number: { equals: CX1 }\n"))) ==
        "5:8 error: the label's pattern and `system-serial-number`, which it must equal, contradict each "
        "other: the "
        "pattern refuses every value of the field");
  CHECK(
      only(linted(fields("  system-serial-number: { pattern: 'A[0-9]' }\n  chassis-serial-number: { pattern: "
                         "'B[0-9]', equals: { field: system-serial-number } }\n"))) ==
      "8:37 error: `chassis-serial-number` must equal `system-serial-number`, and no value matches the "
      "patterns of "
      "both");
}

TEST_CASE("a field that is burnt and judged before it is burnt is refused, and so are stages in a circle") {
  const Folder folder;
  folder.write("burnt.yaml",
               "profile: burnt\nversion: 1\nfields: { system-serial-number: {}, system-family: {} }\n"
               "burn: { tool: amidewin, fields: [system-serial-number] }\nstages:\n  pre-burn: {}\n"
               "  post-burn: { after: pre-burn }\n");
  CHECK(only(linted(folder, {"burnt.yaml"}))
            .starts_with("6:3 error: stage `pre-burn` judges what is burnt only after"));
  folder.write(
      "circle.yaml",
      "profile: circle\nversion: 1\nfields: { system-family: {} }\nstages:\n  pre-image: { after: ship }\n"
      "  ship: { after: pre-image }\n");
  CHECK(only(linted(folder, {"circle.yaml"})) ==
        "5:23 error: `pre-image` cannot come after `ship`, which is not earlier on the line");
}

TEST_CASE("a waiver that does nothing is told") {
  const auto waiver = [](const std::string& field, const std::string& until) {
    return fields("") + "waivers:\n  - { rule: field.length, field: " + field + ", until: " + until +
           ", by: quality, reason: stock }\n";
  };
  CHECK(only(linted(waiver("system-product-name", "2026-11-20"))).empty());
  CHECK(
      only(linted(waiver("system-product-name", "2026-11-19"))) ==
      "8:5 warning: the waiver of `field.length` by quality expired on 2026-11-19: it does nothing any more");
  CHECK(only(linted(waiver("system-sku-number", "2026-12-31"))) ==
        "8:5 warning: the waiver names `system-sku-number`, for which this profile has no rule: it does "
        "nothing");
}

TEST_CASE("a unique field that is optional is told") {
  CHECK(only(linted(fields("  system-uuid: { unique: true, optional: true }\n"))) ==
        "7:26 warning: `system-uuid` is unique and optional: units without it are not told apart by it");
}

TEST_CASE("what asks for less than the set that it extends is told where it does") {
  const auto notes = linted("extends: [cmge]\n" + fields("  system-serial-number: { unique: false }\n"
                                                         "  system-family: { optional: true }\n"));
  REQUIRE(notes.size() == 2);
  CHECK(notes[0] == "8:35 warning: `system-serial-number` is unique by cmge, and not here");
  CHECK(notes[1] == "9:30 warning: `system-family` must be there by windows-oem, and is optional here");
  const Folder folder;
  folder.write("strict.yaml",
               "profile: strict\nfields:\n  system-family: { length: { at_most: 8 }, pattern: A }\n");
  folder.write("m.yaml",
               "profile: m\nversion: 1\nextends: [strict]\nfields:\n  system-family: { length: { at_most: 9 "
               "}, pattern: "
               "{ value: A, severity: warning } }\n");
  CHECK(linted(folder, {"m.yaml"}).size() == 2);
}

TEST_CASE("two models that match one unit are an error, two that may a warning") {
  const auto model = [](const std::string& name, const std::string& more) {
    return "profile: " + name + "\nversion: 1\n" + more +
           "fields: { system-product-name: {}, baseboard-product-name: {}, system-serial-number: {} }\n"
           "stages: { ship: {} }\n";
  };
  const struct {
    const char* a;
    const char* b;
    const char* note;  ///< its beginning, after the names; empty: none
  } pairs[] = {
      {"match: { system-product-name: [A, B] }\n", "match: { system-product-name: [B, C] }\n",
       "error: `a` (FILE) and `b` match the same units"},
      {"match: { system-product-name: [A, B] }\n", "match: { system-product-name: [C] }\n", ""},
      {"match: { system-product-name: [A], baseboard-product-name: [X] }\n",
       "match: { system-product-name: [A], baseboard-product-name: [Y] }\n", ""},
      {"match: { system-product-name: [A], baseboard-product-name: [X] }\n",
       "match: { system-product-name: [A] }\n", "warning: `a` (FILE) and `b` may match the same unit"},
      {"label: { pattern: 'A[0-9]{3}' }\n", "label: { pattern: '[A-Z][0-9]{3}' }\n",
       "error: `a` (FILE) and `b` are for units with the same labels"},
      {"label: { pattern: 'A[0-9]{3}' }\n", "label: { pattern: 'B[0-9]{3}' }\n", ""},
      {"match: { system-product-name: [A] }\nlabel: { pattern: 'A[0-9]{3}' }\n",
       "match: { system-product-name: [A] }\nlabel: { pattern: 'B[0-9]{3}' }\n",
       "warning: `a` (FILE) and `b` match the same units: only a scanned label"},
      {"match: { system-product-name: [A] }\nlabel: { pattern: 'A[0-9]{3}' }\n",
       "match: { system-product-name: [B] }\nlabel: { pattern: 'A[0-9]{3}' }\n", ""},
  };
  for (const auto& [a, b, note] : pairs) {
    CAPTURE(std::string(a) + b);
    const Folder folder;
    const std::string file = folder.write("a.yaml", model("a", a));
    folder.write("b.yaml", model("b", b));
    for (const std::vector<std::string>& files : {std::vector<std::string>{"b.yaml"}, {"b.yaml", "a.yaml"}}) {
      std::string expected = note;
      // Of two that are linted, the later is told of the earlier.
      const bool both = files.size() == 2;
      std::string told = only(linted(folder, files));
      if (expected.empty()) {
        CHECK(told.empty());
        continue;
      }
      CHECK(told.find(both ? "a.yaml 3:" : "3:") == 0);
      if (!both) {
        expected.replace(expected.find("FILE"), 4, file);
        CHECK_MESSAGE(told.find(expected) != std::string::npos, told);
      }
    }
  }
}

TEST_CASE("one model in two files is an error") {
  const Folder folder;
  const std::string text =
      "profile: m\nversion: 1\nmatch: { system-product-name: [M] }\nfields: { "
      "system-product-name: {} }\nstages: { ship: {} }\n";
  folder.write("m.yaml", text);
  folder.write("copy.yml", text);
  const auto notes = linted(folder, {"copy.yml"});
  CHECK(only(notes).find("error: the profile `m` is in ") == 0);
}

TEST_CASE("what `match` cannot find is told: a stage that does not judge its field, no stage, no match") {
  const Folder folder;
  const std::string fields = "fields: { system-product-name: {}, system-family: {} }\n";
  folder.write("m.yaml", "profile: m\nversion: 1\nmatch: { system-product-name: [M] }\n" + fields +
                             "stages: { incoming: { only: [system-family] }, ship: {} }\n");
  CHECK(only(linted(folder, {"m.yaml"})) ==
        "3:10 warning: stage `incoming` does not judge `system-product-name`, so `match` does not find this "
        "profile "
        "there");
  folder.write("m.yaml", "profile: m\nversion: 1\nmatch: { system-product-name: [M] }\n" + fields);
  CHECK(only(linted(folder, {"m.yaml"})).starts_with("3:10 warning: this profile has no `stages`"));
  folder.write("m.yaml", "profile: m\nversion: 1\n" + fields + "stages: { ship: {} }\n");
  CHECK(only(linted(folder, {"m.yaml"}))
            .starts_with("warning: this profile has neither `match` nor a label pattern"));
}

TEST_CASE("a burn tool that is not there, or cannot write a field, is told") {
  const std::string rest =
      "fields: { system-product-name: {}, system-serial-number: {}, bios-version: {} }\n";
  const auto model = [&](const std::string& burn) {
    return "profile: m\nversion: 1\nmatch: { system-product-name: [M] }\n" + rest + burn +
           "stages:\n  pre-burn: { except: burn-fields }\n  post-burn: { after: pre-burn }\n";
  };
  const Folder folder;
  folder.write("m.yaml", model("burn: { tool: nosuch, fields: [system-serial-number] }\n"));
  CHECK(only(linted(folder, {"m.yaml"})).starts_with("5:1 warning: the burn tool cannot be used: "));
  folder.write("m.yaml", model("burn: { tool: amidewin, fields: [bios-version] }\n"));
  CHECK(only(linted(folder, {"m.yaml"})) ==
        "5:1 warning: the burn tool `amidewin` has no switch for `bios-version`");
}

TEST_CASE("a burn tool is linted as such, and a set that has no version is told to be one") {
  const Folder folder;
  folder.write("tools/t.yaml", "tool: t\ncomand: burn\n");
  folder.write("plant.yaml", "profile: plant\nfields: { system-family: {} }\n");
  const auto files = files_of_folder(folder.catalog().folders[0]);
  REQUIRE(files);
  CHECK(files->size() == 2);
  const auto notes = linted(folder, {"plant.yaml", "tools/t.yaml"});
  REQUIRE(notes.size() >= 2);
  CHECK(notes[0].starts_with("warning: this file has no `version`"));
  CHECK(only(notes).find("t.yaml 2:1 error: unknown key `comand`; did you mean `command`?") !=
        std::string::npos);
  CHECK_FALSE(files_of_folder(folder.file("nowhere")));
}

TEST_CASE("a plant's own list of placeholders is linted with its folder, and counts") {
  const Folder folder;
  folder.write("placeholders.yaml", "values: [ACME-SN]\n");
  folder.write(
      "m.yaml",
      "profile: m\nversion: 1\nmatch: { system-sku-number: [X] }\nfields: { system-sku-number: { equals: "
      "ACME-SN } }\nstages: { ship: {} }\n");
  CHECK(only(linted(folder, {"m.yaml"})).find("which is a placeholder; no unit can pass") !=
        std::string::npos);
  CHECK(only(linted(folder, {"placeholders.yaml"})).empty());
  folder.write("placeholders.yaml", "valeus: [A]\n");
  CHECK(only(linted(folder, {"placeholders.yaml"})).find("unknown key `valeus`") != std::string::npos);
}

}  // namespace dmigate::profiles
