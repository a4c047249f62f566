#include "line-integration/service/tokens.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "gate/evidence/base64.h"
#include "gate/evidence/members.h"
#include "line-integration/station/replace_file.h"
#include "profiles/yaml.h"

namespace dmigate::service {
namespace {

namespace json = boost::json;
using gate::word;

constexpr std::string_view kSchema = "dmigate.tokens/1";
constexpr std::string_view kRoles[] = {"station", "engineer", "auditor"};

std::string system_text() { return std::generic_category().message(errno); }

bool read_hash(std::string_view text, Sha256& hash) {
  const auto bytes = gate::from_hex(text);
  if (!bytes || bytes->size() != hash.size()) return false;
  std::ranges::copy(*bytes, hash.begin());
  return true;
}

Result<std::vector<Caller>> parse(const std::string& text, const std::string& file) {
  const auto broken = [&] {
    return refuse("this is no file of tokens, or it was damaged", file,
                  "take its backup, or remove it and make the tokens anew");
  };
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains("tokens");
  if (list == nullptr || !list->is_array() || word(*object, "schema") != kSchema) return broken();
  std::vector<Caller> rows;
  for (const json::value& item : list->get_array()) {
    const json::object* row = item.if_object();
    if (row == nullptr) return broken();
    const auto role = find_role(word(*row, "role"));
    Caller caller{.id = word(*row, "id"),
                  .line = word(*row, "line"),
                  .made = word(*row, "made"),
                  .until = word(*row, "until")};
    if (caller.id.empty() || !role || !read_hash(word(*row, "recognise"), caller.recognise) ||
        !read_hash(word(*row, "bind"), caller.bind)) {
      return broken();
    }
    caller.role = *role;
    rows.push_back(std::move(caller));
  }
  return rows;
}

std::string to_text(const std::vector<Caller>& rows) {
  json::array list;
  for (const Caller& row : rows) {
    list.push_back({{"id", row.id},
                    {"role", role_name(row.role)},
                    {"line", row.line},
                    {"made", row.made},
                    {"until", row.until},
                    {"recognise", to_hex(row.recognise)},
                    {"bind", to_hex(row.bind)}});
  }
  return json::serialize(json::object{{"schema", kSchema}, {"tokens", std::move(list)}}) + "\n";
}

Result<std::vector<Caller>> read(const std::string& file, const struct stat& status) {
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse("others than its owner may read or write this file of tokens", file,
                  "chmod 600, and rotate the tokens if somebody has seen it");
  }
  auto text = profiles::read_text(file);
  if (!text) return Failure(text.error());
  return parse(*text, file);
}

// root writes it for the user that the service runs as: whose the file, or its folder, was.
bool give_to_its_owner(int fd, const std::string& file) {
  if (::geteuid() != 0) return true;
  struct stat before {};
  const std::string folder = std::filesystem::path(file).parent_path().string();
  const bool known =
      ::stat(file.c_str(), &before) == 0 || ::stat(folder.empty() ? "." : folder.c_str(), &before) == 0;
  return !known || ::fchown(fd, before.st_uid, before.st_gid) == 0;
}

Result<void> write(const std::string& file, const std::string& text) {
  const int why = line::replace_file(file, text, [&](int fd) { return give_to_its_owner(fd, file); });
  if (why == 0) return {};
  return refuse("the file of tokens cannot be written (" + std::generic_category().message(why) + ")", file,
                "choose another place with --tokens, or free this one");
}

// Two that change it at once wait for each other.
class Lock {
 public:
  explicit Lock(const std::string& file)
      : fd_(::open((file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    held_ = fd_ >= 0 && ::flock(fd_, LOCK_EX) == 0;
  }
  ~Lock() {
    if (fd_ >= 0) ::close(fd_);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  int fd_;
  bool held_ = false;
};

Tokens::Made make_row(Caller row, const gate::Surroundings& surroundings, std::vector<Caller>& rows) {
  std::array<std::uint8_t, 32> random{};
  surroundings.random(random);
  Tokens::Made made{row.id, make_token(random)};
  row.recognise = recognise(made.token);
  row.bind = bind_key(made.token);
  row.made = gate::utc_text(surroundings.now());
  row.until.clear();
  rows.push_back(std::move(row));
  return made;
}

Failure no_such(const std::string& id, const std::string& file) {
  return refuse("there is no token of " + gate::printable(id), file,
                "dmigate serve token list tells whose there are");
}

}  // namespace

std::string_view role_name(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> find_role(std::string_view name) {
  for (const Role role : {Role::kStation, Role::kEngineer, Role::kAuditor}) {
    if (role_name(role) == name) return role;
  }
  return std::nullopt;
}

Result<void> Tokens::read_again() {
  struct stat status {};
  if (::stat(file_.c_str(), &status) != 0) {
    seen_ = {};
    return refuse("the file of tokens cannot be read (" + system_text() + ")", file_,
                  "make the first token with dmigate serve token add");
  }
  const Seen now{static_cast<std::int64_t>(status.st_ino),
                 status.st_size,
                 status.st_mtim.tv_sec,
                 status.st_mtim.tv_nsec,
                 status.st_ctim.tv_sec,
                 status.st_ctim.tv_nsec};
  if (now == seen_) return {};
  auto rows = read(file_, status);
  known_.clear();
  seen_ = {};  // what cannot be read now may be in a moment
  if (!rows) return Failure(rows.error());
  seen_ = now;
  for (Caller& row : *rows) known_.emplace(row.recognise, std::move(row));
  return {};
}

Result<std::optional<Caller>> Tokens::find(std::string_view token,
                                           std::chrono::system_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (auto read = read_again(); !read) return Failure(read.error());
  if (!has_token_form(token)) return std::nullopt;
  const auto found = known_.find(recognise(token));
  if (found == known_.end()) return std::nullopt;
  const std::string& until = found->second.until;
  if (!until.empty() && until <= gate::utc_text(now)) return std::nullopt;
  return found->second;
}

Result<std::vector<Caller>> Tokens::list() {
  struct stat status {};
  if (::stat(file_.c_str(), &status) != 0) return std::vector<Caller>();
  return read(file_, status);
}

template <typename Edit>
Result<void> Tokens::edit(bool may_be_missing, const Edit& change) {
  const Lock lock(file_);
  if (!lock.held()) {
    return refuse("the file of tokens cannot be locked (" + system_text() + ")", file_,
                  "choose another place with --tokens, or free this one");
  }
  struct stat status {};
  const bool missing = ::stat(file_.c_str(), &status) != 0;
  if (missing && !may_be_missing) {
    return refuse("the file of tokens cannot be read (" + system_text() + ")", file_,
                  "make the first token with dmigate serve token add");
  }
  auto rows = missing ? Result<Rows>(Rows()) : read(file_, status);
  if (!rows) return Failure(rows.error());
  if (Result<void> changed = change(*rows); !changed) return changed;
  return write(file_, to_text(*rows));
}

Result<Tokens::Made> Tokens::add(const std::string& id, Role role, const std::string& line,
                                 const gate::Surroundings& surroundings) {
  if (id.empty() || gate::printable(id) != id) {
    return refuse("a token's id is a name of printable characters", gate::printable(id), "give another one");
  }
  Made made;
  auto done = edit(true, [&](Rows& rows) -> Result<void> {
    if (std::ranges::find(rows, id, &Caller::id) != rows.end()) {
      return refuse("there is a token of " + id + " already", file_, "rotate it, or revoke it first");
    }
    made = make_row({.id = id, .role = role, .line = line}, surroundings, rows);
    return {};
  });
  if (!done) return Failure(done.error());
  return made;
}

Result<Tokens::Made> Tokens::rotate(const std::string& id, std::chrono::milliseconds keep,
                                    const gate::Surroundings& surroundings) {
  Made made;
  auto done = edit(false, [&](Rows& rows) -> Result<void> {
    const auto last = std::find_if(rows.rbegin(), rows.rend(), [&](const Caller& r) { return r.id == id; });
    if (last == rows.rend()) return no_such(id, file_);
    Caller before = *last;
    std::erase_if(rows, [&](const Caller& row) { return row.id == id; });
    if (keep.count() > 0) {
      before.until = gate::utc_text(surroundings.now() + keep);
      rows.push_back(before);
    }
    made = make_row(before, surroundings, rows);
    return {};
  });
  if (!done) return Failure(done.error());
  return made;
}

Result<void> Tokens::revoke(const std::string& id) {
  return edit(false, [&](Rows& rows) -> Result<void> {
    if (std::erase_if(rows, [&](const Caller& row) { return row.id == id; }) == 0) return no_such(id, file_);
    return {};
  });
}

}  // namespace dmigate::service
