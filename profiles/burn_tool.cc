// Reading and finding burn tools; burn_call.cc makes their calls.
#include "profiles/burn_tool.h"

#include <algorithm>
#include <array>

#include "profiles/draft.h"
#include "profiles/lookup.h"

namespace dmigate::profiles {
namespace {

using smbios::Field;
using smbios::Kind;

template <typename Value>
struct Word {
  std::string_view name;
  Value value;
};
// In the order of kFormatWords and kQuotingWords, from which the schema is made.
constexpr std::array<Word<SwitchFormat>, 4> kFormats = {{{kFormatWords[0], SwitchFormat::kText},
                                                         {kFormatWords[1], SwitchFormat::kHex32},
                                                         {kFormatWords[2], SwitchFormat::kHex32Stored},
                                                         {kFormatWords[3], SwitchFormat::kHex2}}};
constexpr std::array<Word<Quoting>, 3> kQuotings = {{{kQuotingWords[0], Quoting::kNone},
                                                     {kQuotingWords[1], Quoting::kDouble},
                                                     {kQuotingWords[2], Quoting::kEscaped}}};

template <typename Rows>
auto value_of(const Rows& rows, const std::string& name) {
  return std::ranges::find(rows, name, &Rows::value_type::name)->value;
}

class ToolReader {
 public:
  ToolReader(const Node& root, const std::string& file)
      : root_(root), context_{file, {}, problems_}, map_(context_.map(root, kToolShape)) {
    tool_.file = file;
  }

  Result<BurnTool> read() {
    tool_.name = map_.required_text("tool");
    if (!tool_.name.empty() && !is_name(tool_.name)) {
      context_.problem(root_.find("tool")->mark, ticked(tool_.name) + " is no name of a burn tool");
    }
    tool_.description = map_.text("description").value_or("");
    BurnCall all = read_call(map_, root_);
    if (root_.is_mapping() && root_.find("command") == nullptr) {
      context_.problem(root_.mark, ticked("command") + " is missing");
    }
    read_limits();
    read_switches();
    read_calls(std::move(all));
    map_.finish();
    if (!problems_.empty()) return Failure(to_error(problems_));
    return std::move(tool_);
  }

 private:
  // command, arguments and success: of the tool, or of one of its calls.
  BurnCall read_call(MappingReader& map, const Node& node) {
    BurnCall call;
    call.command = map.text("command").value_or("");
    call.arguments = map.texts("arguments").value_or(std::vector<std::string>());
    call.success = map.text("success");
    for (const char* key : {"command", "success"}) {
      const Node* said = node.find(key);
      if (said != nullptr && said->is_scalar() && said->text.empty()) {
        context_.problem(said->mark, ticked(key) + " is empty");
      }
    }
    return call;
  }

  void read_limits() {
    tool_.at_most = length(map_, root_);
    tool_.refuses = map_.text("refuses").value_or("");
    if (const Node* said = root_.find("refuses"); said != nullptr && said->is_scalar()) {
      const bool ascii = std::ranges::all_of(said->text, [](char c) { return c >= ' ' && c <= '~'; });
      if (said->text.empty() || !ascii) {
        context_.problem(said->mark, "`refuses` lists printable ASCII characters, such as '%\"'");
      }
    }
    if (const auto quoting = context_.word(map_, root_, "quoting", kQuotingWords)) {
      tool_.quoting = value_of(kQuotings, *quoting);
    }
  }

  std::optional<std::uint64_t> length(MappingReader& map, const Node& node) {
    const auto most = map.number("at_most");
    if (most == 0) context_.problem(node.find("at_most")->mark, "no value is as short as that");
    return most;
  }

  void read_switches() {
    const Node* switches = map_.take("switches");
    if (switches == nullptr || !switches->is_mapping() || switches->entries.empty()) {
      return context_.problem(switches == nullptr ? root_.mark : switches->mark,
                              "`switches` must be a mapping, and not empty: { keyword: [/SS, '{value}'] }");
    }
    for (const Node::Entry& entry : switches->entries) read_switch(entry);
  }

  // [/SS, '{value}'], or { arguments: [/SU, '{value}'], format: hex32 }
  void read_switch(const Node::Entry& entry) {
    const Field* field = context_.field(entry.key, entry.mark);
    BurnSwitch made{field, {}, SwitchFormat::kText, {}};
    const Node* arguments = &entry.value;
    if (entry.value.is_mapping()) {
      MappingReader map = context_.map(entry.value, kSwitchShape);
      arguments = map.take("arguments");
      if (const auto format = context_.word(map, entry.value, "format", kFormatWords)) {
        made.format = value_of(kFormats, *format);
      }
      made.at_most = length(map, entry.value);
      map.finish();
    }
    if (arguments == nullptr || !arguments->is_sequence() || arguments->items.empty()) {
      return context_.problem(entry.value.mark, "a list of arguments is expected here: [/SS, '{value}']");
    }
    for (const Node& item : arguments->items) {
      if (!item.is_scalar()) context_.problem(item.mark, "an argument must be a text");
      made.arguments.push_back(item.text);
    }
    if (field != nullptr) check(made, *arguments);
  }

  void check(const BurnSwitch& made, const Node& arguments) {
    const std::string field(made.field->keyword);
    const auto holds_value = [](const std::string& text) {
      return text.find("{value}") != std::string::npos;
    };
    if (std::ranges::none_of(made.arguments, holds_value)) {
      context_.problem(arguments.mark, "none of the arguments holds {value}, so nothing would be written");
    }
    const bool uuid = made.format == SwitchFormat::kHex32 || made.format == SwitchFormat::kHex32Stored;
    if (uuid && made.field->kind != Kind::kUuid) {
      context_.problem(arguments.mark, "hex32 writes a UUID, which " + field + " is not");
    }
    if (made.format == SwitchFormat::kHex2 && (made.field->kind != Kind::kEnum || made.field->width != 1)) {
      context_.problem(arguments.mark, "hex2 writes an enumeration of one byte, which " + field + " is not");
    }
    if (made.at_most && made.format != SwitchFormat::kText) {
      context_.problem(arguments.mark,
                       "`at_most` is for texts: what " + field + " is written as has one length");
    }
    tool_.switches.push_back(made);
  }

  // Without `calls` one call writes all of them.
  void read_calls(BurnCall all) {
    const Node* calls = map_.take("calls");
    const bool each = calls != nullptr && calls->is_scalar() && calls->text == "each";
    if (calls == nullptr || each) {
      tool_.one_by_one = each;
      for (const BurnSwitch& known : tool_.switches) all.fields.push_back(known.field);
      tool_.calls.push_back(std::move(all));
      return;
    }
    if (!calls->is_sequence() || calls->items.empty()) {
      return context_.problem(
          calls->mark, "`calls` is the word each, or a list of calls: [[system-uuid], [chassis-type]]");
    }
    for (const Node& item : calls->items) read_one_call(item, all);
    check_calls(*calls);
  }

  // [system-serial-number, system-uuid], or { fields: […], arguments: […], command: …, success: … };
  // what it does not say is the tool's.
  void read_one_call(const Node& item, const BurnCall& all) {
    BurnCall call = all;
    const Node* fields = &item;
    if (item.is_mapping()) {
      MappingReader map = context_.map(item, kCallShape);
      fields = map.take("fields");
      BurnCall own = read_call(map, item);
      map.finish();
      if (item.find("command") != nullptr) call.command = std::move(own.command);
      if (item.find("arguments") != nullptr) call.arguments = std::move(own.arguments);
      if (own.success) call.success = std::move(own.success);
      if (fields == nullptr && item.find("arguments") == nullptr) {
        return context_.problem(item.mark, "a call that writes no field needs `arguments` of its own");
      }
    }
    if (fields != nullptr) read_fields(*fields, call);
    tool_.calls.push_back(std::move(call));
  }

  void read_fields(const Node& node, BurnCall& call) {
    if (!node.is_sequence() || node.items.empty()) {
      return context_.problem(node.mark, "`fields` must be a list of keywords, and not empty");
    }
    for (const Node& item : node.items) {
      const Field* field = context_.field(item);
      if (field == nullptr) continue;
      const std::string keyword(field->keyword);
      if (tool_.find(*field) == nullptr) {
        context_.problem(item.mark, "there is no switch for " + ticked(keyword) + "; add it to `switches`");
      } else if (std::ranges::find(called_, field) != called_.end()) {
        context_.problem(item.mark, ticked(keyword) + " is in two calls");
      }
      called_.push_back(field);
      call.fields.push_back(field);
    }
  }

  // A switch that no call uses would be a value that nobody writes.
  void check_calls(const Node& calls) {
    for (const BurnSwitch& known : tool_.switches) {
      if (std::ranges::find(called_, known.field) != called_.end()) continue;
      context_.problem(calls.mark, "no call writes " + ticked(known.field->keyword) + "; name it in one");
    }
  }

  const Node& root_;
  std::vector<Problem> problems_;
  DraftContext context_;
  MappingReader map_;
  BurnTool tool_;
  std::vector<const Field*> called_;
};

}  // namespace

Result<BurnTool> parse_burn_tool(std::string_view text, const std::string& file) {
  return parse_yaml(text, file).and_then([&](const Node& root) { return ToolReader(root, file).read(); });
}

Result<BurnTool> load_burn_tool(const std::string& name, const Catalog& catalog) {
  const auto found = is_name(name) ? find_file(catalog, "tools/" + name + ".yaml") : std::nullopt;
  if (!found) {
    const std::vector<std::string> names = known_names(catalog, "tools/");
    const std::vector<std::string_view> views(names.begin(), names.end());
    return refuse("there is no burn tool " + ticked(name) + did_you_mean(name, views), {},
                  "describe it in tools/" + name + ".yaml beside the profiles");
  }
  if (!found->document) return Failure(found->document.error());
  auto tool = ToolReader(found->document->root, found->file).read();
  if (tool && tool->name != name) {
    return refuse("the file is named after " + ticked(name) + ", and holds the tool " + ticked(tool->name),
                  found->file, "rename the one or the other");
  }
  return tool;
}

Result<std::vector<BurnTool>> shipped_burn_tools() {
  std::vector<std::string> names = known_names({}, "tools/");
  std::sort(names.begin(), names.end());
  std::vector<BurnTool> tools;
  for (const std::string& name : names) {
    auto tool = load_burn_tool(name, {});
    if (!tool) return Failure(tool.error());
    tools.push_back(*std::move(tool));
  }
  return tools;
}

}  // namespace dmigate::profiles
