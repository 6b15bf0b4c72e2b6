#pragma once

// The rules of a notice, the stream `notice/<id>`: it always says by when customers hear more, and when that time
// passes without an update, its owner is told and everybody sees it. A CHANGE gives its reason and what customers may
// do. When it is resolved, nothing is closed: the owners of linked cases ask their customers.
//
// Pure functions of their arguments; safe from any thread.

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "libs/runtime/domain/caller.h"
#include "throughline/outage/v1/commands.pb.h"
#include "throughline/outage/v1/notice.pb.h"

namespace throughline::outage {

// The commands that need facts, or come from no request.
struct PublishNotice {
  v1::PublishNoticeRequest request;
  std::vector<std::string> unknown_components;  // of those that it names
};
struct MissUpdate {
  v1::NoticeUpdateMissed request;  // `due`: of the update that did not come
};

struct Notice {
  static constexpr char kKind[] = "notice";
  using State = v1::NoticeState;
  using Event = v1::NoticeEvent;
  using Decision = absl::StatusOr<std::vector<Event>>;

  // INVALID_ARGUMENT: see the contract. FAILED_PRECONDITION COMPONENT_UNKNOWN.
  static Decision Decide(const State& state, const PublishNotice& command, const runtime::Caller& caller);
  // NOT_FOUND NOTICE_UNKNOWN; PERMISSION_DENIED NOT_OWNER; FAILED_PRECONDITION NOTICE_RESOLVED.
  static Decision Decide(const State& state, const v1::UpdateNoticeRequest& command, const runtime::Caller& caller);
  // NOT_FOUND NOTICE_UNKNOWN; PERMISSION_DENIED NOT_OWNER. Nothing to do if it is resolved.
  static Decision Decide(const State& state, const v1::ResolveNoticeRequest& command, const runtime::Caller& caller);
  // Nothing to do if there was an update since, or the time has not come.
  static Decision Decide(const State& state, const MissUpdate& command, const runtime::Caller& caller);

  static void Evolve(State& state, const Event& event);
};

}  // namespace throughline::outage
