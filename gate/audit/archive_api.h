// What is used of libarchive, by pointers: it is loaded when an archive is met. Inside gate/audit only.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <cstddef>

namespace dmigate::gate::audit {

struct ArchiveApi {
  decltype(&::archive_read_new) read_new = nullptr;
  decltype(&::archive_read_free) read_free = nullptr;
  decltype(&::archive_error_string) error_string = nullptr;
  decltype(&::archive_filter_bytes) filter_bytes = nullptr;
  decltype(&::archive_format) format = nullptr;
  decltype(&::archive_read_set_read_callback) set_read = nullptr;
  decltype(&::archive_read_set_seek_callback) set_seek = nullptr;
  decltype(&::archive_read_set_callback_data) set_data = nullptr;
  decltype(&::archive_read_set_options) set_options = nullptr;
  decltype(&::archive_read_open1) open = nullptr;
  decltype(&::archive_read_next_header) next_header = nullptr;
  decltype(&::archive_read_data_block) data_block = nullptr;
  decltype(&::archive_read_data_skip) data_skip = nullptr;
  decltype(&::archive_entry_filetype) filetype = nullptr;
  decltype(&::archive_entry_hardlink) hardlink = nullptr;
  decltype(&::archive_entry_pathname) pathname = nullptr;
  decltype(&::archive_entry_pathname_utf8) pathname_utf8 = nullptr;

  using Support = decltype(&::archive_read_support_format_tar);
  // What may stand around and in an archive. lrzip, lzop and grzip are left out: libarchive starts other
  // programs for them.
  static constexpr const char* kSupported[] = {
      "archive_read_support_format_tar",   "archive_read_support_format_zip",
      "archive_read_support_format_cab",   "archive_read_support_format_7zip",
      "archive_read_support_filter_bzip2", "archive_read_support_filter_compress",
      "archive_read_support_filter_gzip",  "archive_read_support_filter_lz4",
      "archive_read_support_filter_lzip",  "archive_read_support_filter_lzma",
      "archive_read_support_filter_xz",    "archive_read_support_filter_zstd"};
  static constexpr std::size_t kFormats = 4;  // that the list begins with; the others are filters
  Support support[sizeof kSupported / sizeof *kSupported] = {};
  Support support_raw = nullptr;  ///< what is merely compressed
};

}  // namespace dmigate::gate::audit
