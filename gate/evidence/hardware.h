// What is read from a unit beside its table: disks, network cards, clock, what WMI answers, and what an
// inventory says of the table. A part that was not captured is not there (std::nullopt), which is not the
// same as captured and empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmigate::gate {

enum class Bus : std::uint8_t {
  kUnknown,  ///< not said
  kNvme,
  kAta,
  kSas,
  kScsi,  ///< parallel SCSI, and what speaks it without naming its bus (RAID controllers)
  kUsb,
  kMmc,  ///< eMMC and SD
  kVirtio,
  kPci,
  kNetwork,  ///< iSCSI, Fibre Channel, NVMe over fabrics, nbd, rbd
  kVirtual,  ///< made by the kernel
  kOther,
};
std::string_view bus_name(Bus bus);  ///< "nvme"
std::optional<Bus> find_bus(std::string_view name);

enum class DiskKind : std::uint8_t {
  kDisk,
  kOptical,
  kLoop,
  kNetwork,
  kMemory,  ///< zram, ram
  kMapped,  ///< made of other disks: device mapper, md, bcache
  kOther,
};
std::string_view disk_kind_name(DiskKind kind);  ///< "disk"
std::optional<DiskKind> find_disk_kind(std::string_view name);

struct Disk {
  std::string name;  ///< as the system calls it: "nvme0n1"; unique among the disks
  DiskKind kind = DiskKind::kDisk;
  Bus bus = Bus::kUnknown;
  std::string port;               ///< where it is plugged in, as the system writes it; may be empty
  std::optional<bool> removable;  ///< by bus and port; none: not known
  bool boot_medium = false;       ///< holds the live system that the evidence was taken with
  // As read, final NULs and newlines left out; outer blanks stay. Empty: it has none. None: not known.
  std::optional<std::string> serial;
  std::string model;
  std::optional<std::uint64_t> size;  ///< bytes; 0: no medium is in
};

struct NetworkCard {
  std::string name;  ///< "enp1s0"; a PCI address where no driver made an interface
  Bus bus = Bus::kUnknown;
  std::string port;
  bool physical = false;
  std::optional<bool> removable;  ///< by bus and port
  // Permanent address, "02:fc:00:00:00:01". Empty: it has none. None: not known.
  std::optional<std::string> mac;
  std::optional<std::string> driver;  ///< empty: none is bound. None: not known
  std::optional<bool> disabled;       ///< none: the system knows no such state. Down is not disabled
};

// Instants are RFC 3339.
struct Clock {
  std::string at;                        ///< the unit's own clock at capture
  std::optional<std::string> local;      ///< the same, as local time with its offset, where it was said
  std::optional<std::string> reference;  ///< another clock's, at the same moment
  std::string from;                      ///< whose: "ntp", "database", "service", "station"
};

// What WMI answered: "Win32_BIOS.SerialNumber", its value or null. A property may stand twice, where a
// class has several instances.
struct WmiAnswer {
  std::string property;
  std::optional<std::string> value;
};
struct Wmi {
  std::vector<WmiAnswer> answers;
  std::string error;  ///< how the call failed; empty: it did not
};

// What another program says of the table, as it was written, by keyword.
struct Statement {
  std::string keyword;
  std::string value;
};

struct Hardware {
  std::optional<std::vector<Disk>> disks;
  std::string system_disk;  ///< name of the system's disk, where it was given; else empty
  std::optional<std::vector<NetworkCard>> nics;
  std::optional<Clock> clock;
  std::optional<Wmi> wmi;
  std::vector<Statement> stated;  ///< by an inventory
};

}  // namespace dmigate::gate
