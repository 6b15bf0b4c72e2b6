#pragma once

// What the requests about a notice must say. Each adds the violations that it finds.
//
// Pure functions; any thread.

#include "absl/time/time.h"

#include "libs/runtime/domain/caller.h"
#include "libs/runtime/domain/due.h"
#include "libs/runtime/domain/refusal.h"
#include "services/outage-notice/domain/notice.h"

namespace throughline::outage {

bool IsBlank(const std::string& text);
// NOT_FOUND NOTICE_UNKNOWN; PERMISSION_DENIED NOT_OWNER.
absl::Status CheckMayChange(const v1::NoticeState& state, const std::string& notice_id, const runtime::Caller& caller);
// A text that is not blank.
void Require(runtime::FieldViolations& bad, absl::string_view field, const std::string& text,
             absl::string_view if_empty);
// Components that are named once, by proper ids.
void CheckComponents(runtime::FieldViolations& bad, const google::protobuf::RepeatedPtrField<std::string>& ids);
// Since when: not long ago, and in the future only if the notice `may_be_ahead`.
void CheckSince(runtime::FieldViolations& bad, absl::Time since, absl::Time now, bool may_be_ahead,
                const NoticeLimits& limits);

// All of a request, with the time of the next update, to the microsecond.
absl::StatusOr<google::protobuf::Timestamp> Check(const PublishNotice& command, const runtime::Caller& caller);
absl::StatusOr<google::protobuf::Timestamp> Check(const UpdateNotice& command, const v1::NoticeState& state,
                                                  const runtime::Caller& caller);
absl::Status Check(const v1::ResolveNoticeRequest& request, const v1::NoticeState& state,
                   const runtime::Caller& caller);
absl::Status Check(const CorrectNotice& command, const v1::NoticeState& state, const runtime::Caller& caller);
absl::Status Check(const PublishPostmortem& command, const runtime::Caller& caller);

}  // namespace throughline::outage
