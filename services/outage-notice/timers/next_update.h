#pragma once

// When the time of a notice's next update passes without one, the notice says so.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::outage {

class NextUpdateTimer : public runtime::TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
};

}  // namespace throughline::outage
