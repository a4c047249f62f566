#include "tests/line/qemu/frame.h"

#include "smbios/sha256.h"

namespace dmigate::plant {
namespace {

constexpr std::string_view kBegin = "dmigate-frame ";
constexpr std::string_view kEnd = "\ndmigate-frame-end\n";

std::string head_of(const Frame& frame) {
  return std::string(kBegin) + frame.kind + " " + std::to_string(frame.content.size()) + " " +
         to_hex(sha256(frame.kind + "\n" + frame.content)) + "\n";
}

}  // namespace

std::string framed(const Frame& frame) { return head_of(frame) + frame.content + std::string(kEnd); }

Result<Frame> unframed(std::string_view text) {
  const std::size_t head = text.find('\n');
  if (!text.starts_with(kBegin) || head == text.npos)
    return fail("the unit has not begun to hand anything out", "serial line",
                "look at what it said on its console");
  std::string_view content = text.substr(head + 1);
  if (!content.ends_with(kEnd))
    return fail("what the unit hands out was cut", "serial line", "start the unit again");
  content.remove_suffix(kEnd.size());
  const std::string_view kind = text.substr(kBegin.size());
  Frame frame{.kind = std::string(kind.substr(0, kind.find(' '))), .content = std::string(content)};
  if (text.substr(0, head + 1) == head_of(frame)) return frame;
  return fail("what the unit hands out was garbled", "serial line", "start the unit again");
}

}  // namespace dmigate::plant
