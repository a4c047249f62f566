// registry import and export: units that were shipped before, all of a file or none.
#include "gate/registry/import.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

constexpr const char* kWithCards = R"(
profile: cx
version: 1
label: { pattern: '[A-Z]{2}[0-9]{5,9}' }
identifiers:
  activation-sn: { unique: true, optional: true }
  asset:         { optional: true }
fields:
  system-serial-number:    { unique: true }
  system-uuid:             { unique: true }
  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }
  chassis-serial-number:   { optional: true }
stages: { incoming: { only: [baseboard-serial-number] }, pre-image: {}, ship: { after: pre-image } }
witnesses: [nic-mac]
)";
constexpr const char* kMac = "02:fc:00:00:00:01";
constexpr std::string_view kHeader =
    "label,lot,work_order,station,shipped,system-serial-number,system-uuid,baseboard-serial-number,"
    "baseboard-manufacturer,nic-mac,disk-serial,id:activation-sn\n";

// The maker of good-unit's board.
std::string maker() {
  const Evidence evidence = evidence_of(good(1));
  return smbios::read(evidence.source.table(), field("baseboard-manufacturer")).text();
}

// What a plant's MES says of good(n).
std::string line(int n, const std::string& label = {}) {
  return (label.empty() ? "CX00" + std::to_string(10000 + n) : label) + ",LOT-7,WO-42,L9,2025-03-01," +
         serial(n) + "," + uuid(n) + "," + board(n) + "," + maker() +
         ",02:fc:00:00:00:" + (n < 10 ? "0" : "") + std::to_string(n) + ",S-" + std::to_string(n) + ",A-" +
         std::to_string(n) + "\n";
}
std::string label(int n) { return "CX00" + std::to_string(10000 + n); }

class Shop {
 public:
  explicit Shop(const char* model = kWithCards, bool in_file = false)
      : model_(profile(model)), plant_(model, in_file) {}

  [[nodiscard]] ImportRequest request(const std::string& content) const {
    const std::string file = plant_.folder() / "units";
    write_file(file, content);
    return {.file = file,
            .profile = &model_,
            .by = "Li Na",
            .reason = "before the gate",
            .station = {.id = "L1-S1"},
            .fixtures = {"02:fc:00:00:00:f1"}};
  }
  Result<ImportReport> import(const std::string& content) const {
    return plant_.open().import_units(request(content));
  }

  // Imported, or the test ends.
  ImportReport imported(const std::string& content) const {
    auto report = import(content);
    REQUIRE_MESSAGE(report, (report ? "" : report.error().to_string()));
    REQUIRE_MESSAGE(report->clean(), told(*report));
    return *std::move(report);
  }

  // "line:column what" of what is refused, "line keyword value" of what is in conflict.
  static Words told(const ImportReport& report) {
    Words all;
    for (const RefusedLine& each : report.refused) {
      all.push_back(std::to_string(each.line) + ":" + std::to_string(each.column) + " " + each.what);
    }
    for (const ImportConflict& each : report.conflicts) {
      all.push_back(
          std::to_string(each.line) + " " + each.keyword + " " + each.shown +
          (each.other_line != 0 ? " on " + std::to_string(each.other_line) : " " + each.holder.label));
    }
    return all;
  }

  // Refused or in conflict, and nothing is written.
  Words refused(const std::string& content) const {
    const std::string before = exported();
    const auto records = plant_.status().records;
    const auto checked = plant_.open().check_import(request(content));
    REQUIRE_MESSAGE(checked, (checked ? "" : checked.error().to_string()));
    const auto report = import(content);
    REQUIRE_MESSAGE(report, (report ? "" : report.error().to_string()));
    CHECK_FALSE(report->clean());
    CHECK(told(*checked) == told(*report));
    CHECK(exported() == before);
    CHECK(plant_.status().records == records);
    CHECK(plant_.doubts() == Words{});
    return told(*report);
  }

  [[nodiscard]] std::string exported() const {
    std::string all;
    const auto done = plant_.open().export_units([&](std::string_view piece) {
      all += piece;
      return Result<void>();
    });
    REQUIRE_MESSAGE(done, (done ? "" : done.error().to_string()));
    return all;
  }

  Verdict visit(const fixtures::UnitDescription& described, const std::string& scanned,
                const char* mac = kMac) const {
    Evidence evidence = evidence_of(described);
    evidence.hardware.nics = std::vector<NetworkCard>{
        {.name = "enp0s0", .bus = Bus::kPci, .physical = true, .removable = false, .mac = mac}};
    auto verdict = plant_.open().record(
        plant_.visit({.unit = described, .stage = Stage::kPreImage, .label = scanned}, evidence));
    REQUIRE_MESSAGE(verdict, (verdict ? "" : verdict.error().to_string()));
    return *std::move(verdict);
  }

  [[nodiscard]] Trace trace(const std::string& value) const {
    auto trace = plant_.open().trace(value);
    REQUIRE(trace);
    return *std::move(trace);
  }

  Plant& plant() { return plant_; }
  [[nodiscard]] const Plant& plant() const { return plant_; }

 private:
  profiles::Profile model_;
  Plant plant_;
};

std::string file_of(int count, int first = 1) {
  std::string all(kHeader);
  for (int n = first; n < first + count; ++n) all += line(n);
  return all;
}

TEST_CASE("an imported unit is known: it passes, its parts in another unit and its copy do not") {
  Shop shop;
  const ImportReport report = shop.imported(file_of(3));
  CHECK(report.units == 3);
  CHECK(report.claims == 15);
  CHECK(shop.plant().status().units == 3);
  CHECK(shop.plant().doubts() == Words{});

  const std::string id = shop.trace(label(1)).units.front().id;
  const Verdict known = shop.visit(good(1), label(1));
  CHECK(known.outcome == Outcome::kPass);
  CHECK(known.unit == id);
  CHECK(shop.visit(good(1), {}).unit == id);  // without its label as well
  CHECK(rules(shop.visit(good(1), {}, "02:fc:00:00:00:99").findings) == Words{"unique.clone nic-mac"});
  CHECK(rules(shop.visit(changed(good(8), {{"baseboard-serial-number", board(2)}}), {}, "02:fc:00:00:00:08")
                  .findings) ==
        Words{"unique.changed system-serial-number", "unique.changed system-uuid", "unique.clone nic-mac"});
  CHECK(shop.visit(good(9), label(3), "02:fc:00:00:00:09").outcome == Outcome::kFail);
  CHECK(shop.visit(good(5), "CX0012345", "02:fc:00:00:00:05").outcome == Outcome::kPass);  // a new one
  CHECK(shop.plant().doubts() == Words{});
}

TEST_CASE("all that a line says is found again, and its record says where it comes from") {
  Shop shop;
  const ImportReport report = shop.imported(file_of(2));
  const std::string id = shop.trace(label(2)).units.front().id;
  for (const std::string& value : {serial(2), uuid(2), board(2), std::string("A-2"), std::string("s-2"),
                                   std::string("02-FC-00-00-00-02"), id}) {
    CAPTURE(value);
    const Trace trace = shop.trace(value);
    REQUIRE(trace.units.size() == 1);
    const TracedUnit& unit = trace.units.front();
    CHECK(unit.id == id);
    CHECK(unit.since == "2025-03-01T00:00:00.000Z");
    CHECK(unit.claims.front().holder.station == "L9");
    REQUIRE(unit.records.size() == 1);
    for (const std::string& part :
         {std::string("\"kind\":\"import\""), std::string("\"by\":\"Li Na\",\"reason\":\"before the gate\""),
          "\"sha256\":\"" + report.sha256 + "\",\"line\":3",
          std::string("\"since\":\"2025-03-01T00:00:00.000Z\""),
          "\"fields\":{\"baseboard-manufacturer\":\"" + maker() + "\"}"}) {
      CHECK_MESSAGE(unit.records.front().find(part) != std::string::npos, part);
    }
  }
  CHECK(report.sha256 == to_hex(sha256(file_of(2))));
  CHECK(shop.trace("lot-7").units.size() == 2);
  CHECK(shop.trace("WO-42").units.size() == 2);
}

TEST_CASE("a line that is no good refuses the whole file, and each is told with its place") {
  struct Row {
    const char* what;
    std::string line;
    const char* why;
  };
  const std::string good_line = line(7);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good_line;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const Row rows[] = {
      {"a placeholder", with(serial(7), "To be filled by O.E.M."),
       "3:37 `system-serial-number` is a placeholder and no value: To be filled by O.E.M."},
      {"a placeholder on a label", with(label(7), "0000000000"), "`label` is a placeholder and no value"},
      {"a placeholder of an identifier", with("A-7", "N/A"),
       "`id:activation-sn` is a placeholder and no value"},
      {"a template's UUID", with(uuid(7), "03000200-0400-0500-0006-000700080009"),
       "`system-uuid` is a placeholder"},
      {"no UUID", with(uuid(7), "8d1e6f02-5c3b"), "this is no value of a system-uuid: 8d1e6f02-5c3b"},
      {"no MAC", with("02:fc:00:00:00:07", "02:fc"), "this is no value of a nic-mac: 02:fc"},
      {"one MAC of two", with("02:fc:00:00:00:07", "02:fc:00:00:00:07 x"),
       "this is no value of a nic-mac: x"},
      {"no scope", with(maker(), ""),
       "is unique within `baseboard-manufacturer`, of which this line says nothing"},
      {"no day", with("2025-03-01", "1.3.2025"), "`shipped` is a day such as"},
      {"a day that is not", with("2025-03-01", "2025-02-30"), "`shipped` is a day such as"},
      {"a NUL", with("LOT-7", std::string("LOT\0-7", 6)),
       "`lot` has characters that cannot be printed: LOT\\x00-7"},
      {"no UTF-8", with("LOT-7", "LOT-\xB5\xE7"),
       "`lot` has characters that cannot be printed: LOT-\\xB5\\xE7"},
      {"what nobody sees", with(serial(7), serial(7) + "\xE2\x80\x8B"),
       "has characters that cannot be printed"},
      {"a line's end in a value", with("LOT-7", "\"LOT\n7\""),
       "has characters that cannot be printed: LOT\\x0A7"},
      {"a cell too many", good_line.substr(0, good_line.size() - 1) + ",x\n",
       "this row has 13 cells, and the header has 12"},
      {"a cell too few", "CX0010007\n", "this row has 1 cells, and the header has 12"},
      {"a large cell", with("LOT-7", std::string(1U << 20U, 'x')), "this row is longer than 64 KiB"},
      {"a quote that is not closed", with("LOT-7", "\"LOT-7"), "the quote that begins here has no end"},
      {"text after a quote", with("LOT-7", "\"LOT\"-7"), "text after the quote that ends its cell"},
      {"nothing that tells it", ",LOT-7,,,,,,,,,,\n", "nothing on this line tells the unit from another"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Shop shop;
    // Nothing of the other lines is written, before it or behind it.
    const Words told = shop.refused(std::string(kHeader) + line(1) + row.line + line(3));
    REQUIRE(told.size() == 1);
    CHECK_MESSAGE(told.front().find(row.why) != std::string::npos, told.front());
    CHECK(told.front().starts_with("3:"));
  }
}

TEST_CASE("a header that does not hold is a mistake of the caller's, with the nearest name") {
  struct Row {
    std::string header;
    const char* why;
  };
  const Row rows[] = {
      {"label,system-serial-numbr",
       "there is no column `system-serial-numbr`; did you mean `system-serial-number`?"},
      {"Label,lot", "there is no column `Label`; did you mean `label`?"},
      {"label,work-order", "there is no column `work-order`; did you mean `work_order`?"},
      {"label,id:", "there is no column `id:`"},
      {"label,lot,label", "there are two columns `label`"},
      {"label,", "there is no column ``"},
      {"label,\"lot", "the quote that begins here has no end"},
      {"\xFF\xFEl\0a\0", "this is neither CSV nor JSONL in UTF-8"},
      {std::string(100000, 'x'), "this row is longer than 64 KiB"},
      {"\x7F"
       "ELF\x02\x01",
       "this is neither CSV nor JSONL in UTF-8"},
  };
  const Shop shop;
  for (const Row& row : rows) {
    CAPTURE(row.header.substr(0, 60));
    const auto report = shop.import(row.header + "\nA,B,C\n");
    REQUIRE_FALSE(report);
    CHECK(report.error().kind == ErrorKind::kConfiguration);
    CHECK_MESSAGE(report.error().what.find(row.why) != std::string::npos, report.error().to_string());
    CHECK(report.error().where.find("units:1:") != std::string::npos);
  }
  for (const char* nothing : {"", "\n\n", "label\n"}) {
    const auto report = shop.import(nothing);
    REQUIRE_FALSE(report);
    CHECK(report.error().kind == ErrorKind::kUnjudgeable);
  }
  CHECK(shop.plant().status().records == 0);
}

TEST_CASE(
    "values that stand twice, or belong to a unit of the registry, are listed with their lines and holders") {
  Shop shop;
  REQUIRE(shop.visit(good(1), "CX0000001").outcome == Outcome::kPass);
  CHECK(shop.refused(std::string(kHeader) + line(2) + line(3) + line(2)) ==
        Words{"4 label " + label(2) + " on 2", "4 system-serial-number " + serial(2) + " on 2",
              "4 system-uuid " + uuid(2) + " on 2", "4 baseboard-serial-number " + board(2) + " on 2",
              "4 activation-sn A-2 on 2"});
  CHECK(shop.refused(std::string(kHeader) + line(2) + line(3, label(2))) ==
        Words{"3 label " + label(2) + " on 2"});
  CHECK(shop.refused(std::string(kHeader) + line(2) + line(1)) ==
        Words{"3 system-serial-number " + serial(1) + " CX0000001", "3 system-uuid " + uuid(1) + " CX0000001",
              "3 baseboard-serial-number " + board(1) + " CX0000001"});
  // A value that was given up is nobody's.
  Rework rework = decision("CX0000001", "Li Na", "water damage");
  REQUIRE(shop.plant().open().retire(rework));
  CHECK(shop.refused(std::string(kHeader) + line(1)).size() == 3);
}

TEST_CASE("one value in two keywords of a unit, and one number of two makers, are no conflict") {
  const Shop shop;
  shop.imported(
      "label,system-serial-number,baseboard-serial-number,baseboard-manufacturer\n"
      "CX1234567,CX1234567,B-77001,Chenxi\nCX1234568,CX1234568,B-77001,Huaqiao\n");
  CHECK(shop.plant().status().units == 2);
  CHECK(shop.plant().lookup("cx1234567") ==
        Words{"label CX1234567 active CX1234567", "system-serial-number CX1234567 active CX1234567"});
  CHECK(shop.refused("label,baseboard-serial-number,baseboard-manufacturer\nCX1,B-77001, CHENXI \n").size() ==
        1);
}

TEST_CASE("of many conflicts the first are listed, and all are counted") {
  Shop shop;
  shop.imported(file_of(90));
  const auto again = shop.import(file_of(90));
  REQUIRE(again);
  CHECK(again->conflict_count == 450);
  CHECK(again->conflicts.size() == ImportReport::kMostListed);
  std::string bad(kHeader);
  for (int n = 0; n < 150; ++n) bad += "x\n";
  const auto refused = shop.import(bad);
  REQUIRE(refused);
  CHECK(refused->refused_count == 150);
  CHECK(refused->refused.size() == ImportReport::kMostListed);
  CHECK(shop.plant().status().units == 90);
}

TEST_CASE("each line's model names its profile, where none is given for all") {
  const Shop shop;
  write_file(shop.plant().folder() / "cx.yaml", kWithCards);
  write_file(shop.plant().folder() / "plain.yaml",
             "profile: plain\nversion: 1\nfields:\n  system-serial-number: { unique: true }\n"
             "stages: { ship: {} }\n");
  const auto by_model = [&](const std::string& content) {
    ImportRequest request = shop.request(content);
    request.profile = nullptr;
    request.catalog.folders = {shop.plant().folder().path()};
    return shop.plant().open().import_units(request);
  };
  const auto mixed = by_model(
      "model,label,system-serial-number,baseboard-serial-number,baseboard-manufacturer\n"
      "cx,CX0000001,SN-1001,B-77001,Chenxi\nplain,,SN-1002,B-77001,Chenxi\n");
  REQUIRE_MESSAGE(mixed, (mixed ? "" : mixed.error().to_string()));
  CHECK(Shop::told(*mixed) == Words{});
  CHECK(shop.trace("B-77001").units.size() == 2);  // claimed by one, seen of the other
  CHECK(shop.plant().status().active == 4);
  CHECK(shop.plant().doubts() == Words{});

  const auto refused = by_model("model,label,id:asset\nplian,CX1,\n,CX2,\nplain,CX3,X\n../cx.yaml,CX4,\n");
  REQUIRE(refused);
  const Words told = Shop::told(*refused);
  REQUIRE(told.size() == 4);
  CHECK(told[0].find("there is no profile or base set `plian`; did you mean `plain`?") != std::string::npos);
  CHECK(told[1] == "3:0 this line does not say of which model its unit is");
  CHECK(told[2] == "4:11 profile plain has no identifier `asset`");
  CHECK(told[3].find("a model is named, not a file") != std::string::npos);
  const auto unsaid = by_model("label\nCX1\n");
  REQUIRE_FALSE(unsaid);
  CHECK(unsaid.error().kind == ErrorKind::kConfiguration);
}

TEST_CASE("an older profile than the registry has seen is refused, as at a station") {
  Shop shop;
  std::string newer = kWithCards;
  newer.replace(newer.find("version: 1"), 10, "version: 2");
  shop.plant().change_model(newer);
  REQUIRE(shop.visit(good(1), "CX0000001").outcome == Outcome::kPass);
  const auto report = shop.import(file_of(2, 5));
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == ErrorKind::kConfiguration);
  CHECK(shop.plant().status().units == 1);
}

TEST_CASE("adapters of the station and addresses of nobody are no witnesses") {
  const Shop shop;
  shop.imported(
      "label,nic-mac\nCX1234567,02:fc:00:00:00:f1 88:88:88:88:87:88 02-FC-00-00-00-01 02fc.0000.0001\n");
  Words cards;
  const TracedUnit unit = shop.trace("CX1234567").units.front();
  for (const auto& seen : unit.seen) {
    cards.push_back(seen.shown + (seen.witness ? " witness" : ""));
  }
  std::ranges::sort(cards);
  CHECK(cards == Words{"02:fc:00:00:00:01 witness", "02:fc:00:00:00:f1", "88:88:88:88:87:88"});
}

TEST_CASE("what is exported makes the same registry again, byte for byte") {
  // Units in every state: passed, burnt and proved, burn given up, reworked, retired, imported.
  Plant from;
  const auto boot = [](const char* last) { return std::string("6c1f9d3e-0b52-4f0a-8a64-0000000000") + last; };
  for (const int n : {1, 2}) {
    from.record({.unit = bare(n), .stage = Stage::kIncoming, .label = label(n)});
    const Verdict open = from.record({.unit = booted(bare(n), boot("b1")),
                                      .stage = Stage::kPreBurn,
                                      .label = label(n),
                                      .burn = {identity(n)[0], identity(n)[1]}});
    REQUIRE(from.close(open, true));
    if (n == 1)
      from.record({.unit = booted(good(n), boot("b2")), .stage = Stage::kPostBurn, .label = label(n)});
  }
  const auto records_of = [](const Plant& plant) {
    std::string all;
    REQUIRE(plant.open().export_units([&](std::string_view piece) {
      all += piece;
      return Result<void>();
    }));
    return all;
  };
  const auto try_import = [](const Plant& into, const std::string& content) {
    write_file(into.folder() / "units", content);
    return into.open().import_units(
        {.file = into.folder() / "units", .by = "Li Na", .reason = "new server", .station = {.id = "L1-S1"}});
  };
  const Plant to;
  // What is not done yet must not be let go by moving it.
  const auto pending = try_import(to, records_of(from));
  REQUIRE(pending);
  REQUIRE(pending->refused_count == 1);
  CHECK(pending->refused.front().what.find("is not done") != std::string::npos);
  CHECK(to.status().units == 0);

  REQUIRE(from.open().resolve(decision(label(2), "Li Na", "dead board")));
  from.record({.unit = booted(bare(2), boot("b1")),
               .stage = Stage::kPreBurn,
               .label = label(2),
               .burn = {identity(2)[0], identity(2)[1]}});
  REQUIRE(from.open().resolve(decision(label(2), "Li Na", "dead board")));
  Rework rework = decision(label(2), "Li Na", "dead board");
  rework.parts = {{"baseboard-serial-number", board(8), Disposition::kStock},
                  {"label", "CX0077777", Disposition::kRepair}};
  REQUIRE(from.open().replace(rework));
  from.record({.unit = good(3), .label = label(3), .identifiers = {{"activation-sn", "A-3"}}});
  REQUIRE(from.open().retire(decision(label(3), "Li Na", "water damage")));
  // A maker's name that is no UTF-8, and a UUID as tables before SMBIOS 2.6 have it: shown is not all.
  from.record({.unit = changed(good(4), {{"baseboard-manufacturer", "Chenxi\xB5\xE7"}}), .label = label(4)});

  const std::string exported = records_of(from);
  CHECK(exported.find("\"value_id\":\"") != std::string::npos);
  CHECK(exported.find("\"state\":\"reserved\"") != std::string::npos);
  CHECK(exported.find("\"disposition\":\"repair\"") != std::string::npos);
  const auto report = try_import(to, exported);
  REQUIRE_MESSAGE(report, (report ? "" : report.error().to_string()));
  CHECK(Shop::told(*report) == Words{});
  CHECK(records_of(to) == exported);
  CHECK(to.doubts() == Words{});
  // And it judges as the first one does.
  CHECK(to.record({.unit = good(1), .label = label(1)}).outcome == Outcome::kPass);
  CHECK(to.record({.unit = good(3), .label = label(3)}).outcome == Outcome::kFail);
  CHECK(to.record({.unit = changed(good(5), {{"baseboard-manufacturer", "Chenxi\xB5\xE7"},
                                             {"baseboard-serial-number", board(4)}})})
            .outcome == Outcome::kFail);

  const auto twice = try_import(to, exported);
  REQUIRE(twice);
  CHECK(twice->conflict_count > 4);
  CHECK(twice->conflicts.front().keyword == "unit");
}

TEST_CASE("lines of JSON that are no unit are refused") {
  const std::string claim = R"({"keyword":"label","value":"CX1234567","state":"active"})";
  const auto unit = [](const std::string& claims, const std::string& more = "") {
    return R"({"schema":"dmigate.unit/1","claims":[)" + claims + "]" + more + "}";
  };
  struct Row {
    std::string line;
    const char* why;
  };
  const Row rows[] = {
      {"{", "it is no JSON object"},
      {"[]", "it is no JSON object"},
      {R"({"schema":"dmigate.unit/2"})", "its schema is not dmigate.unit/1"},
      {R"({"claims":[]})", "its schema is not dmigate.unit/1"},
      {R"({"schema":"dmigate.unit/1","schema":"dmigate.unit/1"})", "a member stands in it twice"},
      {unit(""), "nothing on this line tells the unit from another"},
      {unit(claim, R"(,"colour":"red")"), "unknown member \"colour\""},
      {unit(R"({"keyword":"label","value":"CX1","state":"active","colour":1})"), "unknown member \"colour\""},
      {unit(claim, R"(,"unit":"CX1234567")"), "\"unit\" is missing"},
      {unit(claim, R"(,"unit":7)"), "\"unit\" is missing"},
      {unit(claim, R"(,"since":"yesterday")"), "\"since\" is missing"},
      {unit(claim, R"(,"seen":{})"), "\"seen\" is missing"},
      {unit(claim, R"(,"seen":[{"keyword":"lot"}])"), "\"value\" is missing"},
      {unit(claim, R"(,"seen":[{"keyword":"lot","value":"A"},{"keyword":"lot","value":"a "}])"),
       "one value twice: lot"},
      {unit(claim + "," + claim), "it claims one value twice: label CX1234567"},
      {unit(claim + R"(,{"keyword":"label","value":"CX7","state":"active"})"), "it has two labels"},
      {unit(R"({"keyword":"label","value":"CX1","state":"lost"})"), "\"state\" is missing"},
      {unit(R"({"keyword":"label","value":"CX1","state":"active","disposition":"scrap"})"),
       "\"disposition\""},
      {unit(R"({"keyword":"label","value":"","state":"active"})"), "\"value\" is missing"},
      {unit(R"({"keyword":"label","value":"C\u0000X","state":"active"})"), "\"value\" is missing"},
      {unit(R"({"keyword":"La bel","value":"CX1","state":"active"})"), "\"keyword\" is missing"},
      {unit(R"({"keyword":"system-uuid","value":"CX1","state":"active"})"), "no value of a system-uuid"},
      {unit(R"({"keyword":"label","value":"CX1","state":"active","id":"00"})"), "\"id\" is missing"},
      {unit(claim, R"(,"work":{"kind":"burn"})"), "is not done"},
      {std::string(1U << 21U, '{'), "it is no JSON object"},
      {"{" + std::string(1U << 21U, ' ') + "}", "this line is longer than 1 MiB"},
  };
  const Shop shop;
  for (const Row& row : rows) {
    CAPTURE(row.line.substr(0, 100));
    const Words told =
        shop.refused(unit(R"({"keyword":"label","value":"CX9","state":"active"})") + "\n" + row.line + "\n");
    REQUIRE(told.size() == 1);
    CHECK(told.front().starts_with("2:0 "));
    if (row.line.size() < 1000) CHECK_MESSAGE(told.front().find(row.why) != std::string::npos, told.front());
  }
}

TEST_CASE("CSV for spreadsheets has a column for every keyword, and no formula") {
  const Shop shop;
  shop.imported(
      "label,lot,nic-mac,id:activation-sn,id:asset\n"
      "CX1234567,=1+1,02:fc:00:00:00:01 02:fc:00:00:00:02,A-1,\"x,\"\"y\"\n");
  std::string csv;
  REQUIRE(shop.plant().open().export_csv([&](std::string_view piece) {
    csv += piece;
    return Result<void>();
  }));
  const TracedUnit unit = shop.trace("CX1234567").units.front();
  CHECK(csv == "\xEF\xBB\xBFunit,model,since,id:activation-sn,id:asset,label,lot,nic-mac\r\n" + unit.id +
                   ",cx," + unit.since +
                   ",A-1,\"x,\"\"y\",CX1234567,\"'=1+1\",02:fc:00:00:00:01 02:fc:00:00:00:02\r\n");
}

TEST_CASE("an export that cannot be written to its end is an error") {
  const Shop shop;
  shop.imported(file_of(3));
  const auto done =
      shop.plant().open().export_units([](std::string_view) { return fail("the disk is full"); });
  REQUIRE_FALSE(done);
  CHECK(done.error().what == "the disk is full");
}

// Killed by itself, once so many units are read.
void import_until(const Shop& shop, ImportRequest request, std::uint64_t units) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    request.progress = [units](std::uint64_t read, unsigned) {
      if (read >= units) ::kill(::getpid(), SIGKILL);
    };
    auto registry = Registry::open(shop.plant().where(), shop.plant().options());
    if (registry) static_cast<void>(registry->import_units(request));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

TEST_CASE("an import that is killed at any moment leaves nothing, and the next one is whole") {
  constexpr int kUnits = 6000;
  std::string content = "label,system-serial-number,lot\n";
  for (int n = 0; n < kUnits; ++n) {
    content += "CY" + std::to_string(1000000 + n) + ",SN-X" + std::to_string(731000 + n) + ",LOT-1\n";
  }
  for (const bool empty : {true, false}) {
    CAPTURE(empty);
    const Shop shop;
    if (!empty) REQUIRE(shop.visit(good(1), "CX0000001").outcome == Outcome::kPass);
    const Status before = shop.plant().status();
    for (const std::uint64_t after : {1024U, 3072U, 5120U}) {
      CAPTURE(after);
      import_until(shop, shop.request(content), after);
      CHECK(shop.plant().status().units == before.units);
      CHECK(shop.plant().status().records == before.records);
      CHECK(shop.plant().doubts() == Words{});
    }
    CHECK(shop.imported(content).units == kUnits);
    CHECK(shop.plant().status().units == before.units + kUnits);
    CHECK(shop.plant().doubts() == Words{});
    CHECK(shop.trace("sn-x731777").units.size() == 1);
    CHECK(shop.visit(good(1), "CX0000001").outcome == Outcome::kPass);
  }
}

// The statements that make the registry's tables and indexes.
Words schema_of(const std::string& path) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  Words all;
  sqlite3_exec(
      database, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name",
      [](void* into, int, char** columns, char**) {
        static_cast<Words*>(into)->emplace_back(columns[0]);
        return 0;
      },
      &all, nullptr);
  sqlite3_close(database);
  return all;
}

TEST_CASE("an import into an empty registry, clean or not, leaves the tables and indexes that there were") {
  const Shop shop(kWithCards, true);
  const Words before = schema_of(shop.plant().path());
  REQUIRE(before.size() > 10);
  shop.refused(file_of(3) + "x\n");
  CHECK(schema_of(shop.plant().path()) == before);
  shop.imported(file_of(3));
  CHECK(schema_of(shop.plant().path()) == before);
}

TEST_CASE("a file that changes while it is read is imported by nobody") {
  const Shop shop;
  ImportRequest request = shop.request(file_of(3));
  request.progress = [&](std::uint64_t, unsigned) {};
  std::string longer = file_of(40);
  // The first reading is over when the registry is asked: its clock tells.
  RegistryOptions options = shop.plant().options();
  const auto now = options.surroundings.now;
  bool first = true;
  options.surroundings.now = [&] {
    if (std::exchange(first, false)) write_file(request.file, longer);
    return now();
  };
  auto registry = Registry::open(shop.plant().where(), options);
  REQUIRE(registry);
  const auto report = registry->import_units(request);
  REQUIRE_FALSE(report);
  CHECK(report.error().what.find("was changed while it was read") != std::string::npos);
  CHECK(shop.plant().status().units == 0);
  CHECK(shop.plant().status().records == 0);
}

TEST_CASE("a registry that is in use by another program is an error, and nothing is imported") {
  const Shop shop(kWithCards, true);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(shop.plant().path().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  auto registry = Registry::open(shop.plant().path(), shop.plant().options(50));
  REQUIRE(registry);
  const ImportRequest request = shop.request(file_of(3));
  CHECK_FALSE(registry->import_units(request));
  CHECK(registry->check_import(request));  // who only looks is in nobody's way
  sqlite3_close(other);
  CHECK(shop.plant().status().units == 0);
}

TEST_CASE("the records of one transaction follow each other, and those of other stations stay as they are") {
  Shop shop;
  REQUIRE(shop.visit(good(1), "CX0000001").outcome == Outcome::kPass);
  shop.imported(file_of(5, 2));
  REQUIRE(shop.visit(good(9), "CX0000009", "02:fc:00:00:00:09").outcome == Outcome::kPass);
  const auto heads = shop.plant().open().heads();
  REQUIRE(heads);
  REQUIRE(heads->size() == 1);
  CHECK(heads->front().seq == 1 + 1 + 5 + 1);
  CHECK(shop.plant().open().verify(*heads)->empty());
}

}  // namespace
}  // namespace dmigate::gate
