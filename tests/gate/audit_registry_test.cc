// An audit beside a registry: what other units hold there, what is claimed, and parts of one batch that are
// audited by several machines.
#include <algorithm>
#include <set>
#include <thread>

#include "tests/gate/batch.h"

namespace dmigate::gate {
namespace {

constexpr const char* kWithCards = R"(
profile: cx
version: 1
label: { pattern: '[A-Z]{2}[0-9]{5,9}' }
fields:
  system-serial-number:    { unique: true }
  system-uuid:             { unique: true }
  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }
stages: { pre-image: {} }
witnesses: [nic-mac]
)";

// A registry, and audits beside it.
class Quality {
 public:
  explicit Quality(const std::string& model = kModel) : model_(model), plant_(model) {}

  [[nodiscard]] const Plant& plant() const { return plant_; }
  [[nodiscard]] Audited audit(const Batch& batch, bool claim, const std::string& station = "Q1") const {
    Registry registry = plant_.open();
    return batch.audit(request(registry, claim, station));
  }
  [[nodiscard]] audit::Request request(Registry& registry, bool claim,
                                       const std::string& station = "Q1") const {
    audit::Request request = request_for(model_);
    request.registry = &registry;
    request.claim = claim;
    request.station = {.id = station};
    return request;
  }

 private:
  std::string model_;
  Plant plant_;
};

// Evidence of a unit with one network card.
void add_with_card(const Batch& batch, const std::string& name, int n, const std::string& mac) {
  Evidence evidence = evidence_of(good(n));
  evidence.hardware.nics = std::vector{NetworkCard{.name = "enp1s0",
                                                   .bus = Bus::kPci,
                                                   .port = "pci",
                                                   .physical = true,
                                                   .removable = false,
                                                   .mac = mac,
                                                   .driver = "igc",
                                                   .disabled = false}};
  batch.add(name, to_json(evidence));
}

// "unique.duplicate system-serial-number CX2641701"
Words known_of(const Audited& audited, const std::string& path) {
  Words all;
  const json::object& unit = audited.unit(path);
  if (!unit.contains("registry")) return all;
  for (const json::value& each : unit.at("registry").as_array()) {
    std::string words;
    for (const char* member : {"rule", "keyword", "value"}) {
      if (each.as_object().contains(member))
        words += (words.empty() ? "" : " ") + std::string(each.at(member).as_string());
    }
    all.push_back(words);
  }
  return all;
}

TEST_CASE("a unit that the registry knows is itself, and one that carries another's serial is told whose") {
  const Quality quality;
  quality.plant().record({.unit = good(1), .label = "CX2641701"});
  Batch batch;
  batch.add("1.bin", good(1));
  CHECK(quality.audit(batch, false).outcome("1.bin") == "PASS");
  batch.add("1.bin", changed(good(2), {{"system-serial-number", serial(1)}}));
  batch.add("3.bin", good(3));
  const Audited audited = quality.audit(batch, false);
  CHECK(audited.outcome("1.bin") == "FAIL");
  CHECK(audited.outcome("3.bin") == "PASS");
  CHECK(audited.findings("1.bin") == Words{"unique.duplicate system-serial-number"});
  CHECK(known_of(audited, "1.bin") == Words{"unique.duplicate system-serial-number " + serial(1)});
  CHECK(audited.summary.known == 1);
  REQUIRE(audited.summary.known_first.size() == 1);
  CHECK(audited.summary.known_first[0].said.find("CX2641701 (L1-S1, ") != std::string::npos);
  CHECK(audited.csv.find("CX2641701 (L1-S1, ") != std::string::npos);
  CHECK(quality.plant().status().units == 1);  // nothing was written
  CHECK(quality.plant().status().records == 2);
}

TEST_CASE("a unit of which a part is another than recorded is told so, and nothing is claimed for it") {
  const Quality quality;
  quality.plant().record({.unit = good(1)});
  const Batch batch;
  batch.add("1.bin", changed(good(1), {{"baseboard-serial-number", board(7)}}));
  const Audited audited = quality.audit(batch, true);
  CHECK(audited.findings("1.bin") == Words{"unique.duplicate system-serial-number",
                                           "unique.duplicate system-uuid",
                                           "unique.changed baseboard-serial-number"});
  CHECK(quality.plant().status().units == 1);
  CHECK(quality.plant().lookup(board(7)).empty());
}

TEST_CASE("a unit that is put together of two known ones is a duplicate of both") {
  const Quality quality;
  quality.plant().record({.unit = good(1)});
  quality.plant().record({.unit = good(2)});
  const Batch batch;
  batch.add("1.bin", changed(good(3), {{"system-serial-number", serial(1)}, {"system-uuid", uuid(2)}}));
  const Audited audited = quality.audit(batch, true);
  CHECK(audited.findings("1.bin") ==
        Words{"unique.duplicate system-serial-number", "unique.duplicate system-uuid"});
  CHECK(quality.plant().status().units == 2);
}

TEST_CASE("what was scrapped is never valid again, in an audit as at a station") {
  const Quality quality;
  quality.plant().record({.unit = good(1)});
  REQUIRE(quality.plant().open().retire(decision(serial(1), "Li Na", "burnt down")));
  const Batch batch;
  batch.add("1.bin", good(1));
  const Audited audited = quality.audit(batch, false);
  CHECK(audited.outcome("1.bin") == "FAIL");
  CHECK(audited.findings("1.bin").size() == 3);
}

TEST_CASE("a claiming audit makes units known, once; the journal explains it, and a station finds them") {
  const Quality quality;
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin", good(2));
  batch.add("4.bin", changed(good(4), {{"system-serial-number", "Default string"}}));
  const Audited first = quality.audit(batch, true);
  CHECK(first.summary.claimed);
  CHECK(first.summary.units_claimed == 3);
  CHECK(first.summary.values_claimed == 8);
  CHECK(first.outcome("4.bin") == "FAIL");
  CHECK(to_text(first.summary, Language::kEnglish, false).find("claimed: 3 units") != std::string::npos);
  CHECK(quality.plant().doubts().empty());
  const auto records = quality.plant().status().records;
  const Audited again = quality.audit(batch, true);
  CHECK(again.jsonl == first.jsonl);
  CHECK(again.summary.units_claimed == 0);
  CHECK(quality.plant().status().records == records);
  CHECK(quality.plant().status().active == 8);
  CHECK(quality.plant().record({.unit = good(1)}).outcome == Outcome::kPass);
  const Verdict other = quality.plant().record({.unit = changed(good(9), {{"system-uuid", uuid(2)}})});
  CHECK(other.outcome == Outcome::kFail);
  CHECK(quality.plant().doubts().empty());
  auto trace = quality.plant().open().trace(serial(2));
  REQUIRE(trace);
  REQUIRE(trace->units.size() == 1);
  CHECK(trace->units[0].records.back().find("2.bin") != std::string::npos);
}

TEST_CASE(
    "of units that share a value in the batch the first holds it, and the registry says no more of it") {
  const Quality quality;
  const Batch batch;
  for (int n = 1; n <= 3; ++n)
    batch.add(std::to_string(n) + ".bin", changed(good(n), {{"system-serial-number", serial(1)}}));
  for (int round = 0; round < 2; ++round) {
    const Audited audited = quality.audit(batch, true);
    CHECK(audited.summary.groups == 1);
    CHECK(audited.summary.counts.fail == 3);
    CHECK(known_of(audited, "1.bin").empty());
    // The second time, the registry knows as well.
    CHECK(known_of(audited, "2.bin").size() == static_cast<std::size_t>(round));
    CHECK(quality.plant().status().active == 7);
    CHECK(quality.plant().doubts().empty());
  }
}

// Whoever audits a part second finds what the first part holds: in the end every shared value is told.
TEST_CASE("parts of a batch that are audited one after the other find what they share with each other") {
  const Quality quality;
  Batch parts[3];
  std::set<std::string> shared;
  for (int n = 0; n < 60; ++n) {
    const bool copy = n >= 40 && n % 4 == 0;  // of a unit of the first or second part
    const int of = copy ? n - 37 : n;
    parts[n / 20].add(std::to_string(n) + ".bin", changed(good(n), {{"system-serial-number", serial(of)}}));
    if (copy) shared.insert(std::to_string(n) + ".bin");
  }
  CHECK(quality.audit(parts[0], true, "Q1").summary.counts.fail == 0);
  CHECK(quality.audit(parts[1], true, "Q2").summary.counts.fail == 0);
  const Audited last = quality.audit(parts[2], true, "Q3");
  REQUIRE(last.summary.known_first.size() == 5);
  CHECK(last.summary.known_first[0].said.find(parts[0] / "3.bin (Q1, ") != std::string::npos);
  for (const std::string& path : last.paths) {
    CAPTURE(path);
    CHECK(last.outcome(path) == (shared.contains(path) ? "FAIL" : "PASS"));
    CHECK(known_of(last, path).size() == (shared.contains(path) ? 1U : 0U));
  }
  CHECK(quality.plant().doubts().empty());
}

TEST_CASE("of two machines that audit a unit's copy at the same time one passes at most, and it is told") {
  for (int round = 0; round < 3; ++round) {
    const Quality quality;
    Batch parts[2];
    for (int n = 0; n < 300; ++n) {
      char name[16];
      std::snprintf(name, sizeof name, "%03d.bin", n);
      parts[0].add(name, good(n));
      parts[1].add(name, changed(good(1000 + n), n % 10 == 0 ? Values{{"system-uuid", uuid(n)}} : Values{}));
    }
    Registry registries[2] = {quality.plant().open(), quality.plant().open()};
    Audited audited[2];
    {
      std::vector<std::jthread> machines;
      for (int i = 0; i < 2; ++i) {
        machines.emplace_back([&, i] {
          audited[i] = parts[i].audit(quality.request(registries[i], true, i == 0 ? "Q1" : "Q2"));
        });
      }
    }
    for (const auto& [path, unit] : audited[0].units) {
      const bool copied = std::stoi(path) % 10 == 0;
      const int passed = (audited[0].outcome(path) == "PASS") + (audited[1].outcome(path) == "PASS");
      CHECK(passed == (copied ? 1 : 2));
    }
    CHECK(quality.plant().status().active == 1770);
    CHECK(quality.plant().doubts().empty());
  }
}

TEST_CASE(
    "network cards are witnesses: another unit's card is a duplicate, and a unit without its own a clone") {
  const Quality quality(kWithCards);
  const Batch batch;
  add_with_card(batch, "1.json", 1, "02:fc:00:00:00:01");
  add_with_card(batch, "2.json", 2, "02:fc:00:00:00:02");
  const Audited first = quality.audit(batch, true);
  CHECK(first.summary.counts.pass == 2);
  CHECK(quality.plant().doubts().empty());
  const Batch later;
  add_with_card(later, "1.json", 1, "02:fc:00:00:00:99");
  add_with_card(later, "3.json", 3, "02:fc:00:00:00:02");
  const Audited second = quality.audit(later, false);
  CHECK(second.findings("1.json") == Words{"unique.clone nic-mac"});
  CHECK(second.findings("3.json") == Words{"unique.duplicate nic-mac"});
}

TEST_CASE("a profile that only observes claims nothing") {
  const Quality quality(std::string(kModel) + "mode: observe\n");
  const Batch batch;
  batch.add("1.bin", good(1));
  CHECK(quality.audit(batch, true).outcome("1.bin") == "OBSERVED");
  CHECK(quality.plant().status().units == 0);
}

TEST_CASE("a profile that the registry refuses ends a claiming audit, and a reading one does not ask") {
  const Quality quality;
  quality.plant().record({.unit = good(1)});
  const Batch batch;
  batch.add("1.bin", good(1));
  Registry registry = quality.plant().open();
  audit::Request request = quality.request(registry, true);
  request.paths = {batch.path()};
  request.profiles = {profile(std::string(kModel) + "description: changed\n")};
  const auto audited = audit::audit(request);
  REQUIRE_FALSE(audited);
  CHECK(audited.error().kind == ErrorKind::kConfiguration);
  request.claim = false;
  CHECK(audit::audit(request));
}

TEST_CASE("with a registry too, the reports are the same to the byte, whatever the number of workers") {
  const Quality quality;
  for (int n = 0; n < 10; ++n) quality.plant().record({.unit = good(n * 7)});
  const Batch batch;
  for (int n = 0; n < 200; ++n) {
    batch.add(std::to_string(n % 3) + "/" + std::to_string(n) + ".bin",
              changed(good(n + 500), n % 20 == 0 ? Values{{"system-uuid", uuid(n / 20 * 7)}} : Values{}));
  }
  Registry registry = quality.plant().open();
  audit::Request request = quality.request(registry, false);
  request.jobs = 1;
  const Audited one = batch.audit(request);
  CHECK(one.summary.known == 10);
  for (const unsigned jobs : {2U, 5U}) {
    request.jobs = jobs;
    CHECK(batch.audit(request).jsonl == one.jsonl);
  }
}

}  // namespace
}  // namespace dmigate::gate
