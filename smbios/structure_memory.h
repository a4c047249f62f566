// What was found in structures, by their bytes: the units of one model share most of theirs. A part of
// inspect(): inside this room only.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::smbios {

// A handle that a structure names, and the row that it stands in.
struct NamedHandle {
  Handle handle = 0;
  const Field* field = nullptr;
};

struct Remembered {
  Version version;
  std::vector<std::uint8_t> bytes;  ///< all of the structure, final NULs excluded
  std::vector<Defect> defects;      ///< their offsets are not of this table
  std::vector<NamedHandle> handles;
};

// Each structure has one place, which the last of those that fall on it keeps. Nothing is taken for known
// whose bytes are not the same.
class StructureMemory {
 public:
  StructureMemory() : places_(kPlaces) {}

  // Whether it is short enough to be remembered.
  static bool takes(const Structure& structure) { return structure.size() <= kMostBytes; }
  // The structure's place, and whether what is in it is of these bytes. Else it is to be filled.
  struct Found {
    Remembered& place;
    bool known;
  };
  Found find(const Structure& structure, Version version) {
    // Formatted area and strings stand side by side.
    const Bytes bytes(structure.formatted().data(), structure.size() - 2);
    Remembered& place = places_[hash(bytes) % kPlaces];
    const bool known = place.version == version && place.bytes.size() == bytes.size() &&
                       std::memcmp(place.bytes.data(), bytes.data(), bytes.size()) == 0;
    if (!known) {
      place.version = version;
      place.bytes.assign(bytes.begin(), bytes.end());
      place.defects.clear();
      place.handles.clear();
    }
    return {place, known};
  }

  // A place that was filled: what would take too much memory is not kept.
  static void keep(Remembered& place) {
    if (place.defects.size() > kMostFound || place.handles.size() > kMostFound) place = {};
  }

 private:
  static constexpr std::size_t kPlaces = 4096;
  static constexpr std::size_t kMostBytes = 2048;
  static constexpr std::size_t kMostFound = 64;

  // Of its header, length and both ends: it need not be good, only cheap.
  static std::size_t hash(Bytes bytes) {
    const ByteView view(bytes);
    const std::uint64_t front = view.number(0, 8).value_or(view.number(0, 4).value_or(0));
    const std::uint64_t back = bytes.size() < 8 ? 0 : view.number(bytes.size() - 8, 8).value_or(0);
    std::uint64_t mixed = (front ^ (bytes.size() << 48)) * 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ (mixed >> 29) ^ back) * 0xBF58476D1CE4E5B9U;
    return static_cast<std::size_t>(mixed >> 32);
  }

  std::vector<Remembered> places_;
};

}  // namespace dmigate::smbios
