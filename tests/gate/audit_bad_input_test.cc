// What a batch must put up with: each is told in a line of its own, and everything else is still audited.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "gate/audit/duplicates.h"
#include "gate/audit/read_file.h"
#include "gate/audit/report.h"
#include "tests/gate/batch.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;

// root may open anything: for a while this test is nobody, where it is root.
class AsNobody {
 public:
  AsNobody() { REQUIRE((::geteuid() != 0 || ::seteuid(65534) == 0)); }
  ~AsNobody() {
    if (::getuid() == 0) REQUIRE(::seteuid(0) == 0);
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

TEST_CASE("a folder or file that may not be opened is an error, its neighbours are audited") {
  const Batch batch;
  batch.add("closed/1.bin", good(1));
  batch.add("2.bin", good(2));
  batch.add("3.bin", good(3));
  const TemporaryFolder reports;
  fs::permissions(batch.path(), fs::perms(0755));
  fs::permissions(reports.path(), fs::perms(0777));
  fs::permissions(batch / "closed", fs::perms(0));
  fs::permissions(batch / "2.bin", fs::perms(0));
  audit::Request request = request_for();
  request.jsonl = reports / "a.jsonl";
  request.csv = reports / "a.csv";
  const Audited audited = [&] {
    const AsNobody nobody;
    return batch.audit(request);
  }();
  fs::permissions(batch / "closed", fs::perms(0700));
  CHECK(audited.outcome("closed") == "ERROR");
  CHECK(audited.outcome("2.bin") == "ERROR");
  CHECK(audited.outcome("3.bin") == "PASS");
  CHECK(audited.csv.find("the folder cannot be opened: Permission denied") != std::string::npos);
}

TEST_CASE("files of a folder that may be entered and not listed are audited where they are named") {
  const Batch batch;
  for (int n = 1; n <= 3; ++n) batch.add("closed/" + std::to_string(n) + ".bin", good(n));
  const TemporaryFolder reports;
  fs::permissions(batch.path(), fs::perms(0755));
  fs::permissions(reports.path(), fs::perms(0777));
  fs::permissions(batch / "closed", fs::perms(0111));
  audit::Request request = request_for();
  for (const char* name : {"closed/1.bin", "closed/2.bin", "closed/3.bin", "closed/4.bin"})
    request.paths.push_back(batch / name);
  request.jsonl = reports / "a.jsonl";
  request.csv = reports / "a.csv";
  const Audited audited = [&] {
    const AsNobody nobody;
    return batch.audit(request);
  }();
  fs::permissions(batch / "closed", fs::perms(0700));
  CHECK(audited.summary.counts.pass == 3);
  CHECK(audited.outcome("closed/4.bin") == "ERROR");
}

TEST_CASE("a file that is gone when it is opened is an error; so is a name that nothing has") {
  const Batch batch;
  batch.add("1.bin", good(1));
  fs::create_symlink(batch / "gone", batch / "2.bin");
  audit::Request request = request_for();
  request.paths = {batch.path(), batch / "nothing.bin", batch / "no/folder"};
  const Audited audited = batch.audit(request);
  CHECK(audited.paths == Words{"1.bin", "2.bin", "nothing.bin", "no/folder"});
  CHECK(audited.outcome("1.bin") == "PASS");
  for (const char* path : {"2.bin", "nothing.bin", "no/folder"}) CHECK(audited.outcome(path) == "ERROR");
}

TEST_CASE("a file that grows or shrinks while it is read is not taken for a whole one") {
  const TemporaryFolder folder;
  write_file(folder / "unit", "0123456789");
  const auto file = audit::open_to_read(AT_FDCWD, (folder / "unit").c_str());
  REQUIRE(file);
  std::vector<std::uint8_t> bytes;
  std::size_t size = 0;
  REQUIRE(audit::read_on(file->get(), bytes, size, 1 << 20, nullptr));
  CHECK(size == 10);
  CHECK(audit::check_size(file->get(), size));
  CHECK(audit::is_whole(file->get(), size));
  for (const char* changed : {"0123456789A", "0"}) {
    write_file(folder / "unit", changed);
    CHECK_FALSE(audit::check_size(file->get(), size));
    CHECK_FALSE(audit::is_whole(file->get(), size));
    CHECK(::lseek(file->get(), 0, SEEK_CUR) == 10);
  }
}

TEST_CASE("links in circles end, and no unit is audited twice, whatever names it has") {
  const Batch batch;
  batch.add("a/1.bin", good(1));
  batch.add("b/2.bin", good(2));
  fs::create_directory_symlink(batch.path(), batch / "a/up");
  fs::create_directory_symlink(batch / "a", batch / "b/across");
  fs::create_directory_symlink(batch / "c", batch / "c");  // to itself
  fs::create_symlink(batch / "a/1.bin", batch / "b/1-again.bin");
  fs::create_hard_link(batch / "b/2.bin", batch / "z.bin");
  audit::Request request = request_for();
  request.paths = {batch.path(), batch / "a", batch / "a/1.bin"};
  const Audited audited = batch.audit(request);
  CHECK(audited.summary.counts.pass == 2);
  CHECK(audited.summary.counts.error == 1);  // the link to itself leads nowhere
  CHECK(audited.summary.groups == 0);
  CHECK(audited.outcome("a/up") == "no dump: the same folder as one that is audited already");
  CHECK(audited.outcome("b/1-again.bin") == "no dump: the same file as one that is audited already");
  CHECK(audited.outcome("c") == "ERROR");
  CHECK(audited.outcome("a") == "no dump: the same folder as one that is audited already");
  CHECK(audited.again == Words{"a/1.bin"});
}

TEST_CASE("pipes, sockets and devices in a folder are passed over, and told") {
  const Batch batch;
  batch.add("1.bin", good(1));
  REQUIRE(::mkfifo((batch / "pipe").c_str(), 0600) == 0);
  fs::create_symlink("/dev/zero", batch / "zero");
  const Audited audited = batch.audit();
  CHECK(audited.outcome("pipe") == "no dump: a pipe, a socket or a device");
  CHECK(audited.outcome("zero") == "no dump: a pipe, a socket or a device");
  CHECK(audited.outcome("1.bin") == "PASS");
}

TEST_CASE("what may be a damaged dump is an error; what is plainly none is counted and told") {
  const std::string dump = text_of(dump_of(good(1)));
  const std::string evidence = to_json(evidence_of(good(1)));
  std::string junk = "\x01\x02";
  for (int i = 0; i < 500; ++i) junk += static_cast<char>(i * 37 + 11);
  struct Row {
    const char* name;
    std::string bytes;
    const char* outcome;
  };
  const Row rows[] = {
      {"empty", "", "ERROR"},
      {"zeros", std::string(4096, '\0'), "ERROR"},
      {"blanks", "  \n\n  ", "ERROR"},
      {"junk", junk, "ERROR"},
      {"anchor", "_SM3_", "ERROR"},
      {"cut in the entry point", dump.substr(0, 20), "ERROR"},
      {"cut in the first structure", dump.substr(0, 40), "ERROR"},
      {"wrong first byte", "X" + dump.substr(1), "ERROR"},
      {"cut evidence", evidence.substr(0, evidence.size() / 2), "ERROR"},
      {"changed evidence",
       evidence.substr(0, evidence.size() / 2) + "x" + evidence.substr(evidence.size() / 2 + 1), "ERROR"},
      {"cut text", "# dmidecode 3.4\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Inf", "ERROR"},
      {"cut gzip", std::string("\x1F\x8B\x08\0\0\0\0\0", 8), "ERROR"},
      {"notes", "unit 7 was taken back\r\n", "no dump: text, and none of dmidecode's"},
      {"other json", "{\"a\": [1, 2]}\n", "no dump: text, and none of dmidecode's"},
      {"chinese", "第七台退回\n", "no dump: text, and none of dmidecode's"},
      {"picture", std::string("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16), "no dump: a picture"},
      {"document", "%PDF-1.4\n%\xE2\xE3", "no dump: a PDF document"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Batch batch;
    batch.add("x", row.bytes);
    batch.add("y.bin", good(1));
    const Audited audited = batch.audit();
    CHECK(audited.outcome("x") == row.outcome);
    CHECK(audited.outcome("y.bin") == "PASS");
  }
}

TEST_CASE("a file of more than 64 MiB is not read into memory") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("image", "x");
  fs::resize_file(batch / "image", std::uintmax_t{65} << 20);
  CHECK(batch.audit().outcome("image") == "no dump: larger than 64 MiB: no SMBIOS table");
}

TEST_CASE("names with newlines and bytes that are no text come out whole, and break no report") {
  const Batch batch;
  batch.add("new\nline.bin", good(1));
  batch.add("\xFF\xFE.bin", good(2));
  batch.add("\x1B[31m\t\".bin", good(3));
  batch.add("晨曦.bin", good(4));
  const Audited audited = batch.audit();
  CHECK(audited.summary.counts.pass == 4);
  CHECK(audited.outcome("new\nline.bin") == "PASS");
  CHECK(audited.outcome("\x1B[31m\t\".bin") == "PASS");
  CHECK(audited.outcome("晨曦.bin") == "PASS");
  const json::object& odd = audited.unit("\\xFF\\xFE.bin");
  CHECK(std::string(odd.at("path_hex").as_string()).ends_with("2ffffe2e62696e"));
  CHECK_FALSE(audited.unit("晨曦.bin").contains("path_hex"));
  CHECK(std::ranges::count(audited.csv, '\n') == 5);
  CHECK(audited.csv.find('\x1B') == std::string::npos);
}

TEST_CASE("millions of units with one serial are one group") {
  constexpr std::uint32_t kUnits = 2'000'000;
  std::vector<audit::Keys> keys(2);
  for (std::uint32_t unit = 0; unit < kUnits; ++unit) {
    keys[unit % 2].add({.high = 1, .low = 2}, unit, 0);
    keys[unit % 2].add({.high = unit * 0x9E3779B97F4A7C15U, .low = unit}, unit, 1);
  }
  audit::Duplicates duplicates;
  duplicates.find(
      keys, [](std::uint32_t unit) { return unit; }, 2);
  REQUIRE(duplicates.groups() == 1);
  CHECK(duplicates.size(1) == kUnits);
  REQUIRE(duplicates.members().size() == kUnits);
  CHECK(duplicates.members().front().unit == 0);
  CHECK(duplicates.members().back().unit == kUnits - 1);
}

TEST_CASE("a report that cannot be written is told, and the others are") {
  const Batch batch;
  batch.add("1.bin", good(1));
  const TemporaryFolder reports;
  for (const std::string& csv : {reports / "no/folder.csv", reports.path(), std::string("/dev/full")}) {
    CAPTURE(csv);
    audit::Request request = request_for();
    request.csv = csv;
    request.jsonl = reports / "a.jsonl";
    const Audited audited = batch.audit(request);
    REQUIRE(audited.summary.unwritten.size() == 1);
    CHECK(audited.summary.unwritten[0].where == csv);
    CHECK(audited.summary.unwritten[0].what.starts_with("the report cannot be written ("));
    CHECK(audited.outcome("1.bin") == "PASS");
    CHECK(audited.summary.written == Words{reports / "a.jsonl"});
  }
  CHECK(std::distance(fs::directory_iterator(reports.path()), {}) == 1);  // no halves are left
}

TEST_CASE("a report that finds no more room gives back what it took, at once") {
  const TemporaryFolder reports;
  audit::ReportFile file;
  REQUIRE(file.open(reports / "a.jsonl", "{"));
  REQUIRE(fs::exists(file.beside()));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto signal_before = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 65536, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  file.write(std::string(3 << 20, 'x'));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, signal_before);
  CHECK(fs::is_empty(reports.path()));
  file.write(std::string(3 << 20, 'x'));
  const auto done = file.finish();
  REQUIRE_FALSE(done);
  CHECK(done.error().what == "the report cannot be written (File too large)");
  CHECK(fs::is_empty(reports.path()));
}

TEST_CASE("a report that was there is replaced whole, and the audit's own reports are no part of the batch") {
  const Batch batch;
  batch.add("1.bin", good(1));
  audit::Request request = request_for();
  request.paths = {batch.path()};
  request.jsonl = batch / "report.jsonl";
  request.csv = batch / "report.csv";
  const Audited once = batch.audit(request);
  const Audited twice = batch.audit(request);
  CHECK(once.paths == Words{"1.bin"});
  CHECK(twice.jsonl == once.jsonl);
  CHECK(twice.csv == once.csv);
}

TEST_CASE("where nothing can be kept of the units, the audit fails and says so") {
  const Batch batch;
  batch.add("1.bin", good(1));
  audit::Request request = request_for();
  request.paths = {batch.path()};
  request.temporary_folder = batch / "nothing";
  const auto audited = audit::audit(request);
  REQUIRE_FALSE(audited);
  CHECK(audited.error().what.starts_with("what is kept of the units cannot be written ("));
}

TEST_CASE("an audit that is ended early says so in every report") {
  const Batch batch;
  batch.add("1.bin", good(1));
  batch.add("2.bin", good(2));
  audit::Request request = request_for();
  const std::atomic<bool> stop = true;
  request.stop = &stop;
  const Audited audited = batch.audit(request);
  CHECK(audited.summary.partial);
  CHECK(audited.jsonl == "{\"schema\":\"dmigate.audit/1\",\"partial\":true,\"units\":0}\n");
  CHECK(audited.csv.find("PARTIAL") != std::string::npos);
  CHECK(to_text(audited.summary, Language::kEnglish, false).find("PARTIAL") != std::string::npos);
}

TEST_CASE("an audit that waits for a pipe nobody writes into ends when it is told to") {
  const Batch batch;
  batch.add("1.bin", good(1));
  REQUIRE(::mkfifo((batch / "pipe").c_str(), 0600) == 0);
  audit::Request request = request_for();
  request.paths = {batch / "1.bin", batch / "pipe"};
  std::atomic<bool> stop = false;
  request.stop = &stop;
  // Called when the audit has nothing to do but wait.
  request.progress = [&](const audit::Progress& progress) { stop = stop || progress.done == 1; };
  const Audited audited = batch.audit(request);
  CHECK(audited.summary.partial);
  CHECK(audited.outcome("1.bin") == "PASS");
}

}  // namespace
}  // namespace dmigate::gate
