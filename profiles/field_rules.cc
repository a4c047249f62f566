// The `fields` section: what is asked of each field.
#include <algorithm>

#include "profiles/draft.h"

namespace dmigate::profiles {
namespace {

using smbios::Field;
using smbios::Kind;

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::kUuid:
      return "a UUID";
    case Kind::kEnum:
      return "an enumeration";
    case Kind::kRevision:
      return "a revision";
    case Kind::kBits:
      return "a set of bits";
    default:
      return "no string";
  }
}

// "5.13": digits between single dots.
bool is_dotted_number(std::string_view text) {
  bool digit = false;
  for (char c : text) {
    if (c == '.' && !digit) return false;
    if (c != '.' && (c < '0' || c > '9')) return false;
    digit = c != '.';
  }
  return digit;
}

class FieldReader {
 public:
  FieldReader(const FieldName& name, const Node::Entry& entry, const DraftContext& context)
      : context_(context), node_(entry.value) {
    draft_.rule.field = name.field;
    draft_.rule.selector = name.selector;
    draft_.rule.origin = context.origin(entry.mark);
  }

  FieldDraft read() {
    if (node_.kind == Node::Kind::kNull) return std::move(draft_);
    MappingReader map = context_.map(node_, kFieldRuleShape);
    for (CheckKind kind : kAllChecks) {
      if (const Node* operand = map.take(check_name(kind))) read_check(kind, *operand);
    }
    if (const Node* unique = map.take("unique")) read_unique(*unique);
    if (const auto optional = map.boolean("optional")) {
      draft_.rule.optional = *optional;
      draft_.rule.optional_origin = context_.origin(node_.find("optional")->mark);
      draft_.says_optional = true;
    }
    if (const auto what = map.text("unconfirmed")) {
      draft_.unconfirmed = Unconfirmed{draft_.rule.name().text() + ": " + *what,
                                       context_.origin(node_.find("unconfirmed")->mark)};
    }
    map.finish();
    return std::move(draft_);
  }

 private:
  [[nodiscard]] const Field& field() const { return *draft_.rule.field; }

  void read_check(CheckKind kind, const Node& operand) {
    if (!goes_with(kind, field().kind)) {
      return context_.problem(operand.mark,
                              ticked(check_name(kind)) + " does not go with " + std::string(field().keyword) +
                                  ", which is " + std::string(kind_words(field().kind)) +
                                  (field().kind == Kind::kBits ? "; use `contains` or `not_contains`"
                                                               : "; use `equals` or `one_of`"));
    }
    Check check{};
    check.kind = kind;
    check.origin = context_.origin(operand.mark);
    if (read_operand(operand, check)) draft_.rule.checks.push_back(std::move(check));
  }

  bool read_operand(const Node& operand, Check& check) {
    switch (check.kind) {
      case CheckKind::kOneOf:
        return read_values(operand, check);
      case CheckKind::kLength:
        return read_length(operand, check);
      case CheckKind::kPattern:
        return read_value(operand, check, false) && compile(check);
      case CheckKind::kAtLeast:
        return read_value(operand, check, false) && is_ordered(check);
      default:
        return read_value(operand, check, true);
    }
  }

  // TEXT, { value: TEXT, severity: warning }, or, where `may_refer`, { field: K, severity: warning }.
  bool read_value(const Node& operand, Check& check, bool may_refer) {
    if (!operand.is_mapping()) return keep_literal(operand, check);
    MappingReader map = context_.map(operand, may_refer ? kOperandShape : kValueShape);
    const Node* value = map.take("value");
    const Node* other = may_refer ? map.take("field") : nullptr;
    const bool severity = context_.severity(map, operand, check.severity);
    map.finish();
    if ((value == nullptr) == (other == nullptr)) {
      context_.problem(operand.mark,
                       may_refer ? "either `value` or `field` is expected here" : "`value` is expected here");
      return false;
    }
    return (value != nullptr ? keep_literal(*value, check) : keep_reference(*other, check)) && severity;
  }

  bool keep_literal(const Node& node, Check& check) {
    check.origin.mark = node.mark;
    auto literal = context_.literal(field(), node);
    if (!literal) return false;
    check.values.push_back(std::move(*literal));
    return true;
  }

  bool keep_reference(const Node& node, Check& check) {
    check.other = context_.field(node);
    if (check.other == nullptr) return false;
    if (check.other == &field()) {
      context_.problem(node.mark, ticked(field().keyword) + " cannot be compared with itself");
    } else if (check.other->kind != field().kind) {
      context_.problem(node.mark, ticked(check.other->keyword) + " is of another kind than " +
                                      ticked(field().keyword) + ", so the two never compare");
    } else {
      return true;
    }
    return false;
  }

  // [A, B], or { values: [A, B], severity: warning }.
  bool read_values(const Node& operand, Check& check) {
    const Node* values = &operand;
    bool good = true;
    if (operand.is_mapping()) {
      MappingReader map = context_.map(operand, kOperandsShape);
      values = map.take("values");
      good = context_.severity(map, operand, check.severity);
      map.finish();
    }
    if (values == nullptr || !values->is_sequence() || values->items.empty()) {
      context_.problem(values == nullptr ? operand.mark : values->mark,
                       "`one_of` must be a list of texts, and not empty");
      return false;
    }
    for (const Node& item : values->items) good = keep_literal(item, check) && good;
    check.origin.mark = operand.mark;
    return good;
  }

  bool read_length(const Node& operand, Check& check) {
    MappingReader map = context_.map(operand, kLengthShape);
    if (!operand.is_mapping()) return false;
    check.at_most = map.number("at_most");
    check.at_least = map.number("at_least");
    const bool severity = context_.severity(map, operand, check.severity);
    map.finish();
    if (operand.find("at_most") == nullptr && operand.find("at_least") == nullptr) {
      context_.problem(operand.mark, "`length` needs `at_most` or `at_least`, in bytes");
      return false;
    }
    if (check.at_most && *check.at_most < std::max<std::uint64_t>(1, check.at_least.value_or(1))) {
      context_.problem(operand.mark, "no length is between these bounds");
      return false;
    }
    return severity;
  }

  bool compile(Check& check) {
    check.pattern = context_.pattern(check.values.front(), check.origin.mark);
    return check.pattern != nullptr;
  }

  bool is_ordered(const Check& check) {
    if (is_dotted_number(check.values.front())) return true;
    context_.problem(check.origin.mark,
                     ticked(check.values.front()) +
                         " is no dotted number such as 5.13; list what is allowed with `one_of`");
    return false;
  }

  // true, false, or { within: K }
  void read_unique(const Node& node) {
    draft_.says_unique = true;
    draft_.rule.unique_origin = context_.origin(node.mark);
    if (node.is_scalar() && !node.quoted && (node.text == "true" || node.text == "false")) {
      draft_.rule.unique = node.text == "true";
    } else if (node.is_mapping()) {
      read_within(node);
    } else {
      context_.problem(node.mark, "`unique` must be true, false or { within: KEYWORD }");
    }
    if (draft_.rule.unique && draft_.rule.selector.which != Selector::Which::kChosen) {
      context_.problem(node.mark,
                       "a field of several structures cannot be unique: a unit holds one value of it");
    }
    if (draft_.rule.unique && field().kind != Kind::kString && field().kind != Kind::kUuid) {
      context_.problem(node.mark,
                       std::string(field().keyword) + " cannot be unique; only strings and UUIDs can");
    }
  }

  void read_within(const Node& node) {
    MappingReader map = context_.map(node, kWithinShape);
    map.required_text("within");
    map.finish();
    const Node* within = node.find("within");
    if (within == nullptr || !within->is_scalar()) return;
    draft_.rule.unique = true;
    draft_.rule.within = context_.field(*within);
    if (draft_.rule.within == &field()) {
      context_.problem(within->mark, ticked(field().keyword) + " cannot be unique within itself");
    }
  }

  const DraftContext& context_;
  const Node& node_;
  FieldDraft draft_;
};

}  // namespace

// The others compare texts, and of what is no string only the whole text means something; of bits, which
// are set.
bool goes_with(CheckKind check, Kind kind) {
  if (kind == Kind::kString || check == CheckKind::kEquals || check == CheckKind::kOneOf) return true;
  if (kind == Kind::kBits) return check == CheckKind::kContains || check == CheckKind::kNotContains;
  return kind == Kind::kRevision && check == CheckKind::kAtLeast;
}

void read_fields(const Node& node, const DraftContext& context, Draft& draft) {
  const std::size_t before = context.problems.size();
  if (!node.is_mapping()) {
    context.problem(node.mark, "`fields` must be a mapping: keyword: { … }");
  }
  for (const Node::Entry& entry : node.entries) {
    const auto name = context.name(entry.key, entry.mark);
    if (!name) continue;
    const bool twice = std::any_of(draft.fields.begin(), draft.fields.end(),
                                   [&](const FieldDraft& other) { return other.rule.name() == *name; });
    if (twice) context.problem(entry.mark, ticked(entry.key) + " is named twice");
    draft.fields.push_back(FieldReader(*name, entry, context).read());
    if (const auto& unconfirmed = draft.fields.back().unconfirmed) draft.unconfirmed.push_back(*unconfirmed);
  }
  draft.fields_read = context.problems.size() == before;
}

}  // namespace dmigate::profiles
