#pragma once

// Looking after shipments that stand still: what each of them waits for, by its state. Pure functions; any thread.

#include <optional>
#include <vector>

#include "absl/time/time.h"

#include "throughline/supplier/v1/order_concern.pb.h"
#include "throughline/supplier/v1/shipment_check.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

// Something that a shipment waits for.
struct Wait {
  v1::ConcernKind kind = v1::CONCERN_KIND_UNSPECIFIED;
  absl::Time since;       // the scan or announcement after which nothing came
  absl::Time first_look;  // when it is looked at first
};

// By kind. Nothing before an order announced it, or once it is over. `announced_at`: when it was recorded.
std::vector<Wait> WaitsOf(const std::string& carrier, const v1::ShipmentState& state,
                          std::optional<absl::Time> announced_at);

// How long a carrier reports about a shipment that it was asked about; InfiniteDuration: until it is over.
absl::Duration SubscriptionOf(const std::string& carrier);

// The last check of that kind; nullptr if there is none.
const v1::ShipmentChecked* FindCheck(const v1::ShipmentState& state, v1::ConcernKind kind);

// What Shipment::Evolve makes of the event.
void NoteCheck(v1::ShipmentState& state, const v1::ShipmentChecked& checked);

}  // namespace throughline::supplier
