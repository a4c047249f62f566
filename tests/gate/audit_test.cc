// A batch that is audited: each unit by its profile, and what several of them share.
#include "gate/audit/audit.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <set>

#include "tests/gate/batch.h"

namespace dmigate::gate {
namespace {

TEST_CASE("a batch of good units passes, and nothing of it is left unsaid") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin", good(2));
  batch.add("notes.txt", "two units of the night shift\n");
  const Audited audited = batch.audit();
  CHECK(audited.summary.counts.units == 2);
  CHECK(audited.summary.counts.pass == 2);
  CHECK(audited.summary.other == 1);
  CHECK(audited.summary.groups == 0);
  CHECK_FALSE(audited.summary.partial);
  CHECK(audited.paths == Words{"1.bin", "2.bin", "notes.txt"});
  CHECK(audited.outcome("1.bin") == "PASS");
  CHECK(audited.unit("1.bin").at("model").as_string() == "cx");
  CHECK(audited.unit("1.bin").at("version").to_number<int>() == 3);
  CHECK(audited.findings("1.bin").empty());
  CHECK(audited.outcome("notes.txt") == "no dump: text, and none of dmidecode's");
}

TEST_CASE("a unit without its serials fails for each, its neighbours do not") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin",
            changed(good(2), {{"system-serial-number", ""}, {"baseboard-serial-number", "Default string"}}));
  const Audited audited = batch.audit();
  CHECK(audited.outcome("1.bin") == "PASS");
  CHECK(audited.outcome("2.bin") == "FAIL");
  CHECK(audited.findings("2.bin") ==
        Words{"field.empty system-serial-number", "field.placeholder baseboard-serial-number"});
  CHECK(audited.summary.counts.fail == 1);
  REQUIRE(audited.summary.rules.size() == 2);
  CHECK(audited.summary.rules[0].rule == "field.empty");
  CHECK(audited.summary.rules[0].units == 1);
}

TEST_CASE("two units of one serial both fail, and each is told of the other") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin", changed(good(2), {{"system-serial-number", serial(1)}}));
  batch.add("3.bin", good(3));
  const Audited audited = batch.audit();
  for (const char* path : {"1.bin", "2.bin"}) {
    CHECK(audited.outcome(path) == "FAIL");
    CHECK(audited.findings(path) == Words{"unique.duplicate system-serial-number"});
    CHECK(audited.groups(path) == Words{"1 system-serial-number x2"});
  }
  CHECK(audited.outcome("3.bin") == "PASS");
  CHECK(audited.summary.groups == 1);
  CHECK(audited.summary.in_groups == 2);
  REQUIRE(audited.summary.largest.size() == 1);
  const audit::Group& group = audited.summary.largest[0];
  CHECK(group.keyword == "system-serial-number");
  CHECK(group.value == serial(1));
  CHECK(group.paths == Words{batch / "1.bin", batch / "2.bin"});
}

TEST_CASE("a serial in other letters, or with blanks around it, is the same serial") {
  const Batch batch;
  batch.add("1.bin", changed(good(1), {{"system-serial-number", "CX2600abc"}}));
  batch.add("2.bin", changed(good(2), {{"system-serial-number", "cx2600ABC"}}));
  batch.add("3.bin", changed(good(3), {{"system-serial-number", " CX2600ABC "}}));
  CHECK(batch.audit().groups("3.bin") == Words{"1 system-serial-number x3"});
}

TEST_CASE("two makers may use one board number, where the profile says so") {
  const Batch batch;
  const Values number = {{"baseboard-serial-number", "HB26000001"}};
  batch.add("1.bin", changed(good(1), number));
  batch.add("2.bin", changed(changed(good(2), number), {{"baseboard-manufacturer", "Another maker"}}));
  CHECK(batch.audit().summary.counts.pass == 2);
  batch.add("3.bin", changed(changed(good(3), number), {{"baseboard-manufacturer", "ANOTHER MAKER"}}));
  const Audited audited = batch.audit();
  CHECK(audited.outcome("1.bin") == "PASS");
  CHECK(audited.groups("2.bin") == Words{"1 baseboard-serial-number x2"});
}

TEST_CASE("one number in two fields of a unit, or in different fields of two, is no duplicate") {
  const Batch batch;
  batch.add("1.bin", changed(good(1), {{"baseboard-serial-number", serial(1)}}));
  batch.add("2.bin", changed(good(2), {{"baseboard-serial-number", serial(3)}}));
  batch.add("3.bin", good(3));
  CHECK(batch.audit().summary.counts.pass == 3);
}

TEST_CASE("a board that both of a unit's Type 2 name is no duplicate of itself, and is one of another unit") {
  const Batch batch;
  batch.add("1.bin", unit("several-type2"));
  CHECK(batch.audit().summary.groups == 0);
  batch.add("2.bin", changed(unit("several-type2"), identity(2)));
  const Audited audited = batch.audit();
  CHECK(audited.summary.in_groups == 2);  // the first Type 2 of both is the same
  CHECK(audited.groups("1.bin") == Words{"1 baseboard-serial-number x2"});
}

TEST_CASE("what is no value is shared by nobody") {
  const Batch batch;
  for (int n = 0; n < 3; ++n) {
    batch.add(std::to_string(n) + ".bin", changed(good(n), {{"system-serial-number", "Default string"},
                                                            {"baseboard-serial-number", "   "}}));
  }
  const Audited audited = batch.audit();
  CHECK(audited.summary.groups == 0);
  CHECK(audited.summary.counts.fail == 3);
}

TEST_CASE("cloned units share everything, and each group is numbered in the order of its units") {
  const Batch batch;
  for (const char* name : {"a.bin", "b.bin"}) batch.add(name, good(1));
  for (const char* name : {"c.bin", "d.bin", "e.bin"}) batch.add(name, good(2));
  const Audited audited = batch.audit();
  CHECK(audited.groups("c.bin") ==
        Words{"1 system-serial-number x3", "2 system-uuid x3", "3 baseboard-serial-number x3"});
  CHECK(audited.groups("a.bin") ==
        Words{"4 system-serial-number x2", "5 system-uuid x2", "6 baseboard-serial-number x2"});
}

TEST_CASE("units come in the order of the bytes of their paths, folders among files") {
  const Batch batch;
  const Words paths = {"a-b.bin", "a.bin", "a/1.bin", "a/b/2.bin", "a/b0.bin", "a0.bin", "b.bin"};
  int n = 0;
  for (const std::string& path : paths) batch.add(path, good(++n));
  CHECK(batch.audit().paths == paths);
}

TEST_CASE("a folder with the pair of files is one unit, with what evidence.json says of its hardware") {
  const Batch batch;
  for (int n = 1; n <= 2; ++n) {
    auto built = fixtures::build(good(n));
    REQUIRE(built);
    REQUIRE(fixtures::write_unit(*built, batch / ("unit-" + std::to_string(n))));
  }
  batch.add("unit-2/notes.txt", "seen twice\n");
  batch.add("unit-3.bin", good(3));
  const std::string model = std::string(kBatchModel) + "hardware: { fixed-disks: { at_most: 1 } }\n";
  const Audited audited = batch.audit(request_for(model));
  CHECK(audited.paths == Words{"unit-1", "unit-2", "unit-2/notes.txt", "unit-3.bin"});
  CHECK(audited.summary.counts.pass == 3);
  CHECK_FALSE(audited.unit("unit-1").contains("not_judged"));
  CHECK(audited.unit("unit-3.bin").at("not_judged") == json::value({"fixed-disks"}));
  REQUIRE(audited.summary.not_judged.size() == 1);
  CHECK(audited.summary.not_judged[0].keyword == "fixed-disks");
  CHECK(audited.summary.not_judged[0].units == 1);
}

TEST_CASE("hardware is judged where there is evidence, and not asked where only the table is") {
  const Batch batch;
  auto described = good(1);
  described.hardware = R"("disks": [])";
  auto built = fixtures::build(described);
  REQUIRE(built);
  REQUIRE(fixtures::write_unit(*built, batch / "unit"));
  batch.add("evidence.json", to_json(evidence_of(good(2))));
  const std::string model = std::string(kBatchModel) + "hardware: { fixed-disks: { at_least: 1 } }\n";
  audit::Request request = request_for(model);
  CHECK(batch.audit(request).findings("unit") == Words{"disk.count fixed-disks"});
  CHECK(batch.audit(request).outcome("evidence.json") == "PASS");
  request.table_only = true;
  request.profiles[0].hardware = {};
  const Audited audited = batch.audit(request);
  CHECK(audited.outcome("unit") == "PASS");
  CHECK(audited.summary.not_judged.empty());
}

TEST_CASE("each unit's model is found by match; none and several are said of the unit alone") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin", changed(good(2), {{"baseboard-product-name", "H310CM-B"}}));
  batch.add("3.bin", changed(good(3), {{"baseboard-product-name", "Z999"}}));
  batch.add("4.bin", changed(good(4), {{"baseboard-product-name", "H310CM-X"}}));
  const auto model = [](const char* name, const char* boards) {
    return profile("profile: " + std::string(name) + "\nversion: 1\nmatch: { baseboard-product-name: [" +
                   boards + "] }\nfields: { baseboard-product-name: {}, system-uuid: { unique: true } }\n");
  };
  audit::Request request = request_for();
  request.match = true;
  request.profiles = {model("one", "H310CM-A, H310CM-X"), model("two", "H310CM-B, H310CM-X")};
  const Audited audited = batch.audit(request);
  CHECK(audited.unit("1.bin").at("model").as_string() == "one");
  CHECK(audited.unit("2.bin").at("model").as_string() == "two");
  CHECK(audited.outcome("3.bin") == "FAIL");
  CHECK(audited.findings("3.bin") == Words{"profile.no-match"});
  CHECK(audited.unit("3.bin").at("model").is_null());
  CHECK(audited.outcome("4.bin") == "ERROR");
  CHECK(audited.findings("4.bin") == Words{"profile.ambiguous"});
  REQUIRE(audited.summary.models.size() == 3);
  CHECK(audited.summary.models[0].name == "one");
  CHECK(audited.summary.models[2].name.empty());
  CHECK(audited.summary.models[2].counts.units == 2);
}

TEST_CASE("a profile that only observes fails nobody, and says what it would have said") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin", changed(good(2), {{"system-uuid", uuid(1)}}));
  const Audited audited = batch.audit(request_for(std::string(kBatchModel) + "mode: observe\n"));
  CHECK(audited.outcome("1.bin") == "OBSERVED");
  CHECK(audited.unit("1.bin").at("enforced").as_string() == "FAIL");
  CHECK(audited.findings("1.bin") == Words{"unique.duplicate system-uuid"});
  CHECK(audited.summary.counts.observed == 2);
  CHECK(audited.summary.counts.fail == 0);
}

TEST_CASE("a waiver counts as long as it lasts, and never for a duplicate") {
  const Batch batch;
  batch.add("1.bin", changed(good(1), {{"system-manufacturer", "Another"}}));
  audit::Request request = request_for(
      std::string(kBatchModel) + "waivers: [{ rule: field.value, until: 2026-11-20, by: q, reason: r }]\n");
  CHECK(batch.audit(request).outcome("1.bin") == "PASS");
  request.today = "2026-11-21";
  CHECK(batch.audit(request).findings("1.bin") ==
        Words{"field.value system-manufacturer", "warning profile.waiver-expired"});
}

std::FILE* file_of(const std::string& text) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  REQUIRE(std::fwrite(text.data(), 1, text.size(), file) == text.size());
  std::rewind(file);
  return file;
}

TEST_CASE("paths come from a list too: a line each, or with NULs between them") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("folder/2.bin", good(2));
  batch.add("with\nnewline.bin", good(3));
  const std::string one = batch / "1.bin", folder = batch / "folder", odd = batch / "with\nnewline.bin";
  struct Row {
    std::string list;
    Words paths;
  };
  const Row rows[] = {
      {one + "\n" + folder + "\n", {"1.bin", "folder/2.bin"}},
      {folder + "\r\n\r\n" + one, {"folder/2.bin", "1.bin"}},
      {one + '\0' + odd + '\0', {"1.bin", "with\nnewline.bin"}},
      {"", {}},
  };
  for (const Row& row : rows) {
    audit::Request request = request_for();
    request.paths = {"-"};
    request.list = file_of(row.list);
    CHECK(batch.audit(request).paths == row.paths);
    std::fclose(request.list);
  }
}

TEST_CASE(
    "a pattern stands for what it matches, in the order of bytes; a name that has its characters is a name") {
  const Batch batch;
  batch.add("b1.bin", good(1));
  batch.add("B2.bin", good(2));
  batch.add("c[1].bin", good(3));
  audit::Request request = request_for();
  request.paths = {batch / "[bB]*.bin"};
  CHECK(batch.audit(request).paths == Words{"B2.bin", "b1.bin"});
  request.paths = {batch / "c[1].bin"};
  CHECK(batch.audit(request).paths == Words{"c[1].bin"});
  request.paths = {batch / "d*.bin"};
  CHECK(batch.audit(request).summary.counts.error == 1);
}

TEST_CASE("the reports are the same to the byte, whatever the number of workers") {
  const Batch batch;
  std::mt19937 random(7);
  for (int n = 0; n < 400; ++n) {
    auto described = good(n % 390);  // the last ten are clones of the first
    if (random() % 10 == 0) described = changed(described, {{"system-serial-number", ""}});
    if (random() % 10 == 0) described = changed(described, {{"system-uuid", uuid(int(random() % 40))}});
    batch.add("lot-" + std::to_string(random() % 7) + "/" + std::to_string(n) + ".bin", described);
    if (n % 50 == 0) batch.add("lot-1/" + std::to_string(n) + ".log", "burnt\n");
  }
  audit::Request request = request_for();
  request.jobs = 1;
  const Audited one = batch.audit(request);
  CHECK(one.summary.groups > 10);
  CHECK(one.summary.counts.pass > 200);
  for (const unsigned jobs : {2U, 3U, 16U}) {
    request.jobs = jobs;
    const Audited other = batch.audit(request);
    CHECK(other.jsonl == one.jsonl);
    CHECK(other.csv == one.csv);
    CHECK(other.summary.largest.size() == one.summary.largest.size());
  }
}

// The oracle: every unit is compared with every other, value by value.
TEST_CASE("the groups are those that comparing each unit with each other finds") {
  const profiles::Profile model = profile(kBatchModel);
  std::mt19937 random(20261120);
  for (int round = 0; round < 5; ++round) {
    const Batch batch;
    std::map<std::string, std::vector<UniqueValue>> presented;
    for (int n = 0; n < 120; ++n) {
      const auto some = [&] { return int(random() % 150); };
      const auto described =
          changed(good(n), {{"system-serial-number", random() % 8 == 0 ? "" : serial(some())},
                            {"system-uuid", uuid(some())},
                            {"baseboard-serial-number", board(some())},
                            {"baseboard-manufacturer", random() % 2 == 0 ? "Chenxi Board" : "Other Board"}});
      char name[16];
      std::snprintf(name, sizeof name, "%03d.bin", n);
      batch.add(name, described);
      const Evidence evidence = evidence_of(described);
      presented[name] =
          judge({.evidence = evidence, .profile = model, .stage = {}, .label = {}, .identifiers = {}})
              .presented;
    }
    const Audited audited = batch.audit();
    for (const auto& [name, values] : presented) {
      Words expected;
      for (const UniqueValue& value : values) {
        int units = 0;
        for (const auto& [other, others] : presented) {
          units += std::ranges::any_of(others, [&](const UniqueValue& each) {
            return each.keyword == value.keyword && each.scope == value.scope && each.key == value.key;
          });
        }
        if (units > 1) expected.push_back(value.keyword + " x" + std::to_string(units));
      }
      Words found;
      for (const std::string& group : audited.groups(name))
        found.push_back(group.substr(group.find(' ') + 1));
      std::ranges::sort(expected);
      std::ranges::sort(found);
      CHECK(found == expected);
    }
  }
}

TEST_CASE("the summary is told in both languages, and its numbers add up") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin", good(1));
  batch.add("3.bin", changed(good(3), {{"system-serial-number", "\x1B[31m"}}));
  batch.add("4.bin", std::string());
  const Audited audited = batch.audit();
  const std::string english = to_text(audited.summary, Language::kEnglish, false);
  const std::string chinese = to_text(audited.summary, Language::kChinese, false);
  CHECK(english.starts_with("FAIL  4 units: 0 pass, 3 fail, 1 error\n"));
  CHECK(chinese.starts_with("FAIL  4 台机器：0 台通过，3 台不通过，1 台无法判定\n"));
  CHECK(english.find("1. system-serial-number \"CX2641701\": 2 units") != std::string::npos);
  CHECK(english.find(batch / "4.bin" + ": the unit's evidence could not be read: the file is empty") !=
        std::string::npos);
  for (const std::string& text : {english, chinese}) CHECK(text.find('\x1B') == std::string::npos);
  CHECK(to_text(audited.summary, Language::kEnglish, true).find("\x1B[1;37;41m") == 0);
}

TEST_CASE("a spreadsheet gets every unit on a line, and no formula") {
  const Batch batch;
  batch.add("1.bin", changed(good(1), {{"system-serial-number", "=HYPERLINK(\"http://x\",\"y\")"}}));
  batch.add("with\nnewline, and \"quotes\".bin", good(2));
  const Audited audited =
      batch.audit(request_for("profile: p\nversion: 1\nfields: { system-serial-number: { unique: true } }"));
  CHECK(std::ranges::count(audited.csv, '\n') == 3);
  CHECK(audited.csv.find("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"") != std::string::npos);
  CHECK(audited.csv.find("with\\x0Anewline, and \"\"quotes\"\".bin\"") != std::string::npos);
  CHECK(audited.csv.starts_with("\xEF\xBB\xBFpath,outcome,model,"));
}

}  // namespace
}  // namespace dmigate::gate
