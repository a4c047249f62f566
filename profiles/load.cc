// Finding profile files, the sets they extend, and the profiles that may be a unit's.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <tuple>

#include "profiles/draft.h"
#include "profiles/lookup.h"

namespace dmigate::profiles {
namespace {

namespace fs = std::filesystem;

// Reads files into drafts, each once, and puts profiles together from them. Problems are gathered
// over all that one Loader is asked for.
class Loader {
 public:
  explicit Loader(const Catalog& catalog) : catalog_(catalog) {}

  // The draft of that name, or nullptr; a problem is told where there is one and it does not hold.
  const Draft* find(const std::string& name) {
    const auto known = by_name_.find(name);
    if (known != by_name_.end()) return known->second;
    const auto found = find_file(catalog_, name + ".yaml");
    if (!found) return nullptr;
    const Draft* draft = read(found->document, found->file);
    if (draft != nullptr && !draft->name.empty() && draft->name != name) {
      problem(draft->file, draft->mark,
              "the file is named after " + ticked(name) + ", and holds the profile " + ticked(draft->name));
    }
    by_name_[name] = draft;
    return draft;
  }

  const Draft* read(const Result<Document>& document, const std::string& file) {
    if (!document) {
      problems_.push_back(to_problem(document.error(), file));
      return nullptr;
    }
    drafts_.push_back(std::make_unique<Draft>(read_draft(*document, file, problems_)));
    return drafts_.back().get();
  }

  Profile assemble(const Draft& own) {
    order_.clear();
    path_.clear();
    whole_ = true;
    put_in_order(own);
    return merge(order_, whole_, problems_);
  }

  // What a profile must have that units are judged by, and a base set need not.
  void check_model(const Draft& own, const Profile& profile) {
    if (own.name.empty()) return;  // told already, or no mapping at all
    if (!own.version) problem(own.file, own.mark, "`version` is missing; raise it with every change");
    const bool asks = std::any_of(profile.fields.begin(), profile.fields.end(),
                                  [](const FieldRule& rule) { return !rule.optional; });
    if (!asks && !failed()) {  // else what was to be asked may be among the problems
      problem(own.file, own.mark,
              "this profile asks for no field, so every unit would pass; name some under `fields` that are "
              "not optional");
    }
  }

  void problem(const std::string& file, const Mark& mark, std::string message) {
    problems_.push_back({file, mark, std::move(message)});
  }

  [[nodiscard]] bool failed() const { return !problems_.empty(); }

  // Every problem once, in the order of each file: a base set's own come up again in each profile that
  // extends it, and what only the whole can tell comes up last.
  [[nodiscard]] Error error() const { return to_error(problems()); }

  [[nodiscard]] std::vector<Problem> problems() const {
    std::vector<Problem> once;
    std::set<std::string> told;
    for (const Problem& problem : problems_) {
      if (told.insert(problem.to_string()).second) once.push_back(problem);
    }
    std::stable_sort(once.begin(), once.end(), [](const Problem& a, const Problem& b) {
      return std::tie(a.file, a.mark.line, a.mark.column) < std::tie(b.file, b.mark.line, b.mark.column);
    });
    return once;
  }

  [[nodiscard]] std::string not_found(const std::string& name) const {
    const std::vector<std::string> names = known_names(catalog_, "");
    const std::vector<std::string_view> views(names.begin(), names.end());
    return "there is no profile or base set " + ticked(name) + did_you_mean(name, views);
  }

 private:
  // Base sets first, each once however often it is extended.
  void put_in_order(const Draft& draft) {
    path_.push_back(draft.name);
    for (const Draft::Base& base : draft.extends) extend(draft, base);
    path_.pop_back();
    order_.push_back(&draft);
  }

  void extend(const Draft& draft, const Draft::Base& base) {
    if (std::find(path_.begin(), path_.end(), base.name) != path_.end()) return refuse_cycle(draft, base);
    const std::size_t before = problems_.size();
    const Draft* found = find(base.name);
    if (found == nullptr) {
      whole_ = false;
      if (problems_.size() == before) problem(draft.file, base.mark, not_found(base.name));
    } else if (std::find(order_.begin(), order_.end(), found) == order_.end()) {
      put_in_order(*found);
    }
  }

  void refuse_cycle(const Draft& draft, const Draft::Base& base) {
    std::string chain;
    for (auto name = std::find(path_.begin(), path_.end(), base.name); name != path_.end(); ++name) {
      chain += *name + " -> ";
    }
    problem(draft.file, base.mark, ticked(base.name) + " extends itself: " + chain + base.name);
  }

  const Catalog& catalog_;
  std::vector<std::unique_ptr<Draft>> drafts_;
  std::map<std::string, const Draft*> by_name_;
  std::vector<const Draft*> order_;  // of the profile that is put together
  std::vector<std::string> path_;    // from it to the set that is read
  bool whole_ = true;                // whether all those sets could be read
  std::vector<Problem> problems_;
};

// A changed list is a changed profile.
void set_placeholders(const LoadedPlaceholders& loaded, Profile& profile) {
  profile.placeholders = loaded.lists;
  if (loaded.hashes.empty()) return;
  std::vector<std::uint8_t> hashes(profile.sha256.begin(), profile.sha256.end());
  hashes.insert(hashes.end(), loaded.hashes.begin(), loaded.hashes.end());
  profile.sha256 = sha256(hashes);
}

Result<Profile> finish(Loader& loader, const Draft* own, const Catalog& catalog) {
  Profile profile;
  if (own != nullptr) {
    profile = loader.assemble(*own);
    loader.check_model(*own, profile);
  }
  if (loader.failed()) return tl::unexpected(loader.error());
  return load_placeholders(catalog).map([&](const LoadedPlaceholders& placeholders) {
    set_placeholders(placeholders, profile);
    return std::move(profile);
  });
}

Result<Profile> load_name(const std::string& name, const Catalog& catalog) {
  Loader loader(catalog);
  const Draft* own = is_name(name) ? loader.find(name) : nullptr;
  if (own != nullptr || loader.failed()) return finish(loader, own, catalog);
  return fail(loader.not_found(name), {},
              "give the path of its file, or the folder that it is in with --profiles",
              ErrorKind::kConfiguration);
}

// A folder's files are found by name, so that a set that others extend is read once.
const Draft* find_candidate(Loader& loader, const std::string& file) {
  const fs::path path(file);
  if (path.extension() == ".yaml") return loader.find(path.stem().string());
  return loader.read(
      read_text(file).and_then([&](const std::string& text) { return parse_document(text, file); }), file);
}

void add_candidate(Loader& loader, const std::string& file, std::vector<Profile>& candidates) {
  const Draft* own = find_candidate(loader, file);
  if (own == nullptr) return;
  Profile profile = loader.assemble(*own);
  if (!profile.is_candidate()) return;
  loader.check_model(*own, profile);
  const auto same = std::find_if(candidates.begin(), candidates.end(),
                                 [&](const Profile& other) { return other.name == profile.name; });
  if (same == candidates.end()) {
    candidates.push_back(std::move(profile));
  } else if (same->file != profile.file) {
    loader.problem(profile.file, own->mark,
                   "the profile " + ticked(profile.name) + " is in " + same->file + " as well");
  }
}

}  // namespace

Result<std::vector<std::string>> profile_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path extension = entry->path().extension();
    if (entry->path().filename().string().starts_with('.')) continue;  // an editor's own
    if (entry->path().filename() == kPlaceholdersFile) continue;       // no profile
    if (extension == ".yaml" || extension == ".yml") files.push_back(entry->path().string());
  }
  if (error) {
    return fail("the profiles cannot be listed: " + error.message(), folder,
                "check the folder and who may read it", ErrorKind::kConfiguration);
  }
  std::sort(files.begin(), files.end());
  return files;
}

Checked check_profile(const std::string& name_or_file, const Catalog& catalog) {
  Loader loader(catalog);
  Checked checked;
  const Draft* own = nullptr;
  if (names_file(name_or_file)) {
    own = loader.read(read_text(name_or_file).and_then([&](const std::string& text) {
      return parse_document(text, name_or_file);
    }),
                      name_or_file);
  } else {
    own = is_name(name_or_file) ? loader.find(name_or_file) : nullptr;
    if (own == nullptr && !loader.failed()) loader.problem({}, {}, loader.not_found(name_or_file));
  }
  if (own != nullptr) {
    checked.profile = loader.assemble(*own);
    checked.is_base = !own->version && !own->match && !own->label && !own->stages;
    if (!checked.is_base || own->fields.empty()) loader.check_model(*own, checked.profile);
  }
  checked.problems = loader.problems();
  return checked;
}

bool names_file(std::string_view given) {
  return given.find('/') != std::string_view::npos || given.ends_with(".yaml") || given.ends_with(".yml");
}

Result<Profile> load_profile(const std::string& name_or_file, const Catalog& catalog) {
  if (!names_file(name_or_file)) return load_name(name_or_file, catalog);
  return read_text(name_or_file).and_then([&](const std::string& text) {
    return parse_profile(text, name_or_file, with_folder_of(catalog, name_or_file));
  });
}

Result<Profile> parse_profile(std::string_view text, const std::string& file, const Catalog& catalog) {
  Loader loader(catalog);
  return finish(loader, loader.read(parse_document(text, file), file), catalog);
}

Result<std::vector<Profile>> load_candidates(const Catalog& catalog) {
  Loader loader(catalog);
  std::vector<Profile> candidates;
  for (const std::string& folder : catalog.folders) {
    const auto files = profile_files(folder);
    if (!files) return tl::unexpected(files.error());
    for (const std::string& file : *files) add_candidate(loader, file, candidates);
  }
  if (loader.failed()) return tl::unexpected(loader.error());
  const auto placeholders = load_placeholders(catalog);
  if (!placeholders) return tl::unexpected(placeholders.error());
  for (Profile& profile : candidates) set_placeholders(*placeholders, profile);
  return candidates;
}

}  // namespace dmigate::profiles
