#pragma once

// GetStatusPage: what the public is shown. Any thread.

#include "absl/status/statusor.h"

#include "libs/store/key_value.h"
#include "throughline/outage/v1/queries.pb.h"

namespace throughline::outage {

absl::StatusOr<v1::GetStatusPageResponse> GetStatusPage(const store::KeyValue& reader,
                                                        const v1::GetStatusPageRequest& request);

// The notice without what concerns only us.
v1::NoticeView ForThePublic(v1::NoticeView notice);

}  // namespace throughline::outage
