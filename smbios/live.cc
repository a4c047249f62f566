// The table of the machine that the program runs on.

#include "smbios/smbios.h"

#ifdef _WIN32
#include <windows.h>

#include <system_error>
#endif

namespace dmigate::smbios {

#ifdef _WIN32

namespace {

constexpr DWORD kProvider = 0x52534D42;  // 'RSMB': the raw SMBIOS table behind an 8-byte header
constexpr const char* kName = "GetSystemFirmwareTable('RSMB')";

Failure refused() {
  const auto error = static_cast<int>(::GetLastError());
  return fail("this machine's SMBIOS table cannot be read: " + std::system_category().message(error), kName,
              "judge the unit from a dump file");
}

}  // namespace

Result<Source> Source::live() {
  std::vector<std::uint8_t> table;
  // The first call says how large the table is. It is built at boot, so that it stays so.
  const UINT announced = ::GetSystemFirmwareTable(kProvider, 0, nullptr, 0);
  if (announced == 0) return refused();
  table.resize(announced);
  const UINT read = ::GetSystemFirmwareTable(kProvider, 0, table.data(), announced);
  if (read == 0) return refused();
  if (read > announced) return fail("the table's size changed while it was read", kName, "read it again");
  table.resize(read);
  return from_bytes(std::move(table), kName);
}

#else

Result<Source> Source::live() { return open("/sys/firmware/dmi/tables"); }

#endif

}  // namespace dmigate::smbios
