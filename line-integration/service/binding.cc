#include "line-integration/service/binding.h"

#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/utils.h>

#include <algorithm>
#include <array>

#include "smbios/byte_view.h"

namespace dmigate::service {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kTokenLength = kTokenPrefix.size() + 43;  // of 32 bytes

Sha256 hmac(std::span<const std::uint8_t> key, std::string_view message) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  const smbios::Bytes bytes = smbios::ByteView(message).bytes();
  crypto_auth_hmacsha256_update(&state, bytes.data(), bytes.size());
  Sha256 hash{};
  crypto_auth_hmacsha256_final(&state, hash.data());
  sodium_memzero(&state, sizeof state);
  return hash;
}

}  // namespace

std::string make_token(std::span<const std::uint8_t, 32> random) {
  std::string text(sodium_base64_encoded_len(random.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), kVariant);
  text.pop_back();  // its NUL
  return std::string(kTokenPrefix) + text;
}

bool has_token_form(std::string_view token) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return token.size() == kTokenLength && token.starts_with(kTokenPrefix) &&
         token.find_first_not_of(kDigits) == std::string_view::npos;
}

Sha256 recognise(std::string_view token) {
  return sha256("dmigate token recognise v1\n" + std::string(token));
}

Sha256 bind_key(std::string_view token) {
  return hmac(smbios::ByteView(token).bytes(), "dmigate token bind v1");
}

bool is_nonce(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string binding(const Sha256& key, const Exchange& exchange) {
  std::string message = "dmigate answer v1\n";
  message.append(exchange.method).append(" ").append(exchange.target).append("\n");
  message.append(exchange.nonce).append("\n").append(std::to_string(exchange.status)).append("\n");
  message.append(to_hex(sha256(exchange.question))).append("\n").append(to_hex(sha256(exchange.answer)));
  return to_hex(hmac(key, message));
}

}  // namespace dmigate::service
