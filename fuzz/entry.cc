// libFuzzer's way into the target that FUZZ_TARGET names (CMakeLists.txt).
#include "fuzz/targets.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dmigate::fuzz::FUZZ_TARGET({data, data + size});
  return 0;
}
