// What `dmigate show` makes of a table: each field of each structure, in text and in JSON.
#include <boost/json.hpp>
#include <string>

#include "cli/show_json.h"
#include "fuzz/exercise.h"
#include "fuzz/targets.h"
#include "smbios/describe.h"

namespace dmigate::fuzz {
namespace {

void hold_strings(const smbios::Structure& structure) {
  const std::size_t count = structure.string_count();
  for (unsigned number = 1; number <= count; ++number) {
    promise(structure.string(number).has_value(), "a string that is counted is there");
  }
  promise(!structure.string(static_cast<unsigned>(count) + 1), "and none beyond");
}

void hold_fields(const smbios::Structure& structure, const smbios::Table& table) {
  for (const smbios::Field& field : smbios::fields_of(structure.type())) {
    const smbios::Reading reading = smbios::read(structure, field, table.version());
    promise(reading.field == &field, "a reading is of its field");
    promise(within(reading.raw, table.bytes()), "a field's bytes are in the table");
    const bool has_bytes = reading.state == smbios::State::kPresent || reading.state == smbios::State::kBlank;
    promise(has_bytes || reading.raw.empty(), "only what is there has bytes");
  }
}

}  // namespace

void decode(Buffer input) {
  const bool parsed = input.size() % 16 == 0;  // it takes longer than all else
  const smbios::Version version = take_version(input);
  const smbios::Table table(input, version);
  const smbios::Handles handles(table);
  for (const smbios::Structure structure : table) {
    hold_strings(structure);
    hold_fields(structure, table);
    for (const smbios::Line& line : smbios::describe(structure, version, &handles)) {
      promise(!line.label.empty(), "a line has a label");
    }
  }
  cli::StructuresJson json;
  const std::string_view text = json.of(table, handles, {});
  promise(text.starts_with('[') && text.ends_with(']'), "JSON is whole");
  if (!parsed) return;
  boost::system::error_code error;
  static_cast<void>(boost::json::parse(text, error));
  promise(!error, "JSON can be parsed");
}

}  // namespace dmigate::fuzz
