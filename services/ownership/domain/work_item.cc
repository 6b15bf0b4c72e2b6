// The rules of a worklist's items: what only has to be seen can be acknowledged; everything can be put aside, but not
// for longer than until it is due.

#include "services/ownership/domain/draft.h"
#include "services/ownership/domain/people/person.h"

namespace throughline::ownership {
namespace {

// What takes an item off the list; null: that it is seen.
const char* WhatItNeeds(v1::WorklistReason reason) {
  switch (reason) {
    case v1::WORKLIST_REASON_PROMISE_BROKEN:
    case v1::WORKLIST_REASON_COMMITMENT_BROKEN:
    case v1::WORKLIST_REASON_CLOSING_ANNOUNCED:
      return nullptr;
    case v1::WORKLIST_REASON_CUSTOMER_WAITS:
      return "answer the customer";  // or acknowledge their words, which is said of the case
    case v1::WORKLIST_REASON_HANDOFF_OFFERED:
      return "accept or decline the offer";
    case v1::WORKLIST_REASON_HELP:
      return "do what you were asked for and say what changed (KeepCommitment), or hand it back (HandBackHelp)";
    case v1::WORKLIST_REASON_APPROVAL:
      return "approve, decline or counter the remedy (ApproveRemedy, DeclineRemedy, CounterRemedy)";
    case v1::WORKLIST_REASON_COUNTER_OFFER:
      return "say whether the customer takes what is offered (AnswerCounterOffer)";
    case v1::WORKLIST_REASON_REMEDY_FAILED:
      return "have it paid again (RetryRemedy), or give it up (WithdrawRemedy)";
    case v1::WORKLIST_REASON_NEXT_ACTION:
      return "do it and record that in a work note";
    case v1::WORKLIST_REASON_PROMISE_OPEN:
      return "keep the promise, or renegotiate it before it is due";
    case v1::WORKLIST_REASON_NOTICE_UPDATE:
      return "publish the update, or resolve the notice";
    case v1::WORKLIST_REASON_NEXT_UPDATE:
      return "tell the customer how it stands";
    case v1::WORKLIST_REASON_ESCALATED:
      return "acknowledge the escalation (AcknowledgeEscalation), or settle it with what was decided "
             "(SettleEscalation)";
    case v1::WORKLIST_REASON_ESCALATION_DECISION:
      return "settle the escalation with what was decided (SettleEscalation)";
    case v1::WORKLIST_REASON_SUGGESTION:
      return "answer the suggestion (AnswerSuggestion), or route it to the team that can act on it (RouteSuggestion)";
    case v1::WORKLIST_REASON_IMPROVEMENT:
      return "record the change (RecordImprovementChange), or route it to the team that can make it (RouteImprovement)";
    case v1::WORKLIST_REASON_SUSPECTED_OUTAGE:
      return "publish a notice about the component (PublishNotice), or dismiss the suspicion with a reason "
             "(DismissSuspicion)";
    case v1::WORKLIST_REASON_FOLLOW_UP:
      return "do it and say what was changed (CompleteFollowUp)";
    case v1::WORKLIST_REASON_CONFIRMED:
      return "close the case";
    case v1::WORKLIST_REASON_CONFIRMATION_REQUESTED:
      return "ask the customer, and record what they say";
    default:
      return "work on the case, hand it over, or close it";
  }
}

void RequireId(runtime::FieldViolations& bad, const std::string& item_id) {
  runtime::RequireField(bad, "item_id", item_id, "name the item as the worklist does");
}

absl::Status RequireItem(const v1::PersonState& state, const WorkItem& item) {
  // Whoever is not known, or not any more, has no worklist.
  const bool known = state.profile().kind() != v1::PERSON_KIND_UNSPECIFIED;
  if (item.found && known) return absl::OkStatus();
  return runtime::Refuse(absl::StatusCode::kNotFound, "WORK_ITEM_UNKNOWN",
                         "your worklist has no such item: it is done, or it is somebody else's now; list it again");
}

}  // namespace

Person::Decision Person::Decide(const State& state, const AcknowledgeWorkItem& command, const runtime::Caller&) {
  const std::string& item_id = command.request.item_id();
  runtime::FieldViolations bad;
  RequireId(bad, item_id);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireItem(state, command.item); !refused.ok()) return refused;
  if (const char* needed = WhatItNeeds(command.item.reason)) {
    return Precondition("NOT_ACKNOWLEDGEABLE", absl::StrCat("to be seen is not enough for this item: ", needed,
                                                            "; or put it aside for a while"));
  }
  std::vector<Event> events(1);
  events.front().mutable_work_item_acknowledged()->set_item_id(item_id);
  return events;
}

Person::Decision Person::Decide(const State& state, const SnoozeWorkItem& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  const WorkItem& item = command.item;
  runtime::FieldViolations bad;
  RequireId(bad, request.item_id());
  RequireFuture(bad, "until", request.has_until(), request.until(), caller.time);
  if (!bad.empty()) return bad.ToStatus();
  if (absl::Status refused = RequireItem(state, item); !refused.ok()) return refused;
  // What is broken is not due any more.
  const bool can_be_late = WhatItNeeds(item.reason) != nullptr;
  if (can_be_late && item.due && runtime::FromProto(request.until()) > *item.due) {
    return Precondition("AFTER_DUE",
                        absl::StrCat("the item ", *item.due > caller.time ? "is due before then" : "is overdue", ": ",
                                     WhatItNeeds(item.reason), "; put it aside until it is due at most"));
  }
  std::vector<Event> events(1);
  auto& snoozed = *events.front().mutable_work_item_snoozed();
  snoozed.set_item_id(request.item_id());
  *snoozed.mutable_until() = AsStored(request.until());
  return events;
}

}  // namespace throughline::ownership
