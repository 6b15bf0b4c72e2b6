#include "services/outage-notice/domain/notice.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/checks.h"
#include "services/outage-notice/domain/stages.h"
#include "services/ownership/domain/commitments/commitment.h"

namespace throughline::outage {
namespace {

using runtime::FieldViolations;
using runtime::FromProto;

absl::Status RequireKnown(const std::vector<std::string>& unknown_components) {
  if (unknown_components.empty()) return absl::OkStatus();
  return runtime::Refuse(
      absl::StatusCode::kFailedPrecondition, "COMPONENT_UNKNOWN",
      absl::StrCat("not defined: ", absl::StrJoin(unknown_components, ", "), "; define it first, or check the id"));
}

std::vector<v1::NoticeEvent> Reassigned(const v1::NoticeState& state, const std::string& to, const std::string& reason,
                                        const runtime::Caller& caller) {
  std::vector<v1::NoticeEvent> events(1);
  auto& reassigned = *events.front().mutable_reassigned();
  reassigned.set_from(state.owner());
  reassigned.set_to(to);
  reassigned.set_by(caller.id);
  reassigned.set_reason(reason);
  return events;
}

// In notices from before stages were recorded it follows from the kind.
void Publish(v1::NoticeState& state, const v1::NoticePublished& published) {
  state.set_status(v1::NOTICE_STATUS_ACTIVE);
  state.set_owner(published.owner());
  state.set_kind(published.kind());
  state.set_stage(published.stage() != v1::NOTICE_STAGE_UNSPECIFIED ? published.stage()
                                                                    : FirstStage(published.kind(), false));
  *state.mutable_component_ids() = published.component_ids();
  *state.mutable_next_update_due() = published.next_update_due();
  *state.mutable_since() = published.since();
  if (published.has_valid_until()) *state.mutable_valid_until() = published.valid_until();
}

v1::NoticeStage EndOf(const v1::NoticeState& state, const v1::NoticeResolved& resolved) {
  return resolved.stage() != v1::NOTICE_STAGE_UNSPECIFIED ? resolved.stage() : LastStage(state.kind(), state.stage());
}

}  // namespace

const std::string& Notice::OwnerOf(const v1::PublishNoticeRequest& request, const runtime::Caller& caller) {
  return request.owner().empty() ? caller.id : request.owner();
}

Notice::Decision Notice::Decide(const State& state, const PublishNotice& command, const runtime::Caller& caller) {
  const v1::PublishNoticeRequest& request = command.request;
  const auto next_update = Check(command, caller);
  if (!next_update.ok()) return next_update.status();
  if (absl::Status status = RequireKnown(command.unknown_components); !status.ok()) return status;
  if (!command.owner.ok()) return command.owner;
  if (state.status() != v1::NOTICE_STATUS_UNSPECIFIED) return std::vector<Event>();
  Event event;
  auto& published = *event.mutable_published();
  published.set_notice_id(runtime::DerivedId(caller, "notice"));
  published.set_kind(request.kind());
  *published.mutable_component_ids() = request.component_ids();
  published.set_title(request.title());
  published.set_description(request.description());
  *published.mutable_since() = request.has_since() ? request.since() : runtime::ToProto(caller.time);
  *published.mutable_next_update_due() = *next_update;
  if (request.has_expected_end()) *published.mutable_expected_end() = request.expected_end();
  if (!IsBlank(request.workaround())) published.set_workaround(request.workaround());
  if (!IsBlank(request.reason())) published.set_reason(request.reason());
  *published.mutable_customer_options() = request.customer_options();
  published.set_owner(OwnerOf(request, caller));
  published.set_published_by(caller.id);
  published.set_stage(request.stage() != v1::NOTICE_STAGE_UNSPECIFIED
                          ? request.stage()
                          : FirstStage(request.kind(), FromProto(published.since()) <= caller.time));
  published.set_impact(request.impact());
  if (request.has_scope()) *published.mutable_scope() = request.scope();
  if (request.has_valid_until()) *published.mutable_valid_until() = request.valid_until();
  *published.mutable_keywords() = request.keywords();
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const UpdateNotice& command, const runtime::Caller& caller) {
  const v1::UpdateNoticeRequest& request = command.request;
  if (absl::Status status = CheckMayChange(state, request.notice_id(), caller); !status.ok()) return status;
  const auto next_update = Check(command, state, caller);
  if (!next_update.ok()) return next_update.status();
  if (state.status() == v1::NOTICE_STATUS_RESOLVED) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOTICE_RESOLVED",
                           "the notice is resolved: publish a new one if it is broken again");
  }
  Event event;
  auto& updated = *event.mutable_updated();
  updated.set_text(request.text());
  *updated.mutable_next_update_due() = *next_update;
  if (request.has_expected_end()) *updated.mutable_expected_end() = request.expected_end();
  if (request.has_workaround()) updated.set_workaround(request.workaround());
  updated.set_by(caller.id);
  updated.set_stage(request.stage());
  updated.set_impact(request.impact());
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const v1::ResolveNoticeRequest& command,
                                const runtime::Caller& caller) {
  if (absl::Status status = CheckMayChange(state, command.notice_id(), caller); !status.ok()) return status;
  if (absl::Status status = Check(command, state, caller); !status.ok()) return status;
  if (state.status() == v1::NOTICE_STATUS_RESOLVED) return std::vector<Event>();
  Event event;
  auto& resolved = *event.mutable_resolved();
  resolved.set_text(command.text());
  *resolved.mutable_resolved_at() = command.has_resolved_at() ? command.resolved_at() : runtime::ToProto(caller.time);
  resolved.set_by(caller.id);
  resolved.set_stage(LastStage(state.kind(), state.stage()));
  resolved.set_cause(command.cause());
  resolved.set_changed(command.changed());
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const v1::WithdrawNoticeRequest& command,
                                const runtime::Caller& caller) {
  FieldViolations bad;
  Require(bad, "text", command.text(), "say why it does not hold, for customers");
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  if (absl::Status status = CheckMayChange(state, command.notice_id(), caller); !status.ok()) return status;
  if (state.stage() == v1::NOTICE_STAGE_WITHDRAWN) return std::vector<Event>();
  if (state.status() == v1::NOTICE_STATUS_RESOLVED) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOTICE_RESOLVED",
                           "the notice is resolved: correct what was wrong in it instead");
  }
  Event event;
  auto& withdrawn = *event.mutable_resolved();
  withdrawn.set_text(command.text());
  *withdrawn.mutable_resolved_at() = runtime::ToProto(caller.time);
  withdrawn.set_by(caller.id);
  withdrawn.set_stage(v1::NOTICE_STAGE_WITHDRAWN);
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const CorrectNotice& command, const runtime::Caller& caller) {
  const v1::CorrectNoticeRequest& request = command.request;
  if (absl::Status status = CheckMayChange(state, request.notice_id(), caller); !status.ok()) return status;
  if (absl::Status status = Check(command, state, caller); !status.ok()) return status;
  if (absl::Status status = RequireKnown(command.unknown_components); !status.ok()) return status;
  Event event;
  auto& corrected = *event.mutable_corrected();
  corrected.set_by(caller.id);
  corrected.set_reason(request.reason());
  if (request.has_title()) corrected.set_title(request.title());
  if (request.has_description()) corrected.set_description(request.description());
  if (request.has_current_text()) corrected.set_current_text(request.current_text());
  if (request.has_workaround()) corrected.set_workaround(request.workaround());
  *corrected.mutable_component_ids() = request.component_ids();
  if (request.has_scope()) *corrected.mutable_scope() = request.scope();
  if (request.has_since()) *corrected.mutable_since() = request.since();
  if (!request.component_ids().empty()) {
    for (const std::string& id : request.component_ids()) {
      if (!absl::c_linear_search(state.component_ids(), id)) corrected.add_added_component_ids(id);
    }
    for (const std::string& id : state.component_ids()) {
      if (!absl::c_linear_search(request.component_ids(), id)) corrected.add_removed_component_ids(id);
    }
  }
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const MissUpdate& command, const runtime::Caller& caller) {
  const absl::Time due = FromProto(state.next_update_due());
  if (state.status() != v1::NOTICE_STATUS_ACTIVE || state.update_missed() || due != FromProto(command.request.due()) ||
      due > caller.time) {
    return std::vector<Event>();
  }
  Event event;
  *event.mutable_update_missed()->mutable_due() = state.next_update_due();
  event.mutable_update_missed()->set_owner(state.owner());
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const BeginNotice&, const runtime::Caller& caller) {
  const bool due = state.status() == v1::NOTICE_STATUS_ACTIVE && IsAhead(state.stage());
  if (!due || FromProto(state.since()) > caller.time) return std::vector<Event>();
  Event event;
  event.mutable_began()->set_stage(FirstStage(state.kind(), true));
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const EndValidity&, const runtime::Caller& caller) {
  const bool due = state.status() == v1::NOTICE_STATUS_ACTIVE && state.has_valid_until();
  if (!due || FromProto(state.valid_until()) > caller.time) return std::vector<Event>();
  Event event;
  auto& over = *event.mutable_resolved();
  over.set_text("This was announced to hold until now, and holds no longer.");
  *over.mutable_resolved_at() = state.valid_until();
  over.set_by(caller.id);
  over.set_stage(v1::NOTICE_STAGE_WITHDRAWN);
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const ReassignNotice& command, const runtime::Caller& caller) {
  const v1::ReassignNoticeRequest& request = command.request;
  FieldViolations bad;
  Require(bad, "to", request.to(), "name who owns the notice from here on");
  Require(bad, "reason", request.reason(), "say why the notice changes hands");
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  if (absl::Status status = CheckMayChange(state, request.notice_id(), caller); !status.ok()) return status;
  if (state.status() == v1::NOTICE_STATUS_RESOLVED) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOTICE_RESOLVED",
                           "the notice is resolved and keeps its owner: reassign one that is active");
  }
  if (request.to() == state.owner()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_OWNER",
                           absl::StrCat("`", request.to(), "` owns the notice already: name somebody else"));
  }
  if (!command.person.ok()) return command.person;
  return Reassigned(state, request.to(), request.reason(), caller);
}

Notice::Decision Notice::Decide(const State& state, const RelieveNoticeOwner& command, const runtime::Caller& caller) {
  if (state.owner() != command.request.from() || state.status() != v1::NOTICE_STATUS_ACTIVE) {
    return std::vector<Event>();
  }
  return Reassigned(state, command.request.to(), command.request.reason(), caller);
}

void Notice::Evolve(State& state, const Event& event) {
  switch (event.event_case()) {
    case Event::kPublished:
      return Publish(state, event.published());
    case Event::kUpdated:
      *state.mutable_next_update_due() = event.updated().next_update_due();
      state.set_update_missed(false);
      if (event.updated().stage() != v1::NOTICE_STAGE_UNSPECIFIED) state.set_stage(event.updated().stage());
      return;
    case Event::kUpdateMissed:
      state.set_update_missed(true);
      return;
    case Event::kResolved:
      state.set_status(v1::NOTICE_STATUS_RESOLVED);
      state.set_update_missed(false);
      *state.mutable_resolved_at() = event.resolved().resolved_at();
      state.set_stage(EndOf(state, event.resolved()));
      return;
    case Event::kBegan:
      state.set_stage(event.began().stage());
      return;
    case Event::kCorrected:
      if (event.corrected().has_since()) *state.mutable_since() = event.corrected().since();
      if (!event.corrected().component_ids().empty()) {
        *state.mutable_component_ids() = event.corrected().component_ids();
      }
      return;
    case Event::kPostmortem:
      state.set_stage(v1::NOTICE_STAGE_POSTMORTEM);
      return;
    case Event::kFollowUpMade:
      return ownership::Apply(*state.mutable_follow_ups(), event.follow_up_made());
    case Event::kFollowUpSettled:
      return ownership::Apply(*state.mutable_follow_ups(), event.follow_up_settled());
    case Event::kReassigned:
      state.set_owner(event.reassigned().to());
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::outage
