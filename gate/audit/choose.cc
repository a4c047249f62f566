#include "gate/audit/audit.h"

namespace dmigate::gate::audit {
namespace {

Result<std::shared_ptr<const profiles::BurnTool>> tool_of(const profiles::Profile& profile,
                                                          const std::string& station_tool,
                                                          const profiles::Catalog& catalog) {
  if (!profile.burn) return nullptr;
  return profiles::load_burn_tool(station_tool.empty() ? profile.burn->tool : station_tool, catalog)
      .map([](profiles::BurnTool tool) {
        return std::make_shared<const profiles::BurnTool>(std::move(tool));
      });
}

}  // namespace

Result<void> choose_profiles(const std::string& named, const profiles::Catalog& catalog,
                             const std::string& tool, Request& request) {
  request.match = named.empty();
  if (request.match) {
    if (catalog.folders.empty()) {
      return fail("no profile is named, and no folder of profiles is known", {},
                  "give --profile NAME|FILE, or --profiles FOLDER, or `profiles:` in station.yaml",
                  ErrorKind::kConfiguration);
    }
    auto candidates = profiles::load_candidates(catalog);
    if (!candidates) return Failure(candidates.error());
    request.profiles = *std::move(candidates);
  } else {
    auto profile = profiles::load_profile(named, catalog);
    if (!profile) return Failure(profile.error());
    request.profiles.push_back(*std::move(profile));
  }
  // A profile that was named by its file may have its tool beside it.
  const profiles::Catalog tools = profiles::names_file(named) ? with_folder_of(catalog, named) : catalog;
  for (profiles::Profile& profile : request.profiles) {
    if (request.table_only) profile.hardware = {};
    auto found = tool_of(profile, tool, tools);
    if (!found) return Failure(found.error());
    request.tools.push_back(*std::move(found));
  }
  return {};
}

}  // namespace dmigate::gate::audit
