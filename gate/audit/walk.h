// Names what there is to audit, in an order that depends on nothing but the names. Inside gate/audit only.
#pragma once

#include <atomic>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gate/audit/work.h"
#include "smbios/result.h"

namespace dmigate::gate::audit {

// Files and folders that were met, so that none is audited twice, whatever links and lists say.
class Seen {
 public:
  // Whether it is met for the first time.
  bool is_new(std::uint64_t device, std::uint64_t inode);

 private:
  // Open addressing, at most three quarters full; 0 is a free place.
  struct Set {
    bool insert(std::uint64_t value);
    std::vector<std::uint64_t> places;
    std::size_t used = 0;
    bool has_zero = false;
  };
  std::map<std::uint64_t, Set> by_device_;
};

class Walker {
 public:
  // `stop` may be null. `passed_over`: files that are passed over without a word: the audit's own reports.
  Walker(Order& order, Queue& queue, const std::atomic<bool>* stop,
         const std::vector<std::string>& passed_over);

  // In the order given; what lies in a folder in the order of the bytes of its path. `list` stands for "-".
  void run(const std::vector<std::string>& paths, std::FILE* list);

  [[nodiscard]] std::uint64_t found() const { return found_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool finished() const { return finished_.load(); }
  [[nodiscard]] bool stopped() const { return stopped_; }  ///< it ended early; once it has ended

 private:
  struct Name;
  struct Listing;
  void operand(const std::string& path);
  void pattern(const std::string& path);
  void read_list(std::FILE* list);
  void folder(const std::string& path);
  void take_unit(const std::string& path, Listing& listing);
  void inside(const std::string& path, const Listing& listing);
  void file(const std::string& path, std::uint64_t device, std::uint64_t inode);
  void put(ItemKind kind, const std::string& path, std::string_view why = {});
  void flush();
  bool is_ended();

  Order& order_;
  Queue& queue_;
  const std::atomic<bool>* stop_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> passed_over_;  // device, inode
  Seen seen_;
  Task task_;
  std::atomic<std::uint64_t> found_ = 0;
  std::atomic<bool> finished_ = false;
  bool stopped_ = false;
};

}  // namespace dmigate::gate::audit
