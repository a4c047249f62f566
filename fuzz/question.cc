// What stations and people send to the service: bodies and targets.
#include "line-integration/service/question.h"

#include <cstdlib>

#include "fuzz/targets.h"
#include "line-integration/service/http.h"
#include "smbios/byte_view.h"

namespace dmigate::fuzz {
namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

void question(Buffer input) {
  if (input.empty()) return;
  const unsigned which = input.front() % 5U;
  const smbios::ByteView rest = smbios::ByteView(input).from(1);
  const std::string text(rest.text());
  if (which < 2) {
    const auto asked = service::parse_question(text, "station", which == 1);
    if (!asked) return must(!asked.error().what.empty());
    must(asked->request.told && asked->request.stage && asked->request_id.size() >= 8);
    must(!asked->request.told->live && !profiles::names_file(asked->request.profile));
    must((which == 1) == !asked->request.command.empty());
  } else if (which == 2) {
    const auto end = service::parse_run_end(text);
    if (end) must(end->began.seq > 0 && !end->began.hash.empty());
  } else if (which == 3) {
    const auto rework = service::parse_rework(text);
    if (rework) must(!rework->rework.by.empty() && !rework->rework.reason.empty());
  } else {
    service::HttpRequest request;
    if (service::parse_target(text, request)) must(!request.path.empty());
  }
}

}  // namespace dmigate::fuzz
