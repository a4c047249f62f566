// What DSP0134 asks of single structures, held against the declarative table of fields. A part of
// inspect(): inside this room only.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "smbios/smbios.h"
#include "smbios/structure_memory.h"

namespace dmigate::smbios {

struct EnumValue;  // fields.h

constexpr Handle kFirstReservedHandle = 0xFF00;  // clause 6.1.2
using HandleSet = std::bitset<65536>;

// What is wrong, at most kMaxDefects of a kind.
class Defects {
 public:
  explicit Defects(std::vector<Defect> so_far) : defects_(std::move(so_far)) {}
  void add(const Defect& defect) {
    if (++of_kind_.at(static_cast<std::size_t>(defect.kind)) <= kMaxDefects) defects_.push_back(defect);
  }
  std::vector<Defect> take() { return std::move(defects_); }

 private:
  std::vector<Defect> defects_;
  std::array<std::size_t, 64> of_kind_{};
};

// Looks once at each structure: linear in its bytes and the rows of its type, without allocating but
// for what it finds.
class Conformance {
 public:
  // `memory` may be null: then every structure is looked at.
  Conformance(const Layout& layout, Defects& defects, StructureMemory* memory = nullptr);
  void look_at(const Structure& structure);
  // What only the whole table can tell. `handles`: of all its structures.
  void finish(const Table& table, const HandleSet& handles);

 private:
  void add(DefectKind kind, const Structure& at, std::uint64_t found, std::uint64_t expected,
           const Field* field = nullptr);
  void look_closely(const Structure& structure);
  std::size_t look_at_strings(const Structure& structure);
  void look_at_string(const Structure& structure, unsigned number, std::string_view string);
  void look_at_field(const Structure& structure, const Field& field, std::size_t strings);
  void look_at_value(const Structure& structure, const Field& field, std::uint64_t value);
  void look_at_bits(const Structure& structure, const Field& field, std::uint64_t bits);
  void look_at_list(const Structure& structure, const Field& field, std::size_t at);
  void look_at_annex(const Structure& structure);
  void find_handles(const Structure& structure, const Field& field);
  void find_handle(const Structure& structure, const Field& field, const Field& part, std::size_t at);
  void name(const Structure& by, const NamedHandle& named);

  [[nodiscard]] bool is_newer(const EnumValue& value) const;

  const Layout& layout_;
  Defects& defects_;
  StructureMemory* memory_;
  Remembered* place_ = nullptr;  // of the structure that is looked at for the first time
  struct Name {
    NamedHandle named;
    std::size_t offset;  // of the structure that names it, as the two below
    std::uint8_t type;
    Handle by;
  };
  std::vector<Name> names_;
  const bool told_;  // all values are: no text
  const bool newer_;
  std::size_t bios_ = 0, boards_ = 0;
  bool ended_ = false;
};

}  // namespace dmigate::smbios
