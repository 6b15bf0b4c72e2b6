#pragma once

// The timers of ownership: a commitment is due, an offer expires, a proposed resolution is not answered. Where a broken
// commitment escalates the case, or an escalation climbs, they say to whom.

#include "libs/calendar/calendars.h"
#include "libs/runtime/reactions/reactor.h"
#include "services/ownership/ownership.h"

namespace throughline::ownership {

class Deadlines : public runtime::TimerHandler {
 public:
  explicit Deadlines(const Config& config)
      : periods_(config.periods),
        last_resort_(config.fallback_owner),
        escalation_(config.escalation),
        policy_(config.policy),
        calendars_(config.calendars) {}

  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
  // The opening, which can be all that there is of a case.
  std::string CauseOf(const throughline::log::v1::TimerRow& timer) const override;

 private:
  const Periods periods_;
  const std::string last_resort_;  // see Above
  const EscalationPolicy escalation_;
  const AuthorityPolicy policy_;
  const calendar::Calendars calendars_;
};

}  // namespace throughline::ownership
