#include <array>
#include <bitset>
#include <memory>

#include "smbios/smbios.h"

namespace dmigate::smbios {

namespace {

struct Rule {
  DefectKind kind;
  std::string_view id;
};
constexpr Rule kRules[] = {
    {DefectKind::kChecksum, "table.checksum"},
    {DefectKind::kTruncated, "table.truncated"},
    {DefectKind::kNoEnd, "table.no-end"},
    {DefectKind::kCount, "table.count"},
    {DefectKind::kSize, "table.size"},
    {DefectKind::kBadLength, "table.bad-length"},
    {DefectKind::kDuplicateHandle, "table.duplicate-handle"},
    {DefectKind::kTrailingData, "table.trailing-data"},
    {DefectKind::kVersion, "table.version"},
    {DefectKind::kAddress, "table.address"},
    {DefectKind::kMissingStructure, "structure.missing"},
    {DefectKind::kRepeatedStructure, "structure.repeated"},
    {DefectKind::kShortStructure, "structure.short"},
    {DefectKind::kSeveralTables, "table.several"},
    {DefectKind::kText, "table.text"},
};

// How long a structure must be from a version on.
struct MinimumLength {
  std::uint8_t type;
  Version since;
  std::uint8_t bytes;
};
constexpr MinimumLength kMinimumLengths[] = {
    {0, {}, 0x12}, {0, {2, 3}, 0x14}, {0, {2, 4}, 0x18}, {0, {3, 1}, 0x1A},  // clause 7.1
    {1, {}, 0x08}, {1, {2, 1}, 0x19}, {1, {2, 4}, 0x1B},                     // clause 7.2
    {2, {}, 0x08},                                                           // clause 7.3
    {3, {}, 0x09}, {3, {2, 1}, 0x0D},                                        // clause 7.4
};

std::uint8_t minimum_length(std::uint8_t type, Version version) {
  std::uint8_t bytes = kHeaderBytes;
  for (const MinimumLength& minimum : kMinimumLengths) {
    if (minimum.type == type && version >= minimum.since) bytes = minimum.bytes;
  }
  return bytes;
}

// One walk over one table.
class Inspection {
 public:
  explicit Inspection(const Layout& layout) : layout_(layout), defects_(layout.defects) {}

  std::vector<Defect> run() {
    for (const Structure structure : Table(layout_.table, layout_.version)) look_at(structure);
    if (!ended_) look_at_stop();
    look_at_whole();
    return std::move(defects_);
  }

 private:
  void add(const Defect& defect) {
    if (++of_kind_.at(static_cast<std::size_t>(defect.kind)) <= kMaxDefects) defects_.push_back(defect);
  }
  void add(DefectKind kind, const Structure& at, std::uint64_t found, std::uint64_t expected) {
    add({kind, at.offset(), at.type(), at.handle(), found, expected});
  }

  void look_at(const Structure& structure) {
    ++structures_;
    stop_ = structure.offset() + structure.size();
    ended_ = structure.type() == kEndOfTableType;
    look_at_handle(structure);
    const std::uint8_t minimum = minimum_length(structure.type(), layout_.version);
    if (structure.length() < minimum) {
      add(DefectKind::kShortStructure, structure, structure.length(), minimum);
    }
    if (structure.type() == 1 && ++systems_ == 2) second_system_ = structure;
  }

  void look_at_handle(const Structure& structure) {
    const Handle handle = structure.handle();
    if (seen_->test(handle) && !reported_->test(handle)) {
      reported_->set(handle);
      add(DefectKind::kDuplicateHandle, structure, handle, 0);
    }
    seen_->set(handle);
  }

  // Why the walk did not come to a Type 127.
  void look_at_stop() {
    const ByteView table(layout_.table);
    const ByteView rest = table.from(stop_);
    std::optional<std::uint8_t> type = rest.byte(0);
    std::optional<Handle> handle;
    if (const auto number = rest.number(2, 2)) handle = static_cast<Handle>(*number);
    if (rest.zero()) {  // padding, or nothing: the table is whole, but for its end
      const std::uint32_t announced = layout_.announced_bytes.value_or(0);
      if (announced > table.size()) {
        add({DefectKind::kTruncated, table.size(), std::nullopt, std::nullopt, table.size(), announced});
      }
    } else if (rest.size() >= kHeaderBytes && rest.byte(1) < kHeaderBytes) {
      add({DefectKind::kBadLength, stop_, type, handle, rest.byte(1).value_or(0), kHeaderBytes});
    } else {
      add({DefectKind::kTruncated, stop_, type, handle, table.size(),
           std::max<std::uint64_t>(layout_.announced_bytes.value_or(0), table.size())});
    }
    add({DefectKind::kNoEnd, stop_, std::nullopt, std::nullopt, 0, 0});
  }

  void look_at_whole() {
    const ByteView rest = ByteView(layout_.table).from(stop_);
    if (ended_ && !rest.zero()) {
      add({DefectKind::kTrailingData, stop_, std::nullopt, std::nullopt, rest.size(), 0});
    }
    if (systems_ == 0) add({DefectKind::kMissingStructure, 0, std::uint8_t{1}, std::nullopt, 0, 1});
    if (second_system_) add(DefectKind::kRepeatedStructure, *second_system_, systems_, 1);
    if (layout_.announced_structures && *layout_.announced_structures != structures_) {
      add({DefectKind::kCount, stop_, std::nullopt, std::nullopt, structures_,
           *layout_.announced_structures});
    }
    look_at_size();
  }

  void look_at_size() {
    if (!layout_.announced_bytes) return;
    const std::uint32_t announced = *layout_.announced_bytes;
    const bool is_maximum = layout_.entry_point_kind == EntryPointKind::kSmbios3;
    // A table without an end is shorter for that reason, which is said elsewhere.
    if (stop_ > announced || (ended_ && !is_maximum && stop_ != announced)) {
      add({DefectKind::kSize, stop_, std::nullopt, std::nullopt, stop_, announced});
    }
  }

  using HandleSet = std::bitset<65536>;
  const Layout& layout_;
  std::vector<Defect> defects_;
  std::array<std::size_t, std::size(kRules)> of_kind_{};
  std::unique_ptr<HandleSet> seen_ = std::make_unique<HandleSet>();
  std::unique_ptr<HandleSet> reported_ = std::make_unique<HandleSet>();
  std::size_t structures_ = 0;
  std::size_t systems_ = 0;
  std::optional<Structure> second_system_;
  std::size_t stop_ = 0;  // after the last whole structure
  bool ended_ = false;
};

}  // namespace

std::string_view rule_id(DefectKind kind) {
  for (const Rule& rule : kRules) {
    if (rule.kind == kind) return rule.id;
  }
  return "table.unknown";
}

std::vector<Defect> inspect(const Layout& layout) { return Inspection(layout).run(); }

}  // namespace dmigate::smbios
