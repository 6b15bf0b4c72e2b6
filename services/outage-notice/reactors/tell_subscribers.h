#pragma once

// Whoever hears about a component gets each thing that customers are told about its notices: it is queued on the
// subscriber's stream.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::outage {

class TellSubscribers : public runtime::Reactor {
 public:
  // A subscription that was confirmed before is known.
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::outage
