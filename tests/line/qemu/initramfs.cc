#include "tests/line/qemu/initramfs.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>

#include "tests/line/process.h"
#include "tests/temporary_folder.h"

namespace dmigate::plant {
namespace {

namespace fs = std::filesystem;

void pad(std::string& text) { text.append((4 - text.size() % 4) % 4, '\0'); }

std::string number(std::size_t value) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08zX", value);
  return digits;
}

void append(std::string& to, const ArchiveEntry& entry, std::size_t inode) {
  to += "070701";
  // inode, mode, user, group, links, time, size, device, device of a special file, length of the name,
  // checksum
  for (const std::size_t value :
       {inode, std::size_t{entry.mode}, std::size_t{0}, std::size_t{0}, std::size_t{1}, std::size_t{0},
        entry.content.size(), std::size_t{0}, std::size_t{0}, std::size_t{entry.major},
        std::size_t{entry.minor}, entry.name.size() + 1, std::size_t{0}}) {
    to += number(value);
  }
  to += entry.name;
  to += '\0';
  pad(to);
  to += entry.content;
  pad(to);
}

ArchiveEntry program(const std::string& name, const std::string& path) {
  ArchiveEntry entry{.name = name, .mode = S_IFREG | 0755, .content = read_file(path)};
  REQUIRE_MESSAGE(!entry.content.empty(), path);
  return entry;
}

// A sanitized agent is not static: what ldd names goes along, where it expects it.
void add_libraries(const std::string& program_path, std::vector<ArchiveEntry>& entries) {
  std::set<std::string> folders;
  std::istringstream words(run({.argv = {"ldd", program_path}}).out);
  for (std::string word; words >> word;) {
    if (!word.starts_with('/') || !fs::exists(word)) continue;
    for (fs::path folder = fs::path(word).parent_path(); folder.has_relative_path();
         folder = folder.parent_path())
      folders.insert(folder.string().substr(1));
  }
  for (const std::string& folder : folders)
    entries.push_back({.name = folder, .mode = S_IFDIR | 0755, .content = {}});
  words = std::istringstream(run({.argv = {"ldd", program_path}}).out);
  for (std::string word; words >> word;) {
    if (word.starts_with('/') && fs::exists(word)) entries.push_back(program(word.substr(1), word));
  }
}

}  // namespace

std::string archive(const std::vector<ArchiveEntry>& entries) {
  std::string bytes;
  std::size_t inode = 0;
  for (const ArchiveEntry& entry : entries) append(bytes, entry, ++inode);
  append(bytes, {.name = "TRAILER!!!", .mode = 0, .content = {}}, 0);
  return bytes;
}

std::string initramfs(const std::string& init, const std::string& agent, const std::string& modules) {
  std::vector<ArchiveEntry> entries = {
      {.name = "dev", .mode = S_IFDIR | 0755, .content = {}},
      {.name = "dev/console", .mode = S_IFCHR | 0600, .content = {}, .major = 5, .minor = 1},
      {.name = "modules", .mode = S_IFDIR | 0755, .content = {}},
      program("init", init),
      program("dmigate-agent", agent)};
  for (const auto& entry : fs::directory_iterator(modules))
    entries.push_back(program("modules/" + entry.path().filename().string(), entry.path()));
  add_libraries(agent, entries);
  return archive(entries);
}

}  // namespace dmigate::plant
