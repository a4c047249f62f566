// Evidence that comes over a serial line: all of it, or none.
#include "tests/line/qemu/frame.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/line/qemu/initramfs.h"

using namespace dmigate::plant;

namespace {

bool taken(std::string_view text) { return unframed(text).has_value(); }

}  // namespace

TEST_CASE("what a unit hands out over its serial line is taken as it was, whatever its bytes") {
  for (const std::string& content :
       {std::string(), std::string("{}\n"), std::string("\0\n\ndmigate-frame-end\n\xff", 22),
        framed({"evidence", "a frame in a frame"}), std::string(100'000, '\n')}) {
    const auto frame = unframed(framed({"evidence", content}));
    REQUIRE(frame.has_value());
    CHECK(frame->kind == "evidence");
    CHECK(frame->content == content);
  }
  CHECK(unframed(framed({"error", "no table"}))->kind == "error");
}

TEST_CASE("what was cut at any byte, at either end, is not taken") {
  const std::string whole = framed({"evidence", "{\"schema\": \"dmigate.evidence/1\"}\n"});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(taken(whole.substr(0, length)));
    CHECK_FALSE(taken(whole.substr(whole.size() - length)));
  }
  CHECK(taken(whole));
}

TEST_CASE("what was garbled in any bit is not taken, nor what something else was printed into") {
  const std::string whole = framed({"evidence", "{\"boot_id\": \"0\"}\n"});
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string garbled = whole;
    garbled[bit / 8] = static_cast<char>(garbled[bit / 8] ^ (1 << bit % 8));
    CAPTURE(bit);
    CHECK_FALSE(taken(garbled));
  }
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    std::string with_message = whole;
    with_message.insert(at, "[ 3.1] usb 1-1: reset\n");
    CHECK_FALSE(taken(with_message));
  }
  CHECK_FALSE(taken(whole + whole));
  CHECK_FALSE(taken("dmigate-frame evidence 18446744073709551616 00\n\ndmigate-frame-end\n"));
}

TEST_CASE("the archive that a unit boots from is what the kernel's documentation says") {
  const std::string bytes = archive({{.name = "dev", .mode = S_IFDIR | 0755, .content = {}},
                                     {.name = "init", .mode = S_IFREG | 0755, .content = "#!"}});
  // magic, then 13 numbers of 8 digits, the name with its NUL to a multiple of 4, the content likewise
  CHECK(bytes.substr(0, 22) == "07070100000001000041ED");
  CHECK(bytes.substr(110, 6) == std::string("dev\0\0\0", 6));
  CHECK(bytes.substr(116, 22) == "07070100000002000081ED");
  CHECK(bytes.substr(116 + 54, 8) == "00000002");
  CHECK(bytes.substr(116 + 94, 8) == "00000005");
  CHECK(bytes.substr(116 + 110, 12) == std::string("init\0\0#!\0\0", 10) + "07");
  CHECK(bytes.size() % 4 == 0);
  CHECK(bytes.find("TRAILER!!!") != std::string::npos);
}
