// profile explain: what each field is, from the table of fields and the burn tools that ship.
#pragma once

#include <string>

#include "gate/judge/messages.h"
#include "smbios/result.h"

namespace dmigate::cli {

// `asked`: a keyword, which is explained; the number of a type, whose fields are listed; or nothing, for
// the list of all. Fails (configuration) for another word, with the keyword that is nearest.
Result<std::string> explain_text(const std::string& asked, gate::Language language);
// The same fields, each in full, in English: {"schema": "dmigate.fields/1", "fields": [...]}.
Result<std::string> explain_json(const std::string& asked);

// docs/fields.md: all fields of all types, with their values.
Result<std::string> field_reference();

}  // namespace dmigate::cli
