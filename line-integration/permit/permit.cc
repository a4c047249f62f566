#include "line-integration/permit/permit.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "gate/evidence/text.h"
#include "gate/judge/judge.h"
#include "smbios/sha256.h"

namespace dmigate::line {
namespace {

namespace json = boost::json;
using gate::Finding;
using gate::Say;

constexpr std::size_t kLongest = 8192;           // bytes of a token
constexpr std::chrono::minutes kClocksApart{1};  // an issuer's clock may be ahead of ours by so much

Finding refuse(Say say, const std::string& found = {}, const std::string& expected = {}) {
  Finding finding{.say = say};
  if (!found.empty()) finding.found = gate::printable(found);
  if (!expected.empty()) finding.expected = gate::printable(expected);
  return finding;
}

// The texts of a permit by the names of its members: written and read by one table.
struct Member {
  std::string_view name;
  std::string Permit::*text;
};
constexpr Member kMembers[] = {
    {"id", &Permit::id},
    {"unit", &Permit::unit},
    {"label", &Permit::label},
    {"stage", &Permit::stage},
    {"table", &Permit::table},
    {"station", &Permit::station},
    {"record_hash", &Permit::record_hash},
    {"issued", &Permit::issued},
    {"expires", &Permit::expires},
};

json::object to_json(const Permit& permit) {
  json::object object;
  for (const Member& member : kMembers) object[member.name] = permit.*member.text;
  object["station_seq"] = permit.station_seq;
  object["profile"] = permit.profile.name;
  object["profile_version"] = permit.profile.version;
  object["profile_sha256"] = permit.profile.sha256;
  return object;
}

// None when it is not exactly what to_json() makes.
std::optional<Permit> from_json(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr || object->size() != std::size(kMembers) + 4) return std::nullopt;
  Permit permit;
  const auto take = [&](std::string_view name, std::string& into) {
    const json::value* member = object->if_contains(name);
    if (member == nullptr || !member->is_string()) return false;
    into = std::string(member->get_string());
    return true;
  };
  const auto take_number = [&](std::string_view name, std::uint64_t& into) {
    const json::value* member = object->if_contains(name);
    json::error_code failed;
    if (member == nullptr || !member->is_number()) return false;
    into = member->to_number<std::uint64_t>(failed);
    return !failed;
  };
  for (const Member& member : kMembers) {
    if (!take(member.name, permit.*member.text)) return std::nullopt;
  }
  const bool whole = take("profile", permit.profile.name) && take("profile_sha256", permit.profile.sha256) &&
                     take_number("profile_version", permit.profile.version) &&
                     take_number("station_seq", permit.station_seq);
  return whole ? std::optional(std::move(permit)) : std::nullopt;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// KEY.PAYLOAD.SIGNATURE
struct Parts {
  std::string_view key, payload, signature;
  std::string_view signed_text;  ///< all that stands before the signature
};
std::optional<Parts> split(std::string_view token) {
  if (token.size() > kLongest || !token.starts_with(kPermitPrefix)) return std::nullopt;
  const std::size_t key_end = token.find('.', kPermitPrefix.size());
  const std::size_t payload_end = key_end == token.npos ? token.npos : token.find('.', key_end + 1);
  if (payload_end == token.npos) return std::nullopt;
  return Parts{token.substr(kPermitPrefix.size(), key_end - kPermitPrefix.size()),
               token.substr(key_end + 1, payload_end - key_end - 1), token.substr(payload_end + 1),
               token.substr(0, payload_end)};
}

}  // namespace

Permit permit_for(const gate::Verdict& verdict, std::span<const std::uint8_t, 16> id,
                  std::chrono::system_clock::time_point now, std::chrono::milliseconds lifetime) {
  return {.id = to_hex(id),
          .unit = verdict.unit,
          .label = verdict.label,
          .stage = std::string(profiles::stage_name(*verdict.stage)),
          .table = verdict.source->sha256,
          .profile = *verdict.profile,
          .station = verdict.station.id,
          .station_seq = *verdict.station_seq,
          .record_hash = verdict.record_hash,
          .issued = gate::utc_text(now),
          .expires = gate::utc_text(now + lifetime)};
}

std::string sign(const Permit& permit, const SecretKey& key) {
  std::string token(kPermitPrefix);
  token += key.public_key().id + "." + to_base64(bytes_of(json::serialize(to_json(permit))));
  return token + "." + to_base64(key.sign(token));
}

tl::expected<Permit, Finding> open_token(std::string_view token, const std::vector<PublicKey>& keys) {
  const auto damaged = [] { return tl::unexpected(refuse(Say::kPermitDamaged)); };
  const auto parts = split(gate::trimmed(token));
  if (!parts) return damaged();
  const auto key = std::ranges::find(keys, parts->key, &PublicKey::id);
  if (key == keys.end()) return tl::unexpected(refuse(Say::kPermitKey, std::string(parts->key)));
  std::vector<std::uint8_t> bytes;
  Signature signature{};
  if (!from_base64(parts->signature, bytes) || bytes.size() != signature.size()) return damaged();
  std::ranges::copy(bytes, signature.begin());
  if (!is_signed_by(*key, parts->signed_text, signature)) {
    return tl::unexpected(refuse(Say::kPermitForged, std::string(parts->key)));
  }
  if (!from_base64(parts->payload, bytes)) return damaged();
  auto permit = from_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!permit) return damaged();
  permit->key = key->id;
  return *std::move(permit);
}

std::optional<Finding> examine(const Permit& permit, const Presented& presented,
                               std::chrono::system_clock::time_point now) {
  const auto issued = gate::parse_instant(permit.issued);
  const auto expires = gate::parse_instant(permit.expires);
  if (!issued || !expires) return refuse(Say::kPermitDamaged);
  if (permit.stage != presented.stage) return refuse(Say::kPermitStage, permit.stage, presented.stage);
  if (permit.table != presented.table) {
    return refuse(Say::kPermitTable, permit.table.substr(0, 16), presented.table.substr(0, 16));
  }
  if (!presented.label.empty() && gate::fold(permit.label) != gate::fold(presented.label)) {
    return refuse(Say::kPermitUnit, permit.label.empty() ? permit.unit : permit.label, presented.label);
  }
  if (presented.profile && *presented.profile != permit.profile.sha256) {
    return refuse(Say::kPermitProfile, permit.profile.name + " v" + std::to_string(permit.profile.version));
  }
  if (now >= *expires) return refuse(Say::kPermitExpired, permit.expires, gate::utc_text(now));
  if (now + kClocksApart < *issued) return refuse(Say::kPermitEarly, permit.issued, gate::utc_text(now));
  return std::nullopt;
}

}  // namespace dmigate::line
