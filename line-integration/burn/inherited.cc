#include "line-integration/burn/inherited.h"

namespace dmigate::line {
namespace {

constexpr std::string_view kInherited[] = {
    "PATH", "HOME",     "USER",   "LOGNAME",  "SHELL",       "TERM",       "TZ",      "TMPDIR",
    "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC", "LC_TIME", "LC_COLLATE",
};

}  // namespace

std::span<const std::string_view> inherited_variables() { return kInherited; }

}  // namespace dmigate::line
