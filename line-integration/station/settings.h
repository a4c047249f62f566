// station.yaml: what a station always says, so that nobody has to type it.
//
//   station: L3-S07                      # default: the host's name
//   line: L3
//   stage: pre-image                     # used where --stage is not given
//   registry: /var/lib/dmigate/registry.db   # or postgresql://USER@HOST/DATABASE
//   profiles: [/etc/dmigate/profiles]    # folders; relative ones start at this file's folder
//   language: zh
//   burn_tool: amidewin                  # instead of the one that the profile names
//   fixtures: [00:1b:21:aa:bb:01]        # network adapters of the station: they are no unit's
//   require: [operator, work_order]      # what every recorded call must bring
//   registry_timeout: 5s                 # how long a lock, or a server, is waited for
//   allow_file_source: true              # burn and run on a saved table: demonstrations and tests only
//   allow_registry_on: [tmpfs]           # a file system that forgets: demonstrations and tests only
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "gate/judge/verdict.h"
#include "gate/registry/postgres.h"
#include "gate/registry/sql.h"
#include "profiles/profile.h"

namespace dmigate::line {

struct Settings {
  gate::Station station;  ///< operator, work order, lot and shift come with each call
  std::optional<gate::Stage> stage;
  std::string registry = "/var/lib/dmigate/registry.db";
  bool registry_named = false;  ///< by a person, and not by the default above
  profiles::Catalog catalog;
  std::optional<gate::Language> language;
  std::string burn_tool;              ///< empty: the profile's
  std::vector<std::string> require;   ///< of "operator", "work_order", "lot", "shift", "unit"
  std::vector<std::string> fixtures;  ///< addresses as NetworkCard::mac has them: "00:1b:21:aa:bb:01"
  gate::SqliteOptions sqlite;
  gate::PostgresOptions postgres;
  bool allow_file_source = false;
};

// Problems come together, each with file:line:column. `host` is the default for `station`.
Result<Settings> parse_settings(std::string_view text, const std::string& file, const std::string& host);
Result<Settings> load_settings(const std::string& file, const std::string& host);

// Whether a file is a station's and no profile: by its name, or by its keys where it has no `profile`.
bool is_station_file(std::string_view text, const std::string& file);
// All that is wrong with it, for lint.
std::vector<profiles::Problem> check_settings(std::string_view text, const std::string& file);

using profiles::parse_duration;

}  // namespace dmigate::line
