#include "profiles/draft.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

namespace dmigate::profiles {
namespace {

constexpr std::size_t kMaxPattern = 1024;       // bytes of text
constexpr std::int64_t kMaxCompiled = 1 << 20;  // bytes of program and its automaton
constexpr std::uint64_t kMaxVersion = 999'999'999;
constexpr std::string_view kBurnFields = "burn-fields";

const Node::Entry* find_entry(const Node& node, std::string_view key) {
  const auto entry = std::find_if(node.entries.begin(), node.entries.end(),
                                  [&](const Node::Entry& e) { return e.key == key; });
  return entry == node.entries.end() ? nullptr : &*entry;
}

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// "activation-sn": what --id names on the command line, and no field.
bool is_identifier_name(std::string_view name) {
  return name.size() <= 64 && !name.empty() && is_name_start(name.front()) && is_name_start(name.back()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_name_start(c) || c == '-'; }) &&
         name != "label" && smbios::find_field(name) == nullptr;
}

class DraftReader {
 public:
  DraftReader(const Node& root, Draft& draft, std::vector<Problem>& problems)
      : root_(root),
        draft_(draft),
        context_{draft.file, {}, problems},
        map_(context_.map(root, kProfileShape)) {}

  void read() {
    if (!root_.is_mapping()) return;
    read_name();
    read_version();
    draft_.description = map_.text("description").value_or("");
    if (const auto mode = context_.word(map_, root_, "mode", kModeWords))
      draft_.observes = *mode == kModeWords[1];
    if (const auto text = context_.word(map_, root_, "text", kTextWords))
      draft_.refuses_text = *text == kTextWords[1];
    if (const Node* node = map_.take("extends")) read_extends(*node);
    if (const Node* node = map_.take("match")) read_match(*node);
    if (const Node* node = map_.take("label")) read_label(*node);
    if (const Node* node = map_.take("identifiers")) read_identifiers(*node);
    if (const Node* node = map_.take("fields")) read_fields(*node, context_, draft_);
    if (const Node* node = map_.take("structures")) read_structures(*node, context_, draft_);
    if (const Node* node = map_.take("hardware")) read_hardware(*node, context_, draft_);
    if (const Node* node = map_.take("witnesses")) read_witnesses(*node, context_, draft_);
    if (map_.take("burn") != nullptr) read_burn(*find_entry(root_, "burn"));
    if (const Node* node = map_.take("stages")) read_stages(*node);
    if (const Node* node = map_.take("waivers")) read_waivers(*node, context_, draft_);
    const auto unconfirmed = map_.texts("unconfirmed").value_or(std::vector<std::string>());
    for (std::size_t i = 0; i < unconfirmed.size(); ++i) {
      const Mark& mark = root_.find("unconfirmed")->items[i].mark;
      draft_.unconfirmed.push_back({unconfirmed[i], context_.origin(mark)});
    }
    map_.finish();
  }

 private:
  void read_name() {
    draft_.name = map_.required_text("profile");
    context_.profile = draft_.name;
    const Node* node = root_.find("profile");
    if (node != nullptr && node->is_scalar() && !is_name(draft_.name)) {
      context_.problem(node->mark, ticked(draft_.name) +
                                       " is no name of a profile; use a-z, 0-9, dot, hyphen and underscore, "
                                       "at most 64, beginning with a letter or digit");
    }
  }

  void read_version() {
    const auto version = map_.number("version");
    const Node* node = root_.find("version");
    if (node == nullptr) return;
    draft_.version = version.value_or(0);
    if (version && (*version == 0 || *version > kMaxVersion)) {
      context_.problem(node->mark, "`version` counts from 1, and ends at " + std::to_string(kMaxVersion));
    }
  }

  void read_extends(const Node& node) {
    if (!node.is_sequence()) return context_.problem(node.mark, "`extends` must be a list: [cmge]");
    for (const Node& item : node.items) {
      const auto same = [&](const Draft::Base& base) { return base.name == item.text; };
      if (!item.is_scalar() || !is_name(item.text)) {
        context_.problem(item.mark, "an item of `extends` must be the name of a base set");
      } else if (std::any_of(draft_.extends.begin(), draft_.extends.end(), same)) {
        context_.problem(item.mark, ticked(item.text) + " is named twice");
      } else {
        draft_.extends.push_back({item.text, item.mark});
      }
    }
  }

  void read_match(const Node& node) {
    if (!is_filled_mapping(node, "match", "keyword: [value, …]")) return;
    draft_.match.emplace();
    for (const Node::Entry& entry : node.entries) {
      const smbios::Field* field = context_.field(entry.key, entry.mark);
      if (field == nullptr) continue;
      MatchRule rule{field, {}, context_.origin(entry.mark)};
      const std::span<const Node> values =
          entry.value.is_sequence() ? std::span<const Node>(entry.value.items) : std::span(&entry.value, 1);
      if (values.empty()) context_.problem(entry.value.mark, "an empty list matches no unit");
      for (const Node& value : values) {
        if (auto literal = context_.literal(*field, value)) rule.values.push_back(std::move(*literal));
      }
      draft_.match->push_back(std::move(rule));
    }
  }

  void read_label(const Node& node) {
    if (!is_filled_mapping(node, "label", "pattern, equals")) return;
    MappingReader map = context_.map(node, kLabelShape);
    LabelRule& rule = draft_.label.emplace();
    rule.origin = context_.origin(node.mark);
    read_pattern(map, node, rule);
    if (const Node* equals = map.take("equals")) rule.equals = read_reference(*equals);
    map.finish();
  }

  template <typename Rule>
  void read_pattern(MappingReader& map, const Node& node, Rule& rule) {
    const auto text = map.text("pattern");
    if (!text) return;
    rule.pattern_text = *text;
    rule.pattern = context_.pattern(*text, node.find("pattern")->mark);
  }

  // { field: K }
  const smbios::Field* read_reference(const Node& node) {
    MappingReader map = context_.map(node, kReferenceShape);
    if (!node.is_mapping()) return nullptr;
    map.required_text("field");
    map.finish();
    const Node* keyword = node.find("field");
    return keyword != nullptr && keyword->is_scalar() ? context_.field(*keyword) : nullptr;
  }

  void read_identifiers(const Node& node) {
    if (!is_filled_mapping(node, "identifiers", "name: { pattern: …, unique: true }")) return;
    for (const Node::Entry& entry : node.entries) {
      if (!is_identifier_name(entry.key)) {
        context_.problem(entry.mark,
                         ticked(entry.key) +
                             " is no name of an identifier; use a-z, 0-9 and hyphens, and neither "
                             "`label` nor a field's keyword");
      }
      IdentifierRule rule;
      rule.name = entry.key;
      rule.origin = context_.origin(entry.mark);
      if (entry.value.kind != Node::Kind::kNull) {
        MappingReader map = context_.map(entry.value, kIdentifierShape);
        read_pattern(map, entry.value, rule);
        rule.unique = map.boolean("unique").value_or(false);
        rule.optional = map.boolean("optional").value_or(false);
        map.finish();
      }
      draft_.identifiers.push_back(std::move(rule));
    }
  }

  void read_burn(const Node::Entry& entry) {
    if (!is_filled_mapping(entry.value, "burn", "tool, fields")) return;
    MappingReader map = context_.map(entry.value, kBurnShape);
    BurnDraft& burn = draft_.burn.emplace();
    burn.origin = context_.origin(entry.mark);
    burn.tool = map.required_text("tool");
    const Node* tool = entry.value.find("tool");
    if (tool != nullptr && tool->is_scalar() && !is_name(burn.tool)) {
      context_.problem(tool->mark, ticked(burn.tool) +
                                       " is no name of a burn tool; `tool` names a file "
                                       "tools/NAME.yaml, or a tool that ships");
    }
    const Node* fields = map.take("fields");
    if (fields == nullptr) {
      context_.problem(entry.value.mark, "`fields` is missing: what the burn writes");
    } else if (!fields->is_sequence() || fields->items.empty()) {
      context_.problem(fields->mark, "`fields` must be a list of keywords, and not empty");
    } else {
      burn.fields = read_list(*fields);
    }
    map.finish();
  }

  // Keywords, each once.
  std::vector<Named> read_list(const Node& node) {
    std::vector<Named> list;
    for (const Node& item : node.items) {
      if (const smbios::Field* field = context_.field(item)) keep(*field, item, list);
    }
    return list;
  }

  void keep(const FieldName& name, const Node& item, std::vector<Named>& list) {
    const bool twice =
        std::any_of(list.begin(), list.end(), [&](const Named& named) { return named.name == name; });
    if (twice) context_.problem(item.mark, ticked(item.text) + " is named twice");
    list.push_back({name, item.mark});
  }

  void read_stages(const Node& node) {
    if (!is_filled_mapping(node, "stages", "pre-image: {}")) return;
    draft_.stages.emplace();
    for (const Node::Entry& entry : node.entries) {
      const auto stage = read_stage_name(entry.key, entry.mark);
      if (!stage) continue;
      check_order(*stage, entry.mark);
      StageDraft rule;
      rule.stage = *stage;
      rule.origin = context_.origin(entry.mark);
      if (entry.value.kind != Node::Kind::kNull) read_stage(entry.value, rule);
      draft_.stages->push_back(std::move(rule));
    }
  }

  std::optional<Stage> read_stage_name(std::string_view name, const Mark& mark) {
    const auto stage = find_stage(name);
    if (stage) return stage;
    std::vector<std::string_view> names;
    for (Stage known : kAllStages) names.push_back(stage_name(known));
    context_.problem(mark, "unknown stage " + ticked(name) + did_you_mean(name, names));
    return std::nullopt;
  }

  void check_order(Stage stage, const Mark& mark) {
    if (draft_.stages->empty() || draft_.stages->back().stage < stage) return;
    std::string order;
    for (Stage known : kAllStages) order += (order.empty() ? "" : ", ") + std::string(stage_name(known));
    context_.problem(mark, "stage " + ticked(stage_name(stage)) + " stands before " +
                               ticked(stage_name(draft_.stages->back().stage)) +
                               " on the line; write the stages in its order: " + order);
  }

  void read_stage(const Node& node, StageDraft& rule) {
    MappingReader map = context_.map(node, kStageShape);
    const Node* only = map.take("only");
    const Node* except = map.take("except");
    if (only != nullptr) rule.only = read_judged(*only, "only");
    if (except != nullptr) rule.except = read_judged(*except, "except");
    if (only != nullptr && except != nullptr) {
      context_.problem(find_entry(node, "except")->mark, "a stage says either `only` or `except`");
    }
    if (const Node* after = map.take("after")) read_after(*after, rule);
    rule.needs_wmi = context_.word(map, node, "wmi", kRequiredWords).has_value();
    rule.waivers = !context_.word(map, node, "waivers", kRefusedWords);
    map.finish();
  }

  // The word burn-fields, or a list of fields, names of hardware rules, `structures`, and that word.
  JudgedList read_judged(const Node& node, std::string_view key) {
    JudgedList list;
    if (node.is_scalar() && node.text == kBurnFields) {
      list.burn_fields = node.mark;
      return list;
    }
    const std::size_t before = context_.problems.size();
    if (!node.is_sequence() || node.items.empty()) {
      context_.problem(node.mark, ticked(key) + " must be the word burn-fields or a list of keywords");
    }
    for (const Node& item : node.items) read_judged(item, list);
    list.read = context_.problems.size() == before;
    return list;
  }

  void read_judged(const Node& item, JudgedList& list) {
    const auto hardware = item.is_scalar() ? find_hardware(item.text) : std::nullopt;
    if (hardware) {
      list.hardware.emplace_back(*hardware, item.mark);
    } else if (item.is_scalar() && item.text == "structures") {
      list.structures = item.mark;
    } else if (item.is_scalar() && item.text == kBurnFields) {
      list.burn_fields = item.mark;
    } else if (!item.is_scalar()) {
      context_.problem(item.mark, "a field's keyword is expected here");
    } else if (const auto name = context_.name(item.text, item.mark)) {
      keep(*name, item, list.fields);
    }
  }

  // Stages stand in the line's order, so those before this one have been read.
  void read_after(const Node& node, StageDraft& rule) {
    if (!node.is_scalar()) return context_.problem(node.mark, "`after` must be the name of a stage");
    const auto stage = read_stage_name(node.text, node.mark);
    if (!stage) return;
    const auto declared = std::any_of(draft_.stages->begin(), draft_.stages->end(),
                                      [&](const StageDraft& earlier) { return earlier.stage == *stage; });
    if (*stage >= rule.stage) {
      context_.problem(node.mark, ticked(stage_name(rule.stage)) + " cannot come after " + ticked(node.text) +
                                      ", which is not earlier on the line");
    } else if (!declared) {
      context_.problem(node.mark, "stage " + ticked(node.text) + " is not declared in this profile");
    } else {
      rule.after = stage;
    }
  }

  bool is_filled_mapping(const Node& node, std::string_view key, std::string_view example) {
    if (node.is_mapping() && !node.entries.empty()) return true;
    context_.problem(node.mark,
                     ticked(key) + " must be a mapping, and not empty: { " + std::string(example) + " }");
    return false;
  }

  const Node& root_;
  Draft& draft_;
  DraftContext context_;
  MappingReader map_;
};

}  // namespace

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && is_name_start(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_name_start(c) || c == '.' || c == '_' || c == '-'; });
}

void DraftContext::problem(const Mark& mark, std::string message) const {
  problems.push_back({file, mark, std::move(message)});
}

namespace {

// "type-17[SELECTOR].NAME" in its parts; none when the text is not of that form.
struct SelectedText {
  unsigned type;
  std::optional<std::string_view> selector;
  std::string_view name;
};

std::optional<SelectedText> split_selected(std::string_view text) {
  constexpr std::string_view kType = "type-";
  if (!text.starts_with(kType)) return std::nullopt;
  text.remove_prefix(kType.size());
  SelectedText parts{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parts.type);
  if (error != std::errc{} || parts.type > 255) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with('[')) {
    // The last "]." ends it: a value may hold one.
    const std::size_t close = text.rfind("].");
    if (close == std::string_view::npos) return std::nullopt;
    parts.selector = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  }
  if (!text.starts_with('.')) return std::nullopt;
  parts.name = text.substr(1);
  return parts;
}

// A field of the type by its keyword or by the end of it: of several, the shortest.
const smbios::Field* find_field_of(unsigned type, std::string_view name) {
  const smbios::Field* found = nullptr;
  for (const smbios::Field& field : smbios::fields_of(static_cast<std::uint8_t>(type))) {
    const std::string_view keyword = field.keyword;
    const bool ends = keyword.size() > name.size() && keyword.ends_with(name) &&
                      keyword[keyword.size() - name.size() - 1] == '-';
    if (keyword == name) return &field;
    if (ends && (found == nullptr || keyword.size() < found->keyword.size())) found = &field;
  }
  return found;
}

}  // namespace

const smbios::Field* DraftContext::field(std::string_view keyword, const Mark& mark) const {
  const smbios::Field* found = smbios::find_field(keyword);
  if (found != nullptr) return found;
  if (const auto selected = split_selected(keyword)) {
    found = selected->selector ? nullptr : find_field_of(selected->type, selected->name);
    if (found != nullptr) return found;
    problem(mark, selected->selector ? "a selector cannot stand here; name the field by its keyword"
                                     : "unknown field " + ticked(keyword));
    return nullptr;
  }
  std::vector<std::string_view> keywords;
  for (const smbios::Field& known : smbios::fields()) keywords.push_back(known.keyword);
  problem(mark, "unknown field " + ticked(keyword) + did_you_mean(keyword, keywords));
  return nullptr;
}

std::optional<FieldName> DraftContext::name(std::string_view text, const Mark& mark) const {
  const auto parts = split_selected(text);
  if (!parts) {
    const smbios::Field* plain = field(text, mark);
    return plain == nullptr ? std::nullopt : std::optional(FieldName(*plain));
  }
  const auto find = [&](std::string_view name) {
    const smbios::Field* found = find_field_of(parts->type, name);
    if (found == nullptr) {
      std::vector<std::string_view> keywords;
      for (const auto& known : smbios::fields_of(static_cast<std::uint8_t>(parts->type))) {
        keywords.push_back(known.keyword);
        // The short forms as well, by which it may have been meant.
        for (std::size_t hyphen = 0; (hyphen = known.keyword.find('-', hyphen)) != std::string_view::npos;)
          keywords.push_back(known.keyword.substr(++hyphen));
      }
      problem(mark, "Type " + std::to_string(parts->type) + " has no field " + ticked(name) +
                        did_you_mean(name, keywords));
    }
    return found;
  };
  const smbios::Field* of = find(parts->name);
  if (of == nullptr) return std::nullopt;
  if (!parts->selector) return FieldName(*of);
  Selector selector;
  const std::string_view inside = *parts->selector;
  const std::size_t equals = inside.find('=');
  const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), selector.number);
  if (inside == "*") {
    selector.which = Selector::Which::kEvery;
  } else if (equals != std::string_view::npos && equals > 0 && equals + 1 < inside.size()) {
    selector.which = Selector::Which::kWhere;
    selector.unlike = inside[equals - 1] == '!';
    selector.by = find(inside.substr(0, equals - (selector.unlike ? 1 : 0)));
    selector.value = inside.substr(equals + 1);
    selector.number = 0;
    if (selector.by == nullptr) return std::nullopt;
  } else if (error == std::errc{} && end == inside.data() + inside.size() && selector.number > 0) {
    selector.which = Selector::Which::kNth;
  } else {
    problem(mark, ticked(inside) +
                      " selects nothing; write [*] for each, [2] for the second, or "
                      "[KEYWORD=VALUE] or [KEYWORD!=VALUE]");
    return std::nullopt;
  }
  return FieldName(*of, std::move(selector));
}

MappingReader DraftContext::map(const Node& node, const Shape& shape) const {
  std::vector<std::string_view> keys;
  for (const Key& key : shape.keys) keys.push_back(key.name);
  return {node, file, problems, std::move(keys)};
}

std::optional<std::string> DraftContext::word(MappingReader& map, const Node& node, std::string_view key,
                                              std::span<const std::string_view> words) const {
  auto text = map.text(key);
  if (!text || std::find(words.begin(), words.end(), *text) != words.end()) return text;
  std::string list;
  for (std::string_view known : words) list += (list.empty() ? "" : " or ") + std::string(known);
  problem(node.find(key)->mark,
          ticked(key) + " is " + list + ", not " + ticked(*text) + did_you_mean(*text, words));
  return std::nullopt;
}

bool DraftContext::severity(MappingReader& map, const Node& node, Severity& severity) const {
  const auto name = word(map, node, "severity", kSeverityWords);
  if (name) severity = *name == kSeverityWords[1] ? Severity::kWarning : Severity::kError;
  return name || node.find("severity") == nullptr;
}

bool DraftContext::bounds(MappingReader& map, const Node& node, Bounds& bounds) const {
  bounds.at_least = map.number("at_least");
  bounds.at_most = map.number("at_most");
  if (node.is_mapping() && node.find("at_least") == nullptr && node.find("at_most") == nullptr) {
    problem(node.mark, "`at_least` or `at_most` is expected here");
    return false;
  }
  if (bounds.at_least && bounds.at_most && *bounds.at_least > *bounds.at_most) {
    problem(node.mark, "no number is between these bounds");
    return false;
  }
  return bounds.at_least || bounds.at_most;
}

const smbios::Field* DraftContext::field(const Node& node) const {
  if (node.is_scalar()) return field(node.text, node.mark);
  problem(node.mark, "a field's keyword is expected here");
  return nullptr;
}

std::shared_ptr<const re2::RE2> DraftContext::pattern(const std::string& text, const Mark& mark) const {
  if (text.empty()) problem(mark, "an empty pattern matches nothing that can be there");
  if (text.size() > kMaxPattern) problem(mark, "a pattern may have 1024 bytes; this one is longer");
  if (text.empty() || text.size() > kMaxPattern) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxCompiled);
  options.set_never_capture(true);
  auto compiled = std::make_shared<const re2::RE2>(text, options);
  if (compiled->ok()) return compiled;
  problem(mark, "the pattern does not compile: " + compiled->error());
  return nullptr;
}

std::optional<std::string> DraftContext::literal(const smbios::Field& field, const Node& node) const {
  if (!node.is_scalar() || node.text.empty()) {
    problem(node.mark, "a text is expected here; quote words such as 'null' and '~'");
    return std::nullopt;
  }
  if (field.kind == smbios::Kind::kUuid && !smbios::parse_uuid(node.text, true)) {
    problem(node.mark, ticked(node.text) + " is no UUID; write 00112233-4455-6677-8899-aabbccddeeff");
    return std::nullopt;
  }
  if (field.kind != smbios::Kind::kEnum) return node.text;
  const auto value = smbios::parse_enum(field, node.text);
  std::vector<std::string> keys;
  for (const smbios::EnumValue& known : field.values) {
    keys.push_back(smbios::enum_key(known.name));
    if (known.value == value) return keys.back();
  }
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  problem(node.mark, ticked(node.text) + " is no value of " + std::string(field.keyword) +
                         did_you_mean(node.text, views));
  return std::nullopt;
}

Draft read_draft(const Document& document, const std::string& file, std::vector<Problem>& problems) {
  Draft draft{};
  draft.sha256 = document.sha256;
  draft.file = file;
  draft.mark = document.root.mark;
  DraftReader(document.root, draft, problems).read();
  return draft;
}

}  // namespace dmigate::profiles
