// One target for each way into smbios/. What marks a form is set by its target, so that no execution is
// spent on finding it.
#pragma once

#include <cstdint>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::fuzz {

using Buffer = std::vector<std::uint8_t>;

smbios::Version take_version(Buffer& input);  ///< that the first byte stands for; it is taken away

void dump(Buffer input);        ///< without an anchor the first byte says which it gets; 3: none
void pair(Buffer input);        ///< 20h bytes of entry point, then the table
void rsmb(Buffer input);        ///< the announced length is right in three of four
void bare(Buffer input);        ///< as it is: any form that is found in it
void image(Buffer input);       ///< the first byte says where the entry point stands, the second which it is
void compressed(Buffer input);  ///< without a magic number the first byte says which it gets; 3: none
void text(Buffer input);        ///< below dmidecode's first line
void walk(Buffer input);        ///< no form at all: the walk alone; the first byte says of which version
void decode(Buffer input);      ///< every field of every structure as `show` has it, in text and in JSON
void inspect(Buffer input);     ///< every finding, of a table of that version
void question(Buffer input);    ///< the first byte says which body, or that it is a target

}  // namespace dmigate::fuzz
