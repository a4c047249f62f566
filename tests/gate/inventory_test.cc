// Files that another program wrote on a Windows unit: a hardware inventory, and what WMI answered.
#include "gate/evidence/inventory.h"

#include "gate/evidence/text.h"
#include "gate/evidence/wmi.h"
#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

constexpr const char* kInventory =
    "ToolVersion: 10.0.17763.1\n"
    "HardwareInventoryVersion: 131\n"
    "OSType: FullOS\n"
    "OsSystemTime: 2022-09-05T07:21:54Z\n"
    "OsLocalTime: 2022-09-06T13:21:54+30:00\n"
    "SmbiosSystemManufacturer: Chenxi  \n"
    "SmbiosSystemProductName: CX E500\n"
    "SmbiosSystemSerialNumber: CX2600417\n"
    "SmbiosUuid: 8F3B6C1E-5D2A-4B7C-9E10-0123456789AB\n"
    "ChassisType: 0x03\n"
    "InternalDiskCount: 1\n"
    "PrimaryDiskType: SSD\n"
    "DiskSerialNumber:   S4EVNF0M|KXG60ZNV512G|\n"
    "StorageBusType: NVMe\n"
    "PhysicalMedium: Unspecified\n"
    "MacAddress: 02-FC-00-00-00-01\n"
    "PhysicalMedium: NativeWireless802_11\n"
    "MacAddress: 02FC00000002\n"
    "TPMVersion: 2.0\n";

Hardware inventory(const std::string& text) {
  CHECK(is_inventory(text));
  auto parsed = parse_inventory(text, "inventory.txt");
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().to_string()));
  return *std::move(parsed);
}

std::string edited(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

// As Windows programs write files.
std::string utf16(const std::string& ascii) {
  std::string text = "\xFF\xFE";
  for (const char c : ascii) {
    text += c;
    text += '\0';
  }
  return text;
}

std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
  return out;
}

std::string as_xml(const std::string& text) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<HardwareReport>\n <HardwareInventory>\n";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t colon = text.find(": ", at);
    const std::size_t end = text.find('\n', at);
    xml += "  <p n=\"" + text.substr(at, colon - at) + "\" v=\"" + text.substr(colon + 2, end - colon - 2) +
           "\"/>\n";
    at = end + 1;
  }
  return xml + " </HardwareInventory>\n</HardwareReport>\n";
}

Words serials(const Hardware& hardware) {
  Words all;
  for (const Disk& disk : hardware.disks.value_or(std::vector<Disk>{})) {
    std::string words = disk.name + " " + std::string(bus_name(disk.bus));
    words += !disk.removable ? " unknown" : *disk.removable ? " removable" : " fixed";
    all.push_back(words + " " + (disk.serial ? "\"" + *disk.serial + "\"" : "not known"));
  }
  return all;
}

TEST_CASE("an inventory is read the same from text and XML, UTF-16 and UTF-8, with any ends of lines") {
  for (const std::string& text :
       {std::string(kInventory), with_crlf(kInventory), utf16(with_crlf(kInventory)), as_xml(kInventory),
        utf16(with_crlf(as_xml(kInventory))), "\xEF\xBB\xBF" + std::string(kInventory)}) {
    const Hardware hardware = inventory(text);
    CHECK(serials(hardware) == Words{"disk-0 nvme fixed \"  S4EVNF0M\""});
    CHECK(hardware.disks->front().model == "KXG60ZNV512G");
    REQUIRE(hardware.nics);
    REQUIRE(hardware.nics->size() == 2);
    CHECK(hardware.nics->at(0).mac == "02:fc:00:00:00:01");
    CHECK(hardware.nics->at(1).mac == "02:fc:00:00:00:02");
    CHECK(hardware.nics->at(1).physical);
    REQUIRE(hardware.clock);
    CHECK(hardware.clock->at == "2022-09-05T07:21:54Z");
    CHECK(hardware.clock->local == "2022-09-06T13:21:54+30:00");
    CHECK_FALSE(hardware.clock->reference);
    REQUIRE(hardware.stated.size() == 5);
    CHECK(hardware.stated[0].keyword == "system-manufacturer");
    CHECK(hardware.stated[0].value == "Chenxi  ");  // values keep their blanks
  }
}

TEST_CASE("disks of an inventory: old and new keys, several, and those that are counted and not described") {
  const std::string unit = "SmbiosSystemSerialNumber: CX2600417\n";
  struct Row {
    const char* text;
    Words disks;
  };
  const Row rows[] = {
      {"InternalDiskCount: 2\nDisk0.DiskSerialNumber: A\nDisk0.StorageBusType: NVMe\nDisk1.DiskSerialNumber: "
       "B\nDisk1.StorageBusType: SATA\n",
       {"disk0 nvme fixed \"A\"", "disk1 ata fixed \"B\""}},
      {"Disk0.StorageBusType: 7\nDisk0.DiskSerialNumber: A\nDisk1.StorageBusType: "
       "BusTypeSata\nDisk1.DiskSerialNumber: B \n",
       {"disk0 usb removable \"A\"", "disk1 ata fixed \"B \""}},
      {"InternalDiskCount: 1\nDisk0.DiskSerialNumber: A\nDisk0.StorageBusType: USB\nDisk1.DiskSerialNumber: "
       "B\nDisk1.StorageBusType: 17\n",
       {"disk0 usb removable \"A\"", "disk1 nvme fixed \"B\""}},
      {"DiskSerialNumber: A\nDiskSerialNumber: B\n",
       {"disk-0 unknown unknown \"A\"", "disk-1 unknown unknown \"B\""}},
      {"InternalDiskCount: 2\nDiskSerialNumber: A\n",
       {"disk-0 unknown unknown \"A\"", "undescribed-1 unknown fixed not known"}},
      {"InternalDiskCount: 1\nDiskSerialNumber: A\nDiskSerialNumber: B\n",
       {"disk-0 unknown unknown \"A\"", "disk-1 unknown unknown \"B\""}},
      {"Disk0.DiskSerialNumber: A\nDisk0.StorageBusType: Telepathy\n", {"disk0 unknown unknown \"A\""}},
      {"DiskSerialNumber:\n", {"disk-0 unknown unknown \"\""}},
      {"InternalDiskCount: 0\n", {}},
      {"InternalDiskCount: 1\nDisk1.DiskSerialNumber: A\nDisk1.StorageBusType: 16\n",
       {"disk1 unknown unknown \"A\""}},
      {"InternalDiskCount: 1\nDisk1.DiskSerialNumber: A\nDisk1.StorageBusType: 0\n",
       {"disk1 unknown unknown \"A\""}},
      {"InternalDiskCount: 1\nDisk1.DiskSerialNumber: A\nDisk1.StorageBusType: FileBackedVirtual\n",
       {"disk1 unknown unknown \"A\""}},
      {"InternalDiskCount: 1\nDisk1.DiskSerialNumber: A\nDisk1.StorageBusType: Spaces\n",
       {"disk1 unknown unknown \"A\""}},
      {"InternalDiskCount: 1\nDisk1.DiskSerialNumber: A\nDisk1.StorageBusType: Unknown\n",
       {"disk1 unknown unknown \"A\""}},
      {"InternalDiskCount: 1\nPrimaryDiskType: USB\nDiskSerialNumber: A\n",
       {"disk-0 unknown removable \"A\""}},
      {"InternalDiskCount: 1\nPrimaryDiskType: USB\n", {"undescribed-0 unknown removable not known"}},
      {"PrimaryDiskType: Removable\nDiskSerialNumber: A\nDiskSerialNumber: B\nStorageBusType: NVMe\n",
       {"disk-0 unknown unknown \"A\"", "disk-1 nvme unknown \"B\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Hardware hardware = inventory(unit + row.text);
    REQUIRE(hardware.disks);
    CHECK(serials(hardware) == row.disks);
  }
  CHECK_FALSE(inventory(unit).disks);
  CHECK_FALSE(inventory(unit).nics);
  CHECK_FALSE(inventory(unit).clock);
  CHECK_FALSE(inventory(unit + "OsSystemTime: yesterday\n").clock);
}

TEST_CASE("Bluetooth and mobile data are no network cards of a unit") {
  const Hardware hardware = inventory(
      "SmbiosUuid: x\nPhysicalMedium: BlueTooth\nMacAddress: 02:fc:00:00:00:01\nPhysicalMedium: WirelessWan\n"
      "MacAddress: 02:fc:00:00:00:02\nMacAddress: 02:fc:00:00:00:03\n");
  REQUIRE(hardware.nics->size() == 3);
  CHECK_FALSE(hardware.nics->at(0).physical);
  CHECK_FALSE(hardware.nics->at(1).physical);
  CHECK(hardware.nics->at(2).physical);
}

TEST_CASE("what is no inventory of one unit is refused, with what to do") {
  const std::string text = kInventory;
  const std::string xml = as_xml(kInventory);
  std::string deep = "<HardwareInventory>";
  for (int i = 0; i < 80000; ++i) deep += "<a><b>";
  std::string laughs = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
  const std::pair<const char*, std::string> rows[] = {
      {"empty", ""},
      {"no unit", "HardwareInventoryVersion: 131\nDiskSerialNumber: A\n"},
      {"two units", text + text},
      {"a blank serial", "SmbiosSystemSerialNumber:  \nDiskSerialNumber: A\n"},
      {"a UUID of zeros", "SmbiosUuid: {00000000-0000-0000-0000-000000000000}\nDiskSerialNumber: A\n"},
      {"a UUID of ones", "SmbiosUuid: FFFFFFFF-FFFF-FFFF-FFFF-ffffffffffff\nSmbiosSystemSerialNumber:\n"},
      {"two counts", text + "InternalDiskCount: 2\n"},
      {"the same count twice", text + "InternalDiskCount: 1\n"},
      {"more internal disks than it counts", edited(text, "InternalDiskCount: 1", "InternalDiskCount: 0")},
      {"two serials of one disk", text + "Disk1.DiskSerialNumber: A\ndisk1.DiskSerialNumber: B\n"},
      {"two buses of one disk",
       edited(text, "StorageBusType: NVMe", "StorageBusType: USB\nStorageBusType: NVMe")},
      {"two clocks", text + "OsSystemTime: 2022-09-06T07:21:54Z\n"},
      {"two types of the primary disk", text + "PrimaryDiskType: USB\n"},
      {"a number of disks that is none", edited(text, "InternalDiskCount: 1", "InternalDiskCount: one")},
      {"a number of disks that is absurd",
       edited(text, "InternalDiskCount: 1", "InternalDiskCount: 99999999999999999999")},
      {"an address that is none", edited(text, "02FC00000002", "02FC0000000")},
      {"an address with two signs", edited(text, "02-FC-00-00-00-01", "02-FC:00-00-00-01")},
      {"XML that is cut off", xml.substr(0, xml.size() / 2)},
      {"XML of something else", "<html><HardwareInventoryX/></html>"},
      {"two units in XML", edited(xml, "</HardwareReport>", "<HardwareInventory/></HardwareReport>")},
      {"deep XML", deep},
      {"entities", laughs + "<HardwareInventory><p n=\"DiskSerialNumber\" v=\"&b;\"/></HardwareInventory>"},
      {"another file's entity",
       "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><HardwareInventory>"
       "<p n=\"Disk\" v=\"&f;\"/></HardwareInventory>"},
      {"too large", text + std::string(2u << 20, '\n')},
      {"a table", std::string("_SM3_\0\0\0", 8)},
      {"half a character", utf16(text).substr(0, 21)},
  };
  for (const auto& [what, bytes] : rows) {
    CAPTURE(what);
    const auto refused = parse_inventory(bytes, "inventory.txt");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().where == "inventory.txt");
    CHECK_FALSE(refused.error().advice.empty());
  }
  const auto entity = parse_inventory(
      laughs + "<HardwareInventory><p n=\"SmbiosUuid\" v=\"&b;\"/></HardwareInventory>", "inventory.xml");
  REQUIRE(entity);  // an entity stays as it is written
  CHECK(entity->stated.front().value == "&b;");
}

TEST_CASE("an inventory that is cut anywhere, or has a byte changed, is read or refused, and nothing else") {
  for (const std::string& whole : {std::string(kInventory), as_xml(kInventory), utf16(kInventory)}) {
    std::size_t refused = 0;
    for (std::size_t length = 0; length < whole.size(); ++length) {
      if (!parse_inventory(std::string_view(whole).substr(0, length), "x")) ++refused;
    }
    CHECK(refused > 0);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x40);
      const auto parsed = parse_inventory(changed, "x");
      if (parsed) CHECK_FALSE(parsed->stated.empty());
    }
  }
}

TEST_CASE("an inventory is no table; a table is no inventory") {
  const TemporaryFolder folder;
  write_file(folder / "inventory.txt", utf16(kInventory));
  const auto table = read_evidence(folder / "inventory.txt");
  REQUIRE_FALSE(table);
  CHECK(table.error().what.find("inventory") != std::string::npos);
  CHECK(table.error().advice.find("--evidence") != std::string::npos);
  const auto beside = read_beside(folder / "inventory.txt");
  REQUIRE(beside);
  CHECK(std::holds_alternative<Hardware>(*beside));
  write_file(folder / "unit.json", to_json(evidence_of(unit("good-unit"))));
  const auto evidence = read_beside(folder / "unit.json");
  REQUIRE(evidence);
  CHECK(std::holds_alternative<Evidence>(*evidence));
  CHECK_FALSE(read_beside(folder / "missing"));
  write_file(folder / "nothing", "");
  CHECK_FALSE(read_beside(folder / "nothing"));
  CHECK_FALSE(
      is_inventory("Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tSerial Number: CX2600417\n"));
}

TEST_CASE("instants are compared, not their text") {
  CHECK(parse_instant("2022-09-06T13:21:54+30:00") == parse_instant("2022-09-05T07:21:54Z"));
  CHECK(parse_instant("2022-09-05T07:21:54.250Z") ==
        *parse_instant("2022-09-05T07:21:54Z") + std::chrono::milliseconds(250));
  CHECK(parse_instant("2022-09-04T23:51:54-07:30") == parse_instant("2022-09-05T07:21:54Z"));
  CHECK(utc_text(*parse_instant("2024-02-29T23:59:60Z")) == "2024-03-01T00:00:00.000Z");
  for (const char* wrong :
       {"", "Z", "2022-09-05", "2022-09-05T07:21:54", "2022-02-30T07:21:54Z", "2022-13-01T07:21:54Z",
        "2022-09-05T24:00:00Z", "2022-09-05T07:60:54Z", "2022-09-05T07:21:61Z", "2022-09-05T07:21:54.Z",
        "2022-09-05T07:21:54+8:00", "2022-09-05T07:21:54+08:60", "2022-09-05T07:21:54Z ",
        "22-09-05T07:21:54Z", "1949-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2022-09-05 07:21:54Z"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_instant(wrong));
  }
}

// ---------------------------------------------------------------- WMI

Words answers(const Wmi& wmi) {
  Words all;
  for (const WmiAnswer& answer : wmi.answers)
    all.push_back(answer.property + "=" + answer.value.value_or("(null)"));
  return all;
}

Wmi wmi(const std::string& text) {
  auto parsed = parse_wmi(text, "wmi.txt");
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().to_string()));
  return *std::move(parsed);
}

TEST_CASE("what WMI answered is read from wmic, PowerShell and JSON") {
  const Words both = {"Win32_BIOS.SerialNumber=CX2600417", "Win32_BaseBoard.SerialNumber=(null)"};
  const std::string wmic =
      "C:\\>wmic bios get SerialNumber /value\r\r\n\r\r\n\r\r\nSerialNumber=CX2600417  \r\r\n\r\r\n\r\r\n"
      "C:\\>wmic.exe baseboard get SerialNumber /value\r\r\n\r\r\nSerialNumber=\r\r\n\r\r\n";
  CHECK(answers(wmi(utf16("Win32_BIOS\nSerialNumber=CX2600417\nWin32_BaseBoard\nSerialNumber=\n"))) == both);
  CHECK(
      answers(wmi(
          "PS C:\\> Get-CimInstance Win32_BIOS | Format-List SerialNumber\n\n\nSerialNumber : CX2600417\n\n\n"
          "PS C:\\> Get-CimInstance -ClassName Win32_BaseBoard | Format-List\n\nSerialNumber :\n")) == both);
  CHECK(answers(wmi("SerialNumber      : CX2600417\nOther : x\nCimClass : root/cimv2:Win32_BIOS\n\n"
                    "CreationClassName : Win32_BaseBoard\nSerialNumber : \n")) == both);
  CHECK(
      answers(wmi(
          R"({"Win32_BIOS":{"SerialNumber":"CX2600417","Other":1},"Win32_BaseBoard":[{"SerialNumber":null}]})")) ==
      both);
  CHECK(answers(wmi(wmic)) == both);
  CHECK(answers(wmi(R"({"Win32_SystemEnclosure":{"ChassisTypes":[3]}})")) ==
        Words{"Win32_SystemEnclosure.ChassisTypes={3}"});
}

TEST_CASE("a call that failed, and one that answered nothing, are answers as well") {
  CHECK(wmi("").error == "WMI answered nothing");
  CHECK(wmi("\r\n\r\n").error == "WMI answered nothing");
  CHECK(wmi("{}").error == "WMI answered nothing");
  CHECK(wmi("wmic bios get SerialNumber /value\n\n").error == "WMI answered nothing");
  CHECK(wmi("Node - CX\nERROR:\nDescription = The RPC server is unavailable.\n").error ==
        "Description = The RPC server is unavailable.");
  CHECK(wmi("Unhandled exception: HRESULT 0xC002001B\n").error == "Unhandled exception: HRESULT 0xC002001B");
  CHECK(wmi("Get-CimInstance : 0x80041010\n").error == "Get-CimInstance : 0x80041010");
  CHECK(wmi("No Instance(s) Available.\n").error == "No Instance(s) Available.");
  CHECK(wmi(R"({"error":"0xC002001B"})").error == "0xC002001B");
  CHECK(wmi("Win32_BIOS\nSerialNumber=0x80041010\n").error.empty());
}

TEST_CASE("a class that was asked and gave no answer is silent") {
  const std::string board = "\nWin32_BaseBoard\nSerialNumber=HB26031187\n";
  const Words silent = {"Win32_BaseBoard.SerialNumber=HB26031187", "Win32_BIOS.SerialNumber=(null)"};
  CHECK(answers(wmi("wmic bios get SerialNumber /value\n" + board)) == silent);
  CHECK(
      answers(wmi(board + "PS C:\\> Get-CimInstance Win32_BIOS | Format-List SerialNumber\n\nPS C:\\>\n")) ==
      silent);
  for (const char* nothing : {"[]", "null", "{}", "[null]", R"({"SerialNumbr":"CX2600417"})"}) {
    CAPTURE(nothing);
    const Words all = answers(wmi(R"({"Win32_BaseBoard":{"SerialNumber":"HB26031187"},"Win32_BIOS":)" +
                                  std::string(nothing) + "}"));
    CHECK(std::ranges::find(all, silent[1]) != all.end());
  }
  CHECK(answers(wmi("wmic bios get SerialNumber,Manufacturer /value\nManufacturer=AMI\n")) ==
        Words{"Win32_BIOS.Manufacturer=AMI", "Win32_BIOS.SerialNumber=(null)"});
}

TEST_CASE("a line that is not understood is an error of WMI, in whatever language") {
  const std::string board = "\nWin32_BaseBoard\nSerialNumber=HB26031187\n";
  const std::pair<const char*, const char*> rows[] = {
      {"没有可用实例。", "没有可用实例。"},
      {"节点 - PC1\n错误:\n描述 = 拒绝访问。", "节点 - PC1 错误: 描述 = 拒绝访问。"},
      {"'wmic' is not recognized as an internal or external command,",
       "'wmic' is not recognized as an internal or external command,"},
      {"wmic : The term 'wmic' is not recognized", "The term 'wmic' is not recognized"},
      {"找不到 Win32_BIOS", "找不到 Win32_BIOS"},
      {"\xC3\xD0\xD3\xD0", "\\xC3\\xD0\\xD3\\xD0"},
  };
  for (const auto& [line, error] : rows) {
    CHECK(wmi("wmic bios get SerialNumber /value\n" + std::string(line) + "\n" + board).error == error);
    CHECK(wmi(board + line).error == error);
  }
  // Format-List breaks a long value, and that is none.
  const Wmi broken = wmi("Win32_BIOS\nSerialNumber : CX26\n               00417\n");
  CHECK(answers(broken) == Words{"Win32_BIOS.SerialNumber=CX2600417"});
  CHECK(broken.error.empty());
}

TEST_CASE("what is no answer of WMI is refused") {
  for (const std::string& text :
       {std::string("SerialNumber=CX2600417\n"), std::string("hello\n"), std::string("{"),
        std::string("{\"Win32_Fan\":{}}"), std::string("{\"Win32_BIOS\":7}"), std::string("{\"error\":7}"),
        std::string(R"({"Win32_BIOS":{"SerialNumber":"X","SerialNumber":"Y"}})"), std::string("a\0b", 3),
        std::string(2u << 20, 'x')}) {
    const auto refused = parse_wmi(text, "wmi.txt");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().where == "wmi.txt");
    CHECK_FALSE(refused.error().advice.empty());
  }
}

}  // namespace
}  // namespace dmigate::gate
