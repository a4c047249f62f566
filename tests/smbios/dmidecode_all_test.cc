// Every line that dmidecode prints of Types 0 to 43, and 45, against ours: for the tables of real
// machines, and for tables of our own that go through every value of every enumeration.
//
// Layout is brought into one form (as_dmidecode(), Block); values are not. What is left must be in
// kDifferences, with the reason.

#include <bit>
#include <functional>
#include <set>

#include "dmidecode.h"
#include "shared_dumps.h"
#include "smbios/describe.h"
#include "table_builder.h"
#include "temporary_folder.h"
#include "tests/smbios/dmidecode.h"

namespace dmigate::smbios::test {
namespace {

// ---------------------------------------------------------------- what dmidecode printed

// One structure of dmidecode's output.
struct Block {
  Handle handle = 0;
  unsigned type = 0;
  std::size_t length = 0;
  std::vector<Line> lines;
};

bool starts_item(const std::string& line) { return line.starts_with("\t\t"); }

// "On Board Device 2 Information", "Additional Information 1": what follows are items of that line.
std::string numbered_heading(std::string line) {
  if (line.starts_with("On Board Device")) {
    if (line.ends_with(" Information")) line.resize(line.size() - std::string(" Information").size());
    return line == "On Board Device" ? "On Board Device 1" : line;
  }
  return line.starts_with("Additional Information ") ? line : std::string();
}

void add_line(Block& block, const std::string& line, bool& below_heading) {
  if (const std::string heading = numbered_heading(line); !heading.empty()) {
    block.lines.push_back({heading, {}, {}});
    below_heading = true;
  } else if (starts_item(line) && !block.lines.empty()) {
    block.lines.back().items.push_back(line.substr(2));
  } else if (line.starts_with('\t') && below_heading) {
    block.lines.back().items.push_back(line.substr(1));
  } else if (line.starts_with('\t')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) {
      block.lines.push_back({line.substr(1), {}, {}});
    } else {
      const std::size_t value = std::min(colon + 2, line.size());
      block.lines.push_back({line.substr(1, colon - 1), line.substr(value), {}});
    }
  }
}

std::vector<Block> blocks_of(const std::string& file) {
  const std::string argument = "--from-dump " + file;
  std::vector<Block> blocks;
  bool below_heading = false;
  const Answers answers = ask({argument});
  for (const std::string& line : answers.at(argument)) {
    Block block;
    unsigned handle = 0, length = 0;
    if (std::sscanf(line.c_str(), "Handle 0x%x, DMI type %u, %u bytes", &handle, &block.type, &length) == 3) {
      block.handle = static_cast<Handle>(handle);
      block.length = length;
      blocks.push_back(block);
      below_heading = false;
    } else if (!blocks.empty()) {
      add_line(blocks.back(), line, below_heading);
    }
  }
  return blocks;
}

// ---------------------------------------------------------------- ours, in dmidecode's words

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::string as_dmidecode(std::string text) {
  constexpr std::string_view kBlank = "\" (blank)";
  if (text.starts_with('"') && text.ends_with(kBlank)) {
    text = text.substr(1, text.size() - 1 - kBlank.size());
  }
  replace(text, "(no-string)", "Not Specified");
  replace(text, "(bad-index)", "<BAD INDEX>");
  return filtered(text);
}

std::vector<Line> ours_of(const Structure& structure, Version version) {
  std::vector<Line> lines = describe(structure, version);
  for (Line& line : lines) {
    line.value = as_dmidecode(line.value);
    for (std::string& item : line.items) item = as_dmidecode(item);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : " ") + item;
  return text;
}

// A bit without a name is no news to dmidecode.
std::vector<std::string> named_only(std::vector<std::string> items) {
  std::erase_if(items, [](const std::string& item) {
    return item.starts_with("bit ") && item.find_first_not_of("0123456789", 4) == std::string::npos;
  });
  return items;
}

// 0x0A is 0x0a.
std::string lower_hex(std::string text) {
  for (std::size_t at = text.find("0x"); at != std::string::npos; at = text.find("0x", at + 2)) {
    for (std::size_t i = at + 2; i < text.size() && std::isxdigit(static_cast<unsigned char>(text[i])); ++i) {
      text[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    }
  }
  return text;
}

// What dmidecode calls out of the specification is a bare number with us, or a reserved value.
bool matches_out_of_spec(std::string_view theirs, std::string_view mine) {
  constexpr std::string_view kMark = "<OUT OF SPEC>";
  const std::size_t at = theirs.find(kMark);
  if (at == std::string_view::npos) return theirs == mine;
  if (theirs.substr(0, at) != mine.substr(0, at)) return false;
  const std::string_view rest = mine.substr(std::min(at, mine.size()));
  const std::size_t length = std::min(rest.find_first_of(" ,)"), rest.size());
  if (!rest.starts_with("0x") && rest.substr(0, length) != "Reserved") return false;
  return matches_out_of_spec(theirs.substr(at + kMark.size()), rest.substr(length));
}

bool same_value(const std::string& theirs, const std::string& mine) {
  return theirs == mine || lower_hex(theirs) == lower_hex(mine) || matches_out_of_spec(theirs, mine);
}

// The bits of a row on one line, or one to a line; and the same with what has no name left out.
bool same_line(const Line& theirs, const Line& mine) {
  const auto items = named_only(mine.items);
  if (same_value(theirs.value, mine.value) && theirs.items.size() == items.size() &&
      std::equal(items.begin(), items.end(), theirs.items.begin(),
                 [](const std::string& a, const std::string& b) { return same_value(b, a); })) {
    return true;
  }
  if (!mine.value.empty() || !theirs.items.empty()) return false;
  return theirs.value == joined(items) || (items.empty() && theirs.value == "None");
}

// ---------------------------------------------------------------- known differences

struct Case {
  const Structure& structure;
  Version version;
  const Line& theirs;
  const Line* mine;  ///< our line of the same label; nullptr: none

  [[nodiscard]] std::uint64_t number(std::size_t offset, std::size_t width) const {
    return ByteView(structure.formatted()).number(offset, width).value_or(0);
  }
  [[nodiscard]] bool says(const std::string& value) const { return theirs.value == value; }
  // Ours, where there is a line.
  [[nodiscard]] bool ours(const std::string& value) const { return mine != nullptr && mine->value == value; }
  [[nodiscard]] std::string text(std::string_view keyword) const {
    return read(structure, *find_field(keyword), version).text();
  }
};

// A line that differs for a known reason. `holds` checks the value by that reason: nothing is waved
// through for its label alone.
struct Difference {
  unsigned type;
  std::string_view label;
  std::string_view clause;
  std::string_view why;
  bool (*holds)(const Case&);
};

std::string sized(std::uint64_t bytes) {
  return bytes % 1024 == 0 ? std::to_string(bytes / 1024) + " kB" : std::to_string(bytes) + " bytes";
}

// Their size is ours rounded down to the largest unit.
bool rounded_down(const std::string& theirs, const std::string& ours) {
  constexpr std::string_view kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  unsigned long long a = 0, b = 0;
  char unit_a[8] = {}, unit_b[8] = {};
  if (std::sscanf(theirs.c_str(), "%llu %7s", &a, unit_a) != 2) return false;
  if (std::sscanf(ours.c_str(), "%llu %7s", &b, unit_b) != 2) return false;
  const auto* from = std::find(std::begin(kUnits), std::end(kUnits), unit_b);
  const auto* to = std::find(std::begin(kUnits), std::end(kUnits), unit_a);
  if (from == std::end(kUnits) || to == std::end(kUnits)) return false;
  for (; from < to; ++from) b /= 1024;
  return a == b && from == to;
}

std::string in_bytes(Bytes bytes) {
  std::string text;
  char two[4];
  for (const std::uint8_t byte : bytes) {
    std::snprintf(two, sizeof two, "%02X", byte);
    text += (text.empty() ? "" : " ") + std::string(two);
  }
  return text;
}

bool newer(const Case& at, std::initializer_list<std::string_view> names) {
  return at.says("<OUT OF SPEC>") && at.mine != nullptr &&
         std::find(names.begin(), names.end(), at.mine->value) != names.end();
}

bool newer_bit(const Case& at, std::initializer_list<std::string_view> names) {
  return at.says("None") && at.mine != nullptr && !at.mine->items.empty() &&
         std::all_of(at.mine->items.begin(), at.mine->items.end(), [&](const std::string& item) {
           return std::find(names.begin(), names.end(), item) != names.end();
         });
}

// Of the extended sizes of a cache, where the field before says that it is enough.
bool cache_size(const Case& at, std::string_view old, std::string_view extended) {
  const Field& field = *find_field(old);
  return at.number(field.offset, 2) != 0xFFFF && at.ours(at.text(old)) && at.says(at.text(extended)) &&
         read(at.structure, *find_field(extended), at.version).state == State::kPresent;
}

bool shifted_overflow(const Case& at, std::size_t offset) {
  const auto power = at.number(offset, 1) & 0x7F;
  return power > 31 && at.theirs.value.starts_with(std::to_string(std::uint64_t{1} << (power & 31)) + " MB");
}

// dmidecode knows families 01h and 02h, too, by the words of the version.
bool guessed_family(const Case& at) {
  const auto family = at.number(6, 1);
  return at.mine == nullptr && (family == 0x01 || family == 0x02);
}

bool end_reached(const Case& at, std::size_t start, std::size_t end) {
  return at.number(start, 4) != 0xFFFFFFFF && at.number(end, 4) == 0xFFFFFFFF;
}

const Difference kDifferences[] = {
    {0, "Address", "7.1", "worked out from the segment, which we print as it stands",
     [](const Case& at) {
       char text[16];
       std::snprintf(text, sizeof text, "0x%04X0", static_cast<unsigned>(at.number(6, 2)));
       return at.says(text);
     }},
    {0, "Runtime Size", "7.1", "worked out from the segment",
     [](const Case& at) { return at.says(sized((0x10000 - at.number(6, 2)) << 4)); }},
    {0, "ROM Size", "7.1", "FFh means 16 MB or more; this structure has no extended size",
     [](const Case& at) {
       return at.number(9, 1) == 0xFF && at.structure.length() < 0x1A && at.says("16 MB") &&
              at.ours("16 MB or more");
     }},
    {0, "Characteristics", "7.1.1", "bits 2 and 3 end dmidecode's list",
     [](const Case& at) {
       const bool unknown = (at.number(0x0A, 1) & 0x0C) != 0;
       return unknown && at.mine != nullptr &&
              std::all_of(at.theirs.items.begin(), at.theirs.items.end(), [&](const std::string& item) {
                return std::find(at.mine->items.begin(), at.mine->items.end(), item) != at.mine->items.end();
              });
     }},
    {0, "Characteristics", "7.1.2", "dmidecode says nothing where no bit of the three is set",
     [](const Case& at) { return at.says("") && at.theirs.items.empty() && at.ours("None"); }},
    {0, "Characteristics", "7.1.2.2", "manufacturing mode (3.5) has no name with dmidecode 3.4",
     [](const Case& at) {
       return at.theirs.items.empty() && at.mine != nullptr && at.mine->items.size() == 1 &&
              at.mine->items[0].starts_with("Manufacturing mode");
     }},
    {1, "UUID", "7.2.1", "all zeros and all ones have names; we print both orders below the line",
     [](const Case& at) {
       const Bytes raw = at.structure.formatted().subspan(8, 16);
       const bool zero = ByteView(raw).zero();
       const bool ones = std::all_of(raw.begin(), raw.end(), [](std::uint8_t byte) { return byte == 0xFF; });
       return zero ? at.says("Not Settable") : ones ? at.says("Not Present") : at.ours(at.theirs.value);
     }},
    {3, "Height", "7.4", "FFh (3.9) says that the height is in another field",
     [](const Case& at) { return at.says("255 U") && at.ours("See Rack Height"); }},
    {3, "Contained Elements", "7.4.4", "one number where at least and at most are the same",
     [](const Case& at) {
       if (at.mine == nullptr || at.mine->items.size() != at.theirs.items.size()) return false;
       for (std::size_t i = 0; i < at.mine->items.size(); ++i) {
         std::string item = at.mine->items[i];
         const std::size_t open = item.rfind('('), dash = item.rfind('-'), close = item.rfind(')');
         if (item.substr(open + 1, dash - open - 1) == item.substr(dash + 1, close - dash - 1)) {
           item.erase(dash, close - dash);
         }
         if (!same_value(at.theirs.items[i], item)) return false;
       }
       return true;
     }},
    {4, "ID", "7.5.3", "bytes with blanks between them",
     [](const Case& at) { return at.says(in_bytes(at.structure.formatted().subspan(8, 8))); }},
    {4, "Family", "7.5.2", "BEh is a Core 2 or a K7; dmidecode tells by the manufacturer",
     [](const Case& at) { return at.number(6, 1) == 0xBE && at.ours("Core 2 or K7"); }},
    {4, "Family", "7.5.2", "named since 3.8", [](const Case& at) { return newer(at, {"Xeon D"}); }},
    {4, "Family", "7.5.2", "named since 3.7", [](const Case& at) { return newer(at, {"Intel"}); }},
    {4, "Signature", "7.5.3", "dmidecode knows families 01h and 02h, too, by the words of the version",
     guessed_family},
    {4, "Flags", "7.5.3", "dmidecode knows families 01h and 02h, too, by the words of the version",
     guessed_family},
    {4, "Signature", "7.5.3", "of an 80386 and an 80486 dmidecode reads no extended model",
     [](const Case& at) { return at.number(6, 1) == 0x05 || at.number(6, 1) == 0x06; }},
    {4, "Upgrade", "7.5.5", "named since 3.5",
     [](const Case& at) { return at.says("<OUT OF SPEC>") && at.number(0x19, 1) >= 0x40; }},
    {4, "L1 Cache Handle", "7.5", "FFFFh before 2.3 is no cache",
     [](const Case& at) {
       return at.says("No L1 Cache") && at.version < Version{2, 3};
     }},
    {4, "L2 Cache Handle", "7.5", "FFFFh before 2.3 is no cache",
     [](const Case& at) {
       return at.says("No L2 Cache") && at.version < Version{2, 3};
     }},
    {4, "L3 Cache Handle", "7.5", "FFFFh before 2.3 is no cache",
     [](const Case& at) {
       return at.says("No L3 Cache") && at.version < Version{2, 3};
     }},
    {4, "Characteristics", "7.5.9", "bits that dmidecode 3.4 does not name",
     [](const Case& at) {
       return newer_bit(at, {"Unknown", "128-bit Capable", "Arm64 SoC ID"});
     }},
    {5, "Maximum Total Memory Size", "7.6", "worked out: the size of a module times the slots",
     [](const Case& at) {
       return at.says(std::to_string((std::uint64_t{1} << (at.number(8, 1) & 31)) * at.number(0x0E, 1)) +
                      " MB");
     }},
    {5, "Maximum Memory Module Size", "7.6", "2 to a power beyond 31 does not fit into 32 bits",
     [](const Case& at) { return shifted_overflow(at, 8); }},
    {5, "Memory Module Voltage", "7.6", "bit 7 is not reserved with dmidecode",
     [](const Case& at) { return (at.number(0x0D, 1) & 0x80) != 0; }},
    {6, "Installed Size", "7.7.2", "2 to a power beyond 31 does not fit into 32 bits",
     [](const Case& at) { return shifted_overflow(at, 9); }},
    {6, "Enabled Size", "7.7.2", "2 to a power beyond 31 does not fit into 32 bits",
     [](const Case& at) { return shifted_overflow(at, 10); }},
    {7, "Installed Size", "7.8.1", "the extended size counts where the first is FFFFh, and only there",
     [](const Case& at) { return cache_size(at, "cache-installed-size", "cache-installed-size-2"); }},
    {7, "Maximum Size", "7.8.1", "the extended size counts where the first is FFFFh, and only there",
     [](const Case& at) { return cache_size(at, "cache-maximum-size", "cache-maximum-size-2"); }},
    {8, "Port Type", "7.9.3", "named since 3.6",
     [](const Case& at) {
       return newer(at, {"MFDP", "Thunderbolt"});
     }},
    {9, "Type", "7.10.2", "dmidecode leaves out a width that is Other or Unknown",
     [](const Case& at) {
       const std::string width = at.text("slot-data-bus-width");
       return (width == "Other" || width == "Unknown") && at.mine != nullptr &&
              same_value(width + " " + at.theirs.value, at.mine->value);
     }},
    {9, "Characteristics", "7.10.7", "bits that dmidecode 3.4 does not name",
     [](const Case& at) {
       return newer_bit(at, {"PCIe slot bifurcation is supported", "Async/surprise removal is supported",
                             "Flexbus slot, CXL 1.0 capable", "Flexbus slot, CXL 2.0 capable",
                             "Flexbus slot, CXL 3.0 capable"});
     }},
    {15, "Header Length", "7.16", "worked out from the two offsets",
     [](const Case& at) { return at.says(std::to_string(at.number(8, 2) - at.number(6, 2)) + " bytes"); }},
    {15, "Access Address", "7.16.3", "of a method outside the specification dmidecode prints no address",
     [](const Case& at) { return at.says("Unknown") && at.number(0x0A, 1) > 4; }},
    {17, "Form Factor", "7.18.1", "named since 3.8",
     [](const Case& at) {
       return newer(at, {"CAMM", "CUDIMM", "CSODIMM"});
     }},
    {17, "Type", "7.18.2", "named since 3.6",
     [](const Case& at) {
       return newer(at, {"HBM3", "MRDIMM"});
     }},
    {17, "Memory Technology", "7.18.6", "named after 3.5",
     [](const Case& at) { return newer(at, {"MRDIMM"}); }},
    {19, "Range Size", "7.20", "dmidecode rounds to the largest unit",
     [](const Case& at) { return at.mine != nullptr && rounded_down(at.theirs.value, at.mine->value); }},
    {20, "Range Size", "7.21", "dmidecode rounds to the largest unit",
     [](const Case& at) { return at.mine != nullptr && rounded_down(at.theirs.value, at.mine->value); }},
    {19, "Range Size", "7.20", "all of 32 bits overflows with dmidecode",
     [](const Case& at) { return at.says("Invalid") && end_reached(at, 4, 8); }},
    {22, "SBDS Serial Number", "7.23", "a number without 0x",
     [](const Case& at) { return at.ours("0x" + at.theirs.value); }},
    {31, "Checksum", "7.32", "worked out: whether the bytes of the structure sum to 0",
     [](const Case& at) {
       return at.says(ByteView(at.structure.formatted()).sum() == 0 ? "OK" : "Invalid");
     }},
    {34, "Description", "6.1.2", "a Length that reaches into the strings (ASUS X79): dmidecode takes 0Bh",
     [](const Case& at) { return at.structure.length() == 0x10; }},
    {38, "NV Storage Device", "7.39", "another label where there is none",
     [](const Case& at) {
       return at.says("Not Present") && at.text("ipmi-nv-storage-address") == "Not Present";
     }},
    {40, "Additional Information 1", "7.41", "an entry that the structure has no room for",
     [](const Case& at) {
       const Field& entries = *find_field("additional-information");
       return read(at.structure, entries, at.version).state == State::kBeyondLength;
     }},
    {45, "Characteristics", "7.46", "two lines of their own",
     [](const Case& at) {
       return at.theirs.items ==
              std::vector<std::string>{"Updatable: " + at.text("firmware-inventory-updatable"),
                                       "Write-Protect: " + at.text("firmware-inventory-write-protect")};
     }},
};

// dmidecode 3.4 reads each device of a memory channel from the place of the next one.
bool next_device(const Case& at) {
  unsigned device = 0;
  char what[8] = {};
  if (at.structure.type() != 37 ||
      std::sscanf(at.theirs.label.c_str(), "Device %u %7s", &device, what) != 2) {
    return false;
  }
  const std::size_t next = 0x07 + std::size_t{3} * device;
  if (next + 3 > at.structure.length()) return true;  // not of this structure
  if (std::string_view(what) == "Load") return at.says(std::to_string(at.number(next, 1)));
  char text[8];
  std::snprintf(text, sizeof text, "0x%04X", static_cast<unsigned>(at.number(next + 1, 2)));
  return at.says(text);
}

// ---------------------------------------------------------------- the comparison

struct Tally {
  std::size_t tables = 0, structures = 0, lines = 0, explained = 0;
  std::map<std::string, std::size_t> unexplained;
  std::set<const Difference*> used;
};

const Line* line_of(const std::vector<Line>& lines, const std::string& label) {
  const auto found =
      std::find_if(lines.begin(), lines.end(), [&](const Line& line) { return line.label == label; });
  return found == lines.end() ? nullptr : &*found;
}

const Difference* explained(const Case& at) {
  for (const Difference& difference : kDifferences) {
    if (difference.type != at.structure.type() || difference.label != at.theirs.label) continue;
    if (difference.holds(at)) return &difference;
  }
  static const Difference kChannels = {37, "", "7.38", "read from the place of the next device", next_device};
  return next_device(at) ? &kChannels : nullptr;
}

void compare(const Structure& structure, const Block& block, Version version, Tally& tally) {
  const std::vector<Line> ours = ours_of(structure, version);
  ++tally.structures;
  for (const Line& theirs : block.lines) {
    tally.lines += 1 + theirs.items.size();
    const Line* mine = line_of(ours, theirs.label);
    if (mine != nullptr && same_line(theirs, *mine)) continue;
    if (const Difference* difference = explained({structure, version, theirs, mine})) {
      tally.explained += 1 + theirs.items.size();
      tally.used.insert(difference);
      continue;
    }
    const std::string what = "Type " + std::to_string(block.type) + " " + theirs.label + ": \"" +
                             theirs.value + "\" [" + joined(theirs.items) + "], ours " +
                             (mine == nullptr ? std::string("is not there")
                                              : "\"" + mine->value + "\" [" + joined(mine->items) + "]");
    ++tally.unexplained[what];
  }
}

// Types 0 to 43, and 45, which dmidecode 3.4 knows too.
bool compared(unsigned type) { return type <= 43 || type == 45; }

void compare(const Source& source, const TemporaryFolder& folder, Tally& tally) {
  const auto blocks = blocks_of(folder.write("table.bin", to_dump(source.layout())).string());
  auto block = blocks.begin();
  ++tally.tables;
  for (const Structure structure : source.table()) {
    REQUIRE(block != blocks.end());
    REQUIRE(block->handle == structure.handle());
    REQUIRE(block->type == structure.type());
    REQUIRE(block->length == structure.length());
    if (compared(block->type)) compare(structure, *block, source.table().version(), tally);
    ++block;
  }
}

void report(const Tally& tally) {
  MESSAGE("compared: ", tally.tables, " tables, ", tally.structures, " structures, ", tally.lines, " lines, ",
          tally.explained, " of them explained by ", tally.used.size(), " known differences");
  for (const auto& [what, times] : tally.unexplained) FAIL_CHECK(times, " times: ", what);
}

TEST_CASE("dmidecode prints no line of a real machine's table that we do not print, nor another value") {
  if (!dmidecode_or_message()) return;
  const TemporaryFolder folder;
  Tally tally;
  for (const SharedDump& dump : manifest_or_message()) {
    CAPTURE(dump.file);
    const auto source = Source::open(dump.path());
    REQUIRE(source);
    compare(*source, folder, tally);
  }
  report(tally);
}

// ---------------------------------------------------------------- tables through every value

constexpr Version kKnown{3, 5};  // what dmidecode 3.4 knows

// A structure of the type with all that dmidecode knows of it; every list is empty, but for one item
// of a list that has no count.
Buffer blank_structure(std::uint8_t type) {
  std::size_t length = kHeaderBytes;
  for (const Field& field : fields_of(type)) {
    if (field.since > kKnown) continue;
    const std::size_t width = field.items.count == kToTheEnd ? field.items.bytes : field.width;
    length = std::max<std::size_t>(length, field.offset + width);
  }
  Buffer body(length - kHeaderBytes);
  const auto set = [&](std::size_t offset, std::uint8_t byte) { body[offset - kHeaderBytes] = byte; };
  if (type == 17) set(0x0C, 8);     // a module is installed
  if (type == 38) set(0x04, 1);     // KCS
  if (type == 42) set(0x04, 0x40);  // a network host interface
  return body;
}

void put_field(Buffer& body, const Field& field, std::uint64_t value) {
  const std::size_t at = field.offset - kHeaderBytes;
  const std::uint64_t all = field.width == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * field.width) - 1;
  const std::uint64_t mask = field.mask & all;
  const std::uint64_t before = ByteView(body).number(at, field.width).value_or(0) & ~mask;
  put_number(body, at, field.width, before | (value << std::countr_zero(mask) & mask));
}

// What makes Field::when hold.
void put_condition(Buffer& body, const When& when) {
  if (when.width == 0 || when.in.empty()) return;
  const std::size_t at = when.offset - kHeaderBytes;
  const std::uint64_t before = ByteView(body).number(at, when.width).value_or(0) & ~when.mask;
  put_number(body, at, when.width, before | when.in.front().first);
}

// Its other values ask for a list.
bool counts_a_list(const Field& field) {
  const auto rows = fields_of(field.type);
  return std::any_of(rows.begin(), rows.end(), [&](const Field& row) {
    return row.items.count == field.offset || row.items.size == field.offset;
  });
}

std::vector<std::uint64_t> values_of(const Field& field) {
  if (counts_a_list(field)) return {0};
  std::vector<std::uint64_t> values;
  for (const EnumValue& value : field.values) {
    if (field.kind == Kind::kBits) {
      values.push_back(value.value == kNoBit ? 0 : std::uint64_t{1} << value.value);
    } else {
      values.push_back(value.value);
      if (value.last != 0) values.push_back(value.last);
    }
  }
  if (field.kind == Kind::kNumber || field.kind == Kind::kSigned) {
    for (const std::uint64_t value : {0, 1, 0x40, 0x7E}) values.push_back(value);
  }
  return values;
}

Source made(const Buffer& table) {
  EntryPoint entry_point;
  entry_point.version = kKnown;
  entry_point.table_bytes = table.size();
  auto source = Source::from_bytes(dump(sm3(entry_point), table), "made");
  REQUIRE(source);
  return *std::move(source);
}

TEST_CASE("dmidecode names every value of every enumeration, every bit and every special number as we do") {
  if (!dmidecode_or_message()) return;
  const TemporaryFolder folder;
  Tally tally;
  std::size_t asked = 0;
  for (const Field& field : fields()) {
    if (!compared(field.type) || field.since > kKnown || field.width == 0) continue;
    CAPTURE(field.keyword);
    Buffer table = system();
    for (const std::uint64_t value : values_of(field)) {
      Buffer body = blank_structure(field.type);
      put_condition(body, field.when);
      put_field(body, field, value);
      append(table, structure(field.type, static_cast<Handle>(0x100 + asked++), body, {"A", "B"}));
    }
    append(table, end_of_table());
    compare(made(table), folder, tally);
  }
  report(tally);
  CHECK(asked > 1000);
}

TEST_CASE("dmidecode prints the lists of structures as we do") {
  if (!dmidecode_or_message()) return;
  const TemporaryFolder folder;
  Tally tally;
  Buffer languages(0x12);
  languages[0] = 2;
  languages[0x11] = 1;
  Buffer board = {1, 0, 0, 0, 0, 0, 0, 3, 0, 0x0A, 2, 0x11, 0, 0x12, 0};
  Buffer log(0x11);
  append(log, {2, 2, 0x08, 0x04, 0x80, 0x80});
  const Buffer table =
      join({system(), structure(2, 2, board, {"A"}),
            structure(3, 3,
                      {1, 3, 0, 0, 0, 3, 3, 3, 2, 0, 0, 0, 0, 0, 1, 3, 3, 0x91, 1, 2, 0x0A, 2, 2, 0x00, 0, 0},
                      {"A"}),
            structure(5, 5, {3, 4, 3, 3, 3, 0, 0, 0, 0, 1, 2, 0x06, 0, 0x07, 0, 8}),
            structure(9, 9, {1, 0xA5, 8, 3, 3, 1, 0, 4, 1, 0, 0, 0, 0xFF, 8,    2,
                             0, 0,    1, 8, 1, 0, 0, 2, 9, 3, 4, 8, 0,    0x10, 3},
                      {"A"}),
            structure(10, 10, {0x83, 1, 5, 2}, {"A", "B"}), structure(10, 11, {0x83, 9}, {"A", "B"}),
            structure(11, 12, {3}, {"A", "B"}), structure(12, 13, {2}, {"A", "B"}),
            structure(13, 14, languages, {"en|US|iso8859-1", "zh|CN|unicode"}),
            structure(14, 15, {1, 1, 1, 0, 17, 3, 0}, {"G"}), structure(14, 16, {1}, {"G"}),
            structure(15, 17, log), structure(37, 18, {3, 8, 2, 3, 1, 0, 4, 2, 0}),
            structure(40, 19, {2, 7, 1, 0, 5, 1, 0x44, 0x33, 6, 2, 0, 6, 2, 1}, {"A", "B"}),
            structure(40, 20, {1, 9, 1, 0, 5, 1, 1, 2, 3, 4}, {"A"}),
            structure(43, 21, {'I', 'N',  'T', 'C', 2, 0, 0, 0, 1, 0, 2, 0, 3, 0,
                               1,   0x38, 0,   0,   0, 0, 0, 0, 0, 9, 0, 0, 0},
                      {"A"}),
            structure(43, 22,
                      {'I', 'F', 'X', 0, 1, 2, 1, 0, 2, 3, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0},
                      {"A"}),
            end_of_table()});
  compare(made(table), folder, tally);
  report(tally);
  CHECK(tally.structures == 18);
}

}  // namespace
}  // namespace dmigate::smbios::test
