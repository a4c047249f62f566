// What `show --json` says of every unit in fixtures/units stands in fixtures/golden/NAME.json.
//
// scripts/make-goldens writes them anew: then DMIGATE_GOLDENS is set, and nothing is compared.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kUnits = std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units";
const std::string kGoldens = std::string(DMIGATE_SOURCE_DIR) + "/fixtures/golden";

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().stem());
  return names;
}

// A line for each field and each member of a structure, so that a difference is a line.
void write_lines(const json::value& value, const std::string& indent, std::string& text) {
  const auto* object = value.if_object();
  const bool broken = object != nullptr && (object->contains("structures") || object->contains("fields"));
  if (value.is_array() && !value.get_array().empty()) {
    std::string_view before = "[\n";
    for (const json::value& item : value.get_array()) {
      text += std::string(before) + indent + "  ";
      write_lines(item, indent + "  ", text);
      before = ",\n";
    }
    text += "\n" + indent + "]";
  } else if (broken) {
    std::string_view before = "{\n";
    for (const auto& [key, member] : *object) {
      text += std::string(before) + indent + "  \"" + std::string(key) + "\": ";
      write_lines(member, indent + "  ", text);
      before = ",\n";
    }
    text += "\n" + indent + "}";
  } else {
    text += json::serialize(value);
  }
}

std::string shown(const Plant& plant, const std::string& name) {
  static_cast<void>(plant.unit(name, name));
  const Ended said = plant.dmigate({"show", name, "--json"});  // by its name, so that no path is in it
  INFO("it said: ", said.err);
  REQUIRE(said.status == 0);
  std::string text;
  write_lines(parse_line(said.out), "", text);
  return text + "\n";
}

}  // namespace

TEST_CASE("every unit is shown as its golden JSON has it; scripts/make-goldens writes them anew") {
  const Plant plant;
  const bool write = std::getenv("DMIGATE_GOLDENS") != nullptr;
  for (const std::string& name : names_in(kUnits)) {
    CAPTURE(name);
    const std::string now = shown(plant, name);
    const std::string path = kGoldens + "/" + name + ".json";
    if (write) {
      write_file(path, now);
      continue;
    }
    REQUIRE_MESSAGE(fs::exists(path), "there is no golden of it: run scripts/make-goldens");
    const std::string kept = read_file(path);
    const auto [at, in_kept] = std::ranges::mismatch(now, kept);
    const bool same = at == now.end() && in_kept == kept.end();
    const std::size_t begin = now.rfind('\n', static_cast<std::size_t>(at - now.begin()) - 1) + 1;
    CHECK_MESSAGE(same, "line ", std::count(now.begin(), at, '\n') + 1,
                  " is now: ", same ? "" : now.substr(begin, now.find('\n', begin) - begin));
  }
  CHECK((names_in(kGoldens) == names_in(kUnits)));
}
