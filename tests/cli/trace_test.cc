// What after-sales asks: rework, traces, heads, and a code that is held against what the registry remembers.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

constexpr const char* kLabel = "CX2600417";
const Words kWho = {"--by", "Li Na", "--reason", "diagnosis"};

Words with_who(Words words) {
  words.insert(words.end(), kWho.begin(), kWho.end());
  return words;
}

// A plant from which a good unit has gone as far as its image.
struct Shipped {
  Plant plant;
  std::string unit = plant.unit("unit", "good-unit");
  Shipped() {
    plant.station("stage: pre-burn\n");
    for (const char* stage : {"pre-burn", "post-burn", "pre-image"}) {
      const Words call = {"check", unit,    "--stage", stage,          "--unit",
                          kLabel,  "--lot", "LOT-7",   "--work-order", "WO-42"};
      CHECK(outcome(plant.verdict(0, call)) == "PASS");
    }
  }
  json::object trace(int status, const std::string& value, const Words& more = {}) const {
    Words words = {"trace", value, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended ended = plant.dmigate(words);
    CHECK(ended.status == status);
    return parse_line(ended.out);
  }
};

}  // namespace

TEST_CASE(
    "a unit is traced by its label, serial, board, lot and work order, and its table can be decoded again") {
  const Shipped line;
  for (const char* value :
       {kLabel, "cx2600417", "HB26031187", "lot-7", "WO-42", "8D1E6F02-5C3B-4A77-9E41-2B7F60C4D513"}) {
    CAPTURE(value);
    const auto traced = line.trace(0, value);
    CHECK(text(traced, "schema") == "dmigate.trace/1");
    REQUIRE(traced.at("units").as_array().size() == 1);
    const auto& unit = traced.at("units").as_array()[0].as_object();
    CHECK(text(unit, "label") == kLabel);
    REQUIRE(unit.at("tables").as_array().size() == 1);
    CHECK(unit.at("records").as_array().size() == 3);
  }
  const Ended told = line.plant.dmigate({"trace", kLabel, "--dump", line.plant / "again.bin"});
  CHECK(told.status == 0);
  CHECK(contains(told.out, "baseboard-serial-number HB26031187  active"));
  CHECK(contains(told.out, "lot LOT-7"));
  CHECK(contains(told.out, "system-product-name: CX E500"));
  CHECK(contains(line.plant.dmigate({"show", line.plant / "again.bin"}).out, "Serial Number: CX2600417"));
  CHECK(line.plant.dmigate({"trace", kLabel, "--dump", line.plant / "again.bin"}).status ==
        3);  // never over a file
  const Ended nobody = line.plant.dmigate({"trace", "CX9999999"});
  CHECK(nobody.status == 1);
  CHECK(nobody.out == "nothing is known of CX9999999\n");
  CHECK(contains(line.plant.dmigate({"trace", "CX9999999", "--lang", "zh"}).out,
                 "没有关于 CX9999999 的任何记录"));
}

TEST_CASE("rework is a named person's, says what becomes of each part, and is told by the trace") {
  const Shipped line;
  const auto replace = [&](Words words) {
    words.insert(words.begin(), {"registry", "replace"});
    return line.plant.dmigate(std::move(words));
  };
  const Ended wrong[] = {
      replace({kLabel, "--part", "baseboard-serial-number=HB1", "--disposition", "stock"}),
      replace(with_who({kLabel, "--part", "baseboard-serial-number=HB1"})),
      replace(with_who({kLabel, "--disposition", "stock"})),
      replace(with_who({kLabel, "--part", "baseboard-serial-number=HB1", "--disposition", "attic"})),
      replace(with_who({kLabel, "--part", "=HB1", "--disposition", "stock"})),
      replace(with_who({kLabel, "--part", "label=A", "--part", "label=B", "--disposition", "stock"})),
      replace(with_who({kLabel, "--part", "label=A", "--disposition", "system-uuid=scrap"})),
      replace(with_who({kLabel, "--part", "system-serial-number=CX2600999", "--disposition", "stock"})),
      replace({kLabel, "--part", "label=A", "--disposition", "scrap", "--by", " ", "--reason", "x"})};
  for (const Ended& each : wrong) {
    CAPTURE(each.err);
    CHECK(each.status == 2);
    CHECK(each.out.empty());
  }
  CHECK(replace(with_who({"nobody", "--part", "label=A", "--disposition", "scrap"})).status == 3);
  const Ended done =
      replace(with_who({kLabel, "--part", "baseboard-serial-number=HB26039999", "--disposition", "repair"}));
  CHECK(done.status == 0);
  CHECK(contains(done.out, "starts again at its first stage"));
  const Ended told = line.plant.dmigate({"trace", "HB26031187"});
  CHECK(contains(told.out, "HB26031187  retired (repair)"));
  CHECK(contains(told.out, "Li Na: diagnosis"));
  CHECK(contains(told.out, "baseboard-serial-number -> HB26039999 (repair)"));
  CHECK(line.plant.dmigate(with_who({"registry", "retire", kLabel})).status == 0);
  line.plant.check_registry_is_whole();
}

TEST_CASE("heads are kept elsewhere, and tell when the journal's tail was cut") {
  const Shipped line;
  const auto heads = line.plant.registry_json(0, {"head"});
  CHECK(text(heads, "schema") == "dmigate.registry-head/1");
  const std::string kept = line.plant / "heads.json";
  std::ofstream(kept) << json::serialize(heads);
  CHECK(line.plant.dmigate({"registry", "verify", "--head", kept}).status == 0);
  auto later = heads;
  later["heads"].as_array()[0].as_object()["seq"] = 99;
  std::ofstream(kept) << json::serialize(later);
  const Ended cut = line.plant.dmigate({"registry", "verify", "--head", kept});
  CHECK(cut.status == 1);
  CHECK(contains(cut.out, "tail was cut"));
  for (const char* strange : {"", "{}", "[1]", R"({"heads":[]})", R"({"heads":[{"station":1}]})"}) {
    CAPTURE(strange);
    std::ofstream(kept) << strange;
    CHECK(line.plant.dmigate({"registry", "verify", "--head", kept}).status == 2);
  }
  CHECK(line.plant.dmigate({"registry", "verify", "--head", line.plant / "nowhere"}).status != 0);
}

TEST_CASE("a golden unit is said to be one, and needs a stage") {
  const Shipped line;
  const auto golden = line.plant.verdict(0, {"check", line.unit, "--purpose", "golden"});
  CHECK(text(golden, "purpose") == "golden");
  CHECK(contains(line.plant.dmigate({"check", line.unit, "--purpose", "golden"}).out, "a golden unit"));
  CHECK(line.plant.dmigate({"check", line.unit, "--purpose", "silver"}).status == 2);
  line.plant.station("");
  CHECK(line.plant.dmigate({"check", line.unit, "--purpose", "golden"}).status == 2);
}

TEST_CASE("a code that was read out is held against the unit as it last passed") {
  const Shipped line;
  const std::string today = line.plant.unit("today", "good-unit", {{"HB26031187", "HB26038888"}});
  const std::string code = text(parse_line(line.plant.dmigate({"code", today, "--json"}).out), "code");
  const auto compared =
      parse_line(line.plant.dmigate({"code", "--compare", code, "--unit", kLabel, "--json"}).out);
  CHECK(text(compared.at("then").as_object(), "from") == "registry");
  for (const json::value& field : compared.at("fields").as_array()) {
    const bool board = text(field.as_object(), "keyword") == "baseboard-serial-number";
    CHECK((text(field.as_object(), "difference") == "same") != board);
  }
  CHECK(line.plant.dmigate({"code", "--compare", code, "--unit", "nobody"}).status == 3);
  CHECK(line.plant.dmigate({"code", today, "--compare", code, "--unit", kLabel}).status == 2);
  CHECK(line.plant.dmigate({"code", "--unit", kLabel}).status == 2);
}
