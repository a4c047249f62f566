// Which service, with which token: from the command line, else from dmigate-agent.conf beside the program,
// else from the kernel's command line. Each value by itself.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "line-integration/agent/address.h"
#include "line-integration/agent/arguments.h"
#include "line-integration/agent/trouble.h"

namespace dmigate::agent {

// What is said outside of the command line.
struct Places {
  std::string file;            ///< path of dmigate-agent.conf, for messages
  std::string file_text;       ///< empty where there is none
  std::string kernel_command;  ///< "… dmigate.url=https://line-server:8480 dmigate.token=dmg_…"
};
Places real_places();

struct Settings {
  Address address;
  std::string token;
  std::string ca;  ///< empty: the system's certificates. Relative to the file's folder where it stands there
  Language language = Language::kEnglish;
};

// The language is told by itself, since a Trouble needs one.
Language language_of(const Arguments& arguments, const Places& places);

// Fails where something that is needed is missing or does not hold, and where the token would go over a
// network in clear without somebody's word for it.
tl::expected<Settings, Trouble> settings_of(const Arguments& arguments, const Places& places);

}  // namespace dmigate::agent
