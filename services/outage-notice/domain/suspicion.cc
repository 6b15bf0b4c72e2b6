// The rules of a suspected outage: one at a time for a component; a notice confirms it, a person dismisses it with a
// reason, and then it is quiet for a while.

#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/ids.h"
#include "libs/runtime/domain/refusal.h"
#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/checks.h"
#include "services/outage-notice/domain/component.h"

namespace throughline::outage {

Component::Decision Component::Decide(const State& state, const SuspectOutage& command, const runtime::Caller& caller) {
  if (!state.has_defined() || state.has_suspicion()) return std::vector<Event>();
  const absl::Time at = runtime::FromProto(command.request.at());
  if (state.has_dismissed() && at < runtime::FromProto(state.dismissed().at()) + command.quiet) {
    return std::vector<Event>();
  }
  Event event;
  *event.mutable_suspected() = command.request;
  event.mutable_suspected()->set_suspicion_id(runtime::DerivedId(caller, "suspicion"));
  return std::vector{std::move(event)};
}

Component::Decision Component::Decide(const State& state, const ConfirmSuspicion& command, const runtime::Caller&) {
  if (!state.has_suspicion()) return std::vector<Event>();
  Event event;
  event.mutable_confirmed()->set_suspicion_id(state.suspicion().suspicion_id());
  event.mutable_confirmed()->set_notice_id(command.request.notice_id());
  return std::vector{std::move(event)};
}

Component::Decision Component::Decide(const State& state, const RelieveSuspicion& command, const runtime::Caller&) {
  if (!state.has_suspicion() || state.suspicion().owner() != command.request.from()) return std::vector<Event>();
  Event event;
  *event.mutable_reassigned() = command.request;
  event.mutable_reassigned()->set_suspicion_id(state.suspicion().suspicion_id());
  return std::vector{std::move(event)};
}

Component::Decision Component::Decide(const State& state, const v1::DismissSuspicionRequest& request,
                                      const runtime::Caller& caller) {
  runtime::FieldViolations bad;
  Require(bad, "suspicion_id", request.suspicion_id(), "name the suspicion");
  Require(bad, "reason", request.reason(), "say why there were so many cases");
  if (absl::Status status = bad.ToStatus(); !status.ok()) return status;
  if (!state.has_defined()) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "COMPONENT_UNKNOWN",
                           absl::StrCat("component ", request.component_id(), " is not defined: check the id"));
  }
  if (state.dismissed().suspicion_id() == request.suspicion_id()) return std::vector<Event>();
  if (state.confirmed_suspicion_id() == request.suspicion_id()) {
    return runtime::Refuse(absl::StatusCode::kFailedPrecondition, "SUSPICION_CONFIRMED",
                           "a notice has confirmed it: withdraw the notice if it was a false alarm");
  }
  if (state.suspicion().suspicion_id() != request.suspicion_id()) {
    return runtime::Refuse(absl::StatusCode::kNotFound, "SUSPICION_UNKNOWN",
                           absl::StrCat("component ", request.component_id(), " has no such suspicion: check the id"));
  }
  Event event;
  auto& dismissed = *event.mutable_dismissed();
  dismissed.set_suspicion_id(request.suspicion_id());
  dismissed.set_by(caller.id);
  dismissed.set_reason(request.reason());
  *dismissed.mutable_at() = runtime::ToProto(caller.time);
  return std::vector{std::move(event)};
}

}  // namespace throughline::outage
