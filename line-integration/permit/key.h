// Keys that sign permits (Ed25519, libsodium): a secret one at the station that issues them, and its public
// one in a folder at every place that opens by them. Keys are exchanged by their id: the new public key is
// put beside the old one everywhere, the station takes the new secret key, the old public key goes when the
// last permit that it signed has expired.
//
// Both are small YAML files:
//
//   permit_key: 1                    permit_public_key: 1
//   id: 5f0c…                        id: 5f0c…
//   secret: (base64, 32 bytes)       public: (base64, 32 bytes)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/result.h"

namespace dmigate::line {

using KeyBytes = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

struct PublicKey {
  std::string id;  ///< 16 hex digits: the beginning of the SHA-256 of `bytes`
  KeyBytes bytes{};
};

// Forgets its bytes when it goes.
class SecretKey {
 public:
  explicit SecretKey(const KeyBytes& seed);
  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  SecretKey& operator=(SecretKey&&) = delete;
  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  [[nodiscard]] Signature sign(std::string_view text) const;

 private:
  std::array<std::uint8_t, 64> bytes_{};
  PublicKey public_;
};

bool is_signed_by(const PublicKey& key, std::string_view text, const Signature& signature);

// Makes a key of 32 unpredictable bytes: FILE, which only its owner may read, and FILE.pub. Neither may be
// there yet. Returns the public one.
Result<PublicKey> make_key(const std::string& file, const KeyBytes& seed);

// Fail (kConfiguration): a secret key that others than its owner may read, a public key or its folder that
// others may write, a file that does not hold, a folder without a key.
Result<SecretKey> load_secret_key(const std::string& file);
Result<std::vector<PublicKey>> load_public_keys(const std::string& folder);  ///< its *.pub

// Without padding, in the alphabet that goes into file names and addresses; none when it is not of that form.
std::string to_base64(std::span<const std::uint8_t> bytes);
bool from_base64(std::string_view text, std::vector<std::uint8_t>& bytes);

}  // namespace dmigate::line
