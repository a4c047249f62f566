// Profiles as people see and change them over HTTP: what is loaded, what lint says, what was changed.
#pragma once

#include <boost/json.hpp>
#include <mutex>
#include <string>
#include <string_view>

#include "line-integration/service/stock.h"

namespace dmigate::service {

class ProfileShelf {
 public:
  ProfileShelf(profiles::Catalog catalog, Stock& stock, gate::Surroundings surroundings)
      : catalog_(std::move(catalog)), stock_(stock), surroundings_(std::move(surroundings)) {}

  boost::json::object list();
  // Its text, what lint says, and what it says otherwise than the version before. Fails where there is none.
  Result<boost::json::object> show(const std::string& name);
  // Takes a new version: named `name`, newer than the one that is there, and with nothing for lint to say,
  // but for warnings where they are accepted. The one before is kept in history/. Fails with all that is
  // wrong.
  Result<boost::json::object> take(const std::string& name, std::string_view text, bool accept_warnings);

 private:
  [[nodiscard]] std::string today() const;
  [[nodiscard]] const profiles::Profile* loaded(const std::string& name, const Stock::Loaded& loaded) const;
  profiles::Catalog catalog_;
  Stock& stock_;
  gate::Surroundings surroundings_;
  std::mutex mutex_;  ///< one change at a time
};

}  // namespace dmigate::service
