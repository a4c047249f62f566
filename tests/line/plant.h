// A plant for a test: a folder with a station, a registry, units and the real dmigate.
//
//   Plant plant;
//   const std::string unit = plant.unit("unit-1", "case-a-1");
//   const auto verdict = plant.verdict(1, {"check", unit, "--stage", "pre-image"});
//   CHECK(rules(verdict) == Words{"field.empty system-serial-number", …});
#pragma once

#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/line/process.h"
#include "tests/temporary_folder.h"

namespace dmigate::plant {

namespace json = boost::json;

using Words = std::vector<std::string>;
using Edits = std::vector<std::pair<std::string, std::string>>;  // text to be found, text in its place

class Plant {
 public:
  Plant();  ///< its registry is made

  [[nodiscard]] std::string operator/(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::string registry() const { return folder_ / "registry.db"; }

  // What station.yaml says beside the registry and the folders of profiles.
  void station(const std::string& more) const;

  // A unit of fixtures/units, with some words of its description changed. Each must be there.
  [[nodiscard]] std::string unit(const std::string& name, const std::string& fixture,
                                 const Edits& edits = {}) const;
  [[nodiscard]] std::string described(const std::string& name, const std::string& description) const;
  void reboot(const std::string& unit) const;

  [[nodiscard]] Start call(Words arguments) const;  ///< dmigate with them, at this plant
  [[nodiscard]] Ended dmigate(Words arguments) const { return run(call(std::move(arguments))); }
  // The same with --json: it must end with `status` and print one verdict, and nothing else.
  [[nodiscard]] json::object verdict(int status, Words arguments) const;
  [[nodiscard]] json::object registry_json(int status, Words arguments) const;  ///< registry … --json
  void check_registry_is_whole() const;

 private:
  TemporaryFolder folder_;
};

// The text of fixtures/units/NAME.yaml.
std::string fixture_text(const std::string& name);
std::string edited(std::string text, const Edits& edits);

// One line of JSON, ending in a newline, that is an object.
json::object parse_line(const std::string& text);

// Holds a verdict against what design says one looks like, and its exit status against its outcome.
void check_form(const json::object& verdict, int status);

std::string text(const json::object& object, const char* member);  ///< "" where it is null or missing
std::string outcome(const json::object& verdict);
Words rules(const json::object& verdict);  ///< "field.empty system-serial-number", in its order
const json::object& finding(const json::object& verdict, const std::string& rule);
std::string unit_id(const json::object& verdict);

bool contains(const std::string& text, const std::string& part);
std::size_t lines(const std::string& text);

}  // namespace dmigate::plant
