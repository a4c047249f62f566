// A table as JSON, appended piece by piece: a table has hundreds of fields, and an audit a hundred
// thousand tables.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "smbios/describe.h"

namespace dmigate::cli {

class StructuresJson {
 public:
  StructuresJson();
  StructuresJson(const StructuresJson&) = delete;
  StructuresJson& operator=(const StructuresJson&) = delete;
  ~StructuresJson();
  // Every structure of the table, or of the given types only, as an array: header, each field with keyword,
  // offset, state, value and raw bytes, strings. Valid until the next call, which reuses the memory.
  std::string_view of(const smbios::Table& table, const smbios::Handles& handles,
                      const std::vector<unsigned>& types);

  class Output;

 private:
  std::unique_ptr<Output> output_;
};

}  // namespace dmigate::cli
