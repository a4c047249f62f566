// A burn and a run: what they hold back from the moment they are let through until they are proved.
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

Values burn_of(int n) { return {{"system-serial-number", serial(n)}, {"system-uuid", uuid(n)}}; }

// A unit at pre-burn, after its incoming.
struct Bench {
  Plant plant;
  Call burn{
      .unit = booted(bare(1), kBoot1), .stage = Stage::kPreBurn, .label = "CX2641701", .burn = burn_of(1)};
  Call proof{
      .unit = booted(good(1), kBoot2), .stage = Stage::kPostBurn, .label = "CX2641701", .station = "L1-S2"};

  Bench() {
    const Verdict incoming =
        plant.record({.unit = burn.unit, .stage = Stage::kIncoming, .label = "CX2641701"});
    REQUIRE(incoming.outcome == Outcome::kPass);
  }
  Verdict open() { return plant.record(burn); }
  Verdict pending() {
    auto closed = plant.close(open(), true);
    REQUIRE(closed);
    return *std::move(closed);
  }
  Verdict failed() {
    auto closed = plant.close(open(), false);
    REQUIRE(closed);
    return *std::move(closed);
  }
  Words states(const std::string& value) const { return plant.lookup(value); }
};

TEST_CASE("a burn: reserved, pending, proved in another boot, active") {
  Bench bench;
  const Verdict open = bench.open();
  CHECK(open.outcome == Outcome::kPass);
  REQUIRE(open.burn);
  CHECK(open.burn->state == "open");
  CHECK(bench.states(uuid(1)) == Words{"system-uuid " + uuid(1) + " reserved CX2641701"});
  REQUIRE(bench.plant.status().work.size() == 1);
  CHECK(bench.plant.status().work[0].state == "open");
  CHECK(bench.plant.status().work[0].label == "CX2641701");

  const auto closed = bench.plant.close(open, true);
  REQUIRE(closed);
  CHECK(closed->burn->state == "pending");
  CHECK(closed->station_seq == *open.station_seq + 1);
  CHECK(bench.plant.status().work[0].state == "pending");

  const Verdict proof = bench.plant.record(bench.proof);
  CHECK(proof.outcome == Outcome::kPass);
  REQUIRE(proof.burn);
  CHECK(proof.burn->state == "verified");
  CHECK(proof.burn->intended.size() == 2);
  CHECK(bench.plant.status().work.empty());
  CHECK(bench.plant.status().reserved == 0);
  CHECK(bench.states(uuid(1)) == Words{"system-uuid " + uuid(1) + " active CX2641701"});

  SUBCASE("the proof again, in the same boot or another, is a check like others") {
    CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
    bench.proof.unit.boot_id = kBoot3;
    const Verdict again = bench.plant.record(bench.proof);
    CHECK(again.outcome == Outcome::kPass);
    CHECK_FALSE(again.burn);
  }
  SUBCASE("the stages after it are open") {
    CHECK(bench.plant.record({.unit = good(1), .label = "CX2641701"}).outcome == Outcome::kPass);
  }
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("while a burn is open or pending, every stage but its proof is closed, at every station") {
  for (const bool pending : {false, true}) {
    CAPTURE(pending);
    Bench bench;
    pending ? bench.pending() : bench.open();
    const std::string rule = pending ? "stage.pending-burn" : "stage.open-record";
    for (const Stage stage : {Stage::kIncoming, Stage::kPreBurn, Stage::kPreImage, Stage::kShip}) {
      CAPTURE(stage_name(stage));
      const Verdict held = bench.plant.record(
          {.unit = booted(good(1), kBoot2), .stage = stage, .label = "CX2641701", .station = "L2-S1"});
      CHECK(held.outcome == Outcome::kFail);
      CHECK(said(held).front() == rule);
    }
    bench.burn.unit.boot_id = kBoot2;
    CHECK(said(bench.plant.record(bench.burn)).front() == rule);
    const Verdict run = bench.plant.record(
        {.unit = booted(good(1), kBoot2), .stage = Stage::kPostBurn, .label = "CX2641701", .run = true});
    CHECK(said(run).front() == rule);
    CHECK(bench.plant.status().work.size() == 1);
    // None of that keeps the proof from being given.
    CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
    CHECK(bench.plant.doubts() == Words{});
  }
}

TEST_CASE("a burn is not proved in the boot it was made in, nor where the boot is not known") {
  Bench bench;
  bench.pending();
  bench.proof.unit.boot_id = kBoot1;
  const Verdict same = bench.plant.record(bench.proof);
  CHECK(same.outcome == Outcome::kFail);
  CHECK(said(same).front() == "stage.same-boot");
  bench.proof.unit.boot_id = std::nullopt;
  const Verdict unknown = bench.plant.record(bench.proof);
  CHECK(unknown.outcome == Outcome::kError);
  CHECK(said(unknown).front() == "evidence.missing");
  CHECK(bench.plant.status().work[0].state == "pending");
  bench.proof.unit.boot_id = kBoot2;
  CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("a burn whose own boot was not known is never proved") {
  Bench bench;
  bench.burn.unit.boot_id = std::nullopt;  // a caller that did not ask for it
  bench.pending();
  CHECK(bench.plant.record(bench.proof).outcome == Outcome::kError);
}

TEST_CASE("what differs after the reboot is named field by field, and the unit may be burnt again") {
  Bench bench;
  bench.pending();
  bench.proof.unit = booted(changed(good(1), {{"system-uuid", uuid(7)}}), kBoot2);
  const Verdict verdict = bench.plant.record(bench.proof);
  CHECK(verdict.outcome == Outcome::kFail);
  CHECK(said(verdict).front() == "burn.mismatch system-uuid");
  CHECK(verdict.findings.front().expected == uuid(1));
  CHECK(verdict.findings.front().found == uuid(7));
  CHECK(verdict.findings.front().offset == 8);
  REQUIRE(verdict.burn);
  CHECK(verdict.burn->state == "mismatch");
  CHECK(bench.states(uuid(7)).empty());
  CHECK(bench.states(uuid(1)).size() == 1);

  bench.burn.unit = booted(changed(good(1), {{"system-uuid", uuid(7)}}), kBoot2);
  REQUIRE(bench.plant.close(bench.open(), true));
  bench.proof.unit = booted(good(1), kBoot3);
  CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("nothing was burnt at all: both fields are named") {
  Bench bench;
  bench.pending();
  bench.proof.unit = booted(bare(1), kBoot2);
  const Words found = said(bench.plant.record(bench.proof));
  CHECK(std::ranges::count(found, "burn.mismatch system-serial-number") == 1);
  CHECK(std::ranges::count(found, "burn.mismatch system-uuid") == 1);
}

TEST_CASE("a burn that failed is repeated, or proved after a reboot, and opens nothing else") {
  Bench bench;
  const Verdict failed = bench.failed();
  CHECK(failed.burn->state == "failed");
  CHECK(bench.plant.status().work[0].state == "failed");
  CHECK(said(bench.plant.record({.unit = good(1), .label = "CX2641701"})).front() == "stage.pending-burn");
  SUBCASE("repeated") {
    REQUIRE(bench.plant.close(bench.open(), true));
    CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  }
  SUBCASE("proved: it had written all before it failed") {
    CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
    CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  }
  SUBCASE("other values this time: the earlier ones are free again") {
    bench.burn.burn = burn_of(5);
    REQUIRE(bench.plant.close(bench.open(), true));
    CHECK(bench.states(uuid(1)).empty());
    CHECK(bench.states(uuid(5)) == Words{"system-uuid " + uuid(5) + " reserved CX2641701"});
    CHECK(bench.plant.record({.unit = good(5), .stage = Stage::kPreImage}).outcome == Outcome::kFail);
    bench.proof.unit = booted(changed(good(1), burn_of(5)), kBoot2);
    CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  }
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("a command that did not end well never makes a burn pending") {
  const CommandReport reports[] = {
      {.exit_status = 1},
      {.signal = 9},
      {.exit_status = 0, .timed_out = true},
      {.exit_status = 0, .interrupted = true},
      {},
      {.exit_status = 0xFFFF},
  };
  for (const CommandReport& report : reports) {
    Bench bench;
    Verdict open = bench.open();
    open.command = report;  // and the caller forgot to say ERROR
    const auto closed = bench.plant.open().close(open, {});
    REQUIRE(closed);
    CHECK(closed->burn->state == "failed");
  }
  Bench bench;
  Verdict open = bench.open();
  open.command = CommandReport{.exit_status = 0};
  open.outcome = Outcome::kError;  // the caller knows better
  CHECK(bench.plant.open().close(open, {})->burn->state == "failed");
}

TEST_CASE("a verified burn retires the value it replaced, and that one is never free again") {
  Bench bench;
  bench.pending();
  REQUIRE(bench.plant.record(bench.proof).outcome == Outcome::kPass);

  bench.burn.unit = booted(good(1), kBoot2);
  bench.burn.burn = burn_of(5);
  bench.pending();
  CHECK(bench.states(uuid(1)) == Words{"system-uuid " + uuid(1) + " active CX2641701"});
  bench.proof.unit = booted(changed(good(1), burn_of(5)), kBoot3);
  REQUIRE(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  CHECK(bench.states(uuid(1)) == Words{"system-uuid " + uuid(1) + " retired CX2641701"});
  CHECK(bench.states(uuid(5)) == Words{"system-uuid " + uuid(5) + " active CX2641701"});

  SUBCASE("not for another unit that shows it") {
    const Verdict other = bench.plant.record({.unit = changed(good(2), {{"system-uuid", uuid(1)}})});
    CHECK(other.outcome == Outcome::kFail);
  }
  SUBCASE("not for another unit's burn") {
    const Call incoming{.unit = bare(2), .stage = Stage::kIncoming, .label = "CX2641702"};
    REQUIRE(bench.plant.record(incoming).outcome == Outcome::kPass);
    const Verdict burn = bench.plant.record({.unit = booted(bare(2), kBoot1),
                                             .stage = Stage::kPreBurn,
                                             .label = "CX2641702",
                                             .burn = burn_of(1)});
    CHECK(burn.outcome == Outcome::kFail);
    CHECK(said(burn) == Words{"unique.duplicate system-serial-number", "unique.duplicate system-uuid"});
  }
  SUBCASE("not for the unit itself, neither shown nor burnt") {
    const Verdict shown = bench.plant.record({.unit = good(1), .label = "CX2641701"});
    CHECK(said(shown) == Words{"unique.duplicate system-serial-number", "unique.duplicate system-uuid"});
    bench.burn.unit = booted(changed(good(1), burn_of(5)), kBoot3);
    bench.burn.burn = burn_of(1);
    CHECK(said(bench.plant.record(bench.burn)) ==
          Words{"unique.duplicate system-serial-number", "unique.duplicate system-uuid"});
  }
  SUBCASE("where the flash fell back to it, the unit is burnt anew") {
    bench.burn.unit = booted(good(1), kBoot3);
    bench.burn.burn = burn_of(5);
    CHECK(bench.plant.record(bench.burn).outcome == Outcome::kPass);
  }
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("another unit that wants a taken value is refused before anything is burnt") {
  for (const bool proved : {false, true}) {
    CAPTURE(proved);
    Bench bench;
    bench.pending();
    if (proved) REQUIRE(bench.plant.record(bench.proof).outcome == Outcome::kPass);
    const Call incoming{.unit = bare(2), .stage = Stage::kIncoming, .label = "CX2641702"};
    REQUIRE(bench.plant.record(incoming).outcome == Outcome::kPass);
    const Verdict other = bench.plant.record({.unit = booted(bare(2), kBoot3),
                                              .stage = Stage::kPreBurn,
                                              .label = "CX2641702",
                                              .burn = {burn_of(1)[0], burn_of(2)[1]}});
    CHECK(other.outcome == Outcome::kFail);
    CHECK(said(other) == Words{"unique.duplicate system-serial-number"});
    const Sentence words = sentence(other.findings[0], Language::kEnglish, {});
    CHECK(words.message.find("CX2641701 (L1-S1, 2026-") != std::string::npos);
    CHECK(words.advice.find("nothing was burnt") != std::string::npos);
    CHECK(bench.states(uuid(2)).empty());
    CHECK(bench.plant.doubts() == Words{});
  }
}

TEST_CASE("a unit that carries another unit's identity is not burnt over") {
  Bench bench;
  bench.pending();
  REQUIRE(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  const Call incoming{.unit = bare(2), .stage = Stage::kIncoming, .label = "CX2641702"};
  REQUIRE(bench.plant.record(incoming).outcome == Outcome::kPass);
  const auto copied = booted(changed(bare(2), {{"system-serial-number", serial(1)}}), kBoot1);
  const Verdict burn = bench.plant.record(
      {.unit = copied, .stage = Stage::kPreBurn, .label = "CX2641702", .burn = burn_of(2)});
  CHECK(burn.outcome == Outcome::kFail);
  CHECK(std::ranges::count(said(burn), "unique.duplicate system-serial-number") == 1);
  CHECK(bench.states(uuid(2)).empty());
}

TEST_CASE("a unit that nothing tells from others is neither burnt nor imaged") {
  Plant plant(R"(
profile: cx
version: 1
fields:
  system-manufacturer: {}
  system-serial-number: { unique: true }
burn: { tool: simulated, fields: [system-serial-number] }
stages: { pre-burn: { except: burn-fields }, post-burn: { after: pre-burn }, pre-image: { only: [system-manufacturer] } }
)");
  const Verdict burn = plant.record({.unit = booted(bare(1), kBoot1),
                                     .stage = Stage::kPreBurn,
                                     .burn = {{"system-serial-number", serial(1)}}});
  CHECK(burn.outcome == Outcome::kError);
  CHECK(said(burn) == Words{"evidence.missing"});
  const Verdict run = plant.record({.unit = good(1), .run = true});
  CHECK(run.outcome == Outcome::kError);
  CHECK(plant.status().work.empty());
  CHECK(plant.status().units == 0);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a burn without values, or at a model that has none, is not let through") {
  Plant plant;
  const Evidence evidence = evidence_of(good(1));
  Visit visit = plant.visit({.unit = good(1), .stage = Stage::kPreImage}, evidence);
  visit.purpose = Purpose::kBurn;
  Registry registry = plant.open();
  CHECK_FALSE(registry.record(visit));
  CHECK(plant.status().work.empty());
}

TEST_CASE("a run holds its unit until it ends, and its good end is the stage's pass") {
  Plant plant;
  const Call run{.unit = good(1), .stage = Stage::kPreImage, .label = "CX2641701", .run = true};
  const Call ship{.unit = good(1), .stage = Stage::kShip, .label = "CX2641701", .station = "L1-S9"};
  const Verdict open = plant.record(run);
  REQUIRE(open.outcome == Outcome::kPass);
  CHECK(said(plant.record(ship)) == Words{"stage.open-record"});
  CHECK(said(plant.record(run)) == Words{"stage.open-record"});
  // A look at the unit while it runs does not take the pass away.
  CHECK(said(plant.record({.unit = good(1), .label = "CX2641701", .station = "L1-S9"})) ==
        Words{"stage.open-record"});
  SUBCASE("ended well") {
    const auto closed = plant.close(open, true);
    REQUIRE(closed);
    CHECK(closed->station_seq > open.station_seq);
    CHECK(plant.record(ship).outcome == Outcome::kPass);
  }
  SUBCASE("failed: the stage is run again") {
    REQUIRE(plant.close(open, false));
    CHECK(said(plant.record(ship)) == Words{"stage.order"});
    REQUIRE(plant.close(plant.record(run), true));
    CHECK(plant.record(ship).outcome == Outcome::kPass);
  }
  SUBCASE("cut off, and resolved by a person: the stage is run again") {
    const auto words = plant.open().resolve(decision("CX2641701", "Li Na", "power cut", "L1-S1"));
    REQUIRE(words);
    CHECK(words->find("CX2641701") != std::string::npos);
    CHECK(said(plant.record(ship)) == Words{"stage.order"});
    // The command ended after all, and is told that it is too late.
    CHECK_FALSE(plant.close(open, true));
    CHECK(said(plant.record(ship)) == Words{"stage.order"});
    REQUIRE(plant.close(plant.record(run), true));
    CHECK(plant.record(ship).outcome == Outcome::kPass);
  }
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("an end is recorded once, and by the station that began") {
  Bench bench;
  const Verdict open = bench.open();
  Verdict elsewhere = open;
  elsewhere.station.id = "L9-S9";
  CHECK_FALSE(bench.plant.close(elsewhere, true));
  Verdict another = open;
  another.station_seq = *open.station_seq + 1;
  CHECK_FALSE(bench.plant.close(another, true));
  REQUIRE(bench.plant.close(open, true));
  CHECK_FALSE(bench.plant.close(open, false));
  CHECK(bench.plant.status().work[0].state == "pending");
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("a burn that was cut off is resolved, and then burnt again or proved") {
  Bench bench;
  const Verdict open = bench.open();
  SUBCASE("by label") {
    REQUIRE(bench.plant.open().resolve(decision("cx2641701 ", "Li Na", "power cut", "L1-S1")));
  }
  SUBCASE("by a reserved value") {
    REQUIRE(bench.plant.open().resolve(decision(uuid(1), "Li Na", "power cut", "L1-S1")));
  }
  SUBCASE("by the unit's id") {
    REQUIRE(bench.plant.open().resolve(decision(open.unit, "Li Na", "power cut", "L1-S1")));
  }
  CHECK(bench.plant.status().work[0].state == "failed");
  CHECK(said(bench.plant.record({.unit = good(1), .label = "CX2641701"})).front() == "stage.pending-burn");
  CHECK_FALSE(bench.plant.open().resolve(decision("CX2641701", "Li Na", "again", "L1-S1")));
  CHECK(bench.open().outcome == Outcome::kPass);
  CHECK(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("a burn that cannot be proved is given up by a person, and burnt again") {
  Bench bench;
  bench.pending();
  CHECK(said(bench.plant.record(bench.burn)).front() == "stage.pending-burn");
  REQUIRE(bench.plant.open().resolve(decision("CX2641701", "Li Na", "does not start any more", "L1-S1")));
  CHECK(bench.open().outcome == Outcome::kPass);
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("resolve needs one unit, and something to resolve") {
  Plant plant;
  plant.record({.unit = good(1), .label = "CX2641701"});
  const auto same =
      changed(good(2), {{"baseboard-serial-number", board(1)}, {"baseboard-manufacturer", "Other"}});
  plant.record({.unit = same});
  for (const std::string& who :
       {std::string("CX9999999"), std::string("CX2641701"), board(1), std::string()}) {
    CAPTURE(who);
    const auto refused = plant.open().resolve(decision(who, "Li Na", "why not", "L1-S1"));
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().advice.empty());
  }
  CHECK(plant.status().records == 2 + 1);
}

TEST_CASE("a further burn closes the stages after it until they are passed again, not those before it") {
  Bench bench;
  bench.pending();
  REQUIRE(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  const Call image{.unit = good(1), .stage = Stage::kPreImage, .label = "CX2641701"};
  const Call ship{.unit = good(1), .stage = Stage::kShip, .label = "CX2641701"};
  REQUIRE(bench.plant.record(image).outcome == Outcome::kPass);
  REQUIRE(bench.plant.record(ship).outcome == Outcome::kPass);

  bench.burn.unit = booted(good(1), kBoot2);
  REQUIRE(bench.plant.close(bench.plant.record(bench.burn), true));  // the same values
  bench.proof.unit.boot_id = kBoot3;
  REQUIRE(bench.plant.record(bench.proof).outcome == Outcome::kPass);
  CHECK(said(bench.plant.record(ship)) == Words{"stage.order"});
  CHECK(bench.plant.record(image).outcome == Outcome::kPass);
  CHECK(bench.plant.record(ship).outcome == Outcome::kPass);
  CHECK(bench.plant.doubts() == Words{});
}

TEST_CASE("intended values that are not good are refused, and reserve nothing") {
  struct Row {
    const char* keyword;
    const char* value;
  };
  for (const Row& row :
       {Row{"system-serial-number", "To be filled by O.E.M."}, Row{"system-serial-number", " "},
        Row{"system-uuid", "00000000-0000-0000-0000-000000000000"},
        Row{"system-uuid", "03000200-0400-0500-0006-000700080009"}, Row{"system-uuid", "no uuid"}}) {
    CAPTURE(row.value);
    Bench bench;
    for (auto& [keyword, value] : bench.burn.burn) {
      if (keyword == row.keyword) value = row.value;
    }
    const Verdict verdict = bench.open();
    CHECK(verdict.outcome == Outcome::kFail);
    CHECK(said(verdict) == Words{std::string("burn.intended ") + row.keyword});
    CHECK(bench.plant.status().reserved == 0);
    CHECK(bench.plant.status().work.empty());
  }
}

}  // namespace

TEST_CASE("a value that an earlier burn reserved, and that a later one leaves as it is, is the unit's") {
  const Plant plant;
  const auto boot = [](const char* last) { return std::string("6c1f9d3e-0b52-4f0a-8a64-0000000000") + last; };
  REQUIRE(plant.record({.unit = bare(1), .stage = Stage::kIncoming}).outcome == Outcome::kPass);
  Call burn{.unit = booted(bare(1), boot("b1")),
            .stage = Stage::kPreBurn,
            .burn = {{"system-serial-number", serial(1)}, {"system-uuid", uuid(1)}}};
  REQUIRE(plant.close(plant.record(burn), false));
  // Both were written all the same, and only the serial is to be another one.
  burn.unit = booted(good(1), boot("b2"));
  burn.burn = {{"system-serial-number", serial(7)}};
  REQUIRE(plant.record(burn).outcome == Outcome::kPass);
  CHECK(plant.lookup(uuid(1)) == Words{"system-uuid " + uuid(1) + " active"});
  CHECK(plant.record({.unit = changed(good(2), {{"system-uuid", uuid(1)}})}).outcome == Outcome::kFail);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a bare board that is being burnt is one unit until it is rebooted, whichever label is scanned") {
  const Plant plant(
      "profile: bare\nversion: 1\n"
      "fields: { system-serial-number: { unique: true }, baseboard-manufacturer: {} }\n"
      "burn: { tool: simulated, fields: [system-serial-number] }\n"
      "stages:\n  incoming: { except: burn-fields }\n  pre-burn: { except: burn-fields }\n"
      "  post-burn: { after: pre-burn }\n  pre-image: { except: burn-fields }\n");
  // Two boards that nothing tells from each other but their labels.
  const auto board = [](int boot) {
    return booted(changed(bare(1), {{"baseboard-serial-number", ""}}), "boot-" + std::to_string(boot));
  };
  CHECK(plant.record({.unit = board(2), .stage = Stage::kIncoming, .label = "CX2600002"}).outcome ==
        Outcome::kPass);
  const Call burn{.unit = board(1),
                  .stage = Stage::kPreBurn,
                  .label = "CX2600001",
                  .burn = {{"system-serial-number", "CX2600001"}}};
  const auto closed = plant.close(plant.record(burn), true);
  REQUIRE(closed);
  CHECK(closed->burn->state == "pending");
  Call mixed_up = burn;
  mixed_up.label = "CX2600002";
  mixed_up.burn = {{"system-serial-number", "CX2600002"}};
  CHECK(said(plant.record(mixed_up)) == Words{"unique.duplicate label"});
  Call run = mixed_up;
  run.burn.clear();
  run.run = true;
  run.stage = Stage::kPreImage;
  CHECK(said(plant.record(run)) == Words{"unique.duplicate label"});
  // The other board, in its own boot.
  mixed_up.unit = board(2);
  CHECK(plant.record(mixed_up).outcome == Outcome::kPass);
  CHECK(plant.doubts() == Words{});
}

}  // namespace dmigate::gate
