#pragma once

// From outage-notice's topic: what happened to each notice, as it stands in the trace of every order with a case that
// is linked to it. The notice's rows stand here once; a trace takes them in when it is read.

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

class NoticeProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::supplier
