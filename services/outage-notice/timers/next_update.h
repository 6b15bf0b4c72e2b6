#pragma once

// Records that a notice's next update was missed when its due time passes without one.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::outage {

class NextUpdateTimer : public runtime::TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
};

}  // namespace throughline::outage
