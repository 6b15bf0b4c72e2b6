#pragma once

// Collects the events of one decision, and holds the refusals that several rules share. For the rules of ownership
// only.
//
//   Draft draft(state, command.opening);
//   if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
//   draft.Add().mutable_closed()->set_by(caller.id);
//   return draft.Take();
//
// One thread.

#include <utility>

#include "absl/time/time.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/time.h"
#include "services/ownership/domain/ownership.h"
#include "throughline/ownership/v1/state.pb.h"

namespace throughline::ownership {

class Draft {
 public:
  // Adds OwnershipStarted if the stream has not started. Borrows nothing.
  Draft(const v1::OwnershipState& state, const v1::OwnershipStarted& opening) : state_(state), opening_(opening) {
    if (state.status() != v1::CASE_STATUS_UNSPECIFIED || opening.case_id().empty()) return;
    *Add().mutable_started() = opening;
    Ownership::Evolve(state_, events_.back());
  }

  // The state before the command, after OwnershipStarted.
  const v1::OwnershipState& state() const { return state_; }
  const v1::OwnershipStarted& opening() const { return opening_; }

  v1::OwnershipEvent& Add() { return events_.emplace_back(); }
  std::vector<v1::OwnershipEvent> Take() { return std::move(events_); }
  // No events, not even OwnershipStarted.
  static std::vector<v1::OwnershipEvent> Nothing() { return {}; }

  absl::Status RequireCase() const;
  // NOT_OWNER unless the caller is the owner or a supervisor.
  absl::Status RequireOwner(const runtime::Caller& caller) const;
  absl::Status RequireNotClosed() const;

 private:
  v1::OwnershipState state_;
  const v1::OwnershipStarted opening_;
  std::vector<v1::OwnershipEvent> events_;
};

inline absl::Status Precondition(absl::string_view reason, absl::string_view text) {
  return runtime::Refuse(absl::StatusCode::kFailedPrecondition, reason, text);
}

// Makes `to` the owner.
void Reassign(Draft& draft, const std::string& to, const std::string& by, const std::string& reason,
              v1::ReassignmentCause cause);

// HANDOFF_PENDING while an offer is open. Records an offer that ran out as expired.
absl::Status SettleHandoff(Draft& draft, absl::Time now);

// Requires `time` to be given and later than `now`.
void RequireFuture(runtime::FieldViolations& bad, absl::string_view field, bool given,
                   const google::protobuf::Timestamp& time, absl::Time now);
// Times are stored to the microsecond.
inline google::protobuf::Timestamp AsStored(const google::protobuf::Timestamp& time) {
  return runtime::ToProto(runtime::FromProto(time));
}

}  // namespace throughline::ownership
