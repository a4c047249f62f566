// What is asked, and what an answer must be to count (docs/service.md). Pure.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "gate/evidence/evidence.h"
#include "line-integration/agent/arguments.h"
#include "line-integration/agent/command.h"
#include "line-integration/agent/crypto.h"
#include "line-integration/agent/trouble.h"

namespace dmigate::agent {

inline constexpr std::string_view kCheck = "/v1/check";
inline constexpr std::string_view kRunStart = "/v1/run/start";
inline constexpr std::string_view kRunEnd = "/v1/run/end";

// The body of kCheck, and where there is a command of kRunStart. `request_id`: one for each question; asked
// again, the question keeps it, and so is no second one.
std::string question_body(const Arguments& arguments, const gate::Evidence& evidence, Language language,
                          const std::string& request_id);
// The body of kRunEnd. `record`: of the verdict that let the command start, as it came.
std::string run_end_body(const boost::json::value& record, const CommandEnd& end,
                         const std::string& request_id);

std::string request_id_of(const Random32& random);

// One request, and what came back.
struct Exchanged {
  std::string_view target, nonce;
  unsigned status = 0;
  std::string_view question, answer;  ///< the bodies
};
// What the answer's header Dmigate-Binding must say, hex.
std::string binding(std::string_view token, const Exchanged& exchanged);

struct Verdict {
  boost::json::object said;  ///< dmigate.verdict/1, as it came
  std::string outcome;       ///< "PASS", "FAIL", "ERROR" or "OBSERVED"
  bool recorded = false;

  // Whether a command may start, or have started: recorded, and PASS or a profile that only observes.
  [[nodiscard]] bool lets_start() const { return recorded && (outcome == "PASS" || outcome == "OBSERVED"); }
};

// Of an answer whose binding holds. Fails where it is no verdict on this stage that could be said: of another
// form or stage, PASS without a record, an outcome that there is not.
tl::expected<Verdict, Trouble> parse_verdict(std::string_view body, std::string_view stage);

// As dmigate itself would end with it.
int exit_status(const Verdict& verdict);

// For people: the headline, what blocks with what to do, the record.
std::string in_words(const Verdict& verdict, Language language);
// The verdict of an answer that never came, or did not count.
std::string error_json(const Trouble& trouble, Language language, std::string_view stage);

}  // namespace dmigate::agent
