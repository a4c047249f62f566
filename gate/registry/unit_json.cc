// Units as lines of JSON, dmigate.unit/1: what goes from one registry to another.
#include <algorithm>
#include <boost/json.hpp>

#include "gate/evidence/base64.h"
#include "gate/evidence/hardware_json.h"
#include "gate/registry/recording.h"
#include "gate/registry/traits.h"
#include "gate/registry/unit_lines.h"

namespace dmigate::gate {
namespace {

namespace json = boost::json;

constexpr std::string_view kSchema = "dmigate.unit/1";
constexpr std::string_view kStates[] = {"reserved", "active", "retired"};
constexpr std::size_t kLongestLine = 1U << 20U;
constexpr std::size_t kLongestKeyword = 64;

Blob to_blob(const Sha256& id) { return {id.begin(), id.end()}; }

// What the registry compares, where a claim's shown value tells it.
struct Ids {
  Blob id, value_id;
};
std::optional<Ids> ids_of(const Claim& claim) {
  const auto key = key_of(claim.keyword, claim.shown);
  if (!key) return std::nullopt;
  const UniqueValue value{.keyword = claim.keyword, .scope = claim.scope, .key = *key, .shown = claim.shown};
  return Ids{to_blob(value.id()), to_blob(value.value_id())};
}

void put_member(std::string_view name, std::string_view value, std::string& out) {
  if (out.back() != '{') out += ',';
  put_json(name, out);
  out += ':';
  put_json(value, out);
}

void put_claim(const Claim& claim, std::string& out) {
  out += '{';
  put_member("keyword", claim.keyword, out);
  if (!claim.scope.empty()) put_member("scope", claim.scope, out);
  put_member("value", claim.shown, out);
  const auto told = ids_of(claim);
  if (!told || told->id != claim.id || told->value_id != claim.value_id) {
    put_member("id", to_hex(claim.id), out);
    put_member("value_id", to_hex(claim.value_id), out);
  }
  if (claim.second) out += ",\"second\":true";
  put_member("state", claim.state, out);
  if (!claim.disposition.empty()) put_member("disposition", claim.disposition, out);
  put_member("station", claim.holder.station, out);
  put_member("since", claim.holder.since, out);
  out += '}';
}

void put_seen(const Seen& seen, std::string& out) {
  out += '{';
  put_member("keyword", seen.keyword, out);
  put_member("value", seen.shown, out);
  if (!std::ranges::equal(sha256(fold(seen.shown)), seen.value_id)) {
    put_member("value_id", to_hex(seen.value_id), out);
  }
  if (seen.witness) out += ",\"witness\":true";
  put_member("since", seen.since, out);
  out += '}';
}

// The members of one object, each of which must be asked for.
class Members {
 public:
  Members(const json::object& object, std::string& wrong) : object_(object), wrong_(wrong) {}

  // Printable text. An absent one is empty, and wrong where it is required.
  std::string text(std::string_view name, bool required = false) {
    const json::value* value = take(name);
    if (value == nullptr && !required) return {};
    if (value == nullptr || !value->is_string() || (required && value->get_string().empty()))
      return reject(name);
    const std::string text(value->get_string());
    return printable(text) == text ? text : reject(name);
  }

  bool flag(std::string_view name) {
    const json::value* value = take(name);
    if (value != nullptr && !value->is_bool()) reject(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  }

  std::string time(std::string_view name, const std::string& otherwise) {
    const std::string text = this->text(name);
    if (text.empty()) return otherwise;
    return parse_instant(text) ? text : reject(name);
  }

  std::string keyword() {
    std::string text = this->text("keyword", true);
    const auto is_letter = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return std::ranges::all_of(text, is_letter) && text.size() <= kLongestKeyword ? text : reject("keyword");
  }

  std::optional<Blob> hash(std::string_view name) {
    const std::string text = this->text(name);
    if (text.empty()) return std::nullopt;
    auto raw = from_hex(text);
    if (raw && raw->size() == Sha256{}.size()) return raw;
    reject(name);
    return std::nullopt;
  }

  // nullptr where it is absent or null.
  const json::value* take(std::string_view name) {
    const json::value* value = object_.if_contains(json::string_view(name.data(), name.size()));
    taken_ += value != nullptr ? 1U : 0U;
    return value != nullptr && value->is_null() ? nullptr : value;
  }

  std::string reject(std::string_view name) {
    if (wrong_.empty()) wrong_ = "\"" + std::string(name) + "\" is missing, or is not what it must be";
    return {};
  }

  // REQUIRES: all that is known was asked for.
  void finish(std::initializer_list<std::string_view> known) {
    if (taken_ == object_.size() || !wrong_.empty()) return;
    for (const auto& member : object_) {
      const std::string_view key(member.key().data(), member.key().size());
      if (std::ranges::find(known, key) == known.end()) wrong_ = "unknown member \"" + printable(key) + "\"";
    }
  }

 private:
  const json::object& object_;
  std::string& wrong_;
  std::size_t taken_ = 0;
};

class JsonUnits : public UnitReader {
 public:
  JsonUnits(ByteStream& bytes, const ImportRequest& request, const std::string& now)
      : bytes_(bytes), station_(printable(request.station.id)), now_(now) {}

  Result<bool> next(UnitLine& line) override {
    line = {};
    wrong_.clear();
    std::string text;
    do {
      text.clear();
      if (bytes_.peek() == ByteStream::kEnd) {
        if (!bytes_.state()) return Failure(bytes_.state().error());
        return false;
      }
      line.line = ++number_;
      read_text(text);
    } while (wrong_.empty() && trimmed(text).empty());
    if (wrong_.empty()) read(text, line.unit);
    line.named = !line.unit.id.empty();
    if (!wrong_.empty()) line.refused.push_back({.line = line.line, .what = std::exchange(wrong_, {})});
    return true;
  }

 private:
  void read_text(std::string& text) {
    for (int byte = bytes_.take(); byte != ByteStream::kEnd && byte != '\n'; byte = bytes_.take()) {
      if (text.size() < kLongestLine) {
        text += static_cast<char>(byte);
      } else {
        wrong_ = "this line is longer than 1 MiB";
      }
    }
  }

  void read(const std::string& text, KnownUnit& unit) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    const json::object* object = error ? nullptr : value.if_object();
    if (object == nullptr) return refuse("it is no JSON object");
    if (has_member_twice(text, value)) return refuse("a member stands in it twice");
    Members members(*object, wrong_);
    if (members.text("schema") != kSchema) return refuse("its schema is not " + std::string(kSchema));
    unit.id = members.text("unit");
    if (!unit.id.empty() && !is_id(unit.id, "u-")) members.reject("unit");
    unit.model = members.text("model");
    unit.since = members.time("since", now_);
    read_all(members, "claims", [&](const json::object& each) { read_claim(each, unit); });
    read_all(members, "seen", [&](const json::object& each) { read_seen(each, unit); });
    if (members.take("work") != nullptr) {
      return refuse("a burn or run of this unit is not done: end it where it was begun, and export again");
    }
    members.finish({"schema", "unit", "model", "since", "claims", "seen", "work"});
    if (wrong_.empty()) look_at(unit);
  }

  void refuse(std::string what) { wrong_ = std::move(what); }

  template <typename Read>
  void read_all(Members& members, std::string_view name, Read read) {
    const json::value* list = members.take(name);
    if (list == nullptr) return;
    if (!list->is_array()) return static_cast<void>(members.reject(name));
    for (const json::value& each : list->get_array()) {
      if (!each.is_object()) return static_cast<void>(members.reject(name));
      read(each.get_object());
    }
  }

  void read_claim(const json::object& object, KnownUnit& unit) {
    Members members(object, wrong_);
    Claim claim{.keyword = members.keyword()};
    claim.second = members.flag("second");
    claim.scope = members.text("scope");
    claim.shown = members.text("value", true);
    claim.state = members.text("state", true);
    claim.disposition = members.text("disposition");
    claim.holder.station = members.text("station");
    if (claim.holder.station.empty()) claim.holder.station = station_;
    claim.holder.since = members.time("since", unit.since);
    const auto id = members.hash("id"), value_id = members.hash("value_id");
    const bool ended = claim.state == "retired";
    const bool kept = claim.disposition == "repair" || claim.disposition == "scrap";
    if (std::ranges::find(kStates, claim.state) == std::end(kStates)) members.reject("state");
    if (!claim.disposition.empty() && !(ended && kept)) members.reject("disposition");
    if (id.has_value() != value_id.has_value()) members.reject("value_id");
    members.finish({"keyword", "second", "scope", "value", "state", "disposition", "station", "since", "id",
                    "value_id"});
    if (!wrong_.empty()) return;
    auto told = id ? std::optional(Ids{*id, *value_id}) : ids_of(claim);
    if (!told) return refuse("this is no value of a " + claim.keyword + ": " + claim.shown);
    claim.id = std::move(told->id);
    claim.value_id = std::move(told->value_id);
    unit.claims.push_back(std::move(claim));
  }

  void read_seen(const json::object& object, KnownUnit& unit) {
    Members members(object, wrong_);
    Seen seen{.keyword = members.keyword()};
    seen.shown = members.text("value", true);
    seen.witness = members.flag("witness");
    seen.since = members.time("since", unit.since);
    seen.value_id = members.hash("value_id").value_or(to_blob(sha256(fold(seen.shown))));
    members.finish({"keyword", "value", "witness", "since", "value_id"});
    unit.seen.push_back(std::move(seen));
  }

  // What no unit of a registry could be.
  void look_at(const KnownUnit& unit) {
    if (unit.claims.empty() && unit.id.empty())
      return refuse("nothing on this line tells the unit from another");
    std::size_t labels = 0;
    for (auto claim = unit.claims.begin(); claim != unit.claims.end(); ++claim) {
      if (claim->keyword == "label" && claim->state == "active") ++labels;
      if (std::find_if(std::next(claim), unit.claims.end(),
                       [&](const Claim& other) { return other.id == claim->id; }) != unit.claims.end()) {
        return refuse("it claims one value twice: " + claim->keyword + " " + claim->shown);
      }
    }
    if (labels > 1) return refuse("it has two labels");
    for (auto seen = unit.seen.begin(); seen != unit.seen.end(); ++seen) {
      const auto same = [&](const Seen& other) {
        return other.keyword == seen->keyword && other.value_id == seen->value_id;
      };
      if (std::find_if(std::next(seen), unit.seen.end(), same) == unit.seen.end()) continue;
      return refuse("it has one value twice: " + seen->keyword + " " + seen->shown);
    }
  }

  ByteStream& bytes_;
  std::string station_;
  const std::string& now_;
  std::uint64_t number_ = 0;
  std::string wrong_;  // with the line that is read
};

}  // namespace

std::unique_ptr<UnitReader> read_json_units(ByteStream& bytes, const ImportRequest& request,
                                            const std::string& now) {
  return std::make_unique<JsonUnits>(bytes, request, now);
}

Result<std::unique_ptr<UnitReader>> read_units(ByteStream& bytes, const ImportRequest& request,
                                               const std::string& now) {
  if (bytes.peek() == '{') return read_json_units(bytes, request, now);
  if (!bytes.state()) return Failure(bytes.state().error());
  if (bytes.peek() == ByteStream::kEnd)
    return fail("the file is empty", request.file, "give the file that was exported");
  return read_csv_units(bytes, request, now);
}

std::string to_json_line(const KnownUnit& unit) {
  std::string line = "{";
  put_member("schema", kSchema, line);
  put_member("unit", unit.id, line);
  put_member("model", unit.model, line);
  put_member("since", unit.since, line);
  line += ",\"claims\":[";
  for (const Claim& claim : unit.claims) {
    if (line.back() != '[') line += ',';
    put_claim(claim, line);
  }
  line += "],\"seen\":[";
  for (const Seen& seen : unit.seen) {
    if (line.back() != '[') line += ',';
    put_seen(seen, line);
  }
  line += ']';
  if (unit.work) {
    line += ",\"work\":{";
    put_member("kind", unit.work->kind, line);
    put_member("state", unit.work->state, line);
    put_member("stage", unit.work->stage, line);
    put_member("station", unit.work->station, line);
    put_member("since", unit.work->since, line);
    line += '}';
  }
  return line + "}\n";
}

}  // namespace dmigate::gate
