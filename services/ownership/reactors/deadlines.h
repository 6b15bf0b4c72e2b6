#pragma once

// The timers of ownership: a commitment is due, an offer expires, a proposed resolution is not answered.

#include "libs/runtime/reactions/reactor.h"
#include "services/ownership/domain/ownership.h"

namespace throughline::ownership {

class Deadlines : public runtime::TimerHandler {
 public:
  // `last_resort`: see Above.
  Deadlines(const Periods& periods, std::string last_resort)
      : periods_(periods), last_resort_(std::move(last_resort)) {}

  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;

 private:
  const Periods periods_;
  const std::string last_resort_;
};

}  // namespace throughline::ownership
