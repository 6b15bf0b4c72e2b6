#pragma once

// When an order's promise is at risk, or something else is wrong with it, tells the owner of the customer's open case
// about the order; if there is none, opens a case whose owner tells the customer before they ask. The case is opened
// through the matter's reservation, so that the customer who calls at that moment meets the same case. If nobody can
// own it, tries again until somebody can.

#include "libs/runtime/reactions/reactor.h"
#include "services/intake/projections/openings.h"

namespace throughline::intake {

class OrderAlarms : public runtime::Reactor {
 public:
  explicit OrderAlarms(const Config& config) : openings_(config) {}

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  // `purpose` tells apart the alarms of one commit.
  void Raise(const v1::OpenCaseRequest& request, const std::string& purpose, const runtime::AcceptedCommit& commit,
             const store::KeyValue& reader, runtime::Reactions& reactions) const;

  const Openings openings_;
};

}  // namespace throughline::intake
