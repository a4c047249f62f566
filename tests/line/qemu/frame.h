// How a unit hands its evidence out over a serial line, so that what was cut or garbled on the way is never
// taken for evidence: what it is, its length, and a SHA-256 over both it and the content come first.
//
//   dmigate-frame evidence 5123 9f86d081884c7d65…
//   {"schema": "dmigate.evidence/1", …
//   dmigate-frame-end
#pragma once

#include <string>
#include <string_view>

#include "smbios/result.h"

namespace dmigate::plant {

struct Frame {
  std::string kind;     ///< "evidence", or "error": why there is none, in words. No blanks
  std::string content;  ///< any bytes
};

std::string framed(const Frame& frame);

// `text` is one frame and nothing else: all that came over the line. Fails for anything less, more or other.
Result<Frame> unframed(std::string_view text);

}  // namespace dmigate::plant
