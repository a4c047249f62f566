#include "cli/code_commands.h"

#include <algorithm>
#include <boost/json.hpp>

#include "cli/exit_status.h"
#include "gate/judge/code.h"
#include "gate/judge/phrases.h"
#include "gate/registry/registry.h"

namespace dmigate::cli {
namespace {

namespace json = boost::json;
using gate::Code;
using gate::Difference;
using gate::fill;
using gate::kCodeFields;
using gate::Language;
using gate::phrase;

// A code, and where it is from.
struct Side {
  Code code;
  std::string_view from;  ///< "source", "code", "registry"
  std::string path;  ///< of a saved source, or the unit's; empty: this machine, or a code that was read out
  std::string time = {};  ///< "registry": when the unit passed

  [[nodiscard]] std::string words(Language language) const {
    if (from == "registry") {
      return fill(phrase("{unit}, as it passed on {time}", language),
                  {{"unit", gate::printable(path)}, {"time", time}});
    }
    if (from == "code") return fill(phrase("the code {code}", language), {{"code", to_text(code)}});
    return path.empty() ? std::string(phrase("this machine", language)) : gate::printable(path);
  }
  [[nodiscard]] json::object object() const {
    return {{"from", from},
            {"path", path.empty() ? json::value(nullptr) : json::value(gate::printable(path))},
            {"code", to_text(code)}};
  }
};

Result<gate::Evidence> read_unit(const line::Request& request) {
  auto unit = request.source ? gate::read_evidence(*request.source) : line::capture();
  if (!unit) return unit;
  if (!request.source) line::add_hardware(*unit);
  if (auto added = line::add_given(request.given, *unit); !added) return Failure(added.error());
  return unit;
}

Result<Code> code_from(const gate::Evidence& unit, const Arguments& arguments) {
  const auto placeholders = profiles::shipped_placeholders();
  if (!placeholders) return Failure(placeholders.error());
  const auto known = known_unit(unit, arguments.settings.fixtures, **placeholders);
  if (!known) return Failure(known.error());
  return code_of(*known);
}

Result<Side> read_side(const Arguments& arguments) {
  auto unit = read_unit(arguments.request);
  if (!unit) return Failure(unit.error());
  const auto code = code_from(*unit, arguments);
  if (!code) return Failure(code.error());
  return Side{*code, "source", arguments.request.source.value_or("")};
}

// As the unit left: the registry remembers.
Result<Side> remembered(const Arguments& arguments) {
  const auto& settings = arguments.settings;
  auto registry =
      gate::Registry::open(settings.registry, {.sqlite = settings.sqlite, .postgres = settings.postgres});
  if (!registry) return Failure(registry.error());
  auto last = registry->last_pass_of(arguments.request.label);
  if (!last) return Failure(last.error());
  const auto code = code_from(last->evidence, arguments);
  if (!code) return Failure(code.error());
  return Side{*code, "registry", arguments.request.label, last->time};
}

Result<void> refuse_both(const Arguments& arguments) {
  if (arguments.request.label.empty()) return {};
  if (arguments.compare.empty()) {
    return fail("--unit names whom --compare CODE is held against", {},
                "give --compare CODE as well, or leave --unit out", ErrorKind::kConfiguration);
  }
  if (!arguments.request.source) return {};
  return fail("a code is compared with a source or with a unit of the registry, not with both", {},
              "leave --unit or SOURCE out", ErrorKind::kConfiguration);
}

std::string_view state_name(std::uint8_t symbol) {
  if (symbol == Code::kMissing) return "missing";
  return symbol == Code::kNotCaptured ? "not-captured" : "value";
}

std::string fields_with(const Code& code, std::uint8_t symbol) {
  std::string fields;
  for (std::size_t i = 0; i < kCodeFields.size(); ++i) {
    if (code.symbols.at(i) != symbol) continue;
    fields += (fields.empty() ? "" : ", ") + std::string(kCodeFields.at(i));
  }
  return fields;
}

std::string told(const Code& code, bool as_json, Language language) {
  if (as_json) {
    json::array fields;
    for (std::size_t i = 0; i < kCodeFields.size(); ++i)
      fields.push_back({{"keyword", kCodeFields.at(i)}, {"state", state_name(code.symbols.at(i))}});
    const json::value object = {
        {"schema", "dmigate.code/1"}, {"code", to_text(code)}, {"fields", std::move(fields)}};
    return json::serialize(object) + "\n";
  }
  std::string text = to_text(code) + "\n" + spelled(code, language) + "\n";
  const auto list = [&](std::string_view words, std::uint8_t symbol) {
    const std::string fields = fields_with(code, symbol);
    if (!fields.empty()) text += fill(words, {{"fields", fields}}) + "\n";
  };
  list(phrase("missing: {fields}", language), Code::kMissing);
  list(phrase("not captured: {fields}", language), Code::kNotCaptured);
  return text;
}

// ---------------------------------------------------------------- two codes

std::string_view words_of(Difference difference, Language language) {
  switch (difference) {
    case Difference::kSame:
      return phrase("same", language);
    case Difference::kStillMissing:
      return phrase("missing, then and now", language);
    case Difference::kChanged:
      return phrase("changed", language);
    case Difference::kMissingNow:
      return phrase("missing now", language);
    case Difference::kWasMissing:
      return phrase("was missing", language);
    case Difference::kUnknown:
      break;
  }
  return phrase("not known", language);
}

std::string compared_text(const Side& then, const Side& now, Language language) {
  std::string text = fill(phrase("then  {what}", language), {{"what", then.words(language)}}) + "\n" +
                     fill(phrase("now   {what}", language), {{"what", now.words(language)}}) + "\n";
  const auto differences = compare(then.code, now.code);
  const std::size_t widest = std::ranges::max(kCodeFields, {}, &std::string_view::size).size();
  for (std::size_t i = 0; i < kCodeFields.size(); ++i) {
    const std::string_view keyword = kCodeFields.at(i);
    text += "  " + std::string(keyword) + std::string(widest - keyword.size() + 2, ' ') +
            std::string(words_of(differences.at(i), language)) + "\n";
  }
  if (std::ranges::find(differences, Difference::kSame) != differences.end())
    text += std::string(phrase("of 30 changes of a field, 1 is not seen", language)) + "\n";
  return text;
}

std::string compared_json(const Side& then, const Side& now) {
  json::array fields;
  const auto differences = compare(then.code, now.code);
  for (std::size_t i = 0; i < kCodeFields.size(); ++i) {
    fields.push_back({{"keyword", kCodeFields.at(i)},
                      {"then", state_name(then.code.symbols.at(i))},
                      {"now", state_name(now.code.symbols.at(i))},
                      {"difference", difference_name(differences.at(i))}});
  }
  const json::value object = {{"schema", "dmigate.code-comparison/1"},
                              {"then", then.object()},
                              {"now", now.object()},
                              {"fields", std::move(fields)}};
  return json::serialize(object) + "\n";
}

int status_of(const Side& then, const Side& now) {
  bool unknown = false;
  for (const Difference difference : compare(then.code, now.code)) {
    unknown = unknown || difference == Difference::kUnknown;
    const bool same = difference == Difference::kSame || difference == Difference::kStillMissing;
    if (!same && difference != Difference::kUnknown) return kExitFail;
  }
  return unknown ? kExitError : kExitPass;
}

}  // namespace

Result<Done> code_command(const Arguments& arguments) {
  if (auto fine = refuse_both(arguments); !fine) return Failure(fine.error());
  std::optional<Side> other;
  if (!arguments.compare.empty()) {
    auto code = gate::parse_code(arguments.compare);
    if (!code) return Failure(code.error());
    other = Side{*code, "code", {}};
  }
  const bool of_registry = !arguments.request.label.empty();
  auto own = of_registry ? remembered(arguments) : read_side(arguments);
  if (!own) return Failure(own.error());
  if (!other) return Done{told(own->code, arguments.json, arguments.language), kExitPass};
  // What is saved is from before; this machine is as it is now.
  const bool live = !arguments.request.source && !of_registry;
  const Side& then = live ? *other : *own;
  const Side& now = live ? *own : *other;
  return Done{arguments.json ? compared_json(then, now) : compared_text(then, now, arguments.language),
              status_of(then, now)};
}

}  // namespace dmigate::cli
