#pragma once

// The rules of a notice, the stream `notice/<id>`. An active notice always has a time of its next update; if none is
// made by then, NoticeUpdateMissed is recorded. A CHANGE needs a reason and options for customers, a fault that is over
// its cause and what was changed. Resolving a notice closes no case: the owners of linked cases ask their customers.
//
// Pure functions; any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "libs/runtime/domain/due.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/outage/v1/state.pb.h"

namespace throughline::outage {

// Between which times a notice may lie.
struct NoticeLimits {
  absl::Duration next_update = absl::Hours(24 * 7);  // after now, or after the notice begins
  absl::Duration past = absl::Hours(24 * 366);       // how long ago one may have begun
  absl::Duration ahead = absl::Hours(24 * 366);      // how far ahead one may begin
};

// Commands that carry facts besides the request, or that have no request.
struct PublishNotice {
  v1::PublishNoticeRequest request;
  std::vector<std::string> unknown_components;  // named by the request, but not defined
  absl::Status owner;                           // whether OwnerOf may own: PERSON_UNKNOWN, PERSON_DEACTIVATED
  runtime::Meant meant = absl::InfinitePast();  // by request.next_update_due_in
  NoticeLimits limits = {};
};
struct UpdateNotice {
  v1::UpdateNoticeRequest request;
  runtime::Meant meant = absl::InfinitePast();  // by request.next_update_due_in
  NoticeLimits limits = {};
};
struct CorrectNotice {
  v1::CorrectNoticeRequest request;
  std::vector<std::string> unknown_components;  // named by the request, but not defined
  NoticeLimits limits = {};
};
struct PublishPostmortem {
  v1::PublishPostmortemRequest request;
  std::vector<std::string> owe;  // who owes each follow-up for its team; empty: nobody of the team can
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
// Its `since` has come.
struct BeginNotice {
  v1::NoticeBegan request;  // empty
};
// Its `valid_until` has come.
struct EndValidity {
  v1::NoticeResolved request;  // empty
};
// A follow-up's due time has passed.
struct BreakFollowUp {
  ownership::v1::CommitmentSettled request;  // commitment_id and `above`
};

// NOT_FOUND NOTICE_UNKNOWN.
absl::Status NoticeUnknown(const std::string& notice_id);

struct Notice {
  static constexpr char kKind[] = "notice";
  using State = v1::NoticeState;
  using Event = v1::NoticeEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // The person that the request names; else the caller.
  static const std::string& OwnerOf(const v1::PublishNoticeRequest& request, const runtime::Caller& caller);

  // Refusals of requests: see the RPCs.
  static Decision Decide(const State& state, const PublishNotice& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const UpdateNotice& command, const runtime::Caller& caller);
  // No events if the notice is over already. So, too, if it is withdrawn.
  static Decision Decide(const State& state, const v1::ResolveNoticeRequest& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const v1::WithdrawNoticeRequest& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const CorrectNotice& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const PublishPostmortem& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const v1::CompleteFollowUpRequest& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const ReassignNotice& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const RelieveNoticeOwner& command, const runtime::Caller& caller);
  // No events if the update was made or the notice resolved, or if the update is not due yet.
  static Decision Decide(const State& state, const MissUpdate& command, const runtime::Caller& caller);
  // No events if it has begun or ended, or if that is not due yet.
  static Decision Decide(const State& state, const BeginNotice& command, const runtime::Caller& caller);
  static Decision Decide(const State& state, const EndValidity& command, const runtime::Caller& caller);
  // No events if it ended already or is not due yet.
  static Decision Decide(const State& state, const BreakFollowUp& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::outage
