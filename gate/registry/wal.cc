#include "gate/registry/wal.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <optional>
#include <string_view>

namespace dmigate::gate {
namespace {

// Offsets in bytes: of page 1, and of the WAL, whose first frame begins with its page's number.
constexpr std::streamoff kUserVersion = 60, kApplicationId = 68;
constexpr std::streamoff kFirstFrame = 32, kFirstPage = 32 + 24;
constexpr std::string_view kWal = "-wal";

std::optional<std::uint32_t> big_endian_at(std::ifstream& file, std::streamoff offset) {
  std::array<char, 4> bytes{};
  file.clear();
  if (!file.seekg(offset) || !file.read(bytes.data(), bytes.size())) return std::nullopt;
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

bool is_known_wal(std::string_view wal) {
  if (!wal.ends_with(kWal)) return false;
  const std::string path(wal.substr(0, wal.size() - kWal.size()));
  const std::uint32_t identity = wal_identity(path);
  std::ifstream file(path, std::ios::binary);
  return identity != 0 && file && big_endian_at(file, kApplicationId) == identity;
}

sqlite3_vfs* unix_vfs() { return sqlite3_vfs_find("unix"); }

// Only a WAL that is to be made new has its folder synchronised.
int open_registry_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  const bool wal = (flags & SQLITE_OPEN_WAL) != 0 && name != nullptr;
  if (wal && is_known_wal(name)) flags &= ~SQLITE_OPEN_CREATE;
  return unix_vfs()->xOpen(unix_vfs(), name, file, flags, out);
}

}  // namespace

Result<void> refuse_strange_wal(const std::string& path) {
  const std::string wal_path = path + std::string(kWal);
  std::ifstream file(path, std::ios::binary), wal(wal_path, std::ios::binary);
  if (!file || !wal || big_endian_at(wal, kFirstFrame) != 1U) return {};
  const auto begun = big_endian_at(wal, kFirstPage + kUserVersion);
  const auto epoch = big_endian_at(file, kUserVersion);  // read last: it only rises
  // A few epochs may begin within one WAL, while readers keep it from being moved.
  constexpr std::uint32_t kMostEpochs = 4096;
  if (!begun || !epoch || *epoch - *begun < kMostEpochs) return {};
  return fail("the registry and its -wal do not belong together: it was restored or replaced beside it", path,
              "move " + wal_path + " and " + path + "-shm away, keep them, and try again");
}

std::uint32_t wal_identity(const std::string& path) {
  struct statx wal {};
  const std::string name = path + std::string(kWal);
  if (statx(AT_FDCWD, name.c_str(), 0, STATX_INO | STATX_BTIME, &wal) != 0) return 0;
  if ((wal.stx_mask & STATX_BTIME) == 0) return 0;
  std::uint64_t folded = 0xcbf29ce484222325;  // FNV-1a
  for (const std::uint64_t part :
       {std::uint64_t{wal.stx_ino}, static_cast<std::uint64_t>(wal.stx_btime.tv_sec),
        std::uint64_t{wal.stx_btime.tv_nsec}}) {
    folded = (folded ^ part) * 0x100000001b3;
  }
  return static_cast<std::uint32_t>(folded ^ folded >> 32);
}

const char* registry_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs copy = *unix_vfs();
    copy.zName = "dmigate";
    copy.pNext = nullptr;
    copy.xOpen = open_registry_file;
    return copy;
  }();
  sqlite3_vfs_register(&vfs, 0);
  return vfs.zName;
}

}  // namespace dmigate::gate
