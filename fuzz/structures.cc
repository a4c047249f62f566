// structures TABLE FOLDER: writes each structure of a bare table into a file of its own, behind a byte that
// says which version (targets.cc), so that a target reaches every type within a few hundred bytes.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "smbios/smbios.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    static_cast<void>(std::fputs("usage: structures TABLE FOLDER\n", stderr));
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::vector<std::uint8_t> bytes(std::istreambuf_iterator<char>(in), {});
  if (!in) {
    static_cast<void>(std::fprintf(stderr, "structures: %s cannot be read\n", argv[1]));
    return 1;
  }
  constexpr char kNewest = 6;
  for (const dmigate::smbios::Structure structure : dmigate::smbios::Table(bytes, {3, 9, 0})) {
    const auto name = std::to_string(structure.type()) + "-" + std::to_string(structure.length()) + "-" +
                      std::to_string(structure.offset());
    std::ofstream out(std::string(argv[2]) + "/" + name, std::ios::binary);
    out.put(kNewest);
    out.write(reinterpret_cast<const char*>(bytes.data()) + structure.offset(),
              static_cast<std::streamsize>(structure.size()));
    if (!out.flush()) {
      static_cast<void>(std::fprintf(stderr, "structures: %s cannot be written\n", name.c_str()));
      return 1;
    }
  }
  return 0;
}
