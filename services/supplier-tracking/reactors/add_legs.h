#pragma once

// When a carrier hands a parcel of an order over to another and names the other's tracking number, adds that leg to the
// order, as AddShipment does it. Whether the hand-over or the announcement of the shipment comes first does not matter.
// A number that another order has is refused; the gap is then raised in time.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class AddLegs : public runtime::Reactor {
 public:
  // Which use of the number it is depends on what else is known of it.
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier
