#include "cli/serve_commands.h"

#include <cstdio>

#include "cli/exit_status.h"
#include "cli/show.h"
#include "gate/judge/phrases.h"
#include "line-integration/service/tokens.h"

namespace dmigate::cli {
namespace {

using gate::fill;
using gate::phrase;
using service::Tokens;

Failure usage(std::string what, std::string advice = {}) {
  return fail(std::move(what), {}, std::move(advice), ErrorKind::kConfiguration);
}

// The token alone on standard output; what is to be done with it on the other one.
Result<Done> show_token(const Result<Tokens::Made>& made, gate::Language language) {
  if (!made) return Failure(made.error());
  const std::string said =
      fill(phrase("the token of {id} follows: keep it, it is shown this once", language), {{"id", made->id}});
  std::fprintf(stderr, "%s\n", said.c_str());
  return Done{made->token + "\n", kExitPass};
}

Result<Done> list(Tokens& tokens) {
  const auto rows = tokens.list();
  if (!rows) return Failure(rows.error());
  std::string text;
  for (const service::Caller& row : *rows) {
    text += gate::printable(row.id) + "  " + std::string(service::role_name(row.role));
    if (!row.line.empty()) text += "  " + gate::printable(row.line);
    text += "  " + row.made + (row.until.empty() ? "" : " - " + row.until) + "\n";
  }
  return Done{text, kExitPass};
}

Result<Done> token(const Arguments& arguments) {
  const auto& words = arguments.operands;
  const std::string action = words.size() > 1 ? words[1] : "";
  Tokens tokens(arguments.serve.tokens);
  const gate::Surroundings surroundings = gate::Surroundings::real();
  if (action == "list" && words.size() == 2) return list(tokens);
  if (words.size() != 3 || (action != "add" && action != "rotate" && action != "revoke")) {
    return usage("serve token takes add ID, rotate ID, revoke ID or list", "see dmigate serve --help");
  }
  const std::string& id = words[2];
  if (action == "rotate")
    return show_token(tokens.rotate(id, arguments.keep, surroundings), arguments.language);
  if (action == "revoke") {
    return tokens.revoke(id).map([&] {
      return Done{fill(phrase("{id} has no token any more", arguments.language), {{"id", id}}) + "\n",
                  kExitPass};
    });
  }
  const auto role = service::find_role(arguments.role);
  if (!role) return usage("what the token may do is not said", "give --role station, engineer or auditor");
  return show_token(tokens.add(id, *role, arguments.settings.station.line, surroundings), arguments.language);
}

}  // namespace

Result<Done> serve_command(const Arguments& arguments) {
  if (!arguments.operands.empty()) {
    if (arguments.operands.front() == "token") return token(arguments);
    return usage("`" + gate::printable(arguments.operands.front()) + "` is one word too many for serve",
                 "see dmigate serve --help");
  }
  service::ServiceOptions options = arguments.serve;
  options.decode = [](const smbios::Source& source) {
    std::string text;
    show_json(source, {}, [&](std::string_view piece) { text += piece; });
    return text;
  };
  const auto served = service::serve(arguments.settings, options, [&](const std::string& url) {
    const std::string said = fill(phrase("listening on {url}", arguments.language), {{"url", url}});
    std::fprintf(stdout, "%s\n", said.c_str());
    std::fflush(stdout);
  });
  if (!served) return Failure(served.error());
  return Done{{}, kExitPass};
}

}  // namespace dmigate::cli
