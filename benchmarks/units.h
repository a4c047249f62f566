// Units as a line sees them, for the benchmarks of the registry and of the service: each with its own
// serials, UUID and network card.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/measure.h"
#include "fixtures/builder/unit.h"
#include "gate/registry/registry.h"

namespace dmigate::benchmarks {

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().to_string());
  return *std::move(result);
}

inline std::string with_number(const char* format, long number) {
  std::array<char, 64> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), format, number));
  return text.data();
}

inline std::string mac_of(long number) {
  std::array<char, 64> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "02:fc:%02lx:%02lx:%02lx:%02lx",
                                  number >> 24 & 0xFF, number >> 16 & 0xFF, number >> 8 & 0xFF,
                                  number & 0xFF));
  return text.data();
}

class Units {
 public:
  Units()
      : unit_(must(fixtures::load_unit(std::string(DMIGATE_SOURCE_DIR) + "/benchmarks/desktop.yaml"))),
        profile_(
            must(profiles::load_profile(std::string(DMIGATE_SOURCE_DIR) + "/benchmarks/profile.yaml", {}))) {}

  struct Kept {
    gate::Evidence evidence;
    gate::Visit visit;
  };

  [[nodiscard]] std::unique_ptr<Kept> make(long number, const std::string& station) const {
    auto unit = unit_;
    const std::pair<const char*, std::string> own[] = {
        {"system-serial-number", with_number("CX%07ld", number)},
        {"baseboard-serial-number", with_number("HB%08ld", number)},
        {"system-uuid", with_number("8d1e6f02-5c3b-4a77-9e41-%012lx", number)}};
    for (const auto& [keyword, value] : own) {
      if (const auto set = unit.set(keyword, value); !set) give_up(set.error().to_string());
    }
    const auto built = must(fixtures::build(unit));
    auto kept = std::make_unique<Kept>(
        Kept{.evidence = {.source = must(smbios::Source::from_bytes(built.file, "unit"))}});
    kept->evidence.hardware.nics = std::vector<gate::NetworkCard>{{.name = "eth0",
                                                                   .bus = gate::Bus::kPci,
                                                                   .physical = true,
                                                                   .removable = false,
                                                                   .mac = mac_of(number)}};
    kept->evidence.hardware.disks = std::vector<gate::Disk>{
        {.name = "nvme0n1", .removable = false, .serial = with_number("S%012ld", number)}};
    gate::Visit& visit = kept->visit;
    visit.profile = &profile_;
    visit.evidence = &kept->evidence;
    visit.judgement = gate::judge({.evidence = kept->evidence,
                                   .profile = profile_,
                                   .stage = gate::Stage::kPreImage,
                                   .label = own[0].second,
                                   .identifiers = {}});
    visit.verdict.stage = gate::Stage::kPreImage;
    visit.verdict.label = own[0].second;
    visit.verdict.station.id = station;
    visit.verdict.findings = visit.judgement.findings;
    visit.verdict.fields = visit.judgement.fields;
    visit.verdict.profile = gate::ProfileReport{
        .name = profile_.name, .version = profile_.version, .sha256 = to_hex(profile_.sha256)};
    visit.verdict.source = gate::SourceReport{.form = "dump",
                                              .path = "unit",
                                              .sha256 = to_hex(sha256(kept->evidence.source.layout().table)),
                                              .smbios = "3.2",
                                              .boot_id = {}};
    return kept;
  }

 private:
  fixtures::UnitDescription unit_;
  profiles::Profile profile_;
};

}  // namespace dmigate::benchmarks
