// mode: observe, which brings a rule set onto a running line: said, recorded, and nothing is held back.
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

std::string model(const std::string& mode, int version = 1) {
  return "profile: cx\nversion: " + std::to_string(version) + "\nmode: " + mode +
         "\nfields:\n  system-serial-number: { unique: true }\n  system-uuid: { unique: true }\n"
         "stages:\n  pre-image: {}\n  ship: { after: pre-image }\n";
}

}  // namespace

TEST_CASE("what is observed is recorded with what would have been said, and claims nothing") {
  Plant plant(model("observe"));
  const Verdict good_one = plant.record({.unit = good(1)});
  CHECK(good_one.outcome == Outcome::kObserved);
  CHECK(good_one.enforced == Outcome::kPass);
  CHECK(good_one.recorded);
  CHECK(plant.lookup(serial(1)).empty());
  CHECK(plant.status().units == 0);
  const Verdict empty = plant.record({.unit = unit("case-a-1")});
  CHECK(empty.outcome == Outcome::kObserved);
  CHECK(empty.enforced == Outcome::kFail);
  CHECK(rules(empty.findings).front() == "field.empty system-serial-number");
  CHECK(plant.status().records == 2 + 1);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("an observed visit opens no stage that is enforced, and closes none") {
  Plant plant(model("observe"));
  plant.record({.unit = good(1)});
  plant.change_model(model("enforce", 2));
  CHECK(plant.record({.unit = good(1), .stage = Stage::kShip}).outcome == Outcome::kFail);
  CHECK(plant.record({.unit = good(1)}).outcome == Outcome::kPass);
  plant.change_model(model("observe", 3));
  CHECK(plant.record({.unit = changed(good(1), {{"system-uuid", ""}})}).enforced == Outcome::kFail);
  plant.change_model(model("enforce", 4));
  // The latest visit that counts is the one that passed.
  CHECK(plant.record({.unit = good(1), .stage = Stage::kShip}).outcome == Outcome::kPass);
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("another unit's serial is told, and stays the other's") {
  Plant plant(model("enforce"));
  plant.record({.unit = good(1)});
  plant.change_model(model("observe", 2));
  const Verdict copy = plant.record({.unit = changed(good(2), {{"system-serial-number", serial(1)}})});
  CHECK(copy.enforced == Outcome::kFail);
  CHECK(rules(copy.findings) == Words{"unique.changed system-uuid"});
  CHECK(plant.lookup(uuid(2)).empty());
  CHECK(plant.doubts() == Words{});
}

TEST_CASE("an observed run starts, opens nothing, and its end is recorded") {
  Plant plant(model("observe"));
  const Verdict started = plant.record({.unit = unit("case-a-1"), .run = true});
  CHECK(started.outcome == Outcome::kObserved);
  CHECK(plant.status().work.empty());
  auto ended = plant.open().end_observed(started, {});
  REQUIRE(ended);
  CHECK(ended->station_seq == *started.station_seq + 1);
  CHECK(plant.status().records == 2 + 1);
  CHECK(plant.doubts() == Words{});
}

}  // namespace dmigate::gate
