// audit: many units at once. Which of a batch must not ship, and which of its units share a value.
//
//   audit::Request request{.paths = {"batch-7"}, .profiles = {profile}, .jsonl = "batch-7.jsonl"};
//   auto summary = audit::audit(request);
//
// One walker names what there is, in the order of the bytes of its paths; workers read and judge it; what is
// kept of each unit stands in temporary files (record.h), from which duplicates are told (duplicates.h) and
// reports written (report.h). Whatever the number of workers, the reports are the same to the byte.
// Memory: a fixed part, and up to 160 bytes for each unit.
//
// Nothing ends an audit but what is asked of it: what cannot be read or judged is an ERROR of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gate/audit/summary.h"
#include "gate/judge/verdict.h"
#include "gate/registry/registry.h"

namespace dmigate::gate::audit {

struct Progress {
  std::uint64_t done = 0;      ///< units and other files
  std::optional<double> part;  ///< of all, as far as is known: 0 to 1
  std::chrono::steady_clock::duration taken{};
};

struct Request {
  // Files, folders (with all below them), patterns with * ? [ ], archives; "-": a list of these on standard
  // input, one a line, or with NULs between them.
  std::vector<std::string> paths;
  // choose_profiles() fills these. One that is for every unit; or several, of which `match` finds each
  // unit's.
  std::vector<profiles::Profile> profiles = {};
  std::vector<std::shared_ptr<const profiles::BurnTool>> tools = {};  ///< of each profile; may be null
  bool match = false;
  bool table_only = false;                      ///< rules on hardware are not asked at all
  unsigned jobs = 0;                            ///< workers; 0: as many as there are processors
  std::string csv = {}, jsonl = {}, html = {};  ///< files to write; empty: not asked for
  Language language = Language::kEnglish;
  std::vector<std::string> fixtures = {};  ///< addresses of adapters that are the plant's: no unit's
  std::string today = {};                  ///< UTC, "2026-11-20": for waivers
  Registry* registry = nullptr;            ///< not null: what it knows of the units is asked, and told
  bool claim = false;                      ///< and the units that it does not know are known from then on
  Station station = {};                    ///< whose journal tells of that
  std::string temporary_folder = "/tmp";
  std::FILE* list = stdin;                             ///< what "-" stands for
  const std::atomic<bool>* stop = nullptr;             ///< set by somebody who wants it to end
  std::function<void(const Progress&)> progress = {};  ///< called now and then, from one thread
};

// The profile that is named, by name or file; else, where none is, all of the catalog's folders. `tool`: the
// station's burn tool, instead of each profile's; may be empty. Fails (configuration) where one does not
// hold.
Result<void> choose_profiles(const std::string& named, const profiles::Catalog& catalog,
                             const std::string& tool, Request& request);

// Fails only where nothing can be kept (no temporary file can be made or written), and (kConfiguration) where
// the registry refuses a profile. What else goes wrong is counted in the summary: where the registry stops
// answering, the units from there on could not be judged.
Result<Summary> audit(const Request& request);

}  // namespace dmigate::gate::audit
