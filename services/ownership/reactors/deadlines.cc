#include "services/ownership/reactors/deadlines.h"

#include "absl/strings/match.h"

#include "services/ownership/authority/deciders.h"
#include "services/ownership/domain/ownership.h"
#include "services/ownership/domain/people/person.h"
#include "services/ownership/domain/remedies/remedy.h"
#include "services/ownership/escalation/ladder.h"
#include "services/ownership/people/people.h"
#include "services/ownership/projections/view/view.h"
#include "services/ownership/reactors/waiting_cases.h"

namespace throughline::ownership {

void Deadlines::Fire(const throughline::log::v1::TimerRow& timer, const store::KeyValue& reader,
                     runtime::Reactions& reactions) {
  auto stream = runtime::StreamId::Parse(timer.stream());
  if (!stream) return;
  if (absl::StartsWith(timer.name(), kCommitmentTimer)) {
    const auto view = FindView(reader, stream->key);
    if (!view) return;  // the timer follows from it
    // A stream that has started may have been folded before the opening, and needs only the customer.
    v1::OwnershipStarted opening = kOpenings.Get(reader, stream->key).value_or(v1::OwnershipStarted());
    opening.set_customer_id(view->customer_id());
    CommitmentDue command{{}, std::move(opening), periods_};
    command.told = kLastTold.Get(reader, stream->key).value_or(v1::InteractionNoted());
    command.request.set_commitment_id(timer.name().substr(timer.name().rfind('/') + 1));
    std::string owes = view->owner();
    bool climbs = false;
    for (const auto& one : view->commitments()) {
      const v1::Commitment& due = one.commitment();
      if (due.commitment_id() != command.request.commitment_id()) continue;
      if (!due.owed_by().empty()) owes = due.owed_by();
      climbs = due.kind() == v1::COMMITMENT_KIND_ESCALATION;
      if (due.kind() != v1::COMMITMENT_KIND_APPROVAL) continue;
      const v1::Remedy* remedy = FindRemedy(view->remedies(), due.remedy_id());
      const auto deciders =
          DecidersAbove(reader, owes, remedy != nullptr ? remedy->asked_by() : "", reactions.now(), last_resort_);
      if (!deciders.empty()) command.approver = deciders.front();
      command.approval_due = DueWithin(policy_.decide_within, policy_, calendars_, reactions.now());
    }
    if (auto above = Above(reader, owes, reactions.now(), last_resort_)) command.request.set_above(*std::move(above));
    std::set<std::string> passed = {view->owner()};
    for (const auto& step : view->escalation().steps()) passed.insert(step.to());
    const std::string& from = climbs ? owes : view->owner();
    command.escalate_to = NextAbove(reader, from, passed, reactions.now(), last_resort_).value_or(std::string());
    command.terms = escalation_.TermsAt(calendars_, reactions.now());
    reactions.Execute<Ownership>(*std::move(stream), std::move(command), "break");
  } else if (timer.name() == kUnansweredTimer) {
    ResolutionUnanswered command;
    if (const auto view = kViews.Get(reader, stream->key)) command.request.set_text(view->resolution().text());
    reactions.Execute<Ownership>(*std::move(stream), std::move(command), "unanswered");
  } else if (absl::StartsWith(timer.name(), kHandoffTimer)) {
    ExpireHandoff command;
    command.request.set_handoff_id(timer.name().substr(sizeof(kHandoffTimer) - 1));
    reactions.Execute<Ownership>(*std::move(stream), std::move(command), "expire");
  } else if (timer.name() == kAtWorkTimer) {
    reactions.Execute<Person>(*std::move(stream), BeginWork{}, "at work");
  } else if (absl::StartsWith(timer.name(), kBackTimer)) {
    AssignToFreeReps(reader, reactions);
  }
}

std::string Deadlines::CauseOf(const throughline::log::v1::TimerRow& timer) const {
  const auto stream = runtime::StreamId::Parse(timer.stream());
  return stream && stream->kind == Ownership::kKind ? "case/" + stream->key : "";
}

}  // namespace throughline::ownership
