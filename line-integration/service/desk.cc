#include "line-integration/service/desk.h"

#include <algorithm>
#include <boost/json.hpp>

#include "gate/judge/phrases.h"

namespace dmigate::service {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr unsigned kStations = 1U << static_cast<unsigned>(Role::kStation);
constexpr unsigned kEngineers = 1U << static_cast<unsigned>(Role::kEngineer);
constexpr unsigned kAuditors = 1U << static_cast<unsigned>(Role::kAuditor);
constexpr unsigned kReaders = kEngineers | kAuditors;
constexpr unsigned kAll = kStations | kReaders;
constexpr unsigned kNobodyAsked = 0;

constexpr std::size_t kEvidence = 8 * 1024 * 1024;  // bytes: a table is at most 64 KiB to 1 MiB, in base64
constexpr std::size_t kText = 256 * 1024;           // a profile, a rework
constexpr std::size_t kForm = 4 * 1024;
constexpr std::size_t kNone = 0;

constexpr std::size_t kMostWaiting = 512;
constexpr std::size_t kAskingThreads = 2;
constexpr double kBurst = 2;  // seconds' worth of the rate

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

gate::Language language_of(const HttpRequest& request) {
  return request.accept_language.starts_with("zh") ? gate::Language::kChinese : gate::Language::kEnglish;
}

// What stands for {name}, or nothing where the path is another one.
bool matches(std::string_view pattern, const std::vector<std::string>& path,
             std::vector<std::string>& names) {
  names.clear();
  pattern.remove_prefix(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::size_t slash = pattern.find('/');
    const std::string_view part = pattern.substr(0, slash);
    if (part.starts_with('{')) {
      if (path[i].empty()) return false;
      names.push_back(path[i]);
    } else if (part != path[i]) {
      return false;
    }
    const bool last = i + 1 == path.size();
    if ((slash == pattern.npos) != last) return false;
    if (!last) pattern.remove_prefix(slash + 1);
  }
  return true;
}

std::string token_of(const HttpRequest& request, bool& by_cookie) {
  constexpr std::string_view kBearer = "Bearer ", kCookie = "dmigate=";
  by_cookie = false;
  if (request.authorization.starts_with(kBearer)) return request.authorization.substr(kBearer.size());
  std::string_view cookies = request.cookie;
  while (!cookies.empty()) {
    std::string_view one = cookies.substr(0, cookies.find(';'));
    cookies.remove_prefix(std::min(one.size() + 1, cookies.size()));
    one = gate::trimmed(one);
    if (!one.starts_with(kCookie)) continue;
    by_cookie = true;
    return std::string(one.substr(kCookie.size()));
  }
  return {};
}

Error words_for(unsigned status) {
  switch (status) {
    case 401:
      return fail("no token is given, or it is nobody's", {},
                  "make one with dmigate serve token add, and send it as Authorization: Bearer TOKEN")
          .value();
    case 403:
      return fail("this token's role or station may not do this", {}, "use the token of who may").value();
    case 404:
      return fail("there is no such place", {}, "see /v1/openapi.json").value();
    case 405:
      return fail("this place cannot be asked by this method", {}, "see /v1/openapi.json").value();
    case 413:
      return fail("the request is too large", {}, "see docs/service.md for what is taken").value();
    case 429:
      return fail("this token asks too often", {}, "ask the same again in a while").value();
    case 431:
      return fail("the head of the request is too large", {}, "leave out what is not needed").value();
    case 503:
      return fail("the service has too much to do, or is stopping", {}, "ask the same again in a while")
          .value();
    default:
      break;
  }
  return fail("this is no request that is understood", {}, "docs/service.md tells what is asked how").value();
}

constexpr Desk::Place kNowhere{"", "-", kAll, kNone, false, Desk::Where::kHere, nullptr};

}  // namespace

std::span<const Desk::Place> Desk::places() {
  static constexpr Place kPlaces[] = {
      {"POST", "/v1/check", kStations, kEvidence, true, Where::kRecording, &Desk::check},
      {"POST", "/v1/permits", kStations, kEvidence, true, Where::kRecording, &Desk::permits},
      {"POST", "/v1/run/start", kStations, kEvidence, true, Where::kRecording, &Desk::start_run},
      {"POST", "/v1/run/end", kStations, kEvidence, true, Where::kRecording, &Desk::end_run},
      {"GET", "/v1/units/{unit}", kReaders, kNone, false, Where::kAsking, &Desk::unit},
      {"POST", "/v1/rework", kEngineers, kText, false, Where::kAsking, &Desk::rework},
      {"GET", "/v1/profiles", kAll, kNone, false, Where::kAsking, &Desk::list_profiles},
      {"GET", "/v1/profiles/{profile}", kAll, kNone, false, Where::kAsking, &Desk::show_profile},
      {"PUT", "/v1/profiles/{profile}", kEngineers, kText, false, Where::kAsking, &Desk::put_profile},
      {"POST", "/v1/audit", kReaders, kNone, false, Where::kAuditing, &Desk::audit},
      {"GET", "/v1/events", kAll, kNone, false, Where::kHere, &Desk::events},
      {"GET", "/v1/line", kReaders, kNone, false, Where::kHere, &Desk::line},
      {"GET", "/v1/me", kAll, kNone, false, Where::kHere, &Desk::me},
      {"GET", "/v1/stations/{station}/scan", kAll, kNone, false, Where::kAsking, &Desk::scan},
      {"GET", "/v1/openapi.json", kAll, kNone, false, Where::kHere, &Desk::openapi},
      {"GET", "/healthz", kNobodyAsked, kNone, false, Where::kHere, &Desk::health},
      {"GET", "/metrics", kAll, kNone, false, Where::kHere, &Desk::metrics},
      {"GET", "/login", kNobodyAsked, kNone, false, Where::kHere, &Desk::page},
      {"POST", "/login", kNobodyAsked, kForm, false, Where::kHere, &Desk::login},
      {"POST", "/logout", kNobodyAsked, kForm, false, Where::kHere, &Desk::logout},
      {"GET", "/assets/{file}", kNobodyAsked, kNone, false, Where::kHere, &Desk::asset},
      {"GET", "/", kAll, kNone, false, Where::kHere, &Desk::page},
      {"GET", "/station/{station}", kAll, kNone, false, Where::kHere, &Desk::page},
      {"GET", "/line", kReaders, kNone, false, Where::kHere, &Desk::page},
      {"GET", "/unit/{unit}", kReaders, kNone, false, Where::kHere, &Desk::page},
      {"GET", "/profiles", kReaders, kNone, false, Where::kHere, &Desk::page},
  };
  return kPlaces;
}

Desk::Desk(line::Settings settings, const ServiceOptions& options, gate::Surroundings surroundings,
           std::optional<line::SecretKey> permit_key)
    : settings_(std::move(settings)),
      options_(options),
      surroundings_(std::move(surroundings)),
      permit_key_(std::move(permit_key)),
      tokens_(options_.tokens),
      stock_(settings_, surroundings_),
      shelf_(settings_.catalog, stock_, surroundings_),
      watch_(stock_.registries(), surroundings_, figures_, hub_),
      audits_(settings_, options_.audit),
      asking_(std::make_unique<Workers>(kAskingThreads, kMostWaiting)),
      // One more than write, so that a unit is judged while another one is written.
      recording_(std::make_unique<Workers>(stock_.registries().most() + 1, kMostWaiting)),
      auditing_(std::make_unique<Workers>(Audits::kAtOnce, Audits::kAtOnce)) {}

Desk::~Desk() { hub_.end_all(); }

void Desk::finish_work() {
  recording_.reset();
  asking_.reset();
  auditing_.reset();
  audits_.finish();
}

Result<void> Desk::try_registry() {
  OpenRegistries::Held held;
  return stock_.registries().open(held);
}

Result<void> Desk::try_tokens() {
  return tokens_.find({}, surroundings_.now()).map([](const auto&) {});
}

std::vector<Error> Desk::reload(const Result<void>& certificate) {
  std::vector<Error> wrong;
  for (const Result<void>& each : {certificate, try_tokens(), load()}) {
    if (!each) wrong.push_back(each.error());
  }
  reload_failed_ = !wrong.empty();
  return wrong;
}

void Desk::stop() {
  stopping_ = true;
  audits_.stop();
  hub_.end_all();
}

Desk::Found Desk::find(const HttpRequest& request) {
  Found found;
  for (const Place& place : places()) {
    if (!matches(place.path, request.path, found.names)) continue;
    found.other_method = true;
    if (place.method != request.method) continue;
    found.place = &place;
    return found;
  }
  return found;
}

bool Desk::has_rate(const std::string& id) {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = rates_.try_emplace(id, Bucket{options_.rate * kBurst, now});
  Bucket& bucket = found->second;
  const double since = std::chrono::duration<double>(now - bucket.at).count();
  bucket.left = std::min(options_.rate * kBurst, bucket.left + since * options_.rate);
  bucket.at = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

// Asked twice of each request: by its head, and again when all of it is there; the rate counts it once.
Desk::Admitted Desk::look_at(const HttpRequest& head, bool counts) {
  Admitted admitted{.found = find(head)};
  const gate::Language language = language_of(head);
  const auto refused = [&](unsigned status) { admitted.refused = error(status, language); };
  const Place* place = admitted.found.place;
  const bool is_public = place != nullptr && place->roles == kNobodyAsked;
  if (is_public) return admitted;
  bool by_cookie = false;
  const std::string token = token_of(head, by_cookie);
  auto caller = tokens_.find(token, surroundings_.now());
  if (!caller) {
    admitted.refused = error(503, caller.error(), language);
    return admitted;
  }
  const bool is_page = place != nullptr && place->answer == &Desk::page;
  if (!*caller) {
    refused(401);
    admitted.refused->headers.emplace_back("WWW-Authenticate", "Bearer");
    if (is_page) admitted.refused = to_login(head);
    return admitted;
  }
  admitted.caller = **caller;
  if (place == nullptr) {
    refused(admitted.found.other_method ? 405 : 404);
    return admitted;
  }
  const bool has_role = (place->roles >> static_cast<unsigned>(admitted.caller.role) & 1U) != 0;
  // Another site's form has the cookie, and cannot have the header.
  const bool forged = by_cookie && head.method != "GET" && (head.page.empty() || place->is_bound);
  if (!has_role || forged) {
    refused(403);
  } else if (counts && !has_rate(admitted.caller.id)) {
    refused(429);
    admitted.refused->headers.emplace_back("Retry-After", "1");
  } else if (place->is_bound && !is_nonce(head.nonce)) {
    admitted.refused = error(400,
                             fail("the header Dmigate-Nonce is missing, or is not 64 hex digits", {},
                                  "docs/service.md tells what is asked how")
                                 .value(),
                             language);
  }
  return admitted;
}

std::optional<HttpAnswer> Desk::admit(HttpRequest& head) {
  const auto began = Clock::now();
  Admitted admitted = look_at(head, true);
  const Place* place = admitted.found.place;
  if (!admitted.refused && place->where == Where::kAuditing) {
    if (const auto asked = parse_audit(head); !asked) {
      admitted.refused = error(400, asked.error(), language_of(head));
    } else if (head.upload = audits_.begin(); !head.upload) {
      admitted.refused = error(503, language_of(head));
      admitted.refused->headers.emplace_back("Retry-After", kRetryAudit);
    }
  }
  if (!admitted.refused) return std::nullopt;
  // The body was not read, so that the answer cannot be bound to it.
  finish(head, place == nullptr ? kNowhere : *place, {}, *admitted.refused, began);
  return std::move(admitted.refused);
}

std::uint64_t Desk::most_bytes(const HttpRequest& head) {
  const Found found = find(head);
  if (head.upload) return options_.audit.most_bytes;
  return found.place == nullptr ? kNone : found.place->most_bytes;
}

HttpAnswer Desk::refuse(unsigned status, const HttpRequest& head) {
  HttpAnswer answer = error(status, language_of(head));
  answer.close = true;
  if (status == 503) answer.headers.emplace_back("Retry-After", "1");
  finish(head, kNowhere, {}, answer, Clock::now());
  return answer;
}

void Desk::handle(HttpRequest request, Reply reply) {
  const auto began = Clock::now();
  Admitted admitted = look_at(request, false);
  const auto shared = std::make_shared<HttpRequest>(std::move(request));
  if (admitted.refused) {  // its token was revoked while it spoke
    finish(*shared, admitted.found.place == nullptr ? kNowhere : *admitted.found.place, admitted.caller,
           *admitted.refused, began);
    reply(*std::move(admitted.refused));
    return;
  }
  const Place& place = *admitted.found.place;
  const auto work = [this, &place, shared, admitted, reply, began] {
    const Call call{.request = *shared,
                    .caller = admitted.caller,
                    .names = admitted.found.names,
                    .language = language_of(*shared)};
    HttpAnswer answer;
    try {
      answer = (this->*place.answer)(call);
    } catch (const std::exception& problem) {
      answer = error(500,
                     fail("the service could not do this (" + std::string(problem.what()) + ")", {},
                          "ask the same again; this is a fault of dmigate: tell its makers")
                         .value(),
                     call.language);
    }
    finish(*shared, place, admitted.caller, answer, began);
    reply(std::move(answer));
  };
  if (place.where == Where::kHere) return work();
  Workers& workers = place.where == Where::kRecording  ? *recording_
                     : place.where == Where::kAuditing ? *auditing_
                                                       : *asking_;
  if (!stopping_ && workers.take(work)) return;
  HttpAnswer answer = error(503, language_of(*shared));
  answer.headers.emplace_back("Retry-After", "1");
  finish(*shared, place, admitted.caller, answer, began);
  reply(std::move(answer));
}

HttpAnswer Desk::to_login(const HttpRequest& head) const {
  std::string next;
  for (const char c : head.target) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '/' || c == '-' || c == '_' || c == '.';
    next += plain ? std::string(1, c) : std::string{'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return {.status = 303, .type = "text/plain", .headers = {{"Location", "/login?next=" + next}}};
}

// What every answer has: it is kept nowhere, loads nothing from elsewhere, and is bound where it must be.
void Desk::finish(const HttpRequest& request, const Place& place, const Caller& caller, HttpAnswer& answer,
                  Clock::time_point began) {
  const auto has = [&](std::string_view name) {
    return std::ranges::find(answer.headers, name, &std::pair<std::string, std::string>::first) !=
           answer.headers.end();
  };
  if (!has("Cache-Control")) answer.headers.emplace_back("Cache-Control", "no-store");
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  answer.headers.emplace_back("Content-Security-Policy", kPolicy);
  if (place.is_bound && !caller.id.empty() && is_nonce(request.nonce)) {
    answer.headers.emplace_back("Dmigate-Binding", binding(caller.bind, {.method = request.method,
                                                                         .target = request.target,
                                                                         .nonce = request.nonce,
                                                                         .status = answer.status,
                                                                         .question = request.body,
                                                                         .answer = answer.body}));
  }
  metrics_.answered(place.path, answer.status,
                    std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began));
}

HttpAnswer Desk::plain(const json::object& object) { return {.body = json::serialize(object) + "\n"}; }

HttpAnswer Desk::error(unsigned status, gate::Language language) const {
  return error(status, words_for(status), language);
}

HttpAnswer Desk::error(unsigned status, const Error& problem, gate::Language language) const {
  const std::string what = problem.where.empty() ? problem.what : problem.where + ": " + problem.what;
  const json::object body{{"schema", "dmigate.error/1"},
                          {"what", gate::valid_utf8(gate::translated(what, language))},
                          {"advice", gate::valid_utf8(gate::translated(problem.advice, language))}};
  return {.status = status, .body = json::serialize(body) + "\n"};
}

}  // namespace dmigate::service
