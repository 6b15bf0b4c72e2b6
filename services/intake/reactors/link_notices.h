#pragma once

// Links open cases to the active notices about their component: when a notice is published, and again with each of its
// updates; and when a case is opened or added to. Whichever of the two is folded last finds the other; where two
// replicas share the work and one lags, the notice's next update or the case's next contact makes up for it.

#include "libs/runtime/reactor.h"

namespace throughline::intake {

class LinkNotices : public runtime::Reactor {
 public:
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::intake
