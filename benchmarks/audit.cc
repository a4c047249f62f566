// audit FOLDER [COUNT]: an audit of COUNT dumps (default 100,000), made below FOLDER unless they are there,
// beside what no audit can do without: opening, reading and closing each file; or reading the archive that
// they are in. And, in this process, what parsing, judging and remembering a unit costs beside a bare scan of
// its table.
// audit --stream FOLDER [COUNT]: COUNT dumps (default 10,000,000) that are made as they are read, and never
// stand on a disk: how long it takes, and how much memory.
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/corpus.h"
#include "benchmarks/measure.h"
#include "benchmarks/scan.h"
#include "gate/audit/duplicates.h"
#include "gate/audit/judging.h"

namespace {

namespace fs = std::filesystem;
namespace audit = dmigate::gate::audit;
using namespace dmigate;
using namespace dmigate::benchmarks;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr std::uint64_t kDmidecodes = 200;    // started one after the other
constexpr std::uint64_t kInProcess = 20'000;  // units
constexpr int kPasses = 8;  // over these by each thread: a shorter run ends before both processors are in use

// How a program ended: its status, and the most memory that it had (bytes).
struct Ended {
  int status;
  std::uint64_t memory;
};
Ended end_of(const Words& words) {
  int status = -1;
  rusage usage{};
  const pid_t process = spawn(words, null_output());
  if (wait4(process, &status, 0, &usage) != process || !WIFEXITED(status)) give_up("cannot run " + words[0]);
  return {WEXITSTATUS(status), static_cast<std::uint64_t>(usage.ru_maxrss) * 1024};
}

// ---------------------------------------------------------------- the floors

// Each thread takes a folder after the other: lists it, opens, reads and closes its files.
void read_all(const std::vector<std::string>& folders, unsigned threads) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    std::vector<char> buffer(65536);
    for (std::size_t i = next++; i < folders.size(); i = next++) {
      DIR* folder = ::opendir(folders[i].c_str());
      if (folder == nullptr) give_up("cannot list " + folders[i]);
      while (const dirent* entry = ::readdir(folder)) {
        if (entry->d_type != DT_REG) continue;
        const int file = ::openat(::dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC);
        if (file < 0 || ::read(file, buffer.data(), buffer.size()) < 0) give_up("cannot read a dump");
        ::close(file);
      }
      ::closedir(folder);
    }
  };
  std::vector<std::jthread> all;
  for (unsigned i = 0; i < threads; ++i) all.emplace_back(work);
}

void read_archive(const std::string& path) {
  ::archive* reader = archive_read_new();
  archive_read_support_format_tar(reader);
  archive_read_support_filter_all(reader);
  if (archive_read_open_filename(reader, path.c_str(), 256 << 10) != ARCHIVE_OK)
    give_up("cannot read " + path);
  std::vector<char> buffer(65536);
  for (archive_entry* entry = nullptr; archive_read_next_header(reader, &entry) == ARCHIVE_OK;) {
    while (archive_read_data(reader, buffer.data(), buffer.size()) > 0) {
    }
  }
  archive_read_free(reader);
}

// ---------------------------------------------------------------- whole audits

struct Batch {
  std::uint64_t count;
  std::string folder, tar;
  std::vector<std::string> folders;
};

Batch make_batch(const std::string& below, std::uint64_t count) {
  Batch batch{count, below + "/" + std::to_string(count), below + "/" + std::to_string(count) + ".tar", {}};
  const auto make = [&](const std::string& path, const std::string& command) {
    if (fs::exists(path)) return;
    fs::create_directories(below);
    if (std::system(command.c_str()) != 0) give_up("cannot make " + path);
    fs::rename(path + ".part", path);
  };
  const std::string maker = MAKE_CORPUS " " + std::to_string(count);
  make(batch.folder, maker + " " + batch.folder + ".part");
  make(batch.tar, maker + " - >" + batch.tar + ".part");
  for (const auto& entry : fs::directory_iterator(batch.folder)) batch.folders.push_back(entry.path());
  return batch;
}

Ended audit_of(const std::string& path, const std::string& report, unsigned jobs) {
  const Ended ended =
      end_of({DMIGATE_PROGRAM, "audit", path, "--profile", DMIGATE_SOURCE_DIR "/benchmarks/audit.yaml",
              "--jsonl", report, "--jobs", std::to_string(jobs)});
  if (ended.status != 1) give_up("the audit did not find what is wrong with the batch");
  return ended;
}

void print(const char* what, double time, std::uint64_t count) {
  std::printf("%-44s %8.3f s  %8.2f us a unit\n", what, time, time / static_cast<double>(count) * 1e6);
}

void judge_ratio(const char* what, double ratio, double target) {
  std::printf("%s: %.2f; the target is at most %.2f: %s\n", what, ratio, target,
              ratio <= target ? "PASS" : "over the target");
}

void whole(const std::string& below, std::uint64_t count, unsigned threads) {
  const Batch batch = make_batch(below, count);
  const std::string report = below + "/report.jsonl";
  read_all(batch.folders, threads);  // into the cache
  std::vector<double> floor, files, archive_floor, archive;
  for (int round = 0; round < kRounds; ++round) {
    floor.push_back(seconds([&] { read_all(batch.folders, threads); }));
    fs::remove(report);  // to throw away the last one is no part of an audit
    files.push_back(seconds([&] { audit_of(batch.folder, report, threads); }));
    archive_floor.push_back(seconds([&] { read_archive(batch.tar); }));
    fs::remove(report);
    archive.push_back(seconds([&] { audit_of(batch.tar, report, threads); }));
  }
  benchmarks::Corpus corpus = *benchmarks::Corpus::make(DMIGATE_SOURCE_DIR);
  const double dmidecodes = seconds([&] {
    for (std::uint64_t unit = 0; unit < kDmidecodes; ++unit) {
      const std::string dump = batch.folder + "/" + benchmarks::Corpus::path(unit);
      end_of({"/usr/sbin/dmidecode", "--from-dump", dump});
    }
  });
  const double loop = dmidecodes / static_cast<double>(kDmidecodes) * static_cast<double>(count);
  std::printf("%llu dumps, %u threads, all in the cache; medians of %d rounds in turns\n",
              static_cast<unsigned long long>(count), threads, kRounds);
  print("each file opened, read and closed", median(floor), count);
  print("dmigate audit, with its JSONL", median(files), count);
  print("a dmidecode for each (of 200, reckoned up)", loop, count);
  print("the tar read by libarchive, thrown away", median(archive_floor), count);
  print("dmigate audit of the tar, with its JSONL", median(archive), count);
  judge_ratio("an audit, in readings of the files", median(files) / median(floor), 2.5);
  judge_ratio("an audit, in readings of the tar", median(archive) / median(archive_floor), 1.5);
  std::printf("a loop of dmidecode takes %.0f times as long as the audit\n", loop / median(files));
  const Batch few = make_batch(below, std::max<std::uint64_t>(1000, count / 10));
  const double more = static_cast<double>(audit_of(batch.tar, report, threads).memory) -
                      static_cast<double>(audit_of(few.tar, report, threads).memory);
  judge_ratio("memory for each further unit, in bytes", more / static_cast<double>(count - few.count), 160);
}

// ---------------------------------------------------------------- in this process

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double cpu(const std::function<void()>& work) {
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const double before = cpu_seconds();
    work();
    times.push_back(cpu_seconds() - before);
  }
  return median(times);
}

using Dumps = std::vector<std::vector<std::uint8_t>>;

// Parse, rules, and what tells duplicates: all of an audit but files and reports.
void judge_all(const audit::Request& request, std::span<const std::vector<std::uint8_t>> dumps) {
  const audit::UniqueHash hash;
  audit::Judging judging(request, hash);
  std::vector<audit::Keys> keys(1);
  std::string encoded;
  for (std::uint32_t unit = 0; unit < dumps.size(); ++unit) {
    encoded.clear();
    if (!judging.judge_sibling(dumps[unit], "lot/unit.bin", encoded)) {
      auto source = smbios::Source::from_bytes(dumps[unit], {});
      if (!source) continue;
      judging.judge(*std::move(source), "lot/unit.bin", encoded);
    }
    std::uint16_t slot = 0;
    for (const audit::UniqueKey& key : judging.keys()) keys[0].add(key, unit, slot++);
  }
  audit::Duplicates duplicates;
  duplicates.find(
      keys, [](std::uint32_t unit) { return unit; }, 1);
  if (duplicates.groups() == 0) give_up("no duplicates were found");
}

void in_process() {
  benchmarks::Corpus corpus = *benchmarks::Corpus::make(DMIGATE_SOURCE_DIR);
  Dumps dumps;
  std::size_t bytes = 0;
  for (std::uint64_t unit = 0; unit < kInProcess; ++unit) {
    dumps.push_back(corpus.dump(unit));
    bytes += dumps.back().size();
  }
  audit::Request request;
  const auto chosen = audit::choose_profiles(DMIGATE_SOURCE_DIR "/benchmarks/audit.yaml", {}, {}, request);
  if (!chosen) give_up(chosen.error().to_string());
  std::size_t structures = 0;
  const double scanned = cpu([&] {
    for (const auto& dump : dumps) structures += benchmarks::scan(smbios::Bytes(dump).subspan(0x20));
  });
  const double judged = cpu([&] { judge_all(request, dumps); });
  const auto half = std::span(dumps).first(dumps.size() / 2), rest = std::span(dumps).last(dumps.size() / 2);
  std::vector<double> one, two;
  for (int round = 0; round < kRounds; ++round) {
    const auto judge_often = [&](std::span<const std::vector<std::uint8_t>> some) {
      for (int pass = 0; pass < kPasses; ++pass) judge_all(request, some);
    };
    one.push_back(seconds([&] {
      judge_often(half);
      judge_often(rest);
    }));
    two.push_back(seconds([&] {
      const std::jthread other([&] { judge_often(half); });
      judge_often(rest);
    }));
  }
  std::printf("%zu dumps of %zu bytes and %zu structures on average; CPU time\n", dumps.size(),
              bytes / dumps.size(), structures / dumps.size() / kRounds);
  print("bare scan for the boundaries", scanned, kInProcess);
  print("parsed, judged, duplicates told", judged, kInProcess);
  judge_ratio("a unit, in bare scans", judged / scanned, 8);
  const double scaling = median(one) / median(two);
  std::printf("two threads do %.2f times as much as one; the target is at least 1.80: %s\n", scaling,
              scaling >= 1.8 ? "PASS" : "below the target");
}

// ---------------------------------------------------------------- as many as one likes

void stream(const std::string& below, std::uint64_t count) {
  constexpr double kMostMemory = 2.0 * 1024 * 1024 * 1024;
  fs::create_directories(below);
  const std::string report = below + "/stream.jsonl", number = std::to_string(count);
  Ended ended{};
  const double taken = seconds([&] {
    ended = end_of({"/bin/sh", "-c",
                    MAKE_CORPUS " " + number +
                        " - | " DMIGATE_PROGRAM " audit /dev/stdin --profile " DMIGATE_SOURCE_DIR
                        "/benchmarks/audit.yaml --jsonl '" +
                        report + "'"});
  });
  if (ended.status != 1) give_up("the audit did not find what is wrong with the batch");
  std::printf("%s dumps, made as they are read\n", number.c_str());
  print("dmigate audit of a tar through a pipe, with its JSONL", taken, count);
  std::printf("the JSONL has %.2f GB\n", static_cast<double>(fs::file_size(report)) / 1e9);
  const auto memory = static_cast<double>(ended.memory);
  std::printf("memory: %.0f MiB, %.0f bytes a unit; the target is at most 2048 MiB: %s\n", memory / (1 << 20),
              memory / static_cast<double>(count), memory <= kMostMemory ? "PASS" : "over the target");
  fs::remove(report);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && std::string_view(argv[1]) == "--stream") {
    stream(argv[2], argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 10'000'000);
    return 0;
  }
  if (argc < 2) give_up("usage: audit [--stream] FOLDER [COUNT]");
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  if (count < 2000) give_up("COUNT is 2000 or more");
  // A program that is started counts the memory of the one that starts it: the small part goes first.
  whole(argv[1], count, std::max(1U, std::thread::hardware_concurrency()));
  std::printf("\n");
  in_process();
  return 0;
}
