// Every sentence that the code makes stands in the table of phrases: the sources are read for the calls
// that make one, and what such a call says is put together from its text.
#include "gate/judge/phrases.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>

#include "tests/gate/units.h"

namespace dmigate::gate {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

// ---------------------------------------------------------------- the sources, token by token

struct Token {
  enum class Kind : std::uint8_t { kWord, kText, kSign } kind;
  std::string text;  ///< kText: what the literal says
  int line;
};
using Tokens = std::span<const Token>;

// Comments left out, neighbouring literals put together. Raw literals are not read: no sentence is one.
std::vector<Token> tokens_of(const std::string& source) {
  std::vector<Token> tokens;
  int line = 1;
  bool directive = false;
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t i = 0; i < source.size();) {
    const char c = source[i];
    if (c == '\n') {
      ++line;
      directive = false;
      ++i;
    } else if (source.compare(i, 2, "//") == 0) {
      i = std::min(source.find('\n', i), source.size());
    } else if (c == '#' || directive || std::isspace(static_cast<unsigned char>(c)) != 0) {
      directive = directive || c == '#';
      ++i;
    } else if (c == '"') {
      std::string text;
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        if (source[i] == '\\') ++i;
        text += source[i];
      }
      ++i;
      if (!tokens.empty() && tokens.back().kind == Token::Kind::kText) {
        tokens.back().text += text;
      } else {
        tokens.push_back({Token::Kind::kText, text, line});
      }
    } else if (c == '\'') {
      const std::size_t begin = i;
      for (++i; i < source.size() && source[i] != '\''; ++i) i += source[i] == '\\' ? 1 : 0;
      ++i;
      tokens.push_back({Token::Kind::kWord, source.substr(begin, i - begin), line});
    } else if (is_word(c)) {
      const std::size_t begin = i;
      while (i < source.size() && (is_word(source[i]) || (source[i] == '\'' && is_word(source[i + 1])))) ++i;
      tokens.push_back({Token::Kind::kWord, source.substr(begin, i - begin), line});
    } else {
      const bool two = source.compare(i, 2, "==") == 0 || source.compare(i, 2, "!=") == 0 ||
                       source.compare(i, 2, "->") == 0 || source.compare(i, 2, "::") == 0 ||
                       source.compare(i, 2, "+=") == 0 || source.compare(i, 2, "<=") == 0 ||
                       source.compare(i, 2, ">=") == 0;
      tokens.push_back({Token::Kind::kSign, source.substr(i, two ? 2 : 1), line});
      i += two ? 2 : 1;
    }
  }
  return tokens;
}

bool is_sign(const Token& token, std::string_view text) {
  return token.kind == Token::Kind::kSign && token.text == text;
}
bool opens(const Token& token) { return is_sign(token, "(") || is_sign(token, "{") || is_sign(token, "["); }
bool closes(const Token& token) { return is_sign(token, ")") || is_sign(token, "}") || is_sign(token, "]"); }

// The parts between the signs that stand in no bracket.
std::vector<Tokens> split(Tokens tokens, std::string_view sign) {
  std::vector<Tokens> parts;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    depth += opens(tokens[i]) ? 1 : closes(tokens[i]) ? -1 : 0;
    if (depth != 0 || !is_sign(tokens[i], sign)) continue;
    parts.push_back(tokens.subspan(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(tokens.subspan(begin));
  return parts;
}

// What stands between the bracket at the beginning and the one that closes it.
Tokens inside(Tokens tokens) {
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    depth += opens(tokens[i]) ? 1 : closes(tokens[i]) ? -1 : 0;
    if (depth == 0) return tokens.subspan(1, i - 1);
  }
  return tokens.subspan(1);
}

// ---------------------------------------------------------------- what an expression says

using Constants = std::map<std::string, Texts>;  // by name; of a choice all

// constexpr … kName = "text";
Constants constants_of(Tokens tokens) {
  Constants constants;
  for (std::size_t i = 0; i + 3 < tokens.size(); ++i) {
    if (tokens[i].kind == Token::Kind::kWord && is_sign(tokens[i + 1], "=") &&
        tokens[i + 2].kind == Token::Kind::kText && is_sign(tokens[i + 3], ";")) {
      constants[tokens[i].text] = {tokens[i + 2].text};
    }
  }
  return constants;
}

// Two unknown parts side by side are one.
std::string joined(const std::string& left, const std::string& right) {
  return left.ends_with("{}") && right.starts_with("{}") ? left + right.substr(2) : left + right;
}

Texts skeletons_of(Tokens tokens, const Constants& constants);

Texts skeletons_of_operand(Tokens tokens, const Constants& constants) {
  if (tokens.empty()) return {""};
  if (is_sign(tokens[0], "(")) return skeletons_of(inside(tokens), constants);
  if (tokens.size() == 1 && tokens[0].kind == Token::Kind::kText) return {tokens[0].text};
  if (tokens.size() == 1 && constants.contains(tokens[0].text)) return constants.at(tokens[0].text);
  // std::string("…") says what is in it
  if (tokens.size() > 3 && tokens[0].text == "std" &&
      (tokens[2].text == "string" || tokens[2].text == "string_view") && is_sign(tokens[3], "(")) {
    return skeletons_of(inside(tokens.subspan(3)), constants);
  }
  // "; did you mean `x`?" is read off every sentence's end
  const auto mean = std::ranges::find(tokens, "did_you_mean", &Token::text);
  if (mean != tokens.end()) return {""};
  return {"{}"};
}

// Literals joined by +, with {} for the rest; of `a ? b : c` both.
Texts skeletons_of(Tokens tokens, const Constants& constants) {
  const auto choice = split(tokens, "?");
  if (choice.size() > 1) {
    const Tokens rest(choice[1].data(), tokens.data() + tokens.size());
    const auto parts = split(rest, ":");
    Texts all = skeletons_of(parts[0], constants);
    const Tokens other(parts[0].data() + parts[0].size() + 1, rest.data() + rest.size());
    for (std::string& each : skeletons_of(other, constants)) all.push_back(std::move(each));
    return all;
  }
  Texts all = {""};
  for (const Tokens operand : split(tokens, "+")) {
    Texts longer;
    for (const std::string& left : all) {
      for (const std::string& right : skeletons_of_operand(operand, constants)) {
        longer.push_back(joined(left, right));
      }
    }
    all = std::move(longer);
  }
  return all;
}

bool is_name(char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '*'; }

// The row's words: every placeholder becomes {}.
std::string bare(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t close = text.front() == '{' ? text.find('}') : text.npos;
    if (close != text.npos && std::ranges::all_of(text.substr(1, close - 1), is_name)) {
      result = joined(result, "{}");
      text.remove_prefix(close + 1);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

// ---------------------------------------------------------------- the calls that make a sentence

constexpr int kLast = -1;
struct Maker {
  std::string_view name;
  std::vector<int> texts;    ///< which of its arguments are sentences
  bool templates = false;    ///< they are looked up and filled, and not read back
  std::string_view in = {};  ///< where it is such a function, if not everywhere
};
const std::vector<Maker>& makers() {
  static const std::vector<Maker> makers = {
      {"fail", {0, 2}},
      {"usage", {0, 1}},
      {"refuse", {0, 2}},
      {"unknown", {0, 1}},
      {"uncertain", {0, 1}},
      {"unreachable", {0}},
      {"no_code", {0}},
      {"not_evidence", {1}},
      {"not_wmi", {1}},
      {"not_inventory", {1}},
      {"complain", {0}, false, "gate/evidence/"},
      {"blame", {0}},
      {"broken", {0}},
      {"failed", {0}},
      {"problem", {kLast}},
      {"stop", {1}},
      {"wrong_usage", {0}},
      {"need_rule", {2}},
      {"warn", {1}, false, "profiles/lint"},
      {"note", {2}, false, "profiles/lint"},
      {"pair", {1}, false, "profiles/lint"},
      {"tell_refused", {4}, false, "profiles/lint"},
      {"doubt", {0, 1}},
      {"Problem", {2}},
      {"phrase", {0}, true},
      {"say", {1}, true, "cli/"},
      {"line", {0}, true, "cli/explain"},
      {"each", {0}, true, "cli/field_words"},
      {"put", {2}, false, "gate/audit/walk"},
      {"other", {0}, false, "gate/audit/"},
      {"end", {0, 1}, false, "gate/audit/archive"},
      {"check_mode", {2, 3}},
      {"tell", {0}, true, "gate/audit/"},
      {"tell_list", {0}, true, "gate/audit/"},
      {"word", {0}, true, "gate/audit/"},
      {"bad", {0}},
  };
  return makers;
}

// Where sentences are made by more than such a call: a function or a table, by the words it begins with.
struct Region {
  std::string_view file, begins;
  bool templates = false;
};
constexpr Region kRegions[] = {
    {"profiles/lint.cc", "void lint_one("},
    {"profiles/lint.cc", "void lint_tool("},
    {"profiles/merge.cc", "void lay_over("},
    {"profiles/merge.cc", "void lay(const WitnessesDraft&"},
    {"line-integration/station/lint.cc", "expand("},
    {"profiles/yaml.cc", "Problem problem(const std::string& file) const {"},
    {"profiles/yaml.cc", "to_error({{file"},
    {"profiles/field_rules.cc", "std::string_view kind_words("},
    {"profiles/load.cc", "std::string not_found("},
    {"smbios/layout.cc", "Result<std::vector<std::uint8_t>> read_file("},
    {"gate/registry/postgres_failure.cc", "kRows[] = {"},
    {"gate/registry/sqlite.cc", "kRows[] = {"},
    {"gate/registry/sqlite.cc", "kUnfit[] = {"},
    {"gate/audit/archive.cc", "Entry Archive::read_entry("},
    {"gate/audit/archive.cc", "void Archive::read_content("},
    {"gate/registry/unit_csv.cc", "void make_plan("},
    {"gate/registry/sqlite.cc", "std::string in_words("},
    {"gate/registry/sqlite.cc", "std::string as_found("},
    {"gate/registry/rework.cc", "Result<std::string> replace() {"},
    {"gate/registry/rework.cc", "Result<std::string> retire() {"},
    {"gate/registry/rework.cc", "Result<std::string> write_resolution("},
    {"gate/audit/foreign.cc", "kForeignMagics[] = {"},
    {"gate/audit/foreign.cc", "std::string_view what_else("},
    {"cli/field_words.cc", "std::string_view kind_text(", true},
    {"cli/field_words.cc", "std::vector<Fact> facts = {", true},
    {"line-integration/burn/supervisor.cc", "Error launch_error("},
    {"line-integration/capture/capture.cc", "std::string advice_for("},
};

struct SaidInSource {
  std::string place;     ///< file:line
  std::string skeleton;  ///< "cannot be opened: {}"
  bool is_template;
};

// Words of ours, and more than one: "{} {}" is none, and neither is a key or a column's name.
bool is_sentence(const std::string& skeleton) {
  std::string words;
  for (bool quoted = false; const char c : skeleton) {
    quoted = quoted != (c == '`');
    if (!quoted) words += c;
  }
  for (std::size_t at = 0; (at = words.find("{}")) != words.npos;) words.erase(at, 2);
  return std::ranges::any_of(words, [](unsigned char c) { return std::isalpha(c) != 0; });
}

class Scan {
 public:
  Scan() {
    for (const char* room : {"smbios", "profiles", "gate", "line-integration", "cli"}) {
      for (const auto& entry : fs::recursive_directory_iterator(root() / room)) {
        const fs::path extension = entry.path().extension();
        if (extension == ".cc" || extension == ".h") read(entry.path());
      }
    }
  }

  std::vector<SaidInSource> said;
  Texts unknown_makers;  ///< "file:line: name", of functions that make errors and are not in makers()

 private:
  static fs::path root() { return DMIGATE_SOURCE_DIR; }

  void read(const fs::path& path) {
    file_ = fs::relative(path, root()).generic_string();
    if (file_.starts_with("gate/judge/phrase")) return;
    const std::string source = read_file(path.string());
    const auto tokens = tokens_of(source);
    constants_ = constants_of(tokens);
    std::vector<Constants> blocks = {constants_};  // what is known before each block that is open
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
      if (is_sign(tokens[i], "{")) blocks.push_back(constants_);
      if (is_sign(tokens[i], "}") && blocks.size() > 1) {
        constants_ = std::move(blocks.back());
        blocks.pop_back();
      }
      read_local(tokens, i);
      const bool called = tokens[i].kind == Token::Kind::kWord &&
                          (is_sign(tokens[i + 1], "(") || is_sign(tokens[i + 1], "{"));
      if (called) read_call(tokens, i);
      if (tokens[i].text == "wrong_" && is_sign(tokens[i + 1], "=")) {
        templates_ = false;
        keep(split(Tokens(tokens).subspan(i + 2), ";").front());
      }
    }
    for (const Region& region : kRegions) {
      if (region.file != file_) continue;
      const std::size_t at = source.find(region.begins);
      REQUIRE_MESSAGE(at != source.npos, "no such words in " << file_ << ": " << region.begins);
      read_region(source, at, region);
    }
  }

  // const std::string name = …;
  void read_local(Tokens tokens, std::size_t at) {
    if (at < 5 || !is_sign(tokens[at], "=") || tokens[at - 2].text != "string") return;
    if (tokens[at - 5].text != "const") return;
    auto said_there = skeletons_of(split(tokens.subspan(at + 1), ";").front(), constants_);
    const bool anything = std::ranges::find(said_there, "{}") != said_there.end();
    constants_[tokens[at - 1].text] = anything ? Texts{"{}"} : std::move(said_there);
  }

  void read_call(Tokens tokens, std::size_t at) {
    const std::string& name = tokens[at].text;
    const auto maker = std::ranges::find(makers(), name, &Maker::name);
    const std::string& before = tokens[at - 1].text;
    if (maker == makers().end() || !file_.starts_with(maker->in)) {
      const bool makes = before == "Failure" || before == "Error" || before == "Problem";
      if (makes && is_sign(tokens[at + 1], "(")) unknown_makers.push_back(place(tokens[at]) + ": " + name);
      return;
    }
    templates_ = maker->templates;
    const auto arguments = split(inside(tokens.subspan(at + 1)), ",");
    for (const int index : maker->texts) {
      const std::size_t which = index == kLast ? arguments.size() - 1 : static_cast<std::size_t>(index);
      if (which < arguments.size()) keep(arguments[which]);
    }
  }

  // Every expression between the signs of a function's body or a table's rows.
  void read_region(const std::string& source, std::size_t at, const Region& region) {
    const auto tokens = tokens_of(source.substr(at));
    const int line = static_cast<int>(std::count(source.begin(), source.begin() + std::ptrdiff_t(at), '\n'));
    std::size_t open = 0;
    while (!is_sign(tokens[open], "{")) ++open;
    line_ = line;
    templates_ = region.templates;
    read_parts(inside(Tokens(tokens).subspan(open)));
    line_ = 0;
  }

  void read_parts(Tokens tokens) {
    std::vector<int> depths = {0};  // of round brackets, in each pair of braces
    std::size_t begin = 0;
    const auto end_part = [&](std::size_t end) {
      Tokens part = tokens.subspan(begin, end - begin);
      bool appended = false;
      for (std::size_t i = part.size(); i-- > 0;) {
        if (is_sign(part[i], "=") || is_sign(part[i], "+=") || part[i].text == "return") {
          appended = is_sign(part[i], "+=");
          part = part.subspan(i + 1);
          break;
        }
      }
      const bool is_text = std::ranges::any_of(part, [templates = templates_](const Token& each) {
        return each.kind == Token::Kind::kText && (templates || each.text.find(' ') != std::string::npos);
      });
      if (is_text) keep(part, appended ? "{}" : "");
      begin = end + 1;
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      depths.back() += is_sign(tokens[i], "(") ? 1 : is_sign(tokens[i], ")") ? -1 : 0;
      const bool brace = is_sign(tokens[i], "{") || is_sign(tokens[i], "}");
      if (brace || (depths.back() == 0 && (is_sign(tokens[i], ";") || is_sign(tokens[i], ",")))) end_part(i);
      if (is_sign(tokens[i], "{")) depths.push_back(0);
      if (is_sign(tokens[i], "}") && depths.size() > 1) depths.pop_back();
    }
    end_part(tokens.size());
  }

  // `before`: what the text is added to.
  void keep(Tokens expression, const std::string& before = {}) {
    if (expression.empty()) return;
    for (const std::string& text : skeletons_of(expression, constants_)) {
      std::string skeleton = joined(before, bare(text));
      skeleton.resize(std::min(skeleton.find("; did you mean `"), skeleton.size()));
      said.push_back({place(expression.front()), skeleton, templates_});
    }
  }

  [[nodiscard]] std::string place(const Token& token) const {
    return file_ + ":" + std::to_string(line_ + token.line);
  }

  std::string file_;
  Constants constants_;
  int line_ = 0;  // before the region that is read
  bool templates_ = false;
};

const Scan& scan() {
  static const Scan scan;
  return scan;
}

// A Han character: U+4000 and up in UTF-8.
bool has_han(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '\xE4' && c <= '\xE9'; });
}

// Placeholder by placeholder: "{*why}" is "*why".
std::set<std::string> slots_of(std::string_view text) {
  std::set<std::string> names;
  for (std::size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == text.npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (std::ranges::all_of(name, is_name)) names.emplace(name);
  }
  return names;
}

void compare(std::span<const Phrase> table, bool is_template) {
  std::set<std::string> rows;
  for (const Phrase& row : table) rows.insert(bare(row.english));
  std::set<std::string> said;
  for (const SaidInSource& each : scan().said) {
    if (each.is_template != is_template) continue;
    said.insert(each.skeleton);
    CHECK_MESSAGE((rows.contains(each.skeleton) || !is_sentence(each.skeleton)),
                  each.place << ": no row in gate/judge/phrase_rows.cc for \"" << each.skeleton << "\"");
  }
  for (const Phrase& row : table) {
    CHECK_MESSAGE(said.contains(bare(row.english)), "nobody says \"" << std::string(row.english) << "\"");
  }
}

TEST_CASE("every sentence that the code makes has a row, and every row is a sentence that the code makes") {
  compare(sentences(), false);
  compare(templates(), true);
  CHECK(scan().said.size() > 300);  // a scan that finds nothing proves nothing
}

TEST_CASE("every function that makes an error is known to the scan") {
  // These only hand on what they are given, or say what the scan finds elsewhere.
  const std::set<std::string> known = {
      "refused",        "sqlite_failure", "launch_error", "no_descriptors",   "not_executable",
      "to_error",       "to_problem",     "error",        "postgres_failure", "failure_of",
      "unknown_scheme", "late",           "lost",         "lost_now",         "damaged",
      "unknown_name",   "nobody",         "no_spill",     "not_written",      "ended",
      "no_such",        "words_for",      "exchanged",    "no_profile",       "without_folder"};
  for (const std::string& each : scan().unknown_makers) {
    CHECK_MESSAGE(known.contains(each.substr(each.rfind(' ') + 1)), each);
  }
}

TEST_CASE("every row says the same in both languages, with the same placeholders, and once") {
  for (const auto table : {sentences(), foreign_sentences(), templates()}) {
    std::set<std::string> once;
    for (const Phrase& row : table) {
      CAPTURE(std::string(row.english));
      CHECK_FALSE(has_han(row.english));
      CHECK((has_han(row.chinese) || !is_sentence(bare(row.english))));
      CHECK_FALSE(row.english.ends_with('.'));
      CHECK_FALSE(row.chinese.ends_with("。"));
      CHECK(slots_of(row.english) == slots_of(row.chinese));
      CHECK(once.insert(bare(row.english)).second);
    }
  }
}

// The text with something put into each placeholder that is no phrase itself.
std::string filled(std::string_view text) {
  Details details;
  const auto names = slots_of(text);
  for (const std::string& name : names) {
    // What is put in stands between ticks as often as not.
    details.emplace_back(name, name.starts_with('*') ? "unknown cause" : "`X-" + name + "`");
  }
  return fill(text, details);
}

TEST_CASE("each row reads its own sentence, and no other row does") {
  for (const auto table : {sentences(), foreign_sentences()}) {
    for (const Phrase& row : table) {
      std::string chinese = filled(row.chinese);
      for (std::size_t at = 0; (at = chinese.find("unknown cause")) != chinese.npos;) {
        chinese.replace(at, 13, "原因未知");
      }
      CHECK(translated(filled(row.english), Language::kChinese) == chinese);
      CHECK(translated(filled(row.english), Language::kEnglish) == filled(row.english));
    }
  }
}

TEST_CASE("what the system says is known by the words in which it says it") {
  std::set<std::string> said;
  for (const int error :
       {EPERM, ENOENT, EIO, ENOEXEC, EACCES, EEXIST, ENOTDIR, EISDIR, EMFILE, ENOSPC, EROFS}) {
    said.insert(std::generic_category().message(error));
  }
  std::size_t found = 0;
  for (const Phrase& row : foreign_sentences()) found += said.contains(std::string(row.english)) ? 1U : 0U;
  CHECK(found == said.size());
}

TEST_CASE("sentences are read as they are put together") {
  struct Row {
    const char* english;
    const char* chinese;
  };
  const Row rows[] = {
      {"cannot be opened: No such file or directory", "无法打开：文件或文件夹不存在"},
      {"cannot be opened: Success at last", "无法打开：Success at last"},
      {"unknown key `patern`; did you mean `pattern`?", "未知的键 `patern`；是不是 `pattern`？"},
      {"`format` is text or hex2, not `hex`; did you mean `hex2`?",
       "`format` 须为 text or hex2，不能是 `hex`；是不是 `hex2`？"},
      {"a.yaml:3:5: unknown key `x`\na.yaml:4:1: `version` is missing; raise it with every change",
       "a.yaml:3:5: 未知的键 `x`\na.yaml:4:1: 缺少 `version`；每次改动都须提高版本号"},
      {"a.yaml:7:1: stage `ship` names `x`, for which there is no rule; name it under `fields`",
       "a.yaml:7:1: 工位 `ship` 引用了 `x`，但没有其规则；请在 `fields` 中写出"},
      {"p/a.yaml: cannot be read: Permission denied; check the path and who may read it",
       "p/a.yaml: 无法读取：没有权限；请检查路径和读取权限"},
      {"the registry is locked by another process (database is locked)",
       "登记库正被另一进程锁定（database is locked）"},
      {"not YAML: mapping values are not allowed in this context; indent with blanks, not tabs",
       "不是 YAML：mapping values are not allowed in this context；请用空格缩进，不要用制表符"},
      {"A subcommand is required; dmigate --help tells how it is called",
       "须给出子命令；用法见 dmigate --help"},
      {"", ""},
      {"\n", "\n"},
      {"no sentence of ours", "no sentence of ours"},
  };
  for (const Row& row : rows) {
    CHECK(translated(row.english, Language::kChinese) == row.chinese);
    CHECK(translated(row.english, Language::kEnglish) == row.english);
  }
  CHECK(to_text(Error{"the file is empty", "a/b", "read it again"}, Language::kChinese) ==
        "a/b: 文件是空的；请重新读取");
  CHECK(to_text(Error{"the file is empty", {}, {}}, Language::kChinese) == "文件是空的");
  CHECK(to_text(Error{"the file is empty", "a/b", "read it again"}, Language::kEnglish) ==
        "a/b: the file is empty; read it again");
}

TEST_CASE("what was put into a sentence is never read as one of ours, nor as a placeholder") {
  const auto chinese = [](std::string_view english) { return translated(english, Language::kChinese); };
  CHECK(chinese("unknown key `{key}`") == "未知的键 `{key}`");
  CHECK(chinese("unknown key `{*why}`") == "未知的键 `{*why}`");
  CHECK(chinese("unknown key `the file is empty`") == "未知的键 `the file is empty`");
  CHECK(chinese("unknown key `a; the file is empty`") == "未知的键 `a; the file is empty`");
  CHECK(chinese("unknown key `a: the file is empty`") == "未知的键 `a: the file is empty`");
  CHECK(chinese("unknown key ``") == "未知的键 ``");
}

TEST_CASE("a recorded finding is read back with the reason that it gives") {
  std::size_t reasons = 0;
  for (const Message& each : messages()) {
    if (!each.rule.starts_with("why.") || each.english.find('{') != std::string_view::npos) continue;
    ++reasons;
    CHECK(translated_finding("stage ship comes after post-image, which this unit has not passed (" +
                                 std::string(each.english) + ")",
                             Language::kChinese) ==
          "ship 工位须在 post-image 之后，本机尚未通过（" + std::string(each.chinese) + "）");
  }
  CHECK(reasons > 5);
}

TEST_CASE("hostile sentences come out whole, and soon") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const std::string rows[] = {bytes,
                              std::string(1 << 20, '`'),
                              std::string(1 << 20, ';'),
                              "; : ; : ; : ; : ; : ",
                              "`; did you mean `?",
                              "; did you mean `",
                              "; did you mean `?",
                              "{",
                              "}",
                              "{*}",
                              "{}",
                              std::string("cannot be opened: ") + std::string(4000, ' ')};
  for (const std::string& row : rows) {
    const std::string read = translated(row, Language::kChinese);
    CHECK(read.size() + 64 >= row.size());
  }
  std::string nested = "unknown cause";
  for (int i = 0; i < 100; ++i) nested = "cannot be opened: " + nested;
  CHECK(translated(nested, Language::kChinese).ends_with("unknown cause"));
  std::string split;
  for (int i = 0; i < 400; ++i) split += "a: b; ";
  CHECK_FALSE(translated(split, Language::kChinese).empty());
}

}  // namespace
}  // namespace dmigate::gate
