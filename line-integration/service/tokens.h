// Who may ask: the file of tokens, which holds no token. It is read again when it has changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/registry/registry.h"
#include "line-integration/service/binding.h"

namespace dmigate::service {

enum class Role : std::uint8_t { kStation, kEngineer, kAuditor };
std::string_view role_name(Role role);  ///< "station"
std::optional<Role> find_role(std::string_view name);

// One token's row.
struct Caller {
  std::string id;  ///< the station's name in every record; an engineer's or auditor's own
  Role role = Role::kAuditor;
  std::string line;  ///< of a station; may be empty
  Sha256 recognise{}, bind{};
  std::string made;   ///< UTC
  std::string until;  ///< UTC; empty: until it is revoked
};

class Tokens {
 public:
  explicit Tokens(std::string file) : file_(std::move(file)) {}

  // Whose token it is; none: nobody's, or its time is over. Fails (kConfiguration) where the file cannot be
  // read, does not hold, or may be read by others than its owner: nobody is let in then.
  Result<std::optional<Caller>> find(std::string_view token, std::chrono::system_clock::time_point now);
  Result<std::vector<Caller>> list();

  struct Made {
    std::string id, token;
  };
  // A token for an id that has none. Makes the file (0600) where there is none.
  Result<Made> add(const std::string& id, Role role, const std::string& line,
                   const gate::Surroundings& surroundings);
  // Another token for the id. The one before goes on for `keep` (0: not at all), any older one ends.
  Result<Made> rotate(const std::string& id, std::chrono::milliseconds keep,
                      const gate::Surroundings& surroundings);
  Result<void> revoke(const std::string& id);

 private:
  struct Seen {
    std::int64_t inode = 0, size = -1, seconds = 0, nanoseconds = 0, changed = 0, changed_nanoseconds = 0;
    bool operator==(const Seen&) const = default;
  };
  using Rows = std::vector<Caller>;
  Result<void> read_again();
  template <typename Edit>
  Result<void> edit(bool may_be_missing, const Edit& change);

  std::string file_;
  std::mutex mutex_;
  Seen seen_;
  std::map<Sha256, Caller> known_;
};

}  // namespace dmigate::service
