#include "profiles/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "smbios/utf8.h"

namespace dmigate::profiles {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_control(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || value == 0x7F;
}

// A profile must not lose its second half to a byte that a reader drops, replaces, or takes for the end.
std::optional<Problem> check_bytes(std::string_view text, const std::string& file) {
  Mark at{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return Problem{file, at, "the file is not UTF-8 here; save it as UTF-8"};
    if (is_control(text[i])) return Problem{file, at, "a control character stands here; remove it"};
    if (text[i] == '\n') {
      at = {at.line + 1, 1};
    } else {
      ++at.column;
    }
    i += length;
  }
  return std::nullopt;
}

Mark place(const yaml_mark_t& mark) {
  return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
}

Node make_node(Node::Kind kind, const Mark& mark) {
  Node node;
  node.kind = kind;
  node.mark = mark;
  return node;
}

std::string_view view(const yaml_char_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}

Node scalar_node(const yaml_event_t& event) {
  const auto& scalar = event.data.scalar;
  constexpr std::array<std::string_view, 5> kNulls = {"", "~", "null", "Null", "NULL"};  // YAML 1.2.2, 10.3.2
  const std::string_view text = view(scalar.value, scalar.length);
  const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
  if (plain && std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end()) {
    return make_node(Node::Kind::kNull, place(event.start_mark));
  }
  Node node = make_node(Node::Kind::kScalar, place(event.start_mark));
  node.text = text;
  node.quoted = !plain;
  return node;
}

// libyaml's events as a tree. The first event that a rule book must not have ends it.
class TreeBuilder {
 public:
  explicit TreeBuilder(const std::string& file) : file_(file) {}

  // False: problem() says why.
  bool take(const yaml_event_t& event) {
    const Mark mark = place(event.start_mark);
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        if (seen_) return stop(mark, "the document has ended before this; a file holds one");
        seen_ = true;
        return true;
      case YAML_ALIAS_EVENT:
        return stop(mark, "aliases are not read; write the value out, or quote a text with *");
      case YAML_SCALAR_EVENT:
        return accept(mark, event.data.scalar.anchor, event.data.scalar.tag) && add(scalar_node(event));
      case YAML_SEQUENCE_START_EVENT:
        return accept(mark, event.data.sequence_start.anchor, event.data.sequence_start.tag) &&
               open(Node::Kind::kSequence, mark);
      case YAML_MAPPING_START_EVENT:
        return accept(mark, event.data.mapping_start.anchor, event.data.mapping_start.tag) &&
               open(Node::Kind::kMapping, mark);
      case YAML_SEQUENCE_END_EVENT:
        return close();
      case YAML_MAPPING_END_EVENT:
        return has_unique_keys(open_.back().node) && close();
      default:
        return true;
    }
  }

  Node& root() { return root_; }
  [[nodiscard]] const Problem& problem() const { return problem_; }

 private:
  // A collection that is being read. In a mapping, `key` is the key whose value comes next.
  struct Frame {
    Node node;
    std::optional<Node> key;
  };

  bool stop(const Mark& at, std::string message) {
    problem_ = {file_, at, std::move(message)};
    return false;
  }

  bool accept(const Mark& mark, const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr) return stop(mark, "anchors are not read; write the value out");
    if (tag != nullptr) return stop(mark, "tags are not read; quote a text that begins with !");
    return true;
  }

  bool open(Node::Kind kind, const Mark& mark) {
    if (open_.size() >= kMaxDepth) {
      return stop(mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    if (expects_key()) return refuse_key(mark);
    open_.push_back({make_node(kind, mark), std::nullopt});
    return true;
  }

  bool close() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    return add(std::move(done));
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.is_mapping() && !open_.back().key;
  }
  bool refuse_key(const Mark& mark) { return stop(mark, "a key must be a text; quote it"); }

  bool add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (expects_key()) {
      if (!node.is_scalar()) return refuse_key(node.mark);
      open_.back().key = std::move(node);
    } else if (Frame& frame = open_.back(); frame.node.is_mapping()) {
      frame.node.entries.push_back({std::move(frame.key->text), frame.key->mark, std::move(node)});
      frame.key.reset();
    } else {
      frame.node.items.push_back(std::move(node));
    }
    return true;
  }

  bool has_unique_keys(const Node& node) {
    std::vector<const Node::Entry*> sorted;
    sorted.reserve(node.entries.size());
    for (const Node::Entry& entry : node.entries) sorted.push_back(&entry);
    std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key < b->key; });
    const auto repeated =
        std::adjacent_find(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key == b->key; });
    if (repeated == sorted.end()) return true;
    return stop((*(repeated + 1))->mark, "repeated key " + ticked((*repeated)->key) + "; it is in line " +
                                             std::to_string((*repeated)->mark.line) + " already");
  }

  const std::string& file_;
  bool seen_ = false;
  Node root_ = make_node(Node::Kind::kNull, {1, 1});
  std::vector<Frame> open_;
  Problem problem_;
};

// The line that the byte `at` is in, up to it and with it.
std::string_view line_until(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  return text.substr(before.rfind('\n') + 1).substr(0, at - before.rfind('\n'));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    // It fails where there is no memory only, and then parse() says so.
    static_cast<void>(yaml_parser_initialize(&parser_));
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Parser() { yaml_parser_delete(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Hands every event to the builder; a problem where one of the two stops.
  std::optional<Problem> run(TreeBuilder& builder, const std::string& file) {
    for (bool more = true; more;) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) == 0) return problem(file);
      const bool taken = builder.take(event);
      more = event.type != YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
      if (!taken) return builder.problem();
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Problem problem(const std::string& file) const {
    if (parser_.problem == nullptr) return {file, {}, "not YAML: it cannot be read"};
    const yaml_mark_t& at = parser_.problem_mark;
    std::string message = std::string("not YAML: ") + parser_.problem;
    if (parser_.context != nullptr) message += std::string(" ") + parser_.context;
    if (parser_.context != nullptr && parser_.context_mark.line != at.line) {
      message += " that begins in line " + std::to_string(parser_.context_mark.line + 1);
    }
    const bool tab = line_until(text_, at.index).find('\t') != std::string_view::npos;
    return {file, at.index < text_.size() ? place(at) : last_line(),
            message + (tab ? "; indent with blanks, not tabs" : "")};
  }

  // Where a file ends is in its last line, and not in the empty one behind it.
  [[nodiscard]] Mark last_line() const {
    const auto breaks = std::count(text_.begin(), text_.end() - (text_.ends_with('\n') ? 1 : 0), '\n');
    return {static_cast<int>(breaks) + 1, 1};
  }

  std::string_view text_;
  yaml_parser_t parser_{};
};

}  // namespace

Result<Node> parse_yaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return tl::unexpected(to_error({{file, {}, "larger than 1 MiB; this is not a file of dmigate"}}));
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (const auto bad = check_bytes(text, file)) return tl::unexpected(to_error({*bad}));
  TreeBuilder builder(file);
  if (const auto problem = Parser(text).run(builder, file)) return tl::unexpected(to_error({*problem}));
  return std::move(builder.root());
}

Result<Node> load_yaml(const std::string& path) {
  return read_text(path).and_then([&](const std::string& text) { return parse_yaml(text, path); });
}

Result<std::string> read_text(const std::string& path) {
  const auto cannot = [&] {
    return fail(std::string("cannot be read: ") + std::strerror(errno), path,
                "check the path and who may read it", ErrorKind::kConfiguration);
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return cannot();
  std::string text;
  std::array<char, 16384> part;
  errno = 0;
  // One byte more than may be, so that parse_yaml sees what is too long.
  while (text.size() <= kMaxBytes) {
    const std::size_t wanted = std::min(part.size(), kMaxBytes + 1 - text.size());
    const std::size_t got = std::fread(part.data(), 1, wanted, file.get());
    text.append(part.data(), got);
    if (got < wanted) break;
  }
  if (std::ferror(file.get()) != 0) return cannot();
  return text;
}

}  // namespace dmigate::profiles
