#include "line-integration/service/question.h"

#include <algorithm>
#include <boost/json.hpp>

#include "gate/evidence/hardware_json.h"

namespace dmigate::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongest = 256;     // bytes of a name or a scanned number
constexpr std::size_t kMostWords = 256;   // of a command, identifiers, parts
constexpr std::size_t kKept = 64 * 1024;  // bytes of a command's output
constexpr std::size_t kMostDepth = 32;    // evidence is not as deep

Failure bad(std::string what) {
  return fail(std::move(what), {}, "docs/service.md tells what is asked how", ErrorKind::kConfiguration);
}

// Takes the members of an object one by one; what is left over at the end is one too many.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  const json::value* take(std::string_view name) {
    taken_.push_back(name);
    const json::value* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  std::string text(std::string_view name, std::size_t longest = kLongest) {
    const json::value* value = take(name);
    if (value == nullptr) return {};
    if (!value->is_string()) return blame("\"" + std::string(name) + "\" is not a string"), std::string();
    if (value->get_string().size() > longest) {
      return blame("\"" + std::string(name) + "\" is longer than " + std::to_string(longest) + " bytes"),
             std::string();
    }
    return std::string(value->get_string());
  }

  std::string required(std::string_view name) {
    std::string said = text(name);
    if (said.empty()) miss(name);
    return said;
  }

  bool flag(std::string_view name, bool otherwise) {
    const json::value* value = take(name);
    if (value == nullptr) return otherwise;
    if (!value->is_bool()) blame("\"" + std::string(name) + "\" is neither true nor false");
    return value->is_bool() ? value->get_bool() : otherwise;
  }

  std::optional<std::int64_t> number(std::string_view name, std::int64_t least, std::int64_t most) {
    const json::value* value = take(name);
    if (value == nullptr) return std::nullopt;
    const std::int64_t* said = value->if_int64();
    if (said == nullptr || *said < least || *said > most) {
      blame("\"" + std::string(name) + "\" is not a whole number from " + std::to_string(least) + " to " +
            std::to_string(most));
      return std::nullopt;
    }
    return *said;
  }

  std::vector<std::string> words(std::string_view name) {
    std::vector<std::string> list;
    const json::value* value = take(name);
    if (value == nullptr) return list;
    const json::array* array = value->if_array();
    const auto is_word = [](const json::value& word) { return word.is_string(); };
    if (array == nullptr || array->size() > kMostWords || !std::ranges::all_of(*array, is_word)) {
      blame("\"" + std::string(name) + "\" is not a list of at most " + std::to_string(kMostWords) +
            " strings");
      return list;
    }
    for (const json::value& word : *array) list.emplace_back(word.get_string());
    return list;
  }

  void miss(std::string_view name) { blame("\"" + std::string(name) + "\" is missing"); }

  void blame(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }

  Result<void> finish() {
    for (const auto& member : object_) {
      if (std::ranges::find(taken_, std::string_view(member.key())) == taken_.end())
        blame("there is no member \"" + gate::printable(member.key()) + "\" here");
    }
    if (wrong_.empty()) return {};
    return bad(wrong_);
  }

 private:
  const json::object& object_;
  std::vector<std::string_view> taken_;
  std::string wrong_;
};

Result<json::value> parse_object(std::string_view body) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kMostDepth;
  json::value value = json::parse(json::string_view(body.data(), body.size()), error, {}, options);
  if (error || !value.is_object()) return bad("the body is no JSON object");
  if (gate::has_member_twice(body, value)) return bad("a member stands in the body twice");
  return value;
}

bool is_request_id(std::string_view id) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return id.size() >= 8 && id.size() <= 64 && id.find_first_not_of(kLetters) == id.npos;
}

std::string take_request_id(Members& members) {
  std::string id = members.text("request_id");
  if (!is_request_id(id)) members.blame("\"request_id\" is not 8 to 64 of A-Z a-z 0-9 . _ -");
  return id;
}

void take_identifiers(Members& members, line::Request& request) {
  const json::value* value = members.take("identifiers");
  if (value == nullptr) return;
  const json::object* object = value->if_object();
  if (object == nullptr || object->size() > kMostWords) {
    return members.blame("\"identifiers\" is not an object of names and values");
  }
  for (const auto& [name, said] : *object) {
    const json::string* text = said.if_string();
    const std::string_view scanned = text == nullptr ? std::string_view() : gate::trimmed(*text);
    if (scanned.empty() || scanned.size() > kLongest)
      return members.blame("identifier " + gate::printable(name) + " has no value");
    request.identifiers.emplace(name, scanned);
  }
}

}  // namespace

bool is_profile_name(std::string_view name) {
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
             name.npos &&
         !profiles::names_file(name);
}

Result<Question> parse_question(std::string_view body, const std::string& station, bool runs) {
  auto value = parse_object(body);
  if (!value) return Failure(value.error());
  Members members(value->get_object());
  Question question{.request_id = take_request_id(members)};
  line::Request& request = question.request;
  const std::string stage = members.required("stage");
  request.stage = profiles::find_stage(stage);
  if (!request.stage) members.blame("there is no stage \"" + gate::printable(stage) + "\"");
  const json::value* scanned = value->get_object().if_contains("unit");
  const bool nothing = scanned != nullptr && scanned->is_string() && scanned->get_string().empty();
  if (nothing) members.blame("\"unit\" is empty: null says that no label was scanned");
  const std::string label = members.text("unit");
  request.label = std::string(gate::trimmed(label));
  if (request.label.empty() && !label.empty()) members.blame("\"unit\" has only blanks");
  take_identifiers(members, request);
  request.profile = members.text("profile");
  if (!is_profile_name(request.profile)) members.blame("\"profile\" is not a profile's name");
  question.operator_name = members.text("operator");
  question.work_order = members.text("work_order");
  question.lot = members.text("lot");
  question.shift = members.text("shift");
  const std::string language = members.text("language");
  if (!language.empty() && language != "en" && language != "zh")
    members.blame("\"language\" is neither en nor zh");
  if (language == "zh") question.language = gate::Language::kChinese;
  if (runs) {
    request.command = members.words("command");
    if (request.command.empty() || request.command.front().empty()) members.miss("command");
  }
  const json::value* evidence = members.take("evidence");
  if (evidence == nullptr) members.miss("evidence");
  if (auto whole = members.finish(); !whole) return Failure(whole.error());
  auto read = gate::parse_evidence(json::serialize(*evidence), "agent of " + station);
  if (!read) return bad(read.error().what);
  request.told = std::make_shared<gate::Evidence>(*std::move(read));
  return question;
}

Result<RunEnd> parse_run_end(std::string_view body) {
  auto value = parse_object(body);
  if (!value) return Failure(value.error());
  Members members(value->get_object());
  RunEnd end{.request_id = take_request_id(members)};
  const json::value* record = members.take("record");
  if (record == nullptr || !record->is_object()) return bad("\"record\" is missing");
  Members began(record->get_object());
  end.began.seq = began.number("station_seq", 1, INT64_MAX).value_or(0);
  end.began.hash = began.required("hash");
  if (auto whole = began.finish(); !whole) return Failure(whole.error());
  if (end.began.seq == 0) return bad("\"station_seq\" is missing");
  if (!value->get_object().contains("exit_code")) members.miss("exit_code");
  const auto exit_code = members.number("exit_code", INT32_MIN, UINT32_MAX);  // Windows has 32 bits
  if (exit_code) end.report.exit_status = static_cast<int>(static_cast<std::uint32_t>(*exit_code));
  if (const auto signal = members.number("signal", 1, 255)) end.report.signal = static_cast<int>(*signal);
  end.report.started = members.flag("started", true);
  end.report.timed_out = members.flag("timed_out", false);
  end.report.interrupted = members.flag("interrupted", false);
  end.report.duration_us = members.number("duration_us", 0, INT64_MAX).value_or(0);
  const std::string tail = members.text("output_tail", 8 * 1024 * 1024);
  end.report.output = gate::printable(tail.substr(tail.size() - std::min(tail.size(), kKept)));
  end.report.output_bytes = static_cast<std::uint64_t>(
      members.number("output_bytes", 0, INT64_MAX).value_or(static_cast<std::int64_t>(tail.size())));
  if (auto whole = members.finish(); !whole) return Failure(whole.error());
  return end;
}

Result<ReworkAsked> parse_rework(std::string_view body) {
  auto value = parse_object(body);
  if (!value) return Failure(value.error());
  Members members(value->get_object());
  ReworkAsked asked;
  const std::string action = members.required("action");
  asked.replaces = action == "replace";
  asked.retires = action == "retire";
  if (!asked.replaces && !asked.retires && action != "resolve")
    members.blame("\"action\" is neither resolve nor replace nor retire");
  gate::Rework& rework = asked.rework;
  rework.who = members.required("unit");
  rework.by = std::string(gate::trimmed(members.required("by")));
  rework.reason = std::string(gate::trimmed(members.required("reason")));
  if (rework.by.empty() || rework.reason.empty())
    members.blame("this is by a named person, with a reason: \"by\" and \"reason\"");
  const json::value* parts = members.take("parts");
  if (parts != nullptr &&
      (!parts->is_array() || parts->get_array().size() > kMostWords || (!asked.replaces && !asked.retires)))
    return bad("\"parts\" is not a list of parts, or there are none to be named");
  if (parts != nullptr) {
    for (const json::value& item : parts->get_array()) {
      if (!item.is_object()) return bad("\"parts\" is not a list of parts, or there are none to be named");
      Members part(item.get_object());
      gate::Part row{.keyword = part.required("keyword"), .value = part.text("value")};
      const std::string disposition = part.required("disposition");
      row.disposition = gate::find_disposition(disposition);
      if (!row.disposition) part.blame("\"disposition\" is neither stock nor repair nor scrap");
      if (auto whole = part.finish(); !whole) return Failure(whole.error());
      if (std::ranges::find(rework.parts, row.keyword, &gate::Part::keyword) != rework.parts.end())
        return bad("part " + gate::printable(row.keyword) + " is given twice");
      rework.parts.push_back(std::move(row));
    }
  }
  if (asked.replaces && rework.parts.empty()) members.miss("parts");
  if (auto whole = members.finish(); !whole) return Failure(whole.error());
  return asked;
}

}  // namespace dmigate::service
