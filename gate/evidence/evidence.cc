#include "gate/evidence/evidence.h"

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "gate/evidence/base64.h"
#include "gate/evidence/hardware_json.h"
#include "gate/evidence/inventory.h"
#include "gate/evidence/wmi.h"
#include "smbios/compressed.h"
#include "smbios/open_file.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::string_view kTakeAgain = "take the evidence again with dmigate evidence";
constexpr std::size_t kLargestEvidence = 256u << 20;  // bytes of an evidence file

// What an evidence file says, before its table is looked for.
struct Said {
  std::optional<std::string> boot_id;
  std::string taken;
  std::optional<std::vector<std::uint8_t>> entry_point;
  std::optional<std::vector<std::uint8_t>> data;
  std::optional<std::string> form;
  Hardware hardware;
};

Failure not_evidence(const std::string& name, std::string what) {
  return fail(std::move(what), name, std::string(kTakeAgain));
}

Result<std::string> text_of(const json::value& value, std::string_view key, const std::string& name) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  return not_evidence(name, "\"" + std::string(key) + "\" is not a string");
}

Result<std::vector<std::uint8_t>> bytes_of(const json::value& value, std::string_view key,
                                           const std::string& name) {
  auto text = text_of(value, key, name);
  if (!text) return Failure(text.error());
  if (auto bytes = from_base64(*text)) return *std::move(bytes);
  return not_evidence(name, "\"" + std::string(key) + "\" is not base64");
}

Result<void> read_table(const json::value& value, const std::string& name, Said& said) {
  const json::object* table = value.if_object();
  if (table == nullptr) return not_evidence(name, "\"table\" is not an object");
  std::optional<std::string> sha;
  for (const auto& [key, member] : *table) {
    if (key == "form" || key == "sha256") {
      auto text = text_of(member, key, name);
      if (!text) return Failure(text.error());
      (key == "form" ? said.form : sha) = *text;
    } else if (key == "entry_point" || key == "data") {
      auto bytes = bytes_of(member, key, name);
      if (!bytes) return Failure(bytes.error());
      (key == "data" ? said.data : said.entry_point) = *std::move(bytes);
    } else {
      return not_evidence(name, "\"table\" has an unknown member \"" + std::string(key) + "\"");
    }
  }
  if (!said.data) return not_evidence(name, "\"table\" has no \"data\"");
  if (!sha) return not_evidence(name, "\"table\" has no \"sha256\"");
  if (*sha != to_hex(sha256(*said.data))) {
    return not_evidence(name,
                        "the table's bytes do not have the SHA-256 that is stated: the file was changed");
  }
  return {};
}

Result<Said> read_said(std::string_view text, const std::string& name) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return not_evidence(name, "this is not an evidence file (not a JSON object)");
  if (has_member_twice(text, value)) return not_evidence(name, "a member stands in it twice");
  Said said;
  bool known_schema = false;
  for (const auto& [key, member] : *object) {
    if (key == "table") {
      if (auto read = read_table(member, name, said); !read) return Failure(read.error());
      continue;
    }
    auto beside = read_hardware(key, member, name, said.hardware);
    if (!beside) return Failure(beside.error());
    if (*beside) continue;
    auto member_text = text_of(member, key, name);
    if (!member_text) return Failure(member_text.error());
    if (key == "schema") {
      known_schema = *member_text == kEvidenceSchema;
    } else if (key == "boot_id") {
      said.boot_id = *member_text;
    } else if (key == "taken") {
      said.taken = *member_text;
    } else if (key != "version") {
      return not_evidence(name, "unknown member \"" + std::string(key) + "\"");
    }
  }
  if (!known_schema) return not_evidence(name, "its schema is not dmigate.evidence/1");
  if (said.boot_id && said.boot_id->empty()) return not_evidence(name, "\"boot_id\" is empty");
  return said;
}

Result<smbios::Source> table_of(const Said& said, const std::string& name) {
  if (!said.data) return not_evidence(name, "it has no \"table\"");
  if (said.entry_point) return smbios::Source::from_pair(*said.entry_point, *said.data, name);
  return smbios::Source::from_bytes(*said.data, name);
}

Result<std::string> read_all(std::FILE* file, const std::string& name) {
  std::string text;
  std::array<char, 65536> part{};
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), file)) {
    text.append(part.data(), size);
    if (text.size() > kLargestEvidence)
      return fail("it is too large to be evidence", name, std::string(kTakeAgain));
  }
  if (std::ferror(file) != 0) return fail("it cannot be read", name, "check the medium");
  return text;
}

Result<std::string> read_file(const fs::path& path) {
  const smbios::File file = smbios::open_file(path);
  if (!file) return fail("the file cannot be opened", path.string(), "check its name and permissions");
  return read_all(file.get(), path.string());
}

// Evidence files are recognised by their first character: no table starts with '{'
// (a Type 7Bh structure would be inactive OEM data, and 7Bh is no entry point).
bool looks_like_json(smbios::Bytes bytes) {
  for (const std::uint8_t byte : bytes) {
    if (byte == '{') return true;
    if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n') return false;
  }
  return false;
}

// What evidence.json says of the unit whose table lies beside it.
Result<Evidence> with_said(smbios::Source source, std::string_view text, const std::string& name) {
  auto said = read_said(text, name);
  if (!said) return Failure(said.error());
  if (said->data && sha256(*said->data) != sha256(table_data(source))) {
    return not_evidence(name, "its table is not the one in the folder's DMI file");
  }
  return Evidence{.source = std::move(source),
                  .boot_id = said->boot_id,
                  .taken = said->taken,
                  .hardware = std::move(said->hardware)};
}

Result<Evidence> read_folder(const std::string& folder) {
  auto source = smbios::Source::open(folder);
  if (!source) return Failure(source.error());
  const fs::path said_path = fs::path(folder) / "evidence.json";
  std::error_code error;
  if (fs::symlink_status(said_path, error).type() == fs::file_type::not_found)
    return Evidence{.source = *std::move(source)};
  return read_file(said_path).and_then(
      [&](const std::string& text) { return with_said(*std::move(source), text, said_path.string()); });
}

// Read once: a pipe cannot be opened again.
Result<Evidence> read_content(std::FILE* file, const std::string& name) {
  auto text = read_all(file, name);
  if (!text) return Failure(text.error());
  return read_evidence(smbios::ByteView(*text).bytes(), name);
}

}  // namespace

Result<Evidence> parse_evidence(std::string_view text, const std::string& name) {
  auto said = read_said(text, name);
  if (!said) return Failure(said.error());
  auto source = table_of(*said, name);
  if (!source) return Failure(source.error());
  return Evidence{.source = *std::move(source),
                  .boot_id = said->boot_id,
                  .taken = said->taken,
                  .hardware = std::move(said->hardware)};
}

Result<Evidence> read_evidence(const std::string& source) {
  std::error_code error;
  if (source == "-") return read_content(stdin, "standard input");
  if (fs::is_directory(source, error)) return read_folder(source);
  const smbios::File file = smbios::open_file(source);
  if (file) return read_content(file.get(), source);
  auto opened = smbios::Source::open(source);  // it says why
  if (!opened) return Failure(opened.error());
  return Evidence{.source = *std::move(opened)};
}

Result<Evidence> read_evidence(smbios::Bytes file, const std::string& name) {
  const std::string_view text = smbios::ByteView(file).text();
  if (looks_like_json(file)) return parse_evidence(text, name);
  if (smbios::is_compressed(file)) {
    const auto unpacked = smbios::decompress(file, kLargestEvidence);
    if (unpacked && looks_like_json(*unpacked)) {
      return parse_evidence(smbios::ByteView(*unpacked).text(), name);
    }
  }
  auto source = smbios::Source::from_bytes({file.begin(), file.end()}, name);
  if (source) return Evidence{.source = *std::move(source)};
  if (is_inventory(text)) {
    return fail("this is a hardware inventory, and has no SMBIOS table", name,
                "give it with --evidence, beside the unit's table");
  }
  return Failure(source.error());
}

Result<Evidence> read_evidence_of_pair(const std::vector<std::uint8_t>& entry_point,
                                       const std::vector<std::uint8_t>& table,
                                       const std::optional<std::string>& said, const std::string& name) {
  auto source = smbios::Source::from_pair(entry_point, table, name);
  if (!source) return Failure(source.error());
  if (!said) return Evidence{.source = *std::move(source)};
  return with_said(*std::move(source), *said, name + "/evidence.json");
}

Result<std::variant<Evidence, Hardware>> read_beside(const std::string& source) {
  using Beside = std::variant<Evidence, Hardware>;
  const auto as_beside = [](auto value) { return Beside(std::move(value)); };
  std::error_code error;
  if (!fs::is_regular_file(source, error)) return read_evidence(source).map(as_beside);
  auto text = read_file(source);
  if (!text) return Failure(text.error());
  if (is_inventory(*text)) return parse_inventory(*text, source).map(as_beside);
  return read_evidence(smbios::ByteView(*text).bytes(), source).map(as_beside);
}

Result<Wmi> read_wmi(const std::string& path) {
  return read_file(path).and_then([&](const std::string& text) { return parse_wmi(text, path); });
}

}  // namespace dmigate::gate
