// make-corpus COUNT FOLDER: a batch of so many units (corpus.h) in a folder, which is made.
// make-corpus COUNT -: the same as one tar, on standard output.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "benchmarks/corpus.h"

namespace {

namespace fs = std::filesystem;
using dmigate::benchmarks::Corpus;

constexpr std::size_t kBlock = 512;

bool write_all(std::FILE* file, const void* bytes, std::size_t size) {
  return std::fwrite(bytes, 1, size, file) == size;
}

// A header of POSIX.1-1988 (ustar), its content, and zeros up to the next block.
bool write_entry(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  char header[kBlock] = {};
  std::memcpy(header, path.data(), path.size());
  std::memcpy(header + 100,
              "0000644\0"
              "0000000\0"
              "0000000",
              24);
  std::snprintf(header + 124, 12, "%011zo", bytes.size());
  std::memcpy(header + 136, "00000000000", 12);
  header[156] = '0';
  std::memcpy(header + 257, "ustar\00000", 8);
  std::memset(header + 148, ' ', 8);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(header + 148, 8, "%06o", sum);
  const char zeros[kBlock] = {};
  return write_all(stdout, header, kBlock) && write_all(stdout, bytes.data(), bytes.size()) &&
         write_all(stdout, zeros, (kBlock - bytes.size() % kBlock) % kBlock);
}

bool write_file(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool written = write_all(file, bytes.data(), bytes.size());
  return std::fclose(file) == 0 && written;
}

bool make(Corpus& corpus, std::uint64_t count, const std::string& folder) {
  for (std::uint64_t unit = 0; unit < count; ++unit) {
    const std::string path = Corpus::path(unit);
    const auto& dump = corpus.dump(unit);
    if (folder == "-") {
      if (!write_entry(path, dump)) return false;
      continue;
    }
    if (unit % 1000 == 0) fs::create_directories(fs::path(folder + "/" + path).parent_path());
    if (!write_file(folder + "/" + path, dump)) return false;
  }
  const char end[2 * kBlock] = {};
  return (folder != "-" || write_all(stdout, end, sizeof end)) && std::fflush(stdout) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc == 3 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (count == 0) {
    std::fputs("usage: make-corpus COUNT FOLDER, or make-corpus COUNT - for a tar\n", stderr);
    return 2;
  }
  auto corpus = Corpus::make(DMIGATE_SOURCE_DIR);
  if (!corpus || !make(*corpus, count, argv[2])) {
    std::fprintf(stderr, "make-corpus: %s\n",
                 corpus ? "it cannot be written" : corpus.error().to_string().c_str());
    return 1;
  }
  return 0;
}
