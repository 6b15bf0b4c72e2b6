#pragma once

// The open orders of a deactivated person move to the person above them, also one that was placed in the same moment.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::supplier {

class RelieveOwners : public runtime::Reactor {
 public:
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::supplier
