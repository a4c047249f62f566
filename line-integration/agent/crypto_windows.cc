#include <windows.h>
// windows.h comes first
#include <bcrypt.h>

#include <cstdlib>

#include "line-integration/agent/crypto.h"

namespace dmigate::agent {
namespace {

UCHAR* bytes_of(std::string_view text) { return reinterpret_cast<UCHAR*>(const_cast<char*>(text.data())); }

// A digest cannot be wrong: a system that has no SHA-256 ends the program.
void require(NTSTATUS status) {
  if (status != 0) std::abort();
}

}  // namespace

Sha256 hmac_sha256(std::string_view key, std::string_view message) {
  BCRYPT_ALG_HANDLE algorithm = nullptr;
  BCRYPT_HASH_HANDLE hash = nullptr;
  Sha256 digest;
  require(::BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, nullptr,
                                        BCRYPT_ALG_HANDLE_HMAC_FLAG));
  require(::BCryptCreateHash(algorithm, &hash, nullptr, 0, bytes_of(key), static_cast<ULONG>(key.size()), 0));
  require(::BCryptHashData(hash, bytes_of(message), static_cast<ULONG>(message.size()), 0));
  require(::BCryptFinishHash(hash, digest.data(), static_cast<ULONG>(digest.size()), 0));
  ::BCryptDestroyHash(hash);
  ::BCryptCloseAlgorithmProvider(algorithm, 0);
  return digest;
}

std::optional<Random32> random_bytes() {
  Random32 bytes{};
  if (::BCryptGenRandom(nullptr, bytes.data(), static_cast<ULONG>(bytes.size()),
                        BCRYPT_USE_SYSTEM_PREFERRED_RNG) != 0)
    return std::nullopt;
  return bytes;
}

}  // namespace dmigate::agent
