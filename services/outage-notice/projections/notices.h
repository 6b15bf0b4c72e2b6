#pragma once

// From the notices' streams: each notice as it stands, the lists, and a timer for the next update that is due.

#include "libs/runtime/projection.h"

namespace throughline::outage {

class NoticeProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::outage
