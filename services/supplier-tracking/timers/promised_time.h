#pragma once

// When the promised time of an order that is not complete passes, records OrderOverdue. When the leg after one that has
// ended was not scanned in time, raises LEG_GAP; when a carrier's proof does not come in time, PROOF_MISSING; when a
// store's receipt does not, RECEIPT_MISSING; when what is ready there is not collected in time, UNCLAIMED.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class PromisedTime : public runtime::TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier
