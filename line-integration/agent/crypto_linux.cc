#include <sodium/crypto_auth_hmacsha256.h>
#include <sys/random.h>

#include "line-integration/agent/crypto.h"

namespace dmigate::agent {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Sha256 hmac_sha256(std::string_view key, std::string_view message) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(message), message.size());
  Sha256 hash{};
  crypto_auth_hmacsha256_final(&state, hash.data());
  return hash;
}

// Waits until the kernel has gathered enough after boot; up to 256 bytes come whole (getrandom(2)).
std::optional<Random32> random_bytes() {
  Random32 bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return std::nullopt;
  return bytes;
}

}  // namespace dmigate::agent
