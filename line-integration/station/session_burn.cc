// dmigate burn: which values, by which calls of the tool.
#include <algorithm>

#include "line-integration/station/case.h"
#include "line-integration/station/commands.h"

namespace dmigate::line {
namespace {

using gate::Purpose;
using gate::Say;
using gate::Stage;

template <typename Wanted>
Result<std::vector<profiles::BurnValue>> intended_values(const std::vector<Wanted>& wanted,
                                                         const profiles::Profile& profile) {
  std::vector<profiles::BurnValue> values;
  for (const auto& each : wanted) {
    const smbios::Field* field = smbios::find_field(each.keyword);
    const auto& burnt = profile.burn->fields;
    if (field == nullptr || std::ranges::find(burnt, field) == burnt.end()) {
      return usage("profile " + profile.name + " does not have `" + gate::printable(each.keyword) + "` burnt",
                   "name one of the fields of its `burn` section");
    }
    if (std::ranges::find(values, field, &profiles::BurnValue::field) != values.end()) {
      if (each.where.empty())
        return usage("`" + each.keyword + "` is to be burnt twice", "give one value for it");
      return fail("`" + each.keyword + "` is in the order and in --set", each.where,
                  "leave it out of --set: an order is not overridden", ErrorKind::kConfiguration);
    }
    if (gate::printable(each.value) != each.value) {
      return usage("the value for `" + each.keyword +
                   "` has characters that cannot be printed: " + gate::printable(each.value));
    }
    values.push_back({field, each.value});
  }
  return values;
}

}  // namespace

// A burn up to where it would be recorded: nothing is known to be wrong with the tool's calls, and the unit
// and the values are judged.
Result<Session::Case> Session::prepare_burn(const Request& request) {
  if (request.stage && *request.stage != Stage::kPreBurn)
    return usage("a burn is made at stage pre-burn", "leave --stage out");
  auto now = open_case(request, Purpose::kBurn);
  if (!now) return now;
  if (auto chosen = choose_profile(*now); !chosen) return Failure(chosen.error());
  if (now->profile && now->evidence) {
    if (auto chosen = choose_calls(*now); !chosen) return Failure(chosen.error());
  }
  if (auto judged = judge(*now); !judged) return Failure(judged.error());
  return now;
}

Result<void> Session::choose_calls(Case& now) {
  const profiles::Profile& profile = *now.profile;
  if (!profile.burn) return usage("profile " + profile.name + " has no `burn` section", "add one to it");
  if (profile.observes) {
    return usage("profile " + profile.name +
                     " only observes: a burn reserves what it writes, and nothing "
                     "is reserved by observing",
                 "say `mode: enforce` in it, or burn as before");
  }
  if (auto chosen = choose_values(now); !chosen) return chosen;
  if (auto chosen = choose_tool(now); !chosen) return Failure(chosen.error());
  auto calls = profiles::burn_calls(*now.tool, now.intended, now.evidence->source.path());
  if (!calls) return Failure(calls.error());
  now.calls = *std::move(calls);
  now.verdict.calls = planned(now.calls);
  for (const profiles::PreparedCall& call : now.calls) {
    if (auto found = find_command(call.argv.front()); !found) return Failure(found.error());
  }
  return {};
}

// What is to be burnt: from the call, the order, or, where neither says anything, from the burn that failed.
Result<void> Session::choose_values(Case& now) {
  std::vector<Wanted> wanted;
  for (const auto& [keyword, value] : now.request.set) wanted.push_back({keyword, value, {}});
  if (now.order) {
    auto sorted = sort_values(*now.order, now.ordered, *now.profile);
    if (!sorted) return Failure(sorted.error());
    for (const OrderValue& value : sorted->fields) {
      wanted.push_back({value.name, value.value, place(now.order->file, value.mark)});
    }
    for (auto& [name, value] : sorted->identifiers) {
      if (now.identifiers.emplace(name, std::move(value)).second) continue;
      return fail("identifier `" + name + "` is in the order and in --id",
                  place(now.order->file, now.ordered.mark),
                  "leave it out of --id: an order is not overridden", ErrorKind::kConfiguration);
    }
    now.verdict.identifiers = now.identifiers;
  }
  if (wanted.empty()) {
    auto again = wanted_again(now);
    if (!again) return Failure(again.error());
    wanted = *std::move(again);
  }
  auto intended = intended_values(wanted, *now.profile);
  if (!intended) return Failure(intended.error());
  now.intended = *std::move(intended);
  return {};
}

// What the burn that holds the unit back was to write: to burn again after it failed needs no values. Empty
// where the registry could not be asked, which is a finding.
Result<std::vector<Session::Wanted>> Session::wanted_again(Case& now) {
  const std::string& label = now.request.label;
  using Values = std::vector<gate::Intended>;
  std::vector<Wanted> wanted;
  auto intended = label.empty() ? Values() : supply_->registry().and_then([&](const auto& registry) {
    return registry->lookup(label).and_then(
        [&](const auto& known) { return known.empty() ? Result<Values>() : registry->intended(label); });
  });
  if (!intended && intended.error().kind == ErrorKind::kConfiguration) return Failure(intended.error());
  if (!intended) {
    now.verdict.findings.push_back(from_error(Say::kRegistryFailed, intended.error()));
    return wanted;
  }
  for (gate::Intended& value : *intended)
    wanted.push_back({std::move(value.keyword), std::move(value.value), {}});
  if (!wanted.empty()) return wanted;
  return usage(
      "nothing is to be burnt",
      "give each value with --set KEYWORD=VALUE, or a work order with --order; a unit whose burn failed "
      "needs its label only");
}

Result<Answer> Session::burn(const Request& request) {
  auto now = prepare_burn(request);
  if (!now) return Failure(now.error());
  return carry_out(*std::move(now), request.timeout.value_or(std::chrono::minutes(5)));
}

Result<Answer> Session::plan(const Request& request) {
  auto now = prepare_burn(request);
  if (!now) return Failure(now.error());
  now->verdict.plan = true;
  if (auto asked = consult(*now); !asked) return Failure(asked.error());
  conclude(*now);
  return std::move(*now).answer();
}

}  // namespace dmigate::line
