#include "line-integration/station/lint.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "line-integration/station/settings.h"

namespace dmigate::line {
namespace {

namespace fs = std::filesystem;
using profiles::Note;
using profiles::Severity;

// The folders among the operands are where names are looked up, before the station's.
std::vector<std::string> expand(const std::vector<std::string>& operands, profiles::Catalog& catalog,
                                std::vector<Note>& notes) {
  std::vector<std::string> files, folders;
  for (const std::string& operand : operands) {
    std::error_code error;
    if (!fs::is_directory(operand, error)) {
      files.push_back(operand);
      continue;
    }
    folders.push_back(operand);
    const auto found = profiles::files_of_folder(operand);
    if (!found) {
      notes.push_back({operand, {}, Severity::kError, found.error().what});
    } else if (found->empty()) {
      notes.push_back({operand, {}, Severity::kError, "there is no *.yaml in this folder"});
    } else {
      files.insert(files.end(), found->begin(), found->end());
    }
  }
  catalog.folders.insert(catalog.folders.begin(), folders.begin(), folders.end());
  return files;
}

// Whether it is a station's file; then it is linted.
bool lint_station(const std::string& file, std::vector<Note>& notes) {
  const bool is_file =
      file.find('/') != std::string::npos || file.ends_with(".yaml") || file.ends_with(".yml");
  if (!is_file) return false;
  const auto text = profiles::read_text(file);
  if (!text || !is_station_file(*text, file)) return false;
  for (profiles::Problem& problem : check_settings(*text, file))
    notes.push_back({problem.file, problem.mark, Severity::kError, std::move(problem.message)});
  return true;
}

}  // namespace

std::vector<Note> lint(const std::vector<std::string>& operands, profiles::Catalog catalog,
                       std::string_view today) {
  std::vector<Note> notes;
  std::vector<std::string> others;
  for (const std::string& file : expand(operands, catalog, notes)) {
    if (lint_station(file, notes)) continue;
    others.push_back(file);
    if (file.find('/') != std::string::npos || file.ends_with(".yaml") || file.ends_with(".yml"))
      catalog = profiles::with_folder_of(std::move(catalog), file);
  }
  std::ranges::move(profiles::lint(others, catalog, today), std::back_inserter(notes));
  return notes;
}

}  // namespace dmigate::line
