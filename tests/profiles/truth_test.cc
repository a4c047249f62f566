// What people judged of real tables, against what the gate makes of them. The tables and the judgements lie
// beside the project, where they do, and are never copied into it.
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "profiles/placeholder.h"
#include "profiles/profile.h"

namespace dmigate::profiles {
namespace {

const std::filesystem::path kShared = DMIGATE_SOURCE_DIR "/../shared";

using Row = std::vector<std::string>;

// The rows of a file of tab-separated values, without its heading.
std::vector<Row> read_rows(const std::filesystem::path& path) {
  std::vector<Row> rows;
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    Row row;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
    rows.push_back(std::move(row));
  }
  return rows;
}

// Of fields that are unusable, or usable, and of those that the gate refuses, or lets pass.
struct Score {
  int found = 0;    // unusable, refused
  int wronged = 0;  // usable, refused
  int missed = 0;   // unusable, let pass
  int passed = 0;   // usable, let pass

  void add(bool usable, bool refused) {
    ++(refused ? (usable ? wronged : found) : (usable ? passed : missed));
  }
  [[nodiscard]] double recall() const { return ratio(found, found + missed); }
  [[nodiscard]] double precision() const { return ratio(found, found + wronged); }
  static double ratio(int part, int whole) { return whole == 0 ? 1.0 : static_cast<double>(part) / whole; }
};

std::string line_of(const std::string& name, const Score& score) {
  char line[160];
  static_cast<void>(std::snprintf(line, sizeof line, "%-26s %4d %4d %4d %4d   %.3f   %.3f\n", name.c_str(),
                                  score.found, score.wronged, score.missed, score.passed, score.recall(),
                                  score.precision()));
  return line;
}

Profile shipped_set(const std::string& name) {
  auto profile = load_profile(name, {});
  REQUIRE_MESSAGE(profile, (profile ? "" : profile.error().to_string()));
  return *std::move(profile);
}

bool refuses(const Profile& profile, const smbios::Field& field, const smbios::Reading& reading) {
  return reading.state != smbios::State::kPresent || profile.placeholders->detect(field, reading.raw);
}

const std::map<std::string, std::string> kFieldsOfReports = {
    {"t1_manufacturer", "system-manufacturer"},
    {"t1_product", "system-product-name"},
    {"t1_version", "system-version"},
    {"t1_sku", "system-sku-number"},
    {"t1_family", "system-family"},
    {"t2_manufacturer", "baseboard-manufacturer"},
    {"t2_product", "baseboard-product-name"},
    {"t2_version", "baseboard-version"},
    {"t3_manufacturer", "chassis-manufacturer"},
    {"t3_version", "chassis-version"},
};

}  // namespace

TEST_CASE(
    "of real tables, what people judged unusable is found, and what they judged usable is let through") {
  const std::vector<Row> judgements = read_rows(kShared / "dumps/truth.tsv");
  if (judgements.empty()) {
    MESSAGE("left out: recall and precision on real tables; there are none at ../shared/dumps");
    return;
  }
  const Profile profile = shipped_set("windows-oem");
  Score all;      // whatever makes a field unusable: no structure, no string, blanks, or a placeholder
  Score present;  // of values that are there, where only the detector can tell
  std::map<std::string, Score> by_field;
  std::map<std::string, smbios::Source> sources;
  for (const Row& row : judgements) {
    REQUIRE(row.size() == 3);
    REQUIRE((row[2] == "usable" || row[2] == "unusable"));
    auto source = sources.find(row[0]);
    if (source == sources.end()) {
      auto opened = smbios::Source::open(kShared / "dumps" / row[0]);
      REQUIRE_MESSAGE(opened.has_value(), row[0]);
      source = sources.emplace(row[0], std::move(*opened)).first;
    }
    const smbios::Field* field = smbios::find_field(row[1]);
    REQUIRE(field != nullptr);
    const smbios::Reading reading = smbios::read(source->second.table(), *field);
    const bool usable = row[2] == "usable";
    const bool refused = refuses(profile, *field, reading);
    by_field[row[1]].add(usable, refused);
    all.add(usable, refused);
    if (reading.state == smbios::State::kPresent) present.add(usable, refused);
    if (usable == refused) MESSAGE(row[0] << " " << row[1] << ": judged " << row[2]);
  }
  std::string table = "field                        TP   FP   FN   TN   recall  precision\n";
  for (const auto& [keyword, score] : by_field) table += line_of(keyword, score);
  table += line_of("all", all) + line_of("all that are present", present);
  MESSAGE(sources.size() << " tables\n" << table);
  CHECK(all.recall() >= 0.98);
  CHECK(all.precision() >= 0.995);
  CHECK(present.recall() >= 0.98);
  CHECK(present.precision() >= 0.995);
}

TEST_CASE("the placeholders that most consumer PCs report are found in each field that has them") {
  const std::vector<Row> rows = read_rows(kShared / "placeholders.tsv");
  if (rows.empty()) {
    MESSAGE("left out: the placeholders of consumer PCs; there are none at ../shared/placeholders.tsv");
    return;
  }
  const Profile profile = shipped_set("windows-oem");
  std::uint64_t reports = 0;
  std::uint64_t found = 0;
  std::size_t values = 0;
  for (const Row& row : rows) {
    if (row.size() < 3) continue;  // in no field of those that are read here
    const smbios::Bytes raw{reinterpret_cast<const std::uint8_t*>(row[0].data()), row[0].size()};
    std::string missed;
    std::istringstream fields(row[2]);
    for (std::string name; std::getline(fields, name, ',');) {
      const smbios::Field* field = smbios::find_field(kFieldsOfReports.at(name));
      REQUIRE(field != nullptr);
      if (!profile.placeholders->detect(*field, raw)) missed += " " + name;
    }
    const std::uint64_t count = std::stoull(row[1]);
    reports += count;
    ++values;
    if (missed.empty()) found += count;
    if (!missed.empty()) MESSAGE("not found: \"" << row[0] << "\" (" << count << " reports) in" << missed);
  }
  MESSAGE(found << " of " << reports << " reports of " << values << " values are found");
  CHECK(static_cast<double>(found) >= 0.999 * static_cast<double>(reports));
}

}  // namespace dmigate::profiles
