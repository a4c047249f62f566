// What Windows shows of the machine that this runs on. A program of its own, since it runs on Windows
// only (or under wine): FORM VERSION STRUCTURES on a line, then "keyword state value" for the eight
// fields; status 0 when the table has a Type 1.

#include <cstdio>

#include "smbios/smbios.h"

int main() {
  using namespace dmigate::smbios;
  const auto source = Source::live();
  if (!source) {
    std::printf("%s\n", source.error().to_string().c_str());
    return 1;
  }
  std::size_t structures = 0;
  for ([[maybe_unused]] const Structure structure : source->table()) ++structures;
  std::printf("%s %s %u\n", std::string(form_name(source->layout().form)).c_str(),
              source->layout().version.to_string().c_str(), static_cast<unsigned>(structures));
  for (const char* keyword :
       {"system-manufacturer", "system-product-name", "system-serial-number", "system-uuid",
        "system-sku-number", "system-family", "baseboard-product-name", "chassis-type"}) {
    const Reading reading = read(source->table(), *find_field(keyword));
    std::printf("%s %s %s\n", keyword, std::string(state_name(reading.state)).c_str(),
                reading.text().c_str());
  }
  return source->table().first(1) ? 0 : 1;
}
