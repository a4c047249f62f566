// Archives read as streams: what they hold is never unpacked to a disk. Inside gate/audit only.
//
// libarchive is loaded when the first one is met: no check of a unit waits for it. The plain run of a tar
// that is not compressed is read without it (plain_tar.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gate/audit/plain_tar.h"
#include "gate/audit/work.h"
#include "smbios/byte_view.h"
#include "smbios/result.h"

struct archive_entry;

namespace dmigate::gate::audit {

// By the beginning of a file (512 bytes tell): tar, zip, cab, 7z. No dump is one; neither is a document that
// happens to be a zip.
bool is_container(smbios::Bytes beginning);
bool is_zipped_document(smbios::Bytes beginning);
// Or compressed, so that what is in it may be one.
bool is_archive(smbios::Bytes beginning);

struct ArchiveApi;  // what is used of libarchive

// Loads libarchive when it is first asked for.
class ArchiveLibrary {
 public:
  ArchiveLibrary();
  ~ArchiveLibrary();
  ArchiveLibrary(const ArchiveLibrary&) = delete;
  ArchiveLibrary& operator=(const ArchiveLibrary&) = delete;
  Result<const ArchiveApi*> load();

 private:
  std::mutex mutex_;
  std::unique_ptr<ArchiveApi> api_;
};

// What bounds an archive: a bomb is told from a batch by how much more it holds than it is long.
struct ArchiveLimits {
  std::uint64_t most_of_one = std::uint64_t{64} << 20;  ///< bytes of a file; a longer one is no table
  std::uint64_t unsuspected = std::uint64_t{1} << 30;   ///< bytes that any archive may hold
  std::uint64_t most_times = 2000;                      ///< beyond them: of the archive's own
  [[nodiscard]] bool is_bomb(std::uint64_t unpacked, std::uint64_t packed) const;
};

class Archive {
 public:
  // `file` is read from where it stands; what was read of it before is `beginning`. A plain file is sought
  // in. `name` stands before the paths inside. `stop` may be null.
  Archive(const ArchiveApi& api, int file, smbios::Bytes beginning, std::string name,
          const std::atomic<bool>* stop, const ArchiveLimits& limits = {});
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  // The next of its files, in its order; a pair of smbios_entry_point and DMI is one. False at its end. What
  // is wrong with the archive itself is its last entry, under its own name. Its view holds until the next
  // call.
  bool next(Entry& entry);
  [[nodiscard]] std::uint64_t bytes_read() const;  ///< of the archive itself

 private:
  struct Stream;
  void open_library();
  void open_unpacker();
  bool next_plain(Entry& entry);
  void leave_plain_run();
  using Parts = std::map<std::string, Entry, std::less<>>;
  std::optional<Entry> read_next();
  std::optional<Entry> at_end(std::uint64_t before);
  Entry read_entry(::archive_entry* header);
  std::string name_of(::archive_entry* header) const;
  void read_content(Entry& entry);
  Entry end(std::string what, std::string advice);
  Entry end_bomb();
  [[nodiscard]] bool is_format(int format) const;
  bool has_zeros(::archive_entry* header, std::uint64_t before) const;
  void keep_or_give(Entry entry);
  void give_folder(std::map<std::string, Parts>::iterator folder);
  void give_kept();
  [[nodiscard]] std::string cause() const;
  [[nodiscard]] std::uint64_t bytes_unpacked() const;
  [[nodiscard]] bool is_bomb() const;

  const ArchiveApi& api_;
  std::string name_;
  ArchiveLimits limits_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<Stream> stream_;
  bool tar_ = false;               ///< it is one that is not compressed
  std::optional<PlainTar> plain_;  ///< as long as its plain run goes on
  bool packs_ = false;             ///< it is compressed
  std::uint64_t given_ = 0;        ///< bytes of files that libarchive gave
  std::uint64_t files_ = 0;
  bool ended_ = false;
  bool unread_ = false;                ///< the last one's content, if it has any: a folder's, a link's
  bool goes_on_ = false;               ///< a tar, behind blocks of zeros
  std::map<std::string, Parts> kept_;  ///< parts of units, by folder, until their other parts have come
  std::uint64_t kept_bytes_ = 0;
  std::string last_folder_;
  std::deque<Entry> ready_;  ///< to be given next
};

}  // namespace dmigate::gate::audit
