#include "smbios/open_file.h"

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

namespace dmigate::smbios {

#ifdef _WIN32
File open_file(const std::filesystem::path& path) { return {_wfopen(path.c_str(), L"rb"), &std::fclose}; }
#else
File open_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return {nullptr, &std::fclose};
  ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) & ~O_NONBLOCK);  // only opening must not wait
  File opened{::fdopen(file, "rb"), &std::fclose};
  if (!opened) ::close(file);
  return opened;
}
#endif

}  // namespace dmigate::smbios
