#pragma once

// Notices, their lists, and the timer for a notice's next update, from the notices' streams.

#include "libs/runtime/fold/projection.h"
#include "throughline/outage/v1/views.pb.h"

namespace throughline::outage {

class NoticeProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Call this whenever a notice's row is put: records the commit in kLastChanges and kByChange, counts the change, and
// wakes watches.
void Changed(store::Batch& batch, const std::string& id, const log::Position& position, const v1::NoticeView& notice);

}  // namespace throughline::outage
