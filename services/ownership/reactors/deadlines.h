#pragma once

// What time does: breaks a promise that is due and not kept, and ends an offer that nobody answered.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::ownership {

class Deadlines : public runtime::TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
};

}  // namespace throughline::ownership
