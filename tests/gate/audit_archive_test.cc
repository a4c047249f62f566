// A batch in an archive is the same batch: each unit by its path inside, and nothing of it lost.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>

#include "gate/audit/archive.h"
#include "tests/gate/archives.h"
#include "tests/gate/batch.h"

namespace dmigate::gate {
namespace {

std::string dump(int n) { return text_of(dump_of(good(n))); }

// Two good units, one without a serial, and notes.
Files some_files() {
  return {{"lot/1.bin", dump(1)},
          {"lot/2.bin", text_of(dump_of(changed(good(2), {{"system-serial-number", ""}})))},
          {"lot/3.bin", dump(3)},
          {"notes.txt", "the night shift\n"}};
}

struct Form {
  const char* name;
  std::string bytes;
  const char* end;        ///< of its name
  std::size_t spare = 1;  ///< so many of its last bytes are not missed: everything is there without them
};

std::vector<Form> forms_of(const Files& files) {
  std::vector<Form> forms;
  // A tar ends with two blocks of zeros, of which one is enough.
  constexpr std::size_t kSecondBlock = 512, kPacked = 16;
  const Form filters[] = {{"none", {}, ".tar", kSecondBlock},
                          {"gzip", {}, ".tar.gz"},
                          {"xz", {}, ".tar.xz"},
                          {"zstd", {}, ".tar.zst"},
                          {"bzip2", {}, ".tbz2"},
                          {"lz4", {}, ".TAR.LZ4", kPacked},
                          {"lzip", {}, ".lz"},
                          {"compress", {}, ".tar.Z", kPacked},
                          {"lzma", {}, ".lzma"}};
  for (const Form& form : filters)
    forms.push_back({form.name, archive_of("ustar", form.name, files), form.end, form.spare});
  const Form formats[] = {{"pax", {}, ".tar", kSecondBlock},
                          {"gnutar", {}, ".tar", kSecondBlock},
                          {"v7tar", {}, ".tar", kSecondBlock},
                          {"zip", {}, ".zip"},
                          {"7zip", {}, ".7z"}};
  for (const Form& form : formats)
    forms.push_back({form.name, archive_of(form.name, "none", files), form.end, form.spare});
  forms.push_back({"cabinet", cabinet_of(files), ".cab"});
  return forms;
}

TEST_CASE("whatever the archive, its units are those of the folder that it was made of") {
  const Batch folder;
  for (const auto& [path, content] : some_files()) folder.add(path, content);
  const Audited as_folder = folder.audit();
  for (const Form& form : forms_of(some_files())) {
    CAPTURE(form.name);
    const Batch batch;
    batch.add("batch", form.bytes);
    const Audited audited = batch.audit();
    CHECK(audited.paths == Words{"batch/lot/1.bin", "batch/lot/2.bin", "batch/lot/3.bin", "batch/notes.txt"});
    for (const auto& [path, unit] : as_folder.units) {
      CHECK(audited.outcome("batch/" + path) == as_folder.outcome(path));
      if (unit.at("outcome").is_null()) continue;
      CHECK(audited.findings("batch/" + path) == as_folder.findings(path));
    }
    CHECK(audited.summary.counts.error == 0);
  }
}

TEST_CASE("an archive stands where its name stands, and its units share values with those beside it") {
  const Batch batch;
  batch.add("a.bin", good(1));
  batch.add("b.tar", archive_of("ustar", "none", {{"x.bin", dump(1)}, {"y.bin", dump(2)}}));
  batch.add("c.bin", good(2));
  batch.add("d.zip", archive_of("zip", "none", {{"z.bin", dump(3)}}));
  batch.add("e.bin", good(4));
  const Audited audited = batch.audit();
  CHECK(audited.paths == Words{"a.bin", "b.tar/x.bin", "b.tar/y.bin", "c.bin", "d.zip/z.bin", "e.bin"});
  CHECK(audited.groups("b.tar/x.bin").size() == 3);
  CHECK(audited.groups("a.bin") == audited.groups("b.tar/x.bin"));
  CHECK(audited.groups("c.bin") == audited.groups("b.tar/y.bin"));
  CHECK(audited.outcome("e.bin") == "PASS");
}

TEST_CASE("many units in many archives come out the same, whatever the number of workers") {
  const Batch batch;
  for (int lot = 0; lot < 4; ++lot) {
    Files files;
    for (int n = 0; n < 300; ++n)
      files.emplace_back("u/" + std::to_string(n) + ".bin", dump(lot * 290 + n));  // ten are in two lots
    batch.add("lot-" + std::to_string(lot) + ".tar",
              archive_of("ustar", lot % 2 == 0 ? "none" : "gzip", files));
    batch.add("lot-" + std::to_string(lot) + "-last.bin", good(5000 + lot));
  }
  audit::Request request = request_for();
  request.jobs = 1;
  const Audited one = batch.audit(request);
  CHECK(one.summary.counts.units == 1204);
  CHECK(one.summary.in_groups == 60);
  for (const unsigned jobs : {2U, 5U}) {
    request.jobs = jobs;
    const Audited other = batch.audit(request);
    CHECK(other.jsonl == one.jsonl);
    CHECK(other.csv == one.csv);
  }
}

TEST_CASE("the page has the first 5,000 units that fail, whatever the number of workers") {
  const std::string failing = text_of(dump_of(changed(good(1), {{"system-serial-number", ""}})));
  Files files;
  for (int n = 0; n < 5'300; ++n)
    files.emplace_back(std::to_string(n) + ".bin", n % 50 == 0 ? dump(n) : failing);
  const Batch batch;
  batch.add("b.tar", archive_of("ustar", "none", files));
  const TemporaryFolder pages;
  std::vector<std::string> made;
  for (const unsigned jobs : {1U, 3U}) {
    audit::Request request = request_for();
    request.jobs = jobs;
    request.html = pages / "page.html";
    CHECK(batch.audit(request).summary.counts.fail > 5'000);
    made.push_back(read_file(request.html));
  }
  CHECK(made[0] == made[1]);
  std::size_t rows = 0;
  constexpr std::string_view kRow = "<tr><td><span class=\"badge FAIL";
  for (std::size_t at = made[0].find(kRow); at != std::string::npos; at = made[0].find(kRow, at + 1)) ++rows;
  CHECK(rows == 5'000);
}

TEST_CASE("a single dump that is compressed is a unit and no archive; so is one in an archive") {
  const Batch batch;
  for (const char* filter : {"gzip", "xz", "zstd", "bzip2", "lz4"}) {
    batch.add(filter, archive_of("raw", filter, {{"", dump(1)}}));
    CHECK(batch.audit().outcome(filter) == "PASS");
    std::filesystem::remove(batch / filter);
  }
  const std::string packed = archive_of("raw", "gzip", {{"", dump(1)}});
  batch.add("b.tar", archive_of("ustar", "none", {{"1.bin.gz", packed}}));
  CHECK(batch.audit().outcome("b.tar/1.bin.gz") == "PASS");
}

TEST_CASE("a pair of files in an archive is one unit, with its evidence, wherever its parts stand") {
  auto built = fixtures::build(good(1));
  REQUIRE(built);
  const std::string entry_point = text_of(built->entry_point), table = text_of(built->table);
  const std::string evidence = to_json(evidence_of(good(1)));
  const std::string model = std::string(kBatchModel) + "hardware: { fixed-disks: { at_most: 1 } }\n";
  const Files orders[] = {
      {{"u/evidence.json", evidence}, {"u/smbios_entry_point", entry_point}, {"u/DMI", table}},
      {{"u/DMI", table}, {"u/smbios_entry_point", entry_point}, {"u/evidence.json", evidence}},
      {{"u/DMI", table}, {"v/notes.txt", "x y\n"}, {"u/smbios_entry_point", entry_point}},
  };
  for (const Files& files : orders) {
    const Batch batch;
    batch.add("b.tar", archive_of("ustar", "none", files));
    const Audited audited = batch.audit(request_for(model));
    CHECK(audited.outcome("b.tar/u") == "PASS");
    CHECK(audited.unit("b.tar/u").contains("not_judged") ==
          (files.back().first != "u/evidence.json" && files.front().first != "u/evidence.json"));
    CHECK(audited.summary.counts.units == 1);
  }
}

TEST_CASE("a pair in an archive with an empty or unreadable part is an error, and one unit") {
  auto built = fixtures::build(good(1));
  REQUIRE(built);
  const std::string entry_point = text_of(built->entry_point), table = text_of(built->table);
  const std::string evidence = to_json(evidence_of(good(1)));
  const Files broken[] = {
      {{"u/evidence.json", evidence}, {"u/smbios_entry_point", ""}, {"u/DMI", table}},
      {{"u/evidence.json", ""}, {"u/smbios_entry_point", entry_point}, {"u/DMI", table}},
      {{"u/evidence.json", evidence}, {"u/smbios_entry_point", entry_point}, {"u/DMI", ""}},
  };
  for (const Files& files : broken) {
    const Batch batch;
    batch.add("b.zip", archive_of("zip", "none", files));
    const Audited audited = batch.audit();
    CHECK(audited.outcome("b.zip/u") == "ERROR");
    CHECK(audited.summary.counts.units == 1);
  }
}

TEST_CASE("half a pair in an archive is a table by itself, or an error") {
  auto built = fixtures::build(good(1));
  REQUIRE(built);
  const Batch batch;
  batch.add("b.tar", archive_of("ustar", "none",
                                {{"u/DMI", text_of(built->table)},
                                 {"v/smbios_entry_point", text_of(built->entry_point)}}));
  const Audited audited = batch.audit();
  CHECK(audited.outcome("b.tar/u/DMI") == "PASS");
  CHECK(audited.outcome("b.tar/v/smbios_entry_point") == "ERROR");
}

TEST_CASE("what is no file in an archive is told, and folders are not") {
  ArchiveMaker maker("ustar", "none");
  maker.folder("lot/");
  maker.file("lot/1.bin", dump(1));
  maker.link("lot/link", "1.bin");
  maker.hard_link("lot/second", "lot/1.bin");
  maker.pipe("lot/pipe");
  const Batch batch;
  batch.add("b.tar", maker.finish());
  const Audited audited = batch.audit();
  CHECK(audited.paths == Words{"b.tar/lot/1.bin", "b.tar/lot/link", "b.tar/lot/second", "b.tar/lot/pipe"});
  CHECK(audited.outcome("b.tar/lot/link") == "no dump: a link");
  CHECK(audited.outcome("b.tar/lot/second") == "no dump: another name of a file in this archive");
  CHECK(audited.outcome("b.tar/lot/pipe") == "no dump: a pipe, a socket or a device");
}

TEST_CASE("names in an archive may hold anything") {
  const std::string names[] = {"new\nline.bin", "\xFF\xFE.bin", "晨曦.bin", "./dot.bin",
                               std::string(120, 'n')};
  for (const char* format : {"pax", "gnutar", "zip"}) {
    CAPTURE(format);
    Files files;
    int n = 0;
    for (const std::string& name : names) files.emplace_back(name, dump(++n));
    const Batch batch;
    batch.add("b", archive_of(format, "none", files));
    const Audited audited = batch.audit();
    CHECK(audited.summary.counts.pass == std::size(names));
    CHECK(audited.outcome("b/new\nline.bin") == "PASS");
    CHECK(audited.outcome("b/晨曦.bin") == "PASS");
    CHECK(audited.outcome("b/dot.bin") == "PASS");
    CHECK(audited.outcome("b/\\xFF\\xFE.bin") == "PASS");
  }
}

// What was cut off is told wherever it was cut; what came before is judged; and nothing comes out twice.
TEST_CASE("an archive that is cut anywhere is an error, and what stands before the cut is audited") {
  for (const Form& form : forms_of(some_files())) {
    CAPTURE(form.name);
    std::size_t units_before = 0;
    const std::size_t most = form.bytes.size() - form.spare;
    const std::size_t step = std::max<std::size_t>(1, form.bytes.size() / 40);
    for (std::size_t size = 1; size < most; size += size < 16 ? 1 : step) {
      CAPTURE(size);
      const Batch batch;
      batch.add(std::string("batch") + form.end, form.bytes.substr(0, size));
      const Audited audited = batch.audit();
      CHECK(audited.summary.counts.error >= 1);
      CHECK(audited.summary.counts.pass <= 2);
      CHECK(audited.summary.counts.pass >= units_before);
      if (std::string_view(form.name) == "none") units_before = audited.summary.counts.pass;
    }
  }
}

TEST_CASE("a zip without its end is an error, wherever in its directory it was cut; through a pipe as well") {
  const std::string whole = archive_of("zip", "none", some_files());
  const Batch batch;
  const std::string pipe = batch / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (std::size_t size = whole.find("PK\x01\x02"); size <= whole.size(); ++size) {
    CAPTURE(size);
    batch.add("batch.zip", whole.substr(0, size));
    CHECK((batch.audit().summary.counts.error > 0) == (size < whole.size()));
    if (size % 16 != 0 && size < whole.size()) continue;
    std::jthread writer([&] { write_file(pipe, whole.substr(0, size)); });
    audit::Request request = request_for();
    request.paths = {pipe};
    CHECK((batch.audit(request).summary.counts.error > 0) == (size < whole.size()));
  }
}

TEST_CASE(
    "of zips that were put together one is audited, and that there is more is told, through a pipe as well") {
  const std::string first = archive_of("zip", "none", {{"1.bin", dump(1)}, {"2.bin", dump(2)}});
  const std::string second = archive_of("zip", "none", {{"3.bin", dump(3)}});
  struct Row {
    std::string bytes;
    bool more;
  };
  const Row rows[] = {{first + second, true},
                      {second + first, true},
                      {first + std::string(100'000, 'x') + second, true},
                      {first + archive_of("ustar", "none", {{"3.bin", dump(3)}}), true},
                      {first + "x", true},
                      {first + std::string(512, '\0'), false},
                      {first, false}};
  const Batch batch;
  const std::string pipe = batch / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    batch.add("batch.zip", row.bytes);
    const Audited audited = batch.audit();
    CHECK(audited.summary.counts.pass > 0);
    CHECK(audited.summary.counts.error == (row.more ? 1 : 0));
    std::jthread writer([&] { write_file(pipe, row.bytes); });
    audit::Request request = request_for();
    request.paths = {pipe};
    const Audited piped = batch.audit(request);
    CHECK(piped.summary.counts.pass > 0);
    CHECK(piped.summary.counts.error == (row.more ? 1 : 0));
  }
}

TEST_CASE("a tar that is cut between two of its files is no whole one") {
  const std::string whole = archive_of("ustar", "none", some_files());
  const std::size_t one = 512 + (dump(1).size() + 511) / 512 * 512;  // its header, its content
  const Batch batch;
  batch.add("batch.tar", whole.substr(0, one));
  const Audited audited = batch.audit();
  CHECK(audited.outcome("batch.tar/lot/1.bin") == "PASS");
  CHECK(audited.outcome("batch.tar") == "ERROR");
  CHECK(audited.csv.find("it has no end") != std::string::npos);
}

TEST_CASE("a damaged archive is an error in its own name, where its compression can tell") {
  for (const char* filter : {"gzip", "xz", "bzip2", "lzip"}) {
    std::string bytes = archive_of("ustar", filter, some_files());
    for (std::size_t i = 0; i < 40; ++i) bytes[bytes.size() / 2 + i] ^= '\x55';
    const Batch batch;
    batch.add("batch", bytes);
    CAPTURE(filter);
    const Audited audited = batch.audit();
    CHECK(audited.summary.counts.error >= 1);
    CHECK(audited.outcome("batch") == "ERROR");
  }
}

TEST_CASE("an empty archive, and an archive in an archive, are errors: nobody knows what is missing") {
  const Batch batch;
  batch.add("empty.tar", archive_of("ustar", "none", {}));
  batch.add("empty.zip", archive_of("zip", "none", {}));
  batch.add("outer.tar",
            archive_of("ustar", "none", {{"inner.zip", archive_of("zip", "none", some_files())}}));
  const Audited audited = batch.audit();
  CHECK(audited.summary.counts.error == audited.summary.counts.units);
  CHECK(audited.outcome("outer.tar/inner.zip") == "ERROR");
}

TEST_CASE("an Office document is a zip and no batch") {
  const Batch batch;
  batch.add("report.xlsx", archive_of("zip", "none", {{"[Content_Types].xml", "<Types/>"}}));
  CHECK(batch.audit().outcome("report.xlsx") == "no dump: an Office document");
}

// Through the class: its limits are too high for a test.
std::vector<audit::Entry> entries_of(const std::string& bytes, const audit::ArchiveLimits& limits) {
  const TemporaryFolder folder;
  write_file(folder / "a", bytes);
  audit::ArchiveLibrary library;
  auto api = library.load();
  REQUIRE(api);
  const int file = ::open((folder / "a").c_str(), O_RDONLY);
  std::vector<audit::Entry> all;
  {
    const auto beginning = smbios::ByteView(std::string_view(bytes).substr(0, 512)).bytes();
    audit::Archive archive(**api, file, beginning, "a", nullptr, limits);
    for (audit::Entry entry; archive.next(entry);) {
      const auto content = entry.content();
      entry.bytes = {content.begin(), content.end()};
      entry.view = {};
      all.push_back(entry);
    }
  }
  ::close(file);
  return all;
}

// Path, content, and what is said of it.
Words told(const std::string& bytes) {
  Words all;
  for (const audit::Entry& entry : entries_of(bytes, {}))
    all.push_back(entry.path + "|" + text_of(entry.bytes) + "|" + entry.other +
                  (entry.error ? "|error" : ""));
  return all;
}

// libarchive reads it where it is compressed.
void check_as_compressed(const std::string& tar) {
  CHECK(told(tar) == told(archive_of("raw", "gzip", {{"", tar}})));
}

void put_sum(std::string& tar, std::size_t header) {
  constexpr std::size_t kSum = 148;
  tar.replace(header + kSum, 8, "        ");
  unsigned sum = 0;
  for (const char byte : tar.substr(header, 512)) sum += static_cast<unsigned char>(byte);
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "%06o", sum);
  tar.replace(header + kSum, 8, std::string(digits.data(), 7) + ' ');
}

TEST_CASE("whatever stands in a header, a tar that is not compressed holds what it holds compressed") {
  const Files files = {{"lot/1.bin", "first"}, {"lot/second.bin", "second"}, {"lot/3.bin", "third"}};
  constexpr std::size_t kSecond = 1024;  // its header
  const char others[] = {'\0', '\x01', ' ', '/', '7', 'L', '\x80', '\xFF'};
  for (const char* format : {"ustar", "gnutar", "v7tar", "pax"}) {
    const std::string whole = archive_of(format, "none", files);
    check_as_compressed(whole);
    const bool plain = format == std::string_view("ustar") || format == std::string_view("gnutar");
    for (std::size_t at = 0; at < 512; at += plain ? 1 : 9) {
      CAPTURE(format);
      CAPTURE(at);
      std::string changed = whole;
      changed[kSecond + at] = others[at % std::size(others)];
      check_as_compressed(changed);
      changed[kSecond + at] = static_cast<char>(whole[kSecond + at] ^ 1);
      put_sum(changed, kSecond);
      check_as_compressed(changed);
    }
  }
}

TEST_CASE("each type of a tar's header is read as it is where the tar is compressed") {
  const std::string whole =
      archive_of("ustar", "none", {{"1.bin", "first"}, {"2.bin", "second"}, {"3.bin", "third"}});
  for (int type = 0; type < 256; ++type) {
    CAPTURE(type);
    std::string changed = whole;
    changed[1024 + 156] = static_cast<char>(type);
    put_sum(changed, 1024);
    check_as_compressed(changed);
  }
}

TEST_CASE("a tar with all sorts of things in it holds what it holds compressed, wherever it is cut") {
  for (const char* format : {"ustar", "gnutar", "pax"}) {
    ArchiveMaker maker(format, "none");
    maker.folder("lot/");
    maker.file("lot/1.bin", dump(1));
    maker.file("empty", "");
    maker.file(std::string(60, 'd') + "/" + std::string(80, 'n'), "a long name");
    maker.file("DMI", "half a pair");
    maker.file("long", std::string(300'000, 'x'));
    maker.link("link", "1.bin");
    maker.file("last.bin", dump(2));
    const std::string whole = maker.finish();
    CAPTURE(format);
    check_as_compressed(whole);
    for (std::size_t size = 512; size<whole.size(); size += size> 9000 && size < 300'000 ? 50'000 : 256) {
      CAPTURE(size);
      const Words plain = told(whole.substr(0, size));
      CHECK(std::ranges::any_of(plain, [](const std::string& each) { return each.ends_with("|error"); }));
      Words packed = told(archive_of("raw", "gzip", {{"", whole.substr(0, size)}}));
      CHECK(plain == packed);
    }
  }
}

TEST_CASE("a header that is damaged in the middle of a tar ends it, and is told") {
  for (const char* filter : {"none", "gzip"}) {
    std::string whole = archive_of("ustar", "none", some_files());
    const std::size_t second = 512 + (dump(1).size() + 511) / 512 * 512;
    whole[second + 3] ^= '\x01';
    const Batch batch;
    batch.add("batch.tar", filter == std::string("none") ? whole : archive_of("raw", filter, {{"", whole}}));
    const Audited audited = batch.audit();
    CHECK(audited.outcome("batch.tar/lot/1.bin") == "PASS");
    CHECK(audited.outcome("batch.tar") == "ERROR");
  }
}

TEST_CASE("content that stands behind a folder's header is no end of a tar") {
  constexpr std::size_t kBlocks = 2;
  std::string tar = archive_of(
      "gnutar", "none", {{"1.bin", dump(1)}, {"lot", std::string(kBlocks * 512, '\0')}, {"2.bin", dump(2)}});
  const std::size_t folder = 512 + (dump(1).size() + 511) / 512 * 512;
  tar[folder + 156] = 'D';  // as GNU's tar makes them with --incremental
  put_sum(tar, folder);
  for (const char* filter : {"none", "gzip"}) {
    CAPTURE(filter);
    const auto all_of = [&](const std::string& bytes) {
      return entries_of(filter == std::string_view("none") ? bytes : archive_of("raw", filter, {{"", bytes}}),
                        {});
    };
    const auto whole = all_of(tar);
    REQUIRE(whole.size() == 2);
    CHECK_FALSE(whole[1].error);
    const auto cut = all_of(tar.substr(0, folder + 512 + kBlocks * 512));
    REQUIRE(cut.size() == 2);
    CHECK(cut[1].error);
  }
}

std::string packed(const std::string& filter, const std::string& bytes) {
  return filter == "none" ? bytes : archive_of("raw", filter, {{"", bytes}});
}

Files six_files() {
  Files files;
  for (int n = 1; n <= 6; ++n) files.emplace_back(std::to_string(n) + ".bin", dump(n));
  return files;
}

TEST_CASE(
    "a tar with zeros in its middle is an error, and the units behind them are audited where they can") {
  const std::string whole = archive_of("ustar", "none", six_files());
  const std::size_t one = 512 + (dump(1).size() + 511) / 512 * 512;
  for (const char* filter : {"none", "gzip", "zstd"}) {
    CAPTURE(filter);
    for (std::size_t n = 0; n < 6; ++n) {
      CAPTURE(n);
      std::string hole = whole;
      hole.replace(n * one, 512, 512, '\0');
      const Batch batch;
      batch.add("batch.tar", packed(filter, hole));
      const Audited without_header = batch.audit();
      CHECK(without_header.outcome("batch.tar") == "ERROR");
      if (n > 0) CHECK(without_header.summary.counts.pass == n);
      hole.replace(n * one, one, one, '\0');
      batch.add("batch.tar", packed(filter, hole));
      const Audited without_unit = batch.audit();
      // Zeros at the end are its end, however many: of the last one nothing is left to tell it by.
      CHECK(without_unit.units.contains("batch.tar") == (n != 5));
      CHECK(without_unit.summary.counts.error == (n == 5 ? 0 : 1));
      if (n > 0) CHECK(without_unit.summary.counts.pass == 5);
    }
  }
}

TEST_CASE("of tars that were put together each unit is audited, and that they were is told") {
  const std::string first = archive_of("ustar", "none", {{"1.bin", dump(1)}, {"2.bin", dump(2)}});
  const std::string second = archive_of("gnutar", "none", {{"3.bin", dump(3)}});
  for (const char* filter : {"none", "gzip", "xz"}) {
    CAPTURE(filter);
    const std::string both[] = {packed(filter, first) + packed(filter, second),
                                packed(filter, first + std::string(8192, '\0') + second)};
    for (const std::string& bytes : both) {
      const Batch batch;
      batch.add("batch.tar", bytes);
      const Audited audited = batch.audit();
      CHECK(audited.summary.counts.pass == 3);
      CHECK(audited.outcome("batch.tar/3.bin") == "PASS");
      CHECK(audited.outcome("batch.tar") == "ERROR");
      CHECK(audited.csv.find("the archive goes on behind its end") != std::string::npos);
    }
  }
}

TEST_CASE("no name and no padding is taken for zeros in the middle of a tar") {
  const std::string folder(128, 'f');
  for (const char* format : {"gnutar", "pax"}) {
    CAPTURE(format);
    for (const std::size_t size : {120U, 510U, 511U, 512U, 513U, 1024U}) {
      CAPTURE(size);
      std::string name;
      while (name.size() + folder.size() < size) name += folder + "/";
      name += std::string(size - name.size(), 'n');
      const std::string tar = archive_of(
          format, "none", {{name, dump(1)}, {"zeros", std::string(2048, '\0')}, {"2.bin", dump(2)}});
      for (const char* filter : {"none", "gzip"}) {
        const auto all = entries_of(packed(filter, tar + std::string(10240, '\0')), {});
        CHECK(all.size() == 3);
        CHECK(std::ranges::none_of(all, [](const audit::Entry& entry) { return entry.error.has_value(); }));
      }
    }
  }
}

TEST_CASE("a long name whose own header is zeros goes to no other unit unseen") {
  const std::string name(150, 'n');
  const std::string tar =
      archive_of("gnutar", "none", {{name, dump(1)}, {"2.bin", dump(2)}, {"3.bin", dump(3)}});
  const std::size_t behind_name = 1024;
  const std::size_t one = 512 + (dump(1).size() + 511) / 512 * 512;
  std::string hole = tar;
  hole.replace(behind_name, one, one, '\0');
  for (const char* filter : {"none", "gzip"}) {
    const auto all = entries_of(packed(filter, hole), {});
    REQUIRE_FALSE(all.empty());
    CHECK(all.back().path == "a");
    CHECK(all.back().error);
  }
}

TEST_CASE("zeros without an end behind a tar are a bomb as any other") {
  const audit::ArchiveLimits limits{.most_of_one = 1 << 20, .unsuspected = 4 << 20, .most_times = 100};
  const std::string tar = archive_of("ustar", "none", {{"1.bin", dump(1)}}) + std::string(16 << 20, '\0');
  const auto all = entries_of(packed("gzip", tar), limits);
  REQUIRE(all.size() == 2);
  REQUIRE(all[1].error);
  CHECK(all[1].error->what.starts_with("the archive holds more than 100 times its own size"));
}

TEST_CASE("a bomb is given up by how much more it holds than it is long, and a long file is passed over") {
  const audit::ArchiveLimits limits{.most_of_one = 1 << 20, .unsuspected = 4 << 20, .most_times = 100};
  const Files files = {{"1.bin", dump(1)}, {"zeros", std::string(16 << 20, '\0')}, {"3.bin", dump(3)}};
  for (const char* filter : {"gzip", "xz", "zstd", "bzip2"}) {
    CAPTURE(filter);
    const auto all = entries_of(archive_of("ustar", filter, files), limits);
    REQUIRE(all.size() == 2);
    CHECK(all[0].path == "a/1.bin");
    CHECK_FALSE(all[0].error);
    CHECK(all[1].path == "a");
    REQUIRE(all[1].error);
    CHECK(all[1].error->what.starts_with("the archive holds more than 100 times its own size"));
  }
  const auto plain = entries_of(archive_of("ustar", "none", files), limits);
  REQUIRE(plain.size() == 3);
  CHECK(plain[1].other == "larger than 64 MiB: no SMBIOS table");
  CHECK(plain[1].bytes.empty());
  CHECK(plain[2].bytes.size() == dump(3).size());
}

TEST_CASE("an archive comes through a pipe as well, and so does a single dump") {
  const Batch batch;
  struct Row {
    std::string bytes;
    std::string path;
  };
  const Row rows[] = {{archive_of("ustar", "none", some_files()), "pipe/lot/3.bin"},
                      {archive_of("ustar", "zstd", some_files()), "pipe/lot/3.bin"},
                      {archive_of("zip", "none", some_files()), "pipe/lot/3.bin"},
                      {cabinet_of(some_files()), "pipe/lot/3.bin"},
                      {dump(3), "pipe"}};
  const std::string pipe = batch / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const Row& row : rows) {
    std::jthread writer([&] { write_file(pipe, row.bytes); });
    audit::Request request = request_for();
    request.paths = {pipe};
    CHECK(batch.audit(request).outcome(row.path) == "PASS");
  }
}

}  // namespace
}  // namespace dmigate::gate
