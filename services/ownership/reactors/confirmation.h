#pragma once

// A notice is resolved: the owner of every open case that is linked to it is asked to confirm with the customer. Also
// when the link is heard of after the resolution. Nothing is closed.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::ownership {

class ConfirmationReactor : public runtime::Reactor {
 public:
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::ownership
