// The page of an audit, opened in a browser: what a manager sees who opens it from a mail.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "tests/line/plant.h"

namespace dmigate::plant {
namespace {

namespace fs = std::filesystem;

// The browser, or nothing, with a message that says so.
std::string browser() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::exists(folder + "/chromium")) return folder + "/chromium";
  }
  MESSAGE("left out: the page in a browser; there is no chromium");
  return {};
}

// Six units: a good one, two that share a serial, one without, one that is cut, one with a hostile name.
class Page {
 public:
  explicit Page(Words more = {}) {
    fs::create_directories(plant_ / "batch");
    write_file(plant_ / "cx.yaml",
               "profile: cx\nversion: 3\nfields:\n  system-serial-number: { unique: true }\n"
               "  system-product-name: { pattern: 'CX .*' }\n");
    add("1.bin", {});
    add("2.bin", {{"CX2600417", "CX2600418"}});
    add("3.bin", {{"CX2600417", "CX2600418"}});
    add("4.bin", {{"CX2600417", "null"}});
    add("5 & <b>.bin",
        {{"CX2600417", "CX2600420"}, {"CX E500", std::string("'") + "<script>alert(2)</script>" + "'"}});
    const std::string whole = read_file(plant_ / "batch/1.bin");
    write_file(plant_ / "batch/6.bin", whole.substr(0, whole.size() / 2));
    write_file(plant_ / "batch/notes.txt", "night shift\n");
    Words words = {"audit", plant_ / "batch", "--profile", plant_ / "cx.yaml", "--html", plant_ / "a.html"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended ended = plant_.dmigate(std::move(words));
    REQUIRE_MESSAGE(ended.status == 1, ended.err);
    text = read_file(plant_ / "a.html");
  }

  // What is there once its script has run; `fragment` is put behind the address.
  [[nodiscard]] std::string dom(const std::string& with, const std::string& fragment = {}) const {
    const Ended ended = run({.argv = {with, "--headless", "--no-sandbox", "--disable-gpu",
                                      "--user-data-dir=" + (plant_ / "browser"), "--virtual-time-budget=2000",
                                      "--dump-dom", "file://" + (plant_ / "a.html") + fragment}});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    return ended.out;
  }
  void picture(const std::string& with) const {
    const Ended ended =
        run({.argv = {with, "--headless", "--no-sandbox", "--disable-gpu",
                      "--user-data-dir=" + (plant_ / "browser"), "--window-size=1280,1800",
                      "--screenshot=" + (plant_ / "a.png"), "file://" + (plant_ / "a.html")}});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    CHECK(fs::file_size(plant_ / "a.png") > 20'000);
  }

  std::string text;

 private:
  void add(const std::string& name, const Edits& edits) const {
    fs::rename(plant_.unit("made", "dump-3.2", edits), plant_ / ("batch/" + name));
  }
  Plant plant_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_CASE("the page stands alone: it names no address, and forbids that anything be asked for") {
  const Page page;
  for (const char* request :
       {"http:", "https:", "src=", "href=", "url(", "@import", "fetch(", "XMLHttpRequest"})
    CHECK_MESSAGE(!contains(page.text, request), request);
  CHECK(contains(page.text, "Content-Security-Policy"));
  CHECK(contains(page.text, "default-src 'none'"));
  CHECK(count(page.text, "<script>") == 1);
}

TEST_CASE("nothing that a unit shows, and no name of a file, is markup") {
  const Page page;
  CHECK(contains(page.text, "5 &amp; &lt;b&gt;.bin"));
  CHECK(contains(page.text, "&lt;script&gt;alert(2)&lt;/script&gt;"));
  CHECK_FALSE(contains(page.text, "alert(2)</script>"));
  CHECK_FALSE(contains(page.text, "<b>.bin"));
}

TEST_CASE("a browser shows the yield, the rules, the duplicates and every unit that must not ship") {
  const std::string with = browser();
  if (with.empty()) return;
  const Page page;
  const std::string dom = page.dom(with);
  CHECK(contains(dom, "<span class=\"badge FAIL\">FAIL</span>"));
  CHECK(contains(dom, ">16.6 %<"));  // one of six
  CHECK(contains(dom, "cx v3"));
  CHECK(contains(dom, "unique.duplicate system-serial-number"));
  CHECK(contains(dom, "<polyline class=\"sum\""));
  CHECK(count(dom, "<td class=\"path\">") >= 6);
  CHECK(contains(dom, "<span id=\"shown\">5</span>"));
  CHECK(contains(dom, "notes.txt"));
  page.picture(with);
}

TEST_CASE("the search leaves the rows that have every word, and no others") {
  const std::string with = browser();
  if (with.empty()) return;
  const Page page;
  CHECK(contains(page.dom(with, "#find=CX2600418%203.bin"), "<span id=\"shown\">1</span>"));
  CHECK(contains(page.dom(with, "#find=cx2600418"), "<span id=\"shown\">2</span>"));
  CHECK(contains(page.dom(with, "#find=nobody"), "<span id=\"shown\">0</span>"));
  CHECK(contains(page.dom(with, "#find=%3Cscript%3Ealert(2)"), "<span id=\"shown\">1</span>"));
}

TEST_CASE("the page comes in Chinese, and says so to the browser") {
  const Page page({"--lang", "zh"});
  CHECK(contains(page.text, "<html lang=\"zh-CN\">"));
  for (const char* words : {"合格率", "各机型合格率", "最常见的问题", "重复值", "不得出货的机器"})
    CHECK_MESSAGE(contains(page.text, words), words);
}

}  // namespace
}  // namespace dmigate::plant
