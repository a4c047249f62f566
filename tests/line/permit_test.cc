// A PASS carried to a machine that dmigate does not start: issued to one unit, and refused to any other.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

constexpr const char* kTwoStages =
    "profile: direct\nversion: 1\nextends: [cmge]\nstages:\n  pre-image: {}\n  ship: {}\n";

struct Issuing {
  Plant plant;
  std::string unit;

  Issuing() {
    write_file(plant / "profiles/direct.yaml", kTwoStages);
    unit = plant.unit("unit", "good-unit");
    const Ended made = plant.dmigate({"permit", "keygen", "station.key"});
    REQUIRE_MESSAGE(made.status == 0, made.err);
    fs::create_directories(plant / "keys");
    fs::permissions(plant / "keys", fs::perms::owner_all);
    fs::copy(plant / "station.key.pub", plant / "keys/station.pub");
    station();
  }
  void station(const std::string& more = {}) const {
    plant.station("allow_file_source: true\npermit_key: station.key\npermit_keys: keys\n" + more);
  }
  [[nodiscard]] Words check(const std::string& source, const Words& more = {}) const {
    Words arguments = {"check",     source,    "--profile", "direct",   "--unit",
                       "CX2600417", "--stage", "pre-image", "--permit", "the.permit"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  [[nodiscard]] static Words verify(const std::string& permit, const std::string& source,
                                    const Words& more = {}) {
    Words arguments = {"permit", "verify", permit, source, "--stage", "pre-image"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  [[nodiscard]] std::string refusal(const Words& arguments) const {
    return rules(plant.verdict(1, arguments)).front();
  }
};

}  // namespace

TEST_CASE("a PASS issues a permit for this unit, and the verdict says which") {
  const Issuing line;
  const auto verdict = line.plant.verdict(0, line.check(line.unit));
  const json::object& permit = verdict.at("permit").as_object();
  CHECK(text(permit, "id").size() == 32);
  CHECK(text(permit, "key").size() == 16);
  CHECK(text(permit, "expires") > text(verdict, "started"));
  const std::string token = read_file(line.plant / "the.permit");
  CHECK(token.starts_with("dmigate-permit.1." + text(permit, "key") + "."));
  CHECK(lines(token) == 1);
  struct stat status = {};
  REQUIRE(::stat((line.plant / "the.permit").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  // And on standard output it has that for itself.
  Words to_output = line.check(line.unit);
  to_output.back() = "-";
  const Ended said = line.plant.dmigate(to_output);
  CHECK(said.status == 0);
  CHECK(said.out.starts_with("dmigate-permit.1."));
  CHECK(lines(said.out) == 1);
  CHECK(contains(said.err, "PASS  pre-image  CX2600417"));
}

TEST_CASE("a unit that does not pass takes the permit of the one before it away") {
  const Issuing line;
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  const std::string bad = line.plant.unit("bad", "blank-serial");
  const auto verdict = line.plant.verdict(1, line.check(bad));
  CHECK_FALSE(verdict.contains("permit"));
  CHECK_FALSE(fs::exists(line.plant / "the.permit"));
  Words to_output = line.check(bad);
  to_output.back() = "-";
  CHECK(line.plant.dmigate(to_output).out.empty());

  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  CHECK(line.plant.verdict(3, line.check(line.unit, {"--registry", "nowhere.db"})).contains("permit") ==
        false);
  CHECK_FALSE(fs::exists(line.plant / "the.permit"));
}

TEST_CASE("what keeps a permit from being issued is told before the unit is judged") {
  const Issuing line;
  const auto refused = [&](const Words& arguments, const std::string& sentence) {
    const Ended said = line.plant.dmigate(arguments);
    CHECK(said.status == 2);
    CHECK_MESSAGE(contains(said.err, sentence), said.err);
    CHECK(line.plant.registry_json(0, {"status"}).at("records") == 0);
  };
  write_file(line.plant / "the.permit", "my thesis\n");
  refused(line.check(line.unit),
          "the.permit: there is a file here that is no permit, and it is not overwritten");
  CHECK(read_file(line.plant / "the.permit") == "my thesis\n");
  fs::remove(line.plant / "the.permit");
  fs::permissions(line.plant / "station.key", fs::perms::others_read, fs::perm_options::add);
  refused(line.check(line.unit), "the key may be read by others than its owner");
  refused(line.check(line.unit, {"--permit-key", "no.key"}),
          "no.key: cannot be read: No such file or directory");
  refused(line.check(line.unit, {"--permit-lifetime", "1 fortnight"}), "--permit-lifetime takes a time");
  refused(line.check(line.unit, {"--purpose", "golden"}), "a golden unit opens nothing, by a permit neither");
  line.plant.station("allow_file_source: true\n");
  refused(line.check(line.unit), "no key is known that signs permits");
  refused({"check", line.unit, "--profile", "direct", "--permit", "the.permit"}, "a permit is for a stage");
  line.station();
  fs::permissions(line.plant / "station.key", fs::perms::others_read, fs::perm_options::remove);
  write_file(line.plant / "profiles/watch.yaml",
             edited(kTwoStages, {{"profile: direct", "profile: watch\nmode: observe"}}));
  Words observed = line.check(line.unit);
  observed[3] = "watch";
  refused(observed, "profile watch only observes: it opens nothing, by a permit neither");
}

TEST_CASE("a permit that cannot be written, or is for nobody in particular, is no permit and no PASS") {
  const Issuing line;
  Words nowhere = line.check(line.unit);
  nowhere.back() = "no/such/folder/the.permit";
  auto verdict = line.plant.verdict(3, nowhere);
  CHECK(rules(verdict) == Words{"permit.not-issued"});
  CHECK_FALSE(verdict.contains("permit"));
}

TEST_CASE("a permit that is not whole, not ours, or not for this, is refused with what is wrong") {
  const Issuing line;
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  const std::string token = read_file(line.plant / "the.permit");
  const std::string file = line.plant / "the.permit";
  CHECK(line.refusal(Issuing::verify(token.substr(0, token.size() / 2), line.unit)) == "permit.damaged");
  const auto dot = token.rfind('.');
  std::string forged = token;
  forged[dot + 5] = forged[dot + 5] == 'A' ? 'B' : 'A';
  CHECK(line.refusal(Issuing::verify(forged, line.unit)) == "permit.forged");
  const std::string other = line.plant.unit("other", "good-unit", {{"CX2600417", "CX2600418"}});
  CHECK(line.refusal(Issuing::verify(file, other)) == "permit.table");
  Words ship = Issuing::verify(file, line.unit);
  ship.back() = "ship";
  CHECK(line.refusal(ship) == "permit.stage");
  CHECK(line.refusal(Issuing::verify(file, line.unit, {"--unit", "CX2600418"})) == "permit.unit");
  write_file(line.plant / "newer.yaml",
             edited(kTwoStages, {{"version: 1", "version: 2"}, {"profile: direct", "profile: newer"}}));
  CHECK(line.refusal(Issuing::verify(file, line.unit, {"--profile", "newer.yaml"})) == "permit.profile");
  // Keys are exchanged: the new one beside the old, then the old one goes.
  CHECK(line.plant.dmigate({"permit", "keygen", "next.key"}).status == 0);
  fs::copy(line.plant / "next.key.pub", line.plant / "keys/next.pub");
  fs::remove(line.plant / "keys/station.pub");
  CHECK(line.refusal(Issuing::verify(file, line.unit)) == "permit.key");
  CHECK(contains(line.plant.dmigate(Issuing::verify(file, line.unit)).out, "FAIL  pre-image"));
}

TEST_CASE("a permit whose time is over is refused") {
  const Issuing line;
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit, {"--permit-lifetime", "1ms"}))) == "PASS");
  CHECK(line.refusal(Issuing::verify("the.permit", line.unit)) == "permit.expired");
}

TEST_CASE("what cannot be looked at is no PASS, and what cannot be is wrong usage") {
  const Issuing line;
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  const auto refused = [&](const Words& arguments, const std::string& sentence) {
    const Ended said = line.plant.dmigate(arguments);
    CHECK(said.status == 2);
    CHECK_MESSAGE(contains(said.err, sentence), said.err);
  };
  write_file(line.plant / "garbage", "garbage");
  CHECK(line.plant.verdict(3, Issuing::verify("the.permit", line.plant / "garbage")).at("recorded") == false);
  refused(Issuing::verify("no.permit", line.unit), "no.permit: cannot be read: No such file or directory");
  refused({"permit", "verify", "the.permit", line.unit}, "a permit is for a stage; give --stage S");
  refused(Issuing::verify("the.permit", line.unit, {"--registry", "none"}),
          "that a permit is used is always recorded");
  refused(Issuing::verify("the.permit", line.unit, {"--keys", "profiles/tools"}),
          "there is no public key in this folder");
  fs::permissions(line.plant / "keys", fs::perms::others_write, fs::perm_options::add);
  refused(Issuing::verify("the.permit", line.unit), "others than its owner may change it");
  fs::permissions(line.plant / "keys", fs::perms::others_write, fs::perm_options::remove);
  line.plant.station("allow_file_source: true\n");
  refused(Issuing::verify("the.permit", line.unit), "no folder of public keys is known");
}

TEST_CASE("a permit opens once, and not after its unit failed or was reworked") {
  const Issuing line;
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  const auto used = line.plant.verdict(0, Issuing::verify("the.permit", line.unit));
  CHECK(outcome(used) == "PASS");
  CHECK(used.at("recorded") == true);
  CHECK(line.refusal(Issuing::verify("the.permit", line.unit)) == "permit.used");
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  const std::string empty = line.plant.unit("empty", "good-unit", {{"HB26031187", "null"}});
  CHECK(outcome(line.plant.verdict(1, {"check", empty, "--profile", "direct", "--unit", "CX2600417",
                                       "--stage", "pre-image"})) == "FAIL");
  CHECK(line.refusal(Issuing::verify("the.permit", line.unit)) == "permit.stale");
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  CHECK(line.plant
            .dmigate({"registry", "replace", "CX2600417", "--part", "baseboard-serial-number",
                      "--disposition", "repair", "--by", "Li Na", "--reason", "diagnosis"})
            .status == 0);
  CHECK(line.refusal(Issuing::verify("the.permit", line.unit)) == "permit.stale");
  line.plant.check_registry_is_whole();
}

TEST_CASE(
    "a saved dump of a good unit gets no permit and opens by none, where the station does not allow it") {
  const Issuing line;
  const std::string sentence =
      "burn, run and permits take the unit itself and no saved table: a good dump must not open a station";
  const auto refused = [&](const Words& arguments) {
    line.plant.station("permit_key: station.key\npermit_keys: keys\n");
    const Ended said = line.plant.dmigate(arguments);
    CHECK(said.status == 2);
    CHECK_MESSAGE(contains(said.err, sentence), said.err);
    line.station();
  };
  refused(line.check(line.unit));
  CHECK(line.plant.registry_json(0, {"status"}).at("records") == 0);
  CHECK_FALSE(fs::exists(line.plant / "the.permit"));
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  refused(Issuing::verify("the.permit", line.unit));
  // It was not used up by that.
  CHECK(outcome(line.plant.verdict(0, Issuing::verify("the.permit", line.unit))) == "PASS");
}

TEST_CASE("a copy of a unit's DMI opens nothing by the unit's permit") {
  const Issuing line;
  write_file(line.plant / "profiles/direct.yaml",
             edited(kTwoStages, {{"version: 1", "version: 1\nwitnesses: [nic-mac]"}}));
  const std::string clone = line.plant.unit("clone", "good-unit"),
                    bare = line.plant.unit("bare", "good-unit");
  write_file(clone + "/evidence.json",
             edited(read_file(clone + "/evidence.json"), {{"02:cc:26:00:41:70", "02:cc:26:00:41:99"}}));
  fs::remove(bare + "/evidence.json");
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  const auto refused = line.plant.verdict(1, Issuing::verify("the.permit", clone));
  CHECK(rules(refused) == Words{"unique.clone nic-mac"});
  CHECK(text(finding(refused, "unique.clone"), "found") == "02:cc:26:00:41:99");
  CHECK(refused.at("recorded") == true);
  CHECK(rules(line.plant.verdict(3, Issuing::verify("the.permit", bare))) ==
        Words{"evidence.missing nic-mac"});
  CHECK(outcome(line.plant.verdict(0, Issuing::verify("the.permit", line.unit))) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE(
    "a permit is stale when anything was started, or did not pass, since its PASS, at whichever stage") {
  const Issuing line;
  const std::string empty = line.plant.unit("empty", "good-unit", {{"HB26031187", "null"}});
  const auto issue = [&] {
    CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
    fs::rename(line.plant / "the.permit", line.plant / "old.permit");
  };
  const auto stale = [&](const std::string& part) {
    const auto verdict = line.plant.verdict(1, Issuing::verify("old.permit", line.unit));
    CHECK(rules(verdict) == Words{"permit.stale"});
    const std::string message = text(finding(verdict, "permit.stale"), "message");
    CHECK_MESSAGE(contains(message, part), message);
  };
  const auto at = [&](const std::string& source, const std::string& stage) {
    return Words{"check", source, "--profile", "direct", "--unit", "CX2600417", "--stage", stage};
  };
  issue();
  CHECK(outcome(line.plant.verdict(1, at(empty, "ship"))) == "FAIL");
  stale("FAIL (ship, 20");
  // A PASS that comes after does not bring it back.
  CHECK(outcome(line.plant.verdict(0, at(line.unit, "ship"))) == "PASS");
  stale("FAIL (ship, 20");

  issue();
  CHECK(line.plant
            .dmigate({"run", line.unit, "--profile", "direct", "--unit", "CX2600417", "--stage", "pre-image",
                      "--", "true"})
            .status == 0);
  stale("run (pre-image, 20");

  // Two permits for one unit: one of them opens.
  issue();
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  CHECK(outcome(line.plant.verdict(0, Issuing::verify("the.permit", line.unit))) == "PASS");
  stale("permit (pre-image, 20");
  line.plant.check_registry_is_whole();
}

TEST_CASE("what a permit has let start is to the stages after it what a run is") {
  const Issuing line;
  write_file(
      line.plant / "profiles/direct.yaml",
      edited(kTwoStages, {{"ship: {}", "post-image: { after: pre-image }\n  ship: { after: post-image }"}}));
  const auto at = [&](const std::string& stage) {
    return Words{"check", line.unit, "--profile", "direct", "--unit", "CX2600417", "--stage", stage};
  };
  const auto open = [&] {
    CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
    CHECK(outcome(line.plant.verdict(0, Issuing::verify("the.permit", line.unit))) == "PASS");
  };
  open();
  for (const char* stage : {"post-image", "ship"}) CHECK(outcome(line.plant.verdict(0, at(stage))) == "PASS");
  // Imaged once more: what was looked at before is another image.
  open();
  CHECK(rules(line.plant.verdict(1, at("ship"))) == Words{"stage.order"});
  for (const char* stage : {"post-image", "ship"}) CHECK(outcome(line.plant.verdict(0, at(stage))) == "PASS");
  line.plant.check_registry_is_whole();
}

TEST_CASE("a permit whose PASS is not in this registry opens nothing here") {
  const Issuing line;
  CHECK(outcome(line.plant.verdict(0, line.check(line.unit))) == "PASS");
  // Another plant's registry knows nothing of it.
  CHECK(line.plant.dmigate({"registry", "init", "--registry", line.plant / "other.db"}).status == 0);
  const auto elsewhere = line.plant.verdict(
      1, Issuing::verify("the.permit", line.unit, {"--registry", line.plant / "other.db"}));
  CHECK(rules(elsewhere) == Words{"permit.stale"});
  CHECK(elsewhere.at("recorded") == true);
  CHECK(outcome(line.plant.verdict(0, Issuing::verify("the.permit", line.unit))) == "PASS");
}

TEST_CASE("what is no permit is not taken away to make room for one, a device and a pipe least of all") {
  const Issuing line;
  Sign pipe(line.plant / "pipe");
  for (const std::string& place : {std::string("/dev/null"), pipe.path(), line.plant / "keys"}) {
    CAPTURE(place);
    Words arguments = line.check(line.unit);
    arguments.back() = place;
    const Ended said = line.plant.dmigate(arguments);
    CHECK(said.status == 2);
    CHECK(contains(said.err, "there is a file here that is no permit, and it is not overwritten"));
    CHECK(fs::exists(place));
  }
  CHECK(line.plant.registry_json(0, {"status"}).at("records") == 0);
}
