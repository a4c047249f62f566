// The tables of real machines that lie beside the project, where they do. They carry strangers'
// serial numbers and are never copied into it.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace dmigate::smbios::test {

inline std::filesystem::path shared_dumps() {
  return std::filesystem::path(DMIGATE_SOURCE_DIR) / ".." / "shared" / "dumps";
}

// A line of MANIFEST.tsv.
struct SharedDump {
  std::string file, form, entry_point, smbios, flags;
  std::size_t structures = 0, type1 = 0, type2 = 0, type3 = 0;
  std::filesystem::path path() const { return shared_dumps() / file; }
  bool has_flag(const std::string& flag) const { return ("," + flags).find("," + flag) != std::string::npos; }
};

inline std::vector<SharedDump> read_manifest() {
  std::vector<SharedDump> dumps;
  std::ifstream in(shared_dumps() / "MANIFEST.tsv");
  std::string line;
  std::getline(in, line);  // the heading
  while (std::getline(in, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
    if (cells.size() < 12) throw std::runtime_error("MANIFEST.tsv: a line of fewer than 12 cells: " + line);
    dumps.push_back({cells[0], cells[1], cells[5], cells[6], cells[11], std::stoul(cells[7]),
                     std::stoul(cells[8]), std::stoul(cells[9]), std::stoul(cells[10])});
  }
  return dumps;
}

// Empty, with a message that says so, where there are none.
inline std::vector<SharedDump> manifest_or_message() {
  auto dumps = read_manifest();
  if (dumps.empty()) MESSAGE("left out: no tables of real machines at ", shared_dumps().string());
  return dumps;
}

}  // namespace dmigate::smbios::test
