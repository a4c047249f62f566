#include "smbios/compressed.h"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#ifndef _WIN32  // there is no MinGW build of all three in Debian; stations that audit files run Linux
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#endif

namespace dmigate::smbios {

namespace {

using namespace std::string_view_literals;

enum class Packer : std::uint8_t { kGzip, kXz, kZstd };
struct Magic {
  std::string_view bytes;
  Packer packer;
  std::string_view name;
};
// RFC 1952 (with the one method there is), the .xz file format, RFC 8878. No table begins so: as a
// structure each would be longer than its type.
constexpr Magic kMagics[] = {{"\x1F\x8B\x08"sv, Packer::kGzip, "gzip"},
                             {"\xFD\x37\x7A\x58\x5A\x00"sv, Packer::kXz, "xz"},
                             {"\x28\xB5\x2F\xFD"sv, Packer::kZstd, "zstd"}};

const Magic* find_magic(ByteView file) {
  for (const Magic& magic : kMagics) {
    if (file.starts_with(magic.bytes)) return &magic;
  }
  return nullptr;
}

#ifndef _WIN32

// Where a step of unpacking came to.
enum class Step : std::uint8_t { kGoesOn, kEnds, kFails };
using Chunk = std::array<std::uint8_t, 65536>;

// Unpacks the parts of a file one after the other: each format allows several. `Unpacker` has
// start(), which begins a part, and step(input, output), which moves both on.
template <typename Unpacker>
Result<std::vector<std::uint8_t>> unpack(ByteView file, std::size_t most, std::string_view name) {
  const auto broken = [&](std::string_view how) {
    return fail("the " + std::string(name) + " file is " + std::string(how), {},
                "copy it again from where it was made");
  };
  std::vector<std::uint8_t> bytes;
  auto chunk = std::make_unique<Chunk>();
  Unpacker unpacker;
  ByteView input = file;
  do {
    if (!unpacker.start()) return fail("no memory to unpack the file");
    for (Step step = Step::kGoesOn; step != Step::kEnds;) {
      std::span<std::uint8_t> room(*chunk);
      const std::size_t before = input.size();
      step = unpacker.step(input, room);
      if (step == Step::kFails) return broken("damaged");
      const std::size_t made = chunk->size() - room.size();
      const auto part = ByteView(*chunk).first(made).bytes();
      bytes.insert(bytes.end(), part.begin(), part.end());
      if (bytes.size() > most) {
        return fail("it unpacks to more than " + std::to_string(most >> 20) + " MiB: no SMBIOS table", {},
                    "check the file");
      }
      if (step == Step::kGoesOn && made == 0 && input.size() == before) return broken("cut off");
    }
  } while (!input.zero());  // padding, or another part
  return bytes;
}

struct Gzip {
  Gzip() = default;
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { inflateEnd(&stream); }
  bool start() {
    if (started) return inflateReset(&stream) == Z_OK;
    started = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK;  // 16: gzip only, its checksum is held
    return started;
  }
  Step step(ByteView& input, std::span<std::uint8_t>& room) {
    stream.next_in = const_cast<Bytef*>(input.bytes().data());  // NOLINT: zlib's type; it does not write
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    const int answer = inflate(&stream, Z_NO_FLUSH);
    input = input.from(input.size() - stream.avail_in);
    room = room.last(stream.avail_out);
    if (answer == Z_STREAM_END) return Step::kEnds;
    return answer == Z_OK || answer == Z_BUF_ERROR ? Step::kGoesOn : Step::kFails;
  }
  z_stream stream{};
  bool started = false;
};

struct Xz {
  Xz() = default;
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;
  ~Xz() { lzma_end(&stream); }
  bool start() {
    constexpr std::uint64_t kMemory = std::uint64_t{256} << 20;  // bytes; xz -9 needs 65 MiB
    return lzma_stream_decoder(&stream, kMemory, 0) == LZMA_OK;
  }
  Step step(ByteView& input, std::span<std::uint8_t>& room) {
    stream.next_in = input.bytes().data();
    stream.avail_in = input.size();
    stream.next_out = room.data();
    stream.avail_out = room.size();
    const lzma_ret answer = lzma_code(&stream, LZMA_RUN);
    input = input.from(input.size() - stream.avail_in);
    room = room.last(stream.avail_out);
    if (answer == LZMA_STREAM_END) return Step::kEnds;
    return answer == LZMA_OK || answer == LZMA_BUF_ERROR ? Step::kGoesOn : Step::kFails;
  }
  lzma_stream stream = LZMA_STREAM_INIT;
};

struct Zstd {
  Zstd() : stream(ZSTD_createDCtx()) {}
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  ~Zstd() { ZSTD_freeDCtx(stream); }
  bool start() { return stream != nullptr && ZSTD_isError(ZSTD_initDStream(stream)) == 0; }
  Step step(ByteView& input, std::span<std::uint8_t>& room) const {
    ZSTD_inBuffer in{input.bytes().data(), input.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t answer = ZSTD_decompressStream(stream, &out, &in);
    input = input.from(in.pos);
    room = room.subspan(out.pos);
    if (ZSTD_isError(answer) != 0) return Step::kFails;
    return answer == 0 ? Step::kEnds : Step::kGoesOn;
  }
  ZSTD_DCtx* stream;
};

#endif

}  // namespace

bool is_compressed(Bytes file) { return find_magic(file) != nullptr; }

Result<std::vector<std::uint8_t>> decompress(Bytes file, [[maybe_unused]] std::size_t most) {
  const Magic* magic = find_magic(file);
  if (magic == nullptr) return fail("not a compressed file");
#ifndef _WIN32
  switch (magic->packer) {
    case Packer::kGzip:
      return unpack<Gzip>(file, most, magic->name);
    case Packer::kXz:
      return unpack<Xz>(file, most, magic->name);
    case Packer::kZstd:
      return unpack<Zstd>(file, most, magic->name);
  }
#endif
  return fail(std::string(magic->name) + " files are not read on this system", {}, "unpack it first");
}

#ifdef _WIN32
std::vector<std::uint8_t> compress(Bytes) { return {}; }
#else
std::vector<std::uint8_t> compress(Bytes content) {
  constexpr int kLevel = 1;
  std::vector<std::uint8_t> frame(ZSTD_compressBound(content.size()));
  const std::size_t size = ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), kLevel);
  frame.resize(ZSTD_isError(size) != 0 ? 0 : size);
  return frame;
}
#endif

}  // namespace dmigate::smbios
