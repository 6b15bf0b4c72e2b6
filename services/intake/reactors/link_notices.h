#pragma once

// Links open cases to the notices about one of their components: when a notice is published or updated, and when a case
// is opened. Whichever comes later finds the other. A case that was opened after the notice was resolved is not linked.

#include "libs/runtime/reactions/reactor.h"

namespace throughline::intake {

class LinkNotices : public runtime::Reactor {
 public:
  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;
};

}  // namespace throughline::intake
