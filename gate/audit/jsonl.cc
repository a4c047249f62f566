// One object a line, of schema dmigate.audit/1: what docs/audit.md says of it.
#include <algorithm>
#include <boost/json.hpp>

#include "gate/audit/report.h"

namespace dmigate::gate::audit {
namespace {

constexpr std::string_view kSchema = R"({"schema":"dmigate.audit/1")";

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void put_text(std::string_view text, std::string& line) {
  if (std::ranges::all_of(text, is_plain)) {
    line.append("\"").append(text).append("\"");
  } else {
    line += boost::json::serialize(boost::json::string_view(valid_utf8(text)));
  }
}

void put_member(std::string_view name, std::string_view text, std::string& line) {
  line.append(",\"").append(name).append("\":");
  put_text(text, line);
}

// What is no UTF-8 is shown in "path" as \xNN, which another path may really have in its name.
void put_path(std::string_view path, std::string& line) {
  put_member("path", path, line);
  if (std::ranges::all_of(path, is_plain) || valid_utf8(path) == path) return;
  put_member("path_hex", to_hex(smbios::ByteView(path).bytes()), line);
}

void put_findings(const Unit& unit, std::string& line) {
  std::string not_judged;
  line += ",\"findings\":[";
  bool first = true;
  const auto add = [&](std::string_view rule, Severity severity, std::string_view keyword) {
    line += first ? "{\"rule\":" : ",{\"rule\":";
    first = false;
    put_text(rule, line);
    line += severity == Severity::kError ? R"(,"severity":"error")" : R"(,"severity":"warning")";
    if (!keyword.empty()) put_member("keyword", keyword, line);
    line += '}';
  };
  for (const Brief& brief : unit.record.briefs) {
    if (is_not_judged(brief)) {
      not_judged += not_judged.empty() ? "" : ",";
      put_text(brief.keyword, not_judged);
    } else {
      add(message(brief.say).rule, brief.severity, brief.keyword);
    }
  }
  for (const Duplicate& duplicate : unit.duplicates)
    add(message(Say::kSharedInBatch).rule, Severity::kError, duplicate.keyword);
  for (const Finding& finding : unit.registry) add(finding.rule(), finding.severity, finding.keyword);
  line += ']';
  if (!not_judged.empty()) line.append(",\"not_judged\":[").append(not_judged).append("]");
}

void put_duplicates(const Unit& unit, std::string& line) {
  line += ",\"duplicates\":[";
  bool first = true;
  for (const Duplicate& duplicate : unit.duplicates) {
    line += first ? "{\"group\":" : ",{\"group\":";
    first = false;
    line += std::to_string(duplicate.group);
    put_member("keyword", duplicate.keyword, line);
    put_member("value", duplicate.value, line);
    line.append(",\"units\":").append(std::to_string(duplicate.units)).append("}");
  }
  line += ']';
}

// What the registry knows against it: the values, and whose they are.
void put_known(const Unit& unit, std::string& line) {
  if (unit.registry.empty()) return;
  line += ",\"registry\":[";
  bool first = true;
  for (const Finding& finding : unit.registry) {
    line += first ? "{\"rule\":" : ",{\"rule\":";
    first = false;
    put_text(finding.rule(), line);
    if (!finding.keyword.empty()) put_member("keyword", finding.keyword, line);
    if (finding.found) put_member("value", *finding.found, line);
    if (finding.expected) put_member("recorded", *finding.expected, line);
    for (const auto& [name, text] : finding.details) {
      if (name == "holder" || name == "detail") put_member(name, text, line);
    }
    line += '}';
  }
  line += ']';
}

void put_judged(const Unit& unit, std::string& line) {
  put_member("outcome", outcome_name(unit.outcome), line);
  if (unit.enforced) put_member("enforced", outcome_name(*unit.enforced), line);
  if (unit.profile == nullptr) {
    line += R"(,"model":null)";
  } else {
    put_member("model", unit.profile->name, line);
    line.append(",\"version\":").append(std::to_string(unit.profile->version));
  }
  put_findings(unit, line);
  put_duplicates(unit, line);
  put_known(unit, line);
}

void put_behind_path(const Unit& unit, std::string& line) {
  if (unit.record.kind == Kind::kOther) {
    line += R"(,"outcome":null)";
    put_member("no_dump", unit.record.words, line);
  } else {
    put_judged(unit, line);
  }
  line += "}\n";
}

// Where nothing but its head tells what stands behind a unit's path.
const std::string& behind_path(const Unit& unit, std::vector<Rendered::Again>& again) {
  constexpr std::size_t kMost = 8;
  auto found = std::ranges::find(again, unit.record.head, &Rendered::Again::head);
  if (found == again.end()) {
    if (again.size() == kMost) again.pop_back();
    Rendered::Again& made = again.emplace_back(Rendered::Again{std::string(unit.record.head), {}});
    put_behind_path(unit, made.text);
    found = again.end() - 1;
  }
  if (found != again.begin()) std::iter_swap(found, found - 1);  // the commonest come to stand first
  return found == again.begin() ? found->text : (found - 1)->text;
}

class JsonlReport : public Report {
 public:
  void render(const Unit& unit, Rendered& rendered) const override {
    std::string& text = rendered.text;
    text += kSchema;
    put_path(unit.record.path, text);
    if (unit.duplicates.empty() && unit.registry.empty()) {
      text += behind_path(unit, rendered.again);
    } else {
      put_behind_path(unit, text);
    }
  }

  [[nodiscard]] std::string_view beginning() const override { return kSchema; }

  void finish(const Summary& summary) override {
    if (!summary.partial) return;
    file.write(std::string(kSchema) + ",\"partial\":true,\"units\":" + std::to_string(summary.counts.units) +
               "}\n");
  }
};

}  // namespace

std::unique_ptr<Report> jsonl_report() { return std::make_unique<JsonlReport>(); }

}  // namespace dmigate::gate::audit
