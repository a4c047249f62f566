// What a service keeps between calls: profiles as they were when they were loaded, and registries that are
// open. A file of a profile that is changed counts from the next load on.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "line-integration/station/session.h"

namespace dmigate::service {

// Registries that are open, each used by one call at a time. One that is a file is opened anew where the file
// or its WAL is another one, or gone: what is written into a file without a name is lost. And, to write,
// where the file was changed while it lay here: by a checkpoint of another process, or by somebody who copied
// another registry over it, which opening refuses.
class OpenRegistries {
 public:
  OpenRegistries(std::string where, gate::RegistryOptions options);
  // Waits for one that is free, as long as a lock is waited for. `*exchanged` becomes true where the file is
  // another one, or gone, when it is given back.
  Result<std::shared_ptr<gate::Registry>> take(bool* exchanged);
  [[nodiscard]] std::size_t most() const { return most_; }

  struct Held {
    std::shared_ptr<gate::Registry> registry;
    std::uint64_t device = 0, inode = 0, wal = 0;         ///< inodes; `wal` 0: there was none yet
    std::int64_t size = 0, seconds = 0, nanoseconds = 0;  ///< when the file was written last
  };
  // One that nobody else uses, for work that takes a while: opened where `held` has none, or not this file as
  // it is.
  Result<void> open(Held& held) const;

 private:
  [[nodiscard]] Held now() const;  ///< of the file as it is, without a registry; inode 0: there is none
  [[nodiscard]] bool is_same(const Held& held) const;       ///< the files are
  [[nodiscard]] bool is_untouched(const Held& held) const;  ///< and as they were
  void give_back(Held held);

  const std::string where_;
  const gate::RegistryOptions options_;
  const bool is_file_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<Held> waiting_;
  std::size_t out_ = 0;
};

class Stock {
 public:
  Stock(const line::Settings& settings, const gate::Surroundings& surroundings);

  // Reads the profiles again. One that does not hold takes the place of none; the error says which.
  Result<void> load();
  struct Loaded {
    std::string at;                ///< UTC
    std::optional<Error> problem;  ///< why the last load() changed nothing
    std::shared_ptr<const std::vector<profiles::Profile>> models;
  };
  [[nodiscard]] Loaded loaded() const;

  Result<std::shared_ptr<const profiles::Profile>> profile(const std::string& name);
  Result<std::shared_ptr<const std::vector<profiles::Profile>>> candidates();
  Result<std::shared_ptr<const profiles::BurnTool>> tool(const std::string& name,
                                                         const profiles::Catalog& catalog);
  OpenRegistries& registries() { return registries_; }

 private:
  const profiles::Catalog catalog_;
  const gate::Surroundings surroundings_;
  OpenRegistries registries_;
  mutable std::mutex mutex_;
  Loaded loaded_;
  std::map<std::string, std::shared_ptr<const profiles::Profile>> named_;
  std::map<std::string, std::shared_ptr<const profiles::BurnTool>> tools_;
};

// The stock as one call uses it.
class OneCall : public line::Supply {
 public:
  explicit OneCall(Stock& stock) : stock_(stock) {}
  // The registry's file was exchanged while it was written: what was recorded may be nowhere.
  [[nodiscard]] bool exchanged() const { return exchanged_; }

  Result<std::shared_ptr<const profiles::Profile>> profile(const std::string& name) override {
    return stock_.profile(name);
  }
  Result<std::shared_ptr<const std::vector<profiles::Profile>>> candidates() override {
    return stock_.candidates();
  }
  Result<std::shared_ptr<const profiles::BurnTool>> tool(const std::string& name,
                                                         const profiles::Catalog& catalog) override {
    return stock_.tool(name, catalog);
  }
  Result<std::shared_ptr<gate::Registry>> registry() override {
    return stock_.registries().take(&exchanged_);
  }

 private:
  Stock& stock_;
  bool exchanged_ = false;
};

}  // namespace dmigate::service
