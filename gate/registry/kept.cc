// What is kept of a unit's visits: raw tables, and the evidence that a passing verdict was made of.
#include <boost/json.hpp>
#include <cstdio>

#include "gate/evidence/base64.h"
#include "gate/evidence/hardware_json.h"
#include "gate/registry/ledger.h"
#include "gate/registry/registry.h"
#include "gate/registry/traits.h"
#include "smbios/compressed.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

// The newest record of a PASS that was read from a table; null: there is none.
json::object last_pass(const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) {
    boost::system::error_code error;
    json::value value = json::parse(body, error);
    if (error || !value.is_object()) continue;
    json::object& record = value.get_object();
    const json::value* verdict = record.if_contains("verdict");
    if (verdict == nullptr || !verdict->is_object() || record.at("kind") == "end") continue;
    const json::object& said = verdict->get_object();
    if (said.at("outcome") == "PASS" && said.at("source").is_object()) return std::move(record);
  }
  return {};
}

}  // namespace

Result<std::optional<KeptSource>> Registry::source(const std::string& sha256_hex) {
  constexpr std::size_t kMostBytes = 64U << 20U;  // more is no table anywhere (smbios/smbios.h)
  constexpr std::string_view kAdvice =
      "dmigate registry verify lists what is damaged; restore it from its backup";
  auto rows = sql_->run("SELECT form, smbios, entry_point, structures, packed FROM source WHERE sha256 = $1",
                        {from_hex(sha256_hex).value_or(Blob())});
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return std::optional<KeptSource>();
  const Row& row = rows->front();
  KeptSource kept{
      .sha256 = sha256_hex, .form = text(row[0]), .smbios = text(row[1]), .entry_point = bytes(row[2])};
  kept.structures = bytes(row[3]);
  if (integer(row[4]) != 0) {
    auto unpacked = smbios::decompress(kept.structures, kMostBytes);
    if (!unpacked) return fail("a raw table that is kept here is damaged", sha256_hex, std::string(kAdvice));
    kept.structures = *std::move(unpacked);
  }
  if (to_hex(sha256(kept.structures)) != sha256_hex) {
    return fail("a raw table that is kept here is damaged", sha256_hex, std::string(kAdvice));
  }
  return std::optional(std::move(kept));
}

Result<std::vector<std::uint8_t>> dump_of(const KeptSource& kept) {
  if (kept.form == smbios::form_name(smbios::Form::kText)) {
    return fail("a table read from text has no bytes to dump", kept.sha256, {}, ErrorKind::kConfiguration);
  }
  if (!kept.entry_point.empty()) {
    auto source = smbios::Source::from_pair(kept.entry_point, kept.structures, kept.sha256);
    if (!source) return Failure(source.error());
    return smbios::to_dump(source->layout());
  }
  smbios::Layout layout{.table = kept.structures};
  unsigned major = 0, minor = 0, revision = 0;
  if (std::sscanf(kept.smbios.c_str(), "%u.%u.%u", &major, &minor, &revision) >= 2) {
    layout.version = {static_cast<std::uint8_t>(major), static_cast<std::uint8_t>(minor),
                      static_cast<std::uint8_t>(revision)};
  }
  return smbios::to_dump(layout);
}

Result<LastPass> Registry::last_pass_of(const std::string& who) {
  Ledger ledger(*sql_, {});
  const auto holder = one_unit(ledger, who);
  if (!holder) return Failure(holder.error());
  auto bodies = ledger.records_of(holder->unit);
  if (!bodies) return Failure(bodies.error());
  const json::object record = last_pass(*bodies);
  if (record.empty()) {
    return fail("no table of this unit is kept that passed", printable(who),
                "dmigate trace shows what is known of it");
  }
  const std::string name(record.at("verdict").at("source").at("sha256").get_string());
  auto kept = source(name);
  if (!kept) return Failure(kept.error());
  if (!*kept) return fail("the raw table is not kept here", name, "dmigate registry verify tells more");
  auto dump = dump_of(**kept);
  if (!dump) return Failure(dump.error());
  auto table = smbios::Source::from_bytes(*std::move(dump), name);
  if (!table) return Failure(table.error());
  LastPass last{.evidence = {.source = *std::move(table)},
                .time = std::string(record.at("time").get_string())};
  last.evidence.taken = last.time;
  if (const json::value* hardware = record.if_contains("hardware");
      hardware != nullptr && hardware->is_object()) {
    for (const auto& [key, value] : hardware->get_object()) {
      auto read = read_hardware(key, value, name, last.evidence.hardware);
      if (!read) return Failure(read.error());
    }
  }
  return last;
}

}  // namespace dmigate::gate
