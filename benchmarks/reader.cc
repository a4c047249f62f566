// reader FOLDER…: what the reader costs for each table, against the bare scan for the structures'
// boundaries (every byte must be looked at once: no reader can be faster). Every file below the folders
// that can be read takes part.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "benchmarks/cpu_times.h"
#include "benchmarks/eight_fields.h"
#include "benchmarks/scan.h"
#include "cli/show_json.h"
#include "smbios/smbios.h"

namespace {

namespace fs = std::filesystem;
using namespace dmigate;

using Tables = std::vector<smbios::Source>;

void bare_scan(benchmark::State& state, const Tables& tables) {
  for (auto _ : state) {
    for (const smbios::Source& source : tables)
      benchmark::DoNotOptimize(benchmarks::scan(source.layout().table));
  }
}

constexpr std::size_t kEight = benchmarks::kEightFields.size();

std::array<const smbios::Field*, kEight> eight_rows() {
  std::array<const smbios::Field*, kEight> rows{};
  std::ranges::transform(benchmarks::kEightFields, rows.begin(), smbios::find_field);
  return rows;
}

void eight_fields(benchmark::State& state, const Tables& tables) {
  const auto wanted = eight_rows();
  std::array<smbios::Reading, kEight> readings;
  for (auto _ : state) {
    for (const smbios::Source& source : tables) {
      smbios::read(source.table(), wanted, readings);
      benchmark::DoNotOptimize(readings.data());
    }
  }
}

// The walk to the end of the table, and the eight fields.
void walk_and_eight_fields(benchmark::State& state, const Tables& tables) {
  const auto wanted = eight_rows();
  std::array<smbios::Reading, kEight> readings;
  for (auto _ : state) {
    for (const smbios::Source& source : tables) {
      std::size_t structures = 0;
      for ([[maybe_unused]] const smbios::Structure structure : source.table()) ++structures;
      smbios::read(source.table(), wanted, readings);
      benchmark::DoNotOptimize(structures);
      benchmark::DoNotOptimize(readings.data());
    }
  }
}

void inspection(benchmark::State& state, const Tables& tables) {
  for (auto _ : state) {
    for (const smbios::Source& source : tables) {
      benchmark::DoNotOptimize(smbios::inspect(source.layout()).size());
    }
  }
}

// Every structure and field, with the structures that handles name.
void full_decode(benchmark::State& state, const Tables& tables) {
  cli::StructuresJson json;
  for (auto _ : state) {
    for (const smbios::Source& source : tables) {
      json.write(source.table(), smbios::Handles(source.table()), {},
                 [](std::string_view piece) { benchmark::DoNotOptimize(piece.data()); });
    }
  }
}

struct Row {
  const char* name;
  void (*work)(benchmark::State&, const Tables&);
  double goal;  ///< scans; 0: none
};
constexpr Row kRows[] = {
    {"bare scan for the boundaries", bare_scan, 0},
    {"the eight fields", eight_fields, 0},
    {"walk and the eight fields", walk_and_eight_fields, 3},
    {"inspection", inspection, 0},
    {"full decode to JSON", full_decode, 50},
};

Tables open_tables(int count, char** folders) {
  Tables tables;
  for (int i = 0; i < count; ++i) {
    for (const auto& entry : fs::recursive_directory_iterator(folders[i])) {
      if (!entry.is_regular_file()) continue;
      auto source = smbios::Source::open(entry.path());
      if (source) tables.push_back(*std::move(source));
    }
  }
  return tables;
}

// What the last row writes, so that its time can be judged.
void print_decoded(const Tables& tables) {
  std::size_t bytes = 0, fields = 0;
  cli::StructuresJson json;
  for (const smbios::Source& source : tables) {
    json.write(source.table(), smbios::Handles(source.table()), {},
               [&](std::string_view piece) { bytes += piece.size(); });
    for (const smbios::Structure structure : source.table())
      fields += smbios::fields_of(structure.type()).size();
  }
  std::printf("the full decode writes %zu fields and %zu bytes of JSON for each table\n",
              fields / tables.size(), bytes / tables.size());
}

}  // namespace

int main(int argc, char** argv) {
  const Tables tables = open_tables(argc - 1, argv + 1);
  if (tables.empty()) {
    std::fputs("usage: reader FOLDER…, with tables in them\n", stderr);
    return 1;
  }
  std::size_t bytes = 0;
  for (const smbios::Source& source : tables) bytes += source.layout().table.size();
  for (const Row& row : kRows) {
    benchmark::RegisterBenchmark(row.name,
                                 [&tables, &row](benchmark::State& state) { row.work(state, tables); })
        ->Repetitions(9)
        ->MinTime(0.1);
  }
  benchmarks::CpuTimes times;
  benchmark::RunSpecifiedBenchmarks(&times);
  const auto count = static_cast<double>(tables.size());
  const double floor = times.nanoseconds[kRows[0].name];
  std::printf("%zu tables of %.0f bytes on average; CPU time for each table, in microseconds\n",
              tables.size(), static_cast<double>(bytes) / count);
  for (const Row& row : kRows) {
    const double time = times.nanoseconds[row.name];
    std::printf("%-34s %8.2f  %6.2f scans", row.name, time / count / 1000, time / floor);
    if (row.goal > 0) std::printf("  (goal %.0f: %s)", row.goal, time / floor <= row.goal ? "PASS" : "over");
    std::printf("\n");
  }
  print_decoded(tables);
  return 0;
}
