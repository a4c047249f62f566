// A permit opens what it was issued for, to the unit it was issued for, while it is fresh; and nothing else.
#include "line-integration/permit/permit.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/temporary_folder.h"

namespace dmigate::line {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using gate::Say;

const auto kNow =
    std::chrono::system_clock::time_point(std::chrono::sys_days(std::chrono::year(2026) / 11 / 20));

KeyBytes seed(std::uint8_t fill) {
  KeyBytes bytes{};
  bytes.fill(fill);
  return bytes;
}

gate::Verdict passed() {
  gate::Verdict verdict;
  verdict.outcome = gate::Outcome::kPass;
  verdict.recorded = true;
  verdict.stage = gate::Stage::kPreImage;
  verdict.unit = "u-01";
  verdict.label = "CX2600501";
  verdict.profile = gate::ProfileReport{"cx-e500", 3, std::string(64, 'c')};
  verdict.source = gate::SourceReport{
      .form = "sysfs", .path = {}, .sha256 = std::string(64, 'a'), .smbios = "3.2", .boot_id = {}};
  verdict.station.id = "L3-S07";
  verdict.station_seq = 812;
  verdict.record_hash = std::string(64, 'd');
  return verdict;
}

Permit permit_of(const gate::Verdict& verdict) {
  const std::array<std::uint8_t, 16> id = {1, 2, 3};
  return permit_for(verdict, id, kNow, 10min);
}

std::string token_of(const SecretKey& key) { return sign(permit_of(passed()), key); }

Presented presented() {
  return {.table = std::string(64, 'a'), .stage = "pre-image", .label = {}, .profile = {}};
}

// What refuses the token; kCount: nothing.
Say refusal(std::string_view token, const std::vector<PublicKey>& keys) {
  const auto permit = open_token(token, keys);
  return permit ? Say::kCount : permit.error().say;
}
Say refusal(const Presented& there, std::chrono::system_clock::time_point now = kNow + 1min) {
  const auto refused = examine(permit_of(passed()), there, now);
  return refused ? refused->say : Say::kCount;
}

std::string said(const Error& error) {
  CHECK(error.kind == ErrorKind::kConfiguration);
  return error.to_string();
}

struct Keys {
  TemporaryFolder folder;
  std::string file = folder / "station.key";
  PublicKey open;

  Keys() {
    const auto made = make_key(file, seed(7));
    REQUIRE_MESSAGE(made, made.error().to_string());
    open = *made;
  }
};

}  // namespace

TEST_CASE("a permit comes out of its token as it went in") {
  const SecretKey key(seed(1));
  const auto permit = open_token(token_of(key), {key.public_key()});
  REQUIRE(permit);
  CHECK(permit->id == "01020300000000000000000000000000");
  CHECK(permit->unit == "u-01");
  CHECK(permit->label == "CX2600501");
  CHECK(permit->stage == "pre-image");
  CHECK(permit->table == std::string(64, 'a'));
  CHECK(permit->profile.name == "cx-e500");
  CHECK(permit->profile.version == 3);
  CHECK(permit->profile.sha256 == std::string(64, 'c'));
  CHECK(permit->station == "L3-S07");
  CHECK(permit->station_seq == 812);
  CHECK(permit->record_hash == std::string(64, 'd'));
  CHECK(permit->issued == "2026-11-20T00:00:00.000Z");
  CHECK(permit->expires == "2026-11-20T00:10:00.000Z");
  CHECK(permit->key == key.public_key().id);
  CHECK(token_of(key).find_first_of(" \t\r\n/+=\"'") == std::string::npos);  // a word for any shell
  CHECK(refusal(token_of(key) + "\r\n", {key.public_key()}) == Say::kCount);
}

TEST_CASE("a token of which one character is changed, lost or added is no permit") {
  const SecretKey key(seed(1));
  const std::vector<PublicKey> keys = {key.public_key()};
  const std::string token = token_of(key);
  for (std::size_t at = 0; at < token.size(); ++at) {
    CAPTURE(at);
    std::string other = token;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    CHECK(refusal(other, keys) != Say::kCount);
    CHECK(refusal(token.substr(0, at), keys) != Say::kCount);
    CHECK(refusal(token.substr(0, at) + token.substr(at + 1), keys) != Say::kCount);
    CHECK(refusal(token.substr(0, at) + "." + token.substr(at), keys) != Say::kCount);
  }
  CHECK(refusal(token + "A", keys) != Say::kCount);
  CHECK(refusal(token + token, keys) != Say::kCount);
  CHECK(refusal("", keys) == Say::kPermitDamaged);
  CHECK(refusal(std::string(1 << 20, '.'), keys) == Say::kPermitDamaged);
  CHECK(refusal(kPermitPrefix, keys) == Say::kPermitDamaged);
}

TEST_CASE("a permit that another key signed is refused, whatever key it names") {
  const SecretKey ours(seed(1)), theirs(seed(2));
  CHECK(refusal(token_of(theirs), {ours.public_key()}) == Say::kPermitKey);
  std::string forged = token_of(theirs);
  forged.replace(forged.find(theirs.public_key().id), 16, ours.public_key().id);
  CHECK(refusal(forged, {ours.public_key(), theirs.public_key()}) == Say::kPermitForged);
  // A permit of another payload under a good signature.
  const std::string good = token_of(ours);
  Permit other = permit_of(passed());
  other.stage = "ship";
  const std::string ship = sign(other, ours);
  const std::string mixed = ship.substr(0, ship.rfind('.')) + good.substr(good.rfind('.'));
  CHECK(refusal(mixed, {ours.public_key()}) == Say::kPermitForged);
}

TEST_CASE("keys are exchanged: the old and the new are taken, until the old one goes") {
  const SecretKey old_key(seed(1)), new_key(seed(2));
  const std::vector<PublicKey> both = {old_key.public_key(), new_key.public_key()};
  CHECK(refusal(token_of(old_key), both) == Say::kCount);
  CHECK(refusal(token_of(new_key), both) == Say::kCount);
  CHECK(refusal(token_of(old_key), {new_key.public_key()}) == Say::kPermitKey);
}

TEST_CASE("a permit is good for this table, stage, unit and profile, and for its time") {
  CHECK(refusal(presented()) == Say::kCount);
  Presented other = presented();
  other.table[63] = 'b';
  CHECK(refusal(other) == Say::kPermitTable);
  other = presented();
  other.stage = "ship";
  CHECK(refusal(other) == Say::kPermitStage);
  other = presented();
  other.label = " cx2600501 ";
  CHECK(refusal(other) == Say::kCount);
  other.label = "CX2600502";
  CHECK(refusal(other) == Say::kPermitUnit);
  other = presented();
  other.profile = std::string(64, 'c');
  CHECK(refusal(other) == Say::kCount);
  other.profile = std::string(64, 'e');
  CHECK(refusal(other) == Say::kPermitProfile);
  CHECK(refusal(presented(), kNow + 10min - 1ms) == Say::kCount);
  CHECK(refusal(presented(), kNow + 10min) == Say::kPermitExpired);
  CHECK(refusal(presented(), kNow - 59s) == Say::kCount);
  CHECK(refusal(presented(), kNow - 61s) == Say::kPermitEarly);
  Permit odd = permit_of(passed());
  odd.expires = "for ever";
  CHECK(examine(odd, presented(), kNow)->say == Say::kPermitDamaged);
}

TEST_CASE("a key is made once, for its owner alone") {
  const Keys keys;
  struct stat status = {};
  REQUIRE(::stat(keys.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(::stat((keys.file + ".pub").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0644);
  CHECK(read_file(keys.file + ".pub").find("secret") == std::string::npos);
  const std::string before = read_file(keys.file);
  CHECK(said(make_key(keys.file, seed(8)).error()) ==
        keys.file + ": the key cannot be made (File exists); choose another place, or free this one");
  CHECK(read_file(keys.file) == before);
  fs::remove(keys.file);
  CHECK_FALSE(make_key(keys.file, seed(8)));  // its public half is another's
  CHECK_FALSE(fs::exists(keys.file));
}

TEST_CASE("a secret key that others can read, or that is damaged, signs nothing") {
  const Keys keys;
  const auto loaded = load_secret_key(keys.file);
  REQUIRE(loaded);
  CHECK(loaded->public_key().id == keys.open.id);
  for (const fs::perms loose : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    fs::permissions(keys.file, fs::perms::owner_read | loose);
    CHECK(said(load_secret_key(keys.file).error()) ==
          keys.file +
              ": the key may be read by others than its owner; chmod 600, and make another one if others "
              "may have read it");
  }
  fs::permissions(keys.file, fs::perms::owner_read | fs::perms::owner_write);
  const std::string good = read_file(keys.file);
  const auto secret = good.find("secret: ") + 8;
  std::string other = good;
  other[secret] = other[secret] == 'A' ? 'B' : 'A';
  write_file(keys.file, other);
  CHECK(said(load_secret_key(keys.file).error()).find("the key is not the one that its id names") !=
        std::string::npos);
  for (const std::size_t cut : {good.size() - 3, secret + 10, std::size_t{20}, std::size_t{0}}) {
    write_file(keys.file, good.substr(0, cut));
    CHECK_FALSE(load_secret_key(keys.file));
  }
  CHECK_FALSE(load_secret_key(keys.file + ".pub"));
  CHECK_FALSE(load_secret_key(keys.folder / "no.key"));
}

TEST_CASE("a public key that others can change is no key, nor a folder of them") {
  const Keys keys;
  const auto loaded = load_public_keys(keys.folder.path());
  REQUIRE_MESSAGE(loaded, loaded.error().to_string());
  REQUIRE(loaded->size() == 1);
  CHECK(loaded->front().id == keys.open.id);
  CHECK(loaded->front().bytes == keys.open.bytes);
  REQUIRE(make_key(keys.folder / "other.key", seed(9)));
  CHECK(load_public_keys(keys.folder.path())->size() == 2);

  const std::string file = keys.file + ".pub";
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  CHECK(said(load_public_keys(keys.folder.path()).error()) ==
        file +
            ": others than its owner may change it; chmod go-w: who can put a key there can open stations");
  fs::permissions(file, fs::perms::others_write, fs::perm_options::remove);
  fs::permissions(keys.folder.path(), fs::perms::group_write, fs::perm_options::add);
  CHECK_FALSE(load_public_keys(keys.folder.path()));
  fs::permissions(keys.folder.path(), fs::perms::group_write, fs::perm_options::remove);
  write_file(file, read_file(keys.folder / "other.key.pub") + "more: 1\n");
  CHECK_FALSE(load_public_keys(keys.folder.path()));
  const TemporaryFolder empty;
  CHECK(said(load_public_keys(empty.path()).error()) ==
        empty.path() + ": there is no public key in this folder; put the station's KEY.pub there");
  CHECK_FALSE(load_public_keys(empty / "nowhere"));
}

}  // namespace dmigate::line
