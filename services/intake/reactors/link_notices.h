#pragma once

// Links open cases to the active notices about their component: when a notice is published, and again with each of its
// updates; and when a case is opened. Whichever of the two came last finds the other. A case that was opened once the
// notice was over is not its concern.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::intake {

class LinkNotices : public runtime::Reactor {
 public:
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::intake
