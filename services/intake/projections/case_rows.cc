#include "services/intake/projections/case_rows.h"

#include <algorithm>

#include "libs/runtime/domain/time.h"
#include "libs/runtime/fold/last_change.h"
#include "services/intake/domain/matter.h"

namespace throughline::intake {
namespace {

constexpr int kMostSplitOffShown = 20;

bool GivenByPolicy(v1::AssignmentReason reason) {
  return reason == v1::ASSIGNMENT_REASON_LEAST_LOAD || reason == v1::ASSIGNMENT_REASON_ROUND_ROBIN ||
         reason == v1::ASSIGNMENT_REASON_SKILLS;
}

void List(const v1::CaseOpened& opened, const store::Descending& at, store::Batch& batch) {
  const std::string& case_id = opened.case_id();
  kByTime.Put(batch, at, case_id, "");
  kByCustomer.Put(batch, opened.customer_id(), at, case_id, "");
  if (opened.has_order_id()) kByOrder.Put(batch, opened.order_id(), at, case_id, "");
  for (const std::string& component : ComponentsOf(opened)) kByComponent.Put(batch, component, at, case_id, "");
  kOfCustomer.Put(batch, opened.customer_id(), at, kCaseItem + case_id, "");
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
  view.set_language(opened.language());
  view.set_customer_calendar(opened.customer_calendar());
  view.set_region(opened.region());
  *view.mutable_further_component_ids() = opened.further_component_ids();
  *view.mutable_attachments() = opened.attachments();
  if (opened.has_continues_case_id()) view.set_continues_case_id(opened.continues_case_id());
  if (opened.has_split_from_case_id()) view.set_split_from_case_id(opened.split_from_case_id());
  *row.mutable_notice_ids() = opened.notice_ids();
  *row.mutable_notice_ids_by_words() = opened.notice_ids_by_words();
  *row.mutable_skills() = opened.skills();
  if (GivenByPolicy(opened.assignment_reason())) {
    // The partitions of the topic are folded in any order.
    const int64_t given = absl::ToUnixMicros(commit.time);
    if (given > kLastGiven.Get(batch, opened.owner()).value_or(0)) kLastGiven.Put(batch, opened.owner(), given);
  }
  List(opened, {commit.time}, batch);
}

void AddInteraction(const v1::InteractionRecorded& recorded, const runtime::AcceptedCommit& commit, v1::CaseRow& row,
                    store::Batch& batch) {
  v1::CaseView& view = *row.mutable_view();
  v1::Interaction interaction;
  interaction.set_interaction_id(recorded.interaction_id());
  *interaction.mutable_at() = runtime::ToProto(commit.time);
  interaction.set_channel(recorded.channel());
  interaction.set_direction(recorded.direction());
  interaction.set_text(recorded.text());
  interaction.set_by(recorded.by());
  interaction.set_company_mistake(recorded.company_mistake());
  *interaction.mutable_attachments() = recorded.attachments();
  interaction.set_speaker(recorded.speaker());
  if (recorded.has_said_at()) *interaction.mutable_said_at() = recorded.said_at();
  view.set_interaction_count(view.interaction_count() + 1);
  kInteractions.Put(batch, view.case_id(), view.interaction_count(), interaction);
  kWords.Put(batch, recorded.interaction_id(), view.case_id(), view.interaction_count());
  if (!recorded.continued_by_case_id().empty()) {
    row.set_continued_by_case_id(recorded.continued_by_case_id());
    row.set_continuing_interaction(view.interaction_count());
  } else if (recorded.direction() == v1::DIRECTION_INBOUND) {
    view.set_inbound_interactions(view.inbound_interactions() + 1);
  }
  if (recorded.company_mistake()) view.set_company_mistake(true);
  *view.mutable_last_interaction() = std::move(interaction);
}

void Mark(const v1::InteractionMarkedAsMistake& marked, v1::CaseView& view, store::Batch& batch) {
  view.set_company_mistake(true);
  const auto number = kWords.Get(batch, marked.interaction_id(), view.case_id());
  if (!number) return;  // the opening
  auto interaction = kInteractions.Get(batch, view.case_id(), *number);
  if (!interaction) return;
  interaction->set_company_mistake(true);
  interaction->set_mistake(marked.reason());
  kInteractions.Put(batch, view.case_id(), *number, *interaction);
  if (view.last_interaction().interaction_id() == marked.interaction_id()) {
    *view.mutable_last_interaction() = *std::move(interaction);
  }
}

void AddSplit(const v1::CaseSplit& split, v1::CaseView& view) {
  auto& shown = *view.mutable_split_off_case_ids();
  *shown.Add() = split.new_case_id();
  if (shown.size() > kMostSplitOffShown) shown.erase(shown.begin());
}

}  // namespace

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
        AddInteraction(event.interaction_recorded(), commit, row, batch);
        break;
      case Event::kLinkedToNotice:
        row.add_notice_ids(event.linked_to_notice().notice_id());
        break;
      case Event::kUnlinkedFromNotice: {
        auto& linked = *row.mutable_notice_ids();
        linked.erase(std::remove(linked.begin(), linked.end(), event.unlinked_from_notice().notice_id()), linked.end());
        row.add_unlinked_notice_ids(event.unlinked_from_notice().notice_id());
        break;
      }
      case Event::kRepeatedContactRaised:
        row.mutable_view()->set_repeated_contact(true);
        row.set_repeated_contact_id(event.repeated_contact_raised().interaction_id());
        break;
      case Event::kAlertAttached:
        row.mutable_view()->set_last_alert(event.alert_attached().text());
        kWords.Put(batch, event.alert_attached().alert_id(), commit.stream.key, 0);
        break;
      case Event::kInteractionMarkedAsMistake:
        Mark(event.interaction_marked_as_mistake(), *row.mutable_view(), batch);
        break;
      case Event::kSplit:
        AddSplit(event.split(), *row.mutable_view());
        break;
      case Event::EVENT_NOT_SET:
        break;
    }
  }
  row.mutable_view()->set_version(commit.version);
  *row.mutable_last_change() = runtime::LastChangeAt(commit.position);
  kCases.Put(batch, commit.stream.key, row);
  return row;
}

void ApplyToMatter(const runtime::AcceptedCommit& commit, store::Batch& batch) {
  for (size_t i = 0; i < commit.events.size(); ++i) {
    const auto& event = commit.EventAt<v1::MatterEvent>(i);
    if (event.has_reserved()) kMatters.Put(batch, commit.stream.key, event.reserved().opening().case_id());
  }
}

}  // namespace throughline::intake
