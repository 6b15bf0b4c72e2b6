#pragma once

// Countries by code and by name. Pure functions; any thread.

#include <string>
#include <string_view>

namespace throughline::supplier {

// ISO 3166-1 alpha-2 of a country that is given as that, as alpha-3, or by a name in any case; empty if it is not
// known.
std::string CountryCode(std::string_view text);

// The IANA zone of a country that has only one; empty of any other. `code` is alpha-2.
std::string ZoneOfCountry(std::string_view code);

}  // namespace throughline::supplier
