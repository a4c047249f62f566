#include "gate/registry/wal.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <string_view>

#include "gate/registry/pages.h"

namespace dmigate::gate {
namespace {

// Offsets in bytes, of page 1.
constexpr int kUserVersion = 60, kApplicationId = 68;
constexpr std::string_view kWal = "-wal";

std::optional<std::uint32_t> number_at(sqlite3_file* file, sqlite3_int64 offset) {
  std::array<std::uint8_t, 4> bytes{};
  if (file->pMethods->xRead(file, bytes.data(), bytes.size(), offset) != SQLITE_OK) return std::nullopt;
  return read_big_endian(bytes.data());
}

// How a WAL begins: its header, and its first frame as far as page 1's epoch.
struct Beginning {
  std::array<std::uint8_t, kWalHeader + kFrameHeader + kUserVersion + 4> bytes{};
  std::size_t size = 0;

  explicit Beginning(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    size = static_cast<std::size_t>(file.gcount());
  }
  [[nodiscard]] bool has_frame() const { return size > kWalHeader; }
  // The header's last eight bytes are the sums of what stands before. Frames are written when it is durable.
  [[nodiscard]] bool has_header() const {
    auto words = bytes;
    if (!is_little_endian()) {
      for (std::size_t at = 0; at < kSums; at += 4) std::reverse(&words.at(at), &words.at(at + 4));
    }
    const Sums sums = sums_of(std::span(words).first(kSums), {});
    return (read_big_endian(bytes.data()) & ~1U) == kMagic && sums[0] == read_big_endian(&bytes[kSums]) &&
           sums[1] == read_big_endian(&bytes[kSums + 4]);
  }
  // The words that are summed; other machines write the others.
  [[nodiscard]] bool is_little_endian() const { return (bytes[3] & 1U) == 0; }
  [[nodiscard]] std::optional<std::uint32_t> epoch() const {
    if (size < bytes.size() || read_big_endian(&bytes[kWalHeader]) != 1U) return std::nullopt;
    return read_big_endian(&bytes[kWalHeader + kFrameHeader + kUserVersion]);
  }

 private:
  static constexpr std::uint32_t kMagic = 0x377f0682;
  static constexpr std::size_t kSums = 24;
};

// Two numbers that a WAL gets when it is begun anew.
using Salts = std::array<std::uint8_t, 8>;

// The WAL's index says how many frames are committed.
struct Index {
  std::uint32_t frames = 0;
  Salts salts{};
};

// None while it is being written, for longer than that takes.
std::optional<Index> read_index(const void* index) {
  constexpr std::size_t kSize =
      48;  // of its header, which stands there twice and is written one after the other
  constexpr int kMostTries = 1000;
  std::array<std::uint8_t, 2 * kSize> twice{};
  for (int i = 0; i < kMostTries; ++i, ::sched_yield()) {
    std::memcpy(twice.data(), index, twice.size());
    if (std::memcmp(twice.data(), &twice[kSize], kSize) != 0) continue;
    Index read;
    std::memcpy(&read.frames, &twice[16], sizeof read.frames);
    std::memcpy(read.salts.data(), &twice[32], read.salts.size());
    return read;
  }
  return std::nullopt;
}

// A WAL by its header.
class Wal {
 public:
  explicit Wal(sqlite3_file* file) : file_(file) {
    std::array<std::uint8_t, kWalHeader> header{};
    if (file->pMethods->xRead(file, header.data(), header.size(), 0) != SQLITE_OK) return;
    page_size_ = read_big_endian(&header[8]);
    std::memcpy(salts_.data(), &header[16], salts_.size());
  }
  // The same one that the index speaks of.
  [[nodiscard]] bool is_of(const Index& index) const { return page_size_ != 0 && salts_ == index.salts; }
  [[nodiscard]] bool is_sealed(std::uint32_t frames) const {
    Sums found{};
    const int read = file_->pMethods->xRead(file_, found.data(), sizeof found, end(frames));
    return read == SQLITE_OK && found == seal(frames);
  }
  void put_seal(std::uint32_t frames) const {
    const Sums bytes = seal(frames);
    // Without it the WAL is what it would be without seals: nothing is to be done about a disk that is full.
    static_cast<void>(file_->pMethods->xWrite(file_, bytes.data(), sizeof bytes, end(frames)));
  }
  // How many frames it has room for, whatever stands there.
  [[nodiscard]] std::uint32_t most_frames() const {
    sqlite3_int64 size = 0;
    if (file_->pMethods->xFileSize(file_, &size) != SQLITE_OK || size < kWalHeader) return 0;
    return static_cast<std::uint32_t>((size - kWalHeader) / (kFrameHeader + page_size_));
  }

 private:
  [[nodiscard]] sqlite3_int64 end(std::uint32_t frames) const {
    return kWalHeader + sqlite3_int64{frames} * (kFrameHeader + page_size_);
  }
  // Of this WAL and this place in it.
  [[nodiscard]] Sums seal(std::uint32_t frames) const {
    constexpr std::uint32_t kBegin = 0x7365616c;
    return sums_of(salts_, {kBegin, frames});
  }

  sqlite3_file* file_;
  std::uint32_t page_size_ = 0;
  Salts salts_{};
};

}  // namespace

Result<void> refuse_strange_wal(sqlite3_file* main, const std::string& path) {
  const std::string wal_path = path + std::string(kWal);
  Beginning wal(wal_path);
  if (!wal.has_frame()) return {};
  if (!wal.has_header()) wal = Beginning(wal_path);  // written anew just now
  if (wal.has_frame() && !wal.has_header()) {
    return fail("the registry is damaged: the beginning of its -wal cannot be read", path,
                "restore it from its backup; do not delete it");
  }
  if (!wal.is_little_endian()) {
    return fail("the registry's -wal was written by a machine with another byte order", path,
                "open and close it there with sqlite3 first, which leaves no -wal");
  }
  const auto begun = wal.epoch();
  const auto epoch = number_at(main, kUserVersion);  // read last: it only rises
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

bool is_known_wal(sqlite3_file* main, const char* wal) {
  const std::string_view name = wal;
  if (!name.ends_with(kWal)) return false;
  const std::uint32_t identity = wal_identity(std::string(name.substr(0, name.size() - kWal.size())));
  return identity != 0 && number_at(main, kApplicationId) == identity;
}

void seal_wal(sqlite3_file* file, const void* index) {
  const Wal wal(file);
  const auto now = read_index(index);
  if (now && now->frames != 0 && wal.is_of(*now)) wal.put_seal(now->frames);
}

bool is_cut_wal(sqlite3_file* file, const void* index) {
  const Wal wal(file);
  const auto then = read_index(index);
  if (!then || !wal.is_of(*then) || wal.is_sealed(then->frames)) return false;
  for (std::uint32_t frames = then->frames + 1; frames <= wal.most_frames(); ++frames) {
    if (!wal.is_sealed(frames)) continue;
    // Somebody may have committed since the index was read.
    const auto now = read_index(index);
    return now && now->salts == then->salts && now->frames < frames;
  }
  return false;
}

}  // namespace dmigate::gate
