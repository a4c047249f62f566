// Where dmigate itself stands, for what runs it again as another process.
#pragma once

#include <string>

namespace dmigate::line {

// The program of this process; of the service, which is one of its own (dmigate-serve), the dmigate beside
// it: also where both were replaced by newer ones since.
std::string own_program();

}  // namespace dmigate::line
