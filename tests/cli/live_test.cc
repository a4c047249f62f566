// This machine's own table: dump, evidence and verdicts of a live unit. A mount namespace stands in for
// the machine: a tmpfs over /sys/firmware, with the table of a unit of ours.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

constexpr int kNotAllowed = 99;
const std::string kAgent = DMIGATE_BINARY_DIR "/line-integration/dmigate-agent";

std::string in_quotes(const std::string& word) { return "'" + word + "'"; }  // no word here has a quote in it

struct Machine {
  Plant plant;
  std::string table = plant.unit("machine", "good-unit");
  std::string boot = plant / "boot-id";
  bool has_boot_id = true;

  Machine() { write_file(boot, "6c1f9d3e-0b52-4f0a-8a64-000000000b01\n"); }

  [[nodiscard]] Ended on_it(const std::string& shell_command) const {
    std::string script = "mount -t tmpfs none /sys/firmware && mkdir -p /sys/firmware/dmi/tables && cp " +
                         in_quotes(table + "/smbios_entry_point") + " " + in_quotes(table + "/DMI") +
                         " /sys/firmware/dmi/tables/ || exit 99\n";
    if (has_boot_id)
      script += "mount --bind " + in_quotes(boot) + " /proc/sys/kernel/random/boot_id || exit 99\n";
    Start start = plant.call({});
    start.argv = {"unshare", ::geteuid() == 0 ? "-m" : "-rm", "--", "/bin/sh", "-c", script + shell_command};
    return run(start);
  }
  [[nodiscard]] Ended dmigate(const Words& arguments) const {
    std::string line = "exec";
    for (const std::string& word : plant.call(arguments).argv) line += " " + in_quotes(word);
    return on_it(line);
  }
  // Whether this machine lets a test have a machine of its own; says what is left out where it does not.
  bool can_be() {
    if (on_it("exit 0").status == 0) return true;
    has_boot_id = false;
    if (on_it("exit 0").status == 0) {
      MESSAGE("left out: nothing may be mounted over the boot id here; it is the machine's own");
      return true;
    }
    MESSAGE("left out: no mount namespace may be made here, so nothing of a live unit can be tested");
    return false;
  }
};

}  // namespace

TEST_CASE("the dump of a live unit is its table, and dmidecode reads it") {
  Machine machine;
  if (!machine.can_be()) return;
  const std::string file = machine.plant / "unit.bin";
  const Ended said = machine.dmigate({"dump", file});
  CHECK_MESSAGE(said.status == 0, said.err);
  CHECK(said.out.empty());
  CHECK(said.err.empty());
  CHECK_FALSE(fs::exists(file + ".part"));
  const auto structures = [&](const std::string& source) {
    return parse_line(machine.plant.dmigate({"show", source, "--json"}).out).at("structures");
  };
  CHECK(structures(file) == structures(machine.table));
  CHECK(machine.plant.dmigate({"check", file, "--profile", "cx-e500"}).status == 0);

  for (const char* dmidecode : {"/usr/sbin/dmidecode", "/usr/bin/dmidecode"}) {
    if (!fs::exists(dmidecode)) continue;
    const Ended read = run({.argv = {dmidecode, "--from-dump", file, "-t", "1"}});
    CHECK(read.status == 0);
    for (const char* line :
         {"Serial Number: CX2600417", "UUID: 8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "Family: CX"}) {
      CHECK_MESSAGE(contains(read.out, line), read.out);
    }
    return;
  }
  MESSAGE("left out: no dmidecode to read the dump with");
}

TEST_CASE("the evidence of a live unit, judged elsewhere, gives the same verdict") {
  Machine machine;
  if (!machine.can_be()) return;
  const std::string file = machine.plant / "unit.json";
  CHECK(machine.dmigate({"evidence", file}).status == 0);
  const Ended printed = machine.dmigate({"evidence"});
  CHECK(printed.status == 0);
  const auto said = parse_line(printed.out), kept = parse_line(read_file(file));
  CHECK(said.at("table") == kept.at("table"));
  if (machine.has_boot_id) CHECK(text(said, "boot_id") == "6c1f9d3e-0b52-4f0a-8a64-000000000b01");

  for (const char* fixture : {"good-unit", "case-a-1", "wrong-checksum", "no-end", "hostile-strings"}) {
    CAPTURE(std::string(fixture));
    machine.table = machine.plant.unit(fixture, fixture);
    const std::string evidence = machine.plant / (std::string(fixture) + ".json");
    REQUIRE(machine.dmigate({"evidence", evidence}).status == 0);
    const Words judge = {"--profile", "cx-e500", "--json"};
    Words here = {"check"}, there = {"check", evidence};
    here.insert(here.end(), judge.begin(), judge.end());
    there.insert(there.end(), judge.begin(), judge.end());
    const Ended live = machine.dmigate(here), later = machine.plant.dmigate(there);
    CHECK(live.status == later.status);
    auto one = parse_line(live.out), two = parse_line(later.out);
    CHECK(one.at("findings") == two.at("findings"));
    CHECK(one.at("unit") == two.at("unit"));
    CHECK(one.at("source").as_object().at("sha256") == two.at("source").as_object().at("sha256"));
    CHECK(one.at("source").as_object().at("boot_id") == two.at("source").as_object().at("boot_id"));
  }
}

TEST_CASE("the agent prints the evidence that dmigate prints") {
  Machine machine;
  if (!machine.can_be()) return;
  const Ended said = machine.on_it("exec " + in_quotes(kAgent) + " evidence");
  CHECK_MESSAGE(said.status == 0, said.err);
  CHECK(said.err.empty());
  auto agents = parse_line(said.out), dmigates = parse_line(machine.dmigate({"evidence"}).out);
  for (const char* moment : {"taken", "clock"}) {
    CHECK(agents.erase(moment) == 1);
    CHECK(dmigates.erase(moment) == 1);
  }
  CHECK(agents == dmigates);
}

TEST_CASE("an agent that reads no table, or cannot write what it read, prints no evidence and says why") {
  Machine machine;
  if (!machine.can_be()) return;
  const std::string agent = in_quotes(kAgent);
  const struct {
    std::string on_it;
    const char* part;  ///< of what it says
  } bad[] = {{"rm /sys/firmware/dmi/tables/DMI; exec " + agent + " evidence", "cannot be read"},
             {": >/sys/firmware/dmi/tables/DMI; exec " + agent + " evidence", "/sys/firmware/dmi/tables"},
             {"exec " + agent + " evidence >/dev/full", "could not be written"},
             {"exec " + agent + " evidence >&-", "could not be written"}};
  for (const auto& [on_it, part] : bad) {
    CAPTURE(on_it);
    const Ended said = machine.on_it(on_it);
    CHECK(said.status == 3);
    CHECK(said.out.empty());
    CHECK_MESSAGE(contains(said.err, part), said.err);
  }
  for (const char* wrong : {"", " evidenc", " evidence now"}) {
    const Ended said = machine.on_it("exec " + agent + wrong);
    CHECK(said.status == 2);
    CHECK(said.out.empty());
    CHECK(contains(said.err, "dmigate-agent --help tells what it takes"));
  }
}

TEST_CASE(
    "the cards of a live unit are read where its profile has witnesses, and asks nothing of the hardware") {
  Machine machine;
  if (!machine.can_be()) return;
  const std::string profile =
      "profile: w\nversion: 1\nfields: { system-serial-number: { unique: true } }\nwitnesses: [nic-mac]\n"
      "stages: { ship: {} }\n";
  write_file(machine.plant / "w.yaml", profile);
  const Ended said = machine.dmigate(
      {"check", "--json", "--stage", "ship", "--unit", "CX2600417", "--profile", machine.plant / "w.yaml"});
  // What cards this machine has is its own affair; that it has none that can be told is said otherwise.
  CHECK_FALSE(contains(said.out, "the unit's network cards were not captured"));
  CHECK_MESSAGE((said.status == 0 || contains(said.out, "evidence.missing")), said.out, said.err);
}

TEST_CASE(
    "the code of a live unit is compared with one that was written down: the machine is how it is now") {
  Machine machine;
  if (!machine.can_be()) return;
  const std::string then = machine.dmigate({"code"}).out.substr(0, 14);
  const std::string words = machine.dmigate({"code", "--compare", then}).out;
  CHECK(contains(words, "then  the code " + then + "\nnow   this machine\n"));
  CHECK(contains(words, "  system-serial-number     same\n"));
  machine.table = machine.plant.unit("erased", "case-a-1");
  const Ended erased = machine.dmigate({"code", "--compare", then});
  CHECK(erased.status == 1);
  CHECK(contains(erased.out, "  system-serial-number     missing now\n"));
}

TEST_CASE("dump and evidence never destroy what is there") {
  Machine machine;
  if (!machine.can_be()) return;
  const std::string file = machine.plant / "kept";
  write_file(file, "the only dump of a unit that has left");
  for (const char* command : {"dump", "evidence"}) {
    CAPTURE(std::string(command));
    Ended said = machine.dmigate({command, file});
    CHECK(said.status == 3);
    CHECK(contains(said.err, "File exists"));
    CHECK(lines(said.err) == 1);
    CHECK(read_file(file) == "the only dump of a unit that has left");
    CHECK_FALSE(fs::exists(file + ".part"));
    said = machine.dmigate({command, machine.plant / "nowhere/unit"});
    CHECK(said.status == 3);
    CHECK(lines(said.err) == 1);
    // A disk that is full: a tmpfs of one page, and that taken.
    said = machine.on_it("mkdir " + in_quotes(machine.plant / ("full-" + std::string(command))) + " && cd " +
                         in_quotes(machine.plant / ("full-" + std::string(command))) +
                         " && mount -t tmpfs -o size=4k none . && cd . && cd \"$PWD\" && "
                         "dd if=/dev/zero of=taken bs=4096 count=1 2>/dev/null\n" +
                         in_quotes(machine.plant.call({}).argv[0]) + " " + command + " unit; echo $? $(ls)");
    CHECK_MESSAGE(said.out == "3 taken\n", said.out, said.err);
    CHECK(contains(said.err, "No space left on device"));
  }
  // What an attempt that was cut off has left is not touched, and in nobody's way.
  write_file(machine.plant / "again.part", "half");
  CHECK(machine.dmigate({"dump", machine.plant / "again"}).status == 0);
  CHECK(read_file(machine.plant / "again.part") == "half");
}

TEST_CASE("burn and run take the live unit without being allowed to take files; its boots are told apart") {
  Machine machine;
  if (!machine.can_be()) return;
  machine.plant.station("");
  machine.table = machine.plant.unit("case-a", "case-a-1");
  write_file(
      machine.plant / "profiles/tools/flash.yaml",
      "tool: flash\ndescription: writes nothing that shows before a reboot\ncommand: echo\narguments: "
      "[Done]\n"
      "switches:\n  system-serial-number: [/SS, '{value}']\n  baseboard-serial-number: [/BS, '{value}']\n"
      "success: Done\n");
  const auto burnt =
      machine.dmigate({"burn", "--json", "--unit", "CX2600501", "--tool", "flash", "--set",
                       "system-serial-number=CX2600501", "--set", "baseboard-serial-number=HB26031501"});
  CHECK(burnt.status == 0);
  CHECK(burnt.err == "Done /SS CX2600501 /BS HB26031501\n");
  check_form(parse_line(burnt.out), 0);

  machine.table =
      machine.plant.unit("after", "case-a-1",
                         {{"system-serial-number: null", "system-serial-number: CX2600501"},
                          {"baseboard-serial-number: null", "baseboard-serial-number: HB26031501"}});
  const Words post_burn = {"check", "--json", "--stage", "post-burn"};
  CHECK(rules(parse_line(machine.dmigate(post_burn).out)) == Words{"stage.same-boot"});
  if (!machine.has_boot_id) return;
  write_file(machine.boot, "6c1f9d3e-0b52-4f0a-8a64-000000000b02\n");
  const Ended verified = machine.dmigate(post_burn);
  CHECK(verified.status == 0);
  CHECK(text(parse_line(verified.out).at("burn").as_object(), "state") == "verified");
  const Ended imaged =
      machine.dmigate({"run", "--json", "--stage", "pre-image", "--", "touch", machine.plant / "disk"});
  CHECK(imaged.status == 0);
  CHECK(fs::exists(machine.plant / "disk"));
  machine.plant.check_registry_is_whole();
}

TEST_CASE("a machine without a table is ERROR, and its dump is not made") {
  Machine machine;
  machine.has_boot_id = false;
  const std::string bare = "unshare";
  Start start = machine.plant.call({});
  start.argv = {bare,
                ::geteuid() == 0 ? "-m" : "-rm",
                "--",
                "/bin/sh",
                "-c",
                "mount -t tmpfs none /sys/firmware || exit 99\nexec " +
                    in_quotes(machine.plant.call({}).argv[0]) + " dump " +
                    in_quotes(machine.plant / "unit.bin")};
  const Ended said = run(start);
  if (said.status == kNotAllowed || said.status == 1) {
    MESSAGE("left out: no mount namespace may be made here");
    return;
  }
  CHECK(said.status == 3);
  CHECK(lines(said.err) == 1);
  CHECK(contains(said.err, "/sys/firmware/dmi/tables/smbios_entry_point: "));
  CHECK_FALSE(fs::exists(machine.plant / "unit.bin"));
}
