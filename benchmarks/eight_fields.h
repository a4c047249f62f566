// The eight fields that Windows needs, as dmidecode's keywords: what both benchmarks ask for.
#pragma once

#include <array>

namespace dmigate::benchmarks {

inline constexpr std::array kEightFields = {
    "system-manufacturer", "system-product-name", "system-serial-number",   "system-uuid",
    "system-sku-number",   "system-family",       "baseboard-product-name", "chassis-type"};

}  // namespace dmigate::benchmarks
