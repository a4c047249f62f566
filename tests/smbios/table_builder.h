// Tables by hand: structures from bytes and strings, and the entry points before them.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::smbios::test {

using Buffer = std::vector<std::uint8_t>;

inline void append(Buffer& to, const Buffer& what) { to.insert(to.end(), what.begin(), what.end()); }
inline void append(Buffer& to, std::string_view what) { to.insert(to.end(), what.begin(), what.end()); }

inline Buffer bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

inline Buffer little_endian(std::uint64_t value, std::size_t width) {
  Buffer bytes(width);
  put_number(bytes, 0, width, value);
  return bytes;
}

inline Buffer structure(std::uint8_t type, Handle handle, const Buffer& body,
                        const std::vector<std::string>& strings = {}) {
  Buffer bytes = {type, static_cast<std::uint8_t>(4 + body.size())};
  append(bytes, little_endian(handle, 2));
  append(bytes, body);
  for (const std::string& string : strings) {
    append(bytes, string);
    bytes.push_back(0);
  }
  if (strings.empty()) bytes.push_back(0);
  bytes.push_back(0);
  return bytes;
}

inline Buffer join(std::initializer_list<Buffer> parts) {
  Buffer all;
  for (const Buffer& part : parts) append(all, part);
  return all;
}

inline const Buffer kUuid = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                             0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};

inline Buffer bios(Handle handle = 0) {
  return structure(0, handle, {1, 2, 0x00, 0xF0, 3,    0xFF, 0x90, 0,    0,    0,    0,
                               0, 0, 0,    0x03, 0x05, 5,    13,   0xFF, 0xFF, 0x20, 0x00},
                   {"American Megatrends", "5.13", "11/20/2026"});
}
inline Buffer system(const std::vector<std::string>& strings, Handle handle = 1) {
  Buffer body = {1, 2, 3, 4};
  append(body, kUuid);
  append(body, {0x06, 5, 6});
  return structure(1, handle, body, strings);
}
inline Buffer system() { return system({"THTF", "CX E500", "1.0", "CX1234567", "SKU-1", "CX"}); }
// `features` bit 0: hosting board; `type` 0Ah: motherboard.
inline Buffer baseboard(const std::string& serial, std::uint8_t type = 0x0A, std::uint8_t features = 0x09,
                        Handle handle = 2) {
  return structure(2, handle, {1, 2, 0, 3, 4, features, 5, 3, 0, type, 0},
                   {"THTF", "H310CM-A", serial, "Asset", "Default"});
}
inline Buffer chassis(std::uint8_t type = 0x03, Handle handle = 3) {
  return structure(3, handle, {1, type, 2, 3, 4, 3, 3, 3, 2, 0, 0, 0, 0, 0, 1, 0, 0, 5},
                   {"THTF", "1.0", "CH-1", "Asset", "SKU-C"});
}
inline Buffer end_of_table(Handle handle = 0x7F) { return structure(127, handle, {}); }

inline Buffer good_table() { return join({bios(), system(), baseboard("MB-1"), chassis(), end_of_table()}); }
constexpr std::uint16_t kGoodStructures = 5;

inline void set_sum(Buffer& entry_point, std::size_t at, std::size_t from, std::size_t length) {
  entry_point[at] = 0;
  entry_point[at] = static_cast<std::uint8_t>(0x100U - ByteView(entry_point).from(from).first(length).sum());
}

struct EntryPoint {
  Version version = {3, 2, 0};
  std::uint64_t table_bytes = 0;
  std::uint64_t address = 0x20;
  std::uint16_t structures = kGoodStructures;
  std::uint8_t length = 0;  // 0: as it must be
};

inline Buffer sm3(const EntryPoint& is) {
  Buffer bytes = bytes_of("_SM3_");
  append(bytes, {0, is.length != 0 ? is.length : std::uint8_t{0x18}, is.version.major, is.version.minor,
                 is.version.revision, 1, 0});
  append(bytes, little_endian(is.table_bytes, 4));
  append(bytes, little_endian(is.address, 8));
  set_sum(bytes, 5, 0, bytes.size());
  return bytes;
}
inline Buffer sm2(const EntryPoint& is) {
  Buffer bytes = bytes_of("_SM_");
  append(bytes, {0, is.length != 0 ? is.length : std::uint8_t{0x1F}, is.version.major, is.version.minor, 0x80,
                 0, 0, 0, 0, 0, 0, 0});
  append(bytes, "_DMI_");
  bytes.push_back(0);
  append(bytes, little_endian(is.table_bytes, 2));
  append(bytes, little_endian(is.address, 4));
  append(bytes, little_endian(is.structures, 2));
  bytes.push_back(static_cast<std::uint8_t>(is.version.major << 4 | (is.version.minor & 0x0F)));
  set_sum(bytes, 0x15, 0x10, 0x0F);
  set_sum(bytes, 4, 0, is.length != 0 ? is.length : 0x1F);
  return bytes;
}
inline Buffer dmi(const EntryPoint& is) {
  Buffer bytes = bytes_of("_DMI_");
  bytes.push_back(0);
  append(bytes, little_endian(is.table_bytes, 2));
  append(bytes, little_endian(is.address, 4));
  append(bytes, little_endian(is.structures, 2));
  bytes.push_back(static_cast<std::uint8_t>(is.version.major << 4 | is.version.minor));
  set_sum(bytes, 5, 0, bytes.size());
  return bytes;
}

// The entry point, zeros up to `place`, the table.
inline Buffer dump(Buffer entry_point, const Buffer& table, std::size_t place = 0x20) {
  entry_point.resize(place);
  append(entry_point, table);
  return entry_point;
}
inline Buffer good_dump() {
  EntryPoint entry_point;
  entry_point.table_bytes = good_table().size();
  return dump(sm3(entry_point), good_table());
}
inline Buffer rsmb(const Buffer& table, std::uint64_t length, Version version = {3, 2, 0}) {
  Buffer bytes = {0, version.major, version.minor, 0};
  append(bytes, little_endian(length, 4));
  append(bytes, table);
  return bytes;
}

inline std::size_t count(const std::vector<Defect>& defects, DefectKind kind) {
  std::size_t found = 0;
  for (const Defect& defect : defects) found += defect.kind == kind ? 1U : 0U;
  return found;
}
inline bool has(const std::vector<Defect>& defects, DefectKind kind) { return count(defects, kind) != 0; }

// The ids of all that is wrong, in order: for messages and for comparing at one look.
inline std::string rules(const std::vector<Defect>& defects) {
  std::string text;
  for (const Defect& defect : defects) {
    if (!text.empty()) text += ' ';
    text += rule_id(defect.kind);
  }
  return text;
}

inline Reading reading(const Source& source, std::string_view keyword) {
  return read(source.table(), *find_field(keyword));
}

}  // namespace dmigate::smbios::test
