// YAML with places: every node knows its line and column, text stays as written, and what libyaml
// lets through (a repeated key, several documents, anchors) is an error. Profiles, station.yaml,
// burn tools and unit descriptions are all read through this.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smbios/result.h"

namespace dmigate::profiles {

struct Mark {
  int line = 0;    ///< from 1; 0: not from a file
  int column = 0;  ///< from 1, in characters
};

// "file:line:column: message", the form every editor jumps to.
struct Problem {
  std::string file;
  Mark mark;
  std::string message;
  [[nodiscard]] std::string to_string() const;
};
// All problems as one configuration Error, a line each.
Error to_error(const std::vector<Problem>& problems);

// What parse_yaml and read_text fail with, as the one problem that it is: `file` is theirs.
Problem to_problem(const Error& error, const std::string& file);

class Node {
 public:
  enum class Kind : unsigned char { kNull, kScalar, kSequence, kMapping };
  struct Entry;

  Kind kind = Kind::kNull;
  Mark mark;
  std::string text;            ///< kScalar: as written ("010" stays "010"), quotes and escapes resolved
  bool quoted = false;         ///< kScalar: 'x' or "x": never a boolean or null
  std::vector<Node> items;     ///< kSequence
  std::vector<Entry> entries;  ///< kMapping, in the order of the file; keys are unique

  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }
  [[nodiscard]] bool is_mapping() const { return kind == Kind::kMapping; }
  [[nodiscard]] const Node* find(std::string_view key) const;  ///< nullptr when absent or no mapping
};
struct Node::Entry {
  std::string key;
  Mark mark;  ///< of the key
  Node value;
};

// One document. Fails with file:line:column on a syntax error, a repeated key, a key that is no
// scalar, an anchor, alias or tag, nesting deeper than 64, a second document, more than 1 MiB.
Result<Node> parse_yaml(std::string_view text, const std::string& file);
// An empty file is a Node of kind kNull at 1:1.
Result<Node> load_yaml(const std::string& path);  ///< fails also when the file cannot be read
// A file's bytes; of a longer one its first 1 MiB + 1, which parse_yaml then refuses.
Result<std::string> read_text(const std::string& path);

// The candidate nearest to `name` by edit distance, or empty when none is near: for "did you mean".
// Case, and - against _, count for nothing; a candidate that contains `name` is nearer than one that
// differs in more than two letters.
std::string nearest(std::string_view name, std::span<const std::string_view> candidates);
std::string ticked(std::string_view text);  ///< `text`: how messages quote what was written
// The end of a message: "; did you mean `chassis-type`?", or empty when none is near.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

// "90s", "5m", "1h", "250ms"; more than nothing, at most a day. None when it is not of that form.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// Reads one mapping key by key and gathers problems instead of stopping at the first.
//
//   MappingReader map(node, file, problems);
//   auto name = map.required_text("profile");
//   auto by = map.text("by").value_or("");
//   map.finish();   // whatever was not asked for is an unknown key, with the nearest known name
class MappingReader {
 public:
  // `known`: the keys that there are, where a table has them. Then all of them must be asked for, and no
  // other: a key that nobody reads would be a rule that nobody judges.
  MappingReader(const Node& node, std::string file, std::vector<Problem>& problems,
                std::vector<std::string_view> known = {});
  const Node* take(std::string_view key);                               ///< nullptr when absent
  std::optional<std::string> text(std::string_view key);                ///< a problem when no scalar
  std::string required_text(std::string_view key);                      ///< a problem when absent
  std::optional<bool> boolean(std::string_view key);                    ///< true or false, nothing else
  std::optional<std::uint64_t> number(std::string_view key);            ///< decimal, unquoted or quoted
  std::optional<std::vector<std::string>> texts(std::string_view key);  ///< a sequence of scalars
  void problem(const Mark& mark, std::string message);
  void finish();

 private:
  const Node& node_;
  std::string file_;
  std::vector<Problem>& problems_;
  std::vector<std::string_view> asked_;
  std::vector<std::string_view> known_;
};

}  // namespace dmigate::profiles
