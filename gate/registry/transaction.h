// Inner to this room.
#pragma once

#include "gate/registry/sql.h"

namespace dmigate::gate {

// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Sql& sql) : sql_(sql) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (open_) sql_.rollback();
  }
  Result<void> begin() {
    auto begun = sql_.begin();
    open_ = begun.has_value();
    return begun;
  }
  Result<void> begin_reading() {
    auto begun = sql_.begin_reading();
    open_ = begun.has_value();
    return begun;
  }
  Result<void> commit() {
    auto committed = sql_.commit();
    if (committed) open_ = false;
    return committed;
  }

 private:
  Sql& sql_;
  bool open_ = false;
};

}  // namespace dmigate::gate
