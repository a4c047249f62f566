// The oracle of the audit's quick way: of every unit it says what judge() says, whatever it was shown before.
#include <algorithm>
#include <filesystem>
#include <random>

#include "gate/audit/judging.h"
#include "gate/audit/screen.h"
#include "tests/gate/batch.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

const std::string kProfiles[] = {
    kBatchModel,
    "profile: a\nversion: 1\nextends: [windows-oem]\n",
    "profile: b\nversion: 1\nextends: [cmge]\n",
    "profile: c\nversion: 1\nextends: [smbios-spec]\n",
    R"(
profile: d
version: 1
extends: [cmge]
identifiers: { activation-sn: { unique: true } }
fields:
  system-manufacturer:     { one_of: [Chenxi, Dell Inc., LENOVO, HP] }
  system-product-name:     { starts_with: { field: system-family }, length: { at_least: 4 } }
  system-family:           { optional: true, not_contains: { field: system-manufacturer } }
  system-serial-number:    { pattern: '[A-Z0-9]{7,12}' }
  system-version:          { optional: true, unique: true }
  system-sku-number:       { contains: E, length: { at_most: 12 } }
  bios-version:            { at_least: '1.2' }
  baseboard-product-name:  { equals: { field: system-product-name, severity: warning } }
  baseboard-asset-tag:     { optional: true, unique: { within: system-manufacturer } }
  chassis-type:            { one_of: [desktop, notebook, rack-mount-chassis] }
structures:
  - { type: 17, count: { at_least: 1, at_most: 4 } }
hardware: { fixed-disks: { at_most: 1 } }
waivers:
  - { rule: field.pattern, until: 2026-11-20, by: q, reason: r }
  - { rule: field.value, field: chassis-type, until: 2026-11-01, by: q, reason: r }
)",
    "profile: e\nversion: 1\nmode: observe\nfields: { system-uuid: { unique: true }, system-family: {} }\n",
    "profile: f\nversion: 1\nfields: { 'type-17[*].memory-device-serial-number': {}, system-uuid: {} }\n",
};

// Every file of a table that there is: units of our own, and of real machines where they are.
std::vector<Bytes> all_tables() {
  std::vector<Bytes> all;
  for (const auto& entry : fs::directory_iterator(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units")) {
    auto described = fixtures::load_unit(entry.path().string());
    REQUIRE(described);
    if (described->form == smbios::Form::kSysfs) described->form = smbios::Form::kDump;
    if (auto built = fixtures::build(*described)) all.push_back(std::move(built->file));
  }
  const fs::path shared = fs::path(DMIGATE_SOURCE_DIR) / ".." / "shared" / "dumps";
  if (!fs::is_directory(shared)) {
    MESSAGE("left out: tables of real machines; there are none at ../shared/dumps");
    return all;
  }
  for (const auto& entry : fs::recursive_directory_iterator(shared)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = read_file(entry.path().string());
    all.emplace_back(text.begin(), text.end());
  }
  return all;
}

std::string brief(std::string_view rule, std::string_view keyword, Severity severity, bool unjudged) {
  return std::string(severity == Severity::kError ? "error " : "warning ") + (unjudged ? "unjudged " : "") +
         std::string(rule) + " " + std::string(keyword);
}

// One judging that goes on, and one that is made for each unit.
class Oracle {
 public:
  explicit Oracle(const std::vector<std::string>& profiles, bool match = false) {
    request_.match = match;
    request_.today = "2026-11-20";
    for (const std::string& text : profiles) request_.profiles.push_back(profile(text));
    judging_ = std::make_unique<audit::Judging>(request_, hash_);
  }

  void check(const Bytes& bytes) {
    auto source = smbios::Source::from_bytes(bytes, {});
    if (!source) return;
    const Evidence evidence{.source = *std::move(source)};
    const Said slow = judged(evidence);
    std::string encoded;
    const bool sibling = judging_->judge_sibling(bytes, "path", encoded);
    if (sibling) compare({read(encoded), judging_->keys(), encoded}, slow);
    compare(screened(bytes), slow);
    ++units;
    siblings += sibling ? 1 : 0;
  }

  std::size_t units = 0, siblings = 0;  ///< siblings: that need not be parsed

 private:
  struct Said {
    Words text;
    std::vector<audit::UniqueKey> keys;
    std::string head;  ///< to the byte, sentences included
  };

  static void compare(const Said& quick, const Said& slow) {
    REQUIRE(quick.text == slow.text);
    REQUIRE(quick.keys == slow.keys);
    REQUIRE(quick.head == slow.head);
  }

  // By hand, from judge() and match_profiles() alone; the head from a judging that has seen nothing.
  Said judged(const Evidence& evidence) {
    Said said;
    const profiles::Profile* model = &request_.profiles.front();
    if (request_.match) {
      const auto match = match_profiles(request_.profiles, evidence.source.table(), {}, std::nullopt);
      model = match.profiles.size() == 1 ? match.profiles.front() : nullptr;
    }
    if (model != nullptr) {
      auto judgement = judge({.evidence = evidence,
                              .profile = *model,
                              .stage = {},
                              .label = {},
                              .identifiers = {},
                              .today = request_.today});
      Verdict verdict{.findings = std::move(judgement.findings)};
      for (Finding& finding : verdict.findings) {
        if (finding.say == Say::kIdentifierMissing) finding.severity = Severity::kWarning;
      }
      verdict.conclude(model);
      said.text.emplace_back(outcome_name(verdict.outcome));
      if (verdict.enforced) said.text.emplace_back(outcome_name(*verdict.enforced));
      for (const Finding& finding : verdict.findings)
        said.text.push_back(brief(finding.rule(), finding.keyword, finding.severity, finding.unjudged));
      std::string scratch;
      for (const UniqueValue& value : judgement.presented) {
        said.text.push_back(value.keyword + "=" + value.shown);
        said.keys.push_back(hash_(value.keyword, value.scope, value.key, scratch));
      }
    }
    audit::Judging fresh(request_, hash_);
    std::string encoded;
    fresh.judge(evidence, "path", encoded);
    if (model == nullptr) said.text = read(encoded);
    said.head = encoded;
    return said;
  }

  Said screened(const Bytes& bytes) {
    std::string encoded;
    judging_->judge(*smbios::Source::from_bytes(bytes, {}), "path", encoded);
    return {read(encoded), judging_->keys(), encoded};
  }

  static Words read(const std::string& encoded) {
    Words text;
    audit::Record record;
    audit::RecordReader reader(encoded);
    REQUIRE(reader.next(record));
    text.emplace_back(outcome_name(record.outcome));
    if (record.enforced) text.emplace_back(outcome_name(*record.enforced));
    for (const audit::Brief& each : record.briefs)
      text.push_back(brief(message(each.say).rule, each.keyword, each.severity, each.unjudged));
    for (const audit::Shown& value : record.values)
      text.push_back(std::string(value.keyword) + "=" + std::string(value.value));
    REQUIRE_FALSE(reader.next(record));
    return text;
  }

  audit::Request request_;
  audit::UniqueHash hash_;
  std::unique_ptr<audit::Judging> judging_;
};

TEST_CASE(
    "of every table, by every profile, the quick way says what judge() says, the first time and again") {
  const auto tables = all_tables();
  for (const std::string& text : kProfiles) {
    Oracle oracle({text});
    for (int round = 0; round < 2; ++round) {
      for (const Bytes& table : tables) oracle.check(table);
    }
    CHECK(oracle.units > 60);
  }
}

// Bytes of a good unit are changed one by one, and changes pile up now and then; each table is shown twice.
void check_changed(Oracle& oracle, Bytes table, int rounds, std::mt19937& random) {
  for (int round = 0; round < rounds; ++round) {
    // Most changes where the identity stands.
    const std::size_t reach = random() % 2 == 0 ? std::min<std::size_t>(table.size(), 400) : table.size();
    std::uint8_t& byte = table[random() % reach];
    const std::uint8_t before = byte;
    byte = random() % 3 == 0 ? static_cast<std::uint8_t>(random()) : static_cast<std::uint8_t>(before ^ 1);
    oracle.check(table);
    oracle.check(table);
    if (random() % 20 != 0) byte = before;
  }
}

TEST_CASE("of tables with changed bytes the quick way says what judge() says") {
#ifdef __SANITIZE_ADDRESS__  // where each takes eight times as long
  constexpr int kOfOne = 300, kOfEach = 3;
#else
  constexpr int kOfOne = 1200, kOfEach = 12;
#endif
  std::mt19937 random(20261120);
  const auto tables = all_tables();
  for (const std::string& text : kProfiles) {
    Oracle oracle({text});
    check_changed(oracle, dump_of(good(1)), kOfOne, random);
    for (const Bytes& table : tables) check_changed(oracle, table, kOfEach, random);
  }
}

// Units of one model, each with serials of its own that are good, bad or look like something else.
TEST_CASE("of units that differ in their serials alone the quick way says what judge() says") {
  std::mt19937 random(11);
  const auto text = [&](const std::string& like) {
    std::string made = like;
    for (char& c : made) {
      if (random() % 3 == 0) c = "019AZaz_ .-\xC3"[random() % (random() % 4 == 0 ? 12 : 7)];
    }
    return random() % 6 == 0 ? std::string(like.size(), "0X"[random() % 2]) : made;
  };
  std::size_t siblings = 0;
  for (const std::string& model : kProfiles) {
    Oracle oracle({model});
    for (const char* name : {"good-unit", "several-type2"}) {
      for (int round = 0; round < 300; ++round) {
        Values values = {{"system-serial-number", text("CX2600417")},
                         {"baseboard-serial-number", text("HB26-31187")},
                         {"system-uuid", uuid(int(random() % 9))}};
        if (round % 3 == 0) values.emplace_back("chassis-serial-number", text("CC2600417"));
        if (round % 5 == 0) values.emplace_back("system-uuid", "00020003-0004-0005-0006-000700080009");
        oracle.check(dump_of(unit(name, values)));
      }
    }
    siblings += oracle.siblings;
  }
  CHECK(siblings > 500);
}

TEST_CASE("of tables that are cut anywhere the quick way says what judge() says") {
  const Bytes whole = dump_of(good(1));
  Oracle oracle({kProfiles[2]});
  for (std::size_t size = 0; size < whole.size(); ++size)
    oracle.check({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
}

TEST_CASE("what was said of a unit is kept where it is short, and what is long is asked again") {
  audit::Request request;
  request.profiles.push_back(profile("profile: s\nversion: 1\nfields: { system-serial-number: {} }\n"));
  struct Row {
    std::size_t value, head;
    bool kept;
  };
  for (const Row& row : {Row{20, 20, true}, Row{4000, 20, true}, Row{20, 4000, true}, Row{20'000, 20, false},
                         Row{20, 20'000, false}}) {
    CAPTURE(row.value);
    CAPTURE(row.head);
    audit::Screen screen(request);
    const std::string bad = " " + std::string(row.value, 'X');
    const auto source =
        smbios::Source::from_bytes(dump_of(changed(good(1), {{"system-serial-number", bad}})), {});
    REQUIRE(source);
    for (int round = 0; round < 2; ++round) {
      const audit::Answer* answer = screen.look(*source, 0);
      CHECK((answer != nullptr) == (row.kept && round == 1));
      if (answer == nullptr) screen.learn(std::string(row.head, 'h'), {});
    }
  }
}

TEST_CASE("values that are good, bad and good again are told as what they are") {
  Oracle oracle({kProfiles[4]});
  const Words values[] = {
      {"system-serial-number", "CX2600417", "", "Default string", "cx 1", "CX26004179999999"},
      {"system-manufacturer", "Chenxi", "HP", "Nobody", " HP", "To Be Filled By O.E.M."},
      {"system-family", "CX", "Chenxi CX", "", "SKU", "\xE6\x99\xA8"},
      {"chassis-type", "desktop", "notebook", "unknown", "tower"}};
  std::mt19937 random(3);
  auto described = good(1);
  for (int round = 0; round < 3000; ++round) {
    const Words& row = values[random() % std::size(values)];
    described = changed(described, {{row[0], row[1 + random() % (row.size() - 1)]}});
    if (random() % 4 == 0) described = changed(described, identity(int(random() % 5)));
    oracle.check(dump_of(described));
  }
}

TEST_CASE("each unit's profile is the one that match_profiles() finds, however models alternate") {
  const auto model = [](const std::string& name, const std::string& match) {
    return "profile: " + name + "\nversion: 1\nmatch: { " + match +
           " }\nfields: { baseboard-product-name: {}, chassis-type: {}, system-uuid: { unique: true } }\n";
  };
  Oracle oracle({model("one", "baseboard-product-name: [H310CM-A, H310CM-B]"),
                 model("two", "baseboard-product-name: [H310CM-B, H310CM-C]"),
                 model("three", "baseboard-product-name: [H310CM-D], chassis-type: [desktop]")},
                true);
  const char* boards[] = {"H310CM-A", "H310CM-B", "H310CM-C", "H310CM-D", "H310CM-E", ""};
  std::mt19937 random(5);
  for (int round = 0; round < 1500; ++round) {
    oracle.check(dump_of(
        changed(good(int(random() % 9)), {{"baseboard-product-name", boards[random() % std::size(boards)]},
                                          {"chassis-type", random() % 2 == 0 ? "desktop" : "notebook"}})));
  }
  for (const Bytes& table : all_tables()) oracle.check(table);
}

TEST_CASE("a value that the field's own bytes do not tell is compared all the same") {
  const smbios::Field& strings = *smbios::find_field("oem-strings");
  std::size_t tried = 0;
  for (const Bytes& bytes : all_tables()) {
    const auto source = smbios::Source::from_bytes(bytes, {});
    if (!source) continue;
    const auto reading = smbios::read(source->table(), strings);
    const std::string text = reading.text();
    if (!reading.structure || text.size() < 4 || text.find_first_of("'\\\n") != text.npos) continue;
    // Another letter in the first string, and nothing else.
    const std::string_view first = *reading.structure->string(1);
    const auto at = std::search(bytes.begin(), bytes.end(), first.begin(), first.end());
    if (first.size() < 4 || at == bytes.end()) continue;
    Bytes other = bytes;
    std::uint8_t& letter = other[static_cast<std::size_t>(at - bytes.begin()) + 1];
    letter = letter == 'x' ? 'y' : 'x';
    Oracle oracle({"profile: o\nversion: 1\nfields: { oem-strings: { equals: '" + text + "' } }\n"});
    oracle.check(bytes);
    oracle.check(other);
    oracle.check(bytes);
    ++tried;
  }
  CHECK(tried > 0);
}

}  // namespace
}  // namespace dmigate::gate
