// What `dmigate show` makes of a table: each field of each structure, in text and in JSON.
#include <boost/json.hpp>
#include <string>

#include "cli/show_json.h"
#include "fuzz/exercise.h"
#include "fuzz/targets.h"

namespace dmigate::fuzz {

void decode(Buffer input) {
  const bool parsed = input.size() % 16 == 0;  // it takes longer than all else
  const smbios::Version version = take_version(input);
  const smbios::Table table(input, version);
  const smbios::Handles handles(table);
  decode(table, handles);
  std::string text;
  cli::StructuresJson().write(table, handles, {}, [&](std::string_view piece) { text += piece; });
  promise(text.starts_with('[') && text.ends_with(']'), "JSON is whole");
  if (!parsed) return;
  boost::system::error_code error;
  static_cast<void>(boost::json::parse(text, error));
  promise(!error, "JSON can be parsed");
}

}  // namespace dmigate::fuzz
