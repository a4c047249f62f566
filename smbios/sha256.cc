#include "smbios/sha256.h"

#ifdef _WIN32
#include <windows.h>
// windows.h comes first
#include <bcrypt.h>

#include <cstdlib>
#else
// The plain functions, which stand for themselves: EVP's would load all of OpenSSL to find them.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#endif

namespace dmigate {

#ifdef _WIN32

// CNG: there is no MinGW build of libsodium in Debian. A digest cannot be wrong, so a system that has no
// SHA-256 ends the program.
struct Sha256Stream::State {
  BCRYPT_ALG_HANDLE algorithm = nullptr;
  BCRYPT_HASH_HANDLE hash = nullptr;
  ~State() {
    if (hash != nullptr) ::BCryptDestroyHash(hash);
    if (algorithm != nullptr) ::BCryptCloseAlgorithmProvider(algorithm, 0);
  }
};

namespace {

void require(NTSTATUS status) {
  if (status != 0) std::abort();
}

}  // namespace

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  require(::BCryptOpenAlgorithmProvider(&state_->algorithm, BCRYPT_SHA256_ALGORITHM, nullptr, 0));
  require(::BCryptCreateHash(state_->algorithm, &state_->hash, nullptr, 0, nullptr, 0, 0));
}

void Sha256Stream::add(std::string_view bytes) {
  auto* const first = reinterpret_cast<UCHAR*>(const_cast<char*>(bytes.data()));
  require(::BCryptHashData(state_->hash, first, static_cast<ULONG>(bytes.size()), 0));
}

Sha256 Sha256Stream::finish() {
  Sha256 digest;
  require(::BCryptFinishHash(state_->hash, digest.data(), static_cast<ULONG>(digest.size()), 0));
  return digest;
}

Sha256 sha256(std::span<const std::uint8_t> bytes) {
  return sha256(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

Sha256 sha256(std::string_view text) {
  Sha256Stream stream;
  stream.add(text);
  return stream.finish();
}

#else

Sha256 sha256(std::span<const std::uint8_t> bytes) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  Sha256 digest;
  SHA256_Final(digest.data(), &context);
  return digest;
}

Sha256 sha256(std::string_view text) {
  return sha256(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

struct Sha256Stream::State {
  SHA256_CTX context;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }

void Sha256Stream::add(std::string_view bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

Sha256 Sha256Stream::finish() {
  Sha256 digest;
  SHA256_Final(digest.data(), &state_->context);
  return digest;
}

#endif

Sha256Stream::~Sha256Stream() = default;

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = kDigits[bytes[i] >> 4];
    text[2 * i + 1] = kDigits[bytes[i] & 0x0F];
  }
  return text;
}

}  // namespace dmigate
