#pragma once

// The time zone of a place, from its country and state. Pure functions; any thread.

#include <optional>

#include "absl/time/time.h"

#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

struct PlaceZone {
  absl::TimeZone zone;
  bool sure = false;  // false: the state has several zones, and this is that of most of its people
};

// The zone of a place in a country with a single zone, or in a state of the United States or a province of Canada. None
// if it is not known, if the place names no country (whatever its region means in America), or if the machine has no
// time zone database (package tzdata).
std::optional<PlaceZone> ZoneOfPlace(const v1::Place& place);

// The IANA zone `name`, if it exists.
std::optional<absl::TimeZone> ZoneByName(const std::string& name);

}  // namespace throughline::supplier
