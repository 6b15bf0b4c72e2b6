#include "services/intake/domain/case.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/intake/domain/checks.h"

namespace throughline::intake {
namespace {

template <typename Attachments>
void CopyAttachments(const Attachments& from, google::protobuf::RepeatedPtrField<v1::Attachment>& to) {
  for (const v1::Attachment& attachment : from) {
    v1::Attachment& copy = *to.Add();
    copy = attachment;
    copy.set_sha256(absl::AsciiStrToLower(attachment.sha256()));
  }
}

absl::Status CaseContinued(const std::string& case_id, const std::string& by) {
  return runtime::WithMetadata(
      runtime::Refuse(absl::StatusCode::kFailedPrecondition, "CASE_CONTINUED",
                      "case `" + case_id + "` is continued by case `" + by + "`; record the interaction there"),
      "case_id", by);
}

}  // namespace

bool IsStaff(const runtime::Caller& caller) {
  return caller.Is(common::v1::ROLE_REP) || caller.Is(common::v1::ROLE_SUPERVISOR);
}

absl::Status CaseUnknown(const std::string& case_id) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                         "no such case: `" + case_id + "`; check the id, or look it up in the list of cases");
}

std::string ContinuationId(const std::string& case_id, const std::string& interaction_id) {
  runtime::Caller cause;
  cause.id = case_id;
  cause.command_id = interaction_id;
  return runtime::DerivedId(cause, "continuing case");
}

std::optional<FirstOwner> Case::FirstOwnerOf(v1::Channel channel, const Candidates& candidates,
                                             const runtime::Caller& caller) {
  if (IsStaff(caller) && channel != v1::CHANNEL_PROACTIVE) {
    return FirstOwner{caller.id, v1::ASSIGNMENT_REASON_TOOK_INTERACTION};
  }
  if (candidates.rep) return FirstOwner{*candidates.rep, candidates.rep_reason};
  if (candidates.supervisor_on_duty) {
    return FirstOwner{*candidates.supervisor_on_duty, v1::ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY};
  }
  if (!candidates.fallback.empty()) return FirstOwner{candidates.fallback, v1::ASSIGNMENT_REASON_FALLBACK};
  return std::nullopt;
}

absl::StatusOr<v1::CaseOpened> Case::OpeningOf(const OpenCase& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  if (absl::Status bad = Check(request); !bad.ok()) return bad;
  const auto next_update = NextUpdateOf(request, command.meant, caller.time);
  if (!next_update.ok()) return next_update.status();
  const auto owner = command.same_owner ? FirstOwner{*command.same_owner, v1::ASSIGNMENT_REASON_SAME_OWNER}
                                        : FirstOwnerOf(request.channel(), command.candidates, caller);
  if (!owner) {
    return runtime::Refuse(
        absl::StatusCode::kFailedPrecondition, "NO_OWNER",
        "nobody can own the case: no rep is available with room for one more, no supervisor is on duty, "
        "and the fallback owner is no active person, or none is configured; let a rep or "
        "supervisor set their availability");
  }
  if (!command.taker.ok()) return command.taker;
  v1::CaseOpened opened;
  opened.set_case_id(command.case_id);
  opened.set_customer_id(request.customer_id());
  opened.set_subject(request.subject());
  opened.set_text(request.text());
  opened.set_channel(request.channel());
  if (request.has_order_id()) opened.set_order_id(request.order_id());
  if (request.has_component_id()) opened.set_component_id(request.component_id());
  opened.set_owner(owner->person);
  opened.set_assignment_reason(owner->reason);
  if (request.has_origin()) opened.set_origin(request.origin());
  opened.set_region(request.region());
  for (const std::string& notice : command.notice_ids) opened.add_notice_ids(notice);
  for (const std::string& notice : command.notice_ids_by_words) opened.add_notice_ids_by_words(notice);
  opened.set_opened_by(caller.id);
  opened.set_language(request.language());
  opened.set_customer_calendar(request.customer_calendar());
  *opened.mutable_further_component_ids() = request.further_component_ids();
  for (const std::string& component : command.unknown_component_ids) opened.add_unknown_component_ids(component);
  CopyAttachments(request.attachments(), *opened.mutable_attachments());
  *opened.mutable_next_update_due() = next_update->value_or(runtime::ToProto(caller.time + command.next_update_within));
  *opened.mutable_skills() = request.skills();
  if (!command.continues_case_id.empty()) opened.set_continues_case_id(command.continues_case_id);
  if (!command.split_from_case_id.empty()) opened.set_split_from_case_id(command.split_from_case_id);
  return opened;
}

Case::Decision Case::Decide(const State& state, const OpenCase& command, const runtime::Caller& caller) {
  if (!state.case_id().empty()) return std::vector<Event>();
  absl::StatusOr<v1::CaseOpened> opening = command.reserved ? *command.reserved : OpeningOf(command, caller);
  if (!opening.ok()) return opening.status();
  Event event;
  *event.mutable_opened() = *std::move(opening);
  return std::vector{std::move(event)};
}

Case::Decision Case::Decide(const State& state, const RecordInteraction& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  if (absl::Status bad = Check(request, caller.time); !bad.ok()) return bad;
  const auto next_update = NextUpdateOf(request, command.meant, caller.time);
  if (!next_update.ok()) return next_update.status();
  const bool inbound = request.direction() == v1::DIRECTION_INBOUND;
  if (!inbound && !IsStaff(caller)) {
    return runtime::Refuse(absl::StatusCode::kPermissionDenied, "STAFF_ONLY",
                           "only a rep or a supervisor says something to a customer: record it with their credential");
  }
  if (state.case_id().empty()) return CaseUnknown(request.case_id());
  const bool continued = !command.continued_by_case_id.empty();
  if (continued && !state.continued_by_case_id().empty()) {
    return CaseContinued(state.case_id(), state.continued_by_case_id());
  }
  std::vector<Event> events;
  auto& recorded = *events.emplace_back().mutable_interaction_recorded();
  recorded.set_interaction_id(runtime::DerivedId(caller, "interaction"));
  recorded.set_channel(request.channel());
  recorded.set_direction(request.direction());
  recorded.set_text(request.text());
  recorded.set_by(caller.id);
  recorded.set_company_mistake(request.company_mistake());
  CopyAttachments(request.attachments(), *recorded.mutable_attachments());
  if (*next_update) *recorded.mutable_next_update_due() = **next_update;
  recorded.set_speaker(request.speaker());
  if (request.has_said_at()) *recorded.mutable_said_at() = request.said_at();
  recorded.set_continued_by_case_id(command.continued_by_case_id);
  const uint32_t count = state.inbound_interactions() + (inbound && !continued ? 1 : 0);
  if (count >= command.repeated_contact && inbound && !continued && !state.repeated_contact()) {
    const std::string interaction_id = recorded.interaction_id();
    auto& raised = *events.emplace_back().mutable_repeated_contact_raised();
    raised.set_interaction_id(interaction_id);
    raised.set_inbound_interactions(count);
  }
  return events;
}

Case::Decision Case::Decide(const State& state, const MarkMistake& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  if (absl::Status bad = Check(request); !bad.ok()) return bad;
  if (state.case_id().empty()) return CaseUnknown(request.case_id());
  if (!command.known && request.interaction_id() != state.case_id()) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "INTERACTION_UNKNOWN",
                           "case `" + state.case_id() + "` has no interaction `" + request.interaction_id() +
                               "`; look it up in the case, or give the case's id for the opening");
  }
  Event event;
  auto& marked = *event.mutable_interaction_marked_as_mistake();
  marked.set_interaction_id(request.interaction_id());
  marked.set_by(caller.id);
  marked.set_reason(request.reason());
  return std::vector{std::move(event)};
}

Case::Decision Case::Decide(const State& state, const LinkNotice& command, const runtime::Caller&) {
  const std::string& notice_id = command.request.notice_id();
  const bool known = absl::c_linear_search(state.notice_ids(), notice_id) ||
                     absl::c_linear_search(state.unlinked_notice_ids(), notice_id);
  if (state.case_id().empty() || known) return std::vector<Event>();
  Event event;
  *event.mutable_linked_to_notice() = command.request;
  event.mutable_linked_to_notice()->set_customer_id(state.customer_id());
  return std::vector{std::move(event)};
}

Case::Decision Case::Decide(const State& state, const v1::UnlinkNoticeRequest& request, const runtime::Caller& caller) {
  if (absl::Status bad = Check(request); !bad.ok()) return bad;
  if (state.case_id().empty()) return CaseUnknown(request.case_id());
  if (absl::c_linear_search(state.unlinked_notice_ids(), request.notice_id())) return std::vector<Event>();
  if (!absl::c_linear_search(state.notice_ids(), request.notice_id())) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "NOTICE_NOT_LINKED",
                           "case `" + state.case_id() + "` is not linked to notice `" + request.notice_id() +
                               "`: look them up in the case");
  }
  Event event;
  auto& unlinked = *event.mutable_unlinked_from_notice();
  unlinked.set_notice_id(request.notice_id());
  unlinked.set_by(caller.id);
  unlinked.set_reason(request.reason());
  unlinked.set_customer_id(state.customer_id());
  return std::vector{std::move(event)};
}

Case::Decision Case::Decide(const State& state, const AttachAlert& command, const runtime::Caller&) {
  if (state.case_id().empty()) return std::vector<Event>();
  Event event;
  *event.mutable_alert_attached() = command.request;
  return std::vector{std::move(event)};
}

Case::Decision Case::Decide(const State& state, const RecordSplit& command, const runtime::Caller&) {
  const bool known = absl::c_linear_search(state.split_off_case_ids(), command.request.new_case_id());
  if (state.case_id().empty() || known) return std::vector<Event>();
  Event event;
  *event.mutable_split() = command.request;
  return std::vector{std::move(event)};
}

void Case::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kOpened:
      state.set_case_id(event.opened().case_id());
      if (event.opened().has_component_id()) state.set_component_id(event.opened().component_id());
      state.set_inbound_interactions(event.opened().channel() == v1::CHANNEL_PROACTIVE ? 0 : 1);
      *state.mutable_notice_ids() = event.opened().notice_ids();
      state.set_customer_id(event.opened().customer_id());
      return;
    case Event::kInteractionRecorded:
      if (const std::string& by = event.interaction_recorded().continued_by_case_id(); !by.empty()) {
        state.set_continued_by_case_id(by);  // the words count there
      } else if (event.interaction_recorded().direction() == v1::DIRECTION_INBOUND) {
        state.set_inbound_interactions(state.inbound_interactions() + 1);
      }
      return;
    case Event::kLinkedToNotice:
      state.add_notice_ids(event.linked_to_notice().notice_id());
      return;
    case Event::kUnlinkedFromNotice: {
      const std::string& notice_id = event.unlinked_from_notice().notice_id();
      auto& linked = *state.mutable_notice_ids();
      linked.erase(std::remove(linked.begin(), linked.end(), notice_id), linked.end());
      state.add_unlinked_notice_ids(notice_id);
      return;
    }
    case Event::kRepeatedContactRaised:
      state.set_repeated_contact(true);
      return;
    case Event::kSplit:
      state.add_split_off_case_ids(event.split().new_case_id());
      return;
    case Event::kAlertAttached:
    case Event::kInteractionMarkedAsMistake:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::intake
