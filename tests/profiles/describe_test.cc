// profile show, list and diff: what a profile says and where each rule comes from; what two say otherwise.
#include "profiles/describe.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

using test::Folder;

constexpr const char* kDescribed = R"(profile: m
version: 3
extends: [cmge]
match: { system-product-name: [A, B] }
label: { pattern: 'CX[0-9]{7}', equals: { field: system-serial-number } }
identifiers: { activation-sn: { pattern: '[0-9]+', unique: true, optional: true } }
fields:
  system-family: { length: { at_most: 8 }, one_of: [X, Y] }
  baseboard-features: {}
structures:
  - { type: 17, count: { at_least: 1 } }
hardware:
  clock: { within: 5m }
  system-disk: { removable: false, serial: { at_most_bytes: 64 } }
  fixed-disks: { at_most: 1 }
witnesses: [nic-mac]
burn: { tool: amidewin, fields: [system-serial-number, system-uuid] }
stages:
  pre-burn: { except: burn-fields }
  post-burn: { after: pre-burn }
  ship: { only: [system-uuid, clock], waivers: refused }
waivers:
  - { rule: field.length, field: system-family, until: 2026-12-31, by: q, reason: r }
)";

Profile parse_described(const std::string& text, const Catalog& catalog = {}) {
  auto profile = parse_profile(text, "m.yaml", catalog);
  REQUIRE_MESSAGE(profile.has_value(), profile.error().to_string());
  return std::move(*profile);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// "fields system-family length: at most 8 bytes [m m.yaml:8]"
std::vector<std::string> lines(const Profile& profile) {
  std::vector<std::string> all;
  for (const Statement& each : describe(profile)) {
    all.push_back(each.section + " " + each.name + (each.name.empty() ? "" : " ") + each.what +
                  (each.value.empty() ? "" : ": " + each.value) +
                  (each.severity == Severity::kWarning ? " (warning)" : "") + " [" + each.origin.file + ":" +
                  std::to_string(each.origin.mark.line) + "]");
  }
  return all;
}

bool holds_line(const std::vector<std::string>& all, const std::string& line) {
  return std::find(all.begin(), all.end(), line) != all.end();
}

// "~ system-family length", "+ …", "- …"
std::vector<std::string> changes(const std::string& before, const std::string& after) {
  std::vector<std::string> all;
  for (const Change& change : diff(parse_described(before), parse_described(after))) {
    const Statement& named = change.kind == Change::Kind::kAdded ? change.after : change.before;
    all.push_back(std::string(change.kind == Change::Kind::kAdded     ? "+ "
                              : change.kind == Change::Kind::kRemoved ? "- "
                                                                      : "~ ") +
                  named.section + " " + named.name + (named.name.empty() ? "" : " ") + named.what);
  }
  return all;
}

}  // namespace

TEST_CASE("every rule is told with the file and line that it comes from, inherited ones too") {
  const auto all = lines(parse_described(kDescribed));
  for (const char* line : {
           "match system-product-name one_of: A, B [m.yaml:4]",
           "label pattern: CX[0-9]{7} [m.yaml:5]",
           "label equals: the field system-serial-number [m.yaml:5]",
           "identifiers activation-sn unique [m.yaml:6]",
           "fields system-family length: at most 8 bytes [m.yaml:8]",
           "fields system-family one_of: X, Y [m.yaml:8]",
           "fields baseboard-features required [m.yaml:9]",
           "structures type 17 count: at least 1 [m.yaml:11]",
           "hardware clock within: 5m [m.yaml:13]",
           "hardware system-disk removable: false [m.yaml:14]",
           "hardware system-disk serial: at most 64 bytes [m.yaml:14]",
           "witnesses nic-mac required [m.yaml:16]",
           "burn fields: system-serial-number, system-uuid [m.yaml:17]",
           "stages pre-burn judges all but: system-serial-number, system-uuid [m.yaml:19]",
           "stages post-burn after: pre-burn [m.yaml:20]",
           "stages ship judges only: system-uuid, clock [m.yaml:21]",
           "stages ship waivers: refused [m.yaml:21]",
           "waivers field.length system-family: until 2026-12-31 by q: r [m.yaml:23]",
       })
    CHECK_MESSAGE(holds_line(all, line), line);
  const auto from = [&](const std::string& beginning, const std::string& file) {
    return std::any_of(all.begin(), all.end(), [&](const std::string& line) {
      return line.starts_with(beginning) && line.find("[" + file + ":") != std::string::npos;
    });
  };
  CHECK(from("fields system-uuid unique", "catalog/cmge.yaml"));
  CHECK(from("fields system-family not_contains: the field system-manufacturer (warning)",
             "catalog/windows-oem.yaml"));
  CHECK(from("fields baseboard-serial-number unique: within baseboard-manufacturer", "catalog/cmge.yaml"));
}

TEST_CASE("every check of a profile is told, so that none can change unseen") {
  // Whatever a profile may say of a field: each appears among the statements.
  const Profile profile = parse_described(
      "profile: m\nversion: 1\nfields:\n  system-sku-number: { equals: A, one_of: [A], pattern: A, contains: "
      "A, "
      "not_contains: B, starts_with: A, length: { at_least: 1 }, unique: true, optional: true }\n"
      "  bios-version: { at_least: 5.1 }\n");
  std::vector<std::string> told;
  for (const Statement& each : describe(profile)) told.push_back(each.what);
  for (const char* what : {"equals", "one_of", "pattern", "contains", "not_contains", "starts_with", "length",
                           "at_least", "unique", "optional"})
    CHECK_MESSAGE(std::find(told.begin(), told.end(), what) != told.end(), what);
}

TEST_CASE("order, comments, quotes and the words of a list's order change no meaning") {
  CHECK(changes(kDescribed, kDescribed).empty());
  std::string other = "# another\n" + replaced(kDescribed, "[A, B]", "['B', \"A\"]");
  other = replaced(other, "fields: [system-serial-number, system-uuid]",
                   "fields: [system-uuid, system-serial-number]");
  other = replaced(other, "length: { at_most: 8 }, one_of: [X, Y]", "one_of: [Y, X], length: { at_most: 8 }");
  other = replaced(other, "  clock: { within: 5m }\n", "  clock: { within: 300s }\n");
  CHECK(changes(kDescribed, other).empty());
}

TEST_CASE("each change of meaning is one change, of the right kind") {
  using Words = std::vector<std::string>;
  const struct {
    const char* from;
    const char* to;
    Words changes;
  } edits[] = {
      {"version: 3", "version: 4", {"~ profile version"}},
      {"at_most: 8", "at_most: 9", {"~ fields system-family length"}},
      {"at_most: 8", "at_most: 8, severity: warning", {"~ fields system-family length"}},
      {", one_of: [X, Y]", "", {"- fields system-family one_of"}},
      {"  baseboard-features: {}\n", "", {"- fields baseboard-features required"}},
      {"baseboard-features: {}",
       "baseboard-features: { optional: true }",
       {"~ fields baseboard-features required"}},
      {"  baseboard-features: {}\n",
       "  baseboard-features: {}\n  bios-vendor: {}\n",
       {"+ fields bios-vendor required"}},
      {"at_least: 1", "at_least: 2", {"~ structures type 17 count"}},
      {"within: 5m", "within: 6m", {"~ hardware clock within"}},
      {"removable: false", "removable: true", {"~ hardware system-disk removable"}},
      {"witnesses: [nic-mac]\n", "", {"- witnesses nic-mac required"}},
      {"witnesses: [nic-mac]\n", "witnesses: []\n", {"- witnesses nic-mac required"}},
      {"tool: amidewin", "tool: h2osde", {"~ burn tool"}},
      {", waivers: refused", "", {"- stages ship waivers"}},
      {"only: [system-uuid, clock]", "only: [system-uuid]", {"~ stages ship judges only"}},
      {"only: [system-uuid, clock], ", "", {"~ stages ship judges only"}},
      {"2026-12-31", "2027-12-31", {"~ waivers field.length system-family"}},
      {"[A, B]", "[A]", {"~ match system-product-name one_of"}},
      {"CX[0-9]{7}", "CX[0-9]{8}", {"~ label pattern"}},
      {"optional: true } }", "optional: false } }", {"~ identifiers activation-sn optional"}},
      {"version: 3\n", "version: 3\nmode: observe\n", {"~ profile mode"}},
      {"version: 3\n", "version: 3\ntext: refuse\n", {"~ profile text"}},
      {"version: 3\n", "version: 3\ndescription: a desktop\n", {}},
      {"unique: true, ", "", {"- identifiers activation-sn unique"}},
  };
  for (const auto& [from, to, expected] : edits) {
    CAPTURE(std::string(from) + " -> " + to);
    CHECK(changes(kDescribed, replaced(kDescribed, from, to)) == expected);
    CHECK(changes(replaced(kDescribed, from, to), kDescribed).size() == expected.size());
  }
}

TEST_CASE("a value that reads like a field's name is not that field") {
  const std::string head =
      "profile: m\nversion: 1\nfields:\n  system-family: {}\n  system-sku-number: { equals: ";
  CHECK(changes(head + "the field system-family }\n", head + "{ field: system-family } }\n").size() == 1);
}

TEST_CASE("a base set that changes is seen in the profile that extends it") {
  const Folder folder;
  const std::string model = "profile: m\nversion: 1\nextends: [plant]\nfields: { system-family: {} }\n";
  folder.write("plant.yaml", "profile: plant\nversion: 1\nfields: { system-uuid: { unique: true } }\n");
  const Profile before = parse_described(model, folder.catalog());
  folder.write("plant.yaml", "profile: plant\nversion: 2\nfields: { system-uuid: {} }\n");
  const auto found = diff(before, parse_described(model, folder.catalog()));
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Change::Kind::kRemoved);
  CHECK(found[0].before.what == "unique");
  CHECK(found[0].before.origin.profile == "plant");
}

TEST_CASE(
    "what can be named is listed, a folder's own in place of what ships, and what does not hold is said") {
  const Folder folder;
  folder.write("cmge.yaml", "profile: cmge\nversion: 9\nfields: { system-uuid: {} }\n");
  folder.write("m.yaml",
               "profile: m\nversion: 2\ndescription: desk\nmatch: { system-uuid: [00112233-4455-6677-8899-"
               "aabbccddeeff] }\nfields: { system-uuid: {} }\n");
  folder.write("broken.yaml", "profile: broken\nversoin: 1\n");
  folder.write("station.yaml", "station: L3\n");
  const auto all = list_profiles(folder.catalog());
  std::vector<std::string> names;
  for (const Listing& each : all) names.push_back(each.name);
  CHECK(names == std::vector<std::string>{"broken", "cmge", "m", "smbios-spec", "windows-oem"});
  CHECK_FALSE(all[0].problem.empty());
  CHECK(all[1].version == 9);
  CHECK_FALSE(all[1].is_model);
  CHECK(all[2].is_model);
  CHECK(all[2].description == "desk");
  CHECK(all.back().file == "catalog/windows-oem.yaml");
  CHECK(all.back().problem.empty());
}

}  // namespace dmigate::profiles
