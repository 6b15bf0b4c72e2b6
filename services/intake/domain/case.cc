#include "services/intake/domain/case.h"

#include "absl/algorithm/container.h"

#include "libs/runtime/domain/fields.h"
#include "libs/runtime/domain/ids.h"

namespace throughline::intake {
namespace {

using common::v1::ROLE_REP;
using common::v1::ROLE_SUPERVISOR;

absl::Status CheckChannel(runtime::FieldViolations& bad, v1::Channel channel) {
  if (channel == v1::CHANNEL_UNSPECIFIED) {
    bad.Add("channel", "is not set: name the channel of the interaction");
  }
  return bad.ToStatus();
}

absl::Status Check(const v1::OpenCaseRequest& request) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "customer_id", request.customer_id(), "name the customer");
  runtime::RequireField(bad, "subject", request.subject(), "summarize the case in one line");
  runtime::RequireField(bad, "text", request.text(), "say what was asked, word for word");
  if (request.has_order_id())
    runtime::RequireField(bad, "order_id", request.order_id(), "name the order, or leave it out");
  if (request.has_component_id()) {
    runtime::RequireField(bad, "component_id", request.component_id(), "name the component, or leave it out");
  }
  if (request.has_origin()) {
    runtime::RequireField(bad, "origin", request.origin(), "say what made us open the case, or leave it out");
  }
  return CheckChannel(bad, request.channel());
}

absl::Status Check(const v1::RecordInteractionRequest& request) {
  runtime::FieldViolations bad;
  runtime::RequireField(bad, "text", request.text(), "say what was said, word for word");
  if (request.direction() == v1::DIRECTION_UNSPECIFIED) {
    bad.Add("direction", "is not set: say whether the customer spoke (INBOUND) or we did (OUTBOUND)");
  }
  if (request.direction() == v1::DIRECTION_INBOUND && request.channel() == v1::CHANNEL_PROACTIVE) {
    bad.Add("channel", "is PROACTIVE, which is not for inbound interactions: name the channel that the customer used");
  }
  return CheckChannel(bad, request.channel());
}

}  // namespace

absl::Status CaseUnknown(const std::string& case_id) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "CASE_UNKNOWN",
                         "no such case: `" + case_id + "`; check the id, or look it up in the list of cases");
}

std::optional<FirstOwner> Case::FirstOwnerOf(v1::Channel channel, const Candidates& candidates,
                                             const runtime::Caller& caller) {
  const bool person = caller.Is(ROLE_REP) || caller.Is(ROLE_SUPERVISOR);
  if (person && channel != v1::CHANNEL_PROACTIVE) return FirstOwner{caller.id, v1::ASSIGNMENT_REASON_TOOK_INTERACTION};
  if (candidates.rep) return FirstOwner{*candidates.rep, candidates.rep_reason};
  if (candidates.supervisor_on_duty) {
    return FirstOwner{*candidates.supervisor_on_duty, v1::ASSIGNMENT_REASON_SUPERVISOR_ON_DUTY};
  }
  if (!candidates.fallback.empty()) return FirstOwner{candidates.fallback, v1::ASSIGNMENT_REASON_FALLBACK};
  return std::nullopt;
}

Case::Decision Case::Decide(const State& state, const OpenCase& command, const runtime::Caller& caller) {
  const auto& request = command.request;
  if (absl::Status bad = Check(request); !bad.ok()) return bad;
  if (!state.case_id().empty()) return std::vector<Event>();
  const auto owner = FirstOwnerOf(request.channel(), command.candidates, caller);
  if (!owner) {
    return runtime::Refuse(
        absl::StatusCode::kFailedPrecondition, "NO_OWNER",
        "nobody can own the case: no rep is available with room for one more, no supervisor is on duty, "
        "and the fallback owner is no active person, or none is configured; let a rep or "
        "supervisor set their availability");
  }
  if (!command.taker.ok()) return command.taker;
  Event event;
  auto& opened = *event.mutable_opened();
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
  for (const std::string& notice : command.notice_ids) opened.add_notice_ids(notice);
  opened.set_opened_by(caller.id);
  return std::vector{std::move(event)};
}

Case::Decision Case::Decide(const State& state, const v1::RecordInteractionRequest& command,
                            const runtime::Caller& caller) {
  if (absl::Status bad = Check(command); !bad.ok()) return bad;
  if (state.case_id().empty()) return CaseUnknown(command.case_id());
  std::vector<Event> events;
  auto& recorded = *events.emplace_back().mutable_interaction_recorded();
  recorded.set_interaction_id(runtime::DerivedId(caller, "interaction"));
  recorded.set_channel(command.channel());
  recorded.set_direction(command.direction());
  recorded.set_text(command.text());
  recorded.set_by(caller.id);
  recorded.set_company_mistake(command.company_mistake());
  const uint32_t inbound = state.inbound_interactions() + (command.direction() == v1::DIRECTION_INBOUND ? 1 : 0);
  if (inbound >= kRepeatedContact && !state.repeated_contact()) {
    const std::string interaction_id = recorded.interaction_id();
    auto& raised = *events.emplace_back().mutable_repeated_contact_raised();
    raised.set_interaction_id(interaction_id);
    raised.set_inbound_interactions(inbound);
  }
  return events;
}

Case::Decision Case::Decide(const State& state, const LinkNotice& command, const runtime::Caller&) {
  const bool linked = absl::c_linear_search(state.notice_ids(), command.request.notice_id());
  if (state.case_id().empty() || linked) return std::vector<Event>();
  Event event;
  *event.mutable_linked_to_notice() = command.request;
  return std::vector{std::move(event)};
}

void Case::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kOpened:
      state.set_case_id(event.opened().case_id());
      if (event.opened().has_component_id()) state.set_component_id(event.opened().component_id());
      state.set_inbound_interactions(event.opened().channel() == v1::CHANNEL_PROACTIVE ? 0 : 1);
      *state.mutable_notice_ids() = event.opened().notice_ids();
      return;
    case Event::kInteractionRecorded:
      if (event.interaction_recorded().direction() == v1::DIRECTION_INBOUND) {
        state.set_inbound_interactions(state.inbound_interactions() + 1);
      }
      return;
    case Event::kLinkedToNotice:
      state.add_notice_ids(event.linked_to_notice().notice_id());
      return;
    case Event::kRepeatedContactRaised:
      state.set_repeated_contact(true);
      return;
    case Event::kAlertAttached:
    case Event::kInteractionMarkedAsMistake:
    case Event::kSplit:
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::intake
