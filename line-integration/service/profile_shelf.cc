#include "line-integration/service/profile_shelf.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "line-integration/station/lint.h"
#include "line-integration/station/replace_file.h"
#include "profiles/describe.h"
#include "profiles/lint.h"

namespace dmigate::service {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using profiles::Profile;
using profiles::Severity;

constexpr const char* kHistory = "history";

json::array notes_json(const std::vector<profiles::Note>& notes) {
  json::array all;
  for (const profiles::Note& note : notes) {
    all.push_back({{"file", gate::valid_utf8(fs::path(note.file).filename().string())},
                   {"line", note.mark.line},
                   {"severity", note.severity == Severity::kError ? "error" : "warning"},
                   {"message", gate::valid_utf8(note.message)}});
  }
  return all;
}

json::value statement_json(const profiles::Statement& statement) {
  return {{"section", statement.section},
          {"name", gate::valid_utf8(statement.name)},
          {"what", statement.what},
          {"value", gate::valid_utf8(statement.value)}};
}

json::array changes_json(const std::vector<profiles::Change>& changes) {
  constexpr std::string_view kNames[] = {"added", "removed", "changed"};
  json::array all;
  for (const profiles::Change& change : changes) {
    using Kind = profiles::Change::Kind;
    all.push_back({{"change", kNames[static_cast<std::size_t>(change.kind)]},
                   {"before", change.kind == Kind::kAdded ? json::value() : statement_json(change.before)},
                   {"after", change.kind == Kind::kRemoved ? json::value() : statement_json(change.after)}});
  }
  return all;
}

std::string history_of(const std::string& file, std::uint64_t version) {
  const fs::path path(file);
  return (path.parent_path() / kHistory / (path.stem().string() + ".v" + std::to_string(version) + ".yaml"))
      .string();
}

// The newest version that was kept before `version`.
std::string kept_before(const std::string& file, std::uint64_t version) {
  std::error_code error;
  for (std::uint64_t v = version; v-- > 1 && version - v < 1000;) {
    if (std::string kept = history_of(file, v); fs::exists(kept, error)) return kept;
  }
  return {};
}

// A folder that is gone when this is.
class Scratch {
 public:
  Scratch() : path_((fs::temp_directory_path() / "dmigate-profiles-XXXXXX").string()) {
    made_ = ::mkdtemp(path_.data()) != nullptr;
  }
  ~Scratch() {
    std::error_code ignored;
    if (made_) fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_;
};

Result<void> write_file(const std::string& file, std::string_view text) {
  const int why = line::replace_file(file, text, [](int fd) { return ::fchmod(fd, 0644) == 0; });
  if (why == 0) return {};
  return fail("the profile cannot be written (" + std::generic_category().message(why) + ")", file,
              "see who may write the folder of profiles");
}

// The folder in which a profile was tried is nobody's business: lines are told by the file's name alone.
Failure without_folder(Error error, const std::string& folder) {
  for (std::string* text : {&error.what, &error.where}) {
    for (std::size_t at = 0; (at = text->find(folder + "/", at)) != text->npos;)
      text->erase(at, folder.size() + 1);
  }
  error.kind = ErrorKind::kConfiguration;
  return Failure(std::move(error));
}

}  // namespace

std::string ProfileShelf::today() const { return gate::utc_text(surroundings_.now()).substr(0, 10); }

const Profile* ProfileShelf::loaded(const std::string& name, const Stock::Loaded& loaded) const {
  if (!loaded.models) return nullptr;
  const auto found = std::ranges::find(*loaded.models, name, &Profile::name);
  return found == loaded.models->end() ? nullptr : &*found;
}

json::object ProfileShelf::list() {
  const Stock::Loaded now = stock_.loaded();
  json::array all;
  for (const profiles::Listing& each : profiles::list_profiles(catalog_)) {
    const Profile* model = loaded(each.name, now);
    json::object row{{"name", gate::valid_utf8(each.name)},
                     {"version", each.version},
                     {"description", gate::valid_utf8(each.description)},
                     {"model", each.is_model},
                     {"problem", nullptr},
                     {"loaded", nullptr}};
    if (!each.problem.empty()) row["problem"] = gate::valid_utf8(each.problem);
    if (model != nullptr) row["loaded"] = {{"version", model->version}, {"sha256", to_hex(model->sha256)}};
    all.emplace_back(std::move(row));
  }
  return {{"schema", "dmigate.profiles/1"},
          {"loaded_at", now.at},
          {"problem", now.problem ? json::value(gate::valid_utf8(now.problem->to_string())) : json::value()},
          {"profiles", std::move(all)},
          {"notes", notes_json(line::lint(catalog_.folders, catalog_, today()))}};
}

Result<json::object> ProfileShelf::show(const std::string& name) {
  const auto all = profiles::list_profiles(catalog_);
  const auto listing = std::ranges::find(all, name, &profiles::Listing::name);
  const Profile* model = nullptr;
  const Stock::Loaded now = stock_.loaded();
  if (listing != all.end()) model = loaded(name, now);
  if (model == nullptr) {
    return refuse("there is no profile of a model of this name", gate::printable(name),
                  "GET /v1/profiles tells which there are");
  }
  auto text = profiles::read_text(model->file);
  if (!text) return Failure(text.error());
  json::object told{{"schema", "dmigate.profile-text/1"},
                    {"name", model->name},
                    {"version", model->version},
                    {"sha256", to_hex(model->sha256)},
                    {"text", gate::valid_utf8(*text)},
                    {"notes", notes_json(line::lint({model->file}, catalog_, today()))},
                    {"before", nullptr},
                    {"changes", json::array()}};
  const std::string kept = kept_before(model->file, model->version);
  if (kept.empty()) return told;
  const auto before = profiles::load_profile(kept, profiles::with_folder_of(catalog_, model->file));
  if (!before) return told;
  told["before"] = before->version;
  told["changes"] = changes_json(profiles::diff(*before, *model));
  return told;
}

Result<json::object> ProfileShelf::take(const std::string& name, std::string_view text,
                                        bool accept_warnings) {
  const std::lock_guard lock(mutex_);
  if (catalog_.folders.empty()) {
    return refuse("no folder of profiles is known here", {}, "name one in the service's station.yaml");
  }
  const Stock::Loaded now = stock_.loaded();
  const Profile* before = loaded(name, now);
  const std::string file = before != nullptr ? before->file : catalog_.folders.front() + "/" + name + ".yaml";
  std::error_code error;
  if (before == nullptr && fs::exists(file, error)) {
    return refuse("a file of this name is there and is no model's profile", file, "give another name");
  }
  const std::string folder = fs::path(file).parent_path().string();
  // As the folder would be with it, so that lint sees what the stations would.
  const Scratch scratch;
  profiles::Catalog would = catalog_;
  const auto place = std::ranges::find_if(
      would.folders, [&](const std::string& f) { return fs::equivalent(f, folder, error); });
  if (!scratch.made() || place == would.folders.end()) {
    return fail("the profile cannot be tried", scratch.path(), "see that there is room for temporary files");
  }
  *place = scratch.path();
  fs::copy(folder, scratch.path(), fs::copy_options::recursive, error);
  fs::remove_all(fs::path(scratch.path()) / kHistory, error);
  const std::string tried = scratch.path() + "/" + fs::path(file).filename().string();
  if (auto written = write_file(tried, text); !written) return Failure(written.error());
  const auto profile = profiles::load_profile(tried, would);
  if (!profile) return without_folder(profile.error(), scratch.path());
  if (profile->name != name) {
    return refuse("the profile calls itself " + gate::printable(profile->name), name,
                  "put it where its name is, or name it so");
  }
  if (before != nullptr && profile->version <= before->version) {
    return refuse("version " + std::to_string(before->version) + " of this profile is loaded already", name,
                  "raise its version");
  }
  const auto notes = line::lint({tried}, would, today());
  const bool bad = std::ranges::find(notes, Severity::kError, &profiles::Note::severity) != notes.end();
  if (bad || (!notes.empty() && !accept_warnings)) {
    std::string all;
    for (const profiles::Note& note : notes)
      all += "\n" + std::to_string(note.mark.line) + ": " + note.message;
    return refuse("lint has something to say, and the profile is not taken:" + all, name,
                  bad ? "mend it" : "mend it, or accept the warnings with ?warnings=accepted");
  }
  if (auto loads = profiles::load_candidates(would); !loads)
    return without_folder(loads.error(), scratch.path());
  if (before != nullptr) {
    fs::create_directory(fs::path(folder) / kHistory, error);
    fs::copy_file(file, history_of(file, before->version), fs::copy_options::overwrite_existing, error);
    if (error) {
      return fail("the version before cannot be kept (" + error.message() + ")",
                  history_of(file, before->version), "see who may write the folder of profiles");
    }
  }
  if (auto written = write_file(file, text); !written) return Failure(written.error());
  if (auto reloaded = stock_.load(); !reloaded) return Failure(reloaded.error());
  return show(name);
}

}  // namespace dmigate::service
