#include "tests/gate/story.h"

#include <algorithm>
#include <boost/json.hpp>

#include "gate/registry/engine.h"

namespace dmigate::gate {
namespace {

constexpr const char *kBoard = "baseboard-serial-number", *kSerial = "system-serial-number",
                     *kUuid = "system-uuid";
constexpr std::size_t kMachines = 12;

std::string joined(const Words& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " | ") + word;
  return all;
}

std::string label_of(int n) { return "LB" + std::to_string(100000 + n); }
std::string card_of(int n) {
  char mac[18];
  std::snprintf(mac, sizeof mac, "02:fc:00:00:%02x:%02x", n >> 8 & 0xFF, n & 0xFF);
  return mac;
}

std::string in_words(const Look& look) {
  std::string words(profiles::stage_name(look.stage));
  if (!look.label.empty()) words += " label " + look.label;
  for (const auto& [keyword, value] : look.shown) words += " " + keyword + " " + value;
  for (const auto& [keyword, value] : look.burn) words += " burn " + keyword + " " + value;
  return words;
}

}  // namespace

std::string Story::profile() { return std::string(kModel) + "witnesses: [nic-mac]\n"; }

const std::vector<Story::Chance>& Story::chances() {
  static const std::vector<Chance> all = {
      {90, "look", &Story::look_at_one},  {30, "run", &Story::start_run},
      {30, "burn", &Story::start_burn},   {22, "end", &Story::end_command},
      {20, "reboot", &Story::reboot},     {2, "swap", &Story::swap_boards},
      {4, "copy", &Story::copy_identity}, {24, "build", &Story::build_machine},
      {10, "replace", &Story::replace},   {3, "diagnosis", &Story::exchange_boards_and_back},
      {2, "retire", &Story::retire},      {5, "resolve", &Story::resolve},
      {3, "golden", &Story::show_golden}, {3, "death", &Story::die_before_commit},
  };
  return all;
}

Story::Story(const Plant& plant, unsigned seed) : plant_(plant), random_(seed), good_(unit("good-unit")) {
  for (std::size_t i = 0; i < kMachines; ++i) machines_.push_back(new_machine());
}

// Half of them are to be burnt here, the others come from a supplier that has done so.
Story::Machine Story::new_machine() {
  const int n = ++built_;
  Machine machine{.number = n, .shown = {{kBoard, board(n)}}, .written = {}, .label = label_of(n)};
  machine.cards = {card_of(n)};
  if (n % 2 == 0) machine.shown.insert({{kSerial, serial(n)}, {kUuid, uuid(n)}});
  return machine;
}

Words Story::step(Registry* registry) {
  differs_.clear();
  unsigned sum = 0;
  for (const Chance& chance : chances()) sum += chance.weight;
  unsigned at = dice(sum);
  for (const Chance& chance : chances()) {
    if (at < chance.weight) {
      ++met_[chance.name];
      (this->*chance.happens)(registry);
      if (registry != nullptr) compare_claims(*registry);
      return differs_;
    }
    at -= chance.weight;
  }
  return differs_;
}

void Story::compare(const std::string& what, const std::string& expected, const std::string& said) {
  if (expected != said) differs_.push_back(what + ": \"" + said + "\" instead of \"" + expected + "\"");
}

// Of the unit that the step was about.
void Story::compare_claims(Registry& registry) {
  const int unit = model_.touched();
  if (!ids_.contains(unit)) return;
  Words expected, found;
  for (const auto& claim : model_.units()[static_cast<std::size_t>(unit)].claims) {
    expected.push_back(claim.keyword + " " + fold(claim.value) + " " + claim.state + " " + claim.disposition);
  }
  const auto rows = registry.lookup(ids_.at(unit));
  if (!rows) return differs_.push_back(rows.error().to_string());
  for (const ClaimRow& row : *rows) {
    found.push_back(row.keyword + " " + fold(row.shown) + " " + row.state + " " + row.disposition);
  }
  std::ranges::sort(expected);
  std::ranges::sort(found);
  compare("claims of unit " + std::to_string(unit), joined(expected), joined(found));
}

fixtures::UnitDescription Story::describe(const Machine& machine) const {
  fixtures::UnitDescription described = good_;
  const auto shown = [&](const char* keyword) {
    const auto found = machine.shown.find(keyword);
    return found == machine.shown.end() ? std::string() : found->second;
  };
  const std::string uuid = shown(kUuid);
  REQUIRE(described.set(kSerial, shown(kSerial)));
  REQUIRE(described.set(kUuid, uuid.empty() ? "ffffffff-ffff-ffff-ffff-ffffffffffff" : uuid));
  REQUIRE(described.set(kBoard, shown(kBoard)));
  return described;
}

std::string Story::boot_of(std::size_t machine) const {
  char boot[40];
  std::snprintf(boot, sizeof boot, "6c1f9d3e-0b52-4f0a-%04x-%012x",
                static_cast<unsigned>(machines_[machine].number),
                static_cast<unsigned>(machines_[machine].boots));
  return boot;
}

void Story::see(std::size_t machine, Look look, Registry* registry) {
  const Machine& it = machines_[machine];
  look.boot = boot_of(machine);
  look.shown = it.shown;
  look.cards = it.cards;
  Evidence evidence = evidence_of(booted(describe(it), look.boot));
  evidence.hardware.nics.emplace();
  for (const std::string& card : it.cards) {
    evidence.hardware.nics->push_back({.name = "enp" + std::to_string(evidence.hardware.nics->size()) + "s0",
                                       .bus = Bus::kPci,
                                       .physical = true,
                                       .removable = false,
                                       .mac = card});
  }
  Call call{.unit = {}, .stage = look.stage, .label = look.label, .run = look.purpose == Purpose::kRun};
  call.station = "L" + std::to_string(1 + dice(3)) + "-S1";
  call.golden = look.purpose == Purpose::kGolden;
  for (const auto& [keyword, value] : look.burn) call.burn.emplace_back(keyword, value);
  const Visit visit = plant_.visit(call, evidence);
  look.judged = visit.judgement.findings;
  if (!look.label.empty()) values_.emplace("label", look.label);
  values_.insert(look.shown.begin(), look.shown.end());
  values_.insert(look.burn.begin(), look.burn.end());

  watch_.asked();
  const PlantModel::Answer expected = model_.visit(look);
  ++met_[expected.outcome];
  for (const std::string& rule : expected.rules) ++met_[rule.substr(0, rule.find(' '))];
  std::optional<Verdict> verdict;
  if (registry != nullptr) {
    auto recorded = registry->record(visit);
    watch_.answered();
    if (!recorded) return differs_.push_back("a visit: " + recorded.error().to_string());
    verdict = *std::move(recorded);
    Words said;
    for (const Finding& finding : verdict->findings) said.push_back(rule_of(finding));
    std::ranges::sort(said);
    compare(in_words(look), expected.outcome + " " + joined(expected.rules),
            std::string(outcome_name(verdict->outcome)) + " " + joined(said));
    const std::string id =
        expected.unit < 0 ? std::string() : ids_.try_emplace(expected.unit, verdict->unit).first->second;
    compare("unit " + std::to_string(expected.unit), id, verdict->unit);
  }
  if (expected.opened != 0) commands_.push_back({expected.opened, machine, look.burn, std::move(verdict)});
}

void Story::look_at_one(Registry* registry) {
  const std::size_t machine = any_machine();
  constexpr Stage kStages[] = {Stage::kIncoming, Stage::kPreBurn,  Stage::kPostBurn, Stage::kPostBurn,
                               Stage::kPreImage, Stage::kPreImage, Stage::kShip};
  Look look{.stage = kStages[dice(7)]};
  const unsigned scanned = dice(20);  // its own label, somebody else's, none
  if (scanned < 12) look.label = machines_[machine].label;
  if (scanned == 12) look.label = machines_[any_machine()].label;
  see(machine, std::move(look), registry);
}

void Story::start_run(Registry* registry) {
  const std::size_t machine = any_machine();
  const Stage stage = dice(4) == 0 ? Stage::kPostBurn : Stage::kPreImage;
  see(machine,
      {.stage = stage, .purpose = Purpose::kRun, .label = dice(2) == 0 ? machines_[machine].label : ""},
      registry);
}

void Story::start_burn(Registry* registry) {
  const std::size_t machine = any_machine();
  const Machine& it = machines_[machine];
  // A unit that was never at incoming is not burnt: more of them get on.
  if (dice(3) != 0) see(machine, {.stage = Stage::kIncoming, .label = it.label}, registry);
  // New values most times; its own again; or somebody else's.
  const int fresh = 100000 + built_ * 8 + static_cast<int>(dice(8));
  const Machine& other = machines_[any_machine()];
  const unsigned kind = dice(6);
  Look look{.stage = Stage::kPreBurn, .purpose = Purpose::kBurn, .label = it.label};
  look.burn = {{kSerial, serial(fresh)}, {kUuid, uuid(fresh)}};
  if (kind == 0 && it.shown.contains(kSerial)) look.burn[kSerial] = it.shown.at(kSerial);
  if (kind == 1 && other.shown.contains(kUuid)) look.burn[kUuid] = other.shown.at(kUuid);
  if (kind == 2 && it.shown.contains(kUuid)) look.burn.erase(kUuid);
  see(machine, std::move(look), registry);
}

// Well or badly; what was written is what was to be, nothing, or something else.
void Story::end_command(Registry* registry) {
  if (commands_.empty()) return;
  const std::size_t which = dice(static_cast<unsigned>(commands_.size()));
  Command command = std::move(commands_[which]);
  commands_.erase(commands_.begin() + static_cast<std::ptrdiff_t>(which));
  const unsigned luck = dice(8);
  const bool well = command.burn.empty() ? luck > 2 : luck != 0;
  if (!command.burn.empty() && luck != 1) machines_[command.machine].written = command.burn;
  if (!command.burn.empty() && luck == 2)
    machines_[command.machine].written[kSerial] = serial(50000 + built_);
  watch_.asked();
  const bool expected = model_.close(command.opened, well);
  if (registry != nullptr) {
    Verdict& verdict = *command.verdict;
    verdict.command = CommandReport{.argv = {"burner"}, .exit_status = well ? 0 : 1};
    if (!well) verdict.outcome = Outcome::kError;
    const auto closed = registry->close(std::move(verdict), {});
    watch_.answered();
    compare("the end of a command", expected ? "ended" : "refused", closed ? "ended" : "refused");
  }
  // Sent on as if nothing had been.
  if (!well && command.burn.empty() && dice(2) == 0) see(command.machine, {.stage = Stage::kShip}, registry);
}

void Story::reboot(Registry*) {
  Machine& machine = machines_[any_machine()];
  for (const auto& [keyword, value] : std::exchange(machine.written, {})) machine.shown[keyword] = value;
  ++machine.boots;
}

// Two units on one repair bench, and nobody tells the registry; their cards are on the boards.
void Story::swap_boards(Registry*) {
  Machine &left = machines_[any_machine()], &right = machines_[any_machine()];
  std::swap(left.shown[kBoard], right.shown[kBoard]);
  if (dice(2) == 0) std::swap(left.cards, right.cards);
}

void Story::copy_identity(Registry*) {
  const std::size_t from = any_machine(), to = any_machine();
  if (from == to) return;
  const std::string board = machines_[to].shown.at(kBoard);
  machines_[to].shown = machines_[from].shown;
  if (dice(2) == 0) machines_[to].shown[kBoard] = board;  // a BIOS that was read out of the other one
}

void Story::build_machine(Registry*) { machines_[any_machine()] = new_machine(); }

std::string Story::some_value(std::size_t machine) {
  const Machine& it = machines_[machine];
  const unsigned which = dice(3);
  if (which == 0) return it.label;
  const auto serial = it.shown.find(kSerial);
  return which == 1 && serial != it.shown.end() ? serial->second : it.shown.at(kBoard);
}

bool Story::decide(const std::string& who, const std::vector<PlantModel::Exchange>& parts,
                   Registry* registry) {
  for (const auto& part : parts) {
    if (!part.value.empty() && part.keyword != "nic-mac") values_.emplace(part.keyword, part.value);
  }
  watch_.asked();
  const bool expected = model_.replace(who, parts);
  ++met_[expected ? "replaced" : "not replaced"];
  if (registry == nullptr) return expected;
  Rework rework = decision(who, "Li Na", "diagnosis");
  for (const auto& part : parts)
    rework.parts.push_back({part.keyword, part.value, find_disposition(part.disposition)});
  const auto done = registry->replace(rework);
  watch_.answered();
  compare("replace", expected ? "done" : "refused", done ? "done" : "refused");
  return expected;
}

// Of a few machines one that the registry knows, where there is one.
std::size_t Story::known_machine() {
  std::size_t machine = any_machine();
  for (int i = 0; i < 8 && !model_.knows(kBoard, machines_[machine].shown.at(kBoard)); ++i)
    machine = any_machine();
  return machine;
}

// What is done to the machine and what is told of it are not always the same.
void Story::replace(Registry* registry) {
  const std::size_t machine = known_machine();
  const std::string who = some_value(machine);
  Machine& it = machines_[machine];
  const char* kDispositions[] = {"stock", "repair", "scrap"};
  const std::string disposition = kDispositions[dice(3)];
  const int n = ++built_;
  Machine after = it;
  std::vector<PlantModel::Exchange> parts;
  switch (dice(6)) {
    case 0:
      after.label = label_of(n);
      parts = {{"label", after.label, disposition}};
      break;
    case 1:
      after.cards = {card_of(n)};
      parts = {{"nic-mac", card_of(n), disposition}};
      break;
    case 2:  // the next check names the new board
      after.shown[kBoard] = board(n);
      after.cards = {card_of(n)};
      parts = {{kBoard, "", disposition}};
      break;
    case 3:  // two at once
      after.shown[kSerial] = serial(n);
      after.label = label_of(n);
      parts = {{kSerial, serial(n), disposition}, {"label", after.label, disposition}};
      break;
    case 4:
      parts = {{kBoard, machines_[any_machine()].shown.at(kBoard), disposition}};
      break;
    default:
      after.shown[kBoard] = board(n);
      parts = {{kBoard, board(n), disposition}};
  }
  if (decide(who, parts, registry) || dice(8) == 0) it = after;
}

// A known good board is put in, the unit is looked at, and its own comes back.
void Story::exchange_boards_and_back(Registry* registry) {
  const std::size_t machine = known_machine();
  Machine& it = machines_[machine];
  const std::string own = it.shown.at(kBoard), lent = board(++built_);
  decide(own, {{kBoard, lent, "repair"}}, registry);
  it.shown[kBoard] = lent;
  see(machine, {.stage = Stage::kPreImage, .label = it.label}, registry);
  decide(lent, {{kBoard, own, "stock"}}, registry);
  it.shown[kBoard] = own;
  see(machine, {.stage = Stage::kPreImage, .label = it.label}, registry);
}

void Story::retire(Registry* registry) {
  const std::size_t machine = known_machine();
  const std::string who = some_value(machine);
  const bool stock = dice(2) == 0;
  watch_.asked();
  const bool expected = model_.retire(who, stock ? "stock" : "scrap");
  ++met_[expected ? "retired" : "not retired"];
  if (registry != nullptr) {
    Rework rework = decision(who, "Li Na", "water damage");
    if (stock) rework.parts = {{kBoard, {}, Disposition::kStock}};
    const auto done = registry->retire(rework);
    watch_.answered();
    compare("retire", expected ? "done" : "refused", done ? "done" : "refused");
  }
  if (expected && dice(4) != 0) machines_[machine] = new_machine();
}

void Story::resolve(Registry* registry) {
  const std::string who = some_value(any_machine());
  watch_.asked();
  const bool expected = model_.resolve(who);
  ++met_[expected ? "resolved" : "not resolved"];
  if (registry == nullptr) return;
  const auto done = registry->resolve(decision(who, "Li Na", "power cut"));
  watch_.answered();
  compare("resolve", expected ? "done" : "refused", done ? "done" : "refused");
}

void Story::show_golden(Registry* registry) {
  see(any_machine(), {.stage = Stage::kPreImage, .purpose = Purpose::kGolden}, registry);
}

// A station takes a unit's values for one that nobody knows, and dies before it commits.
void Story::die_before_commit(Registry* registry) {
  const Machine& it = machines_[any_machine()];
  if (registry == nullptr) return;
  const RegistryOptions options = plant_.options();
  auto sql = open_engine(plant_.where(), options.sqlite, options.postgres);
  REQUIRE(sql);
  REQUIRE((*sql)->begin());
  for (const auto& [keyword, value] : it.shown) {
    const UniqueValue taken{.keyword = keyword, .scope = {}, .key = fold(value), .shown = value};
    const auto done = (*sql)->run(
        "INSERT INTO claim (id, value_id, keyword, second, scope, shown, unit, state, station, since)"
        " VALUES ($1, $2, $3, 0, '', $4, 'u-dead', 'active', 'L9', '')"
        " ON CONFLICT (id) DO UPDATE SET unit = excluded.unit",
        {blob(taken.id()), blob(taken.value_id()), keyword, value});
    REQUIRE_MESSAGE(done, (done ? "" : done.error().to_string()));
  }
}

Words Story::differences(Registry& registry) const {
  Words differ;
  std::map<int, std::string> ids;
  std::map<std::string, int> units;
  std::map<std::string, std::set<std::string>> found,
      expected;  // "keyword value" -> "state disposition unit"
  for (std::size_t n = 0; n < model_.units().size(); ++n) {
    for (const auto& claim : model_.units()[n].claims) {
      expected[claim.keyword + " " + fold(claim.value)].insert(claim.state + " " + claim.disposition);
    }
  }
  for (const auto& [keyword, value] : values_) {
    const auto rows = registry.lookup(value);
    if (!rows) return {rows.error().to_string()};
    for (const ClaimRow& row : *rows) {
      if (row.keyword != keyword) continue;
      found[keyword + " " + fold(row.shown)].insert(row.state + " " + row.disposition);
      // Whoever holds one value of a unit of the model holds all of them.
      for (std::size_t n = 0; n < model_.units().size(); ++n) {
        if (std::ranges::none_of(model_.units()[n].claims, [&](const PlantModel::Claim& claim) {
              return claim.keyword == keyword && claim.value == value;
            })) {
          continue;
        }
        const int unit = static_cast<int>(n);
        if (ids.try_emplace(unit, row.holder.unit).first->second != row.holder.unit ||
            units.try_emplace(row.holder.unit, unit).first->second != unit) {
          differ.push_back(keyword + " " + value + " is another unit's");
        }
      }
    }
  }
  // All stations have one clock here, and what is told follows it.
  for (const auto& [id, unit] : units) {
    const auto trace = registry.trace(id);
    if (!trace) return {trace.error().to_string()};
    std::string newer = "~";
    for (const std::string& body : trace->units.front().records) {
      const std::string time(boost::json::parse(body).at("time").as_string());
      if (time > newer) differ.push_back(id + ": what is of " + time + " stands behind what is of " + newer);
      newer = time;
    }
  }
  for (const auto& [value, states] : expected) {
    if (found[value] != states) differ.push_back(value + " is not as it should be");
  }
  for (const auto& [value, states] : found) {
    if (!expected.contains(value) && !states.empty()) differ.push_back(value + " should be free");
  }
  const auto status = registry.status();
  if (!status) return {status.error().to_string()};
  std::multiset<std::string> works, told;
  for (const Status::Work& work : status->work) told.insert(work.kind + " " + work.state);
  for (const auto& unit : model_.units()) {
    if (unit.work) works.insert(unit.work->kind + " " + unit.work->state);
  }
  if (works != told) differ.push_back("what is open is not as it should be");
  if (status->units != static_cast<std::int64_t>(model_.units().size())) {
    differ.push_back(std::to_string(status->units) + " units instead of " +
                     std::to_string(model_.units().size()));
  }
  return differ;
}

}  // namespace dmigate::gate
