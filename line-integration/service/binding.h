// What a token is to the service: one value that recognises it, another one that binds answers to questions
// (docs/service.md, "The protocol"). Neither is the token, and neither gives the other.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "smbios/sha256.h"

namespace dmigate::service {

inline constexpr std::string_view kTokenPrefix = "dmg_";

// "dmg_" and the base64url of 32 unpredictable bytes.
std::string make_token(std::span<const std::uint8_t, 32> random);
// Whether it may be one: nothing else is hashed.
bool has_token_form(std::string_view token);

Sha256 recognise(std::string_view token);  ///< what the service finds it by
Sha256 bind_key(std::string_view token);   ///< the key of binding()

bool is_nonce(std::string_view text);  ///< 64 lower-case hex digits

struct Exchange {
  std::string_view method, target, nonce;
  unsigned status = 0;
  std::string_view question, answer;  ///< the bodies
};
// What the header Dmigate-Binding says, hex.
std::string binding(const Sha256& key, const Exchange& exchange);

}  // namespace dmigate::service
