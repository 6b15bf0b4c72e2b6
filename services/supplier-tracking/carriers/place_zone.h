#pragma once

// The time zone of a place, as far as country and state tell it.
//
// Pure functions; safe from any thread.

#include <optional>

#include "absl/time/time.h"

#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

struct PlaceZone {
  absl::TimeZone zone;
  bool sure = false;  // false: the state lies in several zones, and this is where most of its people live
};

// Of places in the United States, Canada and countries with one zone. A place without a country counts as one in the
// United States if its region is a state there: USPS leaves its own country out. Nothing if neither is known, or the
// machine has no time zone database (package tzdata).
std::optional<PlaceZone> ZoneOfPlace(const v1::Place& place);

// The IANA zone `name`; nothing if there is none.
std::optional<absl::TimeZone> ZoneByName(const std::string& name);

}  // namespace throughline::supplier
