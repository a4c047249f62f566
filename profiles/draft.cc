#include "profiles/draft.h"

#include <re2/re2.h>

#include <algorithm>

namespace dmigate::profiles {
namespace {

constexpr std::size_t kMaxPattern = 1024;       // bytes of text
constexpr std::int64_t kMaxCompiled = 1 << 20;  // bytes of program and its automaton
constexpr std::uint64_t kMaxVersion = 999'999'999;
constexpr std::string_view kBurnFields = "burn-fields";

// Sections of profiles that only later versions judge. Refused, since a rule that is not judged would
// come out as good.
constexpr std::array<std::string_view, 4> kLaterSections = {"structures", "hardware", "witnesses", "waivers"};

const Node::Entry* find_entry(const Node& node, std::string_view key) {
  const auto entry = std::find_if(node.entries.begin(), node.entries.end(),
                                  [&](const Node::Entry& e) { return e.key == key; });
  return entry == node.entries.end() ? nullptr : &*entry;
}

void refuse_later(const Node& node, std::string_view key, MappingReader& map, const DraftContext& context) {
  if (map.take(key) == nullptr) return;
  context.problem(find_entry(node, key)->mark, "this version of dmigate cannot judge " + ticked(key) +
                                                   " yet; remove it, or use a later version");
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
      : root_(root), draft_(draft), context_{draft.file, {}, problems}, map_(root, draft.file, problems) {}

  void read() {
    if (!root_.is_mapping()) return;
    read_name();
    read_version();
    draft_.description = map_.text("description").value_or("");
    read_mode();
    read_text_rule();
    if (const Node* node = map_.take("extends")) read_extends(*node);
    if (const Node* node = map_.take("match")) read_match(*node);
    if (const Node* node = map_.take("label")) read_label(*node);
    if (const Node* node = map_.take("identifiers")) read_identifiers(*node);
    if (const Node* node = map_.take("fields")) read_fields(*node, context_, draft_);
    if (map_.take("burn") != nullptr) read_burn(*find_entry(root_, "burn"));
    if (const Node* node = map_.take("stages")) read_stages(*node);
    for (std::string_view key : kLaterSections) refuse_later(root_, key, map_, context_);
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

  void read_mode() {
    constexpr std::array<std::string_view, 2> kModes = {"enforce", "observe"};
    const auto mode = map_.text("mode");
    if (!mode || mode == kModes[0]) return;
    const Mark& mark = root_.find("mode")->mark;
    if (mode == kModes[1]) {
      context_.problem(mark,
                       "this version of dmigate cannot judge `mode: observe` yet; write `mode: enforce`");
    } else {
      context_.problem(mark, "unknown mode " + ticked(*mode) + did_you_mean(*mode, kModes));
    }
  }

  void read_text_rule() {
    constexpr std::array<std::string_view, 2> kRules = {"accept", "refuse"};
    const auto rule = map_.text("text");
    if (!rule) return;
    draft_.refuses_text = *rule == kRules[1];
    if (*rule == kRules[0] || *rule == kRules[1]) return;
    context_.problem(root_.find("text")->mark,
                     "`text` is accept or refuse, not " + ticked(*rule) + did_you_mean(*rule, kRules));
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
    MappingReader map(node, draft_.file, context_.problems);
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
    MappingReader map(node, draft_.file, context_.problems);
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
        MappingReader map(entry.value, draft_.file, context_.problems);
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
    MappingReader map(entry.value, draft_.file, context_.problems);
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
      burn.fields = read_list(*fields).fields;
    }
    map.finish();
  }

  // Keywords, each once; the word burn-fields is told apart, and is for the caller to allow.
  FieldList read_list(const Node& node) {
    const std::size_t before = context_.problems.size();
    FieldList list;
    for (const Node& item : node.items) {
      if (item.is_scalar() && item.text == kBurnFields) {
        list.burn_fields = item.mark;
        continue;
      }
      const smbios::Field* field = context_.field(item);
      if (field == nullptr) continue;
      const bool twice = std::any_of(list.fields.begin(), list.fields.end(),
                                     [&](const Named& named) { return named.field == field; });
      if (twice) context_.problem(item.mark, ticked(item.text) + " is named twice");
      list.fields.push_back({field, item.mark});
    }
    list.read = context_.problems.size() == before;
    return list;
  }

  void read_stages(const Node& node) {
    if (!is_filled_mapping(node, "stages", "pre-image: {}")) return;
    draft_.stages.emplace();
    for (const Node::Entry& entry : node.entries) {
      const auto stage = read_stage_name(entry.key, entry.mark);
      if (!stage) continue;
      check_order(*stage, entry.mark);
      StageDraft rule{*stage, {}, {}, {}, context_.origin(entry.mark)};
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
    MappingReader map(node, draft_.file, context_.problems);
    const Node* only = map.take("only");
    const Node* except = map.take("except");
    if (only != nullptr) rule.only = read_stage_list(*only, "only");
    if (except != nullptr) rule.except = read_stage_list(*except, "except");
    if (only != nullptr && except != nullptr) {
      context_.problem(find_entry(node, "except")->mark, "a stage says either `only` or `except`");
    }
    if (const Node* after = map.take("after")) read_after(*after, rule);
    refuse_later(node, "waivers", map, context_);
    map.finish();
  }

  FieldList read_stage_list(const Node& node, std::string_view key) {
    if (node.is_scalar() && node.text == kBurnFields) return {{}, node.mark, true};
    if (node.is_sequence() && !node.items.empty()) return read_list(node);
    context_.problem(node.mark, ticked(key) + " must be the word burn-fields or a list of keywords");
    return {{}, std::nullopt, false};
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

const smbios::Field* DraftContext::field(std::string_view keyword, const Mark& mark) const {
  const smbios::Field* found = smbios::find_field(keyword);
  if (found != nullptr) return found;
  std::vector<std::string_view> keywords;
  for (const smbios::Field& known : smbios::fields()) keywords.push_back(known.keyword);
  problem(mark, "unknown field " + ticked(keyword) + did_you_mean(keyword, keywords));
  return nullptr;
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
