#pragma once

// The timers of ownership: a promise is due, an offer expires.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::ownership {

class Deadlines : public runtime::TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
};

}  // namespace throughline::ownership
