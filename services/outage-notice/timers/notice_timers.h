#pragma once

// What time does to a notice: its next update was missed, it begins, its validity ends, a follow-up was not done in
// time.

#include <string>

#include "libs/runtime/reactions/reactor.h"

namespace throughline::outage {

class NoticeTimers : public runtime::TimerHandler {
 public:
  // `last_resort`: see Config::fallback_owner.
  explicit NoticeTimers(std::string last_resort) : last_resort_(std::move(last_resort)) {}

  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;

 private:
  const std::string last_resort_;
};

}  // namespace throughline::outage
