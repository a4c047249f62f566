// What no table should be: cut, changed, random. Nothing may crash, run on, or come out clean.

#include <doctest/doctest.h>

#include <random>

#include "table_builder.h"

namespace dmigate::smbios::test {
namespace {

// Reads everything that can be read; the sanitizers say whether that was right.
std::size_t exercise(const Source& source) {
  std::size_t seen = inspect(source.layout()).size();
  for (const Structure structure : source.table()) {
    seen += structure.string_count() + structure.string(1).value_or("").size();
    for (const Field& field : fields()) {
      if (field.type != structure.type()) continue;
      const Reading reading = read(structure, field, source.layout().version);
      seen += reading.text().size() + reading.number() % 2;
    }
  }
  return seen + to_dump(source.layout()).size();
}

std::vector<Buffer> good_forms() {
  EntryPoint entry_point;
  entry_point.version = {2, 8, 0};
  entry_point.table_bytes = good_table().size();
  return {good_dump(), dump(sm2(entry_point), good_table()), dump(dmi(entry_point), good_table()),
          rsmb(good_table(), good_table().size()), good_table()};
}

TEST_CASE("every truncation of every form fails or has a defect, and gives only whole structures") {
  const Buffer table = good_table();
  for (const Buffer& good : good_forms()) {
    for (std::size_t size = 0; size < good.size(); ++size) {
      CAPTURE(size);
      const auto source =
          Source::from_bytes({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}, "cut");
      if (!source) continue;
      const auto defects = inspect(source->layout());
      CHECK(has(defects, DefectKind::kNoEnd));
      CHECK(exercise(*source) > 0);
      auto whole = Table(table, {}).begin();
      for (const Structure structure : source->table()) {
        CHECK(structure.offset() == (*whole).offset());
        CHECK(structure.size() == (*whole).size());
        ++whole;
      }
    }
  }
}
TEST_CASE("every truncation of either half of a pair fails or has a defect") {
  EntryPoint entry_point;
  entry_point.table_bytes = good_table().size();
  const Buffer head = sm3(entry_point);
  const Buffer table = good_table();
  for (std::size_t size = 0; size < head.size(); ++size) {
    CHECK_FALSE(
        Source::from_pair({head.begin(), head.begin() + static_cast<std::ptrdiff_t>(size)}, table, "cut"));
  }
  for (std::size_t size = 0; size < table.size(); ++size) {
    const auto source =
        Source::from_pair(head, {table.begin(), table.begin() + static_cast<std::ptrdiff_t>(size)}, "cut");
    if (source) CHECK(has(inspect(source->layout()), DefectKind::kNoEnd));
  }
}
TEST_CASE("every single byte of every form, changed to every value, is survived") {
  for (const Buffer& good : good_forms()) {
    Buffer bytes = good;
    std::size_t read = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (unsigned value = 0; value < 256; ++value) {
        bytes[at] = static_cast<std::uint8_t>(value);
        const auto layout = recognise(bytes);
        if (layout) read += inspect(*layout).size() + 1;
      }
      for (const std::uint8_t value : Buffer{0x00, 0x01, 0x03, 0x04, 0x7F, 0xFF}) {
        bytes[at] = value;
        if (const auto source = Source::from_bytes(bytes, "changed")) read += exercise(*source);
      }
      bytes[at] = good[at];
    }
    CHECK(read > good.size());
  }
}
TEST_CASE("every single changed byte of an entry point fails or is a defect") {
  EntryPoint entry_point;
  entry_point.version = {2, 8, 0};
  entry_point.table_bytes = good_table().size();
  for (const Buffer& head : {sm3(entry_point), sm2(entry_point), dmi(entry_point)}) {
    const std::size_t anchor = head[3] == '_' ? 4 : 5;
    for (std::size_t at = anchor; at < head.size(); ++at) {
      for (unsigned change = 1; change < 256; ++change) {
        Buffer bytes = head;
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ change);
        const auto source = Source::from_bytes(dump(bytes, good_table()), "changed");
        if (source) CHECK_FALSE(inspect(source->layout()).empty());
      }
    }
  }
}
TEST_CASE("random bytes are never a table") {
  std::mt19937 random(20261120);  // NOLINT(cert-msc51-cpp): the same bytes every time
  for (int round = 0; round < 400; ++round) {
    Buffer bytes(1 + random() % (round % 8 == 0 ? 262144 : 4096));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    CHECK_FALSE(recognise(bytes));
    bytes[0] = 0;  // as a Type 0, and as the header that Windows gives
    if (bytes.size() > 4) {
      bytes[1] = static_cast<std::uint8_t>(round % 2 == 0 ? 0x1A : 3);
      CHECK_FALSE(recognise(bytes));
    }
  }
}
TEST_CASE("random bytes after a good entry point are survived") {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same bytes every time
  std::size_t read = 0;
  for (int round = 0; round < 400; ++round) {
    Buffer table(1 + random() % 2048);
    const unsigned zeros = 2 + random() % 8;  // many NULs, so that much looks like structures
    for (std::uint8_t& byte : table) byte = static_cast<std::uint8_t>(random() % zeros == 0 ? 0 : random());
    EntryPoint entry_point;
    entry_point.table_bytes = random() % 4096;
    entry_point.address = random() % 4096;
    if (const auto source = Source::from_bytes(dump(sm2(entry_point), table), "random"))
      read += exercise(*source);
  }
  CHECK(read > 0);
}
TEST_CASE("a table of a million smallest structures is walked in one go") {
  Buffer table;
  for (int i = 0; i < 1000000; ++i) append(table, structure(126, static_cast<Handle>(i), {}));
  append(table, join({system(), end_of_table()}));
  const auto source = Source::from_bytes(table, "long");
  REQUIRE(source);
  CHECK(source->table().count(126) == 1000000);
  CHECK(reading(*source, "system-serial-number").text() == "CX1234567");
  CHECK(count(inspect(source->layout()), DefectKind::kDuplicateHandle) == kMaxDefects);
}
TEST_CASE("a structure with a million strings, and one whose strings never end") {
  Buffer bytes = {1, 27, 1, 0, 255, 255, 255, 255};
  bytes.resize(27);
  for (int i = 0; i < 1000000; ++i) append(bytes, Buffer{'x', 0});
  Buffer endless = join({bios(), bytes});
  bytes.push_back(0);
  append(bytes, end_of_table());
  CHECK((*Table(bytes, {}).begin()).string_count() == 1000000);
  CHECK(read(Table(bytes, {}), *find_field("system-manufacturer")).text() == "x");
  CHECK(Table(endless, {}).count(1) == 0);
}

}  // namespace
}  // namespace dmigate::smbios::test
