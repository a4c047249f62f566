#include "fuzz/targets.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "fuzz/exercise.h"

namespace dmigate::fuzz {
namespace {

constexpr std::array<std::string_view, 3> kAnchors = {"_SM3_", "_SM_", "_DMI_"};

void put(std::string_view mark, std::size_t at, Buffer& file) {
  if (file.size() < at + mark.size()) return;
  std::copy(mark.begin(), mark.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

// Makes the checksum over `length` bytes from `at` right: byte `place` answers for it.
void put_sum(std::size_t at, std::size_t length, std::size_t place, Buffer& file) {
  if (file.size() < at + length) return;
  std::uint8_t sum = 0;
  for (std::size_t i = at; i < at + length; ++i) sum = static_cast<std::uint8_t>(sum + file[i]);
  file[at + place] = static_cast<std::uint8_t>(file[at + place] - sum);
}

void put_entry_point(unsigned kind, std::size_t at, Buffer& file) {
  put(kAnchors.at(kind), at, file);
  if (kind == 1) {
    put("\x1F", at + 5, file);
    put("_DMI_", at + 0x10, file);
    put_sum(at + 0x10, 0x0F, 5, file);
    put_sum(at, 0x1F, 4, file);
  } else if (kind == 0) {
    put("\x18", at + 6, file);
    put_sum(at, 0x18, 5, file);
  } else {
    put_sum(at, 0x0F, 5, file);
  }
}

std::uint8_t take_byte(Buffer& input) {
  if (input.empty()) return 0;
  const std::uint8_t byte = input.front();
  input.erase(input.begin());
  return byte;
}

// Which of the marks the input begins with; their number when it is none.
std::size_t begins_with(std::span<const std::string_view> marks, const Buffer& input) {
  const auto mark = std::find_if(marks.begin(), marks.end(), [&](std::string_view each) {
    return smbios::ByteView(input).starts_with(each);
  });
  return static_cast<std::size_t>(mark - marks.begin());
}

}  // namespace

// A seed begins with its anchor; of other inputs the first byte says which they get.
void dump(Buffer input) {
  auto kind = static_cast<unsigned>(begins_with(kAnchors, input));
  if (kind == kAnchors.size()) kind = take_byte(input) & 3;
  if (kind < kAnchors.size()) put_entry_point(kind, 0, input);
  open_and_exercise(std::move(input));
}

void pair(Buffer input) {
  const unsigned kind = input.empty() ? 0 : input.front() % 3;
  const std::size_t head = std::min<std::size_t>(input.size(), 0x20);
  Buffer entry_point(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(head));
  put_entry_point(kind, 0, entry_point);
  const Buffer table(input.begin() + static_cast<std::ptrdiff_t>(head), input.end());
  const auto source = smbios::Source::from_pair(entry_point, table, "input");
  if (source) exercise(*source);
}

void rsmb(Buffer input) {
  if (input.size() >= 8 && (input[0] & 3) != 0) smbios::put_number(input, 4, 4, input.size() - 8);
  open_and_exercise(std::move(input));
}

void bare(Buffer input) { open_and_exercise(std::move(input)); }

void image(Buffer input) {
  if (input.size() >= 2) {
    const std::size_t at = 16 + std::size_t{input[0]} % 64 * 16;
    const unsigned kind = input[1] % 3;
    input.erase(input.begin(), input.begin() + 2);
    put_entry_point(kind, at, input);
  }
  open_and_exercise(std::move(input));
}

void compressed(Buffer input) {
  constexpr std::array<std::string_view, 3> kMagic = {"\x1F\x8B\x08",
                                                      "\xFD"
                                                      "7zXZ",
                                                      "\x28\xB5\x2F\xFD"};
  if (begins_with(kMagic, input) == kMagic.size()) {
    const unsigned kind = take_byte(input) & 3;
    if (kind < kMagic.size()) put(kMagic.at(kind), 0, input);
  }
  open_and_exercise(std::move(input));
}

void text(Buffer input) {
  constexpr std::string_view kHead = "# dmidecode 3.4\n";
  input.insert(input.begin(), kHead.begin(), kHead.end());
  open_and_exercise(std::move(input));
}

smbios::Version take_version(Buffer& input) {
  constexpr std::array<smbios::Version, 8> kVersions = {
      {{2, 0, 0}, {2, 3, 0}, {2, 5, 0}, {2, 7, 0}, {3, 0, 0}, {3, 5, 0}, {3, 9, 0}, {}}};
  return kVersions.at(take_byte(input) % kVersions.size());
}

void walk(Buffer input) {
  const smbios::Version version = take_version(input);
  walk(smbios::Table(input, version));
}

void inspect(Buffer input) {
  smbios::Layout layout;
  layout.version = take_version(input);
  layout.table = input;
  promise(smbios::inspect(layout).size() <= smbios::kMaxDefects * 64, "findings are bounded");
}

}  // namespace dmigate::fuzz
