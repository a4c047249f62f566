// Batches of any size, made of four models: dumps of 1 to 6 KB, 3.5 KB on average, each unit with an identity
// of its own. A seed says which of them are faulty, and which carry another's identity.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "smbios/result.h"

namespace dmigate::benchmarks {

enum class Fault : std::uint8_t {
  kNone,
  kEmptySerial,   ///< the system's serial was never written
  kZeroSerial,    ///< 000000000
  kTemplateUuid,  ///< AMI's sample
  kBlankBoard,    ///< the board's serial is blanks
  kCut,           ///< the file ends in the middle
  kBorrowed,      ///< serial and UUID of another unit
};

class Corpus {
 public:
  // `source`: the folder of the sources, for desktop.yaml. Of 1000 units 10 are faulty, 5 borrowed.
  static Result<Corpus> make(const std::string& source, std::uint64_t seed = 20261120);

  [[nodiscard]] Fault fault(std::uint64_t unit) const;
  // Whose identity it shows; its own number but for kBorrowed.
  [[nodiscard]] std::uint64_t identity(std::uint64_t unit) const;
  // The unit's dump. Holds until the next call.
  const std::vector<std::uint8_t>& dump(std::uint64_t unit);
  static std::string path(std::uint64_t unit);  ///< "lot-0012/unit-0012345.bin"

 private:
  // Where in a model's dump the unit's own stands.
  struct Model {
    std::vector<std::uint8_t> dump;
    std::size_t serial = 0, uuid = 0, board = 0, chassis = 0, serial_number = 0;
    std::vector<std::size_t> modules;
  };
  explicit Corpus(std::uint64_t seed) : seed_(seed) {}
  [[nodiscard]] std::uint64_t random(std::uint64_t unit, std::uint64_t what) const;
  std::uint64_t seed_;
  std::vector<Model> models_;
  std::vector<std::uint8_t> made_;
};

}  // namespace dmigate::benchmarks
