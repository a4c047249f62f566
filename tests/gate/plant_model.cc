#include "tests/gate/plant_model.h"

#include <algorithm>

namespace dmigate::gate {
namespace {

using Claim = PlantModel::Claim;
using Unit = PlantModel::Unit;

constexpr const char* kBoardSerial = "baseboard-serial-number";

std::optional<Stage> comes_after(Stage stage) {
  switch (stage) {
    case Stage::kPreBurn:
      return Stage::kIncoming;
    case Stage::kPostBurn:
      return Stage::kPreBurn;
    case Stage::kShip:
      return Stage::kPreImage;
    default:
      return std::nullopt;
  }
}

std::map<std::string, std::string> presented(const Look& look) {
  auto all = look.shown;
  if (!look.label.empty()) all["label"] = look.label;
  return all;
}

// kModel judges the fields that are burnt from post-burn on, and before a burn those that it leaves as they
// are; board and label in all stages.
bool is_judged(const Look& look, const std::string& keyword) {
  const bool stays = look.purpose == Purpose::kBurn && !look.burn.contains(keyword);
  return keyword == "label" || keyword == kBoardSerial || look.stage >= Stage::kPostBurn || stays;
}

Claim* held(Unit& unit, const std::string& keyword, const std::string& value) {
  const auto found = std::ranges::find_if(
      unit.claims, [&](const Claim& claim) { return claim.keyword == keyword && claim.value == value; });
  return found == unit.claims.end() ? nullptr : &*found;
}

bool is_burnt_over(const Unit& unit, const std::string& keyword) {
  return unit.work && unit.work->kind == "burn" && unit.work->intended.contains(keyword);
}

// The one that looks again after the reboot.
bool is_proof(const Look& look, const Unit* unit) {
  return unit != nullptr && unit->work && unit->work->kind == "burn" && look.stage == Stage::kPostBurn &&
         look.purpose == Purpose::kCheck && look.boot != unit->work->boot;
}

// By an open run, or a burn that is not proved; empty: not at all.
std::string holding_back(const Look& look, const Unit* unit) {
  if (unit == nullptr || !unit->work || is_proof(look, unit)) return {};
  const auto& work = *unit->work;
  if (work.state == "open") return "stage.open-record";
  if (look.stage == Stage::kPostBurn && look.purpose == Purpose::kCheck) return "stage.same-boot";
  if (look.purpose == Purpose::kBurn && work.state != "pending") return {};
  return "stage.pending-burn";
}

void activate(Unit& unit, const std::string& keyword, const std::string& value) {
  for (Claim& claim : unit.claims) {
    if (claim.keyword != keyword) continue;
    if (claim.value == value)
      claim.state = "active";
    else if (claim.state == "active")
      claim.state = "retired";
  }
}

}  // namespace

std::string rule_of(const Finding& finding) {
  return std::string(finding.rule()) + (finding.keyword.empty() ? "" : " " + finding.keyword);
}

int PlantModel::holder(const std::string& keyword, const std::string& value) const {
  for (std::size_t n = 0; n < units_.size(); ++n) {
    Unit unit = units_[n];
    if (held(unit, keyword, value) != nullptr) return static_cast<int>(n);
  }
  return -1;
}

int PlantModel::named(const std::string& who) const {
  std::set<int> units;
  for (std::size_t n = 0; n < units_.size(); ++n) {
    for (const Claim& claim : units_[n].claims) {
      if (claim.value == who) units.insert(static_cast<int>(n));
    }
  }
  return units.size() == 1 ? *units.begin() : -1;
}

PlantModel::Told PlantModel::tell(const Look& look, std::vector<Blame>& blames) const {
  std::set<int> candidates;
  for (const auto& [keyword, value] : presented(look)) candidates.insert(holder(keyword, value));
  candidates.erase(-1);
  const bool asked = candidates.empty() || look.purpose == Purpose::kBurn || look.purpose == Purpose::kRun;
  for (std::size_t n = 0; asked && n < units_.size(); ++n) {
    if (units_[n].work && units_[n].work->boot == look.boot) candidates.insert(static_cast<int>(n));
  }
  if (candidates.empty()) return {.is_new = true};
  if (candidates.size() > 1) {
    for (const auto& [keyword, value] : presented(look)) {
      if (holder(keyword, value) >= 0) blames.push_back({"unique.duplicate " + keyword});
    }
    return {};
  }
  const std::size_t before = blames.size();
  contradict(units_[static_cast<std::size_t>(*candidates.begin())], look, blames);
  return {.unit = blames.size() == before ? *candidates.begin() : -1};
}

void PlantModel::contradict(const Unit& known, const Look& look, std::vector<Blame>& blames) const {
  Unit unit = known;
  for (const auto& [keyword, value] : presented(look)) {
    const bool claimed = is_judged(look, keyword);
    if (const Claim* own = held(unit, keyword, value)) {
      if (own->state != "retired" || !claimed) continue;
      blames.push_back({(own->disposition == "repair" ? "unique.changed " : "unique.duplicate ") + keyword});
    } else if (claimed && !is_burnt_over(unit, keyword) &&
               std::ranges::any_of(unit.claims, [&](const Claim& claim) {
                 return claim.keyword == keyword && claim.state != "retired";
               })) {
      blames.push_back({"unique.changed " + keyword});
    }
  }
  const bool same =
      std::ranges::any_of(look.cards, [&](const std::string& card) { return unit.cards.contains(card); });
  if (!unit.cards.empty() && !same) blames.push_back({"unique.clone nic-mac"});
}

void PlantModel::look_at_burn(const Look& look, int unit, std::vector<Blame>& blames) const {
  for (const auto& [keyword, value] : look.burn) {
    const int other = holder(keyword, value);
    if (other < 0) continue;
    Unit of = units_[static_cast<std::size_t>(other)];
    if (other != unit || held(of, keyword, value)->state == "retired") {
      blames.push_back({"unique.duplicate " + keyword});
    }
  }
}

// The latest visit to the stage passed, and nothing that undoes it has come since.
bool PlantModel::passed(const Unit& unit, Stage after) {
  for (auto it = unit.passages.rbegin(); it != unit.passages.rend(); ++it) {
    if (it->stage == after) return it->passed;
    if (it->kind == "rework") return false;
    if (it->kind == "burn" && after > Stage::kPreBurn) return false;
    if (it->kind == "run" && *it->stage < after) return false;
  }
  return false;
}

void PlantModel::ask_order(const Look& look, const Unit* unit, std::vector<Blame>& blames) {
  const auto after = comes_after(look.stage);
  const bool proof = is_proof(look, unit);
  if (unit != nullptr && look.purpose == Purpose::kCheck && !proof) {
    // A run that failed is mended by a run, or by a burn, after which everything is done again.
    for (auto it = unit->passages.rbegin(); it != unit->passages.rend() && it->kind != "burn"; ++it) {
      if (it->kind != "run" || it->stage != look.stage) continue;
      if (!it->passed) blames.push_back({"stage.run-failed"});
      break;
    }
  }
  if (!after || (proof && *after == Stage::kPreBurn)) return;
  if (unit == nullptr || !passed(*unit, *after)) blames.push_back({"stage.order"});
}

PlantModel::Answer PlantModel::visit(const Look& look) {
  std::vector<Blame> blames;
  std::vector<Finding> judged = look.judged;
  Told told;
  std::string held_back;
  if (look.purpose != Purpose::kGolden) {
    told = tell(look, blames);
    look_at_burn(look, told.unit, blames);
    const Unit* unit = told.unit < 0 ? nullptr : &units_[static_cast<std::size_t>(told.unit)];
    held_back = holding_back(look, unit);
    if (!held_back.empty()) {
      blames.push_back({held_back});
      std::erase_if(judged, [&](const Finding& finding) { return is_burnt_over(*unit, finding.keyword); });
    } else {
      ask_order(look, unit, blames);
    }
    if (is_proof(look, unit)) {
      for (const auto& [keyword, value] : unit->work->intended) {
        const auto shown = look.shown.find(keyword);
        if (shown == look.shown.end() || shown->second != value)
          blames.push_back({"burn.mismatch " + keyword});
      }
    }
  }
  bool table_fails = false;
  for (const Finding& finding : judged) {
    const bool blocks = finding.severity == Severity::kError;
    table_fails = table_fails || blocks;
    blames.push_back({rule_of(finding), blocks, finding.unjudged});
  }
  Answer answer{.outcome = "PASS", .unit = told.unit};
  for (const Blame& blame : blames) {
    answer.rules.push_back(blame.rule);
    if (blame.blocks && answer.outcome == "PASS") answer.outcome = "FAIL";
    if (blame.blocks && blame.unjudged) answer.outcome = "ERROR";
  }
  std::ranges::sort(answer.rules);
  if (look.purpose == Purpose::kGolden) return answer;

  const bool good = answer.outcome == "PASS";
  if (told.is_new && good) {
    answer.unit = static_cast<int>(units_.size());
    units_.emplace_back();
  }
  touched_ = answer.unit;
  if (answer.unit < 0) return answer;
  Unit& unit = units_[static_cast<std::size_t>(answer.unit)];
  const bool proof = is_proof(look, &unit);
  if (good) claim(unit, look);
  if (proof && good) {
    for (const auto& [keyword, value] : unit.work->intended) activate(unit, keyword, value);
    for (Claim& each : unit.claims) {
      if (each.state == "reserved") activate(unit, each.keyword, each.value);
    }
    unit.passages[unit.work->visit].passed = true;
    unit.work.reset();
  } else if (proof) {
    const bool mismatch = std::ranges::any_of(
        answer.rules, [](const std::string& rule) { return rule.starts_with("burn.mismatch"); });
    if (mismatch)
      unit.work->state = "mismatch";
    else if (answer.outcome == "FAIL" || unit.work->state == "open")
      unit.work->state = "failed";
  }
  const bool starts = good && look.purpose != Purpose::kCheck;
  const std::string kind = !starts ? "check" : look.purpose == Purpose::kBurn ? "burn" : "run";
  // Who is held back is not at the stage, unless its table fails there.
  if (held_back.empty() || (table_fails && look.purpose != Purpose::kBurn)) {
    unit.passages.push_back({.kind = kind, .stage = look.stage, .passed = good && !starts});
  }
  if (starts) {
    answer.opened = ++opened_;
    unit.work = {.kind = kind,
                 .state = "open",
                 .boot = look.boot,
                 .intended = look.burn,
                 .opened = answer.opened,
                 .visit = unit.passages.size() - 1};
  }
  return answer;
}

void PlantModel::claim(Unit& unit, const Look& look) {
  for (const auto& [keyword, value] : presented(look)) {
    if (!is_judged(look, keyword)) continue;
    const Claim* own = held(unit, keyword, value);
    if (own == nullptr)
      unit.claims.push_back({.keyword = keyword, .value = value, .state = "active"});
    else if (own->state == "reserved")
      activate(unit, keyword, value);
  }
  unit.cards.insert(look.cards.begin(), look.cards.end());
  if (look.purpose != Purpose::kBurn) return;
  std::erase_if(unit.claims, [&](const Claim& claim) {
    const auto wanted = look.burn.find(claim.keyword);
    return claim.state == "reserved" && (wanted == look.burn.end() || wanted->second != claim.value);
  });
  for (const auto& [keyword, value] : look.burn) {
    if (held(unit, keyword, value) == nullptr) {
      unit.claims.push_back({.keyword = keyword, .value = value, .state = "reserved"});
    }
  }
}

bool PlantModel::close(int opened, bool well) {
  for (Unit& unit : units_) {
    if (!unit.work || unit.work->opened != opened || unit.work->state != "open") continue;
    if (well) unit.passages[unit.work->visit].passed = true;
    if (unit.work->kind == "run")
      unit.work.reset();
    else
      unit.work->state = well ? "pending" : "failed";
    return true;
  }
  return false;
}

bool PlantModel::resolve(const std::string& who) {
  const int n = touched_ = named(who);
  if (n < 0) return false;
  auto& work = units_[static_cast<std::size_t>(n)].work;
  if (!work || (work->state != "open" && work->state != "pending")) return false;
  if (work->kind == "run")
    work.reset();
  else
    work->state = "failed";
  return true;
}

namespace {

bool is_own_for_ever(const std::string& keyword) {
  return keyword == "system-serial-number" || keyword == "system-uuid";
}

// Its claims on the old part end.
void dispose(Unit& unit, const std::string& keyword, const std::string& disposition) {
  if (disposition == "stock") {
    std::erase_if(unit.claims, [&](const Claim& c) { return c.keyword == keyword && c.state != "retired"; });
    return;
  }
  for (Claim& claim : unit.claims) {
    if (claim.keyword != keyword || claim.state == "retired") continue;
    claim.state = "retired";
    claim.disposition = disposition;
  }
}

}  // namespace

bool PlantModel::exchange(Unit& unit, const Exchange& part) {
  if (part.keyword == "nic-mac") {
    unit.cards.clear();
    if (!part.value.empty()) unit.cards.insert(part.value);
    return true;
  }
  const auto count = [&](bool ended) {
    return std::ranges::count_if(unit.claims, [&](const Claim& claim) {
      return claim.keyword == part.keyword && (claim.state == "retired") == ended;
    });
  };
  if (part.keyword != "label" && count(false) + count(true) == 0) return false;
  if (count(false) == 0 && part.value.empty()) return false;
  if (is_own_for_ever(part.keyword) && part.disposition == "stock") return false;
  dispose(unit, part.keyword, part.disposition);
  if (part.keyword == kBoardSerial) unit.cards.clear();
  return true;
}

// The new part's value is free, or this unit's own that was out for repair, and not what it had.
bool PlantModel::take(Unit& unit, int self, const Exchange& part, const Unit& before) const {
  if (part.keyword == "nic-mac" || part.value.empty()) return true;
  Unit was = before;
  const Claim* old = held(was, part.keyword, part.value);
  if (old != nullptr && old->state != "retired") return false;
  const int other = holder(part.keyword, part.value);
  if (other >= 0 && other != self) return false;
  Claim* own = held(unit, part.keyword, part.value);
  if (own != nullptr && own->disposition != "repair") return false;
  if (own == nullptr) {
    unit.claims.push_back({.keyword = part.keyword, .value = part.value, .state = "active"});
  } else {
    own->state = "active";
    own->disposition.clear();
  }
  return true;
}

bool PlantModel::replace(const std::string& who, const std::vector<Exchange>& parts) {
  const int n = touched_ = named(who);
  if (n < 0) return false;
  const Unit before = units_[static_cast<std::size_t>(n)];
  Unit unit = before;
  if (unit.retired) return false;
  if (unit.work && (unit.work->state == "open" || unit.work->state == "pending")) return false;
  for (const Exchange& part : parts) {
    if (!exchange(unit, part) || !take(unit, n, part, before)) return false;
    if (part.keyword == kBoardSerial) unit.work.reset();
  }
  unit.passages.push_back({.kind = "rework", .stage = {}});
  units_[static_cast<std::size_t>(n)] = unit;
  return true;
}

bool PlantModel::retire(const std::string& who, const std::string& board) {
  const int n = touched_ = named(who);
  if (n < 0) return false;
  Unit& unit = units_[static_cast<std::size_t>(n)];
  if (unit.retired || (unit.work && unit.work->state == "open")) return false;
  unit.retired = true;
  for (const char* keyword : {"label", "system-serial-number", "system-uuid", kBoardSerial}) {
    dispose(unit, keyword, keyword == std::string(kBoardSerial) ? board : "scrap");
  }
  unit.cards.clear();
  unit.work.reset();
  unit.passages.push_back({.kind = "rework", .stage = {}});
  return true;
}

}  // namespace dmigate::gate
