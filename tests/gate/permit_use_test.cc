// What the registry says to a permit: it opens once, while its PASS is the unit's last word, by the
// registry's own clock.
#include <functional>

#include "gate/evidence/text.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

using namespace std::chrono_literals;

// Each in a boot of its own: a machine in which a run is open is that run's unit.
fixtures::UnitDescription at_boot(int n) { return booted(good(n), "boot-" + std::to_string(n)); }

// A plant whose clock is that of its registry.
struct Issuing {
  Plant plant;
  Issuing() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    plant.set_clock_back(1795000000s - now.time_since_epoch());
  }
  // A PASS of unit `n`, as a permit speaks of it.
  struct Passed {
    Verdict verdict;
    PermitUse permit;
  };
  [[nodiscard]] Passed pass(int n, const std::string& id, std::chrono::seconds lifetime = 600s,
                            const std::string& station = "L1-S1") const {
    Verdict verdict = plant.record({.unit = at_boot(n), .label = serial(n), .station = station});
    REQUIRE(verdict.outcome == Outcome::kPass);
    PermitUse permit{.id = id,
                     .station = station,
                     .station_seq = static_cast<std::int64_t>(*verdict.station_seq),
                     .record_hash = verdict.record_hash,
                     .expires = utc_text(std::chrono::system_clock::now() + lifetime)};
    return {std::move(verdict), std::move(permit)};
  }
  [[nodiscard]] Verdict use(const Passed& passed, const std::string& station = "L9-IMAGER") const {
    Verdict verdict;
    verdict.stage = passed.verdict.stage;
    verdict.unit = passed.verdict.unit;
    verdict.profile = passed.verdict.profile;
    verdict.source = passed.verdict.source;
    verdict.station.id = station;
    auto used = plant.open().use_permit(verdict, passed.permit);
    REQUIRE_MESSAGE(used, (used ? "" : used.error().to_string()));
    CHECK(used->recorded);
    CHECK(plant.doubts() == Words{});
    return *std::move(used);
  }
  [[nodiscard]] Words refused(const Passed& passed) const {
    const Verdict verdict = use(passed);
    CHECK(verdict.outcome == Outcome::kFail);
    return rules(verdict.findings);
  }
};

const Words kStale = {"permit.stale"};

TEST_CASE("a permit opens once, whoever presents it, and its refusals are recorded") {
  const Issuing line;
  const auto passed = line.pass(1, "p1");
  CHECK(line.use(passed).outcome == Outcome::kPass);
  CHECK(line.refused(passed) == Words{"permit.used"});
  CHECK(line.use(passed, "L8-IMAGER").outcome == Outcome::kFail);
  CHECK(line.plant.status().records == 1 + 1 + 3);  // the profile has one
}

TEST_CASE("a permit is good by the registry's clock, and none is that a clock ahead of it has issued") {
  Issuing line;
  CHECK(line.refused(line.pass(1, "p1", -1s)) == Words{"permit.expired"});
  line.plant.set_clock_back(-24h);
  CHECK(line.refused(line.pass(2, "p2", 24h + 600s)) == Words{"permit.not-yet"});
  line.plant.set_clock_back(48h);
  CHECK(line.use(line.pass(3, "p3")).outcome == Outcome::kPass);  // one that is behind is not
}

TEST_CASE("a permit whose PASS is not in the journal as it says opens nothing") {
  const Issuing line;
  const auto good_one = line.pass(1, "p1");
  auto bad = good_one;
  bad.permit.record_hash[0] = bad.permit.record_hash[0] == '0' ? '1' : '0';
  CHECK(line.refused(bad) == kStale);
  bad = good_one;
  bad.permit.station_seq += 1;
  CHECK(line.refused(bad) == kStale);
  bad = good_one;
  bad.permit.station = "L2-S1";
  CHECK(line.refused(bad) == kStale);
  bad = good_one;
  bad.verdict.unit = line.pass(2, "p2").verdict.unit;
  CHECK(line.refused(bad) == kStale);
  bad = good_one;
  bad.verdict.stage = Stage::kShip;
  CHECK(line.refused(bad) == kStale);
  CHECK(line.use(good_one).outcome == Outcome::kPass);
}

TEST_CASE("the start of a run is no PASS that a permit could speak of") {
  const Issuing line;
  auto passed = line.pass(1, "p1");
  const Verdict started = line.plant.record({.unit = at_boot(1), .label = serial(1), .run = true});
  REQUIRE(started.outcome == Outcome::kPass);
  passed.permit.station_seq = static_cast<std::int64_t>(*started.station_seq);
  passed.permit.record_hash = started.record_hash;
  CHECK(line.refused(passed) == kStale);
  REQUIRE(line.plant.close(started, true));
  CHECK(line.refused(passed) == kStale);
}

TEST_CASE("what happened to the unit since the PASS takes its permit away, at whatever station") {
  const Issuing line;
  struct Since {
    const char* what;
    std::function<void(int)> happens;
  };
  const Since all[] = {
      {"a FAIL at another stage",
       [&](int n) {
         const auto bad = changed(at_boot(n), {{"system-serial-number", "Default string"}});
         CHECK(line.plant.record({.unit = bad, .stage = Stage::kShip, .label = serial(n), .station = "L7"})
                   .outcome == Outcome::kFail);
       }},
      {"a FAIL, and a PASS after it",
       [&](int n) {
         const auto bad = changed(at_boot(n), {{"system-serial-number", ""}});
         CHECK(line.plant.record({.unit = bad, .label = serial(n)}).outcome == Outcome::kFail);
         CHECK(line.plant.record({.unit = at_boot(n), .label = serial(n)}).outcome == Outcome::kPass);
       }},
      {"a run that has not ended",
       [&](int n) {
         CHECK(line.plant.record({.unit = at_boot(n), .label = serial(n), .run = true}).outcome ==
               Outcome::kPass);
       }},
      {"a run that has",
       [&](int n) {
         CHECK(line.plant.close(line.plant.record({.unit = at_boot(n), .label = serial(n), .run = true}),
                                true));
       }},
      {"another permit", [&](int n) { CHECK(line.use(line.pass(n, "other")).outcome == Outcome::kPass); }},
      {"a rework",
       [&](int n) {
         auto rework = decision(serial(n), "Li", "audio broken");
         rework.parts = {{.keyword = "baseboard-serial-number", .disposition = Disposition::kStock}};
         CHECK(line.plant.open().replace(rework));
       }},
      {"the unit is no more",
       [&](int n) { CHECK(line.plant.open().retire(decision(serial(n), "Li", "burnt down"))); }},
  };
  int n = 0;
  for (const auto& [what, happens] : all) {
    CAPTURE(what);
    ++n;
    const auto passed = line.pass(n, "p" + std::to_string(n));
    happens(n);
    CHECK(line.refused(passed) == kStale);
  }
  // A PASS at another stage, and one more at the same, speak for it.
  const auto passed = line.pass(++n, "last");
  CHECK(line.plant.record({.unit = at_boot(n), .stage = Stage::kShip, .label = serial(n)}).outcome ==
        Outcome::kPass);
  CHECK(line.plant.record({.unit = at_boot(n), .label = serial(n)}).outcome == Outcome::kPass);
  CHECK(line.use(passed).outcome == Outcome::kPass);
}

TEST_CASE("what is known against a permit already is recorded with its refusal, and does not use it up") {
  const Issuing line;
  const auto passed = line.pass(1, "p1");
  Verdict verdict = passed.verdict;
  verdict.findings = {{.say = Say::kClone, .keyword = "nic-mac", .found = "02:cc:26:00:41:99"}};
  const auto refused = line.plant.open().use_permit(verdict, passed.permit);
  REQUIRE(refused);
  CHECK(refused->outcome == Outcome::kFail);
  CHECK(rules(refused->findings) == Words{"unique.clone nic-mac"});
  CHECK(line.use(passed).outcome == Outcome::kPass);
}

}  // namespace
}  // namespace dmigate::gate
