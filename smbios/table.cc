#include "smbios/smbios.h"

namespace dmigate::smbios {

namespace {

constexpr std::uint8_t kBaseboard = 2;
constexpr int kMotherboard = 2;

}  // namespace

Handle Structure::handle() const {
  return static_cast<Handle>(ByteView(formatted_).number(2, 2).value_or(0));
}

std::size_t Structure::string_count() const {
  std::size_t count = 0;
  for ([[maybe_unused]] const std::string_view string : Strings(strings_)) ++count;
  return count;
}

std::optional<std::string_view> Structure::string(unsigned number) const {
  if (number == 0) return std::nullopt;
  for (const std::string_view string : Strings(strings_)) {
    if (--number == 0) return string;
  }
  return std::nullopt;
}

int precedence(const Structure& structure) {
  if (structure.type() != kBaseboard) return 0;
  const ByteView formatted(structure.formatted());
  if (formatted.byte(0x0D) == 0x0A) return kMotherboard;
  return formatted.byte(0x09).value_or(0) & 1;
}

int highest_precedence(std::uint8_t type) { return type == kBaseboard ? kMotherboard : 0; }

Table::Iterator::Iterator(Bytes bytes, Bytes known, std::size_t at) : bytes_(bytes), known_(known), at_(at) {
  settle();
}

Structure Table::Iterator::operator*() const {
  const ByteView structure = ByteView(bytes_).from(at_).first(next_ - at_ - 2);
  const Bytes known = ByteView(known_).from(at_).first(length_).bytes();
  return {structure.first(length_).bytes(), structure.from(length_).bytes(), at_, known};
}

Table::Iterator& Table::Iterator::operator++() {
  at_ = ByteView(bytes_).byte(at_) == kEndOfTableType ? bytes_.size() : next_;
  settle();
  return *this;
}

void Table::Iterator::settle() {
  const ByteView view(bytes_);
  length_ = view.byte(at_ + 1).value_or(0);
  if (length_ >= kHeaderBytes) {
    if (const auto nuls = view.find_two_nuls(at_ + length_)) {
      next_ = *nuls + 2;
      return;
    }
  }
  at_ = bytes_.size();
}

std::size_t Table::count(std::uint8_t type) const {
  std::size_t count = 0;
  for (const Structure structure : *this) count += structure.type() == type ? 1 : 0;
  return count;
}

std::optional<Structure> Table::first(std::uint8_t type) const {
  for (const Structure structure : *this) {
    if (structure.type() == type) return structure;
  }
  return std::nullopt;
}

std::optional<Structure> Table::by_handle(Handle handle) const {
  for (const Structure structure : *this) {
    if (structure.handle() == handle) return structure;
  }
  return std::nullopt;
}

std::optional<Structure> Table::chosen(std::uint8_t type) const {
  std::optional<Structure> best;
  for (const Structure structure : *this) {
    if (structure.type() != type) continue;
    if (!best || precedence(structure) > precedence(*best)) best = structure;
    if (precedence(*best) == highest_precedence(type)) break;
  }
  return best;
}

void Table::choose(ChosenByType& types) const {
  std::size_t sought = types.size();
  for (auto it = begin(); it != end() && sought > 0; ++it) {
    const Structure structure = *it;
    const auto place = types.find(structure.type());
    if (place == types.end()) continue;
    auto& best = place->second;
    const int highest = highest_precedence(structure.type());
    if (best && precedence(*best) == highest) continue;
    if (!best || precedence(structure) > precedence(*best)) best = structure;
    if (precedence(*best) == highest) --sought;
  }
}

}  // namespace dmigate::smbios
