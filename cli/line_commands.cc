#include "cli/line_commands.h"

#include "cli/exit_status.h"
#include "gate/judge/phrases.h"
#include "line-integration/notify/deliver.h"
#include "line-integration/permit/key.h"

namespace dmigate::cli {
namespace {

using gate::fill;
using gate::phrase;

Result<Done> keygen(const Arguments& arguments) {
  line::KeyBytes seed{};
  gate::Surroundings::real().random(seed);
  const auto key = line::make_key(arguments.operand, seed);
  if (!key) return Failure(key.error());
  const std::string file = gate::printable(arguments.operand);
  return Done{
      fill(
          phrase("key {id}: {file} signs permits, and stays here; {file}.pub goes to where they are verified",
                 arguments.language),
          {{"id", key->id}, {"file", file}}) +
          "\n",
      kExitPass};
}

Failure nobody() {
  return fail("nobody is to be notified", {},
              "name a command or an http:// address with --notify, or in station.yaml",
              ErrorKind::kConfiguration);
}

Result<Done> waiting(const line::Spool& spool, gate::Language language) {
  const auto names = spool.list();
  if (!names) return Failure(names.error());
  return Done{fill(phrase("events that wait in {folder}: {count}", language),
                   {{"folder", gate::printable(spool.folder())}, {"count", std::to_string(names->size())}}) +
                  "\n",
              kExitPass};
}

Result<Done> notify(const Arguments& arguments) {
  const line::Settings& settings = arguments.settings;
  const line::Spool spool(settings.spool, settings.spool_limit);
  if (!arguments.flush) return waiting(spool, arguments.language);
  if (settings.notify.empty()) return nobody();
  const auto target = line::parse_target(settings.notify);
  if (!target) return Failure(target.error());
  if (arguments.keep_trying) {
    deliver_all(spool, *target, {});
    return Done{{}, kExitPass};
  }
  const line::SpoolLock lock(spool);
  const auto names = spool.list();
  if (names && names->empty()) return waiting(spool, arguments.language);
  if (!lock.held()) {
    return fail("another process delivers events from this spool, or its lock cannot be had", spool.folder(),
                "wait for it, or check the folder and who may write it");
  }
  const line::Flushed flushed = flush(spool, *target, line::Retry{}.patience);
  if (flushed.why) return Failure(*flushed.why);
  return Done{fill(phrase("events delivered: {count}", arguments.language),
                   {{"count", std::to_string(flushed.delivered)}}) +
                  "\n",
              kExitPass};
}

}  // namespace

Result<Done> line_command(const Arguments& arguments) {
  return arguments.command == Command::kPermitKeygen ? keygen(arguments) : notify(arguments);
}

}  // namespace dmigate::cli
