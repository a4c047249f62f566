#include "gate/audit/siblings.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace dmigate::gate::audit {
namespace {

using smbios::Bytes;
using smbios::Form;

constexpr auto kIsAlnum = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  return table;
}();

bool is_alnum(std::uint8_t byte) { return kIsAlnum[byte]; }

// One that is there, and no part of what could be taken for an entry point (_SM_, _SM3_, _DMI_).
bool is_plain_uuid(Bytes raw) {
  if (std::ranges::all_of(raw, [&](std::uint8_t byte) { return byte == raw.front(); })) return false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '_' && (i + 1 == raw.size() || raw[i + 1] == 'S' || raw[i + 1] == 'D')) return false;
  }
  return true;
}

// The date of Type 0 is looked at letter by letter; nothing else but the characters' kinds is, in a string.
bool is_own_text(const smbios::Field& field) {
  return field.type != 0 && field.kind == smbios::Kind::kString &&
         (field.keyword.ends_with("serial-number") || field.keyword.ends_with("asset-tag"));
}

class SharedFinding {
 public:
  explicit SharedFinding(Bytes file) : file_(file) {}

  void look_at(const smbios::Structure& structure, smbios::Version version) {
    for (const smbios::Field& field : smbios::fields_of(structure.type())) {
      const bool uuid = field.kind == smbios::Kind::kUuid && field.type == 1;
      if (!uuid && !is_own_text(field)) continue;
      const Bytes raw = smbios::read(structure, field, version).raw;
      if (raw.empty()) continue;
      const auto offset = static_cast<std::size_t>(raw.data() - file_.data());
      if (!uuid) {
        add_text(offset, raw.size());
      } else if (is_plain_uuid(raw)) {
        own_.push_back({offset, raw.size(), true});
      }
    }
  }

  std::optional<std::vector<OwnBytes>> take() {
    std::ranges::sort(own_, {}, &OwnBytes::offset);
    const auto same = [](const OwnBytes& left, const OwnBytes& right) {
      return left.offset == right.offset && left.size == right.size;
    };
    own_.erase(std::unique(own_.begin(), own_.end(), same), own_.end());
    for (std::size_t i = 1; i < own_.size(); ++i) {
      if (own_[i - 1].offset + own_[i - 1].size > own_[i].offset) return std::nullopt;
    }
    return std::move(own_);
  }

 private:
  // Each run of letters and digits; what stands between them is the same in all.
  void add_text(std::size_t offset, std::size_t size) {
    for (std::size_t at = offset; at < offset + size; ++at) {
      if (!is_alnum(file_[at])) continue;
      const std::size_t begin = at;
      while (at < offset + size && is_alnum(file_[at])) ++at;
      own_.push_back({begin, at - begin, false});
    }
  }

  Bytes file_;
  std::vector<OwnBytes> own_;
};

}  // namespace

bool Sibling::is_of(Bytes other) const {
  if (other.size() != file.size()) return false;
  std::size_t at = 0;
  for (const OwnBytes& each : own) {
    if (std::memcmp(file.data() + at, other.data() + at, each.offset - at) != 0) return false;
    const Bytes theirs = other.subspan(each.offset, each.size);
    if (each.uuid ? !is_plain_uuid(theirs) : !std::ranges::all_of(theirs, is_alnum)) return false;
    at = each.offset + each.size;
  }
  return std::memcmp(file.data() + at, other.data() + at, file.size() - at) == 0;
}

bool Sibling::has_own(Bytes raw) const {
  if (raw.empty()) return false;
  const auto begin = static_cast<std::size_t>(raw.data() - file.data());
  return std::ranges::any_of(own, [&](const OwnBytes& each) {
    return each.offset < begin + raw.size() && begin < each.offset + each.size;
  });
}

std::optional<std::vector<OwnBytes>> own_bytes(const smbios::Source& source) {
  const smbios::Layout& layout = source.layout();
  const Bytes file = source.bytes();
  const bool plain = layout.form == Form::kDump || layout.form == Form::kRsmb || layout.form == Form::kBare;
  if (!plain || layout.table.data() < file.data() ||
      layout.table.data() + layout.table.size() > file.data() + file.size()) {
    return std::nullopt;
  }
  SharedFinding finding(file);
  for (const smbios::Structure structure : source.table()) finding.look_at(structure, layout.version);
  return finding.take();
}

}  // namespace dmigate::gate::audit
