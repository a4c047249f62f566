// A registry against a slow and obvious one: a few units and values, thousands of visits.
#include <map>
#include <random>
#include <set>

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

// What a unit shows at pre-image, by keyword. A table is not needed for that: the judge is not tested here.
using Shown = std::map<std::string, std::string>;

const Words kKeywords = {"label", "system-serial-number", "system-uuid", "baseboard-serial-number"};

// Identity in the words of the design: candidates are the units that hold a presented value; none: a
// new one; one: it, where it holds no other value for a presented keyword; several: a duplicate.
class Model {
 public:
  struct Answer {
    std::string outcome;
    int unit = -1;
  };

  Answer visit(const Shown& shown) {
    std::set<int> candidates;
    for (const auto& [keyword, value] : shown) {
      for (std::size_t unit = 0; unit < units_.size(); ++unit) {
        const auto held = units_[unit].find(keyword);
        if (held != units_[unit].end() && held->second == value) candidates.insert(static_cast<int>(unit));
      }
    }
    if (candidates.size() > 1) return {"unique.duplicate"};
    if (candidates.empty()) {
      units_.push_back(shown);
      return {"PASS", static_cast<int>(units_.size()) - 1};
    }
    Shown& unit = units_[static_cast<std::size_t>(*candidates.begin())];
    for (const auto& [keyword, value] : shown) {
      const auto held = unit.find(keyword);
      if (held != unit.end() && held->second != value) return {"unique.changed"};
    }
    unit.insert(shown.begin(), shown.end());
    return {"PASS", *candidates.begin()};
  }

  [[nodiscard]] std::size_t claims() const {
    std::size_t sum = 0;
    for (const Shown& unit : units_) sum += unit.size();
    return sum;
  }
  [[nodiscard]] const std::vector<Shown>& units() const { return units_; }

 private:
  std::vector<Shown> units_;
};

// The same value, written as some station, scanner or burn tool may write it.
std::string disguised(const std::string& value, std::mt19937& random) {
  std::string text = value;
  for (char& c : text) {
    if (random() % 4 == 0) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (random() % 8 == 0) text = " " + text;
  if (random() % 8 == 0) text += "  ";
  return text;
}

TEST_CASE("thousands of visits, a few values: the registry says what the obvious one says") {
  constexpr const char* kAny = R"(
profile: cx
version: 1
fields: { system-serial-number: { unique: true } }
stages: { pre-image: {} }
)";
  for (const unsigned seed : {1u, 2u, 3u, 4u}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Plant plant(kAny);
    Registry registry = plant.open();
    Model model;
    const Evidence evidence = evidence_of(good(1));
    const Visit blank = [&] {
      Visit visit = plant.visit({.unit = good(1)}, evidence);
      visit.verdict.findings.clear();
      visit.judgement.presented.clear();
      return visit;
    }();
    std::map<int, std::string> ids;
    // Values get fewer with the seed: from mostly new units to mostly quarrels.
    const unsigned values = 400 / (seed * seed);
    const int visits = seed == 1 ? 600 : 300;
    for (int i = 0; i < visits; ++i) {
      CAPTURE(i);
      Shown shown;
      const unsigned own = static_cast<unsigned>(random() % values);
      Visit visit = blank;
      visit.verdict.station.id = "L" + std::to_string(random() % 3);
      for (const std::string& keyword : kKeywords) {
        if (random() % 3 == 0) continue;
        const unsigned number = random() % 12 == 0 ? static_cast<unsigned>(random() % values) : own;
        const std::string value = "CX" + std::to_string(number);
        shown[keyword] = value;
        const std::string text = disguised(value, random);
        visit.judgement.presented.push_back(
            {.keyword = keyword, .scope = {}, .key = fold(text), .shown = printable(text)});
      }
      if (shown.empty()) continue;
      const Model::Answer expected = model.visit(shown);
      const auto verdict = registry.record(visit);
      REQUIRE_MESSAGE(verdict, (verdict ? "" : verdict.error().to_string()));
      const bool passed = verdict->outcome == Outcome::kPass;
      REQUIRE(passed == (expected.outcome == "PASS"));
      if (passed) {
        const auto [id, fresh] = ids.try_emplace(expected.unit, verdict->unit);
        REQUIRE(id->second == verdict->unit);
      } else {
        REQUIRE_FALSE(verdict->findings.empty());
        for (const Finding& finding : verdict->findings)
          REQUIRE(std::string(finding.rule()) == expected.outcome);
      }
    }
    const auto status = registry.status();
    REQUIRE(status);
    CHECK(status->units == static_cast<std::int64_t>(model.units().size()));
    CHECK(status->active == static_cast<std::int64_t>(model.claims()));
    for (std::size_t unit = 0; unit < model.units().size(); ++unit) {
      const auto rows = registry.lookup(ids.at(static_cast<int>(unit)));
      REQUIRE(rows);
      Shown held;
      for (const ClaimRow& row : *rows) held[row.keyword] = fold(row.shown);
      Shown expected = model.units()[unit];
      for (auto& [keyword, value] : expected) value = fold(value);
      CHECK(held == expected);
    }
    CHECK(registry.verify()->empty());
  }
}

// Burns among a few units and few values, against what the design says of reservations. A unit is
// told by its label alone here, and shows what its flash holds since the last reboot.
TEST_CASE("hundreds of burns, good and bad: a value is one unit's, and only a proof makes it active") {
  struct Board {
    std::string shown;     ///< the serial that its table has
    std::string flash;     ///< what was written since
    std::string intended;  ///< of the burn that holds it back
    std::string state;     ///< "", "open", "pending", "failed", "mismatch"
    bool rebooted = true;
    bool passed = false;  ///< its latest visit to pre-burn; a proof passes it
    int boot = 0;
  };
  constexpr const char* kBurnt = R"(
profile: cx
version: 1
fields:
  system-serial-number: { unique: true }
burn: { tool: simulated, fields: [system-serial-number] }
stages:
  pre-burn:  { except: burn-fields }
  post-burn: { after: pre-burn }
)";
  std::mt19937 random(26);
  // A stage that judges nothing is no stage: the board's product name is judged at pre-burn.
  std::string text = kBurnt;
  text.replace(text.find("fields:\n"), 8, "fields:\n  baseboard-product-name: {}\n");
  Plant plant(text);
  std::vector<Board> boards(6);
  std::map<std::string, std::pair<std::size_t, std::string>> claims;  // serial -> unit, state
  const auto release = [&](std::size_t n) {
    std::erase_if(claims,
                  [&](const auto& claim) { return claim.second == std::pair(n, std::string("reserved")); });
  };
  int burns = 0;
  int proofs = 0;
  for (int i = 0; i < 400; ++i) {
    CAPTURE(i);
    const std::size_t n = random() % boards.size();
    Board& it = boards[n];
    const auto table = [&] {
      return booted(unit("good-unit", {{"system-serial-number", it.shown}}),
                    "boot-" + std::to_string(n) + "-" + std::to_string(it.boot));
    };
    const std::string label = "CX000" + std::to_string(n);
    switch (random() % 3) {
      case 0: {  // burn
        const std::string wanted = serial(static_cast<int>(random() % 30));
        const auto holder = claims.find(wanted);
        const auto shown = claims.find(it.shown);
        const bool held_back = it.state == "open" || it.state == "pending";
        const bool free =
            holder == claims.end() || (holder->second.first == n && holder->second.second != "retired");
        const bool stranger = shown != claims.end() && shown->second.first != n;
        const Verdict verdict = plant.record({.unit = table(),
                                              .stage = Stage::kPreBurn,
                                              .label = label,
                                              .burn = {{"system-serial-number", wanted}}});
        REQUIRE((verdict.outcome == Outcome::kPass) == (!held_back && free && !stranger));
        if (verdict.outcome != Outcome::kPass) {
          if (!stranger) it.passed = false;
          break;
        }
        ++burns;
        if (holder == claims.end() || holder->second.second == "reserved") {
          release(n);
          claims[wanted] = {n, "reserved"};
        } else {
          release(n);
        }
        it.intended = wanted;
        it.rebooted = false;
        const unsigned luck = static_cast<unsigned>(random() % 4);
        it.flash = luck == 3 ? it.shown : wanted;  // a tool that writes nothing and says Done
        it.state = luck == 0 ? "open" : luck == 1 ? "failed" : "pending";
        if (luck != 0) REQUIRE(plant.close(verdict, luck != 1));
        break;
      }
      case 1:  // reboot
        if (!it.flash.empty()) it.shown = it.flash;
        it.rebooted = true;
        ++it.boot;
        break;
      default: {  // post-burn
        const Verdict verdict = plant.record({.unit = table(), .stage = Stage::kPostBurn, .label = label});
        const bool proof = !it.state.empty() && it.rebooted;
        const bool good = proof && it.shown == it.intended;
        const auto shown = claims.find(it.shown);
        const bool own =
            shown != claims.end() && shown->second.first == n && shown->second.second != "retired";
        const bool again = it.state.empty() && own && it.passed;
        REQUIRE((verdict.outcome == Outcome::kPass) == (good || again));
        if (good) {
          ++proofs;
          if (claims[it.intended].second == "reserved") {
            for (auto& [value, claim] : claims) {
              if (claim == std::pair(n, std::string("active"))) claim.second = "retired";
            }
          }
          claims[it.intended].second = "active";
          it.state.clear();
          it.passed = true;
        }
        if (it.state.empty()) break;
        // What is not proved goes on holding the unit back.
        const std::string before = it.state;
        it.state.clear();
        for (const auto& work : plant.status().work) {
          if (work.label == label) it.state = work.state;
        }
        REQUIRE_FALSE(it.state.empty());
        REQUIRE((it.state == before || it.state == "mismatch" || (before == "open" && it.state == "failed")));
      }
    }
    const Status status = plant.status();
    const auto count = [&](const char* state) {
      return std::ranges::count_if(claims, [&](const auto& claim) { return claim.second.second == state; });
    };
    REQUIRE(status.reserved == count("reserved"));
    REQUIRE(status.retired == count("retired"));
  }
  CHECK(burns > 20);
  CHECK(proofs > 5);
  for (const auto& [value, claim] : claims) {
    CHECK(plant.lookup(value) == Words{"system-serial-number " + value + " " + claim.second + " CX000" +
                                       std::to_string(claim.first)});
  }
  CHECK(plant.doubts() == Words{});
}

}  // namespace
}  // namespace dmigate::gate
