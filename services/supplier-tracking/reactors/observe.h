#pragma once

// Reports a shipment to its order when it is announced or when its delivery, failure, hand-over or ETA may have
// changed. The order records only what is new to it; other scans cause no command.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class ObserveShipments : public runtime::Reactor {
 public:
  // `leg_awaited_for`: how long after the end of a leg the next one is awaited.
  explicit ObserveShipments(absl::Duration leg_awaited_for) : leg_awaited_for_(leg_awaited_for) {}

  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const absl::Duration leg_awaited_for_;
};

}  // namespace throughline::supplier
