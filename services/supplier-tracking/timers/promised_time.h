#pragma once

// When the time passes by which the customer was promised an order, and not all of it was delivered, the order says so.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class PromisedTime : public runtime::TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier
