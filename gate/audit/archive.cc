#include "gate/audit/archive.h"

#include <dlfcn.h>
#include <locale.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "gate/audit/archive_api.h"
#include "gate/audit/read_file.h"

namespace dmigate::gate::audit {
namespace {

using namespace std::string_view_literals;

constexpr const char* kReadUnit = "take this unit's folder again";

constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kZipRecord = 22;                // APPNOTE 4.3.16, without its comment
constexpr std::size_t kZipEnd = kZipRecord + 0xFFFF;  // with the longest
constexpr std::size_t kBuffer = std::size_t{256} << 10;
constexpr std::uint64_t kMostKept = std::uint64_t{64} << 20;  // bytes of parts of units
constexpr std::size_t kMostFolders = 4096;                    // that have parts

// ---------------------------------------------------------------- recognising

struct Magic {
  std::string_view bytes;
  bool packs;  ///< compression: an archive may be in it
};
constexpr Magic kMagics[] = {
    {"PK\x03\x04"sv, false},
    {"PK\x05\x06"sv, false},
    {"MSCF"sv, false},
    {"7z\xBC\xAF\x27\x1C"sv, false},
    {"\x1F\x8B"sv, true},
    {"\xFD\x37\x7A\x58\x5A\x00"sv, true},
    {"\x28\xB5\x2F\xFD"sv, true},
    {"BZh"sv, true},
    {"\x04\x22\x4D\x18"sv, true},
    {"\x1F\x9D"sv, true},
    {"LZIP\x01"sv, true},
    {"\x5D\x00\x00\x80\x00"sv, true},
};

// The first file of an Office document that is a zip.
constexpr std::size_t kZipName = 30;
constexpr std::string_view kDocuments[] = {"[Content_Types].xml", "mimetypeapplication/vnd."};

struct FileEnd {
  std::string bytes;  ///< the last, at most kZipEnd
  std::uint64_t file_size = 0;
};

enum class ZipEnd { kNone, kMoved, kWhole };

// The last record of a zip's end that is whole: it stands right behind the zip's directory, and nothing but
// zeros behind it (kMoved: it does not: something else is in the file). Of a directory that only zip64 can
// tell, nothing is known.
ZipEnd find_zip_end(const FileEnd& end) {
  constexpr std::size_t kCount = 10, kSize = 12, kOffset = 16, kCommentLength = 20;
  constexpr std::uint64_t kZip64 = 0xFFFFFFFF, kZip64Count = 0xFFFF;
  const std::string& tail = end.bytes;
  const smbios::ByteView view(tail);
  for (std::size_t at = tail.rfind("PK\x05\x06"); at != std::string::npos;
       at = at == 0 ? std::string::npos : tail.rfind("PK\x05\x06", at - 1)) {
    const auto comment = view.number(at + kCommentLength, 2);
    if (!comment || at + kZipRecord + *comment > tail.size()) continue;
    if (tail.find_first_not_of('\0', at + kZipRecord + *comment) != std::string::npos) return ZipEnd::kMoved;
    const auto size = view.number(at + kSize, 4), offset = view.number(at + kOffset, 4);
    if (view.number(at + kCount, 2) == kZip64Count || size == kZip64 || offset == kZip64)
      return ZipEnd::kWhole;
    return *size + *offset == end.file_size - tail.size() + at ? ZipEnd::kWhole : ZipEnd::kMoved;
  }
  return ZipEnd::kNone;
}

const Magic* find_magic(smbios::ByteView file) {
  const auto* found =
      std::ranges::find_if(kMagics, [&](const Magic& magic) { return file.starts_with(magic.bytes); });
  return found == std::end(kMagics) ? nullptr : found;
}

// ---------------------------------------------------------------- names

// libarchive turns names into the locale's letters, and gives none where it cannot.
class InLocale {
 public:
  explicit InLocale(locale_t locale) {
    if (locale != nullptr) before_ = ::uselocale(locale);
  }
  ~InLocale() {
    if (before_ != nullptr) ::uselocale(before_);
  }
  InLocale(const InLocale&) = delete;
  InLocale& operator=(const InLocale&) = delete;

 private:
  locale_t before_ = nullptr;
};

std::string_view without_dots(std::string_view name) {
  while (name.starts_with("./") && name.size() > 2) name.remove_prefix(2);
  return name;
}

bool is_part(std::string_view name) { return name == kEntryPoint || name == kTable || name == kEvidence; }

std::pair<std::string, std::string> split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

// Where blocks of zeros stand in a tar, as it goes by.
class ZeroBlocks {
 public:
  void meet(smbios::Bytes part) {
    while (!part.empty()) {
      const smbios::Bytes some = part.first(std::min(kTarBlock - met_ % kTarBlock, part.size()));
      zero_ = zero_ && some.front() == 0 && std::memcmp(some.data(), some.data() + 1, some.size() - 1) == 0;
      met_ += some.size();
      part = part.subspan(some.size());
      if (met_ % kTarBlock != 0) continue;
      if (std::exchange(zero_, true)) add();
    }
  }
  void forget(std::uint64_t end) {
    while (!runs_.empty() && runs_.front().end <= end) runs_.pop_front();
  }
  [[nodiscard]] bool any(std::uint64_t begin, std::uint64_t end) const {
    return std::ranges::any_of(runs_, [&](const Run& run) { return run.begin < end && begin < run.end; });
  }
  [[nodiscard]] std::uint64_t met() const { return met_; }  ///< bytes

 private:
  struct Run {
    std::uint64_t begin, end;
  };
  void add() {
    if (runs_.empty() || runs_.back().end != met_ - kTarBlock) runs_.push_back({met_ - kTarBlock, met_});
    runs_.back().end = met_;
  }

  std::uint64_t met_ = 0;
  bool zero_ = true;  ///< the block that is not whole yet
  std::deque<Run> runs_;
};

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, ArchiveApi& api) {
  bool all = find(library, "archive_read_new", api.read_new) &&
             find(library, "archive_read_free", api.read_free) &&
             find(library, "archive_error_string", api.error_string) &&
             find(library, "archive_filter_bytes", api.filter_bytes) &&
             find(library, "archive_format", api.format) &&
             find(library, "archive_read_set_read_callback", api.set_read) &&
             find(library, "archive_read_set_seek_callback", api.set_seek) &&
             find(library, "archive_read_set_callback_data", api.set_data) &&
             find(library, "archive_read_set_options", api.set_options) &&
             find(library, "archive_read_open1", api.open) &&
             find(library, "archive_read_next_header", api.next_header) &&
             find(library, "archive_read_data_block", api.data_block) &&
             find(library, "archive_read_data_skip", api.data_skip) &&
             find(library, "archive_entry_filetype", api.filetype) &&
             find(library, "archive_entry_hardlink", api.hardlink) &&
             find(library, "archive_entry_pathname", api.pathname) &&
             find(library, "archive_entry_pathname_utf8", api.pathname_utf8) &&
             find(library, "archive_read_support_format_raw", api.support_raw);
  for (std::size_t i = 0; i < std::size(api.support); ++i)
    all = all && find(library, ArchiveApi::kSupported[i], api.support[i]);
  return all;
}

}  // namespace

bool is_container(smbios::Bytes beginning) {
  const smbios::ByteView view(beginning);
  const Magic* magic = find_magic(view);
  if (magic == nullptr) return is_tar(beginning);
  return !magic->packs && !is_zipped_document(beginning);
}

bool is_zipped_document(smbios::Bytes beginning) {
  const smbios::ByteView view(beginning);
  const auto is_first = [&](std::string_view name) { return view.from(kZipName).starts_with(name); };
  return view.starts_with("PK\x03\x04") && std::ranges::any_of(kDocuments, is_first);
}

bool is_archive(smbios::Bytes beginning) {
  const Magic* magic = find_magic(beginning);
  return is_container(beginning) || (magic != nullptr && magic->packs);
}

// ---------------------------------------------------------------- the library

ArchiveLibrary::ArchiveLibrary() = default;
ArchiveLibrary::~ArchiveLibrary() = default;

Result<const ArchiveApi*> ArchiveLibrary::load() {
  const std::lock_guard lock(mutex_);
  if (api_) return api_.get();
  void* library = ::dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);  // stays: its code is in use
  auto api = std::make_unique<ArchiveApi>();
  if (library == nullptr || !find_all(library, *api)) {
    return fail("libarchive is not here, which reads archives", {},
                "install libarchive13, or unpack the archive");
  }
  api_ = std::move(api);
  return api_.get();
}

// ---------------------------------------------------------------- one archive

struct Archive::Stream {
  int file;
  bool plain;
  smbios::Bytes beginning;
  const std::atomic<bool>* stop;
  std::vector<std::uint8_t> buffer = std::vector<std::uint8_t>(kBuffer);
  std::string failed = {};  ///< why it could not be read
  std::uint64_t read_bytes = 0;
  std::vector<std::uint8_t> left = {};  ///< of a plain run
  bool keeps_tail = false;
  std::string tail = {};  ///< the last that was read, where it cannot be sought in
  ::archive* reader = nullptr;
  // Of what is compressed: what unpacks it for `reader`, so that its bytes go by here.
  ::archive* unpacker = nullptr;
  const ArchiveApi* api = nullptr;
  const ArchiveLimits* limits = nullptr;
  ZeroBlocks zeros = {};       ///< of what `reader` was given
  bool within_header = false;  ///< it is at one, from whose beginning on they are asked for
  bool bomb = false;
  locale_t utf8 = nullptr;  ///< loaded once: it costs more than a file of the archive

  static la_ssize_t read(::archive* /*reader*/, void* data, const void** bytes) {
    auto& self = *static_cast<Stream*>(data);
    const auto part = self.read_part();
    if (!part) return ARCHIVE_FATAL;
    *bytes = part->data();
    return static_cast<la_ssize_t>(part->size());
  }
  // What is in the compression, or the archive as it is.
  static la_ssize_t read_unpacked(::archive* reader, void* data, const void** bytes) {
    auto& self = *static_cast<Stream*>(data);
    const la_ssize_t size = self.unpacker == nullptr ? read(reader, data, bytes) : self.unpack(bytes);
    if (size <= 0) return size;
    if (!self.within_header) self.zeros.forget(self.position());
    self.zeros.meet({static_cast<const std::uint8_t*>(*bytes), static_cast<std::size_t>(size)});
    self.bomb = self.limits->is_bomb(self.zeros.met(), self.read_bytes);
    return self.bomb ? ARCHIVE_FATAL : size;
  }
  la_ssize_t unpack(const void** bytes) {
    std::size_t size = 0;
    la_int64_t offset = 0;
    int answer = ARCHIVE_OK;
    while (answer == ARCHIVE_OK && size == 0 && failed.empty())
      answer = api->data_block(unpacker, bytes, &size, &offset);
    if (answer == ARCHIVE_EOF) return 0;
    if (answer == ARCHIVE_OK && failed.empty()) return static_cast<la_ssize_t>(size);
    fail_to_unpack();
    return ARCHIVE_FATAL;
  }
  void fail_to_unpack() {
    const char* said = unpacker == nullptr ? nullptr : api->error_string(unpacker);
    if (failed.empty()) failed = said == nullptr ? "unknown cause" : said;
  }
  // What `reader` has taken of what it was given.
  [[nodiscard]] std::uint64_t position() const {
    const auto bytes = reader == nullptr ? 0 : api->filter_bytes(reader, 0);
    return bytes < 0 ? 0 : static_cast<std::uint64_t>(bytes);
  }
  // Empty at the end; none: `failed` says why.
  std::optional<smbios::Bytes> read_part() {
    if (!beginning.empty()) return std::exchange(beginning, {});
    const auto size = read_into(buffer);
    if (!size) return std::nullopt;
    return smbios::Bytes(buffer).first(*size);
  }
  // The same, into some room.
  std::optional<std::size_t> read_into(std::span<std::uint8_t> room) {
    std::size_t size = 0;
    if (const auto done = read_some(file, room, size, stop); !done) {
      failed = done.error().what;
      return std::nullopt;
    }
    met(room.first(size));
    return size;
  }
  // What was read for the first time.
  void met(smbios::Bytes part) {
    read_bytes += part.size();
    if (!keeps_tail) return;
    tail += smbios::ByteView(part).text();
    if (tail.size() > kZipEnd) tail.erase(0, tail.size() - kZipEnd);
  }
  // No bytes where they cannot be read.
  FileEnd end_of_file() {
    if (!plain) {
      for (auto part = read_part(); part && !part->empty();) part = read_part();
      return {std::move(tail), read_bytes};
    }
    const off_t size = ::lseek(file, 0, SEEK_END);
    std::string end(static_cast<std::size_t>(std::clamp<off_t>(size, 0, kZipEnd)), '\0');
    const ssize_t got = ::pread(file, end.data(), end.size(), size - static_cast<off_t>(end.size()));
    if (got != static_cast<ssize_t>(end.size())) return {};
    return {std::move(end), static_cast<std::uint64_t>(size)};
  }
  static la_int64_t seek(::archive* /*reader*/, void* data, la_int64_t offset, int whence) {
    const off_t at = ::lseek(static_cast<Stream*>(data)->file, offset, whence);
    return at < 0 ? ARCHIVE_FATAL : at;
  }
};

Archive::Archive(const ArchiveApi& api, int file, smbios::Bytes beginning, std::string name,
                 const std::atomic<bool>* stop, const ArchiveLimits& limits)
    : api_(api), name_(std::move(name)), limits_(limits), stop_(stop) {
  const bool plain = ::lseek(file, 0, SEEK_SET) == 0;
  stream_ = std::make_unique<Stream>(
      Stream{.file = file, .plain = plain, .beginning = {}, .stop = stop, .api = &api_, .limits = &limits_});
  tar_ = is_tar(beginning);
  stream_->keeps_tail = !plain && !tar_;
  if (!plain) {
    stream_->beginning = beginning;
    stream_->met(beginning);
  }
  if (tar_) {
    plain_.emplace([this](std::span<std::uint8_t> room) -> std::optional<std::size_t> {
      if (stream_->beginning.empty()) return stream_->read_into(room);
      const smbios::Bytes some = stream_->beginning.first(std::min(room.size(), stream_->beginning.size()));
      std::ranges::copy(some, room.begin());
      stream_->beginning = stream_->beginning.subspan(some.size());
      return some.size();
    });
    return;
  }
  const Magic* magic = find_magic(beginning);
  packs_ = magic != nullptr && magic->packs;
  open_library();
}

// From where the stream is now. What is left of a plain tar is a tar, with nothing around it.
void Archive::open_library() {
  stream_->utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const InLocale utf8(stream_->utf8);
  if (packs_) open_unpacker();
  ::archive* reader = stream_->reader = api_.read_new();
  if (reader == nullptr) return;  // no memory; read_next() says so
  static_assert(std::string_view(ArchiveApi::kSupported[0]) == "archive_read_support_format_tar");
  for (const auto support : std::span(api_.support).first(tar_ ? 1 : ArchiveApi::kFormats)) support(reader);
  if (packs_) api_.support_raw(reader);
  // Behind blocks of zeros it looks for more: at_end() tells what that means.
  if (api_.set_options(reader, "tar:read_concatenated_archives=1") != ARCHIVE_OK) {
    api_.read_free(std::exchange(stream_->reader, nullptr));
    return;
  }
  api_.set_data(reader, stream_.get());
  api_.set_read(reader, &Stream::read_unpacked);
  if (stream_->plain && !tar_ && !packs_) api_.set_seek(reader, &Stream::seek);
  api_.open(reader);  // what it fails with, the first header fails with as well
}

void Archive::open_unpacker() {
  ::archive* unpacker = stream_->unpacker = api_.read_new();
  if (unpacker == nullptr) return stream_->fail_to_unpack();
  for (const auto support : std::span(api_.support).subspan(ArchiveApi::kFormats)) support(unpacker);
  api_.support_raw(unpacker);
  api_.set_data(unpacker, stream_.get());
  api_.set_read(unpacker, &Stream::read);
  ::archive_entry* header = nullptr;
  api_.open(unpacker);
  if (api_.next_header(unpacker, &header) != ARCHIVE_OK) stream_->fail_to_unpack();
}

Archive::~Archive() {
  if (stream_->reader != nullptr) api_.read_free(stream_->reader);
  if (stream_->unpacker != nullptr) api_.read_free(stream_->unpacker);
  if (stream_->utf8 != nullptr) ::freelocale(stream_->utf8);
}

// Counted here: libarchive does not tell it of every filter.
std::uint64_t Archive::bytes_read() const { return stream_->read_bytes; }

std::uint64_t Archive::bytes_unpacked() const { return std::max(given_, stream_->position()); }

bool ArchiveLimits::is_bomb(std::uint64_t unpacked, std::uint64_t packed) const {
  return unpacked > unsuspected && unpacked / most_times > packed;
}

bool Archive::is_bomb() const { return stream_->bomb || limits_.is_bomb(bytes_unpacked(), bytes_read()); }

std::string Archive::cause() const {
  if (!stream_->failed.empty()) return stream_->failed;
  const char* said = stream_->reader == nullptr ? nullptr : api_.error_string(stream_->reader);
  return said == nullptr ? "unknown cause" : said;
}

bool Archive::next(Entry& entry) {
  if (plain_ && ready_.empty() && next_plain(entry)) return true;
  const InLocale utf8(stream_->utf8);
  while (ready_.empty()) {
    auto read = read_next();
    if (!read) {
      give_kept();
      if (ready_.empty()) return false;
    } else {
      keep_or_give(*std::move(read));
    }
  }
  entry = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

// False: there is something in ready_, or the run is over.
bool Archive::next_plain(Entry& entry) {
  while (ready_.empty()) {
    const auto file = plain_->next();
    if (!file) {
      leave_plain_run();
      return false;
    }
    ++files_;
    entry.clear();
    entry.path.append(name_).append("/").append(without_dots(file->name));
    const auto name = std::string_view(entry.path).substr(entry.path.rfind('/') + 1);
    if (kept_.empty() && !is_part(name)) {
      entry.view = file->content;
      return true;
    }
    entry.bytes.assign(file->content.begin(), file->content.end());
    keep_or_give(std::exchange(entry, {}));
  }
  return false;
}

// What tells libarchive that it is a tar is a header of our own, of a folder: of the next one in the tar it
// thinks then as it does in the middle of any.
void Archive::leave_plain_run() {
  const smbios::Bytes rest = plain_->rest();
  stream_->left = folder_header();
  stream_->left.insert(stream_->left.end(), rest.begin(), rest.end());
  stream_->beginning = stream_->left;
  plain_.reset();
  open_library();
}

// What is wrong with all of it ends it.
Entry Archive::end(std::string what, std::string advice) {
  ended_ = true;
  return {.path = name_, .error = Error{.what = std::move(what), .where = {}, .advice = std::move(advice)}};
}

Entry Archive::end_bomb() {
  return end("the archive holds more than " + std::to_string(limits_.most_times) +
                 " times its own size: that is no batch; what came before was audited",
             "unpack it with care, and look at what is in it");
}

std::optional<Entry> Archive::read_next() {
  while (!ended_) {
    const bool skipped =
        stream_->reader != nullptr && (!unread_ || api_.data_skip(stream_->reader) >= ARCHIVE_WARN);
    const std::uint64_t before = stream_->position();
    ::archive_entry* header = nullptr;
    stream_->within_header = true;
    const int answer = skipped ? api_.next_header(stream_->reader, &header) : ARCHIVE_FATAL;
    stream_->within_header = false;
    if (answer == ARCHIVE_EOF) return at_end(before);
    if (is_bomb()) return end_bomb();
    if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) {
      return end("the archive is cut off or damaged (" + cause() + "); what came before was audited",
                 "copy it again from where it was made");
    }
    unread_ = true;
    goes_on_ = goes_on_ || (is_format(ARCHIVE_FORMAT_TAR) && has_zeros(header, before));
    if (api_.filetype(header) == AE_IFDIR) continue;
    ++files_;
    return read_entry(header);
  }
  return std::nullopt;
}

bool Archive::is_format(int format) const {
  return (api_.format(stream_->reader) & ARCHIVE_FORMAT_BASE_MASK) == format;
}

// Whether blocks of zeros stand before a header that begins at `before`, or in the middle of it: where it is
// of several blocks. A name of 512 letters has one for the NUL at its end.
bool Archive::has_zeros(::archive_entry* header, std::uint64_t before) const {
  if (stream_->zeros.any(before, before + kTarBlock)) return true;
  const char* name = api_.pathname(header);
  const bool fills_blocks = name != nullptr && std::string_view(name).size() % kTarBlock == 0;
  return !fills_blocks && stream_->zeros.any(before, stream_->position());
}

// `before`: how much was unpacked up to there. A tar ends with blocks of zeros, a zip with a record of its
// own: without them it was cut between two of its files, or behind the last.
std::optional<Entry> Archive::at_end(std::uint64_t before) {
  ended_ = true;
  const ZipEnd zip_end =
      is_format(ARCHIVE_FORMAT_ZIP) ? find_zip_end(stream_->end_of_file()) : ZipEnd::kWhole;
  if ((is_format(ARCHIVE_FORMAT_TAR) && !stream_->zeros.any(before, before + kTarBlock)) ||
      zip_end == ZipEnd::kNone) {
    return end("the archive is cut off: it has no end; what came before was audited",
               "copy it again from where it was made");
  }
  if (zip_end == ZipEnd::kMoved) {
    return end("something else stands in the archive's file, perhaps another archive; it was not audited",
               "give each archive by itself");
  }
  // Whether it is two, or one with a part of it zeroed, cannot be told.
  if (goes_on_) {
    return end("the archive goes on behind its end: several were put together, or a part of it is zeros",
               "give each archive by itself, or copy it again from where it was made");
  }
  if (files_ > 0) return std::nullopt;
  return end("the archive holds no file", "check that it is the right one");
}

Entry Archive::read_entry(::archive_entry* header) {
  const bool raw = is_format(ARCHIVE_FORMAT_RAW);
  Entry entry{.path = raw ? name_ : name_ + "/" + name_of(header)};
  if (api_.hardlink(header) != nullptr) {
    entry.other = "another name of a file in this archive";
  } else if (api_.filetype(header) == AE_IFLNK) {
    entry.other = "a link";
  } else if (api_.filetype(header) != AE_IFREG) {
    entry.other = "a pipe, a socket or a device";
  } else {
    read_content(entry);
  }
  return entry;
}

std::string Archive::name_of(::archive_entry* header) const {
  const char* name = api_.pathname(header);
  if (name == nullptr) name = api_.pathname_utf8(header);
  if (name == nullptr || *name == '\0') return "(" + std::to_string(files_) + ")";
  return std::string(without_dots(name));
}

void Archive::read_content(Entry& entry) {
  unread_ = false;
  std::uint64_t size = 0;
  for (;;) {
    const void* bytes = nullptr;
    std::size_t length = 0;
    la_int64_t offset = 0;
    const int answer = api_.data_block(stream_->reader, &bytes, &length, &offset);
    if (answer == ARCHIVE_EOF) break;
    given_ += length;
    if (is_bomb()) {
      entry = end_bomb();
      return;
    }
    if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) {
      entry.error = Error{.what = "it cannot be read from the archive (" + cause() + ")",
                          .where = {},
                          .advice = "copy the archive again from where it was made"};
      return;
    }
    size = std::max<std::uint64_t>(size, static_cast<std::uint64_t>(offset) + length);
    if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) {
      entry = end("the audit was ended before it was read", {});
      return;
    }
    if (size > limits_.most_of_one) continue;  // read on: that is how the next one is come by
    entry.bytes.resize(static_cast<std::size_t>(size));
    std::copy_n(static_cast<const std::uint8_t*>(bytes), length, entry.bytes.begin() + offset);
  }
  if (size <= limits_.most_of_one) return;
  entry.bytes = {};
  entry.other = "larger than 64 MiB: no SMBIOS table";
}

// ---------------------------------------------------------------- units of several files

void Archive::keep_or_give(Entry entry) {
  auto [folder, name] = split(entry.path);
  if (folder != last_folder_) {
    const auto left = kept_.find(last_folder_);
    if (left != kept_.end() && left->second.contains(kTable) && left->second.contains(kEntryPoint))
      give_folder(left);
    last_folder_ = folder;
  }
  if (!is_part(name) || kept_[folder].contains(name)) {
    ready_.push_back(std::move(entry));
  } else {
    kept_bytes_ += entry.bytes.size();
    kept_[folder].emplace(name, std::move(entry));
  }
  if (kept_bytes_ > kMostKept || kept_.size() > kMostFolders) give_kept();
}

void Archive::give_kept() {
  while (!kept_.empty()) give_folder(kept_.begin());
}

// The pair as one; what has no other half by itself.
void Archive::give_folder(std::map<std::string, Parts>::iterator folder) {
  Parts parts = std::move(folder->second);
  const std::string path = folder->first;
  kept_.erase(folder);
  for (const auto& [name, part] : parts) kept_bytes_ -= part.bytes.size();
  if (parts.contains(kTable) && parts.contains(kEntryPoint)) {
    Entry unit{.path = path,
               .bytes = std::move(parts.find(kTable)->second.bytes),
               .entry_point = std::move(parts.find(kEntryPoint)->second.bytes)};
    if (const auto evidence = parts.find(kEvidence); evidence != parts.end())
      unit.evidence = std::string(smbios::ByteView(evidence->second.bytes).text());
    for (const auto& [name, part] : parts) {
      if (part.error) unit.error = part.error;
      if (!part.other.empty()) unit.error = fail(name + " is no plain file", path, kReadUnit).value();
    }
    // Without it, the other half would pass for a whole file.
    if (unit.entry_point.empty() && !unit.error) {
      unit.error = fail("smbios_entry_point is empty", path, kReadUnit).value();
    }
    ready_.push_back(std::move(unit));
    return;
  }
  for (auto& [name, part] : parts) ready_.push_back(std::move(part));
}

}  // namespace dmigate::gate::audit
