// Witnesses: the hardware values by which a copy of a unit's DMI is told from the unit.
#include "gate/evidence/devices.h"
#include "gate/evidence/text.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

using profiles::Profile;

Profile carded_model(const std::string& more = {}) {
  return profile(
      "profile: cx\nversion: 1\nwitnesses: [nic-mac]\n"
      "fields: { system-serial-number: { unique: true }, system-family: {} }\n"
      "stages:\n  incoming: { only: [system-serial-number] }\n  pre-image: { except: [system-family] }\n" +
      more);
}

NetworkCard a_card(const std::string& name = "enp1s0", const std::string& mac = "00:1b:21:00:00:01") {
  return {.name = name,
          .bus = Bus::kPci,
          .port = "0000:01:00.0",
          .physical = true,
          .removable = false,
          .mac = mac,
          .driver = "e1000e",
          .disabled = false};
}

struct Witnessed {
  Words witnesses;  ///< "nic-mac 00:1b:21:00:00:01"
  Words rules;
  Outcome outcome;
};

Witnessed witnessed(const std::optional<std::vector<NetworkCard>>& cards, const Profile& asked,
                    std::optional<Stage> stage = Stage::kPreImage, const Words& fixtures = {},
                    const std::string& of = "good-unit") {
  Evidence evidence = evidence_of(unit(of));
  evidence.hardware = {};
  evidence.hardware.nics = cards;
  const Judgement judgement = judge({.evidence = evidence,
                                     .profile = asked,
                                     .stage = stage,
                                     .label = {},
                                     .identifiers = {},
                                     .fixtures = fixtures});
  Verdict verdict;
  verdict.findings = judgement.findings;
  Words witnesses;
  for (const WitnessValue& witness : judgement.witnesses) {
    CHECK(witness.shown == witness.key);
    witnesses.push_back(witness.keyword + " " + witness.key);
  }
  return {witnesses, rules(judgement.findings), verdict.judged()};
}

Words witnesses(const std::vector<NetworkCard>& cards, const Words& fixtures = {}) {
  return witnessed(cards, carded_model(), Stage::kPreImage, fixtures).witnesses;
}

TEST_CASE("a unit's witnesses are the permanent addresses of its cards, in one order, each once") {
  const Words both = {"nic-mac 00:1b:21:00:00:01", "nic-mac 3c:7c:3f:00:00:02"};
  CHECK(witnesses({a_card("a", "3c:7c:3f:00:00:02"), a_card("b")}) == both);
  CHECK(witnesses({a_card("b"), a_card("a", "3c:7c:3f:00:00:02"), a_card("c")}) == both);
  CHECK(witnessed(std::vector{a_card()}, carded_model()).rules.empty());
  // A virtual machine's address is locally administered, and its own.
  CHECK(witnesses({a_card("a", "52:54:00:a1:b2:c3")}) == Words{"nic-mac 52:54:00:a1:b2:c3"});
}

TEST_CASE("every stage tells the witnesses, whatever else it judges; a profile without any tells none") {
  for (const auto stage :
       {std::optional<Stage>(), std::optional(Stage::kIncoming), std::optional(Stage::kPreImage)}) {
    CHECK(witnessed(std::vector{a_card()}, carded_model(), stage).witnesses ==
          Words{"nic-mac 00:1b:21:00:00:01"});
  }
  const Profile none = profile("profile: cx\nversion: 1\nfields: { system-serial-number: {} }\n");
  CHECK(witnessed(std::vector{a_card()}, none, {}).witnesses.empty());
  CHECK(witnessed({}, none, {}).rules.empty());
}

TEST_CASE("a card that is not the unit's for good is no witness") {
  NetworkCard dongle = a_card();
  dongle.removable = true;
  dongle.bus = Bus::kUsb;
  CHECK(witnesses({dongle}).empty());
  NetworkCard bridge = a_card();
  bridge.physical = false;
  CHECK(witnesses({bridge}).empty());
  NetworkCard off = a_card();  // its address is its own, in use or not
  off.disabled = true;
  off.driver = "";
  CHECK(witnesses({off}) == Words{"nic-mac 00:1b:21:00:00:01"});
  // The station's own adapter, in a slot of every unit.
  CHECK(witnesses({a_card()}, {"00:1b:21:00:00:01"}).empty());
  CHECK(witnesses({a_card(), a_card("b", "3c:7c:3f:00:00:02")}, {"00:1b:21:00:00:01"}) ==
        Words{"nic-mac 3c:7c:3f:00:00:02"});
  CHECK(witnessed(std::vector{a_card()}, carded_model(), Stage::kPreImage, {"00:1b:21:00:00:01"})
            .rules.empty());
}

TEST_CASE("an address that no one card owns is no witness, and does not count as a card's") {
  for (const char* mac :
       {"", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:1b:21:00:00:01", "33:33:00:00:00:01",
        "aa:aa:aa:aa:aa:aa", "88:88:88:88:87:88", "02:80:37:ec:02:00", "00:11:22:33:44:55", "unread"}) {
    CAPTURE(mac);
    CHECK_FALSE(is_own_address(mac));
    const Witnessed found = witnessed(std::vector{a_card("a", mac)}, carded_model());
    CHECK(found.witnesses.empty());
    CHECK(found.rules.empty());
    const Witnessed counted = witnessed(std::vector{a_card("a", mac)},
                                        carded_model("hardware: { physical-nics: { at_least: 1 } }\n"), {});
    CHECK(counted.rules == Words{"nic.none physical-nics"});
  }
}

TEST_CASE("the station's adapter is no card of the unit, and does not make up for the one that is missing") {
  const Profile asked = carded_model("hardware: { physical-nics: { at_least: 1 } }\n");
  CHECK(witnessed(std::vector{a_card()}, asked, {}).rules.empty());
  CHECK(witnessed(std::vector{a_card()}, asked, {}, {"00:1b:21:00:00:01"}).rules ==
        Words{"nic.none physical-nics"});
}

TEST_CASE("network cards that were not captured are missing at every stage, and only listed without one") {
  for (const Stage stage : {Stage::kIncoming, Stage::kPreImage}) {
    const Witnessed found = witnessed({}, carded_model(), stage);
    CHECK(found.rules == Words{"evidence.missing nic-mac"});
    CHECK(found.outcome == Outcome::kError);
  }
  const Witnessed listed = witnessed({}, carded_model(), {});
  CHECK(listed.rules == Words{"warning evidence.missing nic-mac"});
  CHECK(listed.outcome == Outcome::kPass);
  // Captured, and there are none: whether that is right is for `physical-nics` to say.
  CHECK(witnessed(std::vector<NetworkCard>{}, carded_model()).rules.empty());
}

TEST_CASE("a card of which too little is known is no witness, and no reason to let a unit without one pass") {
  NetworkCard anywhere = a_card("enp2s0");
  anywhere.removable.reset();
  NetworkCard unread = a_card("enp3s0");
  unread.mac.reset();
  for (const NetworkCard& unsure : {anywhere, unread}) {
    const Witnessed found = witnessed(std::vector{unsure}, carded_model(), Stage::kIncoming);
    CHECK(found.witnesses.empty());
    CHECK(found.rules == Words{"evidence.missing nic-mac"});
    CHECK(found.outcome == Outcome::kError);
    // One that is known is enough.
    CHECK(witnessed(std::vector{unsure, a_card("z", "3c:7c:3f:00:00:02")}, carded_model()).rules.empty());
    CHECK(witnesses({unsure, a_card("z", "3c:7c:3f:00:00:02")}) == Words{"nic-mac 3c:7c:3f:00:00:02"});
  }
  unread.removable = true;  // a dongle, whatever its address
  CHECK(witnessed(std::vector{unread}, carded_model()).rules.empty());
}

TEST_CASE("a waiver lets no missing witness pass") {
  Profile waived = carded_model();
  waived.waivers.push_back({.rule = "evidence.missing",
                            .field = {},
                            .until = "2099-12-31",
                            .by = "q",
                            .reason = "r",
                            .origin = {}});
  CHECK(witnessed({}, waived).outcome == Outcome::kError);
}

TEST_CASE("a clone is told in both languages: whose identity it carries, its own cards, and what to do") {
  const WitnessValue own{.keyword = "nic-mac", .key = "00:1b:21:00:00:01", .shown = "00:1b:21:00:00:01"};
  const Finding finding = clone({own}, "CX2600417 (L3-S07, 2026-11-20T05:00:00.000Z)");
  CHECK(finding.rule() == "unique.clone");
  CHECK(finding.keyword == "nic-mac");
  CHECK(finding.severity == Severity::kError);
  CHECK_FALSE(finding.unjudged);
  CHECK_FALSE(finding.expected);  // another unit's cards are nobody's business here
  const Sentence english = sentence(finding, Language::kEnglish, {});
  CHECK(english.message ==
        "this unit carries the identity of CX2600417 (L3-S07, 2026-11-20T05:00:00.000Z), and none of the "
        "network cards that unit was seen with; its own nic-mac: 00:1b:21:00:00:01");
  CHECK(english.advice.find("registry replace") != std::string::npos);
  const Sentence chinese = sentence(finding, Language::kChinese, {});
  for (const Sentence& said : {english, chinese}) {
    for (const char* part : {"CX2600417 (L3-S07, 2026-11-20T05:00:00.000Z)", "00:1b:21:00:00:01"})
      CHECK(said.message.find(part) != std::string::npos);
    CHECK((said.message + said.advice).find('{') == std::string::npos);
  }
  // Without a card of its own it says so.
  CHECK(sentence(clone({}, "CX2600417"), Language::kEnglish, {}).message.ends_with("its own nic-mac: -"));
  CHECK(clone({own, own}, "x").found == "00:1b:21:00:00:01, 00:1b:21:00:00:01");
}

}  // namespace
}  // namespace dmigate::gate
