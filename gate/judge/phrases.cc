#include "gate/judge/phrases.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace dmigate::gate {
namespace {

// What stands at the end of many a sentence (profiles::did_you_mean).
constexpr std::string_view kDidYouMean = "; did you mean `";

bool is_name(char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '*'; }

struct Piece {
  std::string_view text;  ///< of a placeholder its name
  bool placeholder;
};

// Takes the first piece off a row's text: a literal, or a placeholder.
Piece take_piece(std::string_view& rest) {
  for (std::size_t open = rest.find('{'); open != rest.npos; open = rest.find('{', open + 1)) {
    const std::size_t close = rest.find('}', open);
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    if (close == rest.npos || name.empty() || !std::ranges::all_of(name, is_name)) continue;
    const Piece piece = open == 0 ? Piece{name, true} : Piece{rest.substr(0, open), false};
    rest.remove_prefix(open == 0 ? close + 1 : open);
    return piece;
  }
  const Piece piece{rest, false};
  rest = {};
  return piece;
}

struct Put {
  std::string_view name, value;
};
struct Match {
  std::vector<Put> put;
  std::size_t known = 0;  // bytes of the sentence that are the row's own
};

// Whether the row's text makes the whole sentence, and what was put into it.
std::optional<Match> match(std::string_view row, std::string_view sentence) {
  Match match;
  std::optional<std::string_view> open;  // the placeholder before this piece
  while (!row.empty()) {
    const Piece piece = take_piece(row);
    if (piece.placeholder) {
      open = piece.text;
      continue;
    }
    std::size_t at = 0;
    if (open) {
      const bool last = row.empty() && piece.text.size() <= sentence.size();
      at = last ? sentence.size() - piece.text.size() : sentence.find(piece.text);
    }
    if (at > sentence.size() || !sentence.substr(at).starts_with(piece.text)) return std::nullopt;
    if (open) match.put.push_back({*open, sentence.substr(0, at)});
    open.reset();
    match.known += piece.text.size();
    sentence.remove_prefix(at + piece.text.size());
  }
  if (open) {
    match.put.push_back({*open, sentence});
  } else if (!sentence.empty()) {
    return std::nullopt;
  }
  return match;
}

// A sentence, as far as it could be read.
struct Reading {
  std::string text;
  std::size_t known = 0;
};

constexpr int kDeepest = 3;                     // sentences within sentences
constexpr std::size_t kMostSeparators = 6;      // of one sentence that are tried
constexpr std::size_t kLongestSentence = 4096;  // bytes; a longer one stays as it is

Reading read(std::string_view sentence, int depth);

Reading read_row(const Phrase& row, const Match& match, int depth) {
  Reading reading{{}, match.known};
  std::string_view rest = row.chinese;
  while (!rest.empty()) {
    const Piece piece = take_piece(rest);
    const auto put =
        piece.placeholder ? std::ranges::find(match.put, piece.text, &Put::name) : match.put.end();
    if (put == match.put.end()) {
      reading.text += piece.text;
    } else if (piece.text.starts_with('*')) {
      const Reading inner = read(put->value, depth + 1);
      reading.text += inner.text;
      reading.known += inner.known;
    } else {
      reading.text += put->value;
    }
  }
  return reading;
}

void keep_better(Reading& best, Reading other) {
  if (other.known > best.known) best = std::move(other);
}

// Two sentences, or a place and a sentence. What stands between ticks was put in.
void read_parts(std::string_view sentence, int depth, Reading& best) {
  std::size_t tried = 0;
  bool quoted = false;
  for (std::size_t i = 0; i + 1 < sentence.size() && tried < kMostSeparators; ++i) {
    if (sentence[i] == '`') quoted = !quoted;
    const bool place = sentence[i] == ':';
    if (quoted || (!place && sentence[i] != ';') || sentence[i + 1] != ' ') continue;
    ++tried;
    const Reading right = read(sentence.substr(i + 2), depth + 1);
    if (place) {
      keep_better(best, {std::string(sentence.substr(0, i + 2)) + right.text, right.known});
    } else {
      const Reading left = read(sentence.substr(0, i), depth + 1);
      keep_better(best, {left.text + "；" + right.text, left.known + right.known});
    }
  }
}

// What a finding gives as its reason, in parentheses: rows of messages.h, too.
std::span<const Phrase> reasons() {
  static const auto kRows = [] {
    std::vector<Phrase> all;
    for (const Message& each : messages()) {
      if (each.rule.starts_with("why.")) all.push_back({each.english, each.chinese});
    }
    return all;
  }();
  return kRows;
}

Reading read(std::string_view sentence, int depth) {
  Reading best{std::string(sentence), 0};
  if (depth > kDeepest || sentence.empty() || sentence.size() > kLongestSentence) return best;
  const std::size_t tail = sentence.ends_with("`?") ? sentence.rfind(kDidYouMean) : sentence.npos;
  if (tail != sentence.npos) {
    const Reading head = read(sentence.substr(0, tail), depth + 1);
    const std::size_t name = tail + kDidYouMean.size() - 1;
    const std::string near(sentence.substr(name, sentence.size() - name - 1));
    keep_better(best, {head.text + "；是不是 " + near + "？", head.known + kDidYouMean.size()});
  }
  read_parts(sentence, depth, best);
  for (const auto rows : {sentences(), foreign_sentences(), reasons()}) {
    for (const Phrase& row : rows) {
      if (const auto matched = match(row.english, sentence))
        keep_better(best, read_row(row, *matched, depth));
    }
  }
  return best;
}

// What verdicts say (messages.h), to be read back from records: causes and cures in it are sentences too.
std::span<const Phrase> verdict_sentences() {
  static const auto kTexts = [] {
    std::vector<std::string> all;
    const auto add = [&](std::string_view text) {
      std::string row(text);
      for (const std::string_view inner : {"{detail}", "{cure}"}) {
        if (const std::size_t at = row.find(inner); at != row.npos) row.insert(at + 1, "*");
      }
      all.push_back(std::move(row));
    };
    for (const Message& each : messages()) {
      for (const auto text : {each.english, each.chinese, each.english_advice, each.chinese_advice})
        add(text);
    }
    return all;
  }();
  static const auto kRows = [] {
    std::vector<Phrase> all;
    for (std::size_t i = 0; i + 1 < kTexts.size(); i += 2) {
      const bool says = kTexts[i].find_first_not_of("{}*abcdefghijklmnopqrstuvwxyz") != std::string::npos;
      if (says) all.push_back({kTexts[i], kTexts[i + 1]});
    }
    return all;
  }();
  return kRows;
}

}  // namespace

std::string translated_finding(std::string_view english, Language language) {
  if (language == Language::kEnglish) return std::string(english);
  Reading best{std::string(english), 0};
  for (const Phrase& row : verdict_sentences()) {
    if (english.size() > kLongestSentence) break;
    if (const auto matched = match(row.english, english)) keep_better(best, read_row(row, *matched, 0));
  }
  return best.text;
}

std::string translated(std::string_view english, Language language) {
  if (language == Language::kEnglish) return std::string(english);
  std::string text;
  for (;;) {
    const std::size_t end = english.find('\n');
    text += read(english.substr(0, end), 0).text;
    if (end == english.npos) return text;
    text += '\n';
    english.remove_prefix(end + 1);
  }
}

std::string to_text(const Error& error, Language language) {
  if (language == Language::kEnglish) return error.to_string();
  std::string text = (error.where.empty() ? "" : error.where + ": ") + translated(error.what, language);
  if (!error.advice.empty()) text += "；" + translated(error.advice, language);
  return text;
}

std::string_view phrase(std::string_view english, Language language) {
  if (language == Language::kEnglish) return english;
  const auto row = std::ranges::find(templates(), english, &Phrase::english);
  return row == templates().end() ? english : row->chinese;
}

}  // namespace dmigate::gate
