#pragma once

// The public view of a notice: what an event changes in it. Any thread.

#include "libs/runtime/fold/accepted_commit.h"
#include "throughline/outage/v1/notice.pb.h"
#include "throughline/outage/v1/views.pb.h"

namespace throughline::outage {

void ApplyEvent(const v1::NoticeEvent& event, const runtime::AcceptedCommit& commit, v1::NoticeView& view);

}  // namespace throughline::outage
