#include "gate/audit/telling.h"

#include <algorithm>
#include <utility>

namespace dmigate::gate::audit {

const profiles::Profile* profile_of(const Request& request, const Record& record) {
  return record.model < request.profiles.size() ? &request.profiles[record.model] : nullptr;
}

Teller::Teller(const Request& request, const Duplicates& duplicates,
               std::span<const std::unique_ptr<Report>> reports)
    : request_(request),
      duplicates_(duplicates),
      reports_(reports),
      rendered_(reports.size()),
      collector_(request) {}

void Teller::begin(std::uint32_t first) {
  for (Rendered& each : rendered_) each.clear();
  collector_ = Collector(request_);
  number_ = first;
  const auto& members = duplicates_.members();
  member_ =
      static_cast<std::size_t>(std::ranges::lower_bound(members, first, {}, &Member::unit) - members.begin());
}

std::size_t Teller::tell(std::string_view records, std::span<const BatchFindings> known) {
  RecordReader reader(records);
  std::size_t place = 0;
  for (Record record; reader.next(record); ++place)
    tell(record, known.empty() ? std::span<const Finding>() : std::span<const Finding>(known[place]));
  return place;
}

void Teller::tell(const Record& record, std::span<const Finding> known) {
  shared_.clear();
  const auto& members = duplicates_.members();
  for (; member_ < members.size() && members[member_].unit == number_; ++member_) {
    const Member& member = members[member_];
    const Shown& value = record.values[member.slot];
    shared_.push_back({value.keyword, value.value, member.group, duplicates_.size(member.group)});
  }
  ++number_;
  Unit unit{.record = record,
            .outcome = record.outcome,
            .enforced = record.enforced,
            .profile = profile_of(request_, record),
            .duplicates = shared_,
            .registry = known};
  Outcome& judged = unit.enforced ? *unit.enforced : unit.outcome;
  if (!(shared_.empty() && known.empty()) && judged == Outcome::kPass) judged = Outcome::kFail;
  if (std::ranges::any_of(known, &Finding::unjudged)) judged = Outcome::kError;
  collector_.add(unit);
  for (std::size_t i = 0; i < reports_.size(); ++i) reports_[i]->render(unit, rendered_[i]);
}

void Teller::give(Collector& collector) {
  collector.add(std::move(collector_));
  for (std::size_t i = 0; i < reports_.size(); ++i) reports_[i]->take(rendered_[i]);
}

}  // namespace dmigate::gate::audit
