// Every sentence that a verdict can say, in English and Chinese, in one table (messages.cc).
//
// A rule id is what other programs and waivers know a finding by: it never changes. One rule may
// have several sentences, where the cause, and so the cure, differs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dmigate::gate {

enum class Language : std::uint8_t { kEnglish, kChinese };

enum class Say : std::uint8_t {
  // the table
  kTableChecksum,
  kTableTruncated,
  kTableCutOff,
  kTableNoEnd,
  kTableCount,
  kTableSize,
  kTableBadLength,
  kTableDuplicateHandle,
  kTableTrailingData,
  kTableVersion,
  kTableAddress,
  kTableUnwalkable,
  kTableSeveral,
  kTableText,
  kTableNewerVersion,
  kTableReservedHandle,
  kStructureDangling,
  kStructureBadString,
  kStructureCharset,
  kStructureControl,
  kStructureLongString,
  kBoardMotherboard,
  kBoardHosting,
  kBoardFirst,
  kStructureOutOfSpec,
  kStructureReservedBits,
  kStructureNewerValue,
  kStructureBadList,
  kStructureAnnexA,
  kStructureBiosCount,
  kTextRefused,
  kStructureMissing,
  kStructureRepeated,
  kStructureShort,
  kStructureCount,
  // a field
  kFieldAbsentStructure,
  kFieldNoneSelected,
  kFieldBeyondLength,
  kFieldNotApplicable,
  kFieldNoString,
  kFieldBadIndex,
  kFieldBlank,
  kFieldUnknown,
  kFieldPlaceholder,
  kFieldRun,
  kFieldWhitespace,
  kFieldCharset,
  kFieldEquals,
  kFieldOneOf,
  kFieldPattern,
  kFieldContains,
  kFieldNotContains,
  kFieldStartsWith,
  kFieldTooLong,
  kFieldTooShort,
  kFieldAtLeast,
  kUuidNil,
  kUuidFf,
  kUuidTemplate,
  kUuidAscii,
  kUuidMac,
  kUuidTemplateMac,
  kUuidByteOrder,
  // what was scanned
  kLabelPattern,
  kLabelMismatch,
  kScannedPlaceholder,
  kIdentifierPattern,
  kIdentifierMissing,
  kSourceUnreadable,
  kBootIdMissing,
  kUnidentified,
  kNoUnit,
  kNoMatch,
  kProfileAmbiguous,
  kWaiverExpired,
  kProfileUnconfirmed,
  // the registry
  kDuplicate,
  kSharedInBatch,  ///< an audit's
  kChanged,
  kClone,
  kRetired,
  kInRepair,
  kIntendedTaken,
  kIntendedRetired,
  kRegistryFailed,
  // the line
  kStageOrder,
  kRunFailed,
  kSameBoot,
  kPendingBurn,
  kOpenRecord,
  // burn and run
  kBurnIntended,
  kBurnNotGiven,
  kBurnMismatch,
  kBurnLost,
  kBurnCommand,
  kBurnCall,
  kImageCommand,
  kCloseFailed,
  // hardware, WMI and inventories (gate/judge/hardware.cc)
  kDisksMissing,
  kDiskPortMissing,
  kDiskSerialUnread,
  kDiskRemovable,
  kDiskFixed,
  kDiskSerialMissing,
  kDiskSerialPlaceholder,
  kDiskSerialLength,
  kDiskTooMany,
  kDiskTooFew,
  kDiskUnknown,
  kDiskNotThere,
  kDiskNotOne,
  kDiskKindUnknown,
  kDiskNone,
  kNicsMissing,
  kNicPortMissing,
  kNicNone,
  kNicTooFew,
  kNicTooMany,
  kWitnessUnsure,
  kClockMissing,
  kClockNoReference,
  kClockFast,
  kClockSlow,
  kClockLocal,
  kWmiMissing,
  kWmiIncomplete,
  kWmiFailed,
  kWmiFailedEmpty,
  kWmiSilent,
  kWmiDiffers,
  kWmiEmpty,
  kEvidenceMismatch,
  kInventoryUnnamed,
  // permits and events (line-integration)
  kPermitDamaged,
  kPermitKey,
  kPermitForged,
  kPermitExpired,
  kPermitEarly,
  kPermitStage,
  kPermitTable,
  kPermitUnit,
  kPermitProfile,
  kPermitUsed,
  kPermitStale,
  kPermitNotIssued,
  kNotifyLost,
  // causes: not findings, but what stands for {detail} in one
  kWhyNeverThere,
  kWhyUnknownUnit,
  kWhyNotPassed,
  kWhyBurntSince,
  kWhyRunSince,
  kWhyReworked,
  kWhyNotStarted,
  kWhyNoTimeLeft,
  kWhyTimedOut,
  kWhyInterrupted,
  kWhySignal,
  kWhyExitStatus,
  kWhyNotEnded,
  kWhyLeft,
  kWhyNoSuccessWord,
  // cures: not findings, but what an advice may end with
  kCureBurn,
  kCureSupplier,
  kCureNote,
  kCureNone,
  kCount,
};

// Placeholders are {named}; both languages of a row use the same ones (a test holds that).
struct Message {
  Say say;
  std::string_view rule;  ///< "field.empty"
  std::string_view english;
  std::string_view chinese;
  std::string_view english_advice;  ///< may be empty only together with chinese_advice
  std::string_view chinese_advice;
};

const Message& message(Say say);
std::span<const Message> messages();

using Details = std::vector<std::pair<std::string_view, std::string>>;

// Puts the details into the placeholders; one without a detail stays as it stands.
std::string fill(std::string_view text, const Details& details);

}  // namespace dmigate::gate
