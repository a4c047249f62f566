#include "line-integration/agent/settings.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

#include "gate/evidence/text.h"
#include "line-integration/agent/platform.h"

namespace dmigate::agent {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

constexpr std::array<std::string_view, 5> kKeys = {"url", "token", "ca", "insecure", "language"};
constexpr std::string_view kKernelPrefix = "dmigate.";

bool is_known(std::string_view key) { return std::ranges::find(kKeys, key) != kKeys.end(); }

std::string_view take_until(std::string_view& text, std::string_view ends) {
  const std::size_t end = std::min(text.find_first_of(ends), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

tl::expected<Values, Trouble> values_of_file(const Places& places) {
  Values values;
  const auto wrong = [&](int line, const std::string& what) {
    return tl::unexpected(Trouble{Say::kBadFile, places.file + ":" + std::to_string(line) + ": " + what});
  };
  const auto plain = gate::plain_text(places.file_text);
  if (!plain) return wrong(1, "NUL");
  std::string_view rest = *plain;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = gate::trimmed(take_until(rest, "\n"));
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t sign = line.find('=');
    const std::string key(gate::trimmed(line.substr(0, sign)));
    const std::string value(sign == line.npos ? "" : gate::trimmed(line.substr(sign + 1)));
    if (!is_known(key) || value.empty() || !values.emplace(key, value).second) return wrong(number, key);
  }
  return values;
}

// Of two with one name the last counts, as for the kernel itself. Others' words are passed over.
Values values_of_kernel(std::string_view text) {
  Values values;
  while (!text.empty()) {
    std::string_view word = take_until(text, " \n\t");
    if (!word.starts_with(kKernelPrefix)) continue;
    word.remove_prefix(kKernelPrefix.size());
    const std::string_view key = take_until(word, "=");
    if (is_known(key) && !word.empty()) values[std::string(key)] = word;
  }
  return values;
}

std::string first_of(const std::string& argument, const Values& file, const Values& kernel,
                     std::string_view key) {
  if (!argument.empty()) return argument;
  for (const Values* values : {&file, &kernel}) {
    if (const auto found = values->find(key); found != values->end()) return found->second;
  }
  return {};
}

bool has_token_form(std::string_view token) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::string_view kPrefix = "dmg_";
  constexpr std::size_t kLength = 47;
  return token.size() == kLength && token.starts_with(kPrefix) &&
         token.find_first_not_of(kDigits) == token.npos;
}

// A path in the file is seen from the file.
std::string ca_of(const Arguments& arguments, const Places& places, const Values& file,
                  const Values& kernel) {
  std::string ca = first_of(arguments.ca, file, kernel, "ca");
  if (ca.empty() || !arguments.ca.empty()) return ca;
  return (std::filesystem::path(places.file).parent_path() / ca).string();
}

}  // namespace

Places real_places() {
  const std::string file = own_folder() + "dmigate-agent.conf";
  return {.file = file, .file_text = text_of_file(file), .kernel_command = kernel_command()};
}

Language language_of(const Arguments& arguments, const Places& places) {
  const Values file = values_of_file(places).value_or(Values());
  std::string said = first_of(arguments.language, file, values_of_kernel(places.kernel_command), "language");
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = said.empty() ? std::getenv(variable) : nullptr;
    if (value != nullptr) said = value;
  }
  return said.starts_with("zh") ? Language::kChinese : Language::kEnglish;
}

tl::expected<Settings, Trouble> settings_of(const Arguments& arguments, const Places& places) {
  const auto file = values_of_file(places);
  if (!file) return tl::unexpected(file.error());
  const Values kernel = values_of_kernel(places.kernel_command);
  const auto said = [&](const std::string& argument, std::string_view key) {
    return first_of(argument, *file, kernel, key);
  };
  const std::string url = said(arguments.url, "url");
  if (url.empty()) return tl::unexpected(Trouble{Say::kNoUrl, places.file});
  auto address = parse_address(url);
  if (!address) return tl::unexpected(Trouble{Say::kBadUrl, url});
  Settings settings{.address = *std::move(address),
                    .token = said(arguments.token, "token"),
                    .ca = ca_of(arguments, places, *file, kernel),
                    .language = language_of(arguments, places)};
  if (settings.token.empty()) return tl::unexpected(Trouble{Say::kNoToken, places.file});
  // What it is instead is not shown: it may be another secret.
  if (!has_token_form(settings.token)) return tl::unexpected(Trouble{Say::kBadToken, {}});
  const bool allowed = arguments.insecure || said({}, "insecure") == "yes";
  if (!settings.address.tls && !settings.address.is_loopback() && !allowed)
    return tl::unexpected(Trouble{Say::kTokenInClear, settings.address.url()});
  return settings;
}

}  // namespace dmigate::agent
