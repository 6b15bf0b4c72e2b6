// The rules of the customer's words: whoever recorded them, they wait for the owner's answer, reopen a closed case, and
// take a confirmation back.
//
// Interactions are ordered by their version on the case's stream in intake. The reactions to them may come in another
// order, so an earlier one changes nothing that a later one settled. Those of a merged case have another order: each
// counts as the latest.

#include "libs/runtime/domain/ids.h"
#include "services/ownership/domain/draft.h"

namespace throughline::ownership {
namespace {

using runtime::Caller;
using runtime::FromProto;

Ownership::Decision Hear(Draft& draft, v1::InteractionNoted noted, const Periods& periods, const Caller& caller) {
  const auto& state = draft.state();
  if (noted.interaction_id() == state.last_inbound_interaction_id()) return Draft::Nothing();
  const bool merged = !noted.case_id().empty();
  const bool answered = !merged && noted.case_version() < state.last_outbound_version();
  noted.set_latest(merged || noted.case_version() > state.last_inbound_version());
  const bool waits = noted.latest() && !answered;
  noted.set_customer_waits(state.has_unanswered() || waits);
  *draft.Add().mutable_interaction_noted() = noted;
  draft.Advance();
  if (!noted.latest()) return draft.Take();
  if (IsClosed(state.status())) {
    draft.Reopen("the customer spoke again", noted.interaction_id(), periods, caller);
  } else if (state.status() != v1::CASE_STATUS_OPEN) {
    auto& taken_back = *draft.Add().mutable_confirmation_taken_back();
    taken_back.set_interaction_id(noted.interaction_id());
    taken_back.set_status(state.status());
    draft.Advance();
  }
  draft.RequireNextUpdate(periods, caller);
  if (waits) draft.MakeReply(FromProto(noted.at()) + periods.reply_within, caller);
  return draft.Take();
}

Ownership::Decision Tell(Draft& draft, v1::InteractionNoted noted, const Periods& periods, const Caller& caller) {
  const auto& state = draft.state();
  const bool merged = !noted.case_id().empty();
  const bool answers = merged || noted.case_version() > state.last_inbound_version();
  noted.set_latest(merged || noted.case_version() > state.last_outbound_version());
  noted.set_customer_waits(state.has_unanswered() && !answers);
  *draft.Add().mutable_interaction_noted() = noted;
  draft.Advance();
  const absl::Time at = FromProto(noted.at());
  const Settling told{noted.by(), "interaction " + noted.interaction_id(), at, state.owner()};
  if (const v1::Commitment* reply = FindOpen(state.ledger(), v1::COMMITMENT_KIND_REPLY); reply != nullptr && answers) {
    draft.Settle(SettleInTime(*reply, v1::COMMITMENT_OUTCOME_KEPT, told));
  }
  if (const v1::Commitment* update = FindOpen(state.ledger(), v1::COMMITMENT_KIND_NEXT_UPDATE);
      update != nullptr && noted.latest()) {
    const std::string replaces = update->commitment_id();
    draft.Settle(SettleInTime(*update, v1::COMMITMENT_OUTCOME_KEPT, told));
    draft.MakeNextUpdate(
        caller, noted.has_next_update_due() ? FromProto(noted.next_update_due()) : at + periods.next_update_within,
        replaces);
  }
  draft.RequireNextUpdate(periods, caller);
  return draft.Take();
}

}  // namespace

Ownership::Decision Ownership::Decide(const State& state, const NoteInteraction& command, const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  if (draft.state().status() == v1::CASE_STATUS_CLOSED_MERGED) {
    auto& noted = *draft.Add().mutable_interaction_noted();
    noted = command.request;
    noted.set_passed_on_to_case_id(draft.state().merged_into_case_id());
    return draft.Take();
  }
  return command.request.inbound() ? Hear(draft, command.request, command.periods, caller)
                                   : Tell(draft, command.request, command.periods, caller);
}

Ownership::Decision Ownership::Decide(const State& state, const OnCase<v1::InteractionAcknowledged>& command,
                                      const Caller& caller) {
  Draft draft(state, command.opening);
  if (absl::Status refused = draft.RequireCase(); !refused.ok()) return refused;
  const auto& now = draft.state();
  const std::string& last = now.last_inbound_interaction_id();
  if (absl::Status refused = draft.RequireOwner(caller); !refused.ok()) return refused;
  if (absl::Status refused = draft.RequireNotMerged(); !refused.ok()) return refused;
  if (command.request.interaction_id() != last) {
    return runtime::WithMetadata(
        Precondition("CUSTOMER_SPOKE", "the customer's last interaction is `" + last + "`: read it first"),
        "last_interaction", last);
  }
  if (!now.has_unanswered()) return Draft::Nothing();
  auto& acknowledged = *draft.Add().mutable_interaction_acknowledged();
  acknowledged = command.request;
  acknowledged.set_by(caller.id);
  if (const v1::Commitment* reply = FindOpen(now.ledger(), v1::COMMITMENT_KIND_REPLY)) {
    const std::string& reason = command.request.reason();
    draft.Settle(SettleInTime(*reply, v1::COMMITMENT_OUTCOME_KEPT,
                              {caller.id, reason.empty() ? "acknowledged" : reason, caller.time, now.owner()}));
  }
  return draft.Take();
}

}  // namespace throughline::ownership
