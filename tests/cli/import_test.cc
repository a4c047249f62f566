// dmigate registry import and export: what is printed, and how they end.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kHeader = "label,system-serial-number,baseboard-serial-number,baseboard-manufacturer,lot\n";
const std::string kTwoUnits = kHeader + "CX2600417,CX2600417,HB26031187,Chenxi Board,LOT-7\n" +
                              "CX2600418,CX2600418,HB26031188,Chenxi Board,LOT-7\n";

struct Mes {
  Plant plant;

  [[nodiscard]] Ended import(const std::string& content, Words more = {}) const {
    write_file(plant / "units.csv", content);
    Words words = {"registry", "import", "units.csv", "--profile",          "cx-e500",
                   "--by",     "Li Na",  "--reason",  "shipped before this"};
    words.insert(words.end(), more.begin(), more.end());
    return plant.dmigate(words);
  }
};

}  // namespace

TEST_CASE("import says how much came, and a trace says from where") {
  const Mes mes;
  const Ended done = mes.import(kTwoUnits);
  CHECK(done.status == 0);
  CHECK(done.err.empty());
  CHECK(done.out == "imported: 2 units with 6 values\n");
  mes.plant.check_registry_is_whole();
  const Ended traced = mes.plant.dmigate({"trace", "hb26031188"});
  CHECK(traced.status == 0);
  CHECK(contains(traced.out, "CX2600418  cx-e500  u-"));
  CHECK(contains(traced.out, "import  L3-S07 #3\n      Li Na: shipped before this\n      units.csv:3  "));
}

TEST_CASE("conflicts are listed with lines and holders, exit 1, and nothing is written") {
  const Mes mes;
  REQUIRE(mes.import(kTwoUnits).status == 0);
  const Ended again = mes.import(kHeader + "CX2600419,,,,\nCX2600419,CX2600418,,,\n");
  CHECK(again.status == 1);
  CHECK(again.err.empty());
  CHECK(contains(again.out, "units.csv:3: label CX2600419 stands on line 2 already\n"));
  CHECK(contains(again.out,
                 "units.csv:3: system-serial-number CX2600418 belongs to another unit: CX2600418 (L3-S07, "));
  CHECK(again.out.ends_with("lines that are no good: 0; conflicts: 2; nothing was written\n"));
  const auto json = parse_line(mes.import(kTwoUnits, {"--check", "--json"}).out);
  CHECK(text(json, "schema") == "dmigate.registry-import/1");
  CHECK(json.at("written") == false);
  CHECK(json.at("conflict_count") == 6);
  CHECK(text(json.at("conflicts").at(0).as_object(), "label") == "CX2600417");
  CHECK(mes.plant.registry_json(0, {"status"}).at("units") == 2);
}

TEST_CASE(
    "lines that are no good are told with their place, exit 3; a header that does not hold is wrong usage") {
  const Mes mes;
  const Ended bad = mes.import(kHeader + "CX2600417,Default string,,,\nCX1,\n");
  CHECK(bad.status == 3);
  CHECK(bad.out ==
        "units.csv:2:11: `system-serial-number` is a placeholder and no value: Default string\n"
        "units.csv:3: this row has 2 cells, and the header has 5\n"
        "lines that are no good: 2; conflicts: 0; nothing was written\n");
  const Ended chinese = mes.import(kHeader + "CX2600417,Default string,,,\nCX1,\n", {"--lang", "zh"});
  CHECK(chinese.out ==
        "units.csv:2:11: `system-serial-number` 是占位内容，不是有效值：Default string\n"
        "units.csv:3: 该行有 2 个单元格，而表头有 5 个\n"
        "不合格的行：2；冲突：0；未写入任何内容\n");
  const Ended header = mes.import("label,system-serial-numbr\n");
  CHECK(header.status == 2);
  CHECK(header.out.empty());
  CHECK(contains(header.err,
                 "units.csv:1:7: there is no column `system-serial-numbr`; did you mean "
                 "`system-serial-number`?; columns are label, model, "));
  CHECK(mes.plant.registry_json(0, {"status"}).at("records") == 0);
}

TEST_CASE("an import is by a named person, with a reason; a check of the file by anybody") {
  const Mes mes;
  write_file(mes.plant / "units.csv", kTwoUnits);
  const Ended nobody =
      mes.plant.dmigate({"registry", "import", "units.csv", "--profile", "cx-e500", "--by", "Li Na"});
  CHECK(nobody.status == 2);
  CHECK(contains(nobody.err, "--by NAME --reason TEXT"));
  const Ended checked =
      mes.plant.dmigate({"registry", "import", "units.csv", "--profile", "cx-e500", "--check"});
  CHECK(checked.status == 0);
  CHECK(checked.out == "nothing is in the way of 2 units with 6 values\n");
  CHECK(mes.plant.registry_json(0, {"status"}).at("units") == 0);
  CHECK(mes.plant.dmigate({"registry", "import", "nowhere.csv", "--profile", "cx-e500", "--check"}).status ==
        3);
  CHECK(mes.plant.dmigate({"registry", "import", mes.plant / "", "--profile", "cx-e500", "--check"}).status ==
        3);
  CHECK(mes.plant.dmigate({"registry", "import", "units.csv", "--profile", "cx-e5000", "--check"}).status ==
        2);
}

TEST_CASE("export goes to standard output or a new file, and comes in again as it was") {
  const Mes mes;
  REQUIRE(mes.import(kTwoUnits).status == 0);
  const Ended exported = mes.plant.dmigate({"registry", "export"});
  CHECK(exported.status == 0);
  CHECK(lines(exported.out) == 2);
  CHECK(mes.plant.dmigate({"registry", "export", "all.jsonl"}).status == 0);
  CHECK(read_file(mes.plant / "all.jsonl") == exported.out);
  const Ended over = mes.plant.dmigate({"registry", "export", "all.jsonl"});
  CHECK(over.status == 3);
  CHECK(contains(over.err, "all.jsonl: the file cannot be made (File exists)"));
  CHECK(read_file(mes.plant / "all.jsonl") == exported.out);

  REQUIRE(mes.plant.dmigate({"registry", "init", "--registry", "second.db"}).status == 0);
  const Ended moved = mes.plant.dmigate({"registry", "import", "all.jsonl", "--by", "Li Na", "--reason",
                                         "new server", "--registry", "second.db"});
  CHECK_MESSAGE(moved.status == 0, moved.out, moved.err);
  CHECK(mes.plant.dmigate({"registry", "export", "--registry", "second.db"}).out == exported.out);
  const Ended csv = mes.plant.dmigate({"registry", "export", "--csv"});
  CHECK(csv.out.starts_with(
      "\xEF\xBB\xBFunit,model,since,baseboard-serial-number,label,lot,system-serial-number\r\n"));
  CHECK(lines(csv.out) == 3);
}

TEST_CASE("an export that does not reach its reader is an error") {
  const Mes mes;
  REQUIRE(mes.import(kTwoUnits).status == 0);
  std::FILE* full = std::fopen("/dev/full", "w");
  if (full == nullptr) {
    MESSAGE("left out: there is no /dev/full");
    return;
  }
  Start start = mes.plant.call({"registry", "export"});
  start.out = fileno(full);
  const Ended ended = run(start);
  std::fclose(full);
  CHECK(ended.status == 3);
  CHECK(contains(ended.err, "could not be written to standard output"));
}
