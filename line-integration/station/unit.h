// What a request says of the unit, read: its table, the evidence that goes with it, what was told of it.
#pragma once

#include "line-integration/station/session.h"

namespace dmigate::line {

Result<gate::Evidence> read_unit(const Request& request, std::chrono::system_clock::time_point now);

}  // namespace dmigate::line
