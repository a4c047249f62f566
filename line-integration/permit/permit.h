// Permits: where the burner or the imager is not started by dmigate, a PASS can be carried to it.
//
//   const std::string token = sign(permit, key);             // at the station that judged
//   auto permit = open_token(token, keys);                    // where it is to open something
//   auto refused = examine(*permit, presented, now);
//   … the registry records that it was used: once, by its own clock …
//
// A token is one line of text: dmigate-permit.1.KEY.PAYLOAD.SIGNATURE, the payload JSON, both in base64. It
// is bound to the unit, the table as it was judged, the stage, the profile and the record of the PASS, and it
// expires.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/judge/verdict.h"
#include "line-integration/permit/key.h"

namespace dmigate::line {

struct Permit {
  std::string id;           ///< 32 hex digits, unpredictable: what is used once
  std::string unit, label;  ///< the registry's id; the label may be empty
  std::string stage;        ///< "pre-image"
  std::string table;        ///< SHA-256 of the raw table, hex
  gate::ProfileReport profile;
  std::string station;  ///< of the record of the PASS
  std::uint64_t station_seq = 0;
  std::string record_hash;
  std::string issued, expires;  ///< UTC, as gate::utc_text() writes it
  std::string key;              ///< id of the key that signed it; set by open_token()
};

inline constexpr std::string_view kPermitPrefix = "dmigate-permit.1.";

// The permit for a verdict; `id`: 16 unpredictable bytes. REQUIRES: a PASS that is recorded, of a known unit.
Permit permit_for(const gate::Verdict& verdict, std::span<const std::uint8_t, 16> id,
                  std::chrono::system_clock::time_point now, std::chrono::milliseconds lifetime);

std::string sign(const Permit& permit, const SecretKey& key);

// The permit of a token that one of the keys has signed; a finding (permit.*) that refuses it otherwise.
// Nothing of it is looked at before its signature is right.
tl::expected<Permit, gate::Finding> open_token(std::string_view token, const std::vector<PublicKey>& keys);

// What is there where the permit is to open something.
struct Presented {
  std::string table;                   ///< SHA-256 of the unit's raw table, hex
  std::string stage;                   ///< what is to be opened
  std::string label;                   ///< as scanned; empty: not asked for
  std::optional<std::string> profile;  ///< SHA-256 of the profile, hex; none: not asked for
};
// Why it does not open it; none when only the registry is left to ask.
std::optional<gate::Finding> examine(const Permit& permit, const Presented& presented,
                                     std::chrono::system_clock::time_point now);

}  // namespace dmigate::line
