#include "line-integration/station/permits.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "line-integration/permit/permit.h"
#include "line-integration/station/replace_file.h"
#include "profiles/yaml.h"

namespace dmigate::line {
namespace {

Failure failed(const char* what, const std::string& where) {
  return fail(std::string(what) + " (" + std::generic_category().message(errno) + ")", where,
              "choose another place, or free this one");
}

}  // namespace

Result<void> clear_permit(const std::string& file) {
  if (file.empty() || file == "-" || ::access(file.c_str(), F_OK) != 0) return {};
  std::error_code ignored;
  const bool regular = std::filesystem::is_regular_file(file, ignored);  // no device, no pipe
  const auto text = regular ? profiles::read_text(file) : Result<std::string>();
  if (!text) return Failure(text.error());
  if (!regular || (!text->empty() && !text->starts_with(kPermitPrefix))) {
    return fail("there is a file here that is no permit, and it is not overwritten", file,
                "choose another place for the permit", ErrorKind::kConfiguration);
  }
  if (::unlink(file.c_str()) == 0) return {};
  Failure failure = failed("an old permit cannot be removed", file);
  failure.value().kind = ErrorKind::kConfiguration;
  return failure;
}

Result<void> write_permit(const std::string& file, const std::string& token) {
  errno = replace_file(file, token + "\n");
  if (errno == 0) return {};
  return failed("the permit cannot be written", file);
}

Result<std::string> read_permit(const std::string& permit) {
  if (permit.starts_with(kPermitPrefix)) return permit;
  if (permit != "-") return profiles::read_text(permit);
  std::string text(16 * 1024, '\0');  // longer than any permit
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

}  // namespace dmigate::line
