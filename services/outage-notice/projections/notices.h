#pragma once

// From the notices' streams: each notice as it stands, the lists, and a timer for the next update that is due.

#include "libs/runtime/fold/projection.h"
#include "throughline/outage/v1/views.pb.h"

namespace throughline::outage {

class NoticeProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// To be called whenever a notice's row is put: notes by which commit, counts that, and wakes those who watch.
void Changed(store::Batch& batch, const std::string& id, const log::Position& position, const v1::NoticeView& notice);

}  // namespace throughline::outage
