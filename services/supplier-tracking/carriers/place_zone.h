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

// The zone of a place in the United States, Canada or one of some countries with a single zone. A place without a
// country whose region is a US state is in the United States, as USPS leaves out its own country. None if the zone is
// not known, or if the machine has no time zone database (package tzdata).
std::optional<PlaceZone> ZoneOfPlace(const v1::Place& place);

// The IANA zone `name`, if it exists.
std::optional<absl::TimeZone> ZoneByName(const std::string& name);

}  // namespace throughline::supplier
