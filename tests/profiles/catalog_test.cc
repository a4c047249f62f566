// What ships, and the examples.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "profiles/burn_tool.h"
#include "profiles/profile.h"

namespace dmigate::profiles {
namespace {

using smbios::find_field;

Profile load(const std::string& name_or_file) {
  auto profile = load_profile(name_or_file, {});
  REQUIRE_MESSAGE(profile.has_value(), profile.error().to_string());
  return std::move(*profile);
}

const std::string kExamples = DMIGATE_SOURCE_DIR "/profiles/examples";

}  // namespace

TEST_CASE("windows-oem asks for the eight fields, and advises with warnings only") {
  const Profile profile = load("windows-oem");
  std::set<std::string_view> keywords;
  for (const FieldRule& rule : profile.fields) {
    keywords.insert(rule.field->keyword);
    CHECK_FALSE(rule.optional);
    for (const Check& check : rule.checks) CHECK(check.severity == Severity::kWarning);
  }
  CHECK(keywords == std::set<std::string_view>{"system-manufacturer", "system-product-name",
                                               "system-serial-number", "system-uuid", "system-sku-number",
                                               "system-family", "baseboard-product-name", "chassis-type"});
}

TEST_CASE("smbios-spec asks for what Annex A does, and refuses the wake-up types that it names") {
  const Profile profile = load("smbios-spec");
  for (const std::string keyword :
       {"bios-version", "bios-release-date", "system-manufacturer", "system-product-name", "system-uuid",
        "system-wake-up-type", "chassis-manufacturer", "chassis-type", "processor-socket-designation"}) {
    CAPTURE(keyword);
    REQUIRE(profile.rule(*find_field(keyword)) != nullptr);
    CHECK_FALSE(profile.rule(*find_field(keyword))->optional);
  }
  CHECK(profile.rule(*find_field("system-serial-number")) == nullptr);
  const Check& wake_up = profile.rule(*find_field("system-wake-up-type"))->checks.at(0);
  CHECK(wake_up.values.size() == 7);
  CHECK(std::count(wake_up.values.begin(), wake_up.values.end(), "unknown") == 0);
  CHECK(std::count(wake_up.values.begin(), wake_up.values.end(), "reserved") == 0);
}

TEST_CASE("no set that a model extends asks for what the specification's own set does beside the eight") {
  CHECK(load("windows-oem").rule(*find_field("chassis-manufacturer")) == nullptr);
  CHECK(load("cmge").rule(*find_field("chassis-manufacturer")) == nullptr);
}

TEST_CASE("cmge asks for both serials, each unlike every other unit's") {
  const Profile profile = load("cmge");
  CHECK(profile.fields.size() == 9);
  CHECK(profile.rule(*find_field("system-serial-number"))->unique);
  CHECK(profile.rule(*find_field("system-uuid"))->unique);
  const FieldRule* board = profile.rule(*find_field("baseboard-serial-number"));
  REQUIRE(board != nullptr);
  CHECK(board->unique);
  CHECK(board->within == find_field("baseboard-manufacturer"));
  CHECK_FALSE(board->optional);
}

TEST_CASE("the plant that burns the board's serial judges it from post-burn on") {
  const Profile profile = load(kExamples + "/cx-e500.yaml");
  const smbios::Field& board = *find_field("baseboard-serial-number");
  CHECK(profile.stages.size() == kAllStages.size());
  CHECK_FALSE(profile.stage(Stage::kIncoming)->judges(board));
  CHECK_FALSE(profile.stage(Stage::kPreBurn)->judges(board));
  for (Stage stage : {Stage::kPostBurn, Stage::kPreImage, Stage::kPostImage, Stage::kShip}) {
    CHECK(profile.stage(stage)->judges(board));
  }
}

TEST_CASE("the plant whose supplier writes the board's serial judges it from incoming on") {
  const Profile profile = load(kExamples + "/cx-e500-supplier.yaml");
  for (Stage stage : kAllStages) CHECK(profile.stage(stage)->judges(*find_field("baseboard-serial-number")));
  CHECK_FALSE(profile.stage(Stage::kIncoming)->judges(*find_field("system-serial-number")));
}

TEST_CASE("the examples can stand in one folder") {
  const auto candidates = load_candidates({{kExamples}});
  REQUIRE_MESSAGE(candidates, candidates.error().to_string());
  CHECK(candidates->size() >= 2);
}

TEST_CASE("every burn tool that ships loads, and has the switches that were seen") {
  for (const std::string name : {"amidewin", "amideefi", "amidelnx"}) {
    const auto tool = load_burn_tool(name, {});
    REQUIRE_MESSAGE(tool, tool.error().to_string());
    CHECK(tool->switches.size() == 17);
    CHECK(tool->find(*find_field("system-serial-number"))->name() == "/SS");
    CHECK(tool->find(*find_field("baseboard-serial-number"))->name() == "/BS");
    CHECK(tool->find(*find_field("chassis-type"))->format == SwitchFormat::kHex2);
    CHECK(tool->calls.at(0).success == "Done");
  }
  const auto insyde = load_burn_tool("h2osde", {});
  REQUIRE(insyde);
  CHECK(insyde->find(*find_field("system-sku-number"))->name() == "-SKU");
  CHECK(insyde->find(*find_field("chassis-type")) == nullptr);
  CHECK(insyde->calls.at(0).success == "OK");
}

TEST_CASE("every file of the catalog ships") {
  const std::filesystem::path catalog = DMIGATE_SOURCE_DIR "/profiles/catalog";
  for (const auto& entry : std::filesystem::directory_iterator(catalog)) {
    if (entry.path().extension() != ".yaml" || entry.path().stem() == "placeholders") continue;
    CAPTURE(entry.path().string());
    CHECK(load(entry.path().stem().string()).rule(*find_field("system-uuid")) != nullptr);
  }
  for (const auto& entry : std::filesystem::directory_iterator(catalog / "tools")) {
    CAPTURE(entry.path().string());
    CHECK(load_burn_tool(entry.path().stem().string(), {}).has_value());
  }
}

TEST_CASE("what ships is built in as it stands in the catalog, its comments left out") {
  // The embedded text has the comments' lines emptied, so both must read the same, rule by rule.
  for (const std::string name : {"smbios-spec", "windows-oem", "cmge"}) {
    const Profile built_in = load(name);
    const Profile file = load(DMIGATE_SOURCE_DIR "/profiles/catalog/" + name + ".yaml");
    REQUIRE(built_in.fields.size() == file.fields.size());
    for (std::size_t i = 0; i < file.fields.size(); ++i) {
      CHECK(built_in.fields[i].field == file.fields[i].field);
      CHECK(built_in.fields[i].checks.size() == file.fields[i].checks.size());
      CHECK(built_in.fields[i].origin.mark.line == file.fields[i].origin.mark.line);
    }
  }
}

}  // namespace dmigate::profiles
