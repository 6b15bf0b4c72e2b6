#pragma once

// How likely it is that something arrives in time, by our own history (lanes/): the share of earlier ones that took
// longer, among those that were not over either after as long as this one has taken.
//
//   Forecast forecast = OnTheWay(lane, picked_up, now, promised);
//   if (forecast.known && forecast.late > 0.4) ...
//
// Pure functions; any thread.

#include <optional>

#include "absl/time/time.h"
#include "absl/types/span.h"

#include "throughline/supplier/v1/estimate.pb.h"
#include "throughline/supplier/v1/history_rows.pb.h"

namespace throughline::supplier {

// History says nothing until it has seen so many.
inline constexpr int64_t kEnough = 30;

struct Forecast {
  bool known = false;
  double late = 0;                           // the probability, 0 to 1, that it arrives after the promise
  absl::Time median = absl::InfinitePast();  // by when half of them arrive
  absl::Time latest = absl::InfinitePast();  // by when nine in ten arrive
};

// A shipment that its carrier has had since `picked_up`. `lane`: its lane, or, if that has seen too few, all lanes of
// the carrier together. The weekday counts if it has been seen often enough.
Forecast OnTheWay(const v1::LaneRow& lane, absl::Time picked_up, absl::Time now, absl::Time promised);

// A shipment that was announced and is not with its carrier yet.
Forecast NotPickedUp(const v1::LaneRow& lane, absl::Time announced, absl::Time now, absl::Time promised);

// Lines that their vendor has sent, of whose way nothing is known; and lines that it has not sent. `earliest`: it does
// not send them before, as it said itself; InfinitePast: it did not say.
Forecast Sent(const v1::VendorTimesRow& vendor, absl::Time dispatched, absl::Time now, absl::Time promised);
Forecast NotSent(const v1::VendorTimesRow& vendor, absl::Time placed, absl::Time earliest, absl::Time now,
                 absl::Time promised);

// When a parcel arrives that its carrier has had since `picked_up`, and lines that their vendor sends at `sent`, by the
// ways that are known. nullopt if history has seen too few.
std::optional<v1::Estimate> WayFrom(const v1::LaneRow& lane, absl::Time picked_up);
std::optional<v1::Estimate> WayFrom(const v1::VendorTimesRow& vendor, absl::Time sent);

// All of them: it is late if any of them is. Those of which nothing is known do not count.
Forecast Together(absl::Span<const Forecast> parts);

}  // namespace throughline::supplier
