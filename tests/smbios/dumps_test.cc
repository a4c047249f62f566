// The tables of real machines against what their manifest says of them.

#include <map>
#include <set>

#include "shared_dumps.h"
#include "table_builder.h"

namespace dmigate::smbios::test {
namespace {

// Where we differ from the manifest, and why.
const std::map<std::string, std::string> kVersionsPutRight = {
    {"files/nima-vmware-virtual-platform-0.bin", "2.3"},  // says 2.31, which means 2.3
};

const std::map<std::string, Form> kForms = {
    {"dumpbin", Form::kDump}, {"sysfs-pair", Form::kSysfs}, {"raw", Form::kBare}, {"rsmb", Form::kRsmb}};
const std::map<std::string, EntryPointKind> kEntryPoints = {
    {"_SM3_", EntryPointKind::kSmbios3}, {"_SM_", EntryPointKind::kSmbios2}, {"-", EntryPointKind::kNone}};

// As the manifest writes it: "3.2.0" for _SM3_, "2.7" for the others, "-" where there is none.
std::string manifest_version(const Layout& layout) {
  if (!layout.version.known()) return "-";
  const std::string text = layout.version.to_string();
  return layout.entry_point_kind == EntryPointKind::kSmbios3 && layout.version.revision == 0 ? text + ".0"
                                                                                             : text;
}

// What the manifest's flags say is wrong. badlen0 and trailing_after_eot are zeros after the last
// structure: padding, and no defect.
std::set<std::string_view> rules_of(const SharedDump& dump) {
  std::set<std::string_view> rules;
  if (dump.has_flag("ep_addr_outside_file")) rules.insert("table.address");
  if (dump.has_flag("no_eot")) rules.insert("table.no-end");
  if (dump.has_flag("table_longer_than_file")) rules.insert("table.truncated");
  if (dump.has_flag("dup_handles")) rules.insert("table.duplicate-handle");
  if (kVersionsPutRight.contains(dump.file)) rules.insert("table.version");
  return rules;
}

// Without the structures that are too short: the manifest says nothing of them.
std::set<std::string_view> rules_found(const Layout& layout) {
  std::set<std::string_view> rules;
  for (const Defect& defect : inspect(layout)) {
    if (defect.kind < DefectKind::kNewerVersion) rules.insert(rule_id(defect.kind));
  }
  rules.erase(rule_id(DefectKind::kShortStructure));  // of Types 4 and 7: the manifest has no flag for it
  return rules;
}

// The flags that say something of a table's structure, and the finding that each comes out as.
struct Flag {
  const char* name;
  DefectKind kind;
};
constexpr Flag kFlags[] = {
    {"padded_str", DefectKind::kPaddedString},          {"multi_type2", DefectKind::kSeveralBaseboards},
    {"dup_handles", DefectKind::kDuplicateHandle},      {"no_eot", DefectKind::kNoEnd},
    {"table_longer_than_file", DefectKind::kTruncated}, {"ep_addr_outside_file", DefectKind::kAddress}};

bool has_unprintable(const Table& table) {
  for (const Structure structure : table) {
    for (const std::uint8_t byte : structure.strings()) {
      if (byte >= 0x7F || (byte != 0 && byte < 0x20)) return true;
    }
  }
  return false;
}
std::size_t longest_string(const Table& table) {
  std::size_t longest = 0;
  for (const Structure structure : table) {
    for (unsigned number = 1; const auto string = structure.string(number); ++number) {
      longest = std::max(longest, string->size());
    }
  }
  return longest;
}

void check(const SharedDump& dump) {
  CAPTURE(dump.file);
  const auto source = Source::open(dump.path());
  REQUIRE_MESSAGE(source, (source ? std::string() : source.error().to_string()));
  const Layout& layout = source->layout();
  const Table table = source->table();
  CHECK(layout.form == kForms.at(dump.form));
  CHECK(layout.entry_point_kind == kEntryPoints.at(dump.entry_point));
  const auto put_right = kVersionsPutRight.find(dump.file);
  CHECK(manifest_version(layout) == (put_right == kVersionsPutRight.end() ? dump.smbios : put_right->second));
  // 126 and 127 count as structures there as here.
  std::size_t structures = 0;
  for ([[maybe_unused]] const Structure structure : table) ++structures;
  CHECK(structures == dump.structures);
  CHECK(table.count(1) == dump.type1);
  CHECK(table.count(2) == dump.type2);
  CHECK(table.count(3) == dump.type3);
  CHECK((table.count(126) > 0) == dump.has_flag("inactive126"));

  CHECK(rules_found(layout) == rules_of(dump));
}

TEST_CASE("every table of a real machine is read as its manifest says, with the defects it says") {
  for (const SharedDump& dump : manifest_or_message()) check(dump);
}

TEST_CASE(
    "every structural flag of the manifest is a finding or a fact, and no table has one it is not given") {
  for (const SharedDump& dump : manifest_or_message()) {
    CAPTURE(dump.file);
    const auto source = Source::open(dump.path());
    REQUIRE(source);
    const Layout& layout = source->layout();
    const Table table = source->table();
    const auto defects = inspect(layout);
    for (const Flag& flag : kFlags) {
      CAPTURE(flag.name);
      CHECK(has(defects, flag.kind) == dump.has_flag(flag.name));
    }
    CHECK((table.count(126) > 0) == dump.has_flag("inactive126"));
    CHECK((table.count(2) == 0) == dump.has_flag("missing_type2"));
    CHECK((layout.form == Form::kBare) == dump.has_flag("no_entry_point"));
    if (dump.has_flag("bad_string_index")) CHECK(has(defects, DefectKind::kBadString));  // of Types 1 to 3
    CHECK(has_unprintable(table) == dump.has_flag("nonascii_str"));
    CHECK((longest_string(table) > 64) == dump.has_flag("str>64"));
    if (has(defects, DefectKind::kCharset)) CHECK(dump.has_flag("nonascii_str"));
    if (has(defects, DefectKind::kLongString)) CHECK(dump.has_flag("str>64"));
  }
}

TEST_CASE("a dump of a real machine written as a dump is the same file") {
  for (const SharedDump& dump : manifest_or_message()) {
    if (dump.form != "dumpbin" || dump.has_flag("ep_addr_outside_file")) continue;
    CAPTURE(dump.file);
    const auto source = Source::open(dump.path());
    const Bytes bytes = source->bytes();
    CHECK(to_dump(source->layout()) == Buffer(bytes.begin(), bytes.end()));
  }
}

TEST_CASE("every table of a real machine, cut in its middle, never comes out clean") {
  for (const SharedDump& dump : manifest_or_message()) {
    CAPTURE(dump.file);
    if (dump.form == "sysfs-pair") continue;
    const auto source = Source::open(dump.path());
    const auto whole = source->bytes();
    for (std::size_t size = 0; size < whole.size(); size += 7) {
      const auto cut =
          Source::from_bytes({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, "cut");
      if (cut) CHECK(has(inspect(cut->layout()), DefectKind::kNoEnd));
    }
  }
}

}  // namespace
}  // namespace dmigate::smbios::test
