#include "services/outage-notice/domain/checks.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "libs/runtime/domain/time.h"
#include "services/outage-notice/domain/component.h"
#include "services/outage-notice/domain/stages.h"

namespace throughline::outage {
namespace {

using runtime::FieldViolations;
using runtime::FromProto;

// `Command`: PublishNotice or UpdateNotice. `since`: since when the notice holds.
template <typename Command>
google::protobuf::Timestamp CheckNextUpdate(FieldViolations& bad, const Command& command, absl::Time since,
                                            absl::Time now) {
  const auto& request = command.request;
  const runtime::GivenDue due{"next_update_due", request.has_next_update_due(), request.next_update_due(),
                              request.next_update_due_in()};
  if (!due.given()) {
    bad.Add(due.field,
            "is not set: give the time by which customers hear more, even if there may be nothing new to say");
  }
  const auto read = runtime::ReadDue(bad, due, command.meant, now);
  const absl::Duration within = command.limits.next_update;
  if (FromProto(read) > std::max(since, now) + within) {
    bad.Add(due.field, absl::StrCat("is too far ahead: customers hear more within ", absl::FormatDuration(within),
                                    ", or within that time after the notice begins"));
  }
  return read;
}

// `since`: since when the notice holds, or now, if that is later.
template <typename Request>
void CheckExpectedEnd(FieldViolations& bad, const Request& request, v1::NoticeKind kind, bool may_be_unknown,
                      absl::Time since) {
  if (request.has_expected_end() && request.expected_end_unknown()) {
    bad.Add("expected_end_unknown", "is given besides `expected_end`: leave one of them out");
  } else if (request.has_expected_end() && FromProto(request.expected_end()) <= since) {
    bad.Add("expected_end", "is not after now and `since`: give a later time, or say that it is unknown");
  } else if (!request.has_expected_end() && !request.expected_end_unknown() && kind != v1::NOTICE_KIND_CHANGE) {
    bad.Add("expected_end", may_be_unknown
                                ? "is not set: give the time, or say that it is unknown with `expected_end_unknown`"
                                : "is not set: give the time at which the maintenance is planned to end");
  } else if (request.expected_end_unknown() && !may_be_unknown) {
    bad.Add("expected_end_unknown", "is for faults: give the time at which the maintenance is planned to end");
  }
}

void CheckStage(FieldViolations& bad, v1::NoticeKind kind, bool begun, v1::NoticeStage stage) {
  if (stage == v1::NOTICE_STAGE_UNSPECIFIED || IsOpenStage(kind, begun, stage)) return;
  bad.Add("stage", IsAnnounced(kind) && IsOpenStage(kind, !begun, stage)
                       ? "does not fit the time: it follows from `since`; correct that if it is wrong"
                       : "is none that an open notice of this kind can have");
}

void CheckChange(FieldViolations& bad, const v1::PublishNoticeRequest& request, absl::Time since) {
  for (int i = 0; i < request.customer_options_size(); ++i) {
    Require(bad, absl::StrCat("customer_options[", i, "]"), request.customer_options(i),
            "say what customers may do, or leave it out");
  }
  const bool change = request.kind() == v1::NOTICE_KIND_CHANGE;
  if (request.has_valid_until() && !change) {
    bad.Add("valid_until", "is for changes: say when it is expected to be over with `expected_end`");
  } else if (request.has_valid_until() && FromProto(request.valid_until()) <= since) {
    bad.Add("valid_until", "is not after now and `since`: give a later time, or leave it out");
  }
  if (!change) return;
  if (IsBlank(request.reason())) bad.Add("reason", "is empty: say why there is a change");
  if (request.customer_options().empty()) {
    bad.Add("customer_options", "is empty: say what customers may do about the change");
  }
}

}  // namespace

absl::Status NoticeUnknown(const std::string& notice_id) {
  return runtime::Refuse(absl::StatusCode::kNotFound, "NOTICE_UNKNOWN",
                         absl::StrCat("there is no notice ", notice_id, ": check the id"));
}

bool IsBlank(const std::string& text) { return absl::StripAsciiWhitespace(text).empty(); }

absl::Status CheckMayChange(const v1::NoticeState& state, const std::string& notice_id, const runtime::Caller& caller) {
  if (state.status() == v1::NOTICE_STATUS_UNSPECIFIED) {
    return NoticeUnknown(notice_id);
  }
  if (caller.id == state.owner() || caller.Is(common::v1::ROLE_SUPERVISOR) || caller.Is(common::v1::ROLE_ADMIN)) {
    return absl::OkStatus();
  }
  return runtime::Refuse(absl::StatusCode::kPermissionDenied, "NOT_OWNER",
                         absl::StrCat("`", state.owner(), "` owns this notice: ask them or a supervisor"));
}

void Require(FieldViolations& bad, absl::string_view field, const std::string& text, absl::string_view if_empty) {
  if (IsBlank(text)) bad.Add(field, absl::StrCat("is empty: ", if_empty));
}

void CheckComponents(FieldViolations& bad, const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::set<std::string> seen;
  for (int i = 0; i < ids.size(); ++i) {
    const std::string field = absl::StrCat("component_ids[", i, "]");
    if (!IsComponentId(ids[i])) bad.Add(field, kNotAComponentId);
    if (!seen.insert(ids[i]).second) bad.Add(field, "is a duplicate: leave it out");
  }
}

void CheckSince(FieldViolations& bad, absl::Time since, absl::Time now, bool may_be_ahead, const NoticeLimits& limits) {
  if (since > now && !may_be_ahead) {
    bad.Add("since", "is in the future: only maintenance and changes are announced ahead");
  } else if (since < now - limits.past) {
    bad.Add("since", absl::StrCat("is more than ", absl::FormatDuration(limits.past), " ago: check the time"));
  } else if (since > now + limits.ahead) {
    bad.Add("since", absl::StrCat("is more than ", absl::FormatDuration(limits.ahead), " ahead: check the time"));
  }
}

absl::StatusOr<google::protobuf::Timestamp> Check(const PublishNotice& command, const runtime::Caller& caller) {
  const v1::PublishNoticeRequest& request = command.request;
  FieldViolations bad;
  if (request.kind() == v1::NOTICE_KIND_UNSPECIFIED) {
    bad.Add("kind", "is not set: say whether it is an outage, a degradation, maintenance or a change");
  }
  if (request.component_ids().empty()) bad.Add("component_ids", "is empty: name the affected components");
  CheckComponents(bad, request.component_ids());
  Require(bad, "title", request.title(), "summarize the notice in one line for customers");
  Require(bad, "description", request.description(), "say in customers' words what does not work or changes");
  const absl::Time since = request.has_since() ? FromProto(request.since()) : caller.time;
  const absl::Time from = std::max(since, caller.time);
  const auto next_update = CheckNextUpdate(bad, command, since, caller.time);
  CheckChange(bad, request, from);
  CheckSince(bad, since, caller.time, IsAnnounced(request.kind()), command.limits);
  CheckExpectedEnd(bad, request, request.kind(), request.kind() != v1::NOTICE_KIND_MAINTENANCE, from);
  CheckStage(bad, request.kind(), since <= caller.time, request.stage());
  if (!bad.empty()) return bad.ToStatus();
  return next_update;
}

absl::StatusOr<google::protobuf::Timestamp> Check(const UpdateNotice& command, const v1::NoticeState& state,
                                                  const runtime::Caller& caller) {
  const v1::UpdateNoticeRequest& request = command.request;
  FieldViolations bad;
  const absl::Time since = FromProto(state.since());
  Require(bad, "text", request.text(), "say what customers are told");
  const auto next_update = CheckNextUpdate(bad, command, since, caller.time);
  CheckExpectedEnd(bad, request, state.kind(), true, std::max(since, caller.time));
  CheckStage(bad, state.kind(), !IsAhead(state.stage()), request.stage());
  if (!bad.empty()) return bad.ToStatus();
  return next_update;
}

absl::Status Check(const v1::ResolveNoticeRequest& request, const v1::NoticeState& state,
                   const runtime::Caller& caller) {
  FieldViolations bad;
  Require(bad, "text", request.text(), "say what customers are told");
  if (IsFault(state.kind())) {
    Require(bad, "cause", request.cause(), "say what had caused it; withdraw the notice if nothing was broken");
    Require(bad, "changed", request.changed(), "say what was changed so that it works again");
  }
  // A notice that is announced ahead can end before it begins, but only as of now.
  if (request.has_resolved_at() && FromProto(request.resolved_at()) > caller.time) {
    bad.Add("resolved_at", "is in the future: resolve the notice when it is over");
  } else if (request.has_resolved_at() && FromProto(request.resolved_at()) < FromProto(state.since())) {
    bad.Add("resolved_at", "is before the notice's `since`: give a later time, or leave it out");
  }
  return bad.ToStatus();
}

absl::Status Check(const CorrectNotice& command, const v1::NoticeState& state, const runtime::Caller& caller) {
  const v1::CorrectNoticeRequest& request = command.request;
  FieldViolations bad;
  Require(bad, "reason", request.reason(), "say what was wrong, for customers");
  if (request.has_title()) Require(bad, "title", request.title(), "summarize the notice, or leave it out");
  if (request.has_description()) Require(bad, "description", request.description(), "describe it, or leave it out");
  if (request.has_current_text()) {
    Require(bad, "current_text", request.current_text(), "say what is right, or leave it out");
  }
  CheckComponents(bad, request.component_ids());
  if (request.has_since()) {
    const absl::Time since = FromProto(request.since());
    CheckSince(bad, since, caller.time, IsAhead(state.stage()), command.limits);
    if (state.has_resolved_at() && since > FromProto(state.resolved_at())) {
      bad.Add("since", "is after the end of the notice: give an earlier time");
    }
  }
  const bool corrects = request.has_title() || request.has_description() || request.has_current_text() ||
                        request.has_workaround() || !request.component_ids().empty() || request.has_scope() ||
                        request.has_since();
  if (!corrects) bad.Add("title", "is not set, nor is anything else: say what is right");
  return bad.ToStatus();
}

absl::Status Check(const PublishPostmortem& command, const runtime::Caller& caller) {
  const v1::PublishPostmortemRequest& request = command.request;
  FieldViolations bad;
  Require(bad, "text", request.text(), "say what was learned");
  for (int i = 0; i < request.follow_ups_size(); ++i) {
    const v1::FollowUp& follow_up = request.follow_ups(i);
    const std::string field = absl::StrCat("follow_ups[", i, "].");
    Require(bad, field + "text", follow_up.text(), "say what the team does");
    Require(bad, field + "team", follow_up.team(), "name the team that owes it");
    if (!follow_up.has_due()) {
      bad.Add(field + "due", "is not set: say by when it is done");
    } else if (FromProto(follow_up.due()) <= caller.time) {
      bad.Add(field + "due", "is not in the future: give a later time");
    }
  }
  return bad.ToStatus();
}

}  // namespace throughline::outage
