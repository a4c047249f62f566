#include "line-integration/service/stock.h"

#include <sys/stat.h>

#include <algorithm>

#include "gate/registry/place.h"

namespace dmigate::service {
namespace {

constexpr std::size_t kServerConnections = 8;

bool are_same(const OpenRegistries::Held& held, const OpenRegistries::Held& found) {
  return found.device == held.device && found.inode == held.inode && (held.wal == 0 || found.wal == held.wal);
}

}  // namespace

OpenRegistries::OpenRegistries(std::string where, gate::RegistryOptions options)
    : where_(std::move(where)),
      options_(std::move(options)),
      is_file_(!gate::is_postgres_url(where_)),
      most_(is_file_ ? 1 : kServerConnections) {}  // a file takes one write at a time

OpenRegistries::Held OpenRegistries::now() const {
  Held held;
  struct stat file {
  }, wal{};
  if (::stat(where_.c_str(), &file) != 0) return held;
  held.device = file.st_dev;
  held.inode = file.st_ino;
  held.size = file.st_size;
  held.seconds = file.st_mtim.tv_sec;
  held.nanoseconds = file.st_mtim.tv_nsec;
  if (::stat((where_ + "-wal").c_str(), &wal) == 0) held.wal = wal.st_ino;
  return held;
}

bool OpenRegistries::is_same(const Held& held) const { return !is_file_ || are_same(held, now()); }

bool OpenRegistries::is_untouched(const Held& held) const {
  if (!is_file_) return true;
  const Held found = now();
  return are_same(held, found) && found.size == held.size && found.seconds == held.seconds &&
         found.nanoseconds == held.nanoseconds;
}

Result<void> OpenRegistries::open(Held& held) const {
  if (held.registry && is_same(held)) {
    if (held.wal == 0) held.wal = now().wal;  // made since
    return {};
  }
  held = is_file_ ? now() : Held();
  auto opened = gate::Registry::open(where_, options_);
  if (!opened) return Failure(opened.error());
  if (is_same(held)) {
    held.registry = std::make_shared<gate::Registry>(*std::move(opened));
    return {};
  }
  return fail("the registry's file was exchanged while it was opened", gate::shown_place(where_),
              "check this unit again");
}

Result<std::shared_ptr<gate::Registry>> OpenRegistries::take(bool* exchanged) {
  Held held;
  {
    std::unique_lock lock(mutex_);
    const std::chrono::milliseconds patience(options_.sqlite.timeout_ms);
    if (!free_.wait_for(lock, patience, [this] { return out_ < most_; })) {
      return fail("the registry is busy with what other stations ask", gate::shown_place(where_),
                  "check this unit again");
    }
    ++out_;
    if (!waiting_.empty()) {
      held = std::move(waiting_.back());
      waiting_.pop_back();
    }
  }
  if (held.registry && !is_untouched(held)) held = {};
  if (auto opened = open(held); !opened) {
    give_back({});
    return Failure(opened.error());
  }
  gate::Registry* registry = held.registry.get();
  return std::shared_ptr<gate::Registry>(registry,
                                         [this, exchanged, held = std::move(held)](gate::Registry*) mutable {
                                           if (!is_same(held)) *exchanged = true;
                                           give_back(std::move(held));
                                         });
}

void OpenRegistries::give_back(Held held) {
  // As it is now: this call may have moved the WAL into it.
  Held found = is_file_ ? now() : Held();
  if (!is_file_ || are_same(held, found)) found.registry = std::move(held.registry);
  {
    const std::lock_guard lock(mutex_);
    --out_;
    if (found.registry) waiting_.push_back(std::move(found));
  }
  free_.notify_one();
}

Stock::Stock(const line::Settings& settings, const gate::Surroundings& surroundings)
    : catalog_(settings.catalog),
      surroundings_(surroundings),
      registries_(settings.registry,
                  {.sqlite = settings.sqlite, .postgres = settings.postgres, .surroundings = surroundings}) {}

Result<void> Stock::load() {
  auto models = profiles::load_candidates(catalog_);
  const std::lock_guard lock(mutex_);
  if (!models) {
    loaded_.problem = models.error();
    return Failure(models.error());
  }
  loaded_ = {.at = gate::utc_text(surroundings_.now()),
             .problem = {},
             .models = std::make_shared<const std::vector<profiles::Profile>>(*std::move(models))};
  named_.clear();
  tools_.clear();
  return {};
}

Stock::Loaded Stock::loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

Result<std::shared_ptr<const profiles::Profile>> Stock::profile(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto known = named_.find(name); known != named_.end()) return known->second;
  if (loaded_.models) {
    const auto model = std::ranges::find(*loaded_.models, name, &profiles::Profile::name);
    if (model != loaded_.models->end()) {
      return std::shared_ptr<const profiles::Profile>(loaded_.models, &*model);
    }
  }
  auto profile = profiles::load_profile(name, catalog_);
  if (!profile) return Failure(profile.error());
  return named_[name] = std::make_shared<const profiles::Profile>(*std::move(profile));
}

Result<std::shared_ptr<const std::vector<profiles::Profile>>> Stock::candidates() {
  const std::lock_guard lock(mutex_);
  if (loaded_.models) return loaded_.models;
  return fail("no profile could be loaded", {}, "see the page of profiles, or dmigate profile lint",
              ErrorKind::kConfiguration);
}

Result<std::shared_ptr<const profiles::BurnTool>> Stock::tool(const std::string& name,
                                                              const profiles::Catalog& catalog) {
  const std::lock_guard lock(mutex_);
  if (const auto known = tools_.find(name); known != tools_.end()) return known->second;
  auto tool = profiles::load_burn_tool(name, catalog);
  if (!tool) return Failure(tool.error());
  return tools_[name] = std::make_shared<const profiles::BurnTool>(*std::move(tool));
}

}  // namespace dmigate::service
