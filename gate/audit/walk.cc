#include "gate/audit/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "gate/audit/read_file.h"

namespace dmigate::gate::audit {
namespace {

std::string joined(const std::string& folder, std::string_view name) {
  std::string path = folder;
  if (!path.ends_with('/')) path += '/';
  path += name;
  return path;
}

bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != std::string::npos; }

}  // namespace

// ---------------------------------------------------------------- what was seen

bool Seen::Set::insert(std::uint64_t value) {
  if (value == 0) return !std::exchange(has_zero, true);
  if (4 * (used + 1) > 3 * places.size()) {
    std::vector<std::uint64_t> old(std::max<std::size_t>(64, 2 * places.size()));
    old.swap(places);
    used = 0;
    for (const std::uint64_t each : old) {
      if (each != 0) insert(each);
    }
  }
  std::size_t at = static_cast<std::size_t>(value * 0x9E3779B97F4A7C15U >> 20) % places.size();
  while (places[at] != 0) {
    if (places[at] == value) return false;
    at = at + 1 == places.size() ? 0 : at + 1;
  }
  places[at] = value;
  ++used;
  return true;
}

bool Seen::is_new(std::uint64_t device, std::uint64_t inode) { return by_device_[device].insert(inode); }

// ---------------------------------------------------------------- the walk

struct Walker::Name {
  std::size_t text;    ///< offset, up to a NUL
  unsigned char type;  ///< DT_REG, DT_DIR; DT_CHR: no file; DT_UNKNOWN: a link that leads nowhere
  std::uint64_t device, inode;
};

struct Walker::Listing {
  std::vector<Name> names;
  std::string texts;
  [[nodiscard]] std::string_view text(const Name& name) const { return texts.c_str() + name.text; }
  [[nodiscard]] bool has_file(std::string_view wanted) const {
    return std::ranges::any_of(names,
                               [&](const Name& name) { return name.type == DT_REG && text(name) == wanted; });
  }
  // What the file is that a name leads to.
  void ask(int folder, Name& name) const {
    struct stat status {};
    if (::fstatat(folder, texts.c_str() + name.text, &status, 0) != 0) {
      name.type = DT_UNKNOWN;
      return;
    }
    name.type = S_ISREG(status.st_mode) ? DT_REG : S_ISDIR(status.st_mode) ? DT_DIR : DT_CHR;
    name.device = status.st_dev;
    name.inode = status.st_ino;
  }
  void read(DIR* folder, std::uint64_t device);
  // A folder stands where what is in it stands: "a-b" is before "a/b".
  void sort();
};

// errno says whether it was read to its end.
void Walker::Listing::read(DIR* folder, std::uint64_t device) {
  bool asked = false, told = true;  // whether what the folder says of its files is what they say themselves
  for (errno = 0; const dirent* entry = ::readdir(folder); errno = 0) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    names.push_back({texts.size(), entry->d_type, device, entry->d_ino});
    texts.append(name).push_back('\0');
    const bool plain = entry->d_type == DT_REG || entry->d_type == DT_DIR;
    if (plain && told && asked) continue;
    ask(::dirfd(folder), names.back());
    if (plain && names.back().type == DT_REG && !asked) {
      asked = true;
      told = names.back().inode == entry->d_ino;
    }
  }
}

void Walker::Listing::sort() {
  std::ranges::sort(names, [&](const Name& a, const Name& b) {
    const std::string_view left = text(a), right = text(b);
    const std::size_t common = std::min(left.size(), right.size());
    const int order = left.substr(0, common).compare(right.substr(0, common));
    if (order != 0) return order < 0;
    const auto next = [&](std::string_view name, const Name& of) -> unsigned char {
      if (name.size() > common) return static_cast<unsigned char>(name[common]);
      return of.type == DT_DIR ? '/' : 0;
    };
    return next(left, a) < next(right, b);
  });
}

Walker::Walker(Order& order, Queue& queue, const std::atomic<bool>* stop,
               const std::vector<std::string>& passed_over)
    : order_(order), queue_(queue), stop_(stop) {
  for (const std::string& path : passed_over) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode))
      passed_over_.emplace_back(status.st_dev, status.st_ino);
  }
}

void Walker::run(const std::vector<std::string>& paths, std::FILE* list) {
  for (const std::string& path : paths) {
    if (is_ended()) break;
    if (path == "-") {
      read_list(list);
    } else {
      operand(path);
    }
  }
  flush();
  finished_ = true;
  if (!stopped_) queue_.no_more_items();
}

bool Walker::is_ended() {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) stopped_ = true;
  return stopped_;
}

void Walker::operand(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT && is_pattern(path)) return pattern(path);
    ++found_;
    return put(ItemKind::kTrouble, path, "cannot be opened: " + cause());
  }
  if (S_ISDIR(status.st_mode)) return folder(path);
  ++found_;
  if (!S_ISREG(status.st_mode)) return put(ItemKind::kStream, path);
  file(path, status.st_dev, status.st_ino);
}

void Walker::pattern(const std::string& path) {
  glob_t found{};
  const int answer = ::glob(path.c_str(), GLOB_ERR, nullptr, &found);
  const std::unique_ptr<glob_t, void (*)(glob_t*)> owner(&found, &::globfree);
  if (answer != 0) {
    ++found_;
    if (answer == GLOB_NOMATCH) return put(ItemKind::kTrouble, path, "no file has such a name");
    return put(ItemKind::kTrouble, path, "cannot be listed: " + cause());
  }
  std::vector<std::string> names(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  std::ranges::sort(names);  // and not as the locale has it
  for (const std::string& name : names) {
    if (is_ended()) return;
    operand(name);
  }
}

// One name a line, or with NULs between them: the first end that is met decides.
void Walker::read_list(std::FILE* list) {
  std::string name;
  int end = EOF;
  for (int c = std::getc(list); !is_ended(); c = std::getc(list)) {
    if (c != EOF && (end == EOF ? c != '\0' && c != '\n' : c != end)) {
      name.push_back(static_cast<char>(c));
      continue;
    }
    if (end == EOF) end = c;
    if (end == '\n' && name.ends_with('\r')) name.pop_back();
    if (!name.empty()) operand(name);
    name.clear();
    if (c != EOF) continue;
    if (std::ferror(list) == 0) return;
    ++found_;
    return put(ItemKind::kTrouble, "-", "standard input cannot be read to its end");
  }
}

void Walker::folder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir(path.c_str()), &::closedir);
  struct stat status {};
  if (!opened || ::fstat(::dirfd(opened.get()), &status) != 0) {
    ++found_;
    return put(ItemKind::kTrouble, path, "the folder cannot be opened: " + cause());
  }
  if (!seen_.is_new(status.st_dev, status.st_ino)) {
    ++found_;
    return put(ItemKind::kOther, path, "the same folder as one that is audited already");
  }
  Listing listing;
  listing.read(opened.get(), status.st_dev);
  if (errno != 0) {
    ++found_;
    put(ItemKind::kTrouble, path, "the folder cannot be read to its end: " + cause());
  }
  take_unit(path, listing);
  listing.sort();
  inside(path, listing);
}

// A folder that has the pair is a unit; what else lies in it is looked at as everywhere.
void Walker::take_unit(const std::string& path, Listing& listing) {
  if (!listing.has_file(kEntryPoint) || !listing.has_file(kTable)) return;
  ++found_;
  put(ItemKind::kUnitFolder, path);
  std::erase_if(listing.names, [&](const Name& name) {
    const std::string_view text = listing.text(name);
    return text == kEntryPoint || text == kTable || text == kEvidence;
  });
}

void Walker::inside(const std::string& path, const Listing& listing) {
  found_ += static_cast<std::uint64_t>(
      std::ranges::count_if(listing.names, [](const Name& name) { return name.type != DT_DIR; }));
  for (const Name& name : listing.names) {
    if (is_ended()) return;
    const std::string inner = joined(path, listing.text(name));
    switch (name.type) {
      case DT_DIR:
        folder(inner);
        break;
      case DT_REG:
        file(inner, name.device, name.inode);
        break;
      case DT_CHR:
        put(ItemKind::kOther, inner, "a pipe, a socket or a device");
        break;
      default:
        put(ItemKind::kFile, inner);  // opening it says why
    }
  }
}

void Walker::file(const std::string& path, std::uint64_t device, std::uint64_t inode) {
  if (std::ranges::find(passed_over_, std::pair(device, inode)) != passed_over_.end()) {
    --found_;
  } else if (seen_.is_new(device, inode)) {
    put(ItemKind::kFile, path);
  } else {
    put(ItemKind::kOther, path, "the same file as one that is audited already");
  }
}

void Walker::put(ItemKind kind, const std::string& path, std::string_view why) {
  const std::uint32_t named = task_.add_text(path);
  task_.items.push_back({kind, named, task_.add_text(why)});
  if (task_.items.size() == kPerStretch) flush();
}

void Walker::flush() {
  if (task_.items.empty()) return;
  task_.stretch = order_.append();
  if (!queue_.put_items(std::move(task_))) stopped_ = true;
  task_ = Task();
}

}  // namespace dmigate::gate::audit
