// judge FOLDER…: what judging a unit against a profile of 60 rules costs, beside reading its table: opening
// the file, finding the table in it, and looking for what is wrong with it.
#include "gate/judge/judge.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "benchmarks/cpu_times.h"

namespace {

namespace fs = std::filesystem;
using namespace dmigate;

constexpr int kRules = 60;

std::string quoted(const std::string& text) {
  std::string yaml = "'";
  for (const char c : text) yaml += c == '\'' ? std::string("''") : std::string(1, c);
  return yaml + "'";
}

// Rules on the texts that the first table has, each kind of check in its turn: every one holds.
std::string profile_of(const smbios::Source& source, int rules) {
  std::string text = "profile: many-rules\nversion: 1\nfields:\n";
  const smbios::Table table = source.table();
  int made = 0;
  for (const smbios::Field& field : smbios::fields()) {
    if (made >= rules) break;
    const smbios::Reading reading = smbios::read(table, field);
    if (field.kind != smbios::Kind::kString || reading.state != smbios::State::kPresent) continue;
    // Present and no placeholder, its length, and one more.
    const char* extra = made % 2 == 0 ? "pattern: '.*'" : nullptr;
    text += "  " + std::string(field.keyword) + ": { optional: true, length: { at_most: 255 }, ";
    text += extra != nullptr ? extra : "starts_with: " + quoted(reading.text().substr(0, 1));
    text += " }\n";
    made += 3;
  }
  return text + "  system-uuid:\n";
}

void read_tables(benchmark::State& state, const std::vector<std::string>& paths) {
  for (auto _ : state) {
    for (const std::string& path : paths) {
      const auto source = smbios::Source::open(path);
      benchmark::DoNotOptimize(smbios::inspect(source->layout()).size());
    }
  }
}

void inspect_tables(benchmark::State& state, const std::vector<gate::Evidence>& units) {
  for (auto _ : state) {
    for (const gate::Evidence& unit : units) {
      benchmark::DoNotOptimize(smbios::inspect(unit.source.layout()).size());
    }
  }
}

// judge() looks for what is wrong with the table as well: that is taken off, as part of reading.
void judge_units(benchmark::State& state, const std::vector<gate::Evidence>& units,
                 const profiles::Profile& profile) {
  for (auto _ : state) {
    for (const gate::Evidence& unit : units) {
      benchmark::DoNotOptimize(
          gate::judge({.evidence = unit, .profile = profile, .stage = {}, .label = {}, .identifiers = {}})
              .findings.size());
    }
  }
}

template <typename Work>
void add(const char* name, Work work) {
  benchmark::RegisterBenchmark(name, work)->Repetitions(9)->MinTime(0.1);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  std::vector<gate::Evidence> units;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : fs::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      auto source = smbios::Source::open(entry.path());
      if (!source || !source->table().first(1)) continue;
      paths.push_back(entry.path());
      units.push_back({.source = *std::move(source), .live = false, .boot_id = {}, .taken = {}});
    }
  }
  if (units.empty()) {
    std::fputs("usage: judge FOLDER…, with tables in them\n", stderr);
    return 1;
  }
  const auto profile =
      profiles::parse_profile(profile_of(units.front().source, kRules), "many-rules.yaml", {});
  if (!profile) {
    std::fprintf(stderr, "judge: %s\n", profile.error().to_string().c_str());
    return 1;
  }
  add("read", [&](benchmark::State& state) { read_tables(state, paths); });
  add("inspect", [&](benchmark::State& state) { inspect_tables(state, units); });
  add("judge", [&](benchmark::State& state) { judge_units(state, units, *profile); });
  benchmarks::CpuTimes times;
  benchmark::RunSpecifiedBenchmarks(&times);
  std::size_t rules = 0;
  for (const profiles::FieldRule& rule : profile->fields) rules += 1 + rule.checks.size();
  const auto count = static_cast<double>(units.size());
  const double reading = times.nanoseconds["read"] / 1000 / count;
  const double judging = (times.nanoseconds["judge"] - times.nanoseconds["inspect"]) / 1000 / count;
  std::printf("%zu units against %zu rules; CPU time for each unit, in microseconds\n", units.size(), rules);
  std::printf("%-34s %8.2f\n", "reading its table", reading);
  std::printf("%-34s %8.2f  %6.2f readings  (goal 1: %s)\n", "judging it", judging, judging / reading,
              judging <= reading ? "PASS" : "over");
  return 0;
}
