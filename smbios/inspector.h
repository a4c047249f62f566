// inspect() for many tables, one after the other: structures that it knows again, as those of one model's
// units, are not looked at twice.
#pragma once

#include <memory>
#include <vector>

#include "smbios/smbios.h"

namespace dmigate::smbios {

// Keeps some MiB; for one thread.
class Inspector {
 public:
  Inspector();
  ~Inspector();
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;
  std::vector<Defect> inspect(const Layout& layout);  ///< what smbios::inspect() says

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

}  // namespace dmigate::smbios
