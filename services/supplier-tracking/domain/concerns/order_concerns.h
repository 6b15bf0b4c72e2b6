#pragma once

// The commands that say what is wrong with an order, besides its promise. Only reactors and timers give them.
//
// A concern is named by its kind and by what it is about; at most one of that name is open. What raised it is its key:
// the same key never raises it again, so a reactor may give the command as often as it sees the evidence.

#include <string>

#include "throughline/supplier/v1/order_concern.pb.h"
#include "throughline/supplier/v1/state.pb.h"

namespace throughline::supplier {

struct RaiseConcern {
  v1::OrderConcern request;
};
struct ClearConcern {
  v1::OrderConcernCleared request;
};

// The keys of so many concerns are remembered by an order.
inline constexpr int kMostConcernKeys = 500;

// What Order::Evolve makes of the events.
void EvolveConcerns(v1::OrderState& state, const v1::OrderConcernRaised& raised);
void EvolveConcerns(v1::OrderState& state, const v1::OrderConcernCleared& cleared);

// The open concern of this name, or nullptr.
const v1::OrderConcern* FindConcern(const v1::OrderState& state, v1::ConcernKind kind, const std::string& about);

}  // namespace throughline::supplier
