#include <doctest/doctest.h>
#include <unistd.h>

#include "table_builder.h"
#include "temporary_folder.h"
#include "tests/smbios/opened.h"

namespace dmigate::smbios::test {
namespace {

namespace fs = std::filesystem;

EntryPoint for_good_table(Version version) {
  EntryPoint entry_point;
  entry_point.version = version;
  entry_point.table_bytes = good_table().size();
  return entry_point;
}

void check_good(const Source& source, Form form, EntryPointKind kind, Version version) {
  CHECK(source.layout().form == form);
  CHECK(source.layout().entry_point_kind == kind);
  CHECK(source.layout().version == version);
  CHECK(source.table().version() == version);
  CHECK(rules(inspect(source.layout())) == (version > kNewest ? "table.newer-version" : ""));
  CHECK(reading(source, "system-serial-number").text() == "CX1234567");
  CHECK(reading(source, "baseboard-serial-number").text() == "MB-1");
}

// ---- every form

TEST_CASE("a dump with a 64-bit entry point is read") {
  check_good(opened(dump(sm3(for_good_table({3, 2, 1})), good_table())), Form::kDump,
             EntryPointKind::kSmbios3, {3, 2, 1});
}
TEST_CASE("a dump with a 32-bit entry point is read") {
  check_good(opened(dump(sm2(for_good_table({2, 8, 0})), good_table())), Form::kDump,
             EntryPointKind::kSmbios2, {2, 8, 0});
}
TEST_CASE("a dump with a legacy entry point is read") {
  check_good(opened(dump(dmi(for_good_table({2, 4, 0})), good_table())), Form::kDump, EntryPointKind::kLegacy,
             {2, 4, 0});
}
TEST_CASE("what Windows gives is read") {
  check_good(opened(rsmb(good_table(), good_table().size())), Form::kRsmb, EntryPointKind::kNone, {3, 2, 0});
}
TEST_CASE("what Windows gives is known by a length that fits, whatever its version and end") {
  const Buffer endless = join({bios(), chassis()});
  CHECK(opened(rsmb(endless, endless.size())).layout().form == Form::kRsmb);
  const Source later = opened(rsmb(good_table(), good_table().size(), {4, 0, 0}));
  check_good(later, Form::kRsmb, EntryPointKind::kNone, {4, 0, 0});
}
TEST_CASE("a bare table is read, its version unknown") {
  const Source source = opened(good_table());
  check_good(source, Form::kBare, EntryPointKind::kNone, {});
  CHECK(source.layout().version.to_string() == "unknown");
}
TEST_CASE("the pair that Linux shows is read from its folder") {
  const TemporaryFolder folder;
  folder.write("smbios_entry_point", sm3(for_good_table({3, 2, 0})));
  folder.write("DMI", good_table());
  folder.write("evidence.json", bytes_of("{}"));
  const auto source = Source::open(folder.path());
  REQUIRE(source);
  check_good(*source, Form::kSysfs, EntryPointKind::kSmbios3, {3, 2, 0});
  CHECK(source->bytes().size() == 0x18 + good_table().size());
  CHECK(source->path() == folder.path().string());
}
TEST_CASE("a file is read from its path, and a source lives on after a move") {
  const TemporaryFolder folder;
  auto source = Source::open(folder.write("unit.bin", good_dump()));
  REQUIRE(source);
  const Source moved = *std::move(source);
  check_good(moved, Form::kDump, EntryPointKind::kSmbios3, {3, 2, 0});
}

// ---- the entry point's variants

TEST_CASE("the table may stand at 20h, at the address, or right after the entry point") {
  for (const std::size_t place : {std::size_t{0x18}, std::size_t{0x20}, std::size_t{0x40}}) {
    EntryPoint entry_point = for_good_table({3, 2, 0});
    entry_point.address = place;
    check_good(opened(dump(sm3(entry_point), good_table(), place)), Form::kDump, EntryPointKind::kSmbios3,
               {3, 2, 0});
  }
}
TEST_CASE("a dump that kept its physical address is read and says so") {
  for (const std::size_t place : {std::size_t{0x18}, std::size_t{0x20}}) {
    EntryPoint entry_point = for_good_table({3, 2, 0});
    entry_point.address = 0xBD151000;
    const Source source = opened(dump(sm3(entry_point), good_table(), place));
    CHECK(rules(inspect(source.layout())) == "table.address");
    CHECK(source.layout().defects.front().found == 0xBD151000);
    CHECK(source.layout().defects.front().expected == place);
    CHECK(reading(source, "system-serial-number").text() == "CX1234567");
  }
}
TEST_CASE("a 32-bit entry point of 1Eh bytes is good, summed over 1Eh or over 1Fh") {
  EntryPoint entry_point = for_good_table({2, 1, 0});
  entry_point.length = 0x1E;
  Buffer bytes = sm2(entry_point);
  CHECK(rules(opened(dump(bytes, good_table())).layout().defects) == "");
  set_sum(bytes, 4, 0, 0x1F);
  CHECK(rules(opened(dump(bytes, good_table())).layout().defects) == "");
  const Source source = opened(dump(bytes, good_table()));
  CHECK(rules(opened(to_dump(source.layout())).layout().defects) == "");
  bytes[4] ^= 0x40;
  CHECK(rules(opened(dump(bytes, good_table())).layout().defects) == "table.checksum");
}
TEST_CASE("Linux shows an entry point of 1Eh bytes as a file of 1Eh bytes") {
  EntryPoint entry_point = for_good_table({2, 1, 0});
  entry_point.length = 0x1E;
  Buffer bytes = sm2(entry_point);
  bytes.pop_back();
  const auto source = Source::from_pair(bytes, good_table(), "unit");
  REQUIRE(source);
  check_good(*source, Form::kSysfs, EntryPointKind::kSmbios2, {2, 1, 0});
}
TEST_CASE("versions that firmware gets wrong are put right and reported") {
  struct Case {
    Version found, meant;
  };
  for (const Case& mistake : {Case{{2, 31}, {2, 3}}, Case{{2, 33}, {2, 3}}, Case{{2, 51}, {2, 6}}}) {
    const Source source = opened(dump(sm2(for_good_table(mistake.found)), good_table()));
    CHECK(source.layout().version == mistake.meant);
    CHECK(rules(source.layout().defects) == "table.version");
    CHECK(opened(rsmb(good_table(), good_table().size(), mistake.found)).layout().version == mistake.meant);
  }
}
TEST_CASE("a wrong checksum is a defect and the table is read") {
  Buffer bytes = good_dump();
  bytes[5] ^= 0x10;
  const Source source = opened(bytes);
  CHECK(rules(inspect(source.layout())) == "table.checksum");
  CHECK(source.layout().defects.front().found == 0x10);
  CHECK(reading(source, "system-family").text() == "CX");
}
TEST_CASE("each of the two checksums of a 32-bit entry point is checked") {
  Buffer bytes = dump(sm2(for_good_table({2, 8, 0})), good_table());
  bytes[0x15] = static_cast<std::uint8_t>(bytes[0x15] + 1);
  bytes[4] = static_cast<std::uint8_t>(bytes[4] - 1);
  const Source source = opened(bytes);
  CHECK(rules(source.layout().defects) == "table.checksum");
  CHECK(source.layout().defects.front().offset == 0x10);
}
TEST_CASE("a 32-bit entry point without _DMI_ in it is a wrong one") {
  Buffer bytes = dump(sm2(for_good_table({2, 8, 0})), good_table());
  std::swap(bytes[0x11], bytes[0x12]);
  CHECK(rules(opened(bytes).layout().defects) == "table.checksum");
}

// ---- announcements that lie

TEST_CASE("an address anywhere does not lead away from the table, and is reported") {
  for (const std::uint64_t address :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x1F}, std::uint64_t{0x21}, std::uint64_t{0x58},
        std::uint64_t{0x60}, std::uint64_t{good_dump().size() - 1}, std::uint64_t{good_dump().size()},
        std::uint64_t{0xFFFFFFFF}, UINT64_MAX}) {
    CAPTURE(address);
    EntryPoint entry_point = for_good_table({3, 2, 0});
    entry_point.address = address;
    const Source source = opened(dump(sm3(entry_point), good_table()));
    CHECK(rules(inspect(source.layout())) == "table.address");
    CHECK(source.layout().table.size() == good_table().size());
  }
}
TEST_CASE("an announced size of nothing is a defect and the table is read") {
  for (const std::uint64_t announced : {0, 1, 3, 5}) {
    for (const bool wide : {true, false}) {
      EntryPoint entry_point = for_good_table({2, 8, 0});
      entry_point.table_bytes = announced;
      const Source source = opened(dump(wide ? sm3(entry_point) : sm2(entry_point), good_table()));
      CHECK(rules(inspect(source.layout())) == "table.size");
      CHECK(reading(source, "system-serial-number").text() == "CX1234567");
    }
  }
}
TEST_CASE("4 GiB announced is a maximum that says nothing, and allocates nothing") {
  EntryPoint entry_point = for_good_table({3, 2, 0});
  entry_point.table_bytes = 0xFFFFFFFF;
  CHECK(rules(inspect(opened(dump(sm3(entry_point), good_table())).layout())) == "");
}
TEST_CASE("an exact size that is not true is a defect") {
  EntryPoint entry_point = for_good_table({2, 8, 0});
  entry_point.table_bytes = 0xFFFF;
  const Source source = opened(dump(sm2(entry_point), good_table()));
  const auto defects = inspect(source.layout());
  CHECK(rules(defects) == "table.size");
  CHECK(defects.front().found == good_table().size());
  CHECK(defects.front().expected == 0xFFFF);
}
TEST_CASE("a size that cuts the table cuts it, and is reported") {
  EntryPoint entry_point = for_good_table({2, 8, 0});
  entry_point.table_bytes = bios().size() + system().size() + 10;
  const Source source = opened(dump(sm2(entry_point), good_table()));
  CHECK(has(inspect(source.layout()), DefectKind::kTruncated));
  CHECK(has(inspect(source.layout()), DefectKind::kNoEnd));
  CHECK(has(inspect(source.layout()), DefectKind::kTrailingData));
  CHECK(reading(source, "baseboard-serial-number").state == State::kAbsentStructure);
}
TEST_CASE("a count that is not true is a defect") {
  for (const std::uint16_t announced : std::initializer_list<std::uint16_t>{0, 4, 6, 0xFFFF}) {
    EntryPoint entry_point = for_good_table({2, 8, 0});
    entry_point.structures = announced;
    const auto defects = inspect(opened(dump(sm2(entry_point), good_table())).layout());
    CHECK(rules(defects) == "table.count");
    CHECK(defects.front().found == kGoodStructures);
    CHECK(defects.front().expected == announced);
  }
}
TEST_CASE("a length of the entry point that cannot be is a wrong checksum at most") {
  for (const Buffer& good : {sm3(for_good_table({3, 2, 0})), sm2(for_good_table({2, 8, 0}))}) {
    const std::size_t at = good[3] == '3' ? 6 : 5;
    for (unsigned length = 0; length < 256; ++length) {
      Buffer bytes = good;
      bytes[at] = static_cast<std::uint8_t>(length);
      const Source source = opened(dump(bytes, good_table()));
      CHECK(reading(source, "system-serial-number").text() == "CX1234567");
      CHECK(has(source.layout().defects, DefectKind::kChecksum) == (length != good[at]));
    }
  }
}
TEST_CASE("a length of what Windows gives that lies is a defect and the table is read") {
  const std::size_t size = good_table().size();
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{size + 1},
                                     std::uint64_t{0x7FFFFFFF}, std::uint64_t{0xFFFFFFFF}}) {
    CAPTURE(length);
    const Source source = opened(rsmb(good_table(), length));
    CHECK(source.layout().form == Form::kRsmb);
    CHECK(rules(inspect(source.layout())) == "table.size");
    CHECK(reading(source, "system-serial-number").text() == "CX1234567");
  }
  const Source cut = opened(rsmb(good_table(), size - 1));
  CHECK(has(inspect(cut.layout()), DefectKind::kTruncated));
}
TEST_CASE("zeros after a dump are padding, anything else is reported") {
  Buffer bytes = good_dump();
  bytes.resize(bytes.size() + 512);
  CHECK(rules(inspect(opened(bytes).layout())) == "");
  bytes.back() = 1;
  CHECK(rules(inspect(opened(bytes).layout())) == "table.trailing-data");
}

// ---- what is no table

TEST_CASE("an empty file is no table") { CHECK(refused({}) == "the file is empty"); }
TEST_CASE("zeros are no table, however many") {
  for (const std::size_t size : {1U, 4U, 8U, 24U, 31U, 4096U, 65536U}) refused(Buffer(size));
}
TEST_CASE("bytes that are all the same are no table") {
  for (unsigned byte = 0; byte < 256; ++byte) refused(Buffer(4096, static_cast<std::uint8_t>(byte)));
}
TEST_CASE("text is no table") {
  refused(bytes_of("profile: cx-e500\nversion: 3\n"));
  refused(bytes_of("\n"));
  refused(bytes_of("{\"schema\": \"dmigate.verdict/1\", \"outcome\": \"FAIL\"}"));
  refused(bytes_of("# dmidecode 3.4\nGetting SMBIOS data from sysfs.\nSMBIOS 3.2 present.\n"));
  Buffer utf16 = {0xFF, 0xFE};
  for (int i = 0; i < 200; ++i) append(utf16, Buffer{static_cast<std::uint8_t>('A' + i % 26), 0, 0x00, 0x4E});
  refused(utf16);
}
TEST_CASE("files that are no dumps are no tables: this program and its sources") {
  CHECK_FALSE(Source::open("/proc/self/exe"));
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(DMIGATE_SOURCE_DIR) / "smbios")) {
    CHECK_FALSE(Source::open(entry.path()));
    ++files;
  }
  CHECK(files >= 5);
}
TEST_CASE("an entry point alone is no table, and the message asks for the folder") {
  for (const Buffer& bytes :
       {sm3(for_good_table({3, 2, 0})), sm2(for_good_table({2, 8, 0})), dmi(for_good_table({2, 4, 0}))}) {
    const auto source = Source::from_bytes(bytes, "unit");
    REQUIRE_FALSE(source);
    CHECK(source.error().what.starts_with("no structure table after the entry point"));
    CHECK(source.error().advice.find("folder") != std::string::npos);
  }
}
TEST_CASE("an entry point that is cut is no table") {
  CHECK(refused(bytes_of("_SM3_")) == "the file ends inside its entry point _SM3_");
  CHECK(refused(bytes_of("_SM_")) == "the file ends inside its entry point _SM_");
  CHECK(refused(bytes_of("_DMI_")) == "the file ends inside its entry point _DMI_");
}
TEST_CASE("an entry point before zeros, text or ones is no table") {
  for (const std::uint8_t fill : Buffer{0x00, 0x20, 0xFF}) {
    EntryPoint entry_point;
    entry_point.table_bytes = 512;
    refused(dump(sm3(entry_point), Buffer(512, fill)));
    refused(rsmb(Buffer(512, fill), 512));
  }
}
TEST_CASE("a bare table without Type 127 needs text and a Type 1 to be known") {
  CHECK(rules(inspect(opened(join({bios(), system(), chassis()})).layout())) == "table.no-end");
  refused(join({bios(), chassis()}));
  refused(join({bios(), system({"\x01\x02\x03", "b", "c", "d"})}));
}

// ---- opening

TEST_CASE("half a pair fails and names the missing file") {
  const TemporaryFolder folder;
  auto source = Source::open(folder.path());
  REQUIRE_FALSE(source);
  CHECK(source.error().where == (folder.path() / "smbios_entry_point").string());
  folder.write("smbios_entry_point", sm3(for_good_table({3, 2, 0})));
  source = Source::open(folder.path());
  REQUIRE_FALSE(source);
  CHECK(source.error().where == (folder.path() / "DMI").string());
  CHECK(source.error().what == "missing");
}
TEST_CASE("a pair with an empty or foreign half fails") {
  const Buffer entry_point = sm3(for_good_table({3, 2, 0}));
  CHECK_FALSE(Source::from_pair({}, good_table(), "unit"));
  CHECK_FALSE(Source::from_pair(entry_point, {}, "unit"));
  CHECK_FALSE(Source::from_pair(good_table(), entry_point, "unit"));
  CHECK_FALSE(Source::from_pair(entry_point, Buffer(4096), "unit"));
  CHECK_FALSE(Source::from_pair(entry_point, entry_point, "unit"));
}
TEST_CASE("a missing file fails with its path and the cause") {
  const auto source = Source::open("/nowhere/unit.bin");
  REQUIRE_FALSE(source);
  CHECK(source.error().where == "/nowhere/unit.bin");
  CHECK(source.error().what == "cannot be opened: No such file or directory");
}
TEST_CASE("this machine's table is read, or what is missing is named") {
  const auto source = Source::live();
  if (source) {
    CHECK(source->layout().form == Form::kSysfs);
  } else {
    CHECK(source.error().where.starts_with("/sys/firmware/dmi/tables"));
  }
}
TEST_CASE("a file that may not be read fails with the cause") {
  if (geteuid() == 0) {
    MESSAGE("left out: root may read everything");
    return;
  }
  const TemporaryFolder folder;
  const fs::path path = folder.write("unit.bin", good_dump());
  fs::permissions(path, fs::perms::none);
  const auto source = Source::open(path);
  REQUIRE_FALSE(source);
  CHECK(source.error().what == "cannot be opened: Permission denied");
}
TEST_CASE("a file without end is refused at 64 MiB") {
  const auto source = Source::open("/dev/zero");
  REQUIRE_FALSE(source);
  CHECK(source.error().what.starts_with("larger than 64 MiB"));
}

// ---- the dump form

TEST_CASE("every form written as a dump is read again with the same structures") {
  EntryPoint physical = for_good_table({2, 8, 0});
  physical.address = 0xE0000;
  for (const Buffer& bytes :
       {good_dump(), dump(sm2(physical), good_table()), dump(dmi(for_good_table({2, 4, 0})), good_table()),
        rsmb(good_table(), good_table().size()), good_table()}) {
    const Source source = opened(bytes);
    const Source again = opened(to_dump(source.layout()));
    CHECK(again.layout().form == Form::kDump);
    CHECK(rules(inspect(again.layout())) == "");
    CHECK(std::equal(again.layout().table.begin(), again.layout().table.end(), source.layout().table.begin(),
                     source.layout().table.end()));
    CHECK(again.layout().version ==
          (source.layout().version.known() ? source.layout().version : Version{3, 0, 0}));
  }
}
TEST_CASE("a dump written as a dump is the same bytes") {
  CHECK(to_dump(opened(good_dump()).layout()) == good_dump());
}
TEST_CASE("a wrong checksum stays wrong by the same sum in the dump form") {
  EntryPoint entry_point = for_good_table({3, 2, 0});
  entry_point.address = 0xBD151000;
  Buffer bytes = dump(sm3(entry_point), good_table());
  bytes[5] = static_cast<std::uint8_t>(bytes[5] + 7);
  const Source again = opened(to_dump(opened(bytes).layout()));
  CHECK(rules(inspect(again.layout())) == "table.checksum");
  CHECK(again.layout().defects.front().found == 7);
}

TEST_CASE("two units in one file are several tables, in every form, with zeros between them or not") {
  const Buffer zeros(32);
  const Buffer windows = rsmb(good_table(), good_table().size());
  for (const Buffer& file :
       {join({good_dump(), good_dump()}), join({good_dump(), zeros, good_dump()}),
        join({good_table(), good_table()}), join({good_dump(), good_table()}), join({windows, windows})}) {
    CAPTURE(file.size());
    const auto source = Source::from_bytes(file, "two");
    REQUIRE(source);
    CHECK(has(inspect(source->layout()), DefectKind::kSeveralTables));
  }
  const Buffer erased(300, 0xFF), junk = bytes_of("what a programmer's buffer had");
  const std::string text =
      "# dmidecode 3.4\nGetting SMBIOS data from sysfs.\nSMBIOS 3.2.0 present.\n\n"
      "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: CX\n";
  for (const Buffer& file :
       {join({good_dump(), erased, good_dump()}), join({good_table(), erased, good_table()}),
        join({good_dump(), bytes_of("\r\n"), good_table()}), join({good_dump(), junk, good_dump()}),
        join({good_dump(), bytes_of("\n" + text)})}) {
    CAPTURE(file.size());
    const auto source = Source::from_bytes(file, "two, with something between them");
    REQUIRE(source);
    CHECK(has(inspect(source->layout()), DefectKind::kSeveralTables));
  }
  for (const Buffer& file : {join({good_dump(), zeros}), join({good_dump(), Buffer{1, 2, 3}}),
                             join({good_dump(), erased}), join({good_dump(), junk, bytes_of("_SM3_")})}) {
    const auto source = Source::from_bytes(file, "one");
    REQUIRE(source);
    CHECK_FALSE(has(inspect(source->layout()), DefectKind::kSeveralTables));
  }
}

TEST_CASE(
    "entry points behind a table that lead back to it are no second one, but thousands are not looked at") {
  const auto with = [](std::size_t count) {
    Buffer file = join({good_dump(), bytes_of("what memory had")});
    const Buffer whole = good_dump();
    for (std::size_t i = 0; i < count; ++i) file.insert(file.end(), whole.begin(), whole.begin() + 0x20);
    const auto source = Source::from_bytes(file, "memory");
    REQUIRE(source);
    return has(inspect(source->layout()), DefectKind::kSeveralTables);
  };
  CHECK_FALSE(with(3));
  CHECK(with(100'000));
}

TEST_CASE("versions and forms are written as people write them") {
  CHECK(Version{3, 2, 0}.to_string() == "3.2");
  CHECK(Version{3, 2, 1}.to_string() == "3.2.1");
  CHECK(Version{}.to_string() == "unknown");
  CHECK(form_name(Form::kSysfs) == "sysfs");
  CHECK(form_name(Form::kDump) == "dump");
  CHECK(form_name(Form::kRsmb) == "rsmb");
  CHECK(form_name(Form::kBare) == "bare");
}

}  // namespace
}  // namespace dmigate::smbios::test
