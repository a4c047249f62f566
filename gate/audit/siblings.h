// Files of units of one model: the same to the byte but for what is each unit's own, serials and UUID. Inside
// gate/audit only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "smbios/fields.h"
#include "smbios/smbios.h"

namespace dmigate::gate::audit {

struct Answer;  // screen.h

// Bytes that may differ from one file to the other, without anything but a value being another: letters and
// digits of a serial number or an asset tag, for other letters and digits; and a UUID.
struct OwnBytes {
  std::size_t offset = 0, size = 0;
  bool uuid = false;
};

// What is known of a model's files, beside what the screen keeps of it.
struct Sibling {
  std::vector<std::uint8_t> file;
  std::vector<OwnBytes> own;  ///< by offset; none overlaps another
  std::size_t profile = 0;
  std::uint64_t hits = 0;

  // How the screen saw it: each reading without its structure; `moved` are those that are shown anew, in the
  // bytes of each unit, the others stand in `file`.
  struct Moved {
    std::size_t reading = 0, offset = 0;
  };
  std::vector<smbios::Reading> readings;
  std::vector<Moved> moved;
  std::string head;                ///< of the screen's key
  std::vector<std::string> parts;  ///< of it, by rule
  std::vector<bool> good;          ///< by rule
  std::vector<bool> anew;          ///< by rule: own bytes are in what it asks
  // What is said of a unit that is good by each rule of `anew`, once that is known.
  const Answer* of_good = nullptr;

  [[nodiscard]] bool is_of(smbios::Bytes other) const;
  [[nodiscard]] bool has_own(smbios::Bytes raw) const;  ///< of bytes of `file`, or an empty part of any
};

// Where the unit's own stands in the source's file. None: nothing can be told of its siblings (text, packed
// files, images of memory).
std::optional<std::vector<OwnBytes>> own_bytes(const smbios::Source& source);

}  // namespace dmigate::gate::audit
