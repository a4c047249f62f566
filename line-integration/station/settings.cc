#include "line-integration/station/settings.h"

#include <algorithm>
#include <filesystem>

#include "gate/evidence/devices.h"
#include "gate/evidence/inventory.h"
#include "gate/registry/place.h"
#include "profiles/yaml.h"

namespace dmigate::line {
namespace {

using profiles::MappingReader;
using profiles::Node;
using profiles::Problem;

constexpr std::string_view kRequirable[] = {"operator", "work_order", "lot", "shift", "unit"};
constexpr std::string_view kFileSystems[] = {"tmpfs", "ramfs", "overlay", "nfs", "cifs", "9p", "fuse"};

std::string resolve(const std::string& path, const std::string& file) {
  const std::filesystem::path given(path);
  return given.is_absolute()
             ? path
             : (std::filesystem::path(file).parent_path() / given).lexically_normal().string();
}

// A list of words, each of a known set.
std::vector<std::string> words(MappingReader& map, const Node& node, std::string_view key,
                               std::span<const std::string_view> known) {
  std::vector<std::string> read = map.texts(key).value_or(std::vector<std::string>());
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (std::ranges::find(known, read[i]) != known.end()) continue;
    const Node& list = *node.find(key);
    map.problem(i < list.items.size() ? list.items[i].mark : list.mark,
                profiles::ticked(read[i]) + " is none of what `" + std::string(key) + "` knows" +
                    profiles::did_you_mean(read[i], known));
  }
  return read;
}

// Addresses in any of the usual forms, as evidence has them.
std::vector<std::string> read_fixtures(MappingReader& map, const Node& root) {
  const auto texts = map.texts("fixtures").value_or(std::vector<std::string>());
  std::vector<std::string> fixtures;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const profiles::Mark& mark = root.find("fixtures")->items[i].mark;
    const auto mac = gate::mac_text(texts[i]);
    if (!mac) {
      map.problem(mark, profiles::ticked(texts[i]) + " is no MAC address; write 00:1b:21:aa:bb:01");
    } else if (!gate::is_own_address(*mac)) {
      map.problem(mark, profiles::ticked(texts[i]) + " is no one adapter's address; read its own");
    } else if (std::ranges::find(fixtures, *mac) != fixtures.end()) {
      map.problem(mark, profiles::ticked(texts[i]) + " is named twice");
    } else {
      fixtures.push_back(*mac);
    }
  }
  return fixtures;
}

void read_names(MappingReader& map, const Node& root, Settings& settings) {
  if (auto name = map.text("station")) {
    settings.station.id = *name;
    if (name->find_first_not_of(" \t") == std::string::npos) {
      map.problem(root.find("station")->mark, "`station` is empty; leave it out for the host's name");
    }
  }
  settings.station.line = map.text("line").value_or("");
  if (auto name = map.text("stage")) {
    settings.stage = profiles::find_stage(*name);
    if (!settings.stage) map.problem(root.find("stage")->mark, "there is no stage `" + *name + "`");
  }
  if (auto name = map.text("language")) {
    if (*name != "en" && *name != "zh") map.problem(root.find("language")->mark, "`language` is en or zh");
    settings.language = *name == "zh" ? gate::Language::kChinese : gate::Language::kEnglish;
  }
  settings.burn_tool = map.text("burn_tool").value_or("");
}

void read_places(MappingReader& map, const Node& root, const std::string& file, Settings& settings) {
  if (auto path = map.text("registry")) {
    settings.registry = *path == "none" || gate::is_url(*path) ? *path : resolve(*path, file);
    settings.registry_named = true;
  }
  for (const std::string& folder : map.texts("profiles").value_or(std::vector<std::string>())) {
    settings.catalog.folders.push_back(resolve(folder, file));
  }
  if (auto text = map.text("registry_timeout")) {
    const auto timeout = parse_duration(*text);
    if (!timeout)
      map.problem(root.find("registry_timeout")->mark, "`registry_timeout` is a time such as 5s or 500ms");
    settings.sqlite.timeout_ms = static_cast<int>(timeout.value_or(std::chrono::seconds(5)).count());
    settings.postgres.timeout_ms = settings.sqlite.timeout_ms;
  }
}

constexpr std::string_view kKeys[] = {"station",   "line",
                                      "stage",     "language",
                                      "burn_tool", "registry",
                                      "profiles",  "registry_timeout",
                                      "fixtures",  "allow_registry_on",
                                      "require",   "allow_file_source"};

Settings read_settings(const Node& root, const std::string& file, const std::string& host,
                       std::vector<Problem>& problems) {
  Settings settings;
  settings.station.id = host;
  MappingReader map(root, file, problems);
  read_names(map, root, settings);
  read_places(map, root, file, settings);
  settings.fixtures = read_fixtures(map, root);
  settings.require = words(map, root, "require", kRequirable);
  settings.sqlite.allowed_file_systems = words(map, root, "allow_registry_on", kFileSystems);
  settings.allow_file_source = map.boolean("allow_file_source").value_or(false);
  map.finish();
  return settings;
}

}  // namespace

Result<Settings> parse_settings(std::string_view text, const std::string& file, const std::string& host) {
  auto root = profiles::parse_yaml(text, file);
  if (!root) return Failure(root.error());
  std::vector<Problem> problems;
  Settings settings = read_settings(*root, file, host, problems);
  if (!problems.empty()) return Failure(profiles::to_error(problems));
  return settings;
}

bool is_station_file(std::string_view text, const std::string& file) {
  const std::string name = std::filesystem::path(file).filename().string();
  if (name == "station.yaml" || name == "station.yml") return true;
  const auto root = profiles::parse_yaml(text, file);
  return root && root->find("profile") == nullptr && root->find("tool") == nullptr &&
         std::ranges::any_of(kKeys, [&](std::string_view key) { return root->find(key) != nullptr; });
}

std::vector<Problem> check_settings(std::string_view text, const std::string& file) {
  const auto root = profiles::parse_yaml(text, file);
  if (!root) return {profiles::to_problem(root.error(), file)};
  std::vector<Problem> problems;
  read_settings(*root, file, "station", problems);
  return problems;
}

Result<Settings> load_settings(const std::string& file, const std::string& host) {
  auto text = profiles::read_text(file);
  if (!text) return Failure(text.error());
  return parse_settings(*text, file, host);
}

}  // namespace dmigate::line
