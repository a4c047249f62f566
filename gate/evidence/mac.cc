// Apart from inventories, which need an XML parser: the agent reads cards, and no inventory.
#include "gate/evidence/inventory.h"

namespace dmigate::gate {

std::optional<std::string> mac_text(std::string_view text) {
  const bool parted = text.size() == 17;
  if (!parted && text.size() != 12) return std::nullopt;
  const char between = parted ? text[2] : '\0';
  if (parted && between != ':' && between != '-') return std::nullopt;
  std::string mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::size_t at = i * (parted ? 3 : 2);
    if (parted && i > 0 && text[at - 1] != between) return std::nullopt;
    if (i > 0) mac += ':';
    for (char c : text.substr(at, 2)) {
      if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return std::nullopt;
      mac += c;
    }
  }
  return mac;
}

}  // namespace dmigate::gate
