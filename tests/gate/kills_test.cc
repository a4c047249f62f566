// A station that dies by kill -9 at each write of its registry: before it, in the middle of it, after it.
// What was answered is there, what was begun is there whole or not at all, and verify and the naive plant
// agree.
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tests/gate/story.h"

namespace dmigate::gate {
namespace {

// ---- what SQLite does to its files, counted

// Each has three: nothing is done, half is written (nothing, of what is no write), all is done.
constexpr long kMoments = 3;

struct Death {
  long at = 0;  ///< the place to die, from 1; 0: nowhere
  long met = 0;
};
Death death;

// SQLite has other methods for a WAL than for a database: each kind once, and what it was.
struct Kind {
  const sqlite3_io_methods* original = nullptr;
  sqlite3_io_methods counted{};
};
std::array<Kind, 8> kinds;

int (*open_before)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*) = nullptr;
int (*delete_before)(sqlite3_vfs*, const char*, int) = nullptr;

template <typename Half, typename Whole>
int counted(const Half& half, const Whole& whole) {
  const long first = death.met + 1;
  death.met += kMoments;
  if (death.at < first || death.at > death.met) return whole();
  if (death.at == first + 1) half();
  if (death.at == first + 2) whole();
  ::kill(::getpid(), SIGKILL);
  return SQLITE_IOERR;
}

const sqlite3_io_methods& original(sqlite3_file* file) {
  return *std::ranges::find(kinds, file->pMethods, [](const Kind& kind) { return &kind.counted; })->original;
}

int write_part(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  return counted([&] { return original(file).xWrite(file, from, amount / 2, offset); },
                 [&] { return original(file).xWrite(file, from, amount, offset); });
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return counted([] {}, [&] { return original(file).xTruncate(file, size); });
}
int synchronise_file(sqlite3_file* file, int flags) {
  return counted([] {}, [&] { return original(file).xSync(file, flags); });
}
int open_counted(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  const int opened = open_before(vfs, name, file, flags, out);
  if (opened != SQLITE_OK) return opened;
  auto kind = std::ranges::find(kinds, file->pMethods, &Kind::original);
  if (kind == kinds.end()) {
    kind = std::ranges::find(kinds, nullptr, &Kind::original);
    if (kind == kinds.end()) ::_exit(5);
    *kind = {file->pMethods, *file->pMethods};
    kind->counted.xWrite = write_part;
    kind->counted.xTruncate = truncate_file;
    kind->counted.xSync = synchronise_file;
  }
  file->pMethods = &kind->counted;
  return SQLITE_OK;
}
int delete_counted(sqlite3_vfs* vfs, const char* name, int synchronise) {
  return counted([] {}, [&] { return delete_before(vfs, name, synchronise); });
}

// For the rest of this process.
void die_at(long place) {
  death = {.at = place};
  sqlite3_vfs* vfs = sqlite3_vfs_find("unix");
  open_before = std::exchange(vfs->xOpen, open_counted);
  delete_before = std::exchange(vfs->xDelete, delete_counted);
}

// ---- a station that lives until then

constexpr unsigned kSeed = 8;
constexpr int kSteps = 60;

// Tells of each answer by a byte 'a', then of the places it has met. It never comes back.
[[noreturn]] void live(const Plant& plant, long place, int said) {
  const auto say = [said](const void* bytes, std::size_t size) {
    if (::write(said, bytes, size) != static_cast<ssize_t>(size)) ::_exit(2);
  };
  Story story(plant, kSeed);
  story.watch({.asked = [] {}, .answered = [&] { say("a", 1); }});
  die_at(place);
  {
    auto registry = Registry::open(plant.where(), plant.options());
    if (!registry) ::_exit(3);
    for (int step = 0; step < kSteps; ++step) {
      if (!story.step(&*registry).empty()) ::_exit(4);
    }
  }
  say(&death.met, sizeof death.met);
  ::_exit(0);
}

struct Life {
  int status = 0;
  long answers = 0;
  long places = 0;  ///< of a life that was lived to its end
};

Life live_until(const Plant& plant, long place) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) live(plant, place, ends[1]);
  ::close(ends[1]);
  std::string said;
  char part[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], part, sizeof part)) > 0;)
    said.append(part, static_cast<std::size_t>(size));
  ::close(ends[0]);
  Life life;
  REQUIRE(::waitpid(child, &life.status, 0) == child);
  if (WIFEXITED(life.status) && WEXITSTATUS(life.status) == 0) {
    REQUIRE(said.size() >= sizeof life.places);
    std::memcpy(&life.places, said.data() + said.size() - sizeof life.places, sizeof life.places);
    said.resize(said.size() - sizeof life.places);
  }
  life.answers = static_cast<long>(said.size());
  return life;
}

// The model after so many changes, each made once.
class Models {
 public:
  const Story& after(long changes) {
    auto& story = stories_[changes];
    if (story) return *story;
    struct Enough {};
    story = std::make_unique<Story>(plant_, kSeed);
    story->watch({.asked =
                      [left = changes]() mutable {
                        if (left-- == 0) throw Enough();
                      },
                  .answered = [] {}});
    try {
      for (int step = 0; step < kSteps; ++step) story->step(nullptr);
    } catch (const Enough&) {
    }
    return *story;
  }

 private:
  const Plant plant_{Story::profile(), true};
  std::map<long, std::unique_ptr<Story>> stories_;
};

TEST_CASE("a station that is killed at a write, before it, in it or after it") {
  // ./soak registry takes all of them, the test some.
  const long most = std::getenv("DMIGATE_KILLS") != nullptr ? 1'000'000 : 60;
  const long places = [] {
    const Plant plant(Story::profile(), true);
    const Life life = live_until(plant, 0);
    REQUIRE(WIFEXITED(life.status));
    REQUIRE(WEXITSTATUS(life.status) == 0);
    REQUIRE(life.answers > kSteps / 2);
    return life.places;
  }();
  REQUIRE(places > kSteps);
  const long kills = std::min(most, places);
  long told = 0;
  Models models;
  for (long kill = 0; kill < kills; ++kill) {
    const long place = 1 + kill * places / kills;
    CAPTURE(place);
    const Plant plant(Story::profile(), true);
    const Life life = live_until(plant, place);
    REQUIRE(WIFSIGNALED(life.status));
    REQUIRE(WTERMSIG(life.status) == SIGKILL);
    CAPTURE(life.answers);
    CHECK(plant.doubts() == Words{});
    Registry registry = plant.open();
    // The change that was being made may be there, and its answer not.
    if (models.after(life.answers).differences(registry).empty()) {
      ++told;
    } else {
      CHECK(models.after(life.answers + 1).differences(registry) == Words{});
    }
    CHECK(plant.record({.unit = good(90000)}).outcome == Outcome::kPass);
  }
  MESSAGE(kills << " kills at " << places / kMoments << " writes; " << kills - told
                << " times a change was whole that nobody had been told of");
}

}  // namespace
}  // namespace dmigate::gate
