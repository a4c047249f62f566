#include <algorithm>
#include <array>
#include <bitset>
#include <memory>

#include "smbios/conformance.h"
#include "smbios/inspector.h"
#include "smbios/smbios.h"

namespace dmigate::smbios {

namespace {

struct Rule {
  DefectKind kind;
  std::string_view id;
  Weight weight;
};
// What may hide or garble an identity blocks. The rest is firmware that readers get along with.
constexpr Rule kRules[] = {
    {DefectKind::kChecksum, "table.checksum", Weight::kBlocks},
    {DefectKind::kTruncated, "table.truncated", Weight::kBlocks},
    {DefectKind::kNoEnd, "table.no-end", Weight::kBlocks},
    {DefectKind::kCount, "table.count", Weight::kWarns},
    {DefectKind::kSize, "table.size", Weight::kWarns},
    {DefectKind::kBadLength, "table.bad-length", Weight::kBlocks},
    {DefectKind::kDuplicateHandle, "table.duplicate-handle", Weight::kWarns},
    {DefectKind::kTrailingData, "table.trailing-data", Weight::kWarns},
    {DefectKind::kVersion, "table.version", Weight::kWarns},
    {DefectKind::kAddress, "table.address", Weight::kWarns},
    {DefectKind::kMissingStructure, "structure.missing", Weight::kBlocks},
    {DefectKind::kRepeatedStructure, "structure.repeated", Weight::kBlocks},
    {DefectKind::kShortStructure, "structure.short", Weight::kWarns},
    {DefectKind::kSeveralTables, "table.several", Weight::kBlocks},
    {DefectKind::kText, "table.text", Weight::kWarns},
    {DefectKind::kNewerVersion, "table.newer-version", Weight::kWarns},
    {DefectKind::kReservedHandle, "table.reserved-handle", Weight::kWarns},
    {DefectKind::kDanglingHandle, "structure.dangling-handle", Weight::kWarns},
    {DefectKind::kBadString, "structure.bad-string", Weight::kWarns},
    {DefectKind::kCharset, "structure.charset", Weight::kWarns},
    {DefectKind::kControlCharacter, "structure.control-character", Weight::kWarns},
    {DefectKind::kLongString, "structure.long-string", Weight::kWarns},
    {DefectKind::kPaddedString, "structure.padded-string", Weight::kNoted},
    {DefectKind::kSeveralBaseboards, "structure.several-baseboards", Weight::kWarns},
    {DefectKind::kOutOfSpec, "structure.out-of-spec", Weight::kWarns},
    {DefectKind::kReservedBits, "structure.reserved-bits", Weight::kWarns},
    {DefectKind::kNewerValue, "structure.newer-value", Weight::kWarns},
    {DefectKind::kBadList, "structure.bad-list", Weight::kWarns},
    {DefectKind::kAnnexA, "structure.annex-a", Weight::kWarns},
};

const Rule* find_rule(DefectKind kind) {
  const auto* rule =
      std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& row) { return row.kind == kind; });
  return rule == std::end(kRules) ? nullptr : rule;
}

// The handles of one table.
struct HandleSets {
  HandleSet seen, reported;
  std::vector<Handle> all;  // of `seen`, so that it is cleared by them
  void clear() {
    for (const Handle handle : all) {
      seen.reset(handle);
      reported.reset(handle);
    }
    all.clear();
  }
};

// One walk over one table.
class Inspection {
 public:
  // `handles` are empty; `memory` may be null.
  Inspection(const Layout& layout, HandleSets& handles, StructureMemory* memory)
      : layout_(layout),
        defects_(layout.defects),
        conformance_(layout, defects_, memory),
        handles_(handles) {}

  std::vector<Defect> run() {
    const Table table(layout_.table, layout_.version);
    for (const Structure structure : table) look_at(structure);
    if (!ended_) look_at_stop();
    look_at_whole();
    conformance_.finish(table, handles_.seen);
    return defects_.take();
  }

 private:
  void add(const Defect& defect) { defects_.add(defect); }
  void add(DefectKind kind, const Structure& at, std::uint64_t found, std::uint64_t expected) {
    add({kind, at.offset(), at.type(), at.handle(), found, expected});
  }

  void look_at(const Structure& structure) {
    ++structures_;
    stop_ = structure.offset() + structure.size();
    ended_ = structure.type() == kEndOfTableType;
    look_at_handle(structure);
    conformance_.look_at(structure);
    if (structure.type() == 1 && ++systems_ == 2) second_system_ = structure;
  }

  void look_at_handle(const Structure& structure) {
    const Handle handle = structure.handle();
    if (!handles_.seen.test(handle)) {
      handles_.seen.set(handle);
      handles_.all.push_back(handle);
    } else if (!handles_.reported.test(handle)) {
      handles_.reported.set(handle);
      add(DefectKind::kDuplicateHandle, structure, handle, 0);
    }
    if (handle >= kFirstReservedHandle)
      add(DefectKind::kReservedHandle, structure, handle, kFirstReservedHandle);
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

  const Layout& layout_;
  Defects defects_;
  Conformance conformance_;
  HandleSets& handles_;
  std::size_t structures_ = 0;
  std::size_t systems_ = 0;
  std::optional<Structure> second_system_;
  std::size_t stop_ = 0;  // after the last whole structure
  bool ended_ = false;
};

}  // namespace

std::string_view rule_id(DefectKind kind) {
  const Rule* rule = find_rule(kind);
  return rule == nullptr ? "table.unknown" : rule->id;
}

Weight weight(DefectKind kind) {
  const Rule* rule = find_rule(kind);
  return rule == nullptr ? Weight::kBlocks : rule->weight;
}

std::vector<Defect> inspect(const Layout& layout) {
  const auto handles = std::make_unique<HandleSets>();
  return Inspection(layout, *handles, nullptr).run();
}

struct Inspector::Kept {
  StructureMemory memory;
  HandleSets handles;
};

Inspector::Inspector() : kept_(std::make_unique<Kept>()) {}
Inspector::~Inspector() = default;

std::vector<Defect> Inspector::inspect(const Layout& layout) {
  kept_->handles.clear();
  return Inspection(layout, kept_->handles, &kept_->memory).run();
}

}  // namespace dmigate::smbios
