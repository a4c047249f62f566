// What must not slip past: a unit whose label was not scanned, a disk that was written by half, a look at
// a unit while its command runs.
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

const std::string kLabel = "CX2641701";

}  // namespace

TEST_CASE("a unit that is held back is known by any unique value that it shows, with no label scanned") {
  const Plant plant;
  REQUIRE(plant.record({.unit = good(1), .label = kLabel}).outcome == Outcome::kPass);
  const Verdict open = plant.record({.unit = good(1), .label = kLabel, .run = true});
  REQUIRE(open.outcome == Outcome::kPass);
  // Its board's serial alone is judged at incoming, and it has another one; serial and UUID are still its
  // own.
  const auto seen = changed(good(1), {{"baseboard-serial-number", board(9)}});
  const Verdict held = plant.record({.unit = seen, .stage = Stage::kIncoming, .station = "L2-S1"});
  CHECK(held.outcome == Outcome::kFail);
  const Verdict before_burn = plant.record({.unit = good(1), .stage = Stage::kIncoming});
  CHECK(said(before_burn) == Words{"stage.open-record"});
}

TEST_CASE("a table with another unit's identity is a duplicate before the stage that judges it") {
  const Plant plant;
  REQUIRE(plant.record({.unit = good(1), .label = kLabel}).outcome == Outcome::kPass);
  const auto clone = changed(good(2), {{"system-uuid", uuid(1)}});
  const Verdict verdict = plant.record({.unit = clone, .stage = Stage::kIncoming, .label = "CX2641702"});
  CHECK(verdict.outcome == Outcome::kFail);
  CHECK(verdict.unit.empty());
  CHECK(plant.status().units == 1);
}

TEST_CASE("a run that failed is mended by a run, and not by a check of the table") {
  const Plant plant;
  const Call check{.unit = good(1), .label = kLabel};
  const Call run{.unit = good(1), .label = kLabel, .run = true};
  const Call ship{.unit = good(1), .stage = Stage::kShip, .label = kLabel};
  REQUIRE(plant.close(plant.record(run), false));
  CHECK(said(plant.record(check)) == Words{"stage.run-failed"});
  CHECK(said(plant.record(ship)) == Words{"stage.order"});
  REQUIRE(plant.close(plant.record(run), true));
  CHECK(plant.record(check).outcome == Outcome::kPass);
  CHECK(plant.record(ship).outcome == Outcome::kPass);
  SUBCASE("nor by a person who ends it") {
    const Verdict open = plant.record(run);
    REQUIRE(plant.open().resolve(decision(kLabel, "Li", "power cut", "L1-S1")));
    CHECK(said(plant.record(check)) == Words{"stage.run-failed"});
  }
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a unit that is imaged again is checked again at the stages after the image") {
  const Plant plant(R"(
profile: cx
version: 1
fields:
  system-serial-number: { unique: true }
stages:
  pre-image: {}
  post-image: { after: pre-image }
  ship: { after: post-image }
)");
  const Call run{.unit = good(1), .run = true};
  const Call after{.unit = good(1), .stage = Stage::kPostImage};
  const Call ship{.unit = good(1), .stage = Stage::kShip};
  REQUIRE(plant.close(plant.record(run), true));
  REQUIRE(plant.record(after).outcome == Outcome::kPass);
  CHECK(plant.record(ship).outcome == Outcome::kPass);
  for (const bool well : {false, true}) {
    REQUIRE(plant.close(plant.record(run), well));
    CHECK(said(plant.record(ship)) == Words{"stage.order"});
    CHECK(said(plant.record(after)) == (well ? Words{} : Words{"stage.order"}));
  }
  CHECK(plant.record(ship).outcome == Outcome::kPass);
}

TEST_CASE("a run that failed at post-burn does not keep a later burn from its proof") {
  const Plant plant;
  const auto call = [](const std::string& boot) {
    return Call{.unit = booted(good(1), boot), .stage = Stage::kPostBurn, .label = kLabel};
  };
  const Call incoming{.unit = good(1), .stage = Stage::kIncoming, .label = kLabel};
  REQUIRE(plant.record(incoming).outcome == Outcome::kPass);
  Call burn{.unit = booted(good(1), kBoot1),
            .stage = Stage::kPreBurn,
            .label = kLabel,
            .burn = {{"system-serial-number", serial(1)}}};
  REQUIRE(plant.close(plant.record(burn), true));
  REQUIRE(plant.record(call(kBoot2)).outcome == Outcome::kPass);
  Call run = call(kBoot2);
  run.run = true;
  REQUIRE(plant.close(plant.record(run), false));
  burn.unit.boot_id = kBoot2;
  REQUIRE(plant.close(plant.record(burn), true));
  const Verdict proof = plant.record(call("6c1f9d3e-0b52-4f0a-8a64-0000000000b3"));
  CHECK(said(proof).empty());
  REQUIRE(proof.burn);
  CHECK(proof.burn->state == "verified");
}

TEST_CASE("a unit that is being burnt is known by its boot, though it shows nothing that anybody holds") {
  const Plant plant(R"(
profile: cx
version: 1
fields:
  system-serial-number: { unique: true }
  baseboard-product-name: {}
burn: { tool: simulated, fields: [system-serial-number] }
stages:
  pre-burn:  { except: burn-fields }
  post-burn: { after: pre-burn }
  pre-image: {}
)");
  const auto before = booted(good(7), kBoot1);
  const Call burn{.unit = before,
                  .stage = Stage::kPreBurn,
                  .label = kLabel,
                  .burn = {{"system-serial-number", serial(1)}}};
  REQUIRE(plant.close(plant.record(burn), true));
  CHECK(said(plant.record({.unit = before})) == Words{"stage.pending-burn"});
  CHECK(said(plant.record({.unit = before, .run = true})) == Words{"stage.pending-burn"});
  CHECK(plant.status().units == 1);
}

TEST_CASE("the good end of a run passes its own visit, and none that failed while it ran") {
  const Plant plant(R"(
profile: cx
version: 1
fields:
  system-serial-number: { unique: true }
  system-sku-number: {}
stages:
  pre-image: {}
  ship: { after: pre-image, only: [system-serial-number] }
)");
  const auto without_sku = changed(good(1), {{"system-sku-number", ""}});
  const Verdict open = plant.record({.unit = good(1), .run = true});
  REQUIRE(open.outcome == Outcome::kPass);
  CHECK(plant.record({.unit = without_sku}).outcome == Outcome::kFail);
  REQUIRE(plant.close(open, true));
  CHECK(said(plant.record({.unit = without_sku, .stage = Stage::kShip})) == Words{"stage.order"});
  CHECK(plant.record({.unit = good(1)}).outcome == Outcome::kPass);
  CHECK(plant.record({.unit = good(1), .stage = Stage::kShip}).outcome == Outcome::kPass);
}

TEST_CASE("a burn whose proof fails for another reason has failed, and may be made again") {
  const Plant plant(R"(
profile: cx
version: 1
fields:
  system-serial-number: { unique: true }
  system-family: {}
burn: { tool: simulated, fields: [system-serial-number] }
stages:
  pre-burn:  { except: burn-fields }
  post-burn: { after: pre-burn }
)");
  const Call burn{.unit = booted(good(1), kBoot1),
                  .stage = Stage::kPreBurn,
                  .label = kLabel,
                  .burn = {{"system-serial-number", serial(1)}}};
  REQUIRE(plant.close(plant.record(burn), true));
  const auto spoiled = changed(good(1), {{"system-family", ""}});
  const Verdict refused =
      plant.record({.unit = booted(spoiled, kBoot2), .stage = Stage::kPostBurn, .label = kLabel});
  CHECK(said(refused) == Words{"field.empty system-family"});
  REQUIRE(refused.burn);
  CHECK(refused.burn->state == "failed");
  SUBCASE("the table is mended, and the proof given") {
    const Verdict proof =
        plant.record({.unit = booted(good(1), kBoot2), .stage = Stage::kPostBurn, .label = kLabel});
    CHECK(proof.outcome == Outcome::kPass);
    CHECK(proof.burn->state == "verified");
  }
  SUBCASE("it is burnt again") { CHECK(plant.record(burn).outcome == Outcome::kPass); }
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("a visit that nothing tells from others says so, and counts for no unit") {
  const Plant plant(R"(
profile: cx
version: 1
fields:
  system-serial-number: { unique: true }
  baseboard-product-name: {}
stages:
  incoming: { only: [baseboard-product-name] }
  ship: { after: incoming }
)");
  const auto board = changed(good(1), {{"system-serial-number", ""}});
  const Verdict incoming = plant.record({.unit = board, .stage = Stage::kIncoming});
  CHECK(incoming.outcome == Outcome::kPass);
  CHECK(said(incoming) == Words{"warning unit.unknown"});
  CHECK(incoming.unit.empty());
  const Verdict ship = plant.record({.unit = good(1), .stage = Stage::kShip});
  REQUIRE(said(ship) == Words{"stage.order"});
  CHECK(ship.findings.front().cause == Say::kWhyUnknownUnit);
  CHECK(plant.record({.unit = board, .stage = Stage::kIncoming, .label = kLabel}).findings.empty());
}

TEST_CASE("a label that must equal an optional field is held to it where the field has no value") {
  const std::string model = R"(
profile: cx
version: 1
label: { equals: { field: system-serial-number } }
fields:
  bios-vendor: {}
  system-serial-number: { optional: true }
stages:
  ship: {}
)";
  for (const std::string value : {"", "   ", "Default string", "CX2699999"}) {
    CAPTURE(value);
    const Plant plant(model);
    const auto described = changed(good(1), {{"system-serial-number", value}});
    CHECK(said(plant.record({.unit = described, .stage = Stage::kShip, .label = kLabel})) ==
          Words{"unit.label-mismatch system-serial-number"});
  }
}

}  // namespace dmigate::gate
