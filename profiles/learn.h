// profile learn: from golden units a draft of their model's profile.
//
// What the units have in common is asked for; what they do not is asked to be there. Whatever a person
// must decide carries `unconfirmed`, so that `profile lint` warns until it is decided. The draft loads,
// and every unit that it was learnt from passes it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "profiles/profile.h"

namespace dmigate::profiles {

struct Golden {
  std::string name;  ///< of its file, for messages
  const smbios::Source* source;
};

struct LearnOptions {
  std::string name;  ///< of the profile; empty: made of the product's name
  std::string extends = "windows-oem";
};

// YAML. Fails for a unit that no profile could pass: dmidecode's text, which does not tell everything; a
// table with a defect that blocks; no field with a good value. REQUIRES: at least one unit.
Result<std::string> learn(std::span<const Golden> units, const LearnOptions& options, const Catalog& catalog);

// The pattern that all of these have the form of; empty when they have none in common. Digits stay open
// ([0-9]{7}), the letters that a serial begins with do not; other letters do when three values or more
// agree on them. ASCII only.
std::string infer_pattern(const std::vector<std::string>& values);

// Any UTF-8 text as a YAML scalar that reads as that text: plain where nobody could take it for anything
// else, else in single quotes, else in double quotes with escapes.
std::string yaml_scalar(std::string_view text);

}  // namespace dmigate::profiles
