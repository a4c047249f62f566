// What a profile asks beside the fields: structures, hardware; and what it waives.
#include <algorithm>
#include <charconv>

#include "profiles/draft.h"
#include "profiles/rule_ids.h"

namespace dmigate::profiles {
namespace {

// A list of mappings; nothing is read of what is none.
std::span<const Node> items_of(const Node& node, std::string_view key, const DraftContext& context) {
  if (node.is_sequence()) return node.items;
  context.problem(node.mark, ticked(key) + " must be a list: - { … }");
  return {};
}

void read_structure(const Node& item, const DraftContext& context, Draft& draft) {
  MappingReader map = context.map(item, kStructureShape);
  if (!item.is_mapping()) return;
  StructureRule rule{};
  rule.origin = context.origin(item.mark);
  const auto type = map.number("type");
  const Node* count = map.take("count");
  bool good = context.severity(map, item, rule.severity) && type.has_value();
  map.finish();
  if (item.find("type") == nullptr) context.problem(item.mark, "`type` is missing");
  if (type && *type > 255) {
    context.problem(item.find("type")->mark, "types of structures are 0 to 255");
    good = false;
  }
  if (count == nullptr) return context.problem(item.mark, "`count` is missing");
  MappingReader bounds = context.map(*count, kBoundsShape);
  if (!count->is_mapping()) return;
  good = context.bounds(bounds, *count, rule.count) && good;
  bounds.finish();
  if (!good) return;
  rule.type = static_cast<std::uint8_t>(*type);
  const bool twice = std::any_of(draft.structures.begin(), draft.structures.end(),
                                 [&](const StructureRule& other) { return other.type == rule.type; });
  if (twice) context.problem(item.mark, "Type " + std::to_string(rule.type) + " is counted twice");
  draft.structures.push_back(std::move(rule));
}

class HardwareReader {
 public:
  HardwareReader(const Node& node, const DraftContext& context, HardwareRules& rules)
      : context_(context), map_(context.map(node, kHardwareShape)), rules_(rules) {}

  void read() {
    if (const Node* node = take(Hardware::kSystemDisk)) read_system_disk(*node);
    if (const Node* node = take(Hardware::kFixedDisks)) rules_.fixed_disks = read_count(*node);
    if (const Node* node = take(Hardware::kPhysicalNics)) rules_.physical_nics = read_count(*node);
    if (const Node* node = take(Hardware::kClock)) read_clock(*node);
    map_.finish();
  }

 private:
  const Node* take(Hardware which) { return map_.take(hardware_name(which)); }

  void read_system_disk(const Node& node) {
    MappingReader map = context_.map(node, kSystemDiskShape);
    SystemDiskRule rule;
    rule.origin = context_.origin(node.mark);
    rule.removable = map.boolean("removable");
    const Node* serial = map.take("serial");
    if (serial != nullptr) {
      rule.serial = true;
      if (serial->kind != Node::Kind::kNull) read_serial(*serial, rule);
    }
    const bool good = context_.severity(map, node, rule.severity);
    map.finish();
    if (node.is_mapping() && node.find("removable") == nullptr && serial == nullptr) {
      return context_.problem(node.mark, "`removable` or `serial` is expected here");
    }
    if (good) rules_.system_disk = std::move(rule);
  }

  void read_serial(const Node& node, SystemDiskRule& rule) {
    MappingReader map = context_.map(node, kDiskSerialShape);
    rule.serial_at_most = map.number("at_most_bytes");
    if (rule.serial_at_most == 0) context_.problem(node.mark, "no serial is as short as that");
    map.finish();
  }

  std::optional<CountRule> read_count(const Node& node) {
    MappingReader map = context_.map(node, kCountShape);
    if (!node.is_mapping()) return std::nullopt;
    CountRule rule;
    rule.origin = context_.origin(node.mark);
    const bool good = context_.bounds(map, node, rule.count);
    const bool severity = context_.severity(map, node, rule.severity);
    map.finish();
    return good && severity ? std::optional(std::move(rule)) : std::nullopt;
  }

  void read_clock(const Node& node) {
    MappingReader map = context_.map(node, kClockShape);
    ClockRule rule;
    rule.origin = context_.origin(node.mark);
    const std::string text = map.required_text("within");
    const bool severity = context_.severity(map, node, rule.severity);
    map.finish();
    const auto within = parse_duration(text);
    if (const Node* said = node.find("within"); said != nullptr && said->is_scalar() && !within) {
      context_.problem(said->mark, "`within` is a time such as 90s, 5m or 1h, at most a day");
    }
    if (!within || !severity) return;
    rule.within = *within;
    rules_.clock = std::move(rule);
  }

  const DraftContext& context_;
  MappingReader map_;
  HardwareRules& rules_;
};

// "2026-12-31", a day that there is.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = -1;
    const char* begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + size, value);
    return error == std::errc{} && end == begin + size ? value : -1;
  };
  using namespace std::chrono;
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  return year >= 0 && month > 0 && day > 0 &&
         year_month_day{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                        std::chrono::day(static_cast<unsigned>(day))}
             .ok();
}

void read_waiver(const Node& item, const DraftContext& context, std::vector<Waiver>& waivers) {
  const std::size_t before = context.problems.size();
  MappingReader map = context.map(item, kWaiverShape);
  if (!item.is_mapping()) return;
  Waiver waiver;
  waiver.origin = context.origin(item.mark);
  waiver.rule = map.required_text("rule");
  waiver.field = map.text("field").value_or("");
  waiver.until = map.required_text("until");
  waiver.by = map.required_text("by");
  waiver.reason = map.required_text("reason");
  map.finish();
  const auto blank = [&](const char* key, const std::string& text) {
    const Node* node = item.find(key);
    if (node != nullptr && node->is_scalar() && text.find_first_not_of(" \t") == std::string::npos) {
      context.problem(node->mark, ticked(key) + " is blank");
    }
  };
  blank("by", waiver.by);
  blank("reason", waiver.reason);
  const auto told = [&](const char* key) {
    const Node* node = item.find(key);
    return node != nullptr && node->is_scalar();
  };
  if (told("rule") && !is_rule_id(waiver.rule)) {
    context.problem(item.find("rule")->mark,
                    "there is no rule " + ticked(waiver.rule) + did_you_mean(waiver.rule, rule_ids()));
  } else if (told("rule") && !can_be_waived(waiver.rule)) {
    context.problem(item.find("rule")->mark, ticked(waiver.rule) +
                                                 " cannot be waived: it keeps units apart, or "
                                                 "says that one was not judged");
  }
  if (told("until") && !is_date(waiver.until)) {
    context.problem(item.find("until")->mark, "`until` is a day such as 2026-12-31");
  }
  if (item.find("field") != nullptr && waiver.field.empty()) {
    context.problem(item.find("field")->mark, "`field` is empty; leave it out to waive the rule for all");
  }
  if (context.problems.size() == before) waivers.push_back(std::move(waiver));
}

}  // namespace

void read_structures(const Node& node, const DraftContext& context, Draft& draft) {
  for (const Node& item : items_of(node, "structures", context)) read_structure(item, context, draft);
}

void read_hardware(const Node& node, const DraftContext& context, Draft& draft) {
  HardwareReader(node, context, draft.hardware).read();
}

// An empty list takes back what a set asks.
void read_witnesses(const Node& node, const DraftContext& context, Draft& draft) {
  auto& witnesses = draft.witnesses.emplace(WitnessesDraft{{}, context.origin(node.mark)}).rules;
  if (!node.is_sequence()) return context.problem(node.mark, "`witnesses` must be a list: [nic-mac]");
  std::vector<std::string_view> names;
  for (const Witness known : kAllWitnesses) names.push_back(witness_name(known));
  for (const Node& item : node.items) {
    const auto which = item.is_scalar() ? find_witness(item.text) : std::nullopt;
    if (!which) {
      context.problem(item.mark, "there is no witness " + ticked(item.text) + did_you_mean(item.text, names));
    } else if (std::any_of(witnesses.begin(), witnesses.end(),
                           [&](const WitnessRule& rule) { return rule.which == *which; })) {
      context.problem(item.mark, ticked(item.text) + " is named twice");
    } else {
      witnesses.push_back({*which, context.origin(item.mark)});
    }
  }
}

void read_waivers(const Node& node, const DraftContext& context, Draft& draft) {
  auto& waivers = draft.waivers.emplace();
  for (const Node& item : items_of(node, "waivers", context)) read_waiver(item, context, waivers);
}

}  // namespace dmigate::profiles
