#include "profiles/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sstream>

namespace dmigate::profiles {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr std::size_t kMaxDepth = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Length of the UTF-8 sequence at the start of `text`, 0 when there is none (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = at(0);
  const unsigned second = at(1);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  unsigned low = 0x80;
  unsigned high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (second < low || second > high) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length > text.size()) return 0;
  return std::all_of(text.begin() + 2, text.begin() + static_cast<std::ptrdiff_t>(length), is_continuation)
             ? length
             : 0;
}

bool is_control(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || value == 0x7F;
}

// Thrown by our own handler to leave yaml-cpp, caught in parse_yaml; never seen outside this file.
struct Stop {
  Problem problem;
};

// Turns yaml-cpp's places (bytes, from 0) into ours (characters, from 1).
class Places {
 public:
  Places(std::string_view text, const std::string& file) : text_(text), file_(file) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (is_continuation(text[i])) continuations_.push_back(i);
      if (text[i] == '\n' && i + 1 < text.size()) ++lines_;
    }
  }

  [[nodiscard]] Mark mark(const YAML::Mark& at) const {
    if (at.is_null()) return {};
    if (at.line >= lines_) return {lines_, 1};  // at the end, or what build() puts behind it
    const auto before = [&](int pos) {
      return std::lower_bound(continuations_.begin(), continuations_.end(), static_cast<std::size_t>(pos));
    };
    const auto inner = before(at.pos) - before(at.pos - at.column);
    return {at.line + 1, at.column + 1 - static_cast<int>(inner)};
  }
  // The line that a place is in, up to the place.
  [[nodiscard]] std::string_view line_before(const YAML::Mark& at) const {
    if (at.is_null()) return {};
    const auto end = std::min(static_cast<std::size_t>(at.pos), text_.size());
    const auto begin = end - std::min(static_cast<std::size_t>(at.column), end);
    return text_.substr(begin, end - begin);
  }
  // The byte at a place, NUL beyond the end.
  [[nodiscard]] char byte(const YAML::Mark& at) const {
    const auto pos = static_cast<std::size_t>(at.pos);
    return pos < text_.size() ? text_[pos] : '\0';
  }
  [[noreturn]] void stop(const Mark& at, std::string message) const {
    throw Stop{{file_, at, std::move(message)}};
  }

 private:
  std::string_view text_;
  const std::string& file_;
  int lines_ = 1;
  std::vector<std::size_t> continuations_;  // where UTF-8's second to fourth bytes stand
};

// yaml-cpp reads a byte 04h as the end of the file, and replaces what is not UTF-8: a profile must
// not lose its second half to either.
void check_bytes(std::string_view text, const Places& places) {
  Mark at{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) places.stop(at, "the file is not UTF-8 here; save it as UTF-8");
    if (is_control(text[i])) places.stop(at, "a control character stands here; remove it");
    if (text[i] == '\n') {
      at = {at.line + 1, 1};
    } else {
      ++at.column;
    }
    i += length;
  }
}

Node make_node(Node::Kind kind, const Mark& mark) {
  Node node;
  node.kind = kind;
  node.mark = mark;
  return node;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Places& places) : places_(places) {}

  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (seen_) places_.stop(places_.mark(mark), "the document has ended before this; a file holds one");
    seen_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_properties(mark, "", anchor);
    add(make_node(Node::Kind::kNull, places_.mark(mark)));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    places_.stop(places_.mark(mark), "aliases are not read; write the value out, or quote a text with *");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_properties(mark, tag, anchor);
    Node node = make_node(Node::Kind::kScalar, places_.mark(mark));
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_properties(mark, tag, anchor);
    open(Node::Kind::kSequence, places_.mark(mark));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_properties(mark, tag, anchor);
    open(Node::Kind::kMapping, places_.mark(mark));
  }
  void OnMapEnd() override {
    refuse_repeated_keys(open_.back().node);
    close();
  }

 private:
  // A collection that is being read. In a mapping, `key` is the key whose value comes next.
  struct Frame {
    Node node;
    std::optional<Node> key;
  };

  // "?" and "!" are yaml-cpp's own marks for plain and quoted; "!" is also a tag that can be written.
  void refuse_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != 0) places_.stop(places_.mark(mark), "anchors are not read; write the value out");
    const bool written = !tag.empty() && tag != "?" && tag != "!";
    if (written || (tag == "!" && places_.byte(mark) == '!')) {
      places_.stop(places_.mark(mark), "tags are not read; quote a text that begins with !");
    }
  }

  void open(Node::Kind kind, const Mark& mark) {
    if (open_.size() >= kMaxDepth) {
      places_.stop(mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    if (expects_key()) refuse_key(mark);
    open_.push_back({make_node(kind, mark), std::nullopt});
  }

  void close() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(done));
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.is_mapping() && !open_.back().key;
  }
  [[noreturn]] void refuse_key(const Mark& mark) const {
    places_.stop(mark, "a key must be a text; quote it");
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (expects_key()) {
      if (!node.is_scalar()) refuse_key(node.mark);
      open_.back().key = std::move(node);
    } else if (Frame& frame = open_.back(); frame.node.is_mapping()) {
      frame.node.entries.push_back({std::move(frame.key->text), frame.key->mark, std::move(node)});
      frame.key.reset();
    } else {
      frame.node.items.push_back(std::move(node));
    }
  }

  void refuse_repeated_keys(const Node& node) const {
    std::vector<const Node::Entry*> sorted;
    sorted.reserve(node.entries.size());
    for (const Node::Entry& entry : node.entries) sorted.push_back(&entry);
    std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key < b->key; });
    const auto repeated =
        std::adjacent_find(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->key == b->key; });
    if (repeated == sorted.end()) return;
    places_.stop((*(repeated + 1))->mark, "repeated key " + ticked((*repeated)->key) + "; it is in line " +
                                              std::to_string((*repeated)->mark.line) + " already");
  }

  const Places& places_;
  bool seen_ = false;
  Node root_ = make_node(Node::Kind::kNull, {1, 1});
  std::vector<Frame> open_;
};

Node build(std::string_view text, const Places& places) {
  // yaml-cpp takes the end of the file for the end of a quoted text; the end of the document it does not.
  std::string ended(text);
  if (!ended.empty()) ended += ended.back() == '\n' ? "...\n" : "\n...\n";
  std::istringstream stream(ended);
  YAML::Parser parser(stream);
  TreeBuilder builder(places);
  while (parser.HandleNextDocument(builder)) {
  }
  return builder.take_root();
}

}  // namespace

Result<Node> parse_yaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return tl::unexpected(to_error({{file, {}, "larger than 1 MiB; this is not a file of dmigate"}}));
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const Places places(text, file);
  try {
    check_bytes(text, places);
    return build(text, places);
  } catch (const Stop& stop) {
    return tl::unexpected(to_error({stop.problem}));
  } catch (const YAML::Exception& error) {
    const bool tab = places.line_before(error.mark).find('\t') != std::string_view::npos;
    return tl::unexpected(
        to_error({{file, places.mark(error.mark),
                   "not YAML: " + error.msg + (tab ? "; indent with blanks, not tabs" : "")}}));
  }
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
