#pragma once

// Works out what a time or an ETA leaves open; see CarrierTime and Eta in tracking.proto.
//
// Pure functions; safe from any thread. Errors are INVALID_ARGUMENT with the field's path, which begins with `field`.

#include <string>

#include "absl/status/statusor.h"

#include "throughline/supplier/v1/tracking.pb.h"

namespace throughline::supplier {

// From `local_time` with `offset_minutes`, or `instant`, or both. A missing offset is that of the place, else assumed.
// A complete time comes back as it is. `field` is for instance `event.time`.
absl::StatusOr<v1::CarrierTime> CompleteTime(const v1::CarrierTime& given, const v1::Place& place,
                                             const std::string& field);

// From `latest`, or `date` with its own `zone`, else `destination_zone`, else UTC. A complete ETA comes back as it is.
absl::StatusOr<v1::Eta> CompleteEta(const v1::Eta& given, const std::string& destination_zone,
                                    const std::string& field);

}  // namespace throughline::supplier
