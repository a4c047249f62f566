// Strings that want to be more than strings: a unit's, a scanner's, a path's. None reaches a terminal,
// a log or a registry as what it wants to be.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;

namespace {

// A terminal would obey it, a log would take it for two lines, and it is no UTF-8.
const std::string kHostile = "\x1B[2J\x1B]0;PASS\x07\nPASS\xFF\xE2\x80\xAE";
constexpr const char* kShown = "\\x1B[2J\\x1B]0;PASS\\x07\\x0APASS\\xFF\\xE2\\x80\\xAE";

bool steers(const std::string& text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  });
}

// Well-formed enough for a JSON parser that checks UTF-8, which Boost's does.
bool utf8(const std::string& text) {
  boost::system::error_code error;
  json::parse(json::serialize(json::value(text)), error);
  return !error;
}

void check_harmless(const Ended& said) {
  CHECK(said.signal == 0);
  CHECK_FALSE(steers(said.out));
  CHECK_FALSE(steers(said.err));
  CHECK(utf8(said.out));
  CHECK(utf8(said.err));
  CHECK_FALSE(contains(said.out, "\nPASS"));
}

}  // namespace

TEST_CASE("a unit's strings are shown and never obeyed") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "hostile-strings");
  for (const Words& arguments :
       {Words{"check", unit}, Words{"check", unit, "--json"}, Words{"check", unit, "--lang", "zh"},
        Words{"show", unit}, Words{"show", unit, "--json"}, Words{"check", unit, "--stage", "pre-burn"},
        Words{"run", unit, "--stage", "pre-burn", "--", "true"}}) {
    CAPTURE(arguments[0]);
    check_harmless(plant.dmigate(arguments));
  }
  const Ended said = plant.dmigate({"check", unit});
  CHECK(said.status == 1);
  CHECK(contains(said.out,
                 "system-serial-number (Type 1 07h) is \"CX\\xFF\\xFE\\x80\\xC0\\xAF\\x0A\\x09\"'\\\""));
  CHECK(contains(said.out, "\"Chenxi'); DROP TABLE claims; --\""));
  CHECK(contains(plant.dmigate({"show", unit}).out, "\\x1B[2J\\x1B[31mPASS\\x0D\\x0A"));
  CHECK(contains(plant.dmigate({"show", unit}).out, "\\xE2\\x80\\xAE"));  // U+202E turns a line round
  plant.check_registry_is_whole();
}

TEST_CASE("hostile strings may even be claimed, and are claimed as what they are") {
  const Plant plant;
  write_file(plant / "profiles/p.yaml",
             "profile: p\nversion: 1\nfields:\n  system-serial-number: { unique: true }\n  "
             "baseboard-serial-number: { "
             "unique: true }\nstages:\n  pre-image: {}\n  ship: {}\n");
  const std::string unit = plant.unit("unit", "hostile-strings");
  for (const char* stage : {"pre-image", "ship"}) {
    const Ended said = plant.dmigate(
        {"check", unit, "--profile", "p", "--stage", stage, "--unit", "'; DROP TABLE unit; --"});
    CHECK(said.status == 0);
    check_harmless(said);
  }
  CHECK(plant.registry_json(0, {"status"}).at("units") == 1);
  CHECK(plant.registry_json(0, {"lookup", "{\"outcome\": \"PASS\"}"}).at("claims").as_array().size() == 1);
  CHECK(
      plant.registry_json(0, {"lookup", "CX\xFF\xFE\x80\xC0\xAF\n\t\"'\\"}).at("claims").as_array().size() ==
      1);
  CHECK(plant.registry_json(0, {"lookup", "'; drop table UNIT; --"}).at("claims").as_array().size() == 1);
  for (const Words& arguments :
       {Words{"registry", "status"}, Words{"registry", "lookup", "'; DROP TABLE unit; --"},
        Words{"registry", "lookup", "CX\xFF\xFE\x80\xC0\xAF\n\t\"'\\"}}) {
    check_harmless(plant.dmigate(arguments));
  }
  plant.check_registry_is_whole();
}

TEST_CASE("what a caller types is shown and never obeyed") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  const Words words[] = {
      {"check", unit, "--unit", kHostile},
      {"check", unit, "--unit", kHostile, "--stage", "pre-burn"},
      {"check", unit, "--unit", kHostile, "--stage", "pre-burn", "--json"},
      {"check", unit, "--id", "activation-sn=" + kHostile},
      {"check", unit, "--id", kHostile + "=1"},
      {"check", unit, "--id", kHostile},
      {"check", unit, "--station", kHostile},
      {"check", unit, "--line", kHostile, "--operator", kHostile, "--work-order", kHostile, "--json"},
      {"check", unit, "--line", kHostile, "--operator", kHostile, "--lot", kHostile, "--stage", "pre-burn"},
      {"check", kHostile},
      {"show", kHostile},
      {"show", kHostile, "--json"},
      {"check", unit, "--evidence", kHostile},
      {"check", unit, "--profile", kHostile},
      {"check", unit, "--profile", "./" + kHostile},
      {"check", unit, "--profiles", kHostile},
      {"check", unit, "--stage", kHostile},
      {"check", unit, "--lang", kHostile},
      {"check", unit, "--config", "./" + kHostile},
      {"check", unit, "--registry", "./" + kHostile, "--stage", "pre-burn"},
      {"check", unit, "--" + kHostile},
      {"check", unit, kHostile},
      {kHostile},
      {"registry", kHostile},
      {"registry", "status", "--registry", "./" + kHostile},
      {"registry", "lookup", kHostile},
      {"registry", "resolve", kHostile, "--by", kHostile, "--reason", kHostile},
      {"burn", unit, "--set", kHostile},
      {"burn", unit, "--set", "system-serial-number=" + kHostile},
      {"burn", unit, "--set", kHostile + "=1"},
      {"burn", unit, "--set", "system-serial-number=CX2600417", "--tool", kHostile},
      {"burn", unit, "--set", "system-serial-number=CX2600417", "--timeout", kHostile},
      {"run", unit, "--unit", "CX2600417", "--stage", "pre-burn", "--", kHostile},
      {"dump", "/nowhere/" + kHostile},
      {"evidence", "/nowhere/" + kHostile},
  };
  for (const Words& arguments : words) {
    CAPTURE(json::serialize(json::value_from(arguments)));
    check_harmless(plant.dmigate(arguments));
  }
  const Ended said = plant.dmigate({"check", unit, "--unit", kHostile});
  CHECK(said.status == 1);
  CHECK(contains(said.out, "the label \"" + std::string(kShown) + "\" does not have the form"));
  const Ended made = plant.dmigate({"registry", "init", "--registry", "./" + kHostile});
  CHECK(made.status == 0);
  check_harmless(made);
  check_harmless(plant.dmigate({"registry", "status", "--json", "--registry", "./" + kHostile}));
  check_harmless(plant.dmigate({"registry", "status", "--registry", "./" + kHostile}));
  plant.check_registry_is_whole();
}

TEST_CASE("what a command prints is passed on as it is, and kept in the record as text") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "good-unit");
  write_file(plant / "bytes", kHostile);
  const Ended said = plant.dmigate(
      {"run", unit, "--unit", "CX2600417", "--stage", "pre-burn", "--json", "--", "cat", plant / "bytes"});
  CHECK(said.status == 0);
  CHECK(said.err == kHostile);
  CHECK_FALSE(steers(said.out));
  CHECK(contains(text(parse_line(said.out).at("command").as_object(), "output"), "\x1B[2J"));
  plant.check_registry_is_whole();
}
