#include "services/intake/projections/cases.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/last_change.h"
#include "services/intake/projections/standing.h"
#include "services/ownership/people/people.h"

namespace throughline::intake {
namespace {

bool GivenByPolicy(v1::AssignmentReason reason) {
  return reason == v1::ASSIGNMENT_REASON_LEAST_LOAD || reason == v1::ASSIGNMENT_REASON_ROUND_ROBIN ||
         reason == v1::ASSIGNMENT_REASON_SKILLS;
}

// Whether a person, not one of our services, made the commit.
bool ByPerson(const runtime::AcceptedCommit& commit) {
  return absl::c_any_of(commit.header->actor().roles(),
                        [](int role) { return role == common::v1::ROLE_REP || role == common::v1::ROLE_SUPERVISOR; });
}

void Open(const v1::CaseOpened& opened, const runtime::AcceptedCommit& commit, v1::CaseRow& row, store::Batch& batch) {
  v1::CaseView& view = *row.mutable_view();
  view.set_case_id(opened.case_id());
  view.set_customer_id(opened.customer_id());
  view.set_subject(opened.subject());
  view.set_text(opened.text());
  view.set_channel(opened.channel());
  if (opened.has_order_id()) view.set_order_id(opened.order_id());
  if (opened.has_component_id()) view.set_component_id(opened.component_id());
  view.set_owner(opened.owner());
  view.set_assignment_reason(opened.assignment_reason());
  if (opened.has_origin()) view.set_origin(opened.origin());
  *view.mutable_opened_at() = runtime::ToProto(commit.time);
  view.set_opened_by(opened.opened_by());
  view.set_inbound_interactions(opened.channel() == v1::CHANNEL_PROACTIVE ? 0 : 1);
  *row.mutable_notice_ids() = opened.notice_ids();
  if (GivenByPolicy(opened.assignment_reason())) {
    // The partitions of the topic are folded in any order.
    const int64_t given = absl::ToUnixMicros(commit.time);
    if (given > kLastGiven.Get(batch, opened.owner()).value_or(0)) kLastGiven.Put(batch, opened.owner(), given);
  }
  const store::Descending at{commit.time};
  kByTime.Put(batch, at, opened.case_id(), "");
  kByCustomer.Put(batch, opened.customer_id(), at, opened.case_id(), "");
  if (opened.has_order_id()) kByOrder.Put(batch, opened.order_id(), at, opened.case_id(), "");
  if (opened.has_component_id()) kByComponent.Put(batch, opened.component_id(), at, opened.case_id(), "");
}

void AddInteraction(const v1::InteractionRecorded& recorded, const runtime::AcceptedCommit& commit, v1::CaseView& view,
                    store::Batch& batch) {
  v1::Interaction interaction;
  interaction.set_interaction_id(recorded.interaction_id());
  *interaction.mutable_at() = runtime::ToProto(commit.time);
  interaction.set_channel(recorded.channel());
  interaction.set_direction(recorded.direction());
  interaction.set_text(recorded.text());
  interaction.set_by(recorded.by());
  interaction.set_company_mistake(recorded.company_mistake());
  view.set_interaction_count(view.interaction_count() + 1);
  kInteractions.Put(batch, view.case_id(), view.interaction_count(), interaction);
  if (recorded.direction() == v1::DIRECTION_INBOUND) view.set_inbound_interactions(view.inbound_interactions() + 1);
  if (recorded.company_mistake()) view.set_company_mistake(true);
  *view.mutable_last_interaction() = std::move(interaction);
}

v1::CaseRow ApplyToCase(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  using Event = v1::CaseEvent;
  v1::CaseRow row;
  if (commit.version > 1) row = kCases.Get(batch, commit.stream.key).value_or(v1::CaseRow());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<Event>(i);
    switch (event.event_case()) {
      case Event::kOpened:
        Open(event.opened(), commit, row, batch);
        break;
      case Event::kInteractionRecorded:
        AddInteraction(event.interaction_recorded(), commit, *row.mutable_view(), batch);
        break;
      case Event::kLinkedToNotice:
        row.add_notice_ids(event.linked_to_notice().notice_id());
        break;
      case Event::kRepeatedContactRaised:
        row.mutable_view()->set_repeated_contact(true);
        row.set_repeated_contact_id(event.repeated_contact_raised().interaction_id());
        break;
      case Event::kAlertAttached:
      case Event::kInteractionMarkedAsMistake:
      case Event::kSplit:
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  row.mutable_view()->set_version(commit.version);
  *row.mutable_last_change() = runtime::LastChangeAt(commit.position);
  kCases.Put(batch, commit.stream.key, row);
  return row;
}

void ApplyToStanding(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  using Event = ownership::v1::OwnershipEvent;
  v1::StandingRow row;
  if (commit.version > 1) row = kStandings.Get(batch, commit.stream.key).value_or(v1::StandingRow());
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<Event>(i);
    switch (event.event_case()) {
      case Event::kStarted:
        row.set_owner(event.started().owner());
        row.set_status(ownership::v1::CASE_STATUS_OPEN);
        break;
      case Event::kHandoffAccepted:
        row.set_owner(event.handoff_accepted().to());
        break;
      case Event::kReassigned:
        row.set_owner(event.reassigned().to());
        break;
      case Event::kResolutionProposed:
        row.set_status(ownership::v1::CASE_STATUS_RESOLUTION_PROPOSED);
        break;
      case Event::kResolutionConfirmed:
        row.set_status(ownership::v1::CASE_STATUS_RESOLVED_CONFIRMED);
        break;
      case Event::kResolutionRejected:
      case Event::kReopened:
        row.set_status(ownership::v1::CASE_STATUS_OPEN);
        break;
      case Event::kClosed:
        row.set_status(event.closed().resolution_code() == ownership::v1::RESOLUTION_CODE_CONFIRMED
                           ? ownership::v1::CASE_STATUS_CLOSED_CONFIRMED
                           : ownership::v1::CASE_STATUS_CLOSED_UNCONFIRMED);
        *row.mutable_closed_at() = runtime::ToProto(commit.time);
        break;
      case Event::kHandoffOffered:
      case Event::kHandoffDeclined:
      case Event::kHandoffWithdrawn:
      case Event::kHandoffExpired:
      case Event::kPromiseMade:
      case Event::kPromiseKept:
      case Event::kPromiseRenegotiated:
      case Event::kPromiseBroken:
      case Event::kWorkNoteAdded:
      case Event::kInteractionNoted:
      case Event::kCommitmentMade:
      case Event::kCommitmentRenegotiated:
      case Event::kCommitmentSettled:
      case Event::kInteractionAcknowledged:
      case Event::kConfirmationTakenBack:
      case Event::kClosingAnnounced:
      case Event::kMerged:
      case Event::kAbsorbed:
      case Event::kConfirmationRequested:
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  if (ByPerson(commit)) row.set_taken(true);
  *row.mutable_last_change() = runtime::LastChangeAt(commit.position);
  kStandings.Put(batch, commit.stream.key, row);
}

void AddLoad(store::Batch& batch, const std::string& person, int64_t change) {
  const int64_t load = kLoads.Get(batch, person).value_or(0) + change;
  load == 0 ? kLoads.Delete(batch, person) : kLoads.Put(batch, person, load);
  if (kAvailableReps.Has(batch, person)) kAvailableReps.Put(batch, person, load);
}

}  // namespace

void CasesProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  const bool own = commit.stream.kind == "case";
  if (!own && commit.stream.kind != "ownership") return;
  const std::string& case_id = commit.stream.key;
  const bool first = own && commit.version == 1;  // saves the lookup
  const auto before = first ? std::nullopt : FindStanding(batch, case_id);
  std::optional<Standing> after;
  if (own) {
    const v1::CaseRow row = ApplyToCase(commit, batch);
    after = StandingOf(row, kStandings.Get(batch, case_id));
  } else {
    ApplyToStanding(commit, batch);
    after = FindStanding(batch, case_id);
  }
  WriteStandingRows(before, after, batch);
  if (before && before->open()) AddLoad(batch, before->owner, -1);
  if (after && after->open()) AddLoad(batch, after->owner, +1);
  const auto open = [](const std::optional<Standing>& s) { return s && s->open() ? 1 : 0; };
  const auto orphan = [](const std::optional<Standing>& s) { return s && s->open() && s->owner.empty() ? 1 : 0; };
  runtime::Count(batch, kOpenCases, open(after) - open(before));
  runtime::Count(batch, kOpenCasesWithoutOwner, orphan(after) - orphan(before));
  const auto untaken = [](const std::optional<Standing>& s) { return s && s->open() && !s->taken ? 1 : 0; };
  runtime::Count(batch, kUntakenCases, untaken(after) - untaken(before));
  batch.Notify("case/" + case_id);
}

void RosterProjection::Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  if (commit.stream.kind != "person" && commit.stream.kind != "availability") return;
  ownership::ApplyPerson(commit, batch);
  const auto person = ownership::kPersons.Get(batch, commit.stream.key);
  if (!person) return;
  if (person->available() && person->profile().kind() == ownership::v1::PERSON_KIND_REP) {
    kAvailableReps.Put(batch, person->person(), kLoads.Get(batch, person->person()).value_or(0));
  } else {
    kAvailableReps.Delete(batch, person->person());
  }
}

}  // namespace throughline::intake
