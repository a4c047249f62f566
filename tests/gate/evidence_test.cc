// What was read from a unit, as one file: it comes back as it was, or not at all.
#include "gate/evidence/evidence.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "fixtures/builder/unit_folder.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string serial_of(const Evidence& evidence) {
  return smbios::read(evidence.source.table(), field("system-serial-number")).text();
}

// All but where a dump had its table: evidence has it by itself.
Words defects_of(const Evidence& evidence) {
  Words all;
  for (const smbios::Defect& defect : smbios::inspect(evidence.source.layout())) {
    if (defect.kind != smbios::DefectKind::kAddress) all.emplace_back(smbios::rule_id(defect.kind));
  }
  return all;
}

void write_bytes(const std::string& path, smbios::Bytes bytes) {
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

TEST_CASE(
    "evidence of every unit and form comes back with the table, the version and the boot it was taken in") {
  for (const auto& entry : fs::directory_iterator(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units")) {
    const std::string name = entry.path().stem();
    CAPTURE(name);
    Evidence evidence = evidence_of(unit(name));
    evidence.taken = "2026-11-20T05:00:00.123Z";
    const std::string json = to_json(evidence);
    CHECK(json.ends_with("}\n"));
    CHECK(std::ranges::count(json, '\n') == 1);
    const auto back = parse_evidence(json, "unit.json");
    REQUIRE_MESSAGE(back, (back ? "" : back.error().to_string()));
    CHECK(std::ranges::equal(back->source.layout().table, evidence.source.layout().table));
    CHECK(std::ranges::equal(back->source.layout().entry_point, evidence.source.layout().entry_point));
    CHECK(back->source.layout().version == evidence.source.layout().version);
    CHECK(back->boot_id == evidence.boot_id);
    CHECK(back->taken == evidence.taken);
    CHECK_FALSE(back->live);
    CHECK(defects_of(*back) == defects_of(evidence));
  }
}

TEST_CASE("evidence that was changed, cut off or written by something else is refused, with what to do") {
  const Evidence evidence = evidence_of(good(1));
  const std::string json = to_json(evidence);
  REQUIRE(parse_evidence(json, "unit.json"));
  const std::string sha = to_hex(sha256(evidence.source.layout().table));
  const std::string data = json.substr(json.find("\"data\":\"") + 8, 40);
  struct Row {
    const char* what;
    std::string text;
  };
  const Row rows[] = {
      {"empty", ""},
      {"cut off", json.substr(0, json.size() / 2)},
      {"an array", "[]"},
      {"no object", "\"dmigate.evidence/1\""},
      {"two of them", json + json},
      {"another schema", replaced(json, "dmigate.evidence/1", "dmigate.evidence/2")},
      {"no schema", replaced(json, "\"schema\":\"dmigate.evidence/1\",", "")},
      {"another table", replaced(json, data, std::string(data.rbegin(), data.rend()))},
      {"another hash", replaced(json, sha, std::string(64, '0'))},
      {"no hash", replaced(json, "\"sha256\":\"" + sha + "\"", "\"form\":\"sysfs\"")},
      {"no base64", replaced(json, data, "!" + data.substr(1))},
      {"an unknown member", replaced(json, "{\"schema\"", "{\"disk\":\"x\",\"schema\"")},
      {"an unknown member of the table", replaced(json, "\"form\"", "\"from\"")},
      {"a number for a text", replaced(json, "\"boot_id\":\"", "\"boot_id\":1,\"version\":\"")},
      {"a table that is none", R"({"schema":"dmigate.evidence/1","table":7})"},
      {"no table", R"({"schema":"dmigate.evidence/1"})"},
      {"an empty table", R"({"schema":"dmigate.evidence/1","table":{}})"},
      {"an empty boot id", replaced(json, *evidence.boot_id, "")},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto refused = parse_evidence(row.text, "unit.json");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().where == "unit.json");
    CHECK_FALSE(refused.error().what.empty());
    CHECK(refused.error().kind == ErrorKind::kUnjudgeable);
  }
}

TEST_CASE("a unit's folder brings its boot with it; half a pair and a strange evidence.json are refused") {
  const TemporaryFolder folder;
  const std::string path = folder / "unit";
  REQUIRE(fixtures::make_unit_folder(
      read_file(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units/good-unit.yaml"), "good-unit.yaml", path));
  const auto read = read_evidence(path);
  REQUIRE(read);
  CHECK(serial_of(*read) == "CX2600417");
  CHECK(read->boot_id == "6c1f9d3e-0b52-4f0a-8a64-000000000001");
  CHECK_FALSE(read->live);

  SUBCASE("no evidence.json: the boot is not known") {
    fs::remove(path + "/evidence.json");
    const auto bare = read_evidence(path);
    REQUIRE(bare);
    CHECK_FALSE(bare->boot_id);
  }
  SUBCASE("an evidence.json of another unit") {
    write_file(path + "/evidence.json", to_json(evidence_of(good(2))));
    const auto refused = read_evidence(path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().where == path + "/evidence.json");
  }
  SUBCASE("an evidence.json that is empty, or no file") {
    write_file(path + "/evidence.json", "");
    CHECK_FALSE(read_evidence(path));
    fs::remove(path + "/evidence.json");
    fs::create_directory(path + "/evidence.json");
    CHECK_FALSE(read_evidence(path));
  }
  SUBCASE("half a pair") {
    for (const char* half : {"DMI", "smbios_entry_point"}) {
      CAPTURE(half);
      const std::string other = folder / (std::string("half-") + half);
      fs::create_directory(other);
      fs::copy_file(path + "/" + half, other + "/" + half);
      const auto refused = read_evidence(other);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().where.find(other) == 0);
    }
  }
}

TEST_CASE("a file is known by what is in it, not by its name") {
  const TemporaryFolder folder;
  const Evidence evidence = evidence_of(good(1));
  write_file(folder / "unit.bin", " \r\n" + to_json(evidence));
  write_bytes(folder / "unit.json", smbios::to_dump(evidence.source.layout()));
  for (const char* name : {"unit.bin", "unit.json"}) {
    const auto read = read_evidence(folder / name);
    REQUIRE_MESSAGE(read, (read ? "" : read.error().to_string()));
    CHECK(serial_of(*read) == serial(1));
  }
  // A pipe brings either of them.
  for (const char* name : {"unit.bin", "unit.json"}) {
    const int kept = ::dup(0);
    REQUIRE(std::freopen((folder / name).c_str(), "rb", stdin) != nullptr);
    const auto read = read_evidence("-");
    REQUIRE(::dup2(kept, 0) == 0);
    ::close(kept);
    std::clearerr(stdin);
    REQUIRE_MESSAGE(read, (read ? "" : read.error().to_string()));
    CHECK(serial_of(*read) == serial(1));
    CHECK(read->source.path() == "standard input");
  }
  write_file(folder / "text", "Serial Number: CX2600417\n");
  write_file(folder / "nothing", "");
  for (const char* name : {"text", "nothing", "missing"}) CHECK_FALSE(read_evidence(folder / name));
}

std::string gzip(const std::string& text) {
  const TemporaryFolder folder;
  gzFile file = gzopen((folder / "gz").c_str(), "wb");
  REQUIRE(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) == static_cast<int>(text.size()));
  REQUIRE(gzclose(file) == Z_OK);
  return read_file(folder / "gz");
}

TEST_CASE("compressed evidence is read as what it holds, and its boot with it") {
  const TemporaryFolder folder;
  const Evidence evidence = evidence_of(good(1));
  write_file(folder / "unit.json.gz", gzip(to_json(evidence)));
  const auto read = read_evidence(folder / "unit.json.gz");
  REQUIRE_MESSAGE(read, (read ? "" : read.error().to_string()));
  CHECK(serial_of(*read) == serial(1));
  CHECK(read->boot_id == evidence.boot_id);
  write_file(folder / "cut.gz", gzip(to_json(evidence)).substr(0, 100));
  CHECK_FALSE(read_evidence(folder / "cut.gz"));
}

TEST_CASE("evidence that says one thing twice is refused") {
  const std::string json = to_json(evidence_of(good(1)));
  REQUIRE(parse_evidence(json, "unit.json"));
  for (const char* member : {R"("boot_id":"another",)", R"("taken":"a","t\u0061ken":"b",)"}) {
    const auto twice = parse_evidence(replaced(json, "{", "{" + std::string(member)), "unit.json");
    REQUIRE_FALSE(twice);
    CHECK(twice.error().what.find("twice") != std::string::npos);
  }
  CHECK(parse_evidence(replaced(json, "{", R"({"taken":"a \\\" b: c",)"), "unit.json"));
}

TEST_CASE("a FIFO that nobody writes to is refused, not waited for") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK_FALSE(read_evidence(folder / "fifo"));
  CHECK_FALSE(smbios::Source::open(folder / "fifo"));
}

TEST_CASE("a pipe that somebody writes to is read to its end") {
  const std::string json = to_json(evidence_of(good(1)));
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::thread writer([&] {
    for (std::size_t at = 0; at < json.size(); at += 100) {
      const std::string part = json.substr(at, 100);
      static_cast<void>(::write(ends[1], part.data(), part.size()) < 0);
    }
    ::close(ends[1]);
  });
  const auto read = read_evidence("/dev/fd/" + std::to_string(ends[0]));
  writer.join();
  ::close(ends[0]);
  REQUIRE_MESSAGE(read, (read ? "" : read.error().to_string()));
  CHECK(serial_of(*read) == serial(1));
}

// Every member, and every state that it can be in.
Hardware hardware() {
  Hardware all;
  all.disks = {{.name = "nvme0n1",
                .bus = Bus::kNvme,
                .port = "pci0000:00",
                .removable = false,
                .serial = "  S4EV\"  ",
                .model = "KXG60",
                .size = 512110190592},
               {.name = "sr0", .kind = DiskKind::kOptical, .bus = Bus::kAta, .removable = true, .serial = ""},
               {.name = "disk-0", .boot_medium = true, .size = 0}};
  all.system_disk = "nvme0n1";
  all.nics = {{.name = "enp1s0",
               .bus = Bus::kPci,
               .physical = true,
               .removable = false,
               .mac = "02:fc:00:00:00:01",
               .driver = "e1000e",
               .disabled = false},
              {.name = "br0", .bus = Bus::kVirtual, .mac = "", .driver = ""}};
  all.clock = Clock{.at = "2026-11-20T05:00:00.123Z",
                    .local = "2026-11-21T11:00:00+30:00",
                    .reference = "2026-11-20T05:00:00Z",
                    .from = "ntp"};
  all.wmi =
      Wmi{.answers = {{"Win32_BIOS.SerialNumber", "CX2600417"}, {"Win32_BIOS.SerialNumber", std::nullopt}},
          .error = "HRESULT 0xC002001B"};
  all.stated = {{"system-serial-number", "CX2600417  "}};
  return all;
}

Evidence with(const Hardware& parts) {
  Evidence evidence = evidence_of(good(1));
  evidence.taken = "2026-11-20T05:00:00.123Z";
  evidence.hardware = parts;
  return evidence;
}

// Each part alone, empty and full; none; all.
std::vector<Hardware> variants() {
  const Hardware all = hardware();
  std::vector<Hardware> variants(8);
  variants[1].disks.emplace();
  variants[1].nics.emplace();
  variants[2].disks = all.disks;
  variants[3].nics = all.nics;
  variants[4].clock = Clock{.at = "2026-11-20T05:00:00Z", .local = {}, .reference = {}, .from = {}};
  variants[5].wmi.emplace();
  variants[6].stated = all.stated;
  variants[7] = all;
  return variants;
}

TEST_CASE(
    "what was read beside the table comes back byte for byte; what was not captured stays apart from "
    "nothing") {
  for (const Hardware& parts : variants()) {
    const std::string json = to_json(with(parts));
    const auto back = parse_evidence(json, "unit.json");
    REQUIRE_MESSAGE(back, (back ? "" : back.error().to_string()));
    CHECK(to_json(*back) == json);
    CHECK(back->hardware.disks.has_value() == parts.disks.has_value());
    CHECK(back->hardware.nics.has_value() == parts.nics.has_value());
    CHECK(back->hardware.clock.has_value() == parts.clock.has_value());
    CHECK(back->hardware.wmi.has_value() == parts.wmi.has_value());
  }
  const auto back = parse_evidence(to_json(with(hardware())), "unit.json");
  REQUIRE(back);
  CHECK(back->hardware.disks->at(0).serial == "  S4EV\"  ");
  CHECK(back->hardware.disks->at(1).serial == "");
  CHECK_FALSE(back->hardware.disks->at(2).serial);
  CHECK_FALSE(back->hardware.disks->at(2).removable);
  CHECK_FALSE(back->hardware.wmi->answers.at(1).value);
}

TEST_CASE("bytes that are no text do not make evidence that cannot be read again") {
  Hardware parts = hardware();
  parts.disks->front().serial = "A\xFF";
  parts.disks->front().model = "\x80";
  const auto back = parse_evidence(to_json(with(parts)), "unit.json");
  REQUIRE(back);
  CHECK(back->hardware.disks->front().serial == "A\\xFF");
}

struct Malformed {
  const char* what;
  std::string text;
  bool by_schema = true;  ///< a schema cannot say everything
};

std::vector<Malformed> malformed() {
  const std::string json = to_json(with(hardware()));
  const auto edit = [&](const std::string& from, const std::string& to) { return replaced(json, from, to); };
  return {
      {"an unknown member", edit("\"disks\"", "\"discs\":[],\"disks\"")},
      {"an unknown member of a disk", edit("\"boot_medium\"", "\"boot\":1,\"boot_medium\"")},
      {"a disk without a serial member", edit("\"serial\":\"\",", "")},
      {"a disk without a name", edit("\"nvme0n1\"", "\"\"")},
      {"two disks of one name", edit("\"sr0\"", "\"nvme0n1\""), false},
      {"an unknown bus", edit("\"bus\":\"nvme\"", "\"bus\":\"isa\"")},
      {"an unknown kind", edit("\"optical\"", "\"vinyl\"")},
      {"a flag that is a word", edit("\"removable\":false", "\"removable\":\"no\"")},
      {"a flag that must be known", edit("\"boot_medium\":false", "\"boot_medium\":null")},
      {"a size below nothing", edit("512110190592", "-1")},
      {"a size with a fraction", edit("512110190592", "0.5")},
      {"a serial that is a number", edit("\"serial\":null", "\"serial\":12")},
      {"disks that are no list", edit("\"disks\":[", "\"disks\":{},\"nics\":[],\"clock\":["), true},
      {"a system disk without a name", edit("\"system_disk\":\"nvme0n1\"", "\"system_disk\":\"\"")},
      {"a card's address that is none", edit("02:fc:00:00:00:01", "02-FC-00-00-00-01")},
      {"a card that is no object", edit("\"nics\":[", "\"nics\":[7,")},
      {"a clock without its time", edit("\"at\":\"2026-11-20T05:00:00.123Z\"", "\"at\":null")},
      {"a clock that is no instant", edit("\"at\":\"2026-11-20", "\"at\":\"20-11-2026")},
      {"a clock of a day that is none", edit("\"at\":\"2026-11-20", "\"at\":\"2026-02-30"), false},
      {"a reference from nobody", edit("\"from\":\"ntp\"", "\"from\":\"\"")},
      {"a reference from a blank name", edit("\"from\":\"ntp\"", "\"from\":\" \""), false},
      {"nobody's reference", edit("\"reference\":\"2026-11-20T05:00:00Z\"", "\"reference\":null")},
      {"an answer to nothing", edit("\"property\":\"Win32_BIOS.SerialNumber\"", "\"property\":\"\"")},
      {"an answer that is a list", edit("\"value\":null", "\"value\":[]")},
      {"WMI without its error", edit("\"error\":\"HRESULT 0xC002001B\",", "")},
      {"a statement on no field",
       edit("\"keyword\":\"system-serial-number\"", "\"keyword\":\"system-cereal\""), false},
  };
}

TEST_CASE("hardware that is not as the schema says is refused, with what to do") {
  for (const Malformed& row : malformed()) {
    CAPTURE(row.what);
    const auto refused = parse_evidence(row.text, "unit.json");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().where == "unit.json");
    CHECK_FALSE(refused.error().what.empty());
    CHECK_FALSE(refused.error().advice.empty());
  }
}

TEST_CASE("hardware that is cut anywhere is refused") {
  const std::string json = to_json(with(hardware()));
  for (std::size_t length = 0; length + 2 < json.size(); length += 7) {
    CHECK_FALSE(parse_evidence(std::string_view(json).substr(0, length), "unit.json"));
  }
}

// The paths that the schema refuses, of those given.
std::vector<std::string> refused_by_schema(const std::vector<std::string>& paths) {
  std::string command = "python3 -m jsonschema --output pretty";
  for (const std::string& path : paths) command += " -i '" + path + "'";
  command += " '" DMIGATE_SOURCE_DIR "/docs/evidence.schema.json' 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string said;
  char part[4096];
  while (const std::size_t size = std::fread(part, 1, sizeof part, pipe)) said.append(part, size);
  ::pclose(pipe);
  std::vector<std::string> refused;
  for (const std::string& path : paths) {
    const bool good = said.find("[SUCCESS]===(" + path + ")") != std::string::npos;
    const bool bad = said.find("[ValidationError]===(" + path + ")") != std::string::npos;
    REQUIRE_MESSAGE(good != bad, said.substr(0, 400));
    if (bad) refused.push_back(path);
  }
  return refused;
}

TEST_CASE("the schema takes what dmigate writes, and refuses what it refuses") {
  if (std::system("python3 -c 'import jsonschema' >/dev/null 2>&1") != 0) {
    MESSAGE("left out: python3-jsonschema is not here");
    return;
  }
  const TemporaryFolder folder;
  std::vector<std::string> good_files, bad_files;
  for (const Hardware& parts : variants()) {
    good_files.push_back(folder / ("good-" + std::to_string(good_files.size()) + ".json"));
    write_file(good_files.back(), to_json(with(parts)));
  }
  for (const Malformed& row : malformed()) {
    if (!row.by_schema) continue;
    bad_files.push_back(folder / ("bad-" + std::to_string(bad_files.size()) + ".json"));
    write_file(bad_files.back(), row.text);
  }
  CHECK(refused_by_schema(good_files) == Words{});
  CHECK(refused_by_schema(bad_files) == bad_files);
}

}  // namespace
}  // namespace dmigate::gate
