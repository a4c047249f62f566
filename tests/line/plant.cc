#include "tests/line/plant.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace dmigate::plant {
namespace {

namespace fs = std::filesystem;

const std::string kSource = DMIGATE_SOURCE_DIR;
const std::string kTools = fs::path(DMIGATE_BURNER).parent_path();

void check_members(const json::object& object, const std::vector<const char*>& members) {
  for (const char* member : members) CHECK_MESSAGE(object.contains(member), "no member ", member);
}

// "{found}": a word of the catalogue's that nobody filled in. A pattern's "{7}" is none.
bool has_placeholder(const std::string& sentence) {
  const std::size_t open = sentence.find('{');
  return open != std::string::npos && open + 1 < sentence.size() && sentence[open + 1] >= 'a' &&
         sentence[open + 1] <= 'z';
}

void check_findings(const json::array& findings) {
  for (const json::value& value : findings) {
    const json::object& finding = value.as_object();
    check_members(finding, {"rule", "severity", "keyword", "type", "offset", "handle", "state", "found",
                            "expected", "message", "advice"});
    CHECK_FALSE(text(finding, "message").empty());
    for (const char* sentence : {"message", "advice"}) CHECK_FALSE(has_placeholder(text(finding, sentence)));
  }
}

}  // namespace

Plant::Plant() {
  fs::create_directories(folder_ / "profiles/tools");
  station("allow_file_source: true\n");
  const Ended made = dmigate({"registry", "init"});
  REQUIRE_MESSAGE(made.status == 0, made.err);
}

void Plant::station(const std::string& more) const {
  write_file(folder_ / "station.yaml",
             "station: L3-S07\nline: L3\nregistry: registry.db\n"
             "profiles: [profiles, " +
                 kSource + "/profiles/examples, " + kSource +
                 "/fixtures]\n"
                 "allow_registry_on: [tmpfs, ramfs, overlay]\n" +
                 more);
}

std::string Plant::unit(const std::string& name, const std::string& fixture, const Edits& edits) const {
  return described(name, edited(fixture_text(fixture), edits));
}

std::string Plant::described(const std::string& name, const std::string& description) const {
  write_file(folder_ / (name + ".description"), description);
  const Ended made = run({.argv = {DMIGATE_MAKE_UNIT, folder_ / (name + ".description"), folder_ / name}});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  return folder_ / name;
}

void Plant::reboot(const std::string& unit) const {
  const Ended done = run({.argv = {DMIGATE_BURNER, "--unit", unit, "--reboot"}});
  REQUIRE_MESSAGE(done.status == 0, done.err);
}

Start Plant::call(Words arguments) const {
  arguments.insert(arguments.begin(), DMIGATE_BINARY);
  Start start{.argv = std::move(arguments), .folder = folder_.path()};
  for (const char* name :
       {"DMIGATE_REGISTRY", "DMIGATE_LANG", "DMIGATE_STATION", "DMIGATE_LINE", "DMIGATE_OPERATOR",
        "DMIGATE_PROFILES", "DMIGATE_WORK_ORDER", "DMIGATE_LOT", "DMIGATE_SHIFT"}) {
    start.env[name] = std::nullopt;
  }
  start.env["DMIGATE_CONFIG"] = folder_ / "station.yaml";
  start.env["LC_ALL"] = "C";
  const char* path = std::getenv("PATH");
  start.env["PATH"] = kTools + ":" + (path == nullptr ? "/usr/bin:/bin" : path);
  return start;
}

json::object Plant::verdict(int status, Words arguments) const {
  const auto before_command = std::ranges::find(arguments, "--");
  arguments.insert(before_command, "--json");
  const Ended ended = dmigate(arguments);
  INFO("it said: ", ended.out, ended.err);
  REQUIRE(ended.status == status);
  auto said = parse_line(ended.out);
  check_form(said, status);
  return said;
}

json::object Plant::registry_json(int status, Words arguments) const {
  arguments.insert(arguments.begin(), "registry");
  arguments.emplace_back("--json");
  const Ended ended = dmigate(arguments);
  INFO("it said: ", ended.out, ended.err);
  REQUIRE(ended.status == status);
  CHECK(ended.err.empty());
  return parse_line(ended.out);
}

void Plant::check_registry_is_whole() const {
  const Ended ended = dmigate({"registry", "verify"});
  CHECK_MESSAGE(ended.status == 0, ended.out, ended.err);
  CHECK(ended.out == "every record is whole and in order, every claim is explained\n");
}

std::string fixture_text(const std::string& name) {
  const std::string text = read_file(kSource + "/fixtures/units/" + name + ".yaml");
  REQUIRE_MESSAGE(!text.empty(), name);
  return text;
}

std::string edited(std::string text, const Edits& edits) {
  for (const auto& [found, instead] : edits) {
    const std::size_t at = text.find(found);
    REQUIRE_MESSAGE(at != std::string::npos, found);
    text.replace(at, found.size(), instead);
  }
  return text;
}

json::object parse_line(const std::string& text) {
  REQUIRE_MESSAGE(lines(text) == 1, text);
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  REQUIRE_MESSAGE(!error, text);
  REQUIRE(value.is_object());
  return value.as_object();
}

void check_form(const json::object& verdict, int status) {
  check_members(verdict, {"schema", "outcome", "recorded", "stage", "unit", "profile", "source", "station",
                          "findings", "record", "started", "duration_us", "version"});
  CHECK(text(verdict, "schema") == "dmigate.verdict/1");
  check_members(verdict.at("unit").as_object(), {"id", "label", "identifiers", "model", "fields"});
  check_members(verdict.at("station").as_object(), {"id", "line", "operator", "work_order", "lot", "shift"});
  if (verdict.at("profile").is_object()) {
    check_members(verdict.at("profile").as_object(), {"name", "version", "sha256"});
  }
  if (verdict.at("source").is_object()) {
    check_members(verdict.at("source").as_object(), {"form", "path", "sha256", "smbios", "boot_id"});
  }
  check_findings(verdict.at("findings").as_array());
  // Where it is recorded it says under which number, and only there.
  CHECK(verdict.at("recorded").as_bool() == verdict.at("record").is_object());
  const std::string found = outcome(verdict);
  // What is only observed holds nothing back, whatever it says; a command that fails is told all the same.
  CHECK((found == "OBSERVED") == verdict.contains("enforced"));
  if (found == "OBSERVED") {
    CHECK((status == 0 || status == 4));
    return;
  }
  CHECK((found == "PASS") == (status == 0));
  if (status == 1 || status == 5) CHECK(found == "FAIL");
  if (status == 3 || status == 4) CHECK(found == "ERROR");
}

std::string text(const json::object& object, const char* member) {
  const json::value* value = object.if_contains(member);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string outcome(const json::object& verdict) { return text(verdict, "outcome"); }

Words rules(const json::object& verdict) {
  Words rules;
  for (const json::value& value : verdict.at("findings").as_array()) {
    const std::string keyword = text(value.as_object(), "keyword");
    rules.push_back(text(value.as_object(), "rule") + (keyword.empty() ? "" : " " + keyword));
  }
  return rules;
}

const json::object& finding(const json::object& verdict, const std::string& rule) {
  const json::array& findings = verdict.at("findings").as_array();
  const auto named = [&](const json::value& value) { return text(value.as_object(), "rule") == rule; };
  const auto* found = std::ranges::find_if(findings, named);
  REQUIRE_MESSAGE(found != findings.end(), "no finding ", rule, " in ", json::serialize(verdict));
  return found->as_object();
}

std::string unit_id(const json::object& verdict) { return text(verdict.at("unit").as_object(), "id"); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace dmigate::plant
