// What follows from an admission, written inside the caller's transaction; and what every writer of the
// journal shares. Inner to this room.
#pragma once

#include <string>
#include <string_view>

#include "gate/registry/admission.h"
#include "gate/registry/ledger.h"

namespace dmigate::gate {

// `prefix` and a ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base 32. Sorts by time.
std::string make_id(std::string_view prefix, const Surroundings& surroundings);
inline constexpr std::string_view kIdDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  ///< what it is made of
inline constexpr std::size_t kIdLength = 26;                                       ///< behind its prefix

// Whether make_id() may have made it.
bool is_id(std::string_view id, std::string_view prefix);

// Such ids that sort in the order in which they are made, also within a millisecond: one, and those behind
// it.
class IdSequence {
 public:
  IdSequence(std::string_view prefix, const Surroundings& surroundings);
  explicit IdSequence(std::string next) : next_(std::move(next)) {}
  std::string next();
  [[nodiscard]] const std::string& peek() const { return next_; }  ///< what next() will give

 private:
  std::string next_;
};

Change change_of(std::string_view op, const Claim& claim);
Change change_of(std::string_view op, const UniqueValue& value);
Change change_of(std::string_view op, const Seen& seen);

// A further member of a record: ,"name":value, where `value` is JSON.
std::string as_member(std::string_view name, const std::string& value);
std::string json_text(const std::string& value);
// Adds the text as JSON, quotes included.
void put_json(std::string_view text, std::string& out);

// Judges identity and order, claims on PASS, and appends the record.
Result<Verdict> write_visit(Ledger& ledger, const Visit& visit, const Surroundings& surroundings);

}  // namespace dmigate::gate
