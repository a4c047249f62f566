#include "cli/transfer.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <optional>

#include "cli/exit_status.h"
#include "cli/new_file.h"
#include "gate/judge/phrases.h"
#include "gate/registry/import.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using gate::fill;
using gate::ImportConflict;
using gate::ImportReport;
using gate::phrase;

// How far it is, on a terminal's last line.
class Progress {
 public:
  explicit Progress(gate::Language language) : language_(language) {}
  ~Progress() {
    if (shown_) std::fputs("\r\x1B[K", stderr);
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void tell(std::uint64_t units, unsigned percent) {
    constexpr std::chrono::milliseconds kBetween(200);
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || now - last_ < kBetween) return;
    last_ = now;
    shown_ = true;
    const std::string text = fill(phrase("{count} units, {percent} % of the file", language_),
                                  {{"count", std::to_string(units)}, {"percent", std::to_string(percent)}});
    std::fprintf(stderr, "\r\x1B[K%s", text.c_str());
    std::fflush(stderr);
  }

 private:
  gate::Language language_;
  bool terminal_ = isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

int status_of(const ImportReport& report) {
  if (report.refused_count != 0) return kExitError;
  return report.conflict_count != 0 ? kExitFail : kExitPass;
}

std::string in_words(const ImportConflict& conflict, gate::Language language) {
  const gate::Holder& holder = conflict.holder;
  const gate::Details details{
      {"what", conflict.keyword + " " + conflict.shown},
      {"line", std::to_string(conflict.other_line)},
      {"unit", (holder.label.empty() ? holder.unit : holder.label) +
                   (holder.station.empty() ? "" : " (" + holder.station + ", " + holder.since + ")")}};
  if (conflict.other_line != 0)
    return fill(phrase("{what} stands on line {line} already", language), details);
  if (conflict.keyword == "unit") return fill(phrase("{what} is in the registry already", language), details);
  if (conflict.state == "retired") {
    return fill(phrase("{what} was given up and is never valid again: {unit}", language), details);
  }
  return fill(phrase("{what} belongs to another unit: {unit}", language), details);
}

std::string to_text(const ImportReport& report, const Arguments& arguments) {
  const gate::Language language = arguments.language;
  const std::string file = gate::printable(arguments.operand) + ":";
  std::string text;
  for (const gate::RefusedLine& line : report.refused) {
    text += file + std::to_string(line.line) + (line.column == 0 ? "" : ":" + std::to_string(line.column)) +
            ": " + gate::translated(line.what, language) + "\n";
  }
  for (const ImportConflict& conflict : report.conflicts) {
    text += file + std::to_string(conflict.line) + ": " + in_words(conflict, language) + "\n";
  }
  const auto count = [](std::uint64_t number) { return std::to_string(number); };
  const gate::Details details{{"units", count(report.units)},
                              {"claims", count(report.claims)},
                              {"refused", count(report.refused_count)},
                              {"conflicts", count(report.conflict_count)},
                              {"most", count(ImportReport::kMostListed)}};
  const bool cut =
      report.refused_count > report.refused.size() || report.conflict_count > report.conflicts.size();
  if (cut) text += fill(phrase("of each kind the first {most} are listed", language), details) + "\n";
  std::string_view end = phrase("imported: {units} units with {claims} values", language);
  if (arguments.check_only)
    end = phrase("nothing is in the way of {units} units with {claims} values", language);
  if (!report.clean()) {
    end = phrase("lines that are no good: {refused}; conflicts: {conflicts}; nothing was written", language);
  }
  return text + fill(end, details) + "\n";
}

std::string to_json(const ImportReport& report, const Arguments& arguments) {
  json::array refused, conflicts;
  for (const gate::RefusedLine& line : report.refused) {
    refused.push_back({{"line", line.line}, {"column", line.column}, {"what", line.what}});
  }
  for (const ImportConflict& conflict : report.conflicts) {
    conflicts.push_back({{"line", conflict.line},
                         {"keyword", conflict.keyword},
                         {"value", conflict.shown},
                         {"other_line", conflict.other_line},
                         {"unit", conflict.holder.unit},
                         {"label", conflict.holder.label},
                         {"station", conflict.holder.station},
                         {"since", conflict.holder.since},
                         {"state", conflict.state}});
  }
  const json::value object = {{"schema", "dmigate.registry-import/1"},
                              {"file", gate::printable(arguments.operand)},
                              {"sha256", report.sha256},
                              {"written", report.clean() && !arguments.check_only},
                              {"units", report.units},
                              {"claims", report.claims},
                              {"refused_count", report.refused_count},
                              {"refused", std::move(refused)},
                              {"conflict_count", report.conflict_count},
                              {"conflicts", std::move(conflicts)}};
  return json::serialize(object) + "\n";
}

}  // namespace

Result<Done> import_units(gate::Registry& registry, const Arguments& arguments) {
  std::optional<profiles::Profile> profile;
  if (const std::string& name = arguments.request.profile; !name.empty()) {
    auto loaded = profiles::load_profile(name, arguments.settings.catalog);
    if (!loaded) return Failure(loaded.error());
    profile = *std::move(loaded);
  }
  std::optional<Progress> progress(arguments.language);
  const gate::ImportRequest request{
      .file = arguments.operand,
      .profile = profile ? &*profile : nullptr,
      .catalog = arguments.settings.catalog,
      .by = arguments.by,
      .reason = arguments.reason,
      .station = arguments.settings.station,
      .fixtures = arguments.settings.fixtures,
      .progress = [&](std::uint64_t units, unsigned percent) { progress->tell(units, percent); }};
  auto report = arguments.check_only ? registry.check_import(request) : registry.import_units(request);
  progress.reset();
  if (!report) return Failure(report.error());
  return Done{arguments.json ? to_json(*report, arguments) : to_text(*report, arguments), status_of(*report)};
}

Result<Done> export_units(gate::Registry& registry, const Arguments& arguments) {
  std::optional<NewFile> file;
  if (!arguments.operand.empty()) {
    file.emplace(arguments.operand);
    if (auto opened = file->open(); !opened) return Failure(opened.error());
  }
  const auto write = [&](std::string_view piece) -> Result<void> {
    if (file) return file->write(piece);
    if (std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size()) return {};
    return fail("what was exported could not be written to standard output", {},
                "free space there, or name a file");
  };
  auto exported = arguments.csv ? registry.export_csv(write) : registry.export_units(write);
  if (exported && file) exported = file->finish();
  if (!exported) return Failure(exported.error());
  return Done{{}, kExitPass};
}

}  // namespace dmigate::cli
