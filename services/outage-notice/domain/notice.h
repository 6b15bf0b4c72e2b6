#pragma once

// The rules of a notice, the stream `notice/<id>`. An active notice always has a time of its next update; if none is
// made by then, NoticeUpdateMissed is recorded. A CHANGE needs a reason and options for customers. Resolving a notice
// closes no case: the owners of linked cases ask their customers.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "libs/runtime/domain/due.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/outage/v1/state.pb.h"

namespace throughline::outage {

// Commands that carry facts besides the request, or that have no request.
struct PublishNotice {
  v1::PublishNoticeRequest request;
  std::vector<std::string> unknown_components;  // named by the request, but not defined
  absl::Status owner;                           // whether OwnerOf may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
  runtime::Meant meant = absl::InfinitePast();  // by request.next_update_due_in
};
struct UpdateNotice {
  v1::UpdateNoticeRequest request;
  runtime::Meant meant = absl::InfinitePast();  // by request.next_update_due_in
};
struct ReassignNotice {
  v1::ReassignNoticeRequest request;
  absl::Status person;  // whether request.to may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
};
// request.from was deactivated. Does nothing if they do not own the notice, or it is resolved.
struct RelieveNoticeOwner {
  v1::NoticeReassigned request;  // from, to, reason
};
struct MissUpdate {
  v1::NoticeUpdateMissed request;  // only `due`
};

struct Notice {
  static constexpr char kKind[] = "notice";
  using State = v1::NoticeState;
  using Event = v1::NoticeEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // The person that the request names; else the caller.
  static const std::string& OwnerOf(const v1::PublishNoticeRequest& request, const runtime::Caller& caller);

  // INVALID_ARGUMENT: see the RPC. FAILED_PRECONDITION COMPONENT_UNKNOWN, PERSON_UNKNOWN, PERSON_DEACTIVATED.
  static Decision Decide(const State& state, const PublishNotice& command, const runtime::Caller& caller);
  // NOT_FOUND NOTICE_UNKNOWN; PERMISSION_DENIED NOT_OWNER; FAILED_PRECONDITION NOTICE_RESOLVED.
  static Decision Decide(const State& state, const UpdateNotice& command, const runtime::Caller& caller);
  // NOT_FOUND NOTICE_UNKNOWN; PERMISSION_DENIED NOT_OWNER. No events if the notice is resolved already.
  static Decision Decide(const State& state, const v1::ResolveNoticeRequest& command, const runtime::Caller& caller);
  // No events if the update was made or the notice resolved, or if the update is not due yet.
  static Decision Decide(const State& state, const MissUpdate& command, const runtime::Caller& caller);
  // Refusals: see the RPC.
  static Decision Decide(const State& state, const ReassignNotice& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RelieveNoticeOwner& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::outage
