#pragma once

// What happens to suggestions and improvements by itself.
//
// RaiseRecurring: cases or faults of one kind above the threshold open an improvement.
// RelieveAnswerers: what a deactivated person answers for moves to whoever answers for their team, else stands above
// them, also what they get in the same moment. AnswersDue: the due time of an answer passes; the effect of a change is
// measured.

#include <string>

#include "libs/runtime/reactions/reactor.h"
#include "services/intake/departments/departments.h"
#include "services/intake/intake.h"

namespace throughline::intake {

class RaiseRecurring : public runtime::Reactor {
 public:
  explicit RaiseRecurring(const Config& config);

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  // So many of `kind` as the policy names, the last of them now, open an improvement; `what` they are.
  void RaiseIfRecurring(const std::string& kind, const std::string& what, const v1::RecurrencePolicy& policy,
                        const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
                        runtime::Reactions& reactions) const;

  const v1::RecurrencePolicy cases_, faults_;
  const Departments departments_;
};

class RelieveAnswerers : public runtime::Reactor {
 public:
  // `last_resort`: see ownership::Above.
  explicit RelieveAnswerers(std::string last_resort) : last_resort_(std::move(last_resort)) {}

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const std::string last_resort_;
};

class AnswersDue : public runtime::TimerHandler {
 public:
  void Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
            runtime::Reactions& reactions) override;
};

}  // namespace throughline::intake
