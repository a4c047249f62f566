// A file of these bytes, given to the reader: read, or refused.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "tests/smbios/table_builder.h"

namespace dmigate::smbios::test {

inline Source opened(const Buffer& bytes) {
  auto source = Source::from_bytes(bytes, "unit");
  REQUIRE_MESSAGE(source, (source ? std::string() : source.error().to_string()));
  return *std::move(source);
}

inline std::string refused(const Buffer& bytes) {
  const auto source = Source::from_bytes(bytes, "unit");
  REQUIRE_FALSE(source);
  CHECK(source.error().where == "unit");
  CHECK(source.error().advice != "");
  CHECK(source.error().kind == ErrorKind::kUnjudgeable);
  return source.error().what;
}

}  // namespace dmigate::smbios::test
