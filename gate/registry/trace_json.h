// What is known of a unit, as JSON (schema dmigate.trace/1).
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "gate/registry/registry.h"

namespace dmigate::gate {

// With the raw tables of a single unit, so that they can be decoded again: structures as hex.
Result<boost::json::object> trace_json(Registry& registry, const Trace& trace, const std::string& value);

// The journal's bodies were written by us, and their hashes hold: none that cannot be read is among them.
std::vector<boost::json::object> parsed_records(const std::vector<std::string>& bodies);

// SHA-256 of every raw table that the records speak of, the newest first.
std::vector<std::string> tables_of(const std::vector<boost::json::object>& records);

}  // namespace dmigate::gate
