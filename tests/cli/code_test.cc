// dmigate code at the command line: a unit's code, and what differs from one that was read out.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

constexpr const char* kGood = "JEFV-CBY6-JZG2";

// "nic-mac changed", without those that are the same.
Words differing(const json::object& comparison) {
  Words all;
  for (const json::value& field : comparison.at("fields").as_array()) {
    const std::string difference = text(field.as_object(), "difference");
    if (difference != "same") all.push_back(text(field.as_object(), "keyword") + " " + difference);
  }
  return all;
}

}  // namespace

TEST_CASE("a unit's code comes with its spelling, and with what it does not have") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const Ended said = plant.dmigate({"code", unit});
  CHECK(said.status == 0);
  CHECK(said.err.empty());
  CHECK(said.out == std::string(kGood) +
                        "\nJuliett Echo Foxtrot Victor, Charlie Bravo Yankee six, Juliett Zulu Golf two\n");
  const std::string empty = plant.unit("case-a", "case-a-1", {{"boot_id:", "hardware: none\nboot_id:"}});
  const Ended case_a = plant.dmigate({"code", empty});
  CHECK(contains(case_a.out, "\nmissing: system-serial-number, baseboard-serial-number\n"));
  CHECK(contains(case_a.out, "\nnot captured: system-disk-serial, nic-mac\n"));
  const Ended chinese = plant.dmigate({"code", empty, "--lang", "zh"});
  CHECK(contains(chinese.out, "\n缺失：system-serial-number, baseboard-serial-number\n"));
  CHECK(contains(chinese.out, "\n未采集：system-disk-serial, nic-mac\n"));
  const auto object = parse_line(plant.dmigate({"code", empty, "--json"}).out);
  CHECK(text(object, "schema") == "dmigate.code/1");
  CHECK(case_a.out.starts_with(text(object, "code") + "\n"));
  const auto& fields = object.at("fields").as_array();
  REQUIRE(fields.size() == 11);
  CHECK(text(fields[0].as_object(), "state") == "value");
  CHECK(text(fields[2].as_object(), "state") == "missing");
  CHECK(text(fields[10].as_object(), "keyword") == "nic-mac");
  CHECK(text(fields[10].as_object(), "state") == "not-captured");
  // No value is in it.
  for (const char* value : {"CX2600", "HB26", "Chenxi", "02:cc", "CD26A"})
    CHECK_FALSE(contains(json::serialize(object) + case_a.out + said.out, value));
}

TEST_CASE("what was read out is compared with a saved state: the saved one is how the unit was") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const Ended same = plant.dmigate({"code", unit, "--compare", "jefv cby6 jzg2"});
  CHECK(same.status == 0);
  CHECK(contains(same.out, "then  " + unit + "\nnow   the code JEFV-CBY6-JZG2\n"));
  CHECK(contains(same.out, "  nic-mac                  same\n"));
  CHECK(contains(same.out, "of 30 changes of a field, 1 is not seen"));

  const std::string swapped = plant.unit(
      "swapped", "good-unit",
      {{"baseboard-serial-number: HB26031187", "baseboard-serial-number: null"}, {"CX2600417", "CX2600419"}});
  const std::string read_out = plant.dmigate({"code", swapped}).out.substr(0, 14);
  const Ended found = plant.dmigate({"code", unit, "--compare", read_out});
  CHECK(found.status == 1);
  CHECK(contains(found.out, "  system-serial-number     changed\n"));
  CHECK(contains(found.out, "  baseboard-serial-number  missing now\n"));
  CHECK(contains(plant.dmigate({"code", unit, "--compare", read_out, "--lang", "zh"}).out,
                 "  baseboard-serial-number  现在缺失\n"));
  const Ended back = plant.dmigate({"code", swapped, "--compare", kGood, "--json"});
  CHECK(back.status == 1);
  const auto object = parse_line(back.out);
  CHECK(text(object, "schema") == "dmigate.code-comparison/1");
  CHECK(differing(object) == Words{"system-serial-number changed", "baseboard-serial-number was-missing"});
  CHECK(text(object.at("then").as_object(), "from") == "source");
  CHECK(text(object.at("then").as_object(), "path") == swapped);
  CHECK(text(object.at("now").as_object(), "from") == "code");
  CHECK(text(object.at("now").as_object(), "code") == kGood);
}

TEST_CASE(
    "fields that are not known on one side are neither same nor changed: exit 3, unless others changed") {
  const Plant plant;
  const std::string bare = plant.unit("bare", "good-unit", {{"boot_id:", "hardware: none\nboot_id:"}});
  const Ended unknown = plant.dmigate({"code", bare, "--compare", kGood, "--json"});
  CHECK(unknown.status == 3);
  CHECK(differing(parse_line(unknown.out)) == Words{"system-disk-serial unknown", "nic-mac unknown"});
  CHECK(contains(plant.dmigate({"code", bare, "--compare", kGood}).out,
                 "  nic-mac                  not known\n"));
  const std::string other = plant.unit(
      "other", "good-unit", {{"boot_id:", "hardware: none\nboot_id:"}, {"CX2600417", "CX2600419"}});
  CHECK(plant.dmigate({"code", other, "--compare", kGood}).status == 1);
}

TEST_CASE("what is no code is wrong usage, said in one line, before anything is read") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const struct {
    const char* code;
    const char* sentence;
    const char* chinese;
  } wrong[] = {
      {"JEFV-CBY6-JZG", "a code has 12 letters and digits, this one has 11",
       "代码有 12 个字母和数字，这个有 11 个"},
      {"JEFV-CBY6-JZG3", "the code does not fit its last letter", "校验码不符"},
      {"JEFV-CYB6-JZG2", "the code does not fit its last letter", "校验码不符"},
      {"JEFV-CBY6-JZG\x1b", "\"\\x1B\", letter 12 of the code, is in no code", "代码第 12 个字符“\\x1B”无效"},
      {"ＪEFV-CBY6-JZG2", "\"Ｊ\", letter 1 of the code, is in no code", "代码第 1 个字符“Ｊ”无效"},
      {"{detail}", "\"{\", letter 1 of the code, is in no code", "代码第 1 个字符“{”无效"},
  };
  for (const auto& [code, sentence, chinese] : wrong) {
    for (const std::string& source : {unit, plant / "nowhere"}) {
      const Ended said = plant.dmigate({"code", source, "--compare", code});
      CHECK(said.status == 2);
      CHECK(said.out.empty());
      CHECK(lines(said.err) == 1);
      CHECK_MESSAGE(contains(said.err, sentence), said.err);
      CHECK(contains(said.err, "have it read out again, letter by letter"));
    }
    const Ended said = plant.dmigate({"code", unit, "--compare", code, "--lang", "zh"});
    CHECK_MESSAGE(contains(said.err, chinese), said.err);
    CHECK(contains(said.err, "请对方逐位重新读一遍"));
  }
  CHECK(plant.dmigate({"code", unit, "--compare", ""}).status == 2);
  CHECK(plant.dmigate({"code", unit, "--compare", "JEFV", "CBY6", "JZG2"}).status == 2);  // not in quotes
  CHECK(contains(plant.dmigate({"code", unit, "--comapre", kGood}).err, "did you mean `--compare`?"));
}

TEST_CASE("a unit that cannot be read has no code") {
  const Plant plant;
  CHECK(plant.dmigate({"code", plant / "nowhere"}).status == 3);
  const std::string cut =
      plant.unit("cut", "good-unit", {{"boot_id:", "defects: { truncate_at: 60 }\nboot_id:"}});
  for (const Words& more : {Words{}, Words{"--compare", kGood}, Words{"--json"}}) {
    Words words = {"code", cut};
    words.insert(words.end(), more.begin(), more.end());
    const Ended said = plant.dmigate(words);
    CHECK(said.status == 3);
    CHECK(said.out.empty());
    CHECK(contains(said.err, "breaks off before the identity structures"));
  }
  const std::string unit = plant.unit("unit", "good-unit");
  const Ended named = plant.dmigate({"code", unit, "--system-disk", "sdz"});
  CHECK(named.status == 3);
  CHECK(contains(named.err, "the unit has no disk sdz; name the system's disk"));
  CHECK(plant.dmigate({"code", unit, "--system-disk", "nvme0n1"}).out.starts_with(kGood));
}

TEST_CASE("the station's own adapter is in no unit's code") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  plant.station("fixtures: [02:cc:26:00:41:70]\n");
  const Ended said = plant.dmigate({"code", unit});
  CHECK(contains(said.out, "\nmissing: nic-mac\n"));
}
