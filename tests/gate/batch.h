// A batch for a test of the audit: a folder of dumps of units of our own making.
//
//   Batch batch;
//   batch.add("a.bin", good(1));
//   const Audited audited = batch.audit();
//   CHECK(audited.outcome("a.bin") == "PASS");
#pragma once

#include <boost/json.hpp>
#include <filesystem>

#include "gate/audit/audit.h"
#include "tests/gate/units.h"

namespace dmigate::gate {

namespace json = boost::json;

// A good unit, and all that is unique of it.
constexpr const char* kBatchModel = R"(
profile: cx
version: 3
fields:
  system-manufacturer:     { equals: Chenxi }
  system-product-name:     {}
  system-serial-number:    { unique: true, pattern: '[A-Za-z0-9 ]+' }
  system-uuid:             { unique: true }
  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }
)";

inline std::vector<std::uint8_t> dump_of(fixtures::UnitDescription described) {
  described.form = smbios::Form::kDump;
  auto built = fixtures::build(described);
  REQUIRE_MESSAGE(built, (built ? "" : built.error().to_string()));
  return built->file;
}

inline std::string text_of(smbios::Bytes bytes) { return std::string(smbios::ByteView(bytes).text()); }

inline audit::Request request_for(const std::string& model = kBatchModel) {
  audit::Request request;
  request.profiles.push_back(profile(model));
  request.jobs = 2;
  request.today = "2026-11-20";
  return request;
}

// What came of an audit: the summary, and the JSONL by path.
struct Audited {
  audit::Summary summary;
  std::string jsonl, csv;
  Words paths;  ///< in the order of the JSONL, from the batch's folder on
  Words again;  ///< that were named once more, and are told as such
  std::map<std::string, json::object> units;

  [[nodiscard]] const json::object& unit(const std::string& path) const {
    REQUIRE_MESSAGE(units.contains(path), path);
    return units.at(path);
  }
  // "PASS"; "no dump: why"
  [[nodiscard]] std::string outcome(const std::string& path) const {
    const json::object& object = unit(path);
    if (object.at("outcome").is_null()) return "no dump: " + std::string(object.at("no_dump").as_string());
    return std::string(object.at("outcome").as_string());
  }
  // "field.empty system-serial-number", warnings with "warning " before them.
  [[nodiscard]] Words findings(const std::string& path) const {
    Words all;
    for (const json::value& each : unit(path).at("findings").as_array()) {
      const json::object& finding = each.as_object();
      std::string words = finding.at("severity").as_string() == "warning" ? "warning " : "";
      words += finding.at("rule").as_string();
      if (finding.contains("keyword")) words += " " + std::string(finding.at("keyword").as_string());
      all.push_back(std::move(words));
    }
    return all;
  }
  // "1 system-uuid x2"
  [[nodiscard]] Words groups(const std::string& path) const {
    Words all;
    for (const json::value& each : unit(path).at("duplicates").as_array()) {
      const json::object& group = each.as_object();
      all.push_back(std::to_string(group.at("group").to_number<int>()) + " " +
                    std::string(group.at("keyword").as_string()) + " x" +
                    std::to_string(group.at("units").to_number<int>()));
    }
    return all;
  }
};

class Batch {
 public:
  [[nodiscard]] std::string operator/(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::string path() const { return folder_.path(); }

  void add(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path(folder_ / name);
    std::filesystem::create_directories(path.parent_path());
    write_file(path.string(), bytes);
    REQUIRE_MESSAGE(std::filesystem::is_regular_file(path), name);
  }
  void add(const std::string& name, const fixtures::UnitDescription& described) const {
    add(name, text_of(dump_of(described)));
  }

  // The whole folder, unless the request names paths of its own.
  [[nodiscard]] Audited audit(audit::Request request = request_for()) const {
    const TemporaryFolder reports;
    if (request.paths.empty()) request.paths = {folder_.path()};
    if (request.jsonl.empty()) request.jsonl = reports / "batch.jsonl";
    if (request.csv.empty()) request.csv = reports / "batch.csv";
    auto summary = audit::audit(request);
    REQUIRE_MESSAGE(summary, (summary ? "" : summary.error().to_string()));
    Audited audited{.summary = *std::move(summary), .jsonl = read_file(request.jsonl)};
    if (std::filesystem::is_regular_file(request.csv)) audited.csv = read_file(request.csv);
    read(audited);
    return audited;
  }

 private:
  void read(Audited& audited) const {
    std::istringstream lines(audited.jsonl);
    for (std::string line; std::getline(lines, line);) {
      json::object object = json::parse(line).as_object();
      CHECK(object.at("schema").as_string() == "dmigate.audit/1");
      if (object.contains("partial")) continue;
      std::string path(object.at("path").as_string());
      const std::string here = folder_.path() + "/";
      if (path.starts_with(here)) path.erase(0, here.size());
      if (object.contains("no_dump") && audited.units.contains(path)) {  // named again, and said so
        audited.again.push_back(path);
        continue;
      }
      audited.paths.push_back(path);
      CHECK_MESSAGE(audited.units.emplace(path, std::move(object)).second, path << " is told twice");
    }
  }

  TemporaryFolder folder_;
};

}  // namespace dmigate::gate
