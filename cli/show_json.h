// A table as JSON, given away piece by piece: it is some thirty times the table.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "smbios/describe.h"

namespace dmigate::cli {

using Sink = std::function<void(std::string_view)>;  ///< gets a text from its beginning to its end

class StructuresJson {
 public:
  StructuresJson();
  StructuresJson(const StructuresJson&) = delete;
  StructuresJson& operator=(const StructuresJson&) = delete;
  ~StructuresJson();
  // Every structure of the table, or of the given types only, as an array: header, each field with keyword,
  // offset, state, value and raw bytes, strings. A piece is some kilobytes and what the last structure in it
  // has: small memory, and it is still in the cache when `to` reads it.
  void write(const smbios::Table& table, const smbios::Handles& handles, const std::vector<unsigned>& types,
             const Sink& to);

  class Output;

 private:
  std::unique_ptr<Output> output_;  ///< its memory is used again
};

}  // namespace dmigate::cli
