// The agent: the one program that runs on the unit itself. It reads the unit, asks the line's service, and
// starts the image only on a PASS that is bound to the question. It decides nothing, and whatever is not
// exactly as it should be blocks.
//
//   arguments.h  what it is told on its command line     settings.h   which service, with which token
//   protocol.h   the question, and what an answer must be   client.h    asking until there is an answer
//   http.h, crypto.h, command.h, platform.h   what Linux and Windows do each in their own way: NAME_linux.cc,
//                NAME_windows.cc; everything else is common
//   trouble.h    every sentence that it says, in English and Chinese
//
// It links smbios, evidence, capture and the burn room's supervise(), and nothing that judges or records.
#pragma once

#include "line-integration/agent/arguments.h"

namespace dmigate::agent {

// As dmigate's own (cli/exit_status.h), which this program does not link.
enum ExitStatus : int {
  kExitPass = 0,           ///< PASS, or OBSERVED
  kExitFail = 1,           ///< FAIL: the unit is at fault
  kExitUsage = 2,          ///< wrong usage, or a configuration that does not hold, here or at the service
  kExitError = 3,          ///< ERROR: it could not be judged, or nobody who may judge it answered
  kExitCommandFailed = 4,  ///< the command failed or timed out
  kExitBurnMismatch = 5,   ///< verification after a burn failed
};

int check(const Arguments& arguments);  ///< asks; prints the verdict
int gate(const Arguments& arguments);   ///< asks; on PASS runs the command, and says how it ended

}  // namespace dmigate::agent
