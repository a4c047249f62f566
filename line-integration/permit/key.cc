#include "line-integration/permit/key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "profiles/yaml.h"
#include "smbios/sha256.h"

namespace dmigate::line {
namespace {

namespace fs = std::filesystem;

constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr const char* kMakeAgain = "copy it again from where it was made, or make another with permit keygen";

std::string system_text() { return std::generic_category().message(errno); }

std::string id_of(const KeyBytes& key) {
  return to_hex(sha256(std::span<const std::uint8_t>(key))).substr(0, 16);
}

// A file that is made, or not there: its name is taken, and others never see it half written.
Result<void> write_key(const std::string& file, mode_t mode, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) {
    return refuse("the key cannot be made (" + system_text() + ")", file,
                  "choose another place, or free this one");
  }
  const bool written = ::fchmod(fd, mode) == 0 &&
                       ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const std::string why = system_text();
  ::close(fd);
  if (written) return {};
  ::unlink(file.c_str());
  return refuse("the key cannot be written (" + why + ")", file, "choose another place, or free this one");
}

struct KeyForm {
  const char* kind;   ///< the file's first key
  const char* bytes;  ///< under which the key stands
};
constexpr KeyForm kSecret = {"permit_key", "secret"};
constexpr KeyForm kPublic = {"permit_public_key", "public"};

std::string key_text(const KeyForm& form, const std::string& id, const KeyBytes& bytes) {
  return std::string(form.kind) + ": 1\nid: " + id + "\n" + form.bytes + ": " + to_base64(bytes) + "\n";
}

struct KeyFile {
  std::string id;
  KeyBytes bytes{};
};

Result<KeyFile> read_key(const std::string& file, const KeyForm& form) {
  const auto root = profiles::load_yaml(file);
  if (!root) return Failure(root.error());
  std::vector<profiles::Problem> problems;
  profiles::MappingReader map(*root, file, problems);
  const std::string version = map.required_text(form.kind);
  const std::string id = map.required_text("id");
  std::string text = map.required_text(form.bytes);
  map.finish();
  if (!problems.empty()) return Failure(profiles::to_error(problems));
  std::vector<std::uint8_t> bytes;
  KeyFile key{id, {}};
  const bool good = version == "1" && from_base64(text, bytes) && bytes.size() == key.bytes.size();
  if (good) std::ranges::copy(bytes, key.bytes.begin());
  sodium_memzero(bytes.data(), bytes.size());
  sodium_memzero(text.data(), text.size());
  if (!good) return refuse("the key is damaged", file, kMakeAgain);
  return key;
}

// What would let somebody else have, or exchange, a key.
Result<void> check_mode(const std::string& path, mode_t forbidden, const char* what, const char* cure) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    return refuse("cannot be read: " + system_text(), path, "check the path and who may read it");
  }
  if ((status.st_mode & forbidden) != 0) return refuse(what, path, cure);
  if (status.st_uid == 0 || status.st_uid == ::geteuid()) return {};
  return refuse("it belongs to another user", path,
                "have it belong to root, or to the user that dmigate runs as");
}

}  // namespace

SecretKey::SecretKey(const KeyBytes& seed) {
  crypto_sign_seed_keypair(public_.bytes.data(), bytes_.data(), seed.data());
  public_.id = id_of(public_.bytes);
}

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_), public_(other.public_) {
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

SecretKey::~SecretKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

Signature SecretKey::sign(std::string_view text) const {
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), bytes_.data());
  return signature;
}

bool is_signed_by(const PublicKey& key, std::string_view text, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size(), key.bytes.data()) == 0;
}

Result<PublicKey> make_key(const std::string& file, const KeyBytes& seed) {
  const SecretKey key(seed);
  const PublicKey& open = key.public_key();
  const std::string beside = file + ".pub";
  if (auto made = write_key(file, 0600, key_text(kSecret, open.id, seed)); !made)
    return Failure(made.error());
  if (auto made = write_key(beside, 0644, key_text(kPublic, open.id, open.bytes)); !made) {
    ::unlink(file.c_str());  // a key whose public one nobody has is none
    return Failure(made.error());
  }
  return open;
}

Result<SecretKey> load_secret_key(const std::string& file) {
  if (auto checked = check_mode(file, S_IRWXG | S_IRWXO, "the key may be read by others than its owner",
                                "chmod 600, and make another one if others may have read it");
      !checked) {
    return Failure(checked.error());
  }
  auto read = read_key(file, kSecret);
  if (!read) return Failure(read.error());
  SecretKey key(read->bytes);
  sodium_memzero(read->bytes.data(), read->bytes.size());
  if (key.public_key().id != read->id)
    return refuse("the key is not the one that its id names", file, kMakeAgain);
  return key;
}

Result<std::vector<PublicKey>> load_public_keys(const std::string& folder) {
  constexpr const char* kWhat = "others than its owner may change it";
  constexpr const char* kCure = "chmod go-w: who can put a key there can open stations";
  if (auto checked = check_mode(folder, S_IWGRP | S_IWOTH, kWhat, kCure); !checked)
    return Failure(checked.error());
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".pub") files.push_back(at->path().string());
  }
  if (error)
    return refuse("cannot be read: " + error.message(), folder, "check the path and who may read it");
  std::ranges::sort(files);
  std::vector<PublicKey> keys;
  for (const std::string& file : files) {
    if (auto checked = check_mode(file, S_IWGRP | S_IWOTH, kWhat, kCure); !checked)
      return Failure(checked.error());
    const auto read = read_key(file, kPublic);
    if (!read) return Failure(read.error());
    if (id_of(read->bytes) != read->id) {
      return refuse("the key is not the one that its id names", file, kMakeAgain);
    }
    keys.push_back({read->id, read->bytes});
  }
  if (keys.empty()) {
    return refuse("there is no public key in this folder", folder, "put the station's KEY.pub there");
  }
  return keys;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kBase64);
  text.pop_back();  // the NUL
  return text;
}

bool from_base64(std::string_view text, std::vector<std::uint8_t>& bytes) {
  bytes.resize(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed =
      sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, &end, kBase64);
  bytes.resize(failed == 0 ? size : 0);
  return failed == 0 && end == text.data() + text.size();
}

}  // namespace dmigate::line
