#pragma once

// Completes remedies, which begin on the streams of authority and end on the case, so that nothing stays half done if
// the handler's process stops in between:
//   - authority that a person reserved: the customer's is reserved, then the case hears of the remedy;
//   - what the case refused, or what was given up: the authority is released.
// A handler is given a moment to do the former itself.

#include "libs/runtime/reactions/reactor.h"
#include "throughline/ownership/v1/authority.pb.h"
#include "throughline/ownership/v1/ownership.pb.h"

namespace throughline::ownership {

class CompleteRemedies : public runtime::Reactor {
 public:
  // How old a commit is before the reactor does what a handler left undone.
  static constexpr absl::Duration kPatience = absl::Seconds(1);

  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::ownership
