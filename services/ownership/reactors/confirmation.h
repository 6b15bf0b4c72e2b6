#pragma once

// When a notice is resolved, asks the owner of every linked open case to confirm with the customer, also if the link is
// folded after the resolution. Closes nothing.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::ownership {

class ConfirmationReactor : public runtime::Reactor {
 public:
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::ownership
