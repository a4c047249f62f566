// What is kept of a unit beside its claims, so that it is found by it and a copy of its DMI is told from it.
// Inner to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/registry/ledger.h"

namespace dmigate::gate {

// What a unit is seen to have, by its value.
Seen trait(std::string keyword, const std::string& value, bool witness = false);
// Whether a field that nobody claims is kept all the same: a serial number or an asset tag.
bool is_identity(std::string_view keyword);

// Network cards, disks, serials that nobody claims, lot and work order; witnesses are marked.
std::vector<Seen> traits_of(const Visit& visit, const Verdict& verdict);

// Keys of all that a person might know a visit by.
std::vector<Sha256> mentioned_in(const Visit& visit);

// "02-FC-00-00-00-01", "02fc.0000.0001" and the like, as cards are kept; empty: it is no MAC address.
std::string as_mac(std::string_view typed);

// The key of a value that is typed, or stands in a file, for a field, an identifier or a label: as the judge
// makes it of a table. None: it is no value of that field.
std::optional<std::string> key_of(std::string_view keyword, std::string_view value);

// The keys under which a text that somebody typed may be kept: folded, and as a UUID in either rendering.
std::vector<Sha256> keys_of(const std::string& typed);

// The one unit that a person names: by its id, its label or any value that it holds or held. Fails where
// there is none, or several.
Result<Holder> one_unit(Ledger& ledger, const std::string& who);

}  // namespace dmigate::gate
