// One unit of a batch: which profile is for it, what that says of it, and what may be only its own. Inside
// gate/audit only.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gate/audit/audit.h"
#include "gate/audit/record.h"
#include "gate/audit/screen.h"
#include "gate/judge/judge.h"

namespace dmigate::gate::audit {

// What two units must not share, as 128 bits: keyword, scope and key, as UniqueValue::id() has them. The hash
// is keyed at random for each audit, so that nobody can make two values of one hash.
struct UniqueKey {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const UniqueKey&) const = default;
};
class UniqueHash {
 public:
  UniqueHash();
  UniqueKey operator()(std::string_view keyword, std::string_view scope, std::string_view key,
                       std::string& scratch) const;

 private:
  std::array<unsigned char, 16> secret_{};
};

// For one thread. Each call appends one record; keys() are those of its values, in their order.
class Judging {
 public:
  // Both must live as long as this.
  Judging(const Request& request, const UniqueHash& hash)
      : request_(request), hash_(hash), screen_(request) {}

  void judge(smbios::Source table, std::string_view path, std::string& encoded);
  // The same of a file as it was read, where it needs not be parsed: false, and nothing, where it does.
  bool judge_sibling(smbios::Bytes file, std::string_view path, std::string& encoded);
  void judge(const Evidence& evidence, std::string_view path, std::string& encoded);
  void trouble(const Error& error, std::string_view path, std::string& encoded);  ///< it cannot be read
  void other(std::string_view why, std::string_view path, std::string& encoded);  ///< it is no dump
  [[nodiscard]] const std::vector<UniqueKey>& keys() const { return keys_; }

 private:
  void clear();
  void say_again(const Answer& answer);
  const profiles::Profile* choose(const smbios::Table& table, std::vector<Finding>& findings) const;
  std::vector<UniqueValue> judge_afresh(const Evidence& evidence, std::string& head);
  void conclude(std::vector<Finding> findings, const profiles::Profile* profile, std::string& head);
  void take(const Judgement& judgement);
  void take(const Shown& value);
  std::string_view kept_for_registry(std::string_view text);
  std::string_view kept(std::string_view keyword);

  const Request& request_;
  const UniqueHash& hash_;
  Screen screen_;
  std::set<std::string, std::less<>> keywords_;  // that are no field's
  std::vector<Brief> briefs_;
  std::vector<Shown> values_;
  std::vector<UniqueKey> keys_;
  std::deque<std::string> texts_;  // that values_ shows
  std::string words_, head_, scratch_;
  bool cards_known_ = false;
};

}  // namespace dmigate::gate::audit
