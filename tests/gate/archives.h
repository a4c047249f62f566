// Archives for tests, made by libarchive's other half; a cabinet, which it cannot make, by hand.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dmigate::gate {

using Files = std::vector<std::pair<std::string, std::string>>;  // path, content

// `format`: "ustar", "pax", "zip", "7zip"; `filter`: "none", "gzip", "xz", "zstd", "bzip2", "lz4", "lzip".
class ArchiveMaker {
 public:
  ArchiveMaker(const std::string& format, const std::string& filter) : writer_(archive_write_new()) {
    REQUIRE(archive_write_set_format_by_name(writer_, format.c_str()) == ARCHIVE_OK);
    if (filter != "none") REQUIRE(archive_write_add_filter_by_name(writer_, filter.c_str()) == ARCHIVE_OK);
    REQUIRE(archive_write_set_bytes_per_block(writer_, 0) == ARCHIVE_OK);
    const auto write = [](struct archive*, void* to, const void* bytes, size_t size) -> la_ssize_t {
      static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
      return static_cast<la_ssize_t>(size);
    };
    REQUIRE(archive_write_open(writer_, &made_, nullptr, write, nullptr) == ARCHIVE_OK);
  }
  ~ArchiveMaker() { archive_write_free(writer_); }
  ArchiveMaker(const ArchiveMaker&) = delete;
  ArchiveMaker& operator=(const ArchiveMaker&) = delete;

  void file(const std::string& path, const std::string& content) { add(path, AE_IFREG, "", "", content); }
  void folder(const std::string& path) { add(path, AE_IFDIR, "", "", ""); }
  void link(const std::string& path, const std::string& to) { add(path, AE_IFLNK, to, "", ""); }
  void hard_link(const std::string& path, const std::string& to) { add(path, AE_IFREG, "", to, ""); }
  void pipe(const std::string& path) { add(path, AE_IFIFO, "", "", ""); }

  std::string finish() {
    REQUIRE(archive_write_close(writer_) == ARCHIVE_OK);
    return made_;
  }

 private:
  void add(const std::string& path, unsigned type, const std::string& link, const std::string& hard_link,
           const std::string& content) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                         &archive_entry_free);
    archive_entry_set_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), type);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    if (!link.empty()) archive_entry_set_symlink(entry.get(), link.c_str());
    if (!hard_link.empty()) archive_entry_set_hardlink(entry.get(), hard_link.c_str());
    REQUIRE_MESSAGE(archive_write_header(writer_, entry.get()) >= ARCHIVE_WARN,
                    archive_error_string(writer_));
    if (content.empty()) return;
    REQUIRE(archive_write_data(writer_, content.data(), content.size()) ==
            static_cast<la_ssize_t>(content.size()));
  }

  struct archive* writer_;
  std::string made_;
};

inline std::string archive_of(const std::string& format, const std::string& filter, const Files& files) {
  ArchiveMaker maker(format, filter);
  for (const auto& [path, content] : files) maker.file(path, content);
  return maker.finish();
}

// A cabinet of one folder, stored: [MS-CAB] 2.
inline std::string cabinet_of(const Files& files) {
  constexpr std::size_t kHeader = 36, kFolder = 8, kLargestBlock = 32768;
  const auto number = [](std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xFF);
    return text;
  };
  std::string names, content, data;
  for (const auto& [path, bytes] : files) {
    names += number(bytes.size(), 4) + number(content.size(), 4) + number(0, 2) + number(0x5A21, 2) +
             number(0, 2) + number(0x20, 2) + path + '\0';
    content += bytes;
  }
  std::size_t blocks = 0;
  for (std::size_t at = 0; at < content.size(); at += kLargestBlock, ++blocks) {
    const std::string part = content.substr(at, kLargestBlock);
    data += number(0, 4) + number(part.size(), 2) + number(part.size(), 2) + part;  // no checksum
  }
  const std::size_t at_files = kHeader + kFolder, at_data = at_files + names.size();
  const std::string folder = number(at_data, 4) + number(blocks, 2) + number(0, 2);
  return "MSCF" + number(0, 4) + number(at_data + data.size(), 4) + number(0, 4) + number(at_files, 4) +
         number(0, 4) + std::string("\x03\x01", 2) + number(1, 2) + number(files.size(), 2) + number(0, 2) +
         number(1, 2) + number(0, 2) + folder + names + data;
}

}  // namespace dmigate::gate
