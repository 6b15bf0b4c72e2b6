#pragma once

// Looks at a shipment that stands still, when its timer is due: records that its order has a concern, or that it is to
// be looked at again later, because that long is usual on its lane, or as we are configured.

#include "absl/time/time.h"

#include "libs/runtime/reactions/reactor.h"
#include "throughline/supplier/v1/history_rows.pb.h"

namespace throughline::supplier {

// How long something may take before it is a concern. Times below that of the first look (domain/shipment_check.cc)
// have no effect.
struct Patience {
  absl::Duration not_picked_up = absl::Hours(48);
  // Without history of the lane: with it, one and a half times what 99 in 100 gaps between scans do not exceed.
  absl::Duration silence = absl::Hours(72);
  absl::Duration unclaimed = absl::Hours(24 * 5);
  absl::Duration customs = absl::Hours(72);
};

class LookAtShipments : public runtime::TimerHandler {
 public:
  explicit LookAtShipments(const Patience& patience) : patience_(patience) {}

  // Timers of other names are left alone.
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;

 private:
  const Patience patience_;
};

}  // namespace throughline::supplier
