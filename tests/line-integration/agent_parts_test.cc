// The agent's parts: addresses, what it is told, verdicts, lines for Windows' programs, sentences.
#include <doctest/doctest.h>

#include <set>

#include "fixtures/builder/unit.h"
#include "line-integration/agent/agent.h"
#include "line-integration/agent/protocol.h"
#include "line-integration/agent/settings.h"
#include "line-integration/agent/windows_words.h"

using namespace dmigate;
using namespace dmigate::agent;
namespace json = boost::json;

namespace {

const std::string kTokenOfStation = "dmg_" + std::string(43, 'q');

// CommandLineToArgvW, by Microsoft's words on parsing C command-line arguments: the other way round.
std::vector<std::string> taken_apart(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = line.find('"', 1) + 1;  // the program: no escapes there
  words.push_back(line.substr(1, at - 2));
  while (at < line.size()) {
    while (at < line.size() && line[at] == ' ') ++at;
    std::string word;
    bool quoted = false;
    for (; at < line.size() && (quoted || line[at] != ' ');) {
      std::size_t backslashes = 0;
      for (; at < line.size() && line[at] == '\\'; ++at) ++backslashes;
      if (at < line.size() && line[at] == '"') {
        word.append(backslashes / 2, '\\');
        if (backslashes % 2 == 1)
          word += '"';
        else
          quoted = !quoted;
        ++at;
      } else {
        word.append(backslashes, '\\');
        if (backslashes == 0) word += line[at++];
      }
    }
    words.push_back(word);
  }
  return words;
}

json::object pass() {
  return {{"schema", "dmigate.verdict/1"},
          {"outcome", "PASS"},
          {"recorded", true},
          {"stage", "ship"},
          {"findings", json::array()},
          {"record", {{"station_seq", 1}, {"hash", "a1"}}}};
}
tl::expected<Verdict, Trouble> parsed(const json::object& said) {
  return parse_verdict(json::serialize(said), "ship");
}

}  // namespace

TEST_CASE("an address is a host and a port, and nothing that would hide where it goes") {
  struct Good {
    const char* url;
    const char* host;
    std::uint16_t port;
    bool tls, loopback;
  };
  for (const auto& [url, host, port, tls, loopback] :
       {Good{"https://line-server:8480", "line-server", 8480, true, false},
        Good{"http://127.0.0.1:8480/", "127.0.0.1", 8480, false, true},
        Good{"http://127.9.8.7", "127.9.8.7", 80, false, true}, Good{"https://[::1]:9", "::1", 9, true, true},
        Good{"https://[fd00::1]", "fd00::1", 443, true, false},
        Good{"http://localhost:1", "localhost", 1, false, true},
        Good{"http://127.0.0.1.example:1", "127.0.0.1.example", 1, false, false},
        Good{"http://127.0.0.256", "127.0.0.256", 80, false, false},
        Good{"http://127.1", "127.1", 80, false, false},
        Good{"http://localhost.example", "localhost.example", 80, false, false}}) {
    CAPTURE(url);
    const auto address = parse_address(url);
    REQUIRE(address);
    CHECK(address->host == host);
    CHECK(address->port == port);
    CHECK(address->tls == tls);
    CHECK(address->is_loopback() == loopback);
  }
  for (const char* url : {"",
                          "line-server:8480",
                          "ftp://a",
                          "HTTP://a",
                          "http://",
                          "http:///",
                          "http://a/b",
                          "http://a?b",
                          "http://a#b",
                          "http://u:p@a",
                          "http://a b",
                          "http://a:",
                          "http://a:0",
                          "http://a:65536",
                          "http://a:080808",
                          "http://a:-1",
                          "http://a:1x",
                          "http://[::1",
                          "http://[]:1",
                          "http://[::1]x",
                          "http://a\r\nX: y",
                          "http://a//",
                          "https://:1"}) {
    CAPTURE(url);
    CHECK_FALSE(parse_address(url));
  }
}

TEST_CASE("the command line comes before the file, the file before the kernel's words") {
  const Places places{
      .file = "/mnt/dmigate-agent.conf",
      .file_text = "url = https://file:1\nca = line.pem\n",
      .kernel_command = "a dmigate.url=https://kernel:2 dmigate.token=" + kTokenOfStation +
                        " dmigate.language=zh dmigate.stage=ship dmigate.url=https://kernel:3"};
  Arguments arguments;
  auto settings = settings_of(arguments, places);
  REQUIRE(settings);
  CHECK(settings->address.host == "file");
  CHECK(settings->token == kTokenOfStation);
  CHECK(settings->ca == "/mnt/line.pem");
  CHECK(settings->language == Language::kChinese);
  arguments.url = "https://flag:4";
  arguments.ca = "other.pem";
  arguments.language = "en";
  settings = settings_of(arguments, places);
  REQUIRE(settings);
  CHECK(settings->address.host == "flag");
  CHECK(settings->ca == "other.pem");
  CHECK(settings->language == Language::kEnglish);
  const Places kernel{.file = "c", .file_text = {}, .kernel_command = places.kernel_command};
  CHECK(settings_of({}, kernel)->address.port == 3);  // the last of two, as for the kernel itself
}

TEST_CASE("a token goes in clear over a network only by somebody's word") {
  const auto refused = [](const std::string& file, bool insecure = false) {
    Arguments arguments;
    arguments.insecure = insecure;
    const auto settings = settings_of(
        arguments,
        {.file = "c", .file_text = file + "token = " + kTokenOfStation + "\n", .kernel_command = {}});
    return !settings && settings.error().say == Say::kTokenInClear;
  };
  CHECK(refused("url = http://line-server\n"));
  CHECK(refused("url = http://line-server\ninsecure = no\n"));
  CHECK_FALSE(refused("url = http://line-server\n", true));
  CHECK_FALSE(refused("url = http://line-server\ninsecure = yes\n"));
  CHECK_FALSE(refused("url = http://127.0.0.1\n"));
  CHECK_FALSE(refused("url = https://line-server\n"));
}

TEST_CASE(
    "only the verdict that could be said of this stage is one, and only a recorded one lets a command "
    "start") {
  CHECK(parsed(pass())->lets_start());
  const auto with = [](const char* name, const json::value& value) {
    json::object said = pass();
    said[name] = value;
    return parsed(said);
  };
  CHECK_FALSE(with("schema", "dmigate.verdict/2"));
  CHECK_FALSE(with("outcome", "pass"));
  CHECK_FALSE(with("outcome", nullptr));
  CHECK_FALSE(with("recorded", false));
  CHECK_FALSE(with("recorded", "true"));
  CHECK_FALSE(with("recorded", 1));
  CHECK_FALSE(with("stage", "pre-image"));
  CHECK_FALSE(with("stage", nullptr));
  CHECK_FALSE(with("record", nullptr));
  CHECK_FALSE(with("record", json::object{{"station_seq", 1}}));
  for (const char* body : {"", "[]", "null", "{}", "{", "PASS", "\"PASS\""})
    CHECK_FALSE(parse_verdict(body, "ship"));
  CHECK(with("outcome", "OBSERVED")->lets_start());
  CHECK_FALSE(with("outcome", "FAIL")->lets_start());
  CHECK_FALSE(with("outcome", "ERROR")->lets_start());
  // The statuses are dmigate's own.
  const auto status = [&](const char* outcome, const char* rule) {
    json::object said = pass();
    said["outcome"] = outcome;
    if (*rule != 0) said["findings"] = json::array{json::object{{"rule", rule}, {"severity", "error"}}};
    return exit_status(*parsed(said));
  };
  CHECK(status("PASS", "") == kExitPass);
  CHECK(status("OBSERVED", "field.empty") == kExitPass);
  CHECK(status("FAIL", "field.empty") == kExitFail);
  CHECK(status("FAIL", "burn.mismatch") == kExitBurnMismatch);
  CHECK(status("ERROR", "burn.mismatch") == kExitError);
  CHECK(status("ERROR", "image.command") == kExitCommandFailed);
  CHECK(status("OBSERVED", "image.command") == kExitCommandFailed);
}

TEST_CASE("what is asked has the unit's evidence and what was scanned, and nothing that was not") {
  const auto unit = fixtures::load_unit(DMIGATE_SOURCE_DIR "/fixtures/units/good-unit.yaml");
  REQUIRE(unit);
  const auto built = fixtures::build(*unit);
  REQUIRE(built);
  auto source = smbios::Source::from_pair(built->entry_point, built->table, "unit");
  REQUIRE(source);
  const gate::Evidence evidence{.source = *std::move(source)};
  Arguments arguments;
  arguments.stage = "ship";
  const auto body = [&] {
    return json::parse(question_body(arguments, evidence, Language::kEnglish, "agent-1")).as_object();
  };
  CHECK(body().size() == 4);
  arguments.unit = "CX\xff\"";
  arguments.identifiers = {{"activation-sn", "0401"}};
  arguments.command = {"write-image", "a b"};
  const json::object said = body();
  CHECK(said.at("unit") == "CX\\xFF\"");
  CHECK(said.at("identifiers") == json::object{{"activation-sn", "0401"}});
  CHECK(said.at("command") == json::array{"write-image", "a b"});
  CHECK(json::serialize(said.at("evidence")) + "\n" == gate::to_json(evidence));
}

TEST_CASE(
    "a Windows program gets the words that were meant; a batch file none that cmd.exe would read as its "
    "own") {
  const std::vector<std::string> words = {"x",    "",       "a b",    "a\"b",    "\\",
                                          "\\\\", "a\\\"",  "\\\"\\", "C:\\d\\", "tab\there",
                                          "\"\"", "%PATH%", "^&|<>!", "映像 1"};
  std::vector<std::string> expected = words;
  expected[0] = "C:\\Program Files\\x.exe";
  CHECK(taken_apart(program_line(expected[0], words)) == expected);
  CHECK(may_stand_in_script_line("C:\\a b\\image.cmd", {"image", "CX2600417", "a b", "C:\\"}));
  for (const char* word : {"\"", "%PATH%", "a&b", "a|b", "<", ">", "^", "!", "a\nb", "a\rb", "a\x1a"}) {
    CAPTURE(word);
    CHECK_FALSE(may_stand_in_script_line("C:\\image.cmd", {"image", word}));
  }
  CHECK(script_line("C:\\a b\\i.cmd", {"i", "x y"}) == "cmd.exe /d /s /c \"\"C:\\a b\\i.cmd\" \"x y\"\"");
}

TEST_CASE("every sentence says what to do, in both languages, and none is another's") {
  std::set<std::string> seen;
  for (int i = 0; i <= static_cast<int>(Say::kEndUntold); ++i) {
    const Trouble trouble{static_cast<Say>(i), "the detail\x1b[2J"};
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      const Told sentence = told(trouble, language);
      CHECK_FALSE(sentence.advice.empty());
      CHECK(seen.insert(sentence.message).second);
      CHECK(sentence.message.find('\x1b') == std::string::npos);
      CHECK((sentence.message + sentence.advice).find("{}") == std::string::npos);
      const bool ascii =
          std::ranges::all_of(sentence.message, [](char c) { return static_cast<signed char>(c) > 0; });
      CHECK(ascii == (language == Language::kEnglish));
    }
    CHECK((exit_status(trouble) == kExitUsage || exit_status(trouble) == kExitError));
  }
}

TEST_CASE("the command line: what is meant is taken, what is not is wrong usage") {
  const auto parsed = parse({"gate", "--stage", "pre-image", "--unit", "CX1", "--id", "a=b=c", "--timeout",
                             "90s", "--", "write", "--stage", "--"});
  const auto* arguments = std::get_if<Arguments>(&parsed);
  REQUIRE(arguments != nullptr);
  CHECK(arguments->task == Task::kGate);
  CHECK(arguments->command == std::vector<std::string>{"write", "--stage", "--"});
  CHECK(arguments->identifiers.front().second == "b=c");
  CHECK(arguments->timeout == std::chrono::seconds(90));
  using Words = std::vector<std::string>;
  for (const Words& words :
       {Words{}, Words{"burn"}, Words{"check"}, Words{"gate", "--stage", "ship"},
        Words{"gate", "--stage", "ship", "--"}, Words{"check", "--stage", "ship", "--", "x"},
        Words{"check", "--stage", "ship", "--id", "a"}, Words{"check", "--stage", "ship", "--nonsense"},
        Words{"check", "--stage", "ship", "x"}, Words{"gate", "--stage", "ship", "--timeout", "5", "--", "x"},
        Words{"evidence", "x"}, Words{"check", "--stage", "ship", "--unit", ""},
        Words{"check", "--stage", "ship", "--unit", " \r"},
        Words{"gate", "--stage", "ship", "--timeout", "0s", "--", "x"},
        Words{"gate", "--stage", "ship", "--timeout", "-5s", "--", "x"},
        Words{"check", "--stage", "ship", "--lang", "de"}, Words{"evidence", "--", "x"}}) {
    CAPTURE(words.size());
    const auto wrong = parse(words);
    const auto* ended = std::get_if<Ended>(&wrong);
    REQUIRE(ended != nullptr);
    CHECK(ended->status == 2);
  }
  const auto secret = parse({"check", "--stage", "ship", kTokenOfStation, "--id", kTokenOfStation});
  CHECK(std::get<Ended>(secret).text.find("dmg_q") == std::string::npos);
  const auto help = parse({"--help"});
  CHECK(std::get<Ended>(help).status == 0);
}
