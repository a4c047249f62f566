#include "gate/registry/vfs.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <span>
#include <string_view>

#include "gate/registry/pages.h"
#include "gate/registry/wal.h"

namespace dmigate::gate {
namespace {

constexpr int kSmallestPage = 512, kLargestPage = 65536, kFileHeader = 100;

// A registry's file or its WAL; SQLite's own object for it stands behind this one. SQLite knows an object by
// its beginning.
struct CheckedFile {
  sqlite3_file base{};
  CheckedFile* main = nullptr;  ///< of a WAL: the registry's file; of that: itself

  // Of the registry's file.
  CheckedFile* wal = nullptr;   ///< while it is open
  const void* index = nullptr;  ///< the WAL's, in memory that all connections share
  bool checks = false;          ///< the newest page 1 that was met says that pages have checksums
  bool makes = false;           ///< what is written to the WAL gets them in any case
  bool asked_wal = false;       ///< whether the WAL was cut
  bool tolerates = false;
  Damage damage;

  // Of a WAL.
  sqlite3_int64 frame = -1;            ///< where the header of a frame was written last,
  std::uint32_t page = 0;              ///< and the number of its page
  std::vector<std::uint8_t> gathered;  ///< frames that are still to be written,
  sqlite3_int64 gathered_at = 0;       ///< here
  bool synchronised = false;           ///< since it was sealed
};

CheckedFile& file_of(sqlite3_file* file) { return *reinterpret_cast<CheckedFile*>(file); }
sqlite3_file* behind(CheckedFile& file) { return reinterpret_cast<sqlite3_file*>(&file + 1); }
sqlite3_file* behind(sqlite3_file* file) { return behind(file_of(file)); }
sqlite3_vfs* unix_vfs() { return sqlite3_vfs_find("unix"); }

// SQLite reads and writes whole pages, and headers that are no page's size.
bool is_page(int amount, sqlite3_int64 offset) {
  return amount >= kSmallestPage && amount <= kLargestPage && (amount & (amount - 1)) == 0 &&
         offset % amount == 0;
}
bool is_page_of_frame(int amount, sqlite3_int64 offset) {
  const sqlite3_int64 frames = offset - kWalHeader - kFrameHeader;
  return is_page(amount, 0) && frames >= 0 && frames % (amount + kFrameHeader) == 0;
}

// A transaction is some thirty frames, each of two writes: they are gathered into one, which is made before
// the WAL is synchronised, and before anything else is done with it. SQLite tells nobody of a frame before it
// has synchronised it (synchronous=FULL).
constexpr std::size_t kMostGathered = 0x1FFFF;  // in one write SQLite's own VFS takes no more

int write_gathered(CheckedFile& wal) {
  if (wal.gathered.empty()) return SQLITE_OK;
  const int written = behind(wal)->pMethods->xWrite(behind(wal), wal.gathered.data(),
                                                    static_cast<int>(wal.gathered.size()), wal.gathered_at);
  wal.gathered.clear();
  return written;
}

int gather(CheckedFile& wal, std::span<const std::uint8_t> bytes, sqlite3_int64 offset) {
  const auto end = wal.gathered_at + static_cast<sqlite3_int64>(wal.gathered.size());
  if (offset != end || wal.gathered.size() + bytes.size() > kMostGathered) {
    if (const int written = write_gathered(wal); written != SQLITE_OK) return written;
    wal.gathered_at = offset;
  }
  wal.gathered.insert(wal.gathered.end(), bytes.begin(), bytes.end());
  return SQLITE_OK;
}

using Page = std::span<const std::uint8_t>;
Page page_at(const void* bytes, int amount) {
  return {static_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(amount)};
}

// Page 1 says of all whether they have checksums; that it says so itself is under its checksum.
bool is_sound(const CheckedFile& main, Page page, std::uint32_t number) {
  if (number != 1 || main.checks) return !main.checks || is_sound_page(page, number);
  std::vector<std::uint8_t> with_checksum(page.begin(), page.end());
  with_checksum[kReservedAt] = kReservedBytes;
  return !is_sound_page(with_checksum, number);
}

void note_damage(CheckedFile& main, std::uint32_t number) {
  if (std::ranges::find(main.damage.pages, number) == main.damage.pages.end())
    main.damage.pages.push_back(number);
}

// A page as it was read. `read`: what reading it gave; a page of which the end is not there is no page.
int judge_page(CheckedFile& main, Page page, std::uint32_t number, int read) {
  if (read != SQLITE_OK && read != SQLITE_IOERR_SHORT_READ) return read;
  if (number == 1 && read == SQLITE_OK) main.checks = page[kReservedAt] == kReservedBytes;
  if (!main.asked_wal && main.wal != nullptr && main.index != nullptr) {
    main.asked_wal = true;
    main.damage.cut_wal = is_cut_wal(behind(*main.wal), main.index);
  }
  if (main.damage.cut_wal && !main.tolerates) return SQLITE_IOERR_DATA;
  if (read == SQLITE_IOERR_SHORT_READ ? !main.checks : is_sound(main, page, number)) return read;
  note_damage(main, number);
  return main.tolerates ? read : SQLITE_IOERR_DATA;
}

int read_main(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
  const int read = behind(file)->pMethods->xRead(behind(file), to, amount, offset);
  CheckedFile& main = file_of(file);
  if (is_page(amount, offset)) {
    return judge_page(main, page_at(to, amount), static_cast<std::uint32_t>(offset / amount) + 1, read);
  }
  if (read == SQLITE_OK && offset == 0 && amount >= kFileHeader) {
    main.checks = static_cast<std::uint8_t*>(to)[kReservedAt] == kReservedBytes;
  }
  return read;
}

// With the header of its frame, which says which page it is.
int read_wal(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
  if (const int written = write_gathered(file_of(file)); written != SQLITE_OK) return written;
  if (!is_page_of_frame(amount, offset)) {
    return behind(file)->pMethods->xRead(behind(file), to, amount, offset);
  }
  std::array<std::uint8_t, kFrameHeader + kLargestPage> frame;  // NOLINT: what is used of it is read
  const int read =
      behind(file)->pMethods->xRead(behind(file), frame.data(), kFrameHeader + amount, offset - kFrameHeader);
  std::memcpy(to, &frame[kFrameHeader], static_cast<std::size_t>(amount));
  return judge_page(*file_of(file).main, page_at(to, amount), read_big_endian(frame.data()), read);
}

using Stamped = std::array<std::uint8_t, kLargestPage>;
Page stamp(Page page, std::uint32_t number, Stamped& room) {
  std::ranges::copy(page, room.begin());
  stamp_page({room.data(), page.size()}, number);
  return {room.data(), page.size()};
}

int write_main(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  CheckedFile& main = file_of(file);
  if (is_page(amount, offset)) {
    const Page page = page_at(from, amount);
    if (offset == 0) main.checks = page[kReservedAt] == kReservedBytes;
    const auto number = static_cast<std::uint32_t>(offset / amount) + 1;
    if (main.checks) {
      Stamped room;  // NOLINT: what is used of it is written first
      return behind(file)->pMethods->xWrite(behind(file), stamp(page, number, room).data(), amount, offset);
    }
  }
  return behind(file)->pMethods->xWrite(behind(file), from, amount, offset);
}

// The page's number is known from the header of its frame, which is written first: in this call before, or by
// the transaction's first write of a page that it writes again.
int number_of_frame(CheckedFile& wal, sqlite3_int64 offset, std::uint32_t& number) {
  number = wal.page;
  if (wal.frame == offset) return SQLITE_OK;
  if (const int written = write_gathered(wal); written != SQLITE_OK) return written;
  std::array<std::uint8_t, 4> header{};
  const int read = behind(wal)->pMethods->xRead(behind(wal), header.data(), header.size(), offset);
  number = read_big_endian(header.data());
  return read;
}

int write_wal(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  CheckedFile& wal = file_of(file);
  const Page bytes = page_at(from, amount);
  if (amount == kFrameHeader) {
    wal.frame = offset;
    wal.page = read_big_endian(bytes.data());
  }
  if (is_page_of_frame(amount, offset)) {
    std::uint32_t number = 0;
    if (const int known = number_of_frame(wal, offset - kFrameHeader, number); known != SQLITE_OK)
      return known;
    if (number == 1) wal.main->checks = bytes[kReservedAt] == kReservedBytes;
    Stamped room;  // NOLINT: what is used of it is written first
    if (wal.main->checks || wal.main->makes) return gather(wal, stamp(bytes, number, room), offset);
  }
  return gather(wal, bytes, offset);
}

int synchronise(sqlite3_file* file, int flags) {
  if (const int written = write_gathered(file_of(file)); written != SQLITE_OK) return written;
  const int done = behind(file)->pMethods->xSync(behind(file), flags);
  if (done == SQLITE_OK) file_of(file).synchronised = true;
  return done;
}

int map_index(sqlite3_file* file, int region, int size, int extend, void volatile** address) {
  const int mapped = behind(file)->pMethods->xShmMap(behind(file), region, size, extend, address);
  if (region == 0) file_of(file).index = mapped == SQLITE_OK ? const_cast<const void*>(*address) : nullptr;
  return mapped;
}

int unmap_index(sqlite3_file* file, int remove) {
  file_of(file).index = nullptr;
  return behind(file)->pMethods->xShmUnmap(behind(file), remove);
}

// A writer that gives up its lock has told the index of what it committed; and that was synchronised before.
int lock_index(sqlite3_file* file, int first, int count, int flags) {
  constexpr int kWriteLock = 0;
  CheckedFile& main = file_of(file);
  const bool ends =
      (flags & SQLITE_SHM_UNLOCK) != 0 && (flags & SQLITE_SHM_EXCLUSIVE) != 0 && first == kWriteLock;
  if (ends && main.wal != nullptr && main.index != nullptr && main.wal->synchronised) {
    seal_wal(behind(*main.wal), main.index);
    main.wal->synchronised = false;
  }
  // What is still gathered is a transaction's that was given up; its place may be another writer's from now
  // on.
  if (ends && main.wal != nullptr) main.wal->gathered.clear();
  return behind(file)->pMethods->xShmLock(behind(file), first, count, flags);
}

int close_file(sqlite3_file* file) {
  // What is still gathered was not synchronised, and so never committed.
  const int closed = behind(file)->pMethods->xClose(behind(file));
  CheckedFile& ours = file_of(file);
  if (ours.main != nullptr && ours.main != &ours) ours.main->wal = nullptr;
  ours.~CheckedFile();
  return closed;
}

// All but what the two kinds of file do in their own way. Version 2 has no memory-mapped reading.
constexpr sqlite3_io_methods common_methods() {
  return {
      .iVersion = 2,
      .xClose = close_file,
      .xTruncate = [](sqlite3_file* f,
                      sqlite3_int64 size) { return behind(f)->pMethods->xTruncate(behind(f), size); },
      .xSync = [](sqlite3_file* f, int flags) { return behind(f)->pMethods->xSync(behind(f), flags); },
      .xFileSize = [](sqlite3_file* f,
                      sqlite3_int64* s) { return behind(f)->pMethods->xFileSize(behind(f), s); },
      .xLock = [](sqlite3_file* f, int level) { return behind(f)->pMethods->xLock(behind(f), level); },
      .xUnlock = [](sqlite3_file* f, int level) { return behind(f)->pMethods->xUnlock(behind(f), level); },
      .xCheckReservedLock = [](sqlite3_file* f,
                               int* out) { return behind(f)->pMethods->xCheckReservedLock(behind(f), out); },
      .xFileControl =
          [](sqlite3_file* f, int op, void* argument) {
            return behind(f)->pMethods->xFileControl(behind(f), op, argument);
          },
      .xSectorSize = [](sqlite3_file* f) { return behind(f)->pMethods->xSectorSize(behind(f)); },
      .xDeviceCharacteristics =
          [](sqlite3_file* f) { return behind(f)->pMethods->xDeviceCharacteristics(behind(f)); },
      .xShmMap = map_index,
      .xShmLock = lock_index,
      .xShmBarrier = [](sqlite3_file* f) { behind(f)->pMethods->xShmBarrier(behind(f)); },
      .xShmUnmap = unmap_index,
  };
}

constexpr sqlite3_io_methods kMainMethods = [] {
  sqlite3_io_methods methods = common_methods();
  methods.xRead = read_main;
  methods.xWrite = write_main;
  return methods;
}();

constexpr sqlite3_io_methods kWalMethods = [] {
  sqlite3_io_methods methods = common_methods();
  methods.xRead = read_wal;
  methods.xWrite = write_wal;
  methods.xSync = synchronise;
  methods.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
    const int written = write_gathered(file_of(f));
    return written != SQLITE_OK ? written : behind(f)->pMethods->xTruncate(behind(f), size);
  };
  methods.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
    const int written = write_gathered(file_of(f));
    return written != SQLITE_OK ? written : behind(f)->pMethods->xFileSize(behind(f), size);
  };
  return methods;
}();

// A new file is written page 1 last, when it is written at all; whoever makes one makes room for checksums.
int open_main(const char* name, sqlite3_file* memory, int flags, int* out) {
  CheckedFile& file = *new (memory) CheckedFile;
  file.main = &file;
  const int opened = unix_vfs()->xOpen(unix_vfs(), name, behind(file), flags, out);
  if (opened != SQLITE_OK) return opened;
  sqlite3_int64 size = 0;
  file.checks = behind(file)->pMethods->xFileSize(behind(file), &size) == SQLITE_OK && size == 0;
  file.base.pMethods = &kMainMethods;
  return SQLITE_OK;
}

// Only a WAL that is to be made new has its folder synchronised.
int open_wal(const char* name, sqlite3_file* memory, int flags, int* out) {
  CheckedFile& main = file_of(sqlite3_database_file_object(name));
  if (is_known_wal(&main.base, name)) flags &= ~SQLITE_OPEN_CREATE;
  CheckedFile& file = *new (memory) CheckedFile;
  const int opened = unix_vfs()->xOpen(unix_vfs(), name, behind(file), flags, out);
  if (opened != SQLITE_OK) return opened;
  file.main = &main;
  main.wal = &file;
  file.base.pMethods = &kWalMethods;
  return SQLITE_OK;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0 && name != nullptr) return open_main(name, file, flags, out);
  if ((flags & SQLITE_OPEN_WAL) != 0 && name != nullptr) return open_wal(name, file, flags, out);
  return unix_vfs()->xOpen(unix_vfs(), name, file, flags, out);
}

CheckedFile& main_of(sqlite3* database) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return file_of(file);
}

}  // namespace

const Damage& damage_met(sqlite3* database) { return main_of(database).damage; }
void tolerate_damage(sqlite3* database, bool tolerate) { main_of(database).tolerates = tolerate; }
bool has_checksums(sqlite3* database) { return main_of(database).checks; }
void begin_checksums(sqlite3* database) { main_of(database).makes = true; }
void give_up_checksums(sqlite3* database) { main_of(database).makes = main_of(database).checks = false; }

const char* registry_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs copy = *unix_vfs();
    copy.zName = "dmigate";
    copy.pNext = nullptr;
    copy.szOsFile += static_cast<int>(sizeof(CheckedFile));
    copy.xOpen = open_file;
    return copy;
  }();
  sqlite3_vfs_register(&vfs, 0);
  return vfs.zName;
}

}  // namespace dmigate::gate
