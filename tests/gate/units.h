// Units, profiles and a plant for the tests of gate: units are those of fixtures/units with some
// fields changed, profiles are written inside the test.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/builder/unit.h"
#include "gate/registry/registry.h"
#include "tests/temporary_folder.h"

template <>
struct doctest::StringMaker<const char*> {
  static String convert(const char* text) { return text; }
};

template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& words) {
    std::string all = "[";
    for (const std::string& word : words) all += (all.size() == 1 ? "" : " | ") + word;
    return (all + "]").c_str();
  }
};

namespace dmigate::gate {

using Words = std::vector<std::string>;
using Values = std::vector<std::pair<std::string, std::string>>;

inline fixtures::UnitDescription unit(const std::string& name, const Values& values = {}) {
  auto described = fixtures::load_unit(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units/" + name + ".yaml");
  REQUIRE_MESSAGE(described, (described ? "" : described.error().to_string()));
  for (const auto& [keyword, value] : values) {
    const auto set = described->set(keyword, value);
    REQUIRE_MESSAGE(set, keyword);
  }
  return *std::move(described);
}

inline Evidence evidence_of(const fixtures::UnitDescription& described) {
  auto built = fixtures::build(described);
  REQUIRE_MESSAGE(built, (built ? "" : built.error().to_string()));
  auto source = built->form == smbios::Form::kSysfs
                    ? smbios::Source::from_pair(built->entry_point, built->table, described.name)
                    : smbios::Source::from_bytes(built->file, described.name);
  REQUIRE_MESSAGE(source, (source ? "" : source.error().to_string()));
  Evidence evidence{.source = *std::move(source), .boot_id = built->boot_id};
  if (built->hardware.empty() || evidence.source.layout().form == smbios::Form::kText) return evidence;
  std::string json = to_json(evidence);
  json.replace(json.rfind('}'), 1, ", " + built->hardware + "}");
  auto read = parse_evidence(json, described.name);
  if (!read) return evidence;  // a table that cannot be told twice
  evidence.hardware = std::move(read->hardware);
  return evidence;
}

inline profiles::Profile profile(const std::string& text) {
  auto parsed = profiles::parse_profile(text, "test.yaml", {});
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().to_string()));
  return *std::move(parsed);
}

inline const smbios::Field& field(std::string_view keyword) {
  const smbios::Field* found = smbios::find_field(keyword);
  REQUIRE(found != nullptr);
  return *found;
}

// "field.empty system-serial-number", in order; a warning has "warning " before it.
inline Words rules(const std::vector<Finding>& findings) {
  Words all;
  for (const Finding& finding : findings) {
    std::string words = finding.severity == Severity::kWarning ? "warning " : "";
    words += finding.rule();
    if (!finding.keyword.empty()) words += " " + finding.keyword;
    all.push_back(std::move(words));
  }
  return all;
}

inline Words said(const Verdict& verdict) { return rules(verdict.findings); }

inline Outcome outcome(const Judgement& judgement) {
  Verdict verdict;
  verdict.findings = judgement.findings;
  return verdict.judged();
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Boots of a unit.
inline const std::string kBoot1 = "6c1f9d3e-0b52-4f0a-8a64-0000000000b1",
                         kBoot2 = "6c1f9d3e-0b52-4f0a-8a64-0000000000b2",
                         kBoot3 = "6c1f9d3e-0b52-4f0a-8a64-0000000000b3";

inline SqliteOptions anywhere() {
  return {.timeout_ms = 5000, .allowed_file_systems = {"tmpfs", "overlay", "9p", "fuse"}};
}

// A named person's word about a unit.
inline Rework decision(const std::string& who, const std::string& by, const std::string& reason,
                       const std::string& station = "L1-S1") {
  return {.who = who, .parts = {}, .by = by, .reason = reason, .station = {.id = station}};
}

// One unit before one station.
struct Call {
  fixtures::UnitDescription unit;
  Stage stage = Stage::kPreImage;
  std::string label = {};
  std::map<std::string, std::string> identifiers = {};
  Values burn = {};  ///< not empty: a burn
  bool run = false;
  std::string station = "L1-S1";
  bool golden = false;
};

constexpr const char* kModel = R"(
profile: cx
version: 1
label: { pattern: '[A-Z]{2}[0-9]{5,9}' }
identifiers:
  activation-sn: { unique: true, optional: true }
fields:
  system-serial-number:    { unique: true }
  system-uuid:             { unique: true }
  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }
burn: { tool: simulated, fields: [system-serial-number, system-uuid] }
stages:
  incoming:  { only: [baseboard-serial-number] }
  pre-burn:  { except: burn-fields, after: incoming }
  post-burn: { after: pre-burn }
  pre-image: {}
  ship:      { after: pre-image }
)";

// The tests of the registry are run once for each engine: DMIGATE_TEST_ENGINE=postgresql says which.
bool on_server();
// The URL of an empty database on a server of the test program's own (postgres_server.cc).
std::string empty_database();

// A registry, a model, and a clock that moves a second with every call.
class Plant {
 public:
  explicit Plant(const std::string& model = kModel, bool in_file = false)
      : where_(on_server() && !in_file ? empty_database() : folder_ / "registry.db"), model_(profile(model)) {
    init();
  }
  // With its registry there.
  struct At {
    std::string where;
  };
  explicit Plant(At place) : where_(std::move(place.where)), model_(profile(kModel)) { init(); }

  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] std::string path() const {
    return folder_ / "registry.db";
  }  ///< where the registry is a file
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }
  void set_clock_back(std::chrono::seconds by) { now_ -= by; }
  void change_model(const std::string& text) { model_ = profile(text); }

  [[nodiscard]] RegistryOptions options(int timeout_ms = 5000) const {
    SqliteOptions sqlite = anywhere();
    sqlite.timeout_ms = timeout_ms;
    Surroundings surroundings = Surroundings::real();
    surroundings.now = [this] { return now_ += std::chrono::seconds(1); };
    return {.sqlite = sqlite, .postgres = {.timeout_ms = timeout_ms}, .surroundings = surroundings};
  }

  // As a station does: every call is a process of its own.
  [[nodiscard]] Registry open() const {
    auto registry = Registry::open(where_, options());
    REQUIRE_MESSAGE(registry, (registry ? "" : registry.error().to_string()));
    return *std::move(registry);
  }

  Result<Verdict> try_record(const Call& call, Registry& registry) const {
    const Evidence evidence = evidence_of(call.unit);
    return registry.record(visit(call, evidence));
  }

  Verdict record(const Call& call) const {
    Registry registry = open();
    auto verdict = try_record(call, registry);
    REQUIRE_MESSAGE(verdict, (verdict ? "" : verdict.error().to_string()));
    CHECK(verdict->recorded);
    return *std::move(verdict);
  }

  Words consult(const Call& call) const {
    const Evidence evidence = evidence_of(call.unit);
    auto findings = open().consult(visit(call, evidence));
    REQUIRE(findings);
    return rules(*findings);
  }

  Result<Verdict> close(Verdict verdict, bool well) const {
    verdict.command = CommandReport{.argv = {"burner"}, .exit_status = well ? 0 : 1};
    if (!well) verdict.outcome = Outcome::kError;
    return open().close(std::move(verdict), {});
  }

  [[nodiscard]] Words doubts() const {
    auto found = open().verify();
    REQUIRE_MESSAGE(found, (found ? "" : found.error().to_string()));
    Words all;
    for (const Doubt& doubt : *found) all.push_back(doubt.where + ": " + doubt.what);
    return all;
  }

  // "keyword shown state label", sorted by the registry.
  [[nodiscard]] Words lookup(const std::string& value) const {
    auto rows = open().lookup(value);
    REQUIRE(rows);
    Words all;
    for (const ClaimRow& row : *rows) {
      all.push_back(row.keyword + " " + row.shown + " " + row.state +
                    (row.holder.label.empty() ? "" : " " + row.holder.label));
    }
    return all;
  }

  [[nodiscard]] Status status() const {
    auto status = open().status();
    REQUIRE(status);
    return *std::move(status);
  }

  [[nodiscard]] Visit visit(const Call& call, const Evidence& evidence) const {
    Visit visit{.purpose = !call.burn.empty() ? Purpose::kBurn
                           : call.run         ? Purpose::kRun
                           : call.golden      ? Purpose::kGolden
                                              : Purpose::kCheck,
                .profile = &model_,
                .evidence = &evidence};
    for (const auto& [keyword, value] : call.burn) visit.intended.push_back({&field(keyword), value});
    visit.judgement = judge({.evidence = evidence,
                             .profile = model_,
                             .stage = call.stage,
                             .label = call.label,
                             .identifiers = call.identifiers,
                             .intended = visit.intended});
    visit.verdict.stage = call.stage;
    visit.verdict.label = call.label;
    visit.verdict.identifiers = call.identifiers;
    visit.verdict.station.id = call.station;
    visit.verdict.findings = visit.judgement.findings;
    visit.verdict.fields = visit.judgement.fields;
    const smbios::Layout& layout = evidence.source.layout();
    visit.verdict.source = SourceReport{.form = std::string(smbios::form_name(layout.form)),
                                        .path = evidence.source.path(),
                                        .sha256 = to_hex(sha256(layout.table)),
                                        .smbios = layout.version.to_string(),
                                        .boot_id = evidence.boot_id};
    visit.verdict.profile =
        ProfileReport{.name = model_.name, .version = model_.version, .sha256 = to_hex(model_.sha256)};
    return visit;
  }

 private:
  void init() const {
    auto made = Registry::init(where_, options());
    REQUIRE_MESSAGE(made, (made ? "" : made.error().to_string()));
  }
  TemporaryFolder folder_;
  std::string where_;
  profiles::Profile model_;
  mutable std::chrono::system_clock::time_point now_{std::chrono::seconds(1795000000)};
};

// good-unit with identities of its own, made from a number: no two numbers share a value.
inline Values identity(int n) {
  const std::string digits = std::to_string(41700 + n);
  char uuid[40];
  std::snprintf(uuid, sizeof uuid, "8d1e6f02-5c3b-4a77-9e41-2b7f60c%05x", 0x4d513 + n);
  return {{"system-serial-number", "CX26" + digits},
          {"system-uuid", uuid},
          {"baseboard-serial-number", "HB26" + digits}};
}
inline fixtures::UnitDescription good(int n) { return unit("good-unit", identity(n)); }
inline std::string serial(int n) { return identity(n)[0].second; }
inline std::string uuid(int n) { return identity(n)[1].second; }
inline std::string board(int n) { return identity(n)[2].second; }

inline fixtures::UnitDescription changed(fixtures::UnitDescription described, const Values& values) {
  for (const auto& [keyword, value] : values) REQUIRE(described.set(keyword, value));
  return described;
}
inline fixtures::UnitDescription booted(fixtures::UnitDescription described, const std::string& boot_id) {
  described.boot_id = boot_id;
  return described;
}
// A board before its burn: nothing but what its supplier writes.
inline fixtures::UnitDescription bare(int n) {
  return changed(good(n),
                 {{"system-serial-number", ""}, {"system-uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff"}});
}

}  // namespace dmigate::gate
