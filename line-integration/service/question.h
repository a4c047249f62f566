// What stands in the body of a request, read and checked: nothing that is not understood is passed over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "line-integration/station/session.h"

namespace dmigate::service {

struct Question {
  std::string request_id;
  gate::Language language = gate::Language::kEnglish;
  line::Request request;  ///< stage, label, identifiers, profile, evidence, command
  std::string operator_name, work_order, lot, shift;
};
// Of /v1/check and /v1/permits, and with `runs` of /v1/run/start. `station` vouches for the evidence, and
// names it in messages. Fails with what is wrong.
Result<Question> parse_question(std::string_view body, const std::string& station, bool runs);

struct RunEnd {
  std::string request_id;
  gate::Head began;  ///< its station is not said: it is the token's
  gate::CommandReport report;
};
Result<RunEnd> parse_run_end(std::string_view body);

struct ReworkAsked {
  bool replaces = false, retires = false;  ///< neither: an open record is resolved
  gate::Rework rework;                     ///< without its station
};
Result<ReworkAsked> parse_rework(std::string_view body);

// Whether it names a profile, and no file of the service's machine; an empty one does.
bool is_profile_name(std::string_view name);

}  // namespace dmigate::service
