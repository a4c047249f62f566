// The members of a JSON object that need not be there, nor be what they should: then the empty one of their
// kind.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace dmigate::gate {

inline const boost::json::value* member_of(const boost::json::object& object, std::string_view name) {
  return object.if_contains(boost::json::string_view(name.data(), name.size()));
}

inline std::string word(const boost::json::object& object, std::string_view name) {
  const auto* value = member_of(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

inline std::int64_t number(const boost::json::object& object, std::string_view name) {
  const auto* value = member_of(object, name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

inline const boost::json::object& child(const boost::json::object& object, std::string_view name) {
  static const boost::json::object kNone;
  const auto* value = member_of(object, name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

inline const boost::json::array& list(const boost::json::object& object, std::string_view name) {
  static const boost::json::array kNone;
  const auto* value = member_of(object, name);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

}  // namespace dmigate::gate
