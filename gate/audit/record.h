// What is kept of each unit of a batch, and the temporary files that it is kept in. Inside gate/audit only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gate/judge/verdict.h"

namespace dmigate::gate::audit {

enum class Kind : std::uint8_t {
  kUnit,   ///< a table; or what should have been one: its outcome is kError then
  kOther,  ///< no dump, and nothing that is missed
};

// A finding without its words.
struct Brief {
  Say say = Say::kCount;
  Severity severity = Severity::kError;
  bool unjudged = false;
  std::string_view keyword;
};

// A value that may be only one unit's, as people read it; and what it is compared by, where a registry is to
// be asked of it.
struct Shown {
  std::string_view keyword;
  std::string_view value;
  std::string_view scope = {}, key = {};  ///< as UniqueValue and WitnessValue have them
  bool second = false, witness = false;
};

inline constexpr std::uint16_t kNoModel = 0xFFFF;

// A view: whoever gives it says how long it holds.
struct Record {
  Kind kind = Kind::kUnit;
  Outcome outcome = Outcome::kError;
  std::optional<Outcome> enforced;  ///< what it would have been, where the profile only observes
  std::uint16_t model = kNoModel;   ///< index of its profile
  bool cards_known = false;         ///< whether its network cards were read
  std::string_view path;            ///< any bytes
  std::span<const Brief> briefs;
  std::span<const Shown> values;
  // Of each finding that blocks, in their order: sentence, tab, advice, newline. Of kOther: why it is none.
  std::string_view words;
  std::string_view head = {};  ///< as encode_head() wrote it: of a record that was read
};

// The head is all but path and values: what many units have in common.
void encode_head(const Record& record, std::string& out);
void encode_tail(std::string_view path, std::span<const Shown> values, std::string& out);

// Reads what they wrote, one record after the other.
class RecordReader {
 public:
  explicit RecordReader(std::string_view encoded) : rest_(encoded) {}
  // False at the end. What it gives holds until the next call, as long as the encoded bytes do.
  bool next(Record& record);

 private:
  template <typename Number>
  Number number();
  std::string_view text();

  std::string_view rest_;
  std::vector<Brief> briefs_;
  std::vector<Shown> values_;
};

// 0, or errno.
int write_all(int file, std::string_view bytes);

// A temporary file without a name: it is gone when the process is. One thread writes, then any may read.
class Spill {
 public:
  Spill() = default;
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  Result<void> open(const std::string& folder);
  // Where it will stand. What could not be written is told by flush().
  std::uint64_t append(std::string_view bytes);
  Result<void> flush();
  Result<void> read(std::uint64_t offset, std::size_t size, std::string& bytes) const;

 private:
  void write_buffer();
  int file_ = -1;
  std::string folder_;
  std::string buffer_;
  std::uint64_t size_ = 0;  ///< with what is in the buffer
  int failed_ = 0;          ///< errno
};

}  // namespace dmigate::gate::audit
