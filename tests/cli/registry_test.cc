// dmigate registry …: what the plant's memory answers.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/gate/edit.h"
#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

// A plant with one unit that is burnt and waits for its reboot.
struct Counter {
  Plant plant;
  std::string unit = plant.unit("unit", "case-a-1");
  std::string id;

  Counter() {
    id = unit_id(
        plant.verdict(0, {"burn", unit, "--unit", "CX2600501", "--set", "system-serial-number=CX2600501",
                          "--set", "baseboard-serial-number=HB26031501"}));
  }
};

}  // namespace

TEST_CASE("init makes an empty registry and never touches one that is there") {
  const Plant plant;
  const std::string before = read_file(plant.registry());
  const Ended again = plant.dmigate({"registry", "init"});
  CHECK(again.status == 3);
  CHECK(again.out.empty());
  CHECK(again.err ==
        "dmigate: " + plant.registry() +
            ": there is a file here already; nothing was changed; use it as it is, or choose another path\n");
  CHECK(read_file(plant.registry()) == before);
  CHECK(plant.dmigate({"registry", "init", "--registry", "second.db"}).out == "registry made: second.db\n");
  CHECK(plant.dmigate({"registry", "init", "--registry", "nowhere/third.db"}).status == 3);
  CHECK_FALSE(fs::exists(plant / "nowhere"));
  CHECK(plant.registry_json(0, {"status", "--registry", "second.db"}).at("records") == 0);
}

TEST_CASE("status counts, and lists what is open") {
  const Counter line;
  const auto status = line.plant.registry_json(0, {"status"});
  CHECK(text(status, "schema") == "dmigate.registry-status/1");
  CHECK(text(status, "registry") == line.plant.registry());
  CHECK(status.at("units") == 1);
  CHECK(status.at("records") == 3);  // the profile's version, its start and its end
  const json::object& claims = status.at("claims").as_object();
  CHECK(claims.at("active") == 2);  // label and UUID
  CHECK(claims.at("reserved") == 2);
  CHECK(claims.at("retired") == 0);
  const json::array& work = status.at("work").as_array();
  REQUIRE(work.size() == 1);
  const json::object& burn = work[0].as_object();
  CHECK(text(burn, "unit") == line.id);
  CHECK(text(burn, "label") == "CX2600501");
  CHECK(text(burn, "kind") == "burn");
  CHECK(text(burn, "state") == "pending");
  CHECK(text(burn, "stage") == "pre-burn");
  CHECK(text(burn, "station") == "L3-S07");

  const Ended said = line.plant.dmigate({"registry", "status"});
  CHECK(said.status == 0);
  CHECK(said.err.empty());
  CHECK(said.out == "registry  " + line.plant.registry() + " (schema " +
                        std::to_string(status.at("schema_version").to_number<int>()) +
                        ")\n"
                        "units     1\n"
                        "claims    2 active, 2 reserved, 0 retired\n"
                        "records   3\n"
                        "pending burn  CX2600501  pre-burn at L3-S07, " +
                        text(burn, "since") + "\n");
}

TEST_CASE("lookup finds a unit by any of its values, in any letters, and in either order of a UUID") {
  const Counter line;
  const struct {
    const char* value;
    const char* keyword;
    const char* state;
  } rows[] = {
      {"HB26031501", "baseboard-serial-number", "reserved"},
      {" hb26031501\t", "baseboard-serial-number", "reserved"},
      {"8d1e6f02-5c3b-4a77-9e41-2b7f60c4d501", "system-uuid", "active"},
      {"8D1E6F02-5C3B-4A77-9E41-2B7F60C4D501", "system-uuid", "active"},
      {"026f1e8d-3b5c-774a-9e41-2b7f60c4d501", "system-uuid", "active"},
  };
  for (const auto& [value, keyword, state] : rows) {
    CAPTURE(std::string(value));
    const auto found = line.plant.registry_json(0, {"lookup", value});
    CHECK(text(found, "schema") == "dmigate.registry-lookup/1");
    const json::array& claims = found.at("claims").as_array();
    REQUIRE(claims.size() == 1);
    const json::object& claim = claims[0].as_object();
    CHECK(text(claim, "keyword") == keyword);
    CHECK(text(claim, "state") == state);
    CHECK(text(claim, "unit") == line.id);
    CHECK(text(claim, "label") == "CX2600501");
    CHECK(text(claim, "station") == "L3-S07");
    const Ended said = line.plant.dmigate({"registry", "lookup", value});
    CHECK(said.status == 0);
    CHECK(lines(said.out) == 1);
    CHECK(contains(said.out, line.id + " (label CX2600501)  L3-S07, "));
  }
  // One value in two places: the label and the serial that is to be.
  CHECK(line.plant.registry_json(0, {"lookup", "CX2600501"}).at("claims").as_array().size() == 2);
  CHECK(line.plant.registry_json(0, {"lookup", line.id}).at("claims").as_array().size() == 4);
  CHECK(line.plant.registry_json(0, {"lookup", "nobody"}).at("claims").as_array().empty());
  CHECK(line.plant.dmigate({"registry", "lookup", "nobody"}).out == "nobody holds nobody\n");
}

TEST_CASE("verify finds what was changed behind the registry's back") {
  const Counter line;
  const auto whole = line.plant.registry_json(0, {"verify"});
  CHECK(text(whole, "schema") == "dmigate.registry-verify/1");
  CHECK(whole.at("whole") == true);
  CHECK(whole.at("doubts").as_array().empty());
  line.plant.check_registry_is_whole();

  const auto tamper = [&](const std::string& statement) {
    gate::edit(line.plant.registry(), statement);
    const auto doubted = line.plant.registry_json(1, {"verify"});
    CHECK(doubted.at("whole") == false);
    CHECK_FALSE(doubted.at("doubts").as_array().empty());
    const Ended said = line.plant.dmigate({"registry", "verify"});
    CHECK(said.status == 1);
    CHECK(lines(said.out) == doubted.at("doubts").as_array().size());
  };
  SUBCASE("a record's content") {
    tamper("UPDATE record SET body = replace(CAST(body AS TEXT), 'CX2600501', 'CX2600502')");
  }
  SUBCASE("a record that was taken out") { tamper("DELETE FROM record WHERE seq = 1"); }
  SUBCASE("a claim that was taken out") { tamper("DELETE FROM claim WHERE keyword = 'label'"); }
  SUBCASE("a claim's state") { tamper("UPDATE claim SET state = 'retired' WHERE keyword = 'system-uuid'"); }
}

TEST_CASE("resolve is for what is open, by a named person") {
  const Counter line;
  const auto resolve = [&](const std::string& who) {
    return line.plant.dmigate({"registry", "resolve", who, "--by", "Li", "--reason", "checked"});
  };
  const Ended nobody = resolve("nobody");
  CHECK(nobody.status == 3);
  CHECK(nobody.err ==
        "dmigate: nobody: no unit is known by this; dmigate registry status lists what is open\n");
  // A burn that ended well and will never be proved, since the board is dead, say: it may be burnt again.
  const Ended pending = resolve("CX2600501");
  CHECK(pending.status == 0);
  CHECK(pending.err.empty());
  CHECK(pending.out.starts_with("resolved: the burn of CX2600501 at L3-S07 ("));
  CHECK(lines(pending.out) == 1);
  CHECK(text(line.plant.registry_json(0, {"status"}).at("work").at(0).as_object(), "state") == "failed");
  CHECK(resolve("CX2600501").status == 3);
  CHECK(rules(line.plant.verdict(1, {"check", line.unit, "--unit", "CX2600501", "--stage", "pre-image"})) ==
        Words{"stage.pending-burn"});
  line.plant.check_registry_is_whole();
}
