// The rules of a hand-over: it is an offer until the addressee accepts; until then the owner stays.

#include <algorithm>

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

bool Expired(const v1::OwnershipState::Handoff& handoff, absl::Time now) {
  return now >= runtime::FromProto(handoff.expires_at());
}

void Expire(Draft& draft) {
  auto& expired = *draft.Add().mutable_handoff_expired();
  expired.set_handoff_id(draft.state().handoff().handoff_id());
  expired.set_to(draft.state().handoff().to());
}

// HANDOFF_NOT_OPEN.
absl::Status RequireOpen(const Draft& draft, const std::string& handoff_id, absl::Time now) {
  const auto& state = draft.state();
  if (state.has_handoff() && state.handoff().handoff_id() == handoff_id && !Expired(state.handoff(), now)) {
    return absl::OkStatus();
  }
  return Precondition("HANDOFF_NOT_OPEN", "this offer is not open: it was answered or withdrawn, or it expired; `" +
                                              state.owner() + "` owns the case and may offer it again");
}

// HANDOFF_NOT_OPEN; NOT_OFFERED_TO_YOU.
absl::Status RequireOffered(const Draft& draft, const std::string& handoff_id, const runtime::Caller& caller) {
  const auto& state = draft.state();
  if (absl::Status refused = RequireOpen(draft, handoff_id, caller.time); !refused.ok()) return refused;
  if (state.handoff().to() != caller.id) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_OFFERED_TO_YOU",
                           "the case is offered to `" + state.handoff().to() + "`: only they can answer");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RequireOther(const Draft& draft, const std::string& to) {
  if (to != draft.state().owner()) return absl::OkStatus();
  return Precondition("ALREADY_OWNER", "`" + to + "` owns the case already: name somebody else");
}

absl::Status RequireHere(const std::string& to, const absl::Status& person, bool absent) {
  if (!person.ok()) return person;
  if (!absent) return absl::OkStatus();
  return Precondition("PERSON_ABSENT", "`" + to + "` is absent now: name somebody who is here");
}

void WithdrawOffer(Draft& draft, const std::string& by, const std::string& reason) {
  auto& withdrawn = *draft.Add().mutable_handoff_withdrawn();
  withdrawn.set_handoff_id(draft.state().handoff().handoff_id());
  withdrawn.set_to(draft.state().handoff().to());
  withdrawn.set_by(by);
  withdrawn.set_reason(reason);
}

void Reassign(Draft& draft, const std::string& to, const std::string& by, const std::string& reason,
              v1::ReassignmentCause cause) {
  const auto& state = draft.state();
  auto& reassigned = *draft.Add().mutable_reassigned();
  reassigned.set_from(state.owner());
  reassigned.set_to(to);
  reassigned.set_by(by);
  reassigned.set_reason(reason);
  reassigned.set_cause(cause);
  reassigned.set_ping_pong(state.has_previous_owner() && state.previous_owner() == to);
  reassigned.set_returned_after(ReturnsAfter(state, to));
}

uint32_t ReturnsAfter(const v1::OwnershipState& state, const std::string& to) {
  const auto& owners = state.owners();
  const auto last = std::find(owners.rbegin(), owners.rend(), to);
  return last == owners.rend() ? 0 : static_cast<uint32_t>(last - owners.rbegin()) + 1;
}

absl::Status SettleHandoff(Draft& draft, absl::Time now) {
  if (!draft.state().has_handoff()) return absl::OkStatus();
  if (Expired(draft.state().handoff(), now)) {
    Expire(draft);
    return absl::OkStatus();
  }
  return Precondition("HANDOFF_PENDING", "the case is offered to `" + draft.state().handoff().to() +
                                             "`: wait for their answer, or until the offer expires");
}

Ownership::Decision Ownership::Decide(const State& state, const OfferHandoff& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "to", request.to(), "name who is asked to take the case");
  runtime::RequireField(bad, "reason", request.reason(), "say why the case should change hands");
  if (request.has_expires_at()) {
    RequireFuture(bad, "expires_at", true, request.expires_at(), caller.time);
    if (runtime::FromProto(request.expires_at()) > caller.time + kMaxHandoffExpiry) {
      bad.Add("expires_at", "is more than 7 days away: give an earlier time");
    }
  }
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (absl::Status refused = RequireOther(draft, request.to()); !refused.ok()) return refused;
  if (absl::Status refused = RequireHere(request.to(), command.person, command.absent); !refused.ok()) return refused;
  if (absl::Status refused = SettleHandoff(draft, caller.time); !refused.ok()) return refused;
  auto& offered = *draft.Add().mutable_handoff_offered();
  offered.set_handoff_id(runtime::DerivedId(caller, "handoff"));
  offered.set_from(draft.state().owner());
  offered.set_to(request.to());
  offered.set_reason(request.reason());
  *offered.mutable_expires_at() = request.has_expires_at() ? AsStored(request.expires_at())
                                                           : runtime::ToProto(caller.time + command.default_expiry);
  offered.set_offered_by(caller.id);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const AcceptHandoff& command, const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (absl::Status refused = RequireOffered(draft, command.request.handoff_id(), caller); !refused.ok()) return refused;
  if (!command.person.ok()) return command.person;
  const State& now = draft.state();
  auto& accepted = *draft.Add().mutable_handoff_accepted();
  accepted.set_handoff_id(now.handoff().handoff_id());
  accepted.set_from(now.owner());
  accepted.set_to(caller.id);
  accepted.set_ping_pong(now.has_previous_owner() && now.previous_owner() == caller.id);
  accepted.set_returned_after(ReturnsAfter(now, caller.id));
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::DeclineHandoffRequest>& command,
                                      const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", command.request.reason(), "say why you do not take the case");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireOffered(draft, command.request.handoff_id(), caller); !refused.ok()) return refused;
  auto& declined = *draft.Add().mutable_handoff_declined();
  declined.set_handoff_id(command.request.handoff_id());
  declined.set_by(caller.id);
  declined.set_reason(command.request.reason());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::WithdrawHandoffRequest>& command,
                                      const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "reason", request.reason(), "say why the offer is withdrawn");
  if (!bad.empty()) return bad.ToStatus();
  const State& now = draft.state();
  const bool offered_by_caller = now.has_handoff() && now.handoff().offered_by() == caller.id;
  if (!offered_by_caller) {
    if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  }
  const std::string& handoff_id = request.handoff_id().empty() ? now.handoff().handoff_id() : request.handoff_id();
  if (absl::Status refused = RequireOpen(draft, handoff_id, caller.time); !refused.ok()) return refused;
  WithdrawOffer(draft, caller.id, request.reason());
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const ReassignCase& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "to", request.to(), "name who owns the case from here on");
  runtime::RequireField(bad, "reason", request.reason(), "say why the case changes hands");
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = draft.RequireNotClosed(); !refused.ok()) return refused;
  if (absl::Status refused = RequireOther(draft, request.to()); !refused.ok()) return refused;
  if (absl::Status refused = RequireHere(request.to(), command.person, command.absent); !refused.ok()) return refused;
  Reassign(draft, request.to(), caller.id, request.reason(), v1::REASSIGNMENT_CAUSE_SUPERVISOR);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const RelievePerson& command, const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  const State& now = draft.state();
  const v1::CaseReassigned& gone = command.request;
  // A closed case moves when it is opened again.
  const bool owns = now.owner() == gone.from() && !IsClosed(now.status());
  const bool offered = now.has_handoff() && now.handoff().to() == gone.from();
  const bool helps = FindHelp(now.ledger(), gone.from()) != nullptr;
  const bool escalated = now.escalation().to() == gone.from();
  const bool decides = absl::c_any_of(now.ledger().open(), [&](const v1::Commitment& one) {
    return one.kind() == v1::COMMITMENT_KIND_APPROVAL && one.owed_by() == gone.from();
  });
  if (!owns && !offered && !helps && !escalated && !decides) return Draft::Nothing();
  HandBackHelpOf(draft, gone.from(), gone.reason(), caller);
  PassUpOf(draft, gone.from(), gone.to(), command.beyond, gone.reason(), caller);
  if (owns) {
    Reassign(draft, gone.to(), caller.id, gone.reason(), v1::REASSIGNMENT_CAUSE_OWNER_DEACTIVATED);
  } else if (offered) {
    WithdrawOffer(draft, caller.id, gone.reason());
  }
  draft.Advance();
  if (escalated) RelieveEscalation(draft, gone.to(), gone.reason(), command.terms, caller);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const AssignToFreeRep& command,
                                      const runtime::Caller& caller) {
  Draft draft(state, command.opening);
  const State& now = draft.state();
  if (!now.untaken() || now.owner() != command.request.from() || IsClosed(now.status())) return Draft::Nothing();
  Reassign(draft, command.request.to(), caller.id, "`" + command.request.to() + "` is free for it",
           v1::REASSIGNMENT_CAUSE_REP_FREE);
  return draft.Take();
}

Ownership::Decision Ownership::Decide(const State& state, const ExpireHandoff& command, const runtime::Caller& caller) {
  if (!state.has_handoff() || state.handoff().handoff_id() != command.request.handoff_id() ||
      !Expired(state.handoff(), caller.time)) {
    return Draft::Nothing();
  }
  Draft draft(state, {});
  Expire(draft);
  return draft.Take();
}

}  // namespace throughline::ownership
