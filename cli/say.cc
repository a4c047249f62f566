#include "cli/say.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "cli/exit_status.h"
#include "gate/judge/phrases.h"

namespace dmigate::cli {

void keep_standard_streams() {
  for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) {
    if (fd <= STDERR_FILENO) continue;
    close(fd);
    break;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error, and is told
}

int print(const std::string& text, int status, gate::Language language, bool recorded) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  const auto words = gate::phrase("the result could not be written to standard output", language);
  std::fputs(("dmigate: " + std::string(words) + "\n").c_str(), stderr);
  if (recorded) {
    const auto kept =
        gate::phrase("what was judged and done is recorded: dmigate trace UNIT tells it", language);
    std::fputs(("dmigate: " + std::string(kept) + "\n").c_str(), stderr);
  }
  return kExitError;
}

void print_error(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::fprintf(stderr, "%s\n", gate::printable(text.substr(0, end)).c_str());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

int complain(const Error& error, gate::Language language) {
  print_error("dmigate: " + gate::to_text(error, language));
  return error.kind == ErrorKind::kConfiguration ? kExitUsage : kExitError;
}

}  // namespace dmigate::cli
