// What Linux shows of disks and network cards: units of our own making, as trees like /sys, and this
// machine's own.
#include "line-integration/capture/hardware.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "line-integration/capture/capture.h"
#include "tests/temporary_folder.h"

namespace dmigate::line {
namespace {

namespace fs = std::filesystem;
using gate::Bus;
using gate::Disk;
using gate::DiskKind;
using gate::Hardware;
using gate::NetworkCard;

using Attributes = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kSata = "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0";
constexpr const char* kNvme = "pci0000:00/0000:00:1d.0/0000:01:00.0/nvme/nvme0";
constexpr const char* kUsb = "pci0000:00/0000:00:14.0/usb2/2-1";
constexpr const char* kUsbDisk = "pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host4/target4:0:0/4:0:0:0";

// A tree like /sys. Devices are folders below devices/, and linked as the kernel does.
class FakeSys {
 public:
  FakeSys() {
    for (const char* folder : {"sys/devices", "sys/block", "sys/class/net", "sys/bus/pci/devices"})
      fs::create_directories(folder_ / folder);
    mounts("");
  }

  [[nodiscard]] std::string sys(const std::string& path) const { return folder_ / ("sys/" + path); }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(sys(path)).parent_path());
    write_file(sys(path), text);
  }

  void device(const std::string& path, const Attributes& attributes) const {
    fs::create_directories(sys("devices/" + path));
    for (const auto& [name, text] : attributes) write("devices/" + path + "/" + name, text + "\n");
  }

  // A block device below `device`; attributes that begin with "device/" are the device's own.
  void disk(const std::string& name, const std::string& device, const Attributes& attributes) const {
    const std::string folder = "devices/" + device + (device.starts_with("virtual") ? "/" : "/block/") + name;
    fs::create_directories(sys(folder));
    write(folder + "/removable", "0\n");
    write(folder + "/size", "1000215216\n");
    if (!device.starts_with("virtual/block"))
      fs::create_directory_symlink(sys("devices/" + device), sys(folder + "/device"));
    for (const auto& [key, text] : attributes) {
      const bool own = key.starts_with("device/");
      write(own ? "devices/" + device + key.substr(6) : folder + "/" + key, text + "\n");
    }
    fs::create_directory_symlink(sys(folder), sys("block/" + name));
  }

  // Page 80h, as the kernel shows it.
  void page80(const std::string& device, const std::string& serial) const {
    std::string page("\0\x80\0", 3);
    page += static_cast<char>(serial.size());
    write("devices/" + device + "/vpd_pg80", page + serial);
  }

  // An interface of `device`, with a driver; "" is a virtual one.
  void card(const std::string& name, const std::string& device, const Attributes& attributes = {}) const {
    const std::string folder = "devices/" + (device.empty() ? "virtual" : device) + "/net/" + name;
    write(folder + "/type", "1\n");
    write(folder + "/addr_assign_type", "0\n");
    write(folder + "/address", "02:fc:00:00:00:01\n");
    for (const auto& [key, text] : attributes) write(folder + "/" + key, text + "\n");
    if (!device.empty()) {
      fs::create_directory_symlink(sys("devices/" + device), sys(folder + "/device"));
      driver(device, "a-driver");
    }
    fs::create_directory_symlink(sys(folder), sys("class/net/" + name));
  }

  void driver(const std::string& device, const std::string& name) const {
    fs::create_directories(sys("bus/drivers/" + name));
    if (!fs::is_symlink(sys("devices/" + device + "/driver")))
      fs::create_directory_symlink(sys("bus/drivers/" + name), sys("devices/" + device + "/driver"));
  }

  void pci(const std::string& path, const Attributes& attributes) const {
    device(path, attributes);
    fs::create_directory_symlink(sys("devices/" + path),
                                 sys("bus/pci/devices/" + fs::path(path).filename().string()));
  }

  void mounts(const std::string& text) const { write_file(folder_ / "mounts", text); }

  [[nodiscard]] HardwarePaths paths() const {
    return {.sys = folder_ / "sys", .mounts = folder_ / "mounts", .permanent_address = {}};
  }
  [[nodiscard]] Hardware read() const { return capture_hardware(paths()); }
  [[nodiscard]] Disk disk(const std::string& name) const {
    const Hardware hardware = read();
    REQUIRE(hardware.disks);
    const auto found = std::ranges::find(*hardware.disks, name, &Disk::name);
    REQUIRE_MESSAGE(found != hardware.disks->end(), name);
    return *found;
  }
  [[nodiscard]] NetworkCard card(const std::string& name) const {
    const Hardware hardware = read();
    REQUIRE(hardware.nics);
    const auto found = std::ranges::find(*hardware.nics, name, &NetworkCard::name);
    REQUIRE_MESSAGE(found != hardware.nics->end(), name);
    return *found;
  }

 private:
  TemporaryFolder folder_;
};

TEST_CASE("an NVMe disk is fixed, and has the serial that its controller says, blanks and all") {
  const FakeSys tree;
  tree.disk("nvme0n1", kNvme,
            {{"device/serial", "S4EVNF0M  "},
             {"device/model", "KXG60ZNV512G TOSHIBA   "},
             {"device/transport", "pcie"}});
  const Disk disk = tree.disk("nvme0n1");
  CHECK(disk.kind == DiskKind::kDisk);
  CHECK(disk.bus == Bus::kNvme);
  CHECK(disk.removable == false);
  CHECK(disk.serial == "S4EVNF0M  ");
  CHECK(disk.model == "KXG60ZNV512G TOSHIBA");
  CHECK(disk.size == 512110190592u);
  CHECK(disk.port == kNvme + std::string("/block/nvme0n1"));
  CHECK_FALSE(disk.boot_medium);
}

TEST_CASE("an NVMe disk that the kernel shows once for several controllers is no virtual disk") {
  const FakeSys tree;
  const std::string subsystem = "virtual/nvme-subsystem/nvme-subsys0";
  tree.device(subsystem, {{"serial", "S4EV"}, {"model", "KXG60"}});
  tree.device(kNvme, {{"transport", "pcie"}});
  fs::create_directory_symlink(tree.sys(std::string("devices/") + kNvme),
                               tree.sys("devices/" + subsystem + "/nvme0"));
  tree.disk("nvme0n1", subsystem, {});
  tree.disk("nvme0c0n1", kNvme, {{"hidden", "1"}});
  CHECK(tree.read().disks->size() == 1);
  CHECK(tree.disk("nvme0n1").bus == Bus::kNvme);
  CHECK(tree.disk("nvme0n1").kind == DiskKind::kDisk);
  CHECK(tree.disk("nvme0n1").removable == false);
  CHECK(tree.disk("nvme0n1").serial == "S4EV");
}

TEST_CASE("an NVMe disk over a network is a network disk") {
  const FakeSys tree;
  tree.disk("nvme1n1", "virtual/nvme-fabrics/ctl/nvme1",
            {{"device/serial", "far"}, {"device/transport", "tcp"}});
  tree.disk("nvme2n1", kNvme, {{"device/transport", "rdma"}});
  CHECK(tree.disk("nvme2n1").kind == DiskKind::kNetwork);
  CHECK(tree.disk("nvme1n1").kind != DiskKind::kDisk);
}

TEST_CASE("a SATA disk has its serial in page 80h") {
  const FakeSys tree;
  tree.disk("sda", kSata, {{"device/type", "0"}, {"device/model", "ST1000DM010"}});
  tree.page80(kSata, "            ZN1ABCDE");
  CHECK(tree.disk("sda").bus == Bus::kAta);
  CHECK(tree.disk("sda").removable == false);
  CHECK(tree.disk("sda").serial == "            ZN1ABCDE");

  SUBCASE("without the page it has none") {
    fs::remove(tree.sys(std::string("devices/") + kSata + "/vpd_pg80"));
    CHECK(tree.disk("sda").serial == "");
  }
  SUBCASE("a page that is cut off, or another, is not known, and no serial is made of it") {
    for (const std::string& page :
         {std::string("\0\x80\0\x20short", 9), std::string("\0\x83\0\x01x", 5), std::string()}) {
      tree.write(std::string("devices/") + kSata + "/vpd_pg80", page);
      CHECK_FALSE(tree.disk("sda").serial);
    }
  }
  SUBCASE("bytes that are no text are shown") {
    tree.page80(kSata, "A\xFF");
    CHECK(tree.disk("sda").serial == "A\\xFF");
  }
  SUBCASE("a port from which it may be pulled says so by the medium bit (eSATA)") {
    tree.write(std::string("devices/") + kSata + "/block/sda/removable", "1\n");
    CHECK(tree.disk("sda").removable == true);
  }
}

TEST_CASE("a USB SSD calls its medium fixed, and is removable all the same") {
  const FakeSys tree;
  tree.device(kUsb, {{"removable", "removable"}, {"idVendor", "04e8"}, {"serial", "S5SN0001"}});
  tree.disk("sdb", kUsbDisk, {{"device/type", "0"}, {"removable", "0"}});
  CHECK(tree.disk("sdb").bus == Bus::kUsb);
  CHECK(tree.disk("sdb").removable == true);
  CHECK(tree.disk("sdb").serial == "S5SN0001");

  const std::string port = std::string("devices/") + kUsb + "/removable";
  SUBCASE("a port that says nothing of itself is no fixed one") {
    tree.write(port, "unknown\n");
    CHECK(tree.disk("sdb").removable == true);
    fs::remove(tree.sys(port));
    CHECK(tree.disk("sdb").removable == true);
  }
  SUBCASE("what is soldered to a USB port is fixed") {
    tree.write(port, "fixed\n");
    tree.device("pci0000:00/0000:00:14.0/usb2", {{"removable", "unknown"}});
    CHECK(tree.disk("sdb").removable == false);
  }
}

TEST_CASE("an SD card is removable and an eMMC is not, on the same bus; its boot areas are no disks") {
  const FakeSys tree;
  const std::string emmc = "pci0000:00/0000:00:1a.0/mmc_host/mmc0/mmc0:0001";
  const std::string card = "pci0000:00/0000:00:1b.0/mmc_host/mmc1/mmc1:aaaa";
  tree.disk("mmcblk0", emmc,
            {{"device/type", "MMC"}, {"device/serial", "0x1a2b3c4d"}, {"device/name", "DF4064"}});
  tree.disk("mmcblk0boot0", emmc, {});
  tree.disk("mmcblk0rpmb", emmc, {});
  tree.disk("mmcblk1", card, {{"device/type", "SD"}, {"device/serial", "0x00000001"}});
  CHECK(tree.read().disks->size() == 2);
  CHECK(tree.disk("mmcblk0").removable == false);
  CHECK(tree.disk("mmcblk0").serial == "0x1a2b3c4d");
  CHECK(tree.disk("mmcblk0").model == "DF4064");
  CHECK(tree.disk("mmcblk1").removable == true);
  CHECK(tree.disk("mmcblk1").bus == Bus::kMmc);
}

TEST_CASE("a disk behind Thunderbolt hangs on PCI, and is removable") {
  const FakeSys tree;
  tree.device("pci0000:00/0000:00:07.0/0000:03:00.0", {{"removable", "removable"}});
  tree.disk("nvme3n1", "pci0000:00/0000:00:07.0/0000:03:00.0/0000:04:00.0/nvme/nvme3",
            {{"device/serial", "TB"}});
  CHECK(tree.disk("nvme3n1").removable == true);
}

TEST_CASE("an empty card reader is removable and has no medium") {
  const FakeSys tree;
  tree.disk("sdc", kUsbDisk, {{"removable", "1"}, {"size", "0"}});
  CHECK(tree.disk("sdc").removable == true);
  CHECK(tree.disk("sdc").size == 0u);
}

TEST_CASE("what is no disk of the unit is told apart") {
  const FakeSys tree;
  tree.disk("sr0", "pci0000:00/0000:00:17.0/ata2/host1/target1:0:0/1:0:0:0",
            {{"device/type", "5"}, {"removable", "1"}});
  for (const char* name : {"loop0", "zram0", "ram1", "dm-0", "md127", "nbd0", "rbd0", "something0"})
    tree.disk(name, "virtual/block", {});
  tree.disk("sdd", "platform/host3/session1/target3:0:0/3:0:0:1", {{"device/type", "0"}});
  tree.disk("sde", "pci0000:00/0000:02:00.0/host6/rport-6:0-2/target6:0:0/6:0:0:0", {{"device/type", "0"}});
  struct Row {
    const char* name;
    DiskKind kind;
  };
  const Row rows[] = {
      {"sr0", DiskKind::kOptical},  {"loop0", DiskKind::kLoop},   {"zram0", DiskKind::kMemory},
      {"ram1", DiskKind::kMemory},  {"dm-0", DiskKind::kMapped},  {"md127", DiskKind::kMapped},
      {"nbd0", DiskKind::kNetwork}, {"rbd0", DiskKind::kNetwork}, {"something0", DiskKind::kOther},
      {"sdd", DiskKind::kNetwork},  {"sde", DiskKind::kNetwork}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(tree.disk(row.name).kind == row.kind);
  }
}

TEST_CASE("disks on virtio, SAS and a RAID controller are fixed") {
  const FakeSys tree;
  tree.disk("vda", "pci0000:00/0000:00:02.0/virtio1", {{"serial", "V1"}});
  tree.disk("sda", "pci0000:00/0000:01:00.0/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0",
            {{"device/type", "0"}});
  tree.disk("sdb", "pci0000:00/0000:02:00.0/host1/target1:2:0/1:2:0:0", {{"device/type", "0"}});
  CHECK(tree.disk("vda").bus == Bus::kVirtio);
  CHECK(tree.disk("vda").serial == "V1");
  CHECK(tree.disk("sda").bus == Bus::kSas);
  CHECK(tree.disk("sdb").bus == Bus::kScsi);
  for (const char* name : {"vda", "sda", "sdb"}) CHECK(tree.disk(name).removable == false);
}

TEST_CASE("the medium that a live system was started from is known; the unit's own system is none") {
  const FakeSys tree;
  tree.disk("sda", kSata, {{"dev", "8:0"}, {"sda2/dev", "8:2"}, {"sda2/partition", "2"}});
  tree.disk("sdb", kUsbDisk, {{"dev", "8:16"}, {"sdb1/dev", "8:17"}, {"sdb1/partition", "1"}});
  const auto boot_media = [&] {
    std::set<std::string> names;
    const Hardware hardware = tree.read();
    for (const Disk& disk : *hardware.disks) {
      if (disk.boot_medium) names.insert(disk.name);
    }
    return names;
  };
  using Names = std::set<std::string>;
  CHECK(boot_media() == Names{});
  tree.mounts("27 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n");
  CHECK(boot_media() == Names{});
  tree.mounts("27 1 8:17 / / rw,relatime - ext4 /dev/sdb1 rw\n");
  CHECK(boot_media() == Names{"sdb"});
  tree.mounts(
      "27 1 0:25 / / rw - overlay overlay rw\n28 27 8:17 / /run/live/medium ro - vfat /dev/sdb1 ro\n");
  CHECK(boot_media() == Names{"sdb"});
  tree.mounts("28 27 8:2 / /cdrom ro - iso9660 /dev/sda2 ro\n");
  CHECK(boot_media() == Names{"sda"});
  // A data disk is where somebody mounted it: proof is a live system that runs from no disk's file system.
  tree.mounts("28 27 8:2 / /media/usb rw - ext4 /dev/sda2 rw\n");
  CHECK(boot_media() == Names{});
  tree.mounts("28 27 8:17 / /media/usb rw - vfat /dev/sdb1 rw\n");
  CHECK(boot_media() == Names{"sdb"});
  tree.mounts("27 1 8:17 / / rw - ext4 /dev/sdb1 rw\n28 27 8:2 / /cdrom rw - ext4 /dev/sda2 rw\n");
  CHECK(boot_media() == Names{"sdb"});
  tree.mounts("27 1 0:30 /@ / rw - btrfs /dev/sdb1 rw\n");
  CHECK(boot_media() == Names{"sdb"});
  tree.disk("dm-0", "virtual/block", {{"dev", "254:0"}});
  fs::create_directories(tree.sys("devices/virtual/block/dm-0/slaves/sdb1"));
  tree.mounts("27 1 254:0 / / rw - ext4 /dev/mapper/root rw\n");
  CHECK(boot_media() == Names{"sdb"});
  for (const char* broken : {"", "x", "27 1 8:17 / /", "- - - - - - -\n", "27 1 8:17 / / rw -\n"}) {
    tree.mounts(broken);
    CHECK(boot_media() == Names{});
  }
}

TEST_CASE("a card on PCI is the unit's own; an interface that is down is not disabled") {
  const FakeSys tree;
  tree.card("enp1s0", "pci0000:00/0000:00:1c.0/0000:01:00.0", {{"operstate", "down"}, {"flags", "0x1002"}});
  const NetworkCard card = tree.card("enp1s0");
  CHECK(card.physical);
  CHECK(card.bus == Bus::kPci);
  CHECK(card.removable == false);
  CHECK(card.driver == "a-driver");
  CHECK_FALSE(card.disabled);
  CHECK(card.mac == "02:fc:00:00:00:01");
}

TEST_CASE("the driver's permanent address goes before what was set; what was set is none") {
  const FakeSys tree;
  tree.card("eth0", "pci0000:00/0000:00:1f.6", {{"addr_assign_type", "3"}});
  CHECK_FALSE(tree.card("eth0").mac);
  HardwarePaths paths = tree.paths();
  paths.permanent_address = [](const std::string& name) { return std::optional("aa:" + name); };
  CHECK(capture_hardware(paths).nics->front().mac == "aa:eth0");
}

TEST_CASE("a network dongle is removable, on USB and behind Thunderbolt") {
  const FakeSys tree;
  tree.device("pci0000:00/0000:00:14.0/usb2/2-3", {{"removable", "removable"}});
  tree.card("enx1", "pci0000:00/0000:00:14.0/usb2/2-3/2-3:2.0");
  tree.device("pci0000:00/0000:00:07.0/0000:03:00.0", {{"removable", "removable"}});
  tree.card("enp4s0", "pci0000:00/0000:00:07.0/0000:03:00.0/0000:04:00.0");
  for (const char* name : {"enx1", "enp4s0"}) {
    CHECK(tree.card(name).physical);
    CHECK(tree.card(name).removable == true);
  }
}

TEST_CASE("a radio that is switched off, by software or by hand, is disabled") {
  const FakeSys tree;
  tree.card("wlp2s0", "pci0000:00/0000:00:1c.5/0000:02:00.0", {{"uevent", "DEVTYPE=wlan"}});
  const std::string rfkill = "devices/pci0000:00/0000:00:1c.5/0000:02:00.0/net/wlp2s0/phy80211/rfkill0/";
  tree.write(rfkill + "soft", "0\n");
  tree.write(rfkill + "hard", "0\n");
  CHECK(tree.card("wlp2s0").physical);
  CHECK(tree.card("wlp2s0").disabled == false);
  tree.write(rfkill + "soft", "1\n");
  CHECK(tree.card("wlp2s0").disabled == true);
  tree.write(rfkill + "soft", "0\n");
  tree.write(rfkill + "hard", "1\n");
  CHECK(tree.card("wlp2s0").disabled == true);
}

TEST_CASE("bridges, tunnels, Bluetooth, modems, gadgets and virtual functions are no physical cards") {
  const FakeSys tree;
  for (const char* name : {"br0", "veth1", "tun0", "bond0"}) tree.card(name, "");
  tree.card("lo", "", {{"type", "772"}});
  tree.card("bnep0", "pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/bluetooth/hci0",
            {{"uevent", "DEVTYPE=bluetooth"}});
  tree.card("wwan0", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0",
            {{"uevent", "INTERFACE=wwan0\nDEVTYPE=wwan"}});
  tree.card("enp5s0v0", "pci0000:00/0000:05:10.0");
  tree.device("pci0000:00/0000:05:10.0/physfn", {});
  tree.write("class/net/bonding_masters", "bond0\n");
  const Hardware hardware = tree.read();
  REQUIRE(hardware.nics);
  CHECK(hardware.nics->size() == 8);
  for (const NetworkCard& card : *hardware.nics) {
    CAPTURE(card.name);
    CHECK_FALSE(card.physical);
    CHECK_FALSE(card.mac);
  }
}

TEST_CASE("a card that no driver has taken has no interface, and is seen on its bus") {
  const FakeSys tree;
  tree.pci("pci0000:00/0000:00:1f.6", {{"class", "0x020000"}});
  tree.pci("pci0000:00/0000:00:02.0", {{"class", "0x030000"}});
  tree.pci("pci0000:00/0000:00:1c.0", {{"class", "0x020000"}});
  tree.driver("pci0000:00/0000:00:1c.0", "e1000e");
  REQUIRE(tree.read().nics->size() == 1);
  CHECK(tree.card("0000:00:1f.6").driver == "");
  CHECK(tree.card("0000:00:1f.6").physical);
}

TEST_CASE("where nothing can be listed, nothing was captured; an empty list is something else") {
  const FakeSys tree;
  CHECK(tree.read().disks);
  CHECK(tree.read().disks->empty());
  CHECK(tree.read().nics->empty());
  fs::remove_all(tree.sys("block"));
  fs::remove_all(tree.sys("class"));
  CHECK_FALSE(tree.read().disks);
  CHECK_FALSE(tree.read().nics);
}

TEST_CASE("links that lead nowhere, and files where folders are, hurt nothing") {
  const FakeSys tree;
  fs::create_directory_symlink("nowhere", tree.sys("block/sda"));
  write_file(tree.sys("block/sdb"), "");
  fs::create_directory_symlink("nowhere", tree.sys("class/net/eth0"));
  tree.disk("sdc", kSata, {{"size", "99999999999999999999"}, {"removable", ""}});
  const Hardware hardware = tree.read();
  REQUIRE(hardware.disks);
  CHECK(hardware.disks->size() == 3);
  CHECK_FALSE(tree.disk("sdc").size);
  CHECK(tree.disk("sdc").removable == true);
  CHECK(hardware.nics->empty());
}

TEST_CASE("this machine's disks and network cards are those that /sys lists") {
  const Hardware hardware = capture_hardware();
  if (!fs::is_directory("/sys/block")) {
    MESSAGE("left out: there is no /sys here");
    CHECK_FALSE(hardware.disks);
    return;
  }
  REQUIRE(hardware.disks);
  for (const auto& entry : fs::directory_iterator("/sys/block")) {
    const std::string name = entry.path().filename();
    CAPTURE(name);
    const auto disk = std::ranges::find(*hardware.disks, name, &Disk::name);
    const bool hidden = read_file(entry.path() / "hidden") == "1\n" || name.find("boot") != std::string::npos;
    REQUIRE((disk != hardware.disks->end()) != hidden);
    if (hidden) continue;
    CHECK(std::to_string(disk->size.value_or(1) / 512) + "\n" == read_file(entry.path() / "size"));
    const std::string real = fs::canonical(entry.path());
    if (real.find("/virtual/block/") != std::string::npos) CHECK(disk->kind != DiskKind::kDisk);
    if (real.find("/usb") != std::string::npos) CHECK(disk->bus == Bus::kUsb);
  }
  REQUIRE(hardware.nics);
  for (const auto& entry : fs::directory_iterator("/sys/class/net")) {
    const std::string name = entry.path().filename();
    if (!entry.is_directory()) continue;
    CAPTURE(name);
    const auto card = std::ranges::find(*hardware.nics, name, &NetworkCard::name);
    REQUIRE(card != hardware.nics->end());
    if (!fs::exists(entry.path() / "device")) CHECK_FALSE(card->physical);
    if (card->mac && read_file(entry.path() / "addr_assign_type") == "0\n")
      CHECK(*card->mac + "\n" == read_file(entry.path() / "address"));
  }
}

std::string first_line_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), pipe));
  ::pclose(pipe);
  return text.substr(0, text.find('\n'));
}

TEST_CASE("this machine's disks are those of lsblk, with its sizes and serials") {
  if (first_line_of("lsblk --version 2>/dev/null").empty()) {
    MESSAGE("left out: lsblk is not here");
    return;
  }
  const Hardware hardware = capture_hardware();
  REQUIRE(hardware.disks);
  for (const Disk& disk : *hardware.disks) {
    if (disk.kind != DiskKind::kDisk) continue;
    CAPTURE(disk.name);
    const std::string of = " /dev/" + disk.name + " 2>/dev/null";
    if (first_line_of("lsblk -dno NAME" + of) != disk.name) continue;  // no node in this container's /dev
    const std::string size = first_line_of("lsblk -bdno SIZE" + of);
    CHECK(size.substr(size.find_first_not_of(' ')) == std::to_string(disk.size.value_or(0)));
    const std::string serial = first_line_of("lsblk -dno SERIAL" + of);
    if (!serial.empty()) CHECK(disk.serial.value_or("").find(serial) != std::string::npos);
  }
}

TEST_CASE("what is given of a unit goes into its evidence, or says why it does not") {
  const TemporaryFolder folder;
  gate::Hardware hardware;
  hardware.clock = gate::Clock{.at = "2026-11-20T05:00:00.123Z", .local = {}, .reference = {}, .from = {}};
  // The table does not matter here: any will do.
  std::vector<std::uint8_t> table = {1, 4, 0, 0, 0, 0, 127, 4, 1, 0, 0, 0};
  auto bare = smbios::Source::from_bytes(table, "bare");
  REQUIRE(bare);
  gate::Evidence evidence{.source = *std::move(bare), .hardware = hardware};
  write_file(folder / "wmi.txt", "Win32_BIOS\nSerialNumber=CX2600417\n");
  REQUIRE(add_given({.system_disk = "sda",
                     .wmi = folder / "wmi.txt",
                     .reference = "2026-11-20T13:00:01+08:00",
                     .reference_from = "ntp"},
                    evidence));
  CHECK(evidence.hardware.system_disk == "sda");
  REQUIRE(evidence.hardware.wmi);
  CHECK(evidence.hardware.wmi->answers.size() == 1);
  CHECK(evidence.hardware.clock->reference == "2026-11-20T13:00:01+08:00");
  CHECK(evidence.hardware.clock->from == "ntp");

  const auto again = add_given(
      {.system_disk = {}, .wmi = {}, .reference = "2026-11-20T13:00:02Z", .reference_from = "ntp"}, evidence);
  REQUIRE_FALSE(again);
  CHECK(again.error().what.find("reference already") != std::string::npos);
  CHECK(evidence.hardware.clock->reference == "2026-11-20T13:00:01+08:00");
  evidence.hardware.clock->reference.reset();
  CHECK_FALSE(add_given(
      {.system_disk = {}, .wmi = {}, .reference = "2026-11-20T13:00:01Z", .reference_from = "  "}, evidence));

  const auto no_file = add_given(
      {.system_disk = {}, .wmi = folder / "missing", .reference = {}, .reference_from = {}}, evidence);
  REQUIRE_FALSE(no_file);
  CHECK(no_file.error().where == folder / "missing");
  CHECK_FALSE(
      add_given({.system_disk = {}, .wmi = folder.path(), .reference = {}, .reference_from = {}}, evidence));
  evidence.hardware.clock.reset();
  CHECK_FALSE(
      add_given({.system_disk = {}, .wmi = {}, .reference = "2026-11-20T13:00:01Z", .reference_from = "ntp"},
                evidence));
}

}  // namespace
}  // namespace dmigate::line
