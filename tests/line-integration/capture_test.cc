#include "line-integration/capture/capture.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "fixtures/builder/unit.h"
#include "smbios/smbios.h"
#include "tests/temporary_folder.h"

using dmigate::read_file;
using dmigate::TemporaryFolder;
using dmigate::write_file;
using dmigate::line::capture;
using dmigate::line::LivePaths;
namespace fixtures = dmigate::fixtures;
namespace smbios = dmigate::smbios;

namespace {

constexpr const char* kGoodUnit = DMIGATE_SOURCE_DIR "/fixtures/units/good-unit.yaml";
constexpr const char* kBootId = "0d8cf0f6-9d55-4c0e-8a1c-0a4a0f1b2c3d";
constexpr auto kNow = std::chrono::system_clock::time_point(std::chrono::milliseconds(1795150800007));

// What Linux shows, elsewhere.
class FakeTree {
 public:
  FakeTree() {
    const auto unit = fixtures::load_unit(kGoodUnit);
    REQUIRE_MESSAGE(unit, unit.error().to_string());
    const auto built = fixtures::build(*unit);
    REQUIRE_MESSAGE(built, built.error().to_string());
    REQUIRE(fixtures::write_unit(*built, folder_ / "tables"));
    write_file(folder_ / "boot_id", std::string(kBootId) + "\n");
  }
  [[nodiscard]] LivePaths paths() const { return {folder_ / "tables", folder_ / "boot_id"}; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
};

std::string serial_of(const dmigate::gate::Evidence& evidence) {
  return smbios::read(evidence.source.table(), *smbios::find_field("system-serial-number")).text();
}

// The exit status of `work` in a process of its own: 0 for true, 1 for false.
int in_a_child(const std::function<int()>& work) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(work());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a live unit: its table, which boot it is, and when it was read") {
  const FakeTree tree;
  const auto evidence = capture(tree.paths(), kNow);
  REQUIRE_MESSAGE(evidence, evidence.error().to_string());
  CHECK(evidence->live);
  CHECK(serial_of(*evidence) == "CX2600417");
  CHECK(evidence->boot_id == kBootId);
  CHECK(evidence->taken == "2026-11-20T05:00:00.007Z");
  CHECK(evidence->source.layout().form == smbios::Form::kSysfs);
}

TEST_CASE("the boot id is the kernel's, not one that a file beside the table names") {
  const FakeTree tree;  // its folder holds evidence.json as well
  CHECK(capture(tree.paths(), kNow)->boot_id == kBootId);
  std::filesystem::remove(tree / "boot_id");
  CHECK_FALSE(capture(tree.paths(), kNow)->boot_id);
  write_file(tree / "boot_id", "");
  CHECK_FALSE(capture(tree.paths(), kNow)->boot_id);
}

TEST_CASE("a machine without a table says what to do") {
  const FakeTree tree;
  for (const std::string missing : {"tables/DMI", "tables/smbios_entry_point", "tables"}) {
    std::filesystem::remove_all(tree / missing);
    const auto evidence = capture(tree.paths(), kNow);
    REQUIRE_FALSE(evidence);
    CHECK(evidence.error().where.find(tree / "tables/") == 0);
    CHECK(evidence.error().advice.find("sysfs") != std::string::npos);
    CHECK(evidence.error().kind == dmigate::ErrorKind::kUnjudgeable);
  }
}

TEST_CASE("a table that is empty, or none, is an error") {
  const FakeTree tree;
  write_file(tree / "tables/DMI", "");
  CHECK_FALSE(capture(tree.paths(), kNow));
  write_file(tree / "tables/DMI", "no table at all");
  CHECK_FALSE(capture(tree.paths(), kNow));
}

TEST_CASE("a user who is not root is told to be") {
  if (::geteuid() != 0) {
    MESSAGE("left out: only root can become somebody else");
    return;
  }
  const FakeTree tree;
  std::filesystem::permissions(tree / "tables/DMI", std::filesystem::perms::owner_read);
  std::filesystem::permissions(tree / "", std::filesystem::perms::all);
  constexpr uid_t kNobody = 65534;
  CHECK(in_a_child([&] {
          if (::setuid(kNobody) != 0) return 2;
          const auto evidence = capture(tree.paths(), kNow);
          return !evidence && evidence.error().advice.find("run as root") == 0 ? 0 : 1;
        }) == 0);
}

TEST_CASE("this machine's own paths, shown another unit") {
  const FakeTree tree;
  constexpr int kNotAllowed = 77;
  const int status = in_a_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", "/sys/firmware", "tmpfs", 0, nullptr) != 0) {
      return kNotAllowed;
    }
    std::filesystem::create_directories("/sys/firmware/dmi");
    std::filesystem::copy(tree / "tables", "/sys/firmware/dmi/tables");
    const auto evidence = capture();
    if (!evidence || serial_of(*evidence) != "CX2600417" || !evidence->live) return 1;
    const std::string kernel_says = read_file("/proc/sys/kernel/random/boot_id");
    return evidence->boot_id.value_or("") + "\n" == kernel_says ? 0 : 2;
  });
  if (status == kNotAllowed) {
    MESSAGE("left out: no mount namespace of our own may be made here");
    return;
  }
  CHECK(status == 0);
}
