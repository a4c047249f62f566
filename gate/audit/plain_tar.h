// The plain run of a tar: files and folders one after the other, as every tar writes them, without being
// unpacked by libarchive. Inside gate/audit only.
//
// What is anything else (a name too long for its field, a link, a sparse file, a header that does not add up,
// the end) is not looked at here: libarchive goes on from its header, so that there is one opinion of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/byte_view.h"

namespace dmigate::gate::audit {

// Whether the sum of a tar's header is in it: the older ones have no other mark.
bool is_tar(smbios::Bytes beginning);

// The header of a folder that every tar may begin with.
std::vector<std::uint8_t> folder_header();

class PlainTar {
 public:
  // Reads on, into all of `room` or less: how much came, 0 at the end, none where it fails.
  using Read = std::function<std::optional<std::size_t>(std::span<std::uint8_t> room)>;
  explicit PlainTar(Read read);

  struct File {
    std::string_view name;  ///< never empty, no slash at its end
    smbios::Bytes content;
  };
  // The next file. None: from here on it is libarchive's. What it gives holds until the next call.
  std::optional<File> next();
  // What was read and not given: from a header on. Holds until the next call.
  [[nodiscard]] smbios::Bytes rest() const { return smbios::Bytes(buffer_).subspan(begin_, end_ - begin_); }

 private:
  bool has(std::size_t size);

  Read read_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< of what was read and not given
  std::string name_;
};

}  // namespace dmigate::gate::audit
