// dmigate-serve: what `dmigate serve` hands over to, with the same words.
#include "cli/arguments.h"
#include "cli/exit_status.h"
#include "cli/say.h"
#include "cli/serve_commands.h"
#include "gate/judge/phrases.h"

int main(int argc, char** argv) {
  using namespace dmigate::cli;
  keep_standard_streams();
  const auto arguments = parse_arguments(argc, argv);
  if (!arguments) {
    print_error(arguments.error().err);
    return print(arguments.error().out, arguments.error().status, arguments.error().language);
  }
  if (arguments->command != Command::kServe) {
    print_error("dmigate-serve: this is dmigate's service alone; call dmigate");
    return kExitUsage;
  }
  const auto done = serve_command(*arguments);
  return done ? print(done->text, done->status, arguments->language)
              : complain(done.error(), arguments->language);
}
