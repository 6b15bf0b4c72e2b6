// The rules of a hand-over: it is an offer until the addressee accepts; until then the owner stays.

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

// HANDOFF_NOT_OPEN; NOT_OFFERED_TO_YOU.
absl::Status RequireOffered(const Draft& draft, const std::string& handoff_id, const runtime::Caller& caller) {
  const auto& state = draft.state();
  if (!state.has_handoff() || state.handoff().handoff_id() != handoff_id || Expired(state.handoff(), caller.time)) {
    return Precondition("HANDOFF_NOT_OPEN", "this offer is not open: it was answered, or it expired; `" +
                                                state.owner() + "` owns the case and may offer it again");
  }
  if (state.handoff().to() != caller.id) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_OFFERED_TO_YOU",
                           "the case is offered to `" + state.handoff().to() + "`: only they can answer");
  }
  return absl::OkStatus();
}

}  // namespace

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
  if (request.to() == draft.state().owner()) {
    return Precondition("ALREADY_OWNER", "`" + request.to() + "` owns the case already");
  }
  if (!command.person_known) {
    return Precondition("PERSON_UNKNOWN",
                        "nobody called `" + request.to() +
                            "` has ever set their availability: check the name, or let them do so first");
  }
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
  const State& now = draft.state();
  auto& accepted = *draft.Add().mutable_handoff_accepted();
  accepted.set_handoff_id(now.handoff().handoff_id());
  accepted.set_from(now.owner());
  accepted.set_to(caller.id);
  accepted.set_ping_pong(now.has_previous_owner() && now.previous_owner() == caller.id);
  // With nobody on duty for the new owner, the old owner's supervisor stays.
  if (command.supervisor) {
    accepted.set_supervisor(*command.supervisor);
  } else if (now.has_supervisor() && now.supervisor() != caller.id) {
    accepted.set_supervisor(now.supervisor());
  }
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
