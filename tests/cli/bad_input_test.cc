// What a plant's disk and hands give a station: each gets its sentence and its exit status, never PASS,
// and the registry stays whole.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

// Where `what` is judged at a stage: as text with the golden lines, as JSON, and by run, which starts
// nothing.
struct Golden {
  int status;
  std::string out;  ///< of check, without the line that says where it was recorded
  std::string err;
};

std::string without_record(const std::string& out) {
  const std::size_t at = out.find("  recorded ");
  return at == std::string::npos ? out : out.substr(0, at);
}

void check_refused(const Plant& plant, const Words& station, const std::string& source,
                   const Golden& golden) {
  const auto with = [&](Words arguments) {
    arguments.insert(arguments.end(), {"--profile", "cx-e500", "--stage", "pre-burn"});
    arguments.insert(arguments.end(), station.begin(), station.end());
    return arguments;
  };
  const Words check = with({"check", source});
  const Ended said = plant.dmigate(check);
  CHECK(said.status == golden.status);
  CHECK(without_record(said.out) == golden.out);
  CHECK(said.err == golden.err);
  CHECK_FALSE(contains(said.out, "PASS"));

  Words run = with({"run", source, "--unit", "CX2600417"});
  run.insert(run.end(), {"--", "touch", "started"});
  if (golden.status == 2) {
    const Ended refused = plant.dmigate(run);
    CHECK(refused.status == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err == golden.err);
  } else {
    CHECK(outcome(plant.verdict(golden.status, check)) != "PASS");
    CHECK_FALSE(plant.verdict(golden.status, run).contains("command"));
  }
  CHECK_FALSE(fs::exists(plant / "started"));
}

std::string unreadable(const std::string& detail, const std::string& advice) {
  return "ERROR  pre-burn  (no label)  cx-e500 v1\n  the unit's evidence could not be read: " + detail +
         "\n      -> " + advice + "\n";
}

std::string registry_trouble(const std::string& detail, const std::string& advice) {
  return "ERROR  pre-burn  (no label)  cx-e500 v1\n  the registry could not be asked: " + detail +
         "\n      -> " + advice + "\n";
}

constexpr const char* kWhatToGive =
    "give a dump of dmidecode, its text, a raw table, or a folder with smbios_entry_point and DMI";
constexpr const char* kBoth = "a folder must hold smbios_entry_point and DMI";

std::string without_powers(const char* name) {
  for (const char* folder : {"/usr/bin/", "/bin/"}) {
    if (::access((folder + std::string(name)).c_str(), X_OK) == 0) return folder + std::string(name);
  }
  return {};
}

// dmigate as somebody whom the permissions of files stop, which root is not. None: it cannot be had.
std::optional<Start> as_nobody_special(const Plant& plant, Words arguments) {
  Start start = plant.call(std::move(arguments));
  if (::geteuid() != 0) return start;
  const std::string setpriv = without_powers("setpriv");
  if (setpriv.empty()) {
    MESSAGE("left out: permissions do not stop root, and there is no setpriv to give them up");
    return std::nullopt;
  }
  start.argv.insert(start.argv.begin(), {setpriv, "--bounding-set=-all", "--"});
  const Ended tried = run({.argv = {setpriv, "--bounding-set=-all", "--", "/bin/true"}});
  if (tried.status == 0) return start;
  MESSAGE("left out: setpriv is not allowed here: ", tried.err);
  return std::nullopt;
}

}  // namespace

TEST_CASE("what is no table is ERROR, with one sentence and one advice") {
  const Plant plant;
  const std::string good = plant.unit("good", "good-unit");
  write_file(plant / "empty", "");
  write_file(plant / "text", "The quick brown fox jumps over the lazy dog.\n");
  write_file(plant / "zeros", std::string(4096, '\0'));
  fs::create_directories(plant / "only-table");
  fs::copy(good + "/DMI", plant / "only-table");
  fs::create_directories(plant / "only-entry-point");
  fs::copy(good + "/smbios_entry_point", plant / "only-entry-point");
  fs::create_directories(plant / "empty-folder");
  write_file(plant / "evidence.json", "{\"schema\": \"dmigate.evidence/1\"");

  check_refused(
      plant, {}, "empty",
      {3, unreadable("empty: the file is empty", "read the table again, for instance with dmigate dump FILE"),
       ""});
  check_refused(plant, {}, "text", {3, unreadable("text: not an SMBIOS table", kWhatToGive), ""});
  check_refused(plant, {}, "zeros", {3, unreadable("zeros: not an SMBIOS table", kWhatToGive), ""});
  check_refused(plant, {}, "only-table",
                {3, unreadable("only-table/smbios_entry_point: missing", kBoth), ""});
  check_refused(plant, {}, "only-entry-point", {3, unreadable("only-entry-point/DMI: missing", kBoth), ""});
  check_refused(plant, {}, "empty-folder",
                {3, unreadable("empty-folder/smbios_entry_point: missing", kBoth), ""});
  check_refused(plant, {}, "nowhere",
                {3,
                 unreadable("nowhere: cannot be opened: No such file or directory",
                            "check the path; the tables of a live machine can be read by root only"),
                 ""});
  check_refused(plant, {}, "evidence.json",
                {3,
                 unreadable("evidence.json: this is not an evidence file (not a JSON object)",
                            "take the evidence again with dmigate evidence"),
                 ""});
  plant.check_registry_is_whole();
}

TEST_CASE("a file that may not be read is ERROR, and says so") {
  const Plant plant;
  write_file(plant / "locked", read_file(plant.unit("good", "dump-3.2")));
  REQUIRE(::chmod((plant / "locked").c_str(), 0) == 0);
  const auto start = as_nobody_special(plant, {"check", "locked", "--profile", "cx-e500"});
  if (!start) return;
  const Ended said = run(*start);
  CHECK(said.status == 3);
  CHECK(said.out ==
        "ERROR  (no label)  cx-e500 v1\n"
        "  the unit's evidence could not be read: locked: cannot be opened: Permission denied\n"
        "      -> check the path; the tables of a live machine can be read by root only\n");
}

TEST_CASE("a table that is broken is refused, and its first sentence says what is wrong") {
  const Plant plant;
  const struct {
    const char* fixture;
    const char* rule;
    const char* sentence;
  } broken[] = {
      {"truncated", "table.truncated",
       "the table is cut off at byte 173: 200 bytes are there, 219 were announced"},
      {"no-end", "table.no-end", "the table has no end (no Type 127 structure)"},
      {"wrong-checksum", "table.checksum",
       "the entry point's checksum is wrong (its bytes sum to 1, not to 0)"},
      {"wrong-intermediate-checksum", "table.checksum", "the entry point's checksum is wrong"},
      {"bad-length", "table.bad-length",
       "a structure at byte 173 has an impossible length (2); nothing after it can be read"},
      {"no-system", "structure.missing", "the table has no Type 1 structure"},
      {"two-systems", "structure.repeated",
       "the table has more than one Type 1 structure; readers disagree on which one counts"},
  };
  for (const auto& [fixture, rule, sentence] : broken) {
    CAPTURE(std::string(fixture));
    const std::string unit = plant.unit(fixture, fixture);
    const Words arguments = {"check", unit, "--profile", "cx-e500", "--stage", "pre-burn"};
    const auto verdict = plant.verdict(1, arguments);
    const json::object& first = verdict.at("findings").as_array().at(0).as_object();
    CHECK(text(first, "rule") == rule);
    CHECK(text(first, "message").starts_with(sentence));
    CHECK_FALSE(text(first, "advice").empty());
    const Ended said = plant.dmigate(arguments);
    CHECK(said.out.starts_with("FAIL  pre-burn  (no label)  cx-e500 v1\n  " + std::string(sentence)));
    CHECK(said.err.empty());
  }
  CHECK(plant.registry_json(0, {"status"}).at("units") == 0);
  plant.check_registry_is_whole();
}

TEST_CASE("a table cut off at any byte never passes, and is never a crash") {
  const Plant plant;
  const std::string whole = read_file(plant.unit("whole", "dump-3.2"));
  CHECK(outcome(plant.verdict(0, {"check", "whole", "--profile", "cx-e500"})) == "PASS");
  for (std::size_t size = 0; size < whole.size(); size += size < 0x20 ? 5 : 13) {
    CAPTURE(size);
    write_file(plant / "cut", whole.substr(0, size));
    const Ended said = plant.dmigate({"check", "cut", "--profile", "cx-e500"});
    CHECK_MESSAGE((said.status == 1 || said.status == 3), said.status, said.out, said.err);
    CHECK_FALSE(contains(said.out, "PASS"));
    CHECK(said.err.empty());
  }
}

TEST_CASE("a registry that does not answer is ERROR, and what is there is left as it was") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  CHECK(outcome(plant.verdict(0, {"check", unit, "--profile", "cx-e500", "--stage", "pre-burn"})) == "PASS");
  write_file(plant / "text.db", std::string(200, 'x'));
  write_file(plant / "empty.db", "");
  fs::create_directories(plant / "folder.db");
  sqlite3* foreign = nullptr;
  REQUIRE(sqlite3_open((plant / "foreign.db").c_str(), &foreign) == SQLITE_OK);
  REQUIRE(sqlite3_exec(foreign, "CREATE TABLE somebody (elses TEXT)", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  sqlite3_close(foreign);

  const struct {
    const char* registry;
    const char* what;
    const char* advice;
  } bad[] = {
      {"missing.db", "there is no registry here", "check the path; dmigate registry init makes a new one"},
      {"nowhere/registry.db", "there is no registry here",
       "check the path; dmigate registry init makes a new one"},
      {"text.db", "this is no registry (not an SQLite database) (file is not a database)",
       "check the path; dmigate registry init makes a new one"},
      {"empty.db", "this is no registry (the file is empty)",
       "restore it from its backup; if it was never one, because its init was cut off, delete it first"},
      {"folder.db", "this is no registry (not a file)", "check the path"},
      {"foreign.db", "this database is no dmigate registry",
       "check the path; dmigate registry init makes a new one"},
  };
  for (const auto& [registry, what, advice] : bad) {
    CAPTURE(std::string(registry));
    const bool was_there = fs::is_regular_file(plant / registry);
    const std::string before = was_there ? read_file(plant / registry) : "";
    const std::string detail = std::string(registry) + ": " + what;
    check_refused(plant, {"--registry", registry}, unit, {3, registry_trouble(detail, advice), ""});
    const Ended asked = plant.dmigate({"registry", "status", "--registry", registry});
    CHECK(asked.status == 3);
    CHECK(asked.out.empty());
    CHECK(asked.err == "dmigate: " + detail + "; " + advice + "\n");
    CHECK(fs::is_regular_file(plant / registry) == was_there);
    if (was_there) CHECK(read_file(plant / registry) == before);
  }
  plant.check_registry_is_whole();
}

TEST_CASE("a registry that is locked by another process is ERROR, and answers when it is free again") {
  const Plant plant;
  plant.station("allow_file_source: true\nregistry_timeout: 10ms\n");
  const std::string unit = plant.unit("unit", "good-unit");
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(plant.registry().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const Words run = {"run",     unit,       "--unit", "CX2600417", "--profile", "cx-e500",
                     "--stage", "pre-burn", "--",     "touch",     "started"};
  const auto verdict = plant.verdict(3, run);
  CHECK(contains(text(finding(verdict, "evidence.missing"), "message"),
                 "the registry is locked by another process"));
  CHECK(verdict.at("recorded") == false);
  CHECK_FALSE(fs::exists(plant / "started"));
  REQUIRE(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  CHECK(plant.registry_json(0, {"status"}).at("records") == 0);
  CHECK(outcome(plant.verdict(0, run)) == "PASS");
  plant.check_registry_is_whole();
}

TEST_CASE("a registry that can only be read is ERROR") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  fs::create_directories(plant / "safe");
  CHECK(plant.dmigate({"registry", "init", "--registry", "safe/registry.db"}).status == 0);
  for (const auto& file : fs::directory_iterator(plant / "safe"))
    REQUIRE(::chmod(file.path().c_str(), 0400) == 0);
  REQUIRE(::chmod((plant / "safe").c_str(), 0500) == 0);
  const auto start =
      as_nobody_special(plant, {"run", unit, "--profile", "cx-e500", "--stage", "pre-burn", "--registry",
                                "safe/registry.db", "--json", "--", "touch", "started"});
  if (start) {
    const Ended said = run(*start);
    CHECK(said.status == 3);
    check_form(parse_line(said.out), 3);
    CHECK(contains(said.out, "the registry could not be asked: safe/registry.db: the registry cannot be "));
    CHECK_FALSE(fs::exists(plant / "started"));
  }
  REQUIRE(::chmod((plant / "safe").c_str(), 0700) == 0);
}

TEST_CASE("a profile that does not hold ends the call, with file, line and column") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const struct {
    const char* text;
    const char* place;  ///< the first line on stderr starts so
  } profiles[] = {
      {"profile: p\nversion: 1\nfields:\n  system-serial-nummer: {}\n", "dmigate: p.yaml:4:3: "},
      {"profile: p\nversion: 1\nversion: 2\n", "dmigate: p.yaml:3:1: "},
      {"profile: p\nversion: 1\nfields:\n  system-serial-number: { pattern: '(' }\n",
       "dmigate: p.yaml:4:36: "},
      {"profile: p\nversion: one\n", "dmigate: p.yaml:2:10: "},
      {"profile: [\n", "dmigate: p.yaml:"},
      {"", "dmigate: p.yaml"},
      {"profile: p\nversion: 1\nextends: [nobody]\n", "dmigate: p.yaml:3:11: "},
  };
  for (const auto& [text, place] : profiles) {
    CAPTURE(std::string(text));
    write_file(plant / "p.yaml", text);
    for (const Words& arguments :
         {Words{"check", unit, "--profile", "./p.yaml"},
          Words{"check", unit, "--profile", "./p.yaml", "--stage", "pre-burn", "--json"},
          Words{"run", unit, "--profile", "./p.yaml", "--stage", "pre-burn", "--", "true"}}) {
      const Ended said = plant.dmigate(arguments);
      CHECK(said.status == 2);
      CHECK(said.out.empty());
      std::string expected = place;
      expected.insert(expected.find("p.yaml"), contains(said.err, "./p.yaml") ? "./" : "");
      CHECK_MESSAGE(said.err.starts_with(expected), said.err);
    }
  }
  // One of the folder's files does not hold: it might have been the one.
  write_file(plant / "profiles/p.yaml",
             "profile: p\nversion: 1\nmatch: { baseboard-product-name: [X], x: [Y] }\n");
  const Ended said = plant.dmigate({"check", unit});
  CHECK(said.status == 2);
  CHECK_MESSAGE(contains(said.err, "p.yaml:3:39: "), said.err);
  CHECK(plant.registry_json(0, {"status"}).at("records") == 0);
}

TEST_CASE("the registry refuses a profile that was changed without a new version, or is older") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const auto judged_by = [&](const std::string& version, const std::string& more) {
    write_file(plant / "profiles/p.yaml", "profile: p\nversion: " + version +
                                              "\nfields:\n  system-manufacturer: {}\nstages:\n  ship: {}\n" +
                                              more);
    return plant.dmigate({"check", unit, "--profile", "p", "--unit", "A1", "--stage", "ship"});
  };
  CHECK(judged_by("2", "").status == 0);
  CHECK(judged_by("2", "").status == 0);
  for (const auto& [version, more] : {std::pair{"2", "# changed\n"}, std::pair{"1", ""}}) {
    const Ended said = judged_by(version, more);
    CHECK(said.status == 2);
    CHECK(said.out.empty());
    CHECK_MESSAGE(said.err.starts_with("dmigate: "), said.err);
    CHECK(lines(said.err) == 1);
  }
  CHECK(judged_by("3", "# changed\n").status == 0);
}

TEST_CASE("a command that does not exist is found out before anything is recorded") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  write_file(plant / "no-program", "x");
  const struct {
    const char* command;
    const char* err;
  } commands[] = {
      {"no-such-command",
       "dmigate: no-such-command: not found in PATH; install it, or name it with its full path\n"},
      {"./no-such-command", "dmigate: ./no-such-command: "},
      {"./no-program",
       "dmigate: ./no-program: is not executable; make it executable (chmod +x), or name the program "
       "itself\n"},
  };
  for (const auto& [command, err] : commands) {
    const Ended said =
        plant.dmigate({"run", unit, "--profile", "cx-e500", "--stage", "pre-burn", "--", command});
    CHECK(said.status == 2);
    CHECK(said.out.empty());
    CHECK_MESSAGE(said.err.starts_with(err), said.err);
    CHECK(lines(said.err) == 1);
  }
  write_file(plant / "profiles/tools/gone.yaml",
             edited(read_file(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/tools/simulated.yaml"),
                    {{"tool: simulated", "tool: gone"}, {"dmigate-simulated-burner", "no-such-burner"}}));
  const Ended said = plant.dmigate({"burn", unit, "--tool", "gone", "--set", "system-serial-number=CX2600417",
                                    "--set", "baseboard-serial-number=HB26031187"});
  CHECK(said.status == 2);
  CHECK(said.err ==
        "dmigate: no-such-burner: not found in PATH; install it, or name it with its full path\n");
  CHECK(plant.registry_json(0, {"status"}).at("records") == 0);
}

TEST_CASE("a result that does not reach its reader is ERROR, and what was recorded stays recorded") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  std::FILE* full = std::fopen("/dev/full", "w");
  REQUIRE(full != nullptr);
  for (const Words& arguments :
       {Words{"check", unit, "--profile", "cx-e500"},
        Words{"check", unit, "--profile", "cx-e500", "--stage", "pre-burn"}, Words{"show", unit},
        Words{"registry", "status"}, Words{"registry", "verify", "--json"}, Words{"--help"}}) {
    Start start = plant.call(arguments);
    start.out = fileno(full);
    const Ended said = run(start);
    CHECK(said.status == 3);
    const bool recorded = std::ranges::find(arguments, "--stage") != arguments.end();
    CHECK(said.err == std::string("dmigate: the result could not be written to standard output\n") +
                          (recorded ? "dmigate: what was judged and done is recorded: dmigate trace UNIT "
                                      "tells it\n"
                                    : ""));
  }
  std::fclose(full);
  // A reader that has gone: a pipe without its other end.
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  Start start = plant.call({"check", unit, "--profile", "cx-e500"});
  start.out = ends[1];
  const Ended said = run(start);
  ::close(ends[1]);
  CHECK(said.signal == 0);
  CHECK(said.status == 3);
  // No stdout and stderr at all: the files that are opened do not become them.
  const Start call = plant.call({});
  Start closed = call;
  closed.argv = {"/bin/sh", "-c",
                 "exec \"$0\" check " + unit + " --profile cx-e500 --stage pre-burn >&- 2>&- <&-",
                 call.argv[0]};
  CHECK(run(closed).status == 3);
  CHECK(plant.registry_json(0, {"status"}).at("records") == 3);  // and the profile's version
  plant.check_registry_is_whole();
}
