// Structures in words: values that stand elsewhere, bytes with several readings, lists; and what
// becomes of all that when the bytes lie.

#include "smbios/describe.h"

#include <doctest/doctest.h>

#include "table_builder.h"

namespace dmigate::smbios::test {
namespace {

// The lines of one structure as "label: value [item; item]".
std::vector<std::string> lines_of(const Buffer& bytes, Version version = {3, 7}) {
  std::vector<std::string> texts;
  const Table table(bytes, version);
  REQUIRE(table.begin() != table.end());
  for (const Line& line : describe(*table.begin(), version)) {
    std::string text = line.label + ": " + line.value;
    for (std::size_t i = 0; i < line.items.size(); ++i) text += (i == 0 ? "[" : "; ") + line.items[i];
    texts.push_back(text + (line.items.empty() ? "" : "]"));
  }
  return texts;
}

bool has_line(const Buffer& bytes, const std::string& line, Version version = {3, 7}) {
  const auto lines = lines_of(bytes, version);
  INFO("it has: ", [&] {
    std::string all;
    for (const std::string& each : lines) all += "\n  " + each;
    return all;
  }());
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

std::string text_of(const Buffer& bytes, std::string_view keyword) {
  const Table table(bytes, {3, 7});
  return read(*table.begin(), *find_field(keyword), {3, 7}).text();
}

// A memory device of 2.8, or of 3.3 with `extended` speeds.
Buffer memory_device(std::uint16_t size, std::uint32_t extended_size, std::uint16_t speed = 3200) {
  Buffer body(0x60 - 4 - 4);
  put_number(body, 0x0C - 4, 2, size);
  put_number(body, 0x15 - 4, 2, speed);
  put_number(body, 0x1C - 4, 4, extended_size);
  put_number(body, 0x54 - 4, 4, 70000);
  return structure(17, 0x11, body);
}

TEST_CASE("the size of a memory device, in every way that it can be said") {
  CHECK(text_of(memory_device(0, 0), "memory-device-size") == "No Module Installed");
  CHECK(text_of(memory_device(0xFFFF, 0), "memory-device-size") == "Unknown");
  CHECK(text_of(memory_device(1536, 0), "memory-device-size") == "1536 MB");
  CHECK(text_of(memory_device(0x4000, 0), "memory-device-size") == "16 GB");
  CHECK(text_of(memory_device(0x8200, 0), "memory-device-size") == "512 kB");
  CHECK(text_of(memory_device(0x7FFF, 0x00008000), "memory-device-size") == "32 GB");
  CHECK(text_of(memory_device(0x7FFF, 0x80008000), "memory-device-size") == "32 GB");
  const Buffer old = structure(17, 0x11, {0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0x7F, 9, 0, 0, 0, 2, 0, 0});
  CHECK(text_of(old, "memory-device-size") == "32767 MB");  // no extended size to look at
  CHECK(text_of(memory_device(8, 0, 0xFFFF), "memory-device-speed") == "70000 MT/s");
  CHECK(text_of(memory_device(8, 0, 0), "memory-device-speed") == "Unknown");
}

TEST_CASE("an extended address counts where the start says so, and only there") {
  Buffer body(0x1F - 4);
  put_number(body, 0, 4, 0x00100000);
  put_number(body, 4, 4, 0xFFFFFFFF);
  put_number(body, 0x0F - 4, 8, 0x1000);
  put_number(body, 0x17 - 4, 8, 0x1FFF);
  CHECK(text_of(structure(19, 1, body), "memory-array-mapped-start") == "0x00040000000");
  CHECK(text_of(structure(19, 1, body), "memory-array-mapped-end") == "0x3FFFFFFFFFF");
  put_number(body, 0, 4, 0xFFFFFFFF);
  CHECK(text_of(structure(19, 1, body), "memory-array-mapped-start") == "0x0000000000001000");
  CHECK(text_of(structure(19, 1, body), "memory-array-mapped-end") == "0x0000000000001FFF");
  CHECK(text_of(structure(19, 1, body), "memory-array-mapped-size") == "4 kB");
  put_number(body, 0x17 - 4, 8, 0);
  CHECK(text_of(structure(19, 1, body), "memory-array-mapped-size") == "ends before it begins");
}

TEST_CASE("signed values, units below one, and what means unknown") {
  Buffer body(0x16 - 4);
  put_number(body, 0x06 - 4, 2, 0xFFFF);
  put_number(body, 0x08 - 4, 2, 0x8000);
  put_number(body, 0x0A - 4, 2, 5);
  put_number(body, 0x0E - 4, 2, 250);
  put_number(body, 0x14 - 4, 2, 1234);
  const Buffer volts = structure(26, 1, body);
  CHECK(has_line(volts, "Maximum Value: -0.001 V"));
  CHECK(has_line(volts, "Minimum Value: Unknown"));
  CHECK(has_line(volts, "Resolution: 0.5 mV"));
  CHECK(has_line(volts, "Accuracy: 2.50%"));
  CHECK(has_line(volts, "Nominal Value: 1.234 V"));
  CHECK(has_line(structure(28, 1, body), "Nominal Value: 123.4 deg C"));
  Buffer battery(0x1A - 4);
  put_number(battery, 0x0A - 4, 2, 500);
  put_number(battery, 0x12 - 4, 2, (41U << 9) | (7U << 5) | 14U);
  battery[0x15 - 4] = 10;
  CHECK(has_line(structure(22, 1, battery), "Design Capacity: 5000 mWh"));
  CHECK(has_line(structure(22, 1, battery), "SBDS Manufacture Date: 2021-07-14"));
  CHECK(has_line(structure(25, 1, {0x12, 0x31, 0x23, 0x59, 0x99}), "Next Scheduled Power-on: 12-31 23:59:*"));
}

TEST_CASE("bytes that can be read in two ways are read in the one that the structure says") {
  Buffer cpu(0x32 - 4);
  cpu[0x06 - 4] = 0xB3;
  put_number(cpu, 0x08 - 4, 4, 0x000906EA);
  cpu[0x11 - 4] = 0x8C;
  CHECK(has_line(structure(4, 4, cpu), "Voltage: 1.2 V"));
  CHECK(has_line(structure(4, 4, cpu), "Signature: Type 0, Family 6, Model 158, Stepping 10"));
  cpu[0x11 - 4] = 0x03;
  CHECK(has_line(structure(4, 4, cpu), "Voltage: [5.0 V; 3.3 V]"));
  cpu[0x06 - 4] = 0xFE;
  put_number(cpu, 0x28 - 4, 2, 0x101);
  put_number(cpu, 0x08 - 4, 4, 0x413FD0C1);
  CHECK(has_line(structure(4, 4, cpu), "Family: ARMv8"));
  CHECK(has_line(structure(4, 4, cpu),
                 "Signature: Implementor 0x41, Variant 0x3, Architecture 15, Part 0xD0C, Revision 1"));
  const Buffer arm = structure(4, 4, cpu);
  CHECK(read(*Table(arm, {3, 7}).begin(), *find_field("processor-flags"), {3, 7}).state ==
        State::kNotApplicable);
  const auto kcs = [](std::uint8_t type, std::uint64_t address, std::uint8_t modifier) {
    Buffer body = {type, 0x20, 0x20, 0xFF};
    append(body, little_endian(address, 8));
    append(body, {modifier, 0});
    return structure(38, 1, body);
  };
  CHECK(has_line(kcs(1, 0xCA3, 0), "Base Address: 0x0000000000000CA2 (I/O)"));
  CHECK(has_line(kcs(1, 0xCA3, 0x10), "Base Address: 0x0000000000000CA3 (I/O)"));
  CHECK(has_line(kcs(1, 0xCA2, 0), "Base Address: 0x0000000000000CA2 (Memory-mapped)"));
  CHECK(has_line(kcs(4, 0x20, 0), "Base Address: 0x10 (SMBus)"));
}

TEST_CASE("lists of every form are taken apart") {
  CHECK(has_line(structure(10, 1, {0x83, 1, 5, 2}, {"VGA", "NIC"}),
                 "On Board Device 2: [Type: Ethernet; Status: Disabled; Description: NIC]"));
  CHECK(has_line(structure(14, 1, {1, 17, 3, 0, 200, 4, 0}, {"G"}),
                 "Items: 2[0x0003 (Memory Device); 0x0004 (OEM-specific)]"));
  CHECK(has_line(structure(37, 1, {3, 8, 1, 3, 0x21, 0}), "Device 1 Load: 3"));
  CHECK(has_line(structure(37, 1, {3, 8, 1, 3, 0x21, 0}), "Device 1 Handle: 0x0021"));
  CHECK(has_line(structure(40, 1, {2, 7, 1, 0, 5, 1, 0x44, 0x33, 6, 2, 0, 6, 2, 1}, {"A", "B"}),
                 "Additional Information 2: [Referenced Handle: 0x0002; Referenced Offset: 0x06; String: B; "
                 "Value: 0x01]"));
  CHECK(has_line(structure(42, 1, {0x40, 3, 2, 9, 9, 2, 4, 1, 0xAA, 2, 0}),
                 "Protocol Record 1: [Protocol ID: Redfish over IP; Protocol Data: aa]"));
  CHECK(has_line(structure(42, 1, {0x40, 3, 2, 9, 9, 2, 4, 1, 0xAA, 2, 0}),
                 "Protocol Record 2: [Protocol ID: IPMI; Protocol Data: ]"));
  CHECK(has_line(structure(44, 1, {4, 0, 2, 7, 0xAB, 0xCD}), "Processor-Specific Data: abcd"));
  CHECK(has_line(
      structure(45, 1, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 1, 0, 4, 1, 7, 0}, {"BMC"}),
      "Associated Components: 1[0x0007]"));
  CHECK(
      has_line(structure(46, 1, {1, 0, 1, 9, 0}, {"PciRoot(0x0)"}), "String Property ID: UEFI device path"));
  CHECK(has_line(structure(46, 1, {0, 0xC1, 1, 9, 0}, {"x"}), "String Property ID: OEM-specific"));
}

TEST_CASE("a list that says more than the structure has says so, and gives no item") {
  CHECK(has_line(structure(37, 1, {3, 8, 2, 3, 0x21, 0}), "Devices: 2, (beyond-length)"));
  CHECK(has_line(structure(40, 1, {1, 200, 1, 0, 5, 1, 0x44}, {"A"}),
                 "Additional Information #: (beyond-length)"));
  CHECK(has_line(structure(40, 1, {1, 0, 1, 0, 5, 1, 0x44}, {"A"}),
                 "Additional Information #: (beyond-length)"));
  const Buffer list = structure(42, 1, {0x40, 200, 2, 9, 9, 2, 4, 1, 0xAA, 2, 0});
  CHECK(has_line(list, "Interface Specific Data: (beyond-length)"));
}

TEST_CASE("handles are followed to the first structure that has them") {
  const Buffer table = join({structure(16, 0x20, Buffer(11)), structure(7, 0x20, Buffer(15), {"L1"}),
                             structure(17, 0x21, Buffer(0x11)), end_of_table()});
  const Handles handles(Table(table, {3, 7}));
  CHECK(handles.find(0x20)->type() == 16);
  CHECK_FALSE(handles.find(0x99));
  const Field& array = *find_field("memory-device-array-handle");
  CHECK(names_structure(array, 0));
  CHECK(names_structure(array, 0xFFFD));
  CHECK_FALSE(names_structure(array, 0xFFFE));
  CHECK_FALSE(names_structure(array, 0xFFFF));
  CHECK(name_of(*Table(table, {}).first(16)) == "Physical Memory Array");
  CHECK(name_of(*Table(table, {}).first(7)) == "Cache Information, L1");
}

// ---------------------------------------------------------------- hostile

// A structure of the type, long and full of small numbers, lists included.
Buffer full_structure(unsigned type) {
  Buffer body(0x60);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::uint8_t>((i + 1) % 4);
  return structure(static_cast<std::uint8_t>(type), static_cast<Handle>(type), body, {"A", "B", "C"});
}

Buffer every_type() {
  Buffer table;
  for (unsigned type = 0; type <= 46; ++type) append(table, full_structure(type));
  append(table, end_of_table(0xF0));
  return table;
}

// Everything that can be said of a table.
std::size_t tell_all(const Buffer& bytes) {
  const Table table(bytes, {3, 7});
  const Handles handles(table);
  std::size_t size = 0;
  for (const Structure structure : table) {
    for (const Line& line : describe(structure, table.version(), &handles)) {
      size += line.label.size() + line.value.size();
      for (const std::string& item : line.items) size += item.size();
    }
    for (const Field& field : fields_of(structure.type())) {
      const Reading reading = read(structure, field, table.version());
      size += reading.text().size() + reading.unit().size() + items(reading).size();
    }
  }
  return size;
}

TEST_CASE("handles lead where a walk from the start leads, in whatever order they stand, and however often") {
  const std::vector<std::vector<Handle>> orders = {
      {1, 2, 3, 9}, {9, 3, 2, 1}, {1, 1, 2}, {3, 1, 3, 2, 1}, {0, 0xFFFF, 0, 7, 7}, {5}, {}};
  for (const auto& order : orders) {
    Buffer bytes;
    for (std::size_t i = 0; i < order.size(); ++i) {
      append(bytes, structure(200, order[i], {static_cast<std::uint8_t>(i)}));
    }
    append(bytes, structure(127, 0x7F00, {}));
    const Table table(bytes, {3, 7});
    const Handles handles(table);
    for (const unsigned handle : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 9U, 0x7F00U, 0xFFFEU, 0xFFFFU}) {
      const auto found = handles.find(static_cast<Handle>(handle));
      const auto first = table.by_handle(static_cast<Handle>(handle));
      REQUIRE(found.has_value() == first.has_value());
      if (first) CHECK(found->offset() == first->offset());
    }
  }
}

TEST_CASE("every byte of every type may be anything") {
  for (unsigned type = 0; type <= 46; ++type) {
    const Buffer good = full_structure(type);
    CHECK(tell_all(good) > 0);
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const unsigned value : {0x00U, 0x01U, 0x7FU, 0x80U, 0xFEU, 0xFFU}) {
        Buffer bytes = good;
        bytes[at] = static_cast<std::uint8_t>(value);
        // A list has at most 255 items, each shown once.
        if (tell_all(bytes) > 100000) FAIL_CHECK("Type ", type, ", byte ", at, " is ", value);
      }
    }
  }
}
TEST_CASE("a table may end anywhere") {
  const Buffer good = every_type();
  std::size_t before = 0;
  for (std::size_t size = 0; size <= good.size(); ++size) {
    const std::size_t told = tell_all({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)});
    if (told < before) FAIL_CHECK("cut at ", size);
    before = told;
  }
}
TEST_CASE("a structure may have any length, and says no more than it has") {
  for (unsigned type = 0; type <= 46; ++type) {
    for (std::size_t length = 0; length < 0x70; ++length) {
      CAPTURE(type);
      CAPTURE(length);
      const Buffer bytes = structure(static_cast<std::uint8_t>(type), 1, Buffer(length, 0xFF), {"A"});
      const Table table(bytes, {3, 9});
      for (const Field& field : fields_of(static_cast<std::uint8_t>(type))) {
        const Reading reading = read(*table.begin(), field, {3, 9});
        if (field.kind != Kind::kString && reading.state == State::kPresent) {
          CHECK(reading.offset() + reading.raw.size() <= (*table.begin()).length());
        }
      }
      CHECK(tell_all(bytes) < 100000);
    }
  }
}

}  // namespace
}  // namespace dmigate::smbios::test
