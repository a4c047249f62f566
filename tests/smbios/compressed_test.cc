// Compressed files, and memory images.

#include "smbios/compressed.h"

#include <doctest/doctest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "table_builder.h"
#include "tests/smbios/opened.h"

namespace dmigate::smbios::test {
namespace {

Buffer gzip(const Buffer& bytes, int level = 9) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  Buffer packed(deflateBound(&stream, bytes.size()));
  Buffer input = bytes;
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}
Buffer xz(const Buffer& bytes) {
  Buffer packed(lzma_stream_buffer_bound(bytes.size()));
  std::size_t size = 0;
  REQUIRE(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, bytes.data(), bytes.size(), packed.data(),
                                  &size, packed.size()) == LZMA_OK);
  packed.resize(size);
  return packed;
}
Buffer zstd(const Buffer& bytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  Buffer packed(ZSTD_compressBound(bytes.size()));
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  return packed;
}
using Pack = Buffer (*)(const Buffer&);
constexpr Pack kPackers[] = {[](const Buffer& bytes) { return gzip(bytes); }, xz, zstd};

TEST_CASE("a compressed file is read as what it holds") {
  for (const Pack pack : kPackers) {
    for (const Buffer& file : {good_dump(), good_table(), rsmb(good_table(), good_table().size())}) {
      REQUIRE(is_compressed(pack(file)));
      const auto source = Source::from_bytes(pack(file), "unit");
      REQUIRE(source);
      CHECK(rules(inspect(source->layout())) == "");
      CHECK(reading(*source, "system-serial-number").text() == "CX1234567");
      CHECK(Buffer(source->bytes().begin(), source->bytes().end()) == file);
    }
  }
  const auto stored = Source::from_bytes(gzip(good_dump(), 0), "unit");  // the anchor stands in it as it is
  REQUIRE(stored);
  CHECK(stored->layout().form == Form::kDump);
}
TEST_CASE("several parts are one file, and zeros may pad it") {
  const Buffer file = good_dump();
  const Buffer first(file.begin(), file.begin() + 50), second(file.begin() + 50, file.end());
  for (const Pack pack : kPackers) {
    Buffer parts = join({pack(first), pack(second)});
    CHECK(*decompress(parts, file.size()) == file);
    parts.resize(parts.size() + 64);
    CHECK(*decompress(parts, file.size()) == file);
    parts.back() = 1;
    CHECK_FALSE(decompress(parts, file.size()));
  }
}
TEST_CASE("a compressed file that is cut is an error at every length") {
  for (const Pack pack : kPackers) {
    const Buffer whole = pack(good_dump());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(
          Source::from_bytes({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, "cut"));
    }
    CHECK(refused({whole.begin(), whole.end() - 1}).find("cut off") != std::string::npos);
  }
}
TEST_CASE("a compressed file with a changed byte is an error, or holds the same table") {
  for (const Pack pack : kPackers) {
    const Buffer whole = pack(good_dump());
    std::size_t refusals = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      Buffer changed = whole;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ 0x55);
      const auto source = Source::from_bytes(changed, "changed");
      if (!source) {
        ++refusals;
      } else {
        CHECK(Buffer(source->layout().table.begin(), source->layout().table.end()) == good_table());
      }
    }
    CHECK(refusals > whole.size() * 9 / 10);  // a time stamp may change
  }
}
TEST_CASE("a file that unpacks to more than it may is an error, and so is one packed twice") {
  const Buffer zeros(std::size_t{65} << 20);
  for (const Pack pack : kPackers) {
    CHECK(refused(pack(zeros)) == "it unpacks to more than 64 MiB: no SMBIOS table");
    CHECK(refused(pack(pack(good_dump()))) == "it is compressed twice");
    CHECK(*decompress(pack(Buffer(100)), 100) == Buffer(100));
    CHECK_FALSE(decompress(pack(Buffer(101)), 100));
    CHECK(refused(pack({})) == "the file is empty");
  }
}

// ---- memory images

constexpr std::size_t kEntryPointAt = 0x4A0, kTableAt = 0x1235;

EntryPoint at_place(Version version, std::uint64_t address = kTableAt) {
  EntryPoint entry_point;
  entry_point.version = version;
  entry_point.table_bytes = good_table().size();
  entry_point.address = address;
  return entry_point;
}
// Memory full of code-like bytes, with parts laid into it.
struct Memory {
  Buffer bytes;
  explicit Memory(std::size_t size = 0x10000) : bytes(size) {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + (i >> 8) + 1);
  }
  Memory& with(std::size_t at, const Buffer& part) {
    put_bytes(bytes, at, part);
    return *this;
  }
};
TEST_CASE("a memory image is read through each entry point, and memory after the table is not its") {
  for (const Buffer& head : {sm3(at_place({3, 2, 0})), sm2(at_place({2, 8, 0})), dmi(at_place({2, 4, 0}))}) {
    const Source source = opened(Memory().with(kEntryPointAt, head).with(kTableAt, good_table()).bytes);
    CHECK(source.layout().form == Form::kImage);
    CHECK(form_name(source.layout().form) == "image");
    CHECK(rules(inspect(source.layout())) == "");
    CHECK(Buffer(source.layout().table.begin(), source.layout().table.end()) == good_table());
    CHECK(Buffer(source.layout().entry_point.begin(), source.layout().entry_point.end()) == head);
    CHECK(source.bytes().size() == head.size() + good_table().size());
    CHECK(reading(source, "system-serial-number").text() == "CX1234567");
  }
}
TEST_CASE("an image of the BIOS's segment alone is read too") {
  const Source source = opened(Memory()
                                   .with(kEntryPointAt, sm2(at_place({2, 8, 0}, 0xF0000 + kTableAt)))
                                   .with(kTableAt, good_table())
                                   .bytes);
  CHECK(reading(source, "system-serial-number").text() == "CX1234567");
}
TEST_CASE("_SM3_ is preferred, wherever it stands, and _SM_ is taken where _SM3_ leads to nothing") {
  const Buffer other = join({system({"other"}), end_of_table()});
  Memory memory;
  memory.with(0x100, sm2(at_place({2, 8, 0}, 0x8000))).with(0x8000, other);
  memory.with(0x4000, sm3(at_place({3, 2, 0}))).with(kTableAt, good_table());
  CHECK(opened(memory.bytes).layout().entry_point_kind == EntryPointKind::kSmbios3);
  memory.with(kTableAt, Buffer(good_table().size(), 0xFF));
  CHECK(opened(memory.bytes).layout().entry_point_kind == EntryPointKind::kSmbios2);
}
TEST_CASE(
    "an image whose _SM3_ and _SM_ lead to tables of two units says so; one table may be a part of the "
    "other") {
  Memory memory;
  memory.with(0x100, sm2(at_place({2, 8, 0}, 0x8000)));
  memory.with(0x4000, sm3(at_place({3, 2, 0}))).with(kTableAt, good_table());
  const auto rules_with = [&](const Buffer& second) {
    return rules(inspect(opened(Memory(memory).with(0x8000, second).bytes).layout()));
  };
  CHECK(rules_with(join({system({"other"}), end_of_table()})) == "table.several");
  CHECK(rules_with(good_table()) == "");
  const Buffer whole = good_table();
  const Structure first = *Table(whole, {}).first(1);
  const Bytes part = Bytes(whole).subspan(first.offset(), first.size());
  CHECK(rules_with(join({Buffer(part.begin(), part.end()), end_of_table()})) == "");
}
TEST_CASE("a good entry point is found behind many that lead nowhere") {
  Memory memory;
  for (std::size_t at = 0x2000; at < 0x8000; at += 0x20) memory.with(at, sm3(at_place({3, 2, 0}, 0x9000)));
  memory.with(0x9000, Buffer(0x1000)).with(kTableAt, good_table());
  memory.with(0xB000, sm3(at_place({3, 2, 0})));
  CHECK(reading(opened(memory.bytes), "system-serial-number").text() == "CX1234567");
}
TEST_CASE("an anchor off the boundary, or with a wrong sum, is none") {
  const Buffer head = sm3(at_place({3, 2, 0}));
  CHECK(refused(Memory().with(kEntryPointAt + 8, head).with(kTableAt, good_table()).bytes) ==
        "not an SMBIOS table");
  Buffer wrong = head;
  wrong[7] ^= 1;
  CHECK(refused(Memory().with(kEntryPointAt, wrong).with(kTableAt, good_table()).bytes) ==
        "not an SMBIOS table");
}
TEST_CASE("an image whose entry points of one kind lead to two tables says so") {
  Memory memory;
  memory.with(kEntryPointAt, sm3(at_place({3, 2, 0}))).with(kTableAt, good_table());
  memory.with(0x8000, sm3(at_place({3, 2, 0})));
  CHECK(rules(inspect(opened(memory.bytes).layout())) == "");  // a copy of the entry point
  memory.with(0x9000, sm3(at_place({3, 2, 0}, 0xA000))).with(0xA000, good_table());
  const auto defects = inspect(opened(memory.bytes).layout());
  CHECK(rules(defects) == "table.several");
  CHECK(defects[0].found == 0x9000);
}
TEST_CASE("an entry point in an image that lies about size or count is believed as far as can be") {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{0xFFFFFFFF}}) {
    EntryPoint lies = at_place({3, 2, 0});
    lies.table_bytes = size;
    const Source source = opened(Memory().with(kEntryPointAt, sm3(lies)).with(kTableAt, good_table()).bytes);
    CHECK(Buffer(source.layout().table.begin(), source.layout().table.end()) == good_table());
  }
}
TEST_CASE("an image full of entry points that lead nowhere, or all over it, is refused in good time") {
  Memory memory(std::size_t{4} << 20);
  for (std::size_t at = 0x20; at + 0x20 < memory.bytes.size(); at += 0x20) {
    EntryPoint lies = at_place({3, 2, 0}, at * 7 % memory.bytes.size());
    lies.table_bytes = 0xFFFFFFFF;
    memory.with(at, sm3(lies));
  }
  CHECK(refused(memory.bytes) == "not an SMBIOS table");
}
TEST_CASE("every cut of an image fails or has a defect") {
  const Buffer whole =
      Memory(0x2000).with(kEntryPointAt, sm3(at_place({3, 2, 0}))).with(kTableAt, good_table()).bytes;
  for (std::size_t size = 0; size < kTableAt + good_table().size(); size += 3) {
    const auto source =
        Source::from_bytes({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, "cut");
    if (source) CHECK(has(inspect(source->layout()), DefectKind::kNoEnd));
  }
}

}  // namespace
}  // namespace dmigate::smbios::test
