// Who is this unit? What the registry makes of labels, boards and serials that meet at its stations.
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

std::string sentence_of(const Verdict& verdict, std::size_t i = 0) {
  return sentence(verdict.findings.at(i), Language::kEnglish, {}).message;
}

TEST_CASE("a unit that nobody knows becomes a new unit, and holds what it shows") {
  Plant plant;
  const Verdict verdict = plant.record({.unit = good(1), .label = "CX2641701"});
  CHECK(verdict.outcome == Outcome::kPass);
  CHECK(verdict.unit.starts_with("u-"));
  CHECK(verdict.unit.size() == 28);
  CHECK(verdict.station_seq == 2);  // the profile's version was recorded before it
  CHECK(plant.lookup(verdict.unit) == Words{"baseboard-serial-number " + board(1) + " active CX2641701",
                                            "label CX2641701 active CX2641701",
                                            "system-serial-number " + serial(1) + " active CX2641701",
                                            "system-uuid " + uuid(1) + " active CX2641701"});
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("the same unit again is no duplicate, and changes nothing but the journal") {
  Plant plant;
  const Verdict first = plant.record({.unit = good(1), .label = "CX2641701"});
  const Verdict again = plant.record({.unit = good(1), .label = "CX2641701", .station = "L1-S2"});
  CHECK(again.outcome == Outcome::kPass);
  CHECK(again.unit == first.unit);
  CHECK(plant.status().units == 1);
  CHECK(plant.status().active == 4);
  CHECK(plant.status().records == 2 + 1);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a board that is claimed at incoming becomes, step by step, the unit that ships") {
  for (const std::string label : {"", "CX2641701"}) {
    CAPTURE(label);
    Plant plant;
    const Verdict incoming = plant.record({.unit = bare(1), .stage = Stage::kIncoming, .label = label});
    REQUIRE(incoming.outcome == Outcome::kPass);
    const Verdict image = plant.record({.unit = good(1), .stage = Stage::kPreImage, .label = label});
    const Verdict ship = plant.record({.unit = good(1), .stage = Stage::kShip, .label = "CX2641701"});
    CHECK(image.unit == incoming.unit);
    CHECK(ship.unit == incoming.unit);
    CHECK(ship.outcome == Outcome::kPass);
    CHECK(plant.lookup("CX2641701").size() == 2);  // label and serial
    CHECK(plant.status().units == 1);
    CHECK(plant.doubts() == Words{});
  }
}

TEST_CASE("two units in one table: the finding names each with label, station and time") {
  Plant plant;
  plant.record({.unit = good(1), .label = "CX2641701", .station = "L1-S1"});
  plant.record({.unit = good(2), .label = "CX2641702", .station = "L2-S9"});
  const auto mixed = changed(good(1), {{"baseboard-serial-number", board(2)}});
  const Verdict verdict = plant.record({.unit = mixed, .label = {}});
  CHECK(verdict.outcome == Outcome::kFail);
  CHECK(said(verdict) == Words{"unique.duplicate system-serial-number", "unique.duplicate system-uuid",
                               "unique.duplicate baseboard-serial-number"});
  CHECK(sentence_of(verdict, 0).find("CX2641701 (L1-S1, 2026-11-1") != std::string::npos);
  CHECK(sentence_of(verdict, 2).find("CX2641702 (L2-S9, 2026-11-1") != std::string::npos);
  CHECK(verdict.findings[0].type == 1);
  CHECK(verdict.findings[0].offset == 7);
  CHECK(verdict.unit.empty());
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a part that was swapped without rework is unique.changed, and says what is recorded") {
  struct Row {
    const char* what;
    Values swapped;
    std::string label;
    Words expected;
  };
  const Row rows[] = {
      {"another board",
       {{"baseboard-serial-number", board(9)}},
       "CX2641701",
       {"unique.changed baseboard-serial-number"}},
      {"another serial",
       {{"system-serial-number", serial(9)}},
       "CX2641701",
       {"unique.changed system-serial-number"}},
      {"another UUID", {{"system-uuid", uuid(9)}}, "", {"unique.changed system-uuid"}},
      {"another label", {}, "CX2641709", {"unique.changed label"}},
      {"only the label is left",
       identity(9),
       "CX2641701",
       {"unique.changed system-serial-number", "unique.changed system-uuid",
        "unique.changed baseboard-serial-number"}},
      {"only the board is left",
       {{"system-serial-number", serial(9)}, {"system-uuid", uuid(9)}},
       "",
       {"unique.changed system-serial-number", "unique.changed system-uuid"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Plant plant;
    plant.record({.unit = good(1), .label = "CX2641701"});
    Words found = said(plant.record({.unit = changed(good(1), row.swapped), .label = row.label}));
    std::ranges::sort(found);
    Words expected = row.expected;
    std::ranges::sort(expected);
    CHECK(found == expected);
    CHECK(plant.status().active == 4);
    CHECK(plant.doubts() == Words{});
  }
}

TEST_CASE("the sentence of unique.changed has the value found and the value recorded") {
  Plant plant;
  plant.record({.unit = good(1), .label = "CX2641701"});
  const Verdict verdict =
      plant.record({.unit = changed(good(1), {{"baseboard-serial-number", board(9)}}), .label = "CX2641701"});
  CHECK(sentence_of(verdict).find(board(9)) != std::string::npos);
  CHECK(sentence_of(verdict).find(board(1)) != std::string::npos);
}

TEST_CASE("a second unit that carries this one's serial is caught, with a label or without") {
  for (const std::string label : {"", "CX2641702"}) {
    CAPTURE(label);
    Plant plant;
    plant.record({.unit = good(1), .label = "CX2641701"});
    const auto copy = changed(good(2), {{"system-serial-number", serial(1)}});
    const Verdict verdict = plant.record({.unit = copy, .label = label});
    CHECK(verdict.outcome == Outcome::kFail);
    CHECK(plant.status().units == 1);
  }
}

TEST_CASE("one value in several keywords of one unit is legal, and found under each") {
  Plant plant;
  const auto same = changed(good(1), {{"baseboard-serial-number", serial(1)}});
  CHECK(plant.record({.unit = same, .label = serial(1)}).outcome == Outcome::kPass);
  CHECK(plant.lookup(serial(1)).size() == 3);
  // Another unit's board may have that number too: it is another keyword.
  const auto other = changed(good(2), {{"baseboard-serial-number", serial(3)}});
  CHECK(plant.record({.unit = other}).outcome == Outcome::kPass);
  CHECK(plant.record({.unit = good(3)}).outcome == Outcome::kPass);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("makers number their boards for themselves: uniqueness holds within the maker") {
  Plant plant;
  CHECK(plant.record({.unit = good(1)}).outcome == Outcome::kPass);
  const auto other_maker =
      changed(good(2), {{"baseboard-serial-number", board(1)}, {"baseboard-manufacturer", "Bright Board"}});
  CHECK(plant.record({.unit = other_maker}).outcome == Outcome::kPass);
  const auto same_maker =
      changed(good(3), {{"baseboard-serial-number", board(1)}, {"baseboard-manufacturer", " CHENXI board"}});
  CHECK(plant.record({.unit = same_maker}).outcome == Outcome::kFail);
  CHECK(plant.lookup(board(1)).size() == 2);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("letters' case and outer blanks make no other value; other bytes do") {
  struct Row {
    std::string value;
    bool same;
  };
  const std::string value = "Hb26-\xE6\x99\xA8-A";
  for (const Row& row : {Row{"HB26-\xE6\x99\xA8-a", true}, Row{"  Hb26-\xE6\x99\xA8-A\t ", true},
                         Row{"Hb26 -\xE6\x99\xA8-A", false}, Row{"Hb26-\xE6\x99\xA9-A", false}}) {
    CAPTURE(row.value);
    Plant plant;
    plant.record({.unit = changed(good(1), {{"baseboard-serial-number", value}})});
    const Verdict verdict =
        plant.record({.unit = changed(good(2), {{"baseboard-serial-number", row.value}})});
    CHECK((verdict.outcome == Outcome::kFail) == row.same);
    CHECK(plant.lookup(row.value).size() == 1);
  }
}

TEST_CASE("a UUID is compared by its bytes, and found in both renderings") {
  Plant plant;
  plant.record({.unit = good(1)});
  // Before 2.6 the same bytes are written in order: another text, the same UUID.
  auto old = good(2);
  old.version = {2, 4, 0};
  old.entry_point = smbios::EntryPointKind::kSmbios2;
  const auto raw = smbios::parse_uuid(uuid(1), true);
  REQUIRE(raw);
  const std::string in_order = smbios::uuid_text_rfc(*raw);
  REQUIRE(in_order != uuid(1));
  const auto copy = changed(old, {{"system-uuid", in_order}});
  const Verdict verdict = plant.record({.unit = copy});
  CHECK(verdict.outcome == Outcome::kFail);
  CHECK(plant.lookup(uuid(1)).size() == 1);
  CHECK(plant.lookup(in_order).size() == 1);
  std::string upper = uuid(1);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  CHECK(plant.lookup(upper).size() == 1);
}

TEST_CASE("a FAIL claims nothing: its values are free for the unit they belong to") {
  Plant plant;
  const auto bad = changed(good(1), {{"system-uuid", "00000000-0000-0000-0000-000000000000"}});
  const Verdict verdict = plant.record({.unit = bad, .label = "CX2641709"});
  CHECK(verdict.outcome == Outcome::kFail);
  CHECK(verdict.unit.empty());
  CHECK(plant.status().units == 0);
  CHECK(plant.lookup(serial(1)).empty());
  CHECK(plant.status().records == 1 + 1);
  CHECK(plant.record({.unit = good(1), .label = "CX2641701"}).outcome == Outcome::kPass);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("an identifier is claimed like any other value, and an empty scan of one is none") {
  Plant plant;
  const Call first{.unit = good(1), .identifiers = {{"activation-sn", "0401-1900-04589"}}};
  CHECK(plant.record(first).outcome == Outcome::kPass);
  CHECK(plant.lookup("0401-1900-04589").size() == 1);
  const Call second{.unit = good(2), .identifiers = {{"activation-sn", "0401-1900-04589"}}};
  CHECK(plant.record(second).outcome == Outcome::kFail);
  for (const int n : {3, 4}) {
    CHECK(plant.record({.unit = good(n), .identifiers = {{"activation-sn", "  "}}}).outcome ==
          Outcome::kPass);
  }
}

TEST_CASE("a scanner's empty read is no label that two units share") {
  Plant plant;
  CHECK(plant.record({.unit = good(1), .label = " "}).outcome == Outcome::kPass);
  CHECK(plant.record({.unit = good(2), .label = " "}).outcome == Outcome::kPass);
  CHECK(plant.status().units == 2);
}

TEST_CASE("several boards in one table: the first one's serial is claimed as well, within its own maker") {
  Plant plant;
  const auto first = unit("several-type2", identity(1));
  CHECK(plant.record({.unit = first}).outcome == Outcome::kPass);
  CHECK(plant.lookup("RS26000012").size() == 1);
  // Another unit with the same riser.
  CHECK(plant.record({.unit = unit("several-type2", identity(2))}).outcome == Outcome::kFail);
  // A riser of another maker may have the same number.
  auto other = unit("several-type2", identity(3));
  for (auto& structure : other.structures) {
    if (structure.type != 2) continue;
    for (auto& value : structure.fields) {
      if (value.field->keyword == "baseboard-manufacturer") value.value = "Riser Works";
    }
    break;
  }
  CHECK(plant.record({.unit = other}).outcome == Outcome::kPass);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("stages come in their order; a failed visit takes a pass away") {
  Plant plant;
  CHECK(said(plant.record({.unit = good(1), .stage = Stage::kShip})) == Words{"stage.order"});
  CHECK(plant.record({.unit = good(1), .stage = Stage::kPreImage}).outcome == Outcome::kPass);
  CHECK(plant.record({.unit = good(1), .stage = Stage::kShip}).outcome == Outcome::kPass);
  const auto bad = changed(good(1), {{"system-serial-number", ""}});
  CHECK(plant.record({.unit = bad, .stage = Stage::kPreImage}).outcome == Outcome::kFail);
  const Verdict ship = plant.record({.unit = good(1), .stage = Stage::kShip});
  CHECK(said(ship) == Words{"stage.order"});
  CHECK(sentence_of(ship).find("its last visit there did not pass") != std::string::npos);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a profile older than one seen, or changed under its version, is refused, and nothing is written") {
  const std::string model = kModel;
  const auto version = [&](const char* number, const char* more = "") {
    std::string text = model + more;
    return text.replace(text.find("version: 1"), 10, std::string("version: ") + number);
  };
  Plant plant(version("3"));
  CHECK(plant.record({.unit = good(1)}).outcome == Outcome::kPass);
  for (const std::string& text : {version("2"), version("3", "# another content\n")}) {
    plant.change_model(text);
    Registry registry = plant.open();
    const auto refused = plant.try_record({.unit = good(2)}, registry);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::kConfiguration);
    CHECK_FALSE(refused.error().advice.empty());
    CHECK(plant.status().records == 1 + 1);
    CHECK(plant.lookup(serial(2)).empty());
  }
  plant.change_model(version("4"));
  CHECK(plant.record({.unit = good(2)}).outcome == Outcome::kPass);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("what the registry would say is asked without a trace") {
  Plant plant;
  plant.record({.unit = good(1), .label = "CX2641701"});
  CHECK(plant.consult({.unit = good(1), .label = "CX2641702"}) == Words{"unique.changed label"});
  CHECK(plant.consult({.unit = good(2)}).empty());
  CHECK(plant.status().records == 1 + 1);
  CHECK(plant.status().units == 1);
}

TEST_CASE("a visit without table or profile is never a PASS") {
  Plant plant;
  Registry registry = plant.open();
  CHECK_FALSE(registry.record(Visit{}));
  const Evidence evidence = evidence_of(good(1));
  Visit no_profile = plant.visit({.unit = good(1)}, evidence);
  no_profile.profile = nullptr;
  CHECK_FALSE(registry.record(no_profile));
  Visit no_table = plant.visit({.unit = good(1)}, evidence);
  no_table.evidence = nullptr;
  CHECK_FALSE(registry.record(no_table));
  CHECK(plant.status().records == 0);
  // With the finding that says so, it is recorded for what it is.
  no_table.verdict.findings = {{.say = Say::kSourceUnreadable, .unjudged = true}};
  const auto verdict = registry.record(no_table);
  REQUIRE(verdict);
  CHECK(verdict->outcome == Outcome::kError);
  CHECK(plant.status().units == 0);
}

TEST_CASE("hostile strings of a unit and a station are stored, found and verified like others") {
  Plant plant;
  const auto hostile = unit("hostile-strings");
  const Verdict verdict = plant.record({.unit = hostile, .station = "L1'); DROP TABLE claim;--\xFF\x01"});
  CHECK(verdict.outcome == Outcome::kPass);
  CHECK(plant.lookup("{\"outcome\": \"PASS\"}").size() == 1);
  CHECK(plant
            .record({.unit = changed(good(1), {{"baseboard-serial-number", "{\"outcome\": \"PASS\"}"},
                                               {"baseboard-manufacturer", "晨曦主板 \u202Etset"}})})
            .outcome == Outcome::kFail);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("lookup finds a unit by serial, label, identifier and its own id, and nothing by what is unknown") {
  Plant plant;
  const Verdict verdict = plant.record({.unit = good(1), .label = "CX2641701"});
  for (const std::string& by :
       {serial(1), " " + board(1) + " ", std::string("cx2641701"), verdict.unit, uuid(1)}) {
    CAPTURE(by);
    CHECK_FALSE(plant.lookup(by).empty());
  }
  for (const char* by : {"", " ", "CX", "u-", "%", "' OR 1=1 --", "CX2641702"}) {
    CAPTURE(by);
    CHECK(plant.lookup(by).empty());
  }
}

}  // namespace
}  // namespace dmigate::gate
