#pragma once

// The active notices of a deactivated person move to the person above them, also one that was published in the same
// moment.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::outage {

class RelieveOwners : public runtime::Reactor {
 public:
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::outage
