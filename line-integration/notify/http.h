// One HTTP request: the only file that knows Boost.Beast, which is slow to compile.
#pragma once

#include <chrono>
#include <string>

#include "line-integration/notify/target.h"

namespace dmigate::line {

// Posts the file's content as application/json. Fails when it is not answered with 2xx within `patience`.
Result<void> post(const Target& target, const std::string& file, std::chrono::milliseconds patience);

}  // namespace dmigate::line
