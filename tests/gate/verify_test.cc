// registry verify: whole after all that a line does, and each kind of tampering is found.
#include <sqlite3.h>

#include <functional>

#include "tests/gate/edit.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

// Two stations, three units, a burn that was proved, one that is pending, one that was resolved.
void fill(const Plant& plant) {
  const auto boot = [](const std::string& last) { return "6c1f9d3e-0b52-4f0a-8a64-0000000000" + last; };
  for (const int n : {1, 2, 3}) {
    const std::string label = serial(n);
    plant.record({.unit = bare(n), .stage = Stage::kIncoming, .label = label});
    const Call burn{.unit = booted(bare(n), boot("a" + std::to_string(n))),
                    .stage = Stage::kPreBurn,
                    .label = label,
                    .burn = {identity(n)[0], identity(n)[1]},
                    .station = "L1-S2"};
    const Verdict open = plant.record(burn);
    if (n == 3) {
      REQUIRE(plant.open().resolve(decision(label, "Li Na", "power cut", "L1-S2")));
      continue;
    }
    REQUIRE(plant.close(open, true));
    if (n == 2) continue;
    plant.record({.unit = booted(good(n), boot("b2")), .stage = Stage::kPostBurn, .label = label});
    plant.record({.unit = good(n), .label = label});
    plant.record({.unit = good(9), .stage = Stage::kShip, .label = label});  // FAIL
  }
}

TEST_CASE("a registry is whole after all that a line does") {
  Plant plant;
  CHECK(plant.doubts() == Words{});
  fill(plant);
  CHECK(plant.doubts() == Words{});
  CHECK(plant.status().work.size() == 2);
}

TEST_CASE("verify finds what was changed, lost or moved, and says where") {
  struct Row {
    const char* what;
    const char* sql;
    const char* where;  ///< of a doubt
    const char* doubt;
  };
  const Row rows[] = {
      {"a body",
       "UPDATE record SET body = replace(CAST(body AS TEXT), 'FAIL', 'PASS') WHERE outcome = 'FAIL'",
       "L1-S1 #", "its content was changed"},
      {"a hash", "UPDATE record SET hash = zeroblob(32) WHERE station = 'L1-S1' AND seq = 2", "L1-S1 #2",
       "its content was changed"},
      {"an outcome", "UPDATE record SET outcome = 'PASS' WHERE outcome = 'FAIL'", "L1-S1 #",
       "its columns do not say what its content says"},
      {"a stage", "UPDATE record SET stage = 'ship' WHERE station = 'L1-S1' AND seq = 1", "L1-S1 #1",
       "its columns do not say what its content says"},
      {"the stage of a resolve", "UPDATE record SET stage = 'ship' WHERE kind = 'resolve'", "L1-S2 #",
       "its columns do not say what its content says"},
      {"a kind", "UPDATE record SET kind = 'check' WHERE kind = 'burn'", "L1-S2 #",
       "its columns do not say what its content says"},
      {"a time", "UPDATE record SET time = '2020-01-01T00:00:00.000Z' WHERE station = 'L1-S1' AND seq = 1",
       "L1-S1 #1", "its columns do not say what its content says"},
      {"whose record it is", "UPDATE record SET unit = 'u-0' WHERE station = 'L1-S1' AND seq = 1", "L1-S1 #1",
       "its columns do not say what its content says"},
      {"a record in the middle", "DELETE FROM record WHERE station = 'L1-S1' AND seq = 2", "L1-S1 #3",
       "records 2 to 2 are missing"},
      {"the first record", "DELETE FROM record WHERE station = 'L1-S2' AND seq = 1", "L1-S2 #2",
       "records 1 to 1 are missing"},
      {"two records swapped",
       "UPDATE record SET seq = -seq WHERE station = 'L1-S1' AND seq IN (1, 2);"
       "UPDATE record SET seq = CASE seq WHEN -1 THEN 2 ELSE 1 END WHERE station = 'L1-S1' AND seq < 0",
       "L1-S1 #1", "it stands in another record's place"},
      {"a record put under another station",
       "UPDATE record SET station = 'L9' WHERE station = 'L1-S1' AND seq = 1", "L9 #1",
       "it stands in another record's place"},
      {"the gap closed after a deletion",
       "DELETE FROM record WHERE station = 'L1-S1' AND seq = 2;"
       "UPDATE record SET seq = -seq WHERE station = 'L1-S1' AND seq > 2;"
       "UPDATE record SET seq = -seq - 1 WHERE seq < 0",
       "L1-S1 #2", "it does not follow the record before it"},
      {"a record that is no JSON", "UPDATE record SET body = X'00ff7b' WHERE station = 'L1-S1' AND seq = 1",
       "L1-S1 #1", "its content cannot be read"},
      {"a claim that no record explains",
       "INSERT INTO claim SELECT randomblob(32), value_id, keyword, second, scope, 'CX9999999', unit, state, "
       "station,"
       " since, '' FROM claim WHERE keyword = 'system-uuid' LIMIT 1",
       "claim system-uuid CX9999999", "no record explains it"},
      {"a claim taken away", "DELETE FROM claim WHERE keyword = 'system-uuid' AND state = 'active'", "claim ",
       "the journal has it, the claims do not"},
      {"a claim moved to another unit",
       "UPDATE claim SET unit = (SELECT unit FROM claim WHERE keyword = 'label' AND shown = 'CX2641702')"
       " WHERE keyword = 'system-uuid' AND state = 'active'",
       "claim system-uuid ", "the journal gives it to u-"},
      {"a reserved claim made active", "UPDATE claim SET state = 'active' WHERE state = 'reserved'", "claim ",
       "it is active, the journal says reserved"},
      {"a unit let go by hand", "DELETE FROM work WHERE state = 'pending'", "open burn of u-",
       "the journal has it, and nothing holds the unit back"},
      {"a unit held back by hand",
       "INSERT INTO work SELECT 'u-0', kind, state, stage, station, station_seq, since, boot_id, tool, "
       "visit, intended"
       " FROM work LIMIT 1",
       "open burn of u-0", "no record explains it"},
      {"a claim under another name", "UPDATE claim SET keyword = 'label' WHERE keyword = 'system-uuid'",
       "claim label ", "its columns do not say what the journal says"},
      {"a claim that shows another value", "UPDATE claim SET shown = 'CX9999999' WHERE keyword = 'label'",
       "claim label CX9999999", "its columns do not say what the journal says"},
      {"a visit made good by hand", "UPDATE visit SET passed = 1 WHERE passed = 0", "visit ",
       "not as the journal says"},
      {"a visit that no record explains",
       "INSERT INTO visit SELECT unit, 99, kind, 'ship', 1, time FROM visit LIMIT 1", "visit 99 of u-",
       "no record explains it"},
      {"a visit taken away", "DELETE FROM visit WHERE stage = 'pre-image'", "visit ", "the visits do not"},
      {"a unit taken away", "DELETE FROM unit WHERE id = (SELECT min(id) FROM unit)", "unit u-",
       "the units do not"},
      {"a unit put in", "INSERT INTO unit VALUES ('u-0', 'cx', '2026')", "unit u-0", "no record explains it"},
      {"a raw table changed", "UPDATE source SET structures = X'7f04ffff0000', packed = 0", "raw table ",
       "its content was changed"},
      {"a raw table taken away", "DELETE FROM source", "raw table ", "it is missing"},
      {"a witness put in",
       "INSERT INTO seen SELECT id, 'nic-mac', X'00', '02:fc:00:00:00:01', 1, '' FROM unit", "known of u-",
       "no record explains it"},
      {"scrap made good for a repair", "UPDATE claim SET disposition = 'repair' WHERE keyword = 'label'",
       "claim label", "not as the journal says"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Plant plant(kModel, true);
    fill(plant);
    edit(plant.path(), row.sql);
    const Words doubts = plant.doubts();
    CAPTURE(doubts);
    CHECK(std::ranges::any_of(doubts, [&](const std::string& doubt) {
      return doubt.starts_with(row.where) && doubt.find(row.doubt) != std::string::npos;
    }));
  }
}

TEST_CASE("a burn whose intended values were lost is an error, and no proof") {
  for (const char* intended :
       {"''", "'[]'", "'[1]'", "'{\"keyword\": 1}'", "'[{\"keyword\": \"system-uuid\"}]'"}) {
    CAPTURE(intended);
    Plant plant(kModel, true);
    fill(plant);
    edit(plant.path(), std::string("UPDATE work SET intended = ") + intended);
    Registry registry = plant.open();
    const Call proof{.unit = booted(bare(2), "6c1f9d3e-0b52-4f0a-8a64-0000000000b9"),
                     .stage = Stage::kPostBurn,
                     .label = "CX2641702"};
    const auto verdict = plant.try_record(proof, registry);
    REQUIRE_FALSE(verdict);
    CHECK(verdict.error().what.find("damaged") != std::string::npos);
    CHECK_FALSE(registry.status());
  }
}

TEST_CASE("a record that others can parse says who, what and when") {
  Plant plant(kModel, true);
  plant.record({.unit = good(1), .label = "CX2641701"});
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(plant.path().c_str(), &database) == SQLITE_OK);
  std::string body;
  sqlite3_exec(
      database, "SELECT CAST(body AS TEXT) FROM record WHERE kind = 'check'",
      [](void* into, int, char** columns, char**) {
        *static_cast<std::string*>(into) = columns[0];
        return 0;
      },
      &body, nullptr);
  sqlite3_close(database);
  for (const char* part :
       {R"("schema":"dmigate.record/1")", R"("station":"L1-S1","seq":2,"prev":")", R"("kind":"check")",
        R"("op":"claim","keyword":"system-serial-number","value":"CX2641701")",
        R"("outcome":"PASS","recorded":true)", R"("label":"CX2641701")"}) {
    CAPTURE(part);
    CHECK(body.find(part) != std::string::npos);
  }
}

}  // namespace
}  // namespace dmigate::gate
