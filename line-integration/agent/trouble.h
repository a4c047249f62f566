// Why the agent says no by itself: every sentence that is its own, in English and Chinese. What the service
// says comes in the language that it was asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dmigate::agent {

enum class Language : std::uint8_t { kEnglish, kChinese };

enum class Say : std::uint8_t {
  kNoUrl,
  kBadUrl,
  kNoToken,
  kBadToken,
  kTokenInClear,
  kBadFile,
  kNoCommand,
  kNotRead,
  kNoRandom,
  kNotReached,
  kNoAnswer,
  kBusy,
  kCertificate,
  kNotBound,
  kTooLarge,
  kNotAVerdict,
  kTokenRefused,
  kRefused,
  kNotPossible,
  kNotStarted,
  kEndUntold,
};

struct Trouble {
  Say say = Say::kNoAnswer;
  std::string detail;       ///< fills {}; a system's or the service's own words, any bytes
  std::string advice = {};  ///< instead of the table's, where the service gave one
};

struct Told {
  std::string message, advice;  ///< printable
};
Told told(const Trouble& trouble, Language language);
int exit_status(const Trouble& trouble);  ///< kExitUsage or kExitError

}  // namespace dmigate::agent
