#include "cli/trace.h"

#include <boost/json.hpp>

#include "cli/exit_status.h"
#include "cli/new_file.h"
#include "gate/evidence/members.h"
#include "gate/judge/phrases.h"
#include "gate/registry/trace_json.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using gate::child;
using gate::fill;
using gate::Language;
using gate::list;
using gate::phrase;
using gate::Registry;
using gate::TracedUnit;
using gate::word;

class Text {
 public:
  explicit Text(Language language) : language_(language) {}

  void unit(const TracedUnit& unit) {
    const auto records = gate::parsed_records(unit.records);
    head(unit);
    for (const auto& row : unit.claims) {
      std::string line = "  " + row.keyword + " " + row.shown + "  " + row.state;
      if (!row.disposition.empty()) line += " (" + row.disposition + ")";
      add(line + "  " + row.holder.station + ", " + row.holder.since);
    }
    for (const auto& seen : unit.seen) {
      add("  " + seen.keyword + " " + seen.shown + (seen.witness ? "  witness" : "") + "  " + seen.since);
    }
    if (unit.work) {
      add("  " + fill(phrase("{state} {kind}  {unit}  {stage} at {station}, {since}", language_),
                      {{"state", unit.work->state},
                       {"kind", unit.work->kind},
                       {"unit", label_of(unit)},
                       {"stage", unit.work->stage},
                       {"station", unit.work->station},
                       {"since", unit.work->since}}));
    }
    looked(records);
    for (const json::object& each : records) record(each);
  }

  // One of many: of a lot or a work order.
  void line(const TracedUnit& unit) {
    const auto records = gate::parsed_records(unit.records);
    std::string text = label_of(unit) + "  " + unit.model;
    for (const json::object& each : records) {
      const std::string outcome = word(child(each, "verdict"), "outcome");
      if (outcome.empty()) continue;
      text += "  " + outcome + "  " + word(child(each, "verdict"), "stage") + "  " + word(each, "time");
      break;
    }
    add(text + "  " + unit.id);
  }

  void record(const json::object& record) {
    const json::object& verdict = child(record, "verdict");
    const json::object& station = child(verdict, "station");
    const json::value* seq = record.if_contains("seq");
    std::string line = "  " + word(record, "time") + "  " + word(record, "kind");
    for (const std::string& part : {word(verdict, "outcome"), word(verdict, "stage")}) {
      if (!part.empty()) line += "  " + part;
    }
    line += "  " + word(record, "station") + " #" + (seq == nullptr ? "" : json::serialize(*seq));
    for (const char* name : {"operator", "lot", "work_order", "shift"}) {
      if (const std::string said = word(station, name); !said.empty())
        line += "  " + std::string(name) + " " + said;
    }
    add(line);
    if (const std::string by = word(record, "by"); !by.empty())
      add("      " + by + ": " + word(record, "reason"));
    if (const std::string file = word(record, "file"); !file.empty()) {
      const json::value* number = record.if_contains("line");
      add("      " + file + ":" + (number == nullptr ? "" : json::serialize(*number)) + "  " +
          word(record, "sha256"));
    }
    for (const json::value& part : list(record, "parts")) {
      if (!part.is_object()) continue;
      add("      " + word(part.get_object(), "keyword") + " -> " + word(part.get_object(), "value") + " (" +
          word(part.get_object(), "disposition") + ")");
    }
    for (const json::value& finding : list(verdict, "findings")) {
      if (!finding.is_object() || word(finding.get_object(), "severity") != "error") continue;
      add("      " + gate::translated_finding(word(finding.get_object(), "message"), language_));
    }
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void add(const std::string& line) { text_ += line + "\n"; }

  static std::string label_of(const TracedUnit& unit) {
    return unit.claims.empty() || unit.claims.front().holder.label.empty() ? unit.id
                                                                           : unit.claims.front().holder.label;
  }

  void head(const TracedUnit& unit) {
    add(label_of(unit) + "  " + unit.model + "  " + unit.id + "  " + unit.since);
  }

  // What the unit looked like when it was last seen.
  void looked(const std::vector<json::object>& records) {
    for (const json::object& each : records) {
      const json::object& verdict = child(each, "verdict");
      const json::array& fields = list(child(verdict, "unit"), "fields");
      if (fields.empty() || word(each, "kind") == "end") continue;
      add("  " + fill(phrase("as it was on {time}, table {table}", language_),
                      {{"time", word(each, "time")}, {"table", word(child(verdict, "source"), "sha256")}}));
      for (const json::value& field : fields) this->field(field.as_object());
      hardware(child(each, "hardware"));
      return;
    }
  }

  void field(const json::object& field) {
    const std::string value = word(field, "value");
    add("      " + word(field, "keyword") + ": " +
        (value.empty() ? "(" + word(field, "state") + ")" : value));
  }

  void hardware(const json::object& hardware) {
    for (const json::value& disk : list(hardware, "disks")) {
      if (!disk.is_object()) continue;
      add("      disk " + word(disk.get_object(), "name") + ": " + word(disk.get_object(), "model") + " " +
          word(disk.get_object(), "serial"));
    }
    for (const json::value& nic : list(hardware, "nics")) {
      if (!nic.is_object()) continue;
      add("      nic " + word(nic.get_object(), "name") + ": " + word(nic.get_object(), "mac"));
    }
  }

  Language language_;
  std::string text_;
};

Result<void> write_dump(Registry& registry, const gate::Trace& trace, const std::string& file) {
  if (trace.units.size() != 1) {
    return fail("a table is written of one unit, and this names " + std::to_string(trace.units.size()), file,
                "name the unit by its label or id", ErrorKind::kConfiguration);
  }
  const auto names = gate::tables_of(gate::parsed_records(trace.units.front().records));
  if (names.empty()) return fail("no raw table of this unit is kept", file, "it was never read at a station");
  auto kept = registry.source(names.front());
  if (!kept) return Failure(kept.error());
  if (!*kept)
    return fail("the raw table is not kept here", names.front(), "dmigate registry verify tells more");
  const auto dump = gate::dump_of(**kept);
  if (!dump) return Failure(dump.error());
  return write_new_file(file, std::string(dump->begin(), dump->end()));
}

}  // namespace

Result<Done> trace(Registry& registry, const Arguments& arguments) {
  auto trace = registry.trace(arguments.operand);
  if (!trace) return Failure(trace.error());
  const bool nothing = trace->units.empty() && trace->records.empty();
  if (!arguments.dump.empty()) {
    if (auto written = write_dump(registry, *trace, arguments.dump); !written)
      return Failure(written.error());
  }
  const int status = nothing ? kExitFail : kExitPass;
  if (arguments.json) {
    auto told = gate::trace_json(registry, *trace, arguments.operand);
    if (!told) return Failure(told.error());
    return Done{json::serialize(*told) + "\n", status};
  }
  if (nothing) {
    return Done{fill(phrase("nothing is known of {value}", arguments.language),
                     {{"value", gate::printable(arguments.operand)}}) +
                    "\n",
                status};
  }
  Text text(arguments.language);
  for (const TracedUnit& unit : trace->units) {
    if (trace->units.size() == 1)
      text.unit(unit);
    else
      text.line(unit);
  }
  for (const json::object& record : gate::parsed_records(trace->records)) text.record(record);
  return Done{text.take(), status};
}

}  // namespace dmigate::cli
