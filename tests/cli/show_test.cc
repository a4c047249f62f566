// show: every structure of a table, decoded, as text and as JSON.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/line/plant.h"

using namespace dmigate;
using namespace dmigate::plant;
namespace fs = std::filesystem;

namespace {

const std::string kShared = std::string(DMIGATE_SOURCE_DIR) + "/../shared/dumps";

json::object show_json(const Plant& plant, const std::string& source, const Words& more = {}) {
  Words arguments = {"show", source, "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Ended said = plant.dmigate(arguments);
  INFO("it said: ", said.err);
  REQUIRE(said.status == 0);
  CHECK(said.err.empty());
  auto object = parse_line(said.out);
  for (const char* member : {"schema", "source", "findings", "structures"}) CHECK(object.contains(member));
  CHECK(text(object, "schema") == "dmigate.show/1");
  return object;
}

std::string show_text(const Plant& plant, const std::string& source, const Words& more = {}) {
  Words arguments = {"show", source};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Ended said = plant.dmigate(arguments);
  CHECK(said.status == 0);
  CHECK(said.err.empty());
  return said.out;
}

std::vector<int> types(const json::object& shown) {
  std::vector<int> types;
  for (const json::value& structure : shown.at("structures").as_array()) {
    types.push_back(static_cast<int>(structure.at("type").to_number<int>()));
  }
  return types;
}

json::object field(const json::object& shown, const std::string& keyword) {
  for (const json::value& structure : shown.at("structures").as_array()) {
    for (const json::value& field : structure.at("fields").as_array()) {
      if (text(field.as_object(), "keyword") == keyword) return field.as_object();
    }
  }
  FAIL("no field ", keyword);
  return {};
}

}  // namespace

TEST_CASE("the structures of a good unit, as text") {
  const Plant plant;
  const std::string shown =
      show_text(plant, plant.unit("unit", "good-unit"), {"--type", "1", "--type", "127"});
  CHECK(shown == "# " + (plant / "unit") +
                     ": sysfs, SMBIOS 3.2, 219 bytes\n"
                     "\n"
                     "Handle 0x0001, DMI type 1, 27 bytes\n"
                     "System Information\n"
                     "\tManufacturer: Chenxi\n"
                     "\tProduct Name: CX E500\n"
                     "\tVersion: 1.0\n"
                     "\tSerial Number: CX2600417\n"
                     "\tUUID: 8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513\n"
                     "\t\tbytes in order: 026f1e8d-3b5c-774a-9e41-2b7f60c4d513\n"
                     "\t\tsince 2.6: 8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513\n"
                     "\tWake-up Type: Power Switch\n"
                     "\tSKU Number: CXE500-01\n"
                     "\tFamily: CX\n"
                     "\n"
                     "Handle 0x0004, DMI type 127, 4 bytes\n"
                     "End Of Table\n");
  const std::string all = show_text(plant, plant / "unit");
  for (const char* name : {"BIOS Information", "System Information", "Base Board Information",
                           "Chassis Information", "End Of Table"}) {
    CHECK(contains(all, "\n" + std::string(name) + "\n"));
  }
}

TEST_CASE("JSON has every structure, the inactive and the last one too, in the table's order") {
  const Plant plant;
  const auto shown = show_json(plant, plant.unit("unit", "oem-structures"));
  CHECK(types(shown) == std::vector<int>{0, 1, 2, 3, 11, 126, 0xE0, 127});
  const json::object& oem = shown.at("structures").as_array().at(6).as_object();
  CHECK(text(oem, "name") == "OEM-specific Type");
  CHECK(text(oem, "handle") == "0x4000");
  CHECK(text(oem, "formatted") == "e009004001deadbeef");
  CHECK(oem.at("length") == 9);
  CHECK(oem.at("strings").as_array() == json::array{"Chenxi OEM"});
  CHECK(oem.at("fields").as_array().empty());
  const std::string as_text = show_text(plant, plant / "unit");
  CHECK(contains(as_text,
                 "Handle 0x4000, DMI type 224, 9 bytes\nOEM-specific Type\n\tHeader and Data: "
                 "e009004001deadbeef\n\tString: Chenxi OEM\n"));
  CHECK(contains(as_text, "\nInactive\n"));

  CHECK(types(show_json(plant, plant / "unit", {"--type", "126"})) == std::vector<int>{126});
  CHECK(types(show_json(plant, plant / "unit", {"-t", "2", "-t", "1"})) == std::vector<int>{1, 2});
  CHECK(types(show_json(plant, plant / "unit", {"--type", "17"})).empty());
}

TEST_CASE("a UUID is shown in the order of its version, and in both") {
  const Plant plant;
  const struct {
    const char* fixture;
    const char* value;
    const char* in_order;
    const char* since;
  } rows[] = {
      {"smbios2-2.4", "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513",
       "026f1e8d-3b5c-774a-9e41-2b7f60c4d513"},
      {"smbios2-2.6", "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513", "026f1e8d-3b5c-774a-9e41-2b7f60c4d513",
       "8d1e6f02-5c3b-4a77-9e41-2b7f60c4d513"},
  };
  for (const auto& [fixture, value, in_order, since] : rows) {
    const auto uuid = field(show_json(plant, plant.unit(fixture, fixture)), "system-uuid");
    CHECK(text(uuid, "value") == value);
    CHECK(text(uuid, "bytes_in_order") == in_order);
    CHECK(text(uuid, "since_2_6") == since);
    std::string bytes = in_order;
    std::erase(bytes, '-');
    CHECK(text(uuid, "raw") == bytes);
  }
}

TEST_CASE("an empty field says why it is empty") {
  const Plant plant;
  const struct {
    const char* fixture;
    const char* state;
    const char* as_text;  ///< nullptr: the line is left out
  } rows[] = {
      {"good-unit", "present", "\tSerial Number: CX2600417\n"},
      {"case-a-1", "no-string", "\tSerial Number: (no-string)\n"},
      {"blank-serial", "blank", "\tSerial Number: \"        \" (blank)\n"},
      {"bad-index", "bad-index", "\tSerial Number: (bad-index)\n"},
  };
  for (const auto& [fixture, state, as_text] : rows) {
    CAPTURE(std::string(fixture));
    const std::string unit = plant.unit(fixture, fixture);
    const auto serial = field(show_json(plant, unit), "system-serial-number");
    CHECK(text(serial, "state") == state);
    CHECK(text(serial, "offset") == "07h");
    CHECK(serial.at("value").is_null() == (std::string(state) != "present" && std::string(state) != "blank"));
    CHECK(contains(show_text(plant, unit, {"--type", "1"}), as_text));
  }
  const std::string short_one = plant.unit("short", "short-type1");
  CHECK(text(field(show_json(plant, short_one), "system-family"), "state") == "beyond-length");
  CHECK_FALSE(contains(show_text(plant, short_one, {"--type", "1"}), "Family"));
}

TEST_CASE("handles are followed: a memory device names its array, a processor its caches") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "parts");
  CHECK(contains(show_text(plant, unit, {"--type", "17", "-t", "4", "-t", "14", "-t", "11", "-t", "16"}),
                 "\tL1 Cache Handle: 0x0010 (Cache Information, L1)\n"
                 "\tL2 Cache Handle: 0x0011 (Cache Information, L2)\n"
                 "\tL3 Cache Handle: Not Provided\n"));
  const std::string memory = show_text(plant, unit, {"-t", "17"});
  CHECK(contains(memory, "\tArray Handle: 0x0020 (Physical Memory Array)\n"));
  CHECK(contains(memory, "\tArray Handle: 0x0099 (no such structure)\n"));
  CHECK(contains(show_text(plant, unit, {"-t", "2"}),
                 "\tChassis Handle: 0x0003 (Chassis Information, Chenxi)\n"));
  const auto shown = show_json(plant, unit);
  const auto array = field(shown, "memory-device-array-handle").at("names").as_object();
  CHECK(array == json::object{{"handle", "0x0020"}, {"type", 16}, {"name", "Physical Memory Array"}});
  CHECK_FALSE(field(shown, "processor-l3-cache-handle").contains("names"));
  CHECK_FALSE(field(shown, "memory-array-error-information-handle").contains("names"));
  const auto lost = show_json(plant, unit, {"-t", "17"}).at("structures").as_array().at(1).as_object();
  CHECK(lost.at("fields").as_array().at(0).at("names").is_null());
}

TEST_CASE("a value that stands in another field is shown where people look for it") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "parts");
  const std::string text = show_text(plant, unit);
  for (const char* line :
       {"\tROM Size: 32 MB\n", "\tFamily: RV64\n", "\tCore Count: 300\n", "\tSize: 64 GB\n",
        "\tSpeed: 70000 MT/s\n", "\tMaximum Capacity: 4 TB\n", "\tMaximum Size: 128 MB\n",
        "\tInstalled Size: 512 kB\n", "\tConfigured Voltage: 1.25 V\n", "\tVoltage: 1.2 V\n",
        "\tStatus: Populated, Enabled\n", "\tSize: No Module Installed\n",
        "\tConfiguration: Disabled, Not Socketed, Level 2\n"}) {
    CHECK_MESSAGE(contains(text, line), line);
  }
  CHECK_FALSE(contains(text, "Extended Size"));
  const auto shown = show_json(plant, unit);
  const auto size = field(shown, "memory-device-size");
  CHECK(::text(size, "value") == "64 GB");
  CHECK(::text(size, "unit") == "GB");
  CHECK(::text(size, "raw") == "ff7f");
  CHECK(::text(size, "stands_in") == "memory-device-extended-size");
  CHECK(::text(field(shown, "memory-device-extended-size"), "raw") == "00000100");
  const auto capable = field(shown, "processor-voltages");
  CHECK(::text(capable, "state") == "not-applicable");
  CHECK(capable.at("value").is_null());
  const auto rank = field(shown, "memory-device-rank");
  CHECK(::text(rank, "value") == "Unknown");
  CHECK_FALSE(rank.contains("unit"));
}

TEST_CASE("lists are lines of their own in text, and arrays in JSON") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "parts");
  CHECK(contains(show_text(plant, unit, {"-t", "14"}),
                 "Group Associations\n\tName: Memory\n\tItems: 2\n\t\t0x0021 (Memory Device)\n"
                 "\t\t0x0020 (Physical Memory Array)\n"));
  CHECK(contains(show_text(plant, unit, {"-t", "11"}),
                 "OEM Strings\n\tString 1: first\n\tString 2: (bad-index)\n"));
  CHECK(contains(show_text(plant, unit, {"-t", "17"}),
                 "\tType Detail:\n\t\tSynchronous\n\t\tUnbuffered (Unregistered)\n"));
  const auto shown = show_json(plant, unit);
  CHECK(field(shown, "memory-device-type-detail").at("items").as_array() ==
        json::array{"Synchronous", "Unbuffered (Unregistered)"});
  CHECK(field(shown, "oem-strings").at("items").as_array() == json::array{"first", "(bad-index)"});
  const auto items = field(shown, "group-items").at("items").as_array();
  REQUIRE(items.size() == 2);
  const auto handle = items.at(0).as_array().at(0).as_object();
  CHECK(text(handle, "keyword") == "handle");
  CHECK(text(handle, "value") == "0x0021");
  CHECK(handle.at("names").at("type") == 17);
}

TEST_CASE("what WMI would answer") {
  const Plant plant;
  const std::string unit = plant.unit("unit", "parts");
  CHECK(show_text(plant, unit, {"--wmi"}) == "# " + unit + ": sysfs, SMBIOS 3.7, " +
                                                 std::to_string(fs::file_size(unit + "/DMI")) +
                                                 " bytes\n"
                                                 "\nWin32_BIOS\n"
                                                 "\tManufacturer=Chenxi\n"
                                                 "\tSMBIOSBIOSVersion=5.13\n"
                                                 "\tReleaseDate=20260318000000.000000+000\n"
                                                 "\tSerialNumber=CX2600417\n"
                                                 "\nWin32_BaseBoard\n"
                                                 "\tManufacturer=Chenxi Board\n"
                                                 "\tProduct=H310CM-A\n"
                                                 "\tVersion=(no-string)\n"
                                                 "\tSerialNumber=HB26031187\n"
                                                 "\nWin32_ComputerSystemProduct\n"
                                                 "\tIdentifyingNumber=CX2600417\n"
                                                 "\tName=CX E500\n"
                                                 "\tUUID=8D1E6F02-5C3B-4A77-9E41-2B7F60C4D513\n"
                                                 "\tVendor=Chenxi\n"
                                                 "\tVersion=1.0\n"
                                                 "\nWin32_ComputerSystem\n"
                                                 "\tManufacturer=Chenxi\n"
                                                 "\tModel=CX E500\n"
                                                 "\tSystemFamily=CX\n"
                                                 "\tSystemSKUNumber=CXE500-01\n"
                                                 "\nWin32_SystemEnclosure\n"
                                                 "\tChassisTypes={3}\n"
                                                 "\tManufacturer=Chenxi\n"
                                                 "\tSerialNumber=CC2600417\n"
                                                 "\tSMBIOSAssetTag=(no-string)\n"
                                                 "\tVersion=(no-string)\n");
  const Ended said = plant.dmigate({"show", plant.unit("none", "no-system"), "--wmi", "--json"});
  CHECK(said.status == 0);
  const auto answer = parse_line(said.out);
  CHECK(text(answer, "schema") == "dmigate.wmi/1");
  const auto uuid = answer.at("classes").at("Win32_ComputerSystemProduct").at("UUID").as_object();
  CHECK(text(uuid, "value") == "00000000-0000-0000-0000-000000000000");
  CHECK(text(uuid, "state") == "absent-structure");
  CHECK(answer.at("classes").at("Win32_BIOS").at("SerialNumber").at("value").is_null());
  CHECK(answer.at("classes").at("Win32_SystemEnclosure").at("ChassisTypes").at("value").is_array());
  CHECK(plant.dmigate({"show", unit, "--wmi", "--type", "1"}).status == 2);
}

TEST_CASE("what is wrong with a table is shown with it, and what can be read is read") {
  const Plant plant;
  const struct {
    const char* fixture;
    const char* rule;
  } rows[] = {{"truncated", "table.truncated"},        {"no-end", "table.no-end"},
              {"wrong-checksum", "table.checksum"},    {"wrong-count", "table.count"},
              {"bad-length", "table.bad-length"},      {"duplicate-handle", "table.duplicate-handle"},
              {"trailing-data", "table.trailing-data"}};
  for (const auto& [fixture, rule] : rows) {
    CAPTURE(std::string(fixture));
    const std::string unit = plant.unit(fixture, fixture);
    const auto shown = show_json(plant, unit);
    const json::array& findings = shown.at("findings").as_array();
    CHECK(std::ranges::any_of(findings,
                              [&](const json::value& f) { return text(f.as_object(), "rule") == rule; }));
    CHECK(contains(show_text(plant, unit), "# " + std::string(rule) + " at byte "));
    CHECK(text(field(shown, "system-serial-number"), "value") == "CX2600417");
  }
}

TEST_CASE(
    "a finding says where it is, what was found and what is expected; --type leaves out other structures'") {
  const Plant plant;
  const std::string unit = plant.unit("bad-index", "bad-index");
  const std::string line =
      "# structure.bad-string at byte 50, Handle 0x0001, DMI type 1, system-serial-number: found 9, expected "
      "5\n";
  CHECK(contains(show_text(plant, unit), line));
  CHECK(contains(show_text(plant, unit, {"--type", "1"}), line));
  CHECK_FALSE(contains(show_text(plant, unit, {"--type", "2"}), "structure.bad-string"));
  CHECK(contains(show_text(plant, plant.unit("count", "wrong-count"), {"--type", "2"}), "# table.count"));
}

TEST_CASE("a structure with a million strings is shown, each of them once") {
  constexpr std::size_t kStrings = 1000000;
  std::string table("\xC8\x04\x00\x00", 4);
  for (std::size_t i = 0; i < kStrings; ++i) table += std::string_view("a\0", 2);
  table += std::string_view("\0\x7F\x04\x01\x00\0\0", 7);
  const Plant plant;
  write_file(plant / "table", table);
  const auto shown = show_json(plant, plant / "table");
  CHECK(shown.at("structures").at(0).at("strings").as_array().size() == kStrings);
  CHECK(static_cast<std::size_t>(std::ranges::count(show_text(plant, plant / "table"), '\n')) > kStrings);
}

TEST_CASE("every unit of ours is shown, in its form") {
  const Plant plant;
  int shown = 0;
  for (const auto& file : fs::directory_iterator(std::string(DMIGATE_SOURCE_DIR) + "/fixtures/units")) {
    const std::string name = file.path().stem();
    CAPTURE(name);
    const std::string unit = plant.unit(name, name);
    CHECK_FALSE(show_json(plant, unit).at("structures").as_array().empty());
    CHECK_FALSE(show_text(plant, unit).empty());
    ++shown;
  }
  CHECK(shown >= 40);
  CHECK(text(show_json(plant, plant / "rsmb-3.3").at("source").as_object(), "form") == "rsmb");
  CHECK(text(show_json(plant, plant / "dump-3.2").at("source").as_object(), "form") == "dump");
  CHECK(text(show_json(plant, plant / "bare-table").at("source").as_object(), "form") == "bare");
  Start start = plant.call({"show", "-", "--json"});
  start.input = read_file(plant / "dump-3.2");
  const Ended said = run(start);
  CHECK(said.status == 0);
  CHECK(types(parse_line(said.out)) == types(show_json(plant, plant / "dump-3.2")));
}

TEST_CASE("every public dump is shown") {
  if (!fs::exists(kShared)) {
    MESSAGE("left out: no public dumps at ../shared/dumps");
    return;
  }
  const Plant plant;
  std::vector<std::string> sources;
  for (const char* folder : {"files", "raw", "rsmb"}) {
    for (const auto& file : fs::directory_iterator(kShared + "/" + folder)) sources.push_back(file.path());
  }
  for (const auto& pair : fs::directory_iterator(kShared + "/pairs")) sources.push_back(pair.path());
  for (const std::string& source : sources) {
    CAPTURE(source);
    CHECK_FALSE(show_json(plant, source).at("structures").as_array().empty());
    CHECK_FALSE(show_text(plant, source).empty());
  }
  MESSAGE(sources.size(), " dumps");
}
