// Reading what was found. Inside gate/audit only.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/byte_view.h"
#include "smbios/result.h"

namespace dmigate::gate::audit {

inline constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // of one unit; more is no table

// What a unit's folder holds.
inline constexpr std::string_view kEntryPoint = "smbios_entry_point", kTable = "DMI",
                                  kEvidence = "evidence.json";

std::string cause();  ///< why the last call to the system failed, in its words

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int file) : file_(file) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return file_; }

 private:
  int file_ = -1;
};

// `folder`: where a path begins that is not absolute, or AT_FDCWD. Waits for nobody.
Result<Descriptor> open_to_read(int folder, const char* path);

// Reads once, at the beginning of what was just opened, at most `most` bytes: `size` is how much came, 0 at
// the end. Waits until somebody has opened a pipe to write into it, and fails as read_on() does.
Result<void> read_first(int file, std::vector<std::uint8_t>& bytes, std::size_t& size, std::size_t most,
                        const std::atomic<bool>* stop);

// Reads on to the end, at most `most` bytes in all: `bytes` is made larger where it must be, `size` is how
// much of it was read before and after. Waits for what a pipe will bring; ends early when `stop` is set (it
// may be null). Fails with what the system says.
Result<void> read_on(int file, std::vector<std::uint8_t>& bytes, std::size_t& size, std::size_t most,
                     const std::atomic<bool>* stop);

// Reads once, into all of `room`: `size` is how much came, 0 at the end. Waits and fails as read_on() does.
Result<void> read_some(int file, std::span<std::uint8_t> room, std::size_t& size,
                       const std::atomic<bool>* stop);

// Whether a plain file of so many bytes is still as long: else it grew or shrank while it was read.
Result<void> check_size(int file, std::size_t size);

// Whether a file of which so many bytes were read, all from its beginning, has just these, as far as can be
// told without waiting: false of a pipe. Goes on behind them.
bool is_whole(int file, std::size_t size);

}  // namespace dmigate::gate::audit
