#pragma once

// From outage-notice's topic: the events of each notice as trace rows. They are kept once and merged, on reading, into
// the trace of every order with a case that is linked to the notice.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class NoticeProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier
