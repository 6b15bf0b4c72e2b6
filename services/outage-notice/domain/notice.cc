#include "services/outage-notice/domain/notice.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/component.h"

namespace throughline::outage {
namespace {

using runtime::FieldViolations;
using runtime::FromProto;

bool Blank(const std::string& text) { return absl::StripAsciiWhitespace(text).empty(); }

void Require(FieldViolations& bad, absl::string_view field, const std::string& text, absl::string_view if_empty) {
  if (Blank(text)) bad.Add(field, absl::StrCat("is empty: ", if_empty));
}

// `Command`: PublishNotice or UpdateNotice.
template <typename Command>
google::protobuf::Timestamp CheckNextUpdate(FieldViolations& bad, const Command& command,
                                            const runtime::Caller& caller) {
  const auto& request = command.request;
  const runtime::GivenDue due{"next_update_due", request.has_next_update_due(), request.next_update_due(),
                              request.next_update_due_in()};
  if (!due.given()) {
    bad.Add(due.field,
            "is not set: give the time by which customers hear more, even if there may be nothing new to say");
  }
  return runtime::ReadDue(bad, due, command.meant, caller.time);
}

void CheckComponents(FieldViolations& bad, const v1::PublishNoticeRequest& request) {
  if (request.component_ids().empty()) bad.Add("component_ids", "is empty: name the affected components");
  std::set<std::string> seen;
  for (int i = 0; i < request.component_ids_size(); ++i) {
    const std::string field = absl::StrCat("component_ids[", i, "]");
    if (!IsComponentId(request.component_ids(i))) bad.Add(field, kNotAComponentId);
    if (!seen.insert(request.component_ids(i)).second) bad.Add(field, "is a duplicate: leave it out");
  }
}

void CheckChange(FieldViolations& bad, const v1::PublishNoticeRequest& request) {
  for (int i = 0; i < request.customer_options_size(); ++i) {
    Require(bad, absl::StrCat("customer_options[", i, "]"), request.customer_options(i),
            "say what customers may do, or leave it out");
  }
  if (request.kind() != v1::NOTICE_KIND_CHANGE) return;
  if (Blank(request.reason())) bad.Add("reason", "is empty: say why there is a change");
  if (request.customer_options().empty()) {
    bad.Add("customer_options", "is empty: say what customers may do about the change");
  }
}

absl::StatusOr<google::protobuf::Timestamp> Check(const PublishNotice& command, const runtime::Caller& caller) {
  const v1::PublishNoticeRequest& request = command.request;
  FieldViolations bad;
  if (request.kind() == v1::NOTICE_KIND_UNSPECIFIED) {
    bad.Add("kind", "is not set: say whether it is an outage, a degradation, maintenance or a change");
  }
  CheckComponents(bad, request);
  Require(bad, "title", request.title(), "summarize the notice in one line for customers");
  Require(bad, "description", request.description(), "say in customers' words what does not work or changes");
  const auto next_update = CheckNextUpdate(bad, command, caller);
  CheckChange(bad, request);
  const absl::Time since = request.has_since() ? FromProto(request.since()) : caller.time;
  const bool may_be_ahead = request.kind() == v1::NOTICE_KIND_MAINTENANCE || request.kind() == v1::NOTICE_KIND_CHANGE;
  if (since > caller.time && !may_be_ahead) {
    bad.Add("since", "is in the future: only maintenance and changes are announced ahead");
  }
  if (request.has_expected_end() && FromProto(request.expected_end()) < since) {
    bad.Add("expected_end", "is before `since`: give a later time, or leave it out if it is unknown");
  }
  if (!bad.empty()) return bad.ToStatus();
  return next_update;
}

absl::Status CheckMayChange(const v1::NoticeState& state, const std::string& notice_id, const runtime::Caller& caller) {
  if (state.status() == v1::NOTICE_STATUS_UNSPECIFIED) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "NOTICE_UNKNOWN",
                           absl::StrCat("there is no notice ", notice_id, ": check the id"));
  }
  if (caller.id == state.owner() || caller.Is(common::v1::ROLE_SUPERVISOR) || caller.Is(common::v1::ROLE_ADMIN)) {
    return absl::OkStatus();
  }
  return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_OWNER",
                         absl::StrCat("`", state.owner(), "` owns this notice: ask them or a supervisor"));
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

}  // namespace

const std::string& Notice::OwnerOf(const v1::PublishNoticeRequest& request, const runtime::Caller& caller) {
  return request.owner().empty() ? caller.id : request.owner();
}

Notice::Decision Notice::Decide(const State& state, const PublishNotice& command, const runtime::Caller& caller) {
  const v1::PublishNoticeRequest& request = command.request;
  const auto next_update = Check(command, caller);
  if (!next_update.ok()) return next_update.status();
  if (!command.unknown_components.empty()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "COMPONENT_UNKNOWN",
                           absl::StrCat("not defined: ", absl::StrJoin(command.unknown_components, ", "),
                                        "; define it first, or check the id"));
  }
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
  if (!Blank(request.workaround())) published.set_workaround(request.workaround());
  if (!Blank(request.reason())) published.set_reason(request.reason());
  *published.mutable_customer_options() = request.customer_options();
  published.set_owner(OwnerOf(request, caller));
  published.set_published_by(caller.id);
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const UpdateNotice& command, const runtime::Caller& caller) {
  const v1::UpdateNoticeRequest& request = command.request;
  FieldViolations bad;
  Require(bad, "text", request.text(), "say what customers are told");
  const auto next_update = CheckNextUpdate(bad, command, caller);
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  if (absl::Status status = CheckMayChange(state, request.notice_id(), caller); !status.ok()) return status;
  if (state.status() == v1::NOTICE_STATUS_RESOLVED) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "NOTICE_RESOLVED",
                           "the notice is resolved: publish a new one if it is broken again");
  }
  Event event;
  auto& updated = *event.mutable_updated();
  updated.set_text(request.text());
  *updated.mutable_next_update_due() = next_update;
  if (request.has_expected_end()) *updated.mutable_expected_end() = request.expected_end();
  if (request.has_workaround()) updated.set_workaround(request.workaround());
  updated.set_by(caller.id);
  return std::vector{std::move(event)};
}

Notice::Decision Notice::Decide(const State& state, const v1::ResolveNoticeRequest& command,
                                const runtime::Caller& caller) {
  FieldViolations bad;
  Require(bad, "text", command.text(), "say what customers are told");
  const absl::Time resolved_at = command.has_resolved_at() ? FromProto(command.resolved_at()) : caller.time;
  if (resolved_at > caller.time) bad.Add("resolved_at", "is in the future: resolve the notice when it is over");
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  if (absl::Status status = CheckMayChange(state, command.notice_id(), caller); !status.ok()) return status;
  if (state.status() == v1::NOTICE_STATUS_RESOLVED) return std::vector<Event>();
  // A notice that is announced ahead can be resolved before it begins, but only as of now.
  if (command.has_resolved_at() && resolved_at < FromProto(state.since())) {
    return runtime::BadField("resolved_at", "is before the notice's `since`: give a later time, or leave it out");
  }
  Event event;
  auto& resolved = *event.mutable_resolved();
  resolved.set_text(command.text());
  *resolved.mutable_resolved_at() = runtime::ToProto(resolved_at);
  resolved.set_by(caller.id);
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
      state.set_status(v1::NOTICE_STATUS_ACTIVE);
      state.set_owner(event.published().owner());
      *state.mutable_next_update_due() = event.published().next_update_due();
      *state.mutable_since() = event.published().since();
      return;
    case Event::kUpdated:
      *state.mutable_next_update_due() = event.updated().next_update_due();
      state.set_update_missed(false);
      return;
    case Event::kUpdateMissed:
      state.set_update_missed(true);
      return;
    case Event::kResolved:
      state.set_status(v1::NOTICE_STATUS_RESOLVED);
      state.set_update_missed(false);
      return;
    case Event::kReassigned:
      state.set_owner(event.reassigned().to());
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace throughline::outage
