// The schemas that editors use and the loaders agree: on every profile and burn tool that ships, and on every
// broken one.
#include "profiles/schema.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "profiles/burn_tool.h"
#include "profiles/format.h"
#include "profiles/profile.h"
#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(std::string(DMIGATE_SOURCE_DIR) + "/" + folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  return files;
}

// As an editor reads YAML: what is not quoted and looks like a number or a truth is one.
json::value to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return nullptr;
    case Node::Kind::kSequence: {
      json::array items;
      for (const Node& item : node.items) items.push_back(to_json(item));
      return items;
    }
    case Node::Kind::kMapping: {
      json::object object;
      for (const Node::Entry& entry : node.entries) object[entry.key] = to_json(entry.value);
      return object;
    }
    case Node::Kind::kScalar:
      break;
  }
  if (!node.quoted && (node.text == "true" || node.text == "false")) return node.text == "true";
  const bool digits = !node.quoted && !node.text.empty() && node.text.size() < 10 &&
                      node.text.find_first_not_of("0123456789") == std::string::npos;
  if (digits) return std::stoi(node.text);
  return json::string(node.text);
}

// Those of the files that the schema refuses.
std::vector<std::string> refused_by_schema(const std::vector<std::string>& files,
                                           const std::string& schema = profile_schema()) {
  const test::Folder folder;
  folder.write("schema.json", schema);
  std::string command = "python3 -m jsonschema --output pretty";
  for (const std::string& file : files) {
    const auto root = load_yaml(file);
    REQUIRE_MESSAGE(root, file);
    const std::string name = fs::path(file).stem().string() + ".json";
    folder.write(name, json::serialize(to_json(*root)));
    command += " -i '" + folder.file(name) + "'";
  }
  command += " '" + folder.file("schema.json") + "' 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string said;
  char part[4096];
  while (const std::size_t size = std::fread(part, 1, sizeof part, pipe)) said.append(part, size);
  ::pclose(pipe);
  std::vector<std::string> refused;
  for (const std::string& file : files) {
    const std::string path = folder.file(fs::path(file).stem().string() + ".json");
    const bool good = said.find("[SUCCESS]===(" + path + ")") != std::string::npos;
    const bool bad = said.find("[ValidationError]===(" + path + ")") != std::string::npos;
    REQUIRE_MESSAGE(good != bad, said.substr(0, 600));
    if (bad) refused.push_back(file);
  }
  return refused;
}

bool has_validator() {
  if (std::system("python3 -c 'import jsonschema' >/dev/null 2>&1") == 0) return true;
  MESSAGE("left out: python3-jsonschema is not here");
  return false;
}

std::string first_line(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

void gather_keys(const Node& node, std::set<std::string>& keys) {
  for (const Node& item : node.items) gather_keys(item, keys);
  for (const Node::Entry& entry : node.entries) {
    keys.insert(entry.key);
    gather_keys(entry.value, keys);
  }
}

}  // namespace

TEST_CASE("Every profile that ships holds, and the schema says so") {
  std::vector<std::string> files = files_in("profiles/examples");
  for (const std::string& file : files_in("fixtures/profiles/good")) files.push_back(file);
  for (const std::string& file : files) {
    const auto loaded = load_profile(file, {});
    CHECK_MESSAGE(loaded, (loaded ? "" : loaded.error().to_string()));
  }
  for (const std::string& file : files_in("profiles/catalog")) {
    if (fs::path(file).stem() != "placeholders") files.push_back(file);
  }
  if (has_validator()) CHECK(refused_by_schema(files).empty());
}

// Holds what a loader says of each file of a folder against the file's first line. Those that the schema
// must refuse as well.
template <typename Load>
std::vector<std::string> refused_as_they_say(const std::string& folder, Load load) {
  std::vector<std::string> by_form;
  for (const std::string& file : files_in(folder)) {
    CAPTURE(file);
    std::string expected = first_line(file).substr(2);
    const bool by_meaning = expected.starts_with("by meaning: ");
    if (by_meaning) {
      expected = expected.substr(12);
    } else {
      by_form.push_back(file);
    }
    const auto loaded = load(file);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::kConfiguration);
    const std::string said = loaded.error().to_string();
    CHECK_MESSAGE(said.find(file + ":" + expected) != std::string::npos, said);
  }
  return by_form;
}

Result<BurnTool> load_tool(const std::string& file) {
  return read_text(file).and_then([&](const std::string& text) { return parse_burn_tool(text, file); });
}

TEST_CASE(
    "A broken profile is refused where its first line says, and by the schema unless only its meaning is "
    "broken") {
  const auto broken = refused_as_they_say("fixtures/profiles/broken",
                                          [](const std::string& file) { return load_profile(file, {}); });
  if (has_validator()) CHECK(refused_by_schema(broken) == broken);
}

TEST_CASE("Every burn tool that ships holds, a broken one does not, and the schema says the same") {
  std::vector<std::string> files = files_in("profiles/catalog/tools");
  for (const char* folder : {"fixtures/tools", "fixtures/tools/good"}) {
    for (const std::string& file : files_in(folder)) files.push_back(file);
  }
  for (const std::string& file : files) {
    const auto loaded = load_tool(file);
    CHECK_MESSAGE(loaded, (loaded ? "" : loaded.error().to_string()));
  }
  const auto broken = refused_as_they_say("fixtures/tools/broken", load_tool);
  if (!has_validator()) return;
  CHECK(refused_by_schema(files, tool_schema()).empty());
  CHECK(refused_by_schema(broken, tool_schema()) == broken);
}

TEST_CASE("A profile with every key of the format is among the good ones") {
  const auto root = load_yaml(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/profiles/good/every-key.yaml");
  REQUIRE(root);
  std::set<std::string> keys;
  gather_keys(*root, keys);
  for (const Shape* shape :
       {&kProfileShape,   &kReferenceShape, &kLabelShape,    &kIdentifierShape, &kFieldRuleShape,
        &kWithinShape,    &kOperandShape,   &kValueShape,    &kOperandsShape,   &kLengthShape,
        &kStructureShape, &kBoundsShape,    &kHardwareShape, &kSystemDiskShape, &kDiskSerialShape,
        &kCountShape,     &kClockShape,     &kBurnShape,     &kStageShape,      &kWaiverShape}) {
    for (const Key& key : shape->keys)
      CHECK_MESSAGE(keys.contains(std::string(key.name)), std::string(key.name));
  }
}

TEST_CASE("A burn tool with every key of the format is among the good ones") {
  const auto root = load_yaml(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/tools/good/every-key.yaml");
  REQUIRE(root);
  std::set<std::string> keys;
  gather_keys(*root, keys);
  for (const Shape* shape : {&kToolShape, &kSwitchShape, &kCallShape}) {
    for (const Key& key : shape->keys)
      CHECK_MESSAGE(keys.contains(std::string(key.name)), std::string(key.name));
  }
}

}  // namespace dmigate::profiles
