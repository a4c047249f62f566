#include "gate/registry/traits.h"

#include <algorithm>
#include <cctype>

namespace dmigate::gate {
namespace {

void add_once(Seen seen, std::vector<Seen>& traits) {
  const bool known = std::ranges::any_of(traits, [&](const Seen& each) {
    return each.keyword == seen.keyword && each.value_id == seen.value_id;
  });
  if (!known) traits.push_back(std::move(seen));
}

void add_devices(const Hardware& hardware, std::vector<Seen>& traits) {
  for (const Disk& disk : hardware.disks.value_or(std::vector<Disk>())) {
    if (disk.kind != DiskKind::kDisk || disk.boot_medium || disk.removable.value_or(false)) continue;
    if (disk.serial && !fold(*disk.serial).empty()) add_once(trait("disk-serial", *disk.serial), traits);
  }
  for (const NetworkCard& card : hardware.nics.value_or(std::vector<NetworkCard>())) {
    if (card.mac && !card.mac->empty()) add_once(trait("nic-mac", *card.mac), traits);
  }
}

// Serials, UUID and tags that the profile asks for, whether it calls them unique or not.
void add_fields(const Verdict& verdict, std::vector<Seen>& traits) {
  for (const FieldReport& field : verdict.fields) {
    if (is_identity(field.keyword) && field.value && !fold(*field.value).empty())
      add_once(trait(field.keyword, *field.value), traits);
  }
}

}  // namespace

Seen trait(std::string keyword, const std::string& value, bool witness) {
  const Sha256 id = sha256(fold(value));
  return {.keyword = std::move(keyword),
          .value_id = Blob(id.begin(), id.end()),
          .shown = printable(value),
          .witness = witness};
}

bool is_identity(std::string_view keyword) {
  return keyword.ends_with("serial-number") || keyword.ends_with("asset-tag");
}

std::vector<Seen> traits_of(const Visit& visit, const Verdict& verdict) {
  std::vector<Seen> traits;
  for (const WitnessValue& witness : visit.judgement.witnesses) {
    Seen seen = trait(witness.keyword, witness.key, true);
    seen.shown = witness.shown;
    add_once(std::move(seen), traits);
  }
  if (visit.evidence != nullptr) add_devices(visit.evidence->hardware, traits);
  add_fields(verdict, traits);
  const Station& station = verdict.station;
  for (const auto& [keyword, value] : {std::pair{"lot", &station.lot}, {"work-order", &station.work_order}}) {
    if (!value->empty()) add_once(trait(keyword, *value), traits);
  }
  // What is claimed is found by its claim.
  std::erase_if(traits, [&](const Seen& seen) {
    return std::ranges::any_of(visit.judgement.presented, [&](const UniqueValue& value) {
      return value.claimable && value.keyword == seen.keyword &&
             std::ranges::equal(value.value_id(), seen.value_id);
    });
  });
  return traits;
}

std::vector<Sha256> mentioned_in(const Visit& visit) {
  std::vector<Sha256> ids;
  const auto add = [&](const Sha256& id) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  };
  if (!fold(visit.verdict.label).empty()) add(sha256(fold(visit.verdict.label)));
  for (const auto& [name, value] : visit.verdict.identifiers) add(sha256(fold(value)));
  for (const UniqueValue& value : visit.judgement.presented) add(value.value_id());
  for (const UniqueValue& value : visit.judgement.intended) add(value.value_id());
  for (const Seen& seen : traits_of(visit, visit.verdict)) {
    Sha256 id{};
    std::ranges::copy(seen.value_id, id.begin());
    add(id);
  }
  return ids;
}

std::string as_mac(std::string_view typed) {
  constexpr std::size_t kDigits = 12;
  std::string mac;
  std::size_t digits = 0;
  for (const char c : typed) {
    if (c == ':' || c == '-' || c == '.' || c == ' ') continue;
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0 || ++digits > kDigits) return {};
    if (digits > 1 && digits % 2 == 1) mac += ':';
    mac += c;
  }
  return digits == kDigits ? mac : std::string();
}

std::optional<std::string> key_of(std::string_view keyword, std::string_view value) {
  const smbios::Field* field = smbios::find_field(keyword);
  if (field == nullptr || field->kind != smbios::Kind::kUuid) return fold(value);
  const auto raw = smbios::parse_uuid(value, true);
  if (!raw) return std::nullopt;
  return std::string(raw->begin(), raw->end());
}

std::vector<Sha256> keys_of(const std::string& typed) {
  std::vector<Sha256> keys{sha256(fold(typed))};
  if (const std::string mac = as_mac(typed); !mac.empty()) keys.push_back(sha256(fold(mac)));
  for (const bool mixed : {true, false}) {
    if (const auto raw = smbios::parse_uuid(typed, mixed)) keys.push_back(sha256(*raw));
  }
  return keys;
}

Result<Holder> one_unit(Ledger& ledger, const std::string& who) {
  auto exists = ledger.unit_exists(who);
  if (!exists) return Failure(exists.error());
  auto claims = *exists ? ledger.claims_of(who) : ledger.claims_with_value(keys_of(who));
  if (!claims) return Failure(claims.error());
  if (claims->empty()) {
    if (*exists) return Holder{.unit = who};
    return fail("no unit is known by this", printable(who), "dmigate registry status lists what is open");
  }
  const Holder& holder = claims->front().holder;
  if (std::ranges::any_of(*claims, [&](const Claim& claim) { return claim.holder.unit != holder.unit; })) {
    return fail("several units are known by this", printable(who),
                "name the unit by its id (dmigate registry lookup)");
  }
  return holder;
}

}  // namespace dmigate::gate
