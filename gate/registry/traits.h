// What is kept of a unit beside its claims, so that it is found by it and a copy of its DMI is told from it.
// Inner to this room.
#pragma once

#include <vector>

#include "gate/registry/ledger.h"

namespace dmigate::gate {

// Network cards, disks, serials that nobody claims, lot and work order; witnesses are marked.
std::vector<Seen> traits_of(const Visit& visit, const Verdict& verdict);

// Keys of all that a person might know a visit by.
std::vector<Sha256> mentioned_in(const Visit& visit);

// "02-FC-00-00-00-01", "02fc.0000.0001" and the like, as cards are kept; empty: it is no MAC address.
std::string as_mac(std::string_view typed);

// The keys under which a text that somebody typed may be kept: folded, and as a UUID in either rendering.
std::vector<Sha256> keys_of(const std::string& typed);

// The one unit that a person names: by its id, its label or any value that it holds or held. Fails where
// there is none, or several.
Result<Holder> one_unit(Ledger& ledger, const std::string& who);

}  // namespace dmigate::gate
