// The members of an evidence file beside its table (docs/evidence.schema.json). Inner to this room.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "gate/evidence/hardware.h"
#include "smbios/result.h"

namespace dmigate::gate {

void add_hardware(const Hardware& hardware, boost::json::object& evidence);

// Reads the member `key` of an evidence file into `hardware`; false when it is not one of these. Fails
// when it is not as the schema says; `name` stands for the path in messages.
Result<bool> read_hardware(std::string_view key, const boost::json::value& value, const std::string& name,
                           Hardware& hardware);

// The parser keeps the last of two members with one name. REQUIRES: text that it has parsed as value.
bool has_member_twice(std::string_view text, const boost::json::value& value);

}  // namespace dmigate::gate
