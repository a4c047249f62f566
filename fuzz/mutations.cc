// mutations EVERY FOLDER…: every truncation and every single changed byte of every file below the folders:
// each must be refused, or be read, decoded and inspected as smbios/smbios.h promises. EVERY thins them
// out: 1 takes all (256 values of each byte), N every Nth. ./soak mutations runs it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/exercise.h"

namespace {

namespace fs = std::filesystem;
using namespace dmigate;
using Buffer = std::vector<std::uint8_t>;

struct Count {
  std::size_t tried = 0, read = 0;
};

void take(const Buffer& bytes, Count& count) {
  ++count.tried;
  const auto source = smbios::Source::from_bytes(bytes, "changed");
  if (!source) return;
  ++count.read;
  fuzz::exercise(*source);
  fuzz::decode(source->table(), smbios::Handles(source->table()));
  fuzz::promise(smbios::inspect(source->layout()).size() <= smbios::kMaxDefects * 64, "findings are bounded");
}

// `at` goes on over all files, so that a thinned run takes other places of each.
void mutate(const Buffer& file, std::size_t every, std::size_t& at, Count& count) {
  for (std::size_t size = 0; size < file.size(); ++size) {
    if (at++ % every == 0) take({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}, count);
  }
  Buffer changed = file;
  for (std::uint8_t& byte : changed) {
    const std::uint8_t good = byte;
    for (unsigned change = 1; change < 256; ++change) {
      if (at++ % every != 0) continue;
      byte = static_cast<std::uint8_t>(good ^ change);
      take(changed, count);
    }
    byte = good;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t every = argc > 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
  if (every == 0) {
    static_cast<void>(std::fputs("usage: mutations EVERY FOLDER…\n", stderr));
    return 2;
  }
  Count count;
  std::size_t files = 0, at = 0;
  for (int i = 2; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      std::printf("left out: %s is not here\n", argv[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const Buffer file{std::istreambuf_iterator<char>(in), {}};
      if (!smbios::Source::from_bytes(file, "file")) continue;
      ++files;
      mutate(file, every, at, count);
    }
  }
  std::printf("%zu files, %zu truncations and changed bytes, %zu of them read\n", files, count.tried,
              count.read);
  return 0;
}
