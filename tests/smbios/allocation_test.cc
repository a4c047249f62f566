// Walking a table and reading its fields allocate nothing.

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "table_builder.h"

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace dmigate::smbios::test {
namespace {

TEST_CASE("walking, looking up and reading every field allocate nothing") {
  Buffer bytes = good_table();
  bytes.resize(bytes.size() - end_of_table().size());
  for (unsigned type = 4; type <= 46; ++type) {
    append(bytes, structure(static_cast<std::uint8_t>(type), static_cast<Handle>(0x40 + type),
                            Buffer(0x60, 1), {"A"}));
  }
  append(bytes, end_of_table());
  const Table table(bytes, {3, 2, 0});
  std::vector<const Field*> wanted;
  for (const Field& field : fields()) wanted.push_back(&field);
  std::vector<Reading> readings(wanted.size());

  const std::size_t before = allocations;
  std::size_t seen = 0;
  for (const Structure structure : table)
    seen += structure.length() + structure.string(2).value_or("").size();
  for (const Field& field : fields()) seen += read(table, field).raw.size();
  read(table, wanted, readings);
  seen += find_field("chassis-type")->offset + table.by_handle(3)->length();
  for (const Structure structure : table) {
    StructureReader reader(structure, {});
    for (const Field& field : fields_of(structure.type())) {
      seen += reader.read(field).raw.size();
      const auto one = read(structure, field, {});
      seen += one.stand_in().value_or(one).number();
    }
  }
  CHECK(allocations == before);
  CHECK(seen > 0);
}

}  // namespace
}  // namespace dmigate::smbios::test
