#pragma once

// What time does to a notice: its next update was missed, it begins, its validity ends, a follow-up was not done in
// time. And to a subscriber: a message is to be sent, which is handed over to the sender (delivery/sender.h); a request
// was not confirmed in time.

#include <memory>
#include <string>

#include "libs/runtime/reactions/reactor.h"
#include "services/outage-notice/delivery/outbox.h"

namespace throughline::outage {

class NoticeTimers : public runtime::TimerHandler {
 public:
  // `last_resort`: see Config::fallback_owner.
  NoticeTimers(std::string last_resort, std::shared_ptr<Outbox> outbox)
      : last_resort_(std::move(last_resort)), outbox_(std::move(outbox)) {}

  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;

 private:
  const std::string last_resort_;
  const std::shared_ptr<Outbox> outbox_;
};

}  // namespace throughline::outage
