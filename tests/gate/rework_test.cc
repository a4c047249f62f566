// Rework: parts and labels exchanged, units that are no more, copies, golden units; and what a trace tells of
// them.

#include <algorithm>
#include <boost/json.hpp>

#include "gate/evidence/members.h"
#include "tests/gate/edit.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

constexpr const char* kReworked = R"(
profile: cx
version: 1
fields:
  system-serial-number:    { unique: true }
  system-uuid:             { unique: true }
  baseboard-serial-number: { unique: true }
  chassis-serial-number:   {}
stages: { incoming: {}, pre-image: { after: incoming }, ship: { after: pre-image } }
witnesses: [nic-mac]
)";
constexpr const char* kOwnMac = "02:fc:00:00:00:01";

// A unit with a network card and a disk of its own.
Evidence with_devices(const fixtures::UnitDescription& described, const std::vector<std::string>& macs) {
  Evidence evidence = evidence_of(described);
  std::vector<NetworkCard> cards;
  for (const std::string& mac : macs) {
    cards.push_back({.name = "enp" + std::to_string(cards.size()) + "s0",
                     .bus = Bus::kPci,
                     .physical = true,
                     .removable = false,
                     .mac = mac});
  }
  evidence.hardware.nics = std::move(cards);
  evidence.hardware.disks = std::vector<Disk>{{.name = "nvme0n1",
                                               .bus = Bus::kNvme,
                                               .removable = false,
                                               .serial = "S-" + described.name,
                                               .size = 1U << 30U}};
  return evidence;
}

class Line {
 public:
  explicit Line(const char* model = kModel, bool in_file = false) : plant_(model, in_file) {}

  Verdict visit(const fixtures::UnitDescription& described, Stage stage, const std::string& label = {},
                const std::vector<std::string>& macs = {kOwnMac}) {
    const Evidence evidence = with_devices(described, macs);
    Visit visit = plant_.visit({.unit = described, .stage = stage, .label = label}, evidence);
    visit.verdict.station.lot = "LOT-7";
    visit.verdict.station.work_order = "WO-42";
    auto verdict = plant_.open().record(visit);
    REQUIRE_MESSAGE(verdict, (verdict ? "" : verdict.error().to_string()));
    return *std::move(verdict);
  }

  bool passes(const fixtures::UnitDescription& described, Stage stage, const std::string& label = {},
              const std::vector<std::string>& macs = {kOwnMac}) {
    return visit(described, stage, label, macs).outcome == Outcome::kPass;
  }

  Result<std::string> replace(const std::string& who, std::vector<Part> parts,
                              Disposition disposition = Disposition::kRepair) {
    Rework rework = decision(who, "Li Na", "diagnosis");
    rework.parts = std::move(parts);
    rework.disposition = disposition;
    return plant_.open().replace(rework);
  }

  Trace trace(const std::string& value) {
    auto trace = plant_.open().trace(value);
    REQUIRE_MESSAGE(trace, (trace ? "" : trace.error().to_string()));
    return *std::move(trace);
  }

  // What was recorded of the unit, the newest first: "L1-S1 check incoming".
  Words told(const std::string& value) {
    const Trace traced = trace(value);
    Words all;
    for (const std::string& body : traced.units.front().records) {
      const auto record = boost::json::parse(body).as_object();
      all.push_back(word(record, "station") + " " + word(record, "kind") + " " +
                    word(child(record, "verdict"), "stage"));
    }
    return all;
  }

  Plant& plant() { return plant_; }

 private:
  Plant plant_;
};

fixtures::UnitDescription with_board(int unit, int of_board) {
  return changed(good(unit), {{"baseboard-serial-number", board(of_board)}});
}

TEST_CASE("a board that went to repair stays with its unit, and comes back by rework only") {
  Line line;
  REQUIRE(line.passes(good(1), Stage::kPreImage));
  REQUIRE(line.replace(serial(1), {{"baseboard-serial-number", board(8), {}}}));
  CHECK(line.passes(with_board(1, 8), Stage::kPreImage));
  const Verdict back = line.visit(good(1), Stage::kPreImage);
  CHECK(rules(back.findings) == Words{"unique.changed baseboard-serial-number"});
  CHECK(back.findings.front().say == Say::kInRepair);
  CHECK_FALSE(line.passes(with_board(2, 1), Stage::kPreImage));  // nor may another unit have it

  REQUIRE(line.replace(serial(1), {{"baseboard-serial-number", board(1), Disposition::kStock}}));
  CHECK(line.passes(good(1), Stage::kPreImage));
  CHECK(line.passes(with_board(3, 8), Stage::kPreImage));  // the board of the diagnosis is free again
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("a board that went to stock is another unit's, and both are found by its serial") {
  Line line;
  REQUIRE(line.passes(good(1), Stage::kPreImage));
  const auto told = line.replace(serial(1), {{"baseboard-serial-number", {}, {}}}, Disposition::kStock);
  REQUIRE(told);
  CHECK(line.passes(with_board(1, 8), Stage::kPreImage));  // the next PASS tells which board came
  CHECK(line.passes(with_board(2, 1), Stage::kPreImage));
  CHECK(line.trace(board(1)).units.size() == 2);
  CHECK_FALSE(line.passes(good(1), Stage::kPreImage));
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE(
    "a board's number counts within its maker: after the board went to stock, the next check names the new "
    "one") {
  Plant plant;
  REQUIRE(plant.record({.unit = good(1)}).outcome == Outcome::kPass);
  Rework rework = decision(serial(1), "Li Na", "dead board");
  rework.disposition = Disposition::kStock;
  rework.parts = {{"baseboard-serial-number", {}, {}}};
  REQUIRE(plant.open().replace(rework));
  rework.parts = {{"baseboard-serial-number", board(8), {}}};
  CHECK_FALSE(plant.open().replace(rework));  // of which maker?
  CHECK(plant.record({.unit = with_board(1, 8)}).outcome == Outcome::kPass);
  rework.parts = {{"baseboard-serial-number", board(9), {}}};
  REQUIRE(plant.open().replace(rework));
  CHECK(plant.record({.unit = with_board(1, 9)}).outcome == Outcome::kPass);
  CHECK(plant.record({.unit = with_board(2, 9)}).outcome == Outcome::kFail);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("scrap is never valid again, at no unit and by no rework") {
  Line line;
  REQUIRE(line.passes(good(1), Stage::kPreImage));
  REQUIRE(line.replace(serial(1), {{"baseboard-serial-number", board(8), {}}}, Disposition::kScrap));
  CHECK_FALSE(line.passes(good(1), Stage::kPreImage));
  CHECK_FALSE(line.passes(with_board(2, 1), Stage::kPreImage));
  const auto back = line.replace(serial(1), {{"baseboard-serial-number", board(1), {}}});
  REQUIRE_FALSE(back);
  CHECK(back.error().what.find("never valid again") != std::string::npos);
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("rework that would leave a conflict is refused, and leaves everything as it was") {
  struct Row {
    const char* what;
    std::vector<Part> parts;
    const char* why;
  };
  const Row rows[] = {
      {"another unit's board", {{"baseboard-serial-number", board(2), {}}}, "belongs to another unit"},
      {"another unit's label", {{"label", "CX0000002", {}}}, "belongs to another unit"},
      {"the second of two",
       {{"baseboard-serial-number", board(9), {}}, {"label", "CX0000002", {}}},
       "another unit"},
      {"its own board", {{"baseboard-serial-number", " " + board(1), {}}}, "already"},
      {"a system serial to stock", {{"system-serial-number", "CX1", Disposition::kStock}}, "never passes"},
      {"a UUID to stock", {{"system-uuid", uuid(9), Disposition::kStock}}, "never passes"},
      {"no UUID", {{"system-uuid", "8d1e6f02-5c3b", {}}}, "no value of a system-uuid"},
      {"what it has not", {{"activation-sn", {}, {}}}, "holds no activation-sn"},
      {"a word", {{"motherboard", "X", {}}}, "holds no motherboard"},
      {"no MAC", {{"nic-mac", "02:fc", {}}}, "no value of a nic-mac"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Line line;
    REQUIRE(line.passes(good(1), Stage::kPreImage, "CX0000001"));
    REQUIRE(line.passes(good(2), Stage::kPreImage, "CX0000002"));
    const Words before = line.plant().lookup(serial(1));
    const auto records = line.plant().status().records;
    const auto refused = line.replace("CX0000001", row.parts);
    REQUIRE_FALSE(refused);
    CHECK_MESSAGE(refused.error().what.find(row.why) != std::string::npos, refused.error().to_string());
    CHECK(line.plant().lookup(serial(1)) == before);
    CHECK(line.plant().status().records == records);
    CHECK(line.passes(good(1), Stage::kPreImage, "CX0000001"));
    CHECK(line.plant().doubts() == Words{});
  }
}

TEST_CASE("several parts at once, each with its own disposition; a label among them") {
  Line line;
  REQUIRE(line.passes(good(1), Stage::kPreImage, "CX0000001"));
  REQUIRE(line.replace("CX0000001", {{"label", "CX0000009", Disposition::kStock},
                                     {"baseboard-serial-number", board(8), Disposition::kScrap}}));
  CHECK(line.passes(with_board(1, 8), Stage::kPreImage, "CX0000009"));
  CHECK(line.passes(good(2), Stage::kPreImage, "CX0000001"));
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("a reworked unit starts again at its first stage") {
  Line line(kReworked);
  for (const Stage stage : {Stage::kIncoming, Stage::kPreImage, Stage::kShip})
    REQUIRE(line.passes(good(1), stage));
  REQUIRE(line.replace(serial(1), {{"baseboard-serial-number", board(8), {}}}));
  const Verdict ship = line.visit(with_board(1, 8), Stage::kShip);
  REQUIRE(rules(ship.findings) == Words{"stage.order"});
  CHECK(ship.findings.front().cause == Say::kWhyReworked);
  CHECK_FALSE(line.passes(with_board(1, 8), Stage::kPreImage));
  for (const Stage stage : {Stage::kIncoming, Stage::kPreImage, Stage::kShip}) {
    CHECK(line.passes(with_board(1, 8), stage));
  }
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE(
    "no rework while a burn or a run is open or not proved; a board that failed its burn may be exchanged") {
  Plant plant;
  const auto boot = [](const char* last) { return std::string("6c1f9d3e-0b52-4f0a-8a64-0000000000") + last; };
  plant.record({.unit = bare(1), .stage = Stage::kIncoming, .label = "CX0000001"});
  const Verdict open = plant.record({.unit = booted(bare(1), boot("b1")),
                                     .stage = Stage::kPreBurn,
                                     .label = "CX0000001",
                                     .burn = {identity(1)[0], identity(1)[1]}});
  Rework rework = decision("CX0000001", "Li Na", "dead board");
  rework.parts = {{"baseboard-serial-number", board(8), Disposition::kScrap}};
  const auto refused = [&] {
    const auto done = plant.open().replace(rework);
    return !done && done.error().what.find("not done yet") != std::string::npos;
  };
  CHECK(refused());
  CHECK_FALSE(plant.open().retire(rework));
  const auto closed = plant.close(open, true);
  REQUIRE(closed);
  CHECK(refused());  // pending
  REQUIRE(plant.open().resolve(decision("CX0000001", "Li Na", "does not start any more")));
  REQUIRE(plant.open().replace(rework));
  CHECK(plant.status().work.empty());
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a unit that is no more: nothing of it is valid again, but what went to stock") {
  Line line;
  REQUIRE(line.passes(good(1), Stage::kPreImage, "CX0000001"));
  Rework rework = decision("CX0000001", "Li Na", "water damage");
  rework.parts = {{"baseboard-serial-number", {}, Disposition::kStock}};
  REQUIRE(line.plant().open().retire(rework));
  CHECK_FALSE(line.passes(good(1), Stage::kPreImage, "CX0000001"));
  CHECK_FALSE(line.passes(changed(good(2), {identity(1)[0]}), Stage::kPreImage));
  CHECK(line.passes(with_board(2, 1), Stage::kPreImage));
  CHECK(line.trace("CX0000001").units.size() == 1);
  for (const auto& again :
       {line.plant().open().retire(rework), line.replace(serial(1), {{"label", "CX0000011", {}}})}) {
    REQUIRE_FALSE(again);
    CHECK(again.error().what.starts_with("this unit was retired"));
  }
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("what many parts have written on them is no value of a new part") {
  Line line;
  REQUIRE(line.passes(good(1), Stage::kPreImage, "CX0000001"));
  for (const auto& [keyword, value] : Values{{"baseboard-serial-number", "To be filled by O.E.M."},
                                             {"baseboard-serial-number", "default string"},
                                             {"system-serial-number", "0123456789"},
                                             {"system-uuid", "00000000-0000-0000-0000-000000000000"},
                                             {"system-uuid", "03000200-0400-0500-0006-000700080009"},
                                             {"label", "XXXXXXXX"}}) {
    CAPTURE(value);
    const auto done = line.replace("CX0000001", {{keyword, value, {}}});
    REQUIRE_FALSE(done);
    CHECK(done.error().what == "this is a placeholder, and no value of a " + keyword);
  }
  CHECK(line.passes(good(1), Stage::kPreImage, "CX0000001"));
  CHECK(line.replace("CX0000001", {{"label", "A7", {}}}));  // a short one is a plant's own way
}

TEST_CASE("a copy of a unit's DMI has other network cards, and is refused without harm to the unit") {
  Line line(kReworked);
  REQUIRE(line.passes(good(1), Stage::kIncoming));
  const Verdict copy = line.visit(good(1), Stage::kIncoming, {}, {"02:fc:00:00:00:99"});
  CHECK(rules(copy.findings) == Words{"unique.clone nic-mac"});
  CHECK(copy.unit.empty());
  CHECK(copy.findings.front().details.front().second.find(line.trace(serial(1)).units.front().id) !=
        std::string::npos);
  CHECK(rules(line.visit(good(1), Stage::kIncoming, {}, {}).findings) == Words{"unique.clone nic-mac"});
  CHECK(line.passes(good(1), Stage::kPreImage));  // its own visits count as before

  // A second card is one of its witnesses from then on; a copy that has only that one is the unit.
  CHECK(line.passes(good(1), Stage::kShip, {}, {kOwnMac, "02:fc:00:00:00:02"}));
  CHECK(line.passes(good(1), Stage::kShip, {}, {"02:FC:00:00:00:02"}));
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("with the board its network card is exchanged; a card may be named by itself") {
  Line line(kReworked);
  REQUIRE(line.passes(good(1), Stage::kIncoming));
  REQUIRE(line.replace(serial(1), {{"baseboard-serial-number", board(8), {}}}));
  CHECK(line.passes(with_board(1, 8), Stage::kIncoming, {}, {"02:fc:00:00:00:08"}));
  CHECK_FALSE(line.passes(with_board(1, 8), Stage::kIncoming));  // the old board's card alone
  REQUIRE(line.replace(serial(1), {{"nic-mac", "02-FC-00-00-00-09", {}}}));
  CHECK_FALSE(line.passes(with_board(1, 8), Stage::kIncoming, {}, {"02:fc:00:00:00:08"}));
  CHECK(line.passes(with_board(1, 8), Stage::kIncoming, {}, {"02:fc:00:00:00:09"}));
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("a golden unit is tested a hundred times a day, and is no unit of the plant's") {
  Line line;
  for (int i = 0; i < 3; ++i) {
    const Verdict golden = line.plant().record({.unit = good(1), .golden = true});
    CHECK(golden.outcome == Outcome::kPass);
    CHECK(golden.golden);
    CHECK(golden.unit.empty());
  }
  CHECK(line.plant().status().units == 0);
  CHECK(line.plant().status().records == 3 + 1);
  CHECK(rules(line.visit(good(1), Stage::kShip).findings) == Words{"stage.order"});  // it has opened nothing
  CHECK(line.passes(good(1), Stage::kPreImage));
  CHECK(line.plant().record({.unit = unit("case-a-1"), .golden = true}).outcome == Outcome::kFail);
  CHECK(line.trace(serial(1)).records.size() == 4);  // three golden visits, and the one before its turn
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("what a unit looked like last is told by its visits, whatever the stations' clocks say") {
  using namespace std::chrono_literals;
  Line line;
  const auto visit = [&](const char* station, Stage stage, std::chrono::seconds ahead) {
    line.plant().set_clock_back(-ahead);
    CHECK(line.plant().record({.unit = good(1), .stage = stage, .station = station}).outcome ==
          Outcome::kPass);
    line.plant().set_clock_back(ahead);
  };
  visit("L1-S1", Stage::kIncoming, 2h);
  visit("L1-S2", Stage::kPreImage, 1h);
  REQUIRE(line.replace(serial(1), {{"baseboard-serial-number", board(8), {}}}));
  CHECK(line.passes(with_board(1, 8), Stage::kPreImage));
  line.plant().set_clock_back(-3h);
  Verdict runs = line.plant().record(
      {.unit = with_board(1, 8), .stage = Stage::kPreImage, .run = true, .station = "L1-S3"});
  REQUIRE(runs.outcome == Outcome::kPass);
  REQUIRE(line.plant().close(runs, true));
  line.plant().set_clock_back(3h);
  CHECK(line.plant().record({.unit = with_board(1, 8), .stage = Stage::kShip, .station = "L1-S2"}).outcome ==
        Outcome::kPass);
  CHECK(line.told(serial(1)) == Words{"L1-S2 check ship", "L1-S3 end pre-image", "L1-S3 run pre-image",
                                      "L1-S1 check pre-image", "L1-S1 replace ", "L1-S2 check pre-image",
                                      "L1-S1 check incoming"});
}

TEST_CASE("what held a unit back comes before the visit that passed after it, whatever the clocks say") {
  using namespace std::chrono_literals;
  for (const auto ahead : {0s, 3600s}) {  // of the clock of the station where the run began
    CAPTURE(ahead.count());
    Line line;
    const auto at = [&](const Call& call, std::chrono::seconds by) {
      line.plant().set_clock_back(-by);
      const Verdict verdict = line.plant().record(call);
      line.plant().set_clock_back(by);
      return verdict.outcome == Outcome::kPass;
    };
    CHECK(at({.unit = good(1), .run = true, .station = "L1-S1"}, ahead));
    CHECK_FALSE(at({.unit = good(1), .station = "L1-S2"}, 0s));
    CHECK_FALSE(at({.unit = good(1), .station = "L1-S1"}, ahead));
    line.plant().set_clock_back(-ahead);
    REQUIRE(line.plant().open().resolve(decision(serial(1), "Li Na", "power cut")));
    line.plant().set_clock_back(ahead);
    CHECK(at({.unit = good(1), .run = true, .station = "L1-S2"}, 0s));
    Words told = line.told(serial(1));
    if (ahead > 0s) std::erase(told, "L1-S2 check pre-image");  // no visit: the clocks alone place it
    Words expected = {"L1-S2 run pre-image", "L1-S1 resolve ", "L1-S1 check pre-image"};
    if (ahead == 0s) expected.push_back("L1-S2 check pre-image");
    expected.push_back("L1-S1 run pre-image");
    CHECK(told == expected);
  }
}

TEST_CASE("a unit is found by whatever is known of it, with all that happened to it and its raw tables") {
  Line line(kReworked);
  REQUIRE(line.passes(good(1), Stage::kIncoming, "CX0000001"));
  REQUIRE(line.passes(good(1), Stage::kPreImage, "CX0000001"));
  REQUIRE(line.passes(good(2), Stage::kIncoming, "CX0000002", {"02:fc:00:00:00:02"}));
  REQUIRE(line.replace("CX0000001", {{"label", "CX0000011", {}}}));
  const std::string id = line.trace("CX0000011").units.front().id;
  for (const std::string& value :
       {std::string("CX0000001"), std::string("cx0000011 "), serial(1), uuid(1), board(1),
        std::string(kOwnMac), std::string("02-FC-00-00-00-01"), std::string("02fc.0000.0001"), id}) {
    CAPTURE(value);
    const Trace trace = line.trace(value);
    REQUIRE(trace.units.size() == 1);
    CHECK(trace.units.front().id == id);
    CHECK(trace.units.front().records.size() == 3);
    CHECK(trace.units.front().records.front().find("\"kind\":\"replace\"") != std::string::npos);
  }
  for (const char* value : {"LOT-7", "wo-42", "S-good-unit", "CC2600417"}) {
    CAPTURE(value);
    CHECK(line.trace(value).units.size() == 2);
  }
  CHECK(line.trace("nobody").units.empty());
  const std::string name = to_hex(sha256(evidence_of(good(1)).source.layout().table));
  const auto kept = line.plant().open().source(name);
  REQUIRE(kept);
  REQUIRE(kept->has_value());
  CHECK(std::ranges::equal((*kept)->structures, evidence_of(good(1)).source.layout().table));
}

TEST_CASE("a unit that never passed is found all the same") {
  Line line;
  const auto empty = changed(good(1), {{"system-serial-number", ""}});
  CHECK_FALSE(line.passes(empty, Stage::kPreImage, "CX0000001"));
  for (const std::string& value :
       {std::string("CX0000001"), board(1), std::string(kOwnMac), std::string("lot-7")}) {
    CAPTURE(value);
    const Trace trace = line.trace(value);
    CHECK(trace.units.empty());
    CHECK(trace.records.size() == 1);
  }
}

TEST_CASE("a clock that goes backwards puts nothing out of order") {
  Line line(kReworked);
  REQUIRE(line.passes(good(1), Stage::kIncoming));
  line.plant().set_clock_back(std::chrono::hours(24));
  REQUIRE(line.passes(good(1), Stage::kPreImage));
  line.plant().set_clock_back(std::chrono::hours(24 * 365));
  REQUIRE(line.replace(serial(1), {{"baseboard-serial-number", board(8), {}}}));
  CHECK_FALSE(line.passes(with_board(1, 8), Stage::kShip));
  CHECK(line.plant().doubts() == Words{});
}

TEST_CASE("heads that were kept elsewhere tell when the journal's tail was cut, or another was grown") {
  Line line;
  REQUIRE(line.passes(good(1), Stage::kPreImage));
  REQUIRE(line.passes(good(2), Stage::kPreImage));
  const auto heads = line.plant().open().heads();
  REQUIRE(heads);
  REQUIRE(heads->size() == 1);
  REQUIRE(line.passes(good(3), Stage::kPreImage));
  CHECK(line.plant().open().verify(*heads)->empty());
  auto later = *heads;
  later.front().seq += 7;
  CHECK(line.plant().open().verify(later)->front().what.find("tail was cut") != std::string::npos);
  auto other = *heads;
  other.front().hash[0] = other.front().hash[0] == '0' ? '1' : '0';
  CHECK(line.plant().open().verify(other)->front().what.find("not the record") != std::string::npos);
}

TEST_CASE(
    "a registry of the schema before is refused, brought forward when it is asked for, and whole then") {
  Line line(kModel, true);
  REQUIRE(line.passes(good(1), Stage::kPreImage));
  constexpr const char* kBefore =
      "DROP TABLE seen; DROP TABLE mention; DROP TABLE permit; ALTER TABLE record DROP COLUMN id;"
      "ALTER TABLE claim DROP COLUMN disposition; DELETE FROM source; ALTER TABLE source DROP COLUMN packed;"
      "UPDATE registry SET value = '1' WHERE name = 'schema'; DELETE FROM record; DELETE FROM claim;"
      "DELETE FROM visit; DELETE FROM unit; DELETE FROM profile;";
  edit(line.plant().path(), kBefore);
  const auto refused = Registry::open(line.plant().path(), line.plant().options());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().advice.find("registry migrate") != std::string::npos);
  const auto migrated =
      Registry::migrate(line.plant().path(), line.plant().options(), decision({}, "Li Na", "new dmigate"));
  REQUIRE_MESSAGE(migrated, (migrated ? "" : migrated.error().to_string()));
  CHECK(migrated->from == 1);
  CHECK_FALSE(migrated->checksums);
  CHECK(line.passes(good(1), Stage::kPreImage));
  CHECK(line.plant().doubts() == Words{});
  CHECK(
      Registry::migrate(line.plant().path(), line.plant().options(), decision({}, "Li Na", "again"))->from ==
      Registry::kSchema);
}

}  // namespace
}  // namespace dmigate::gate
