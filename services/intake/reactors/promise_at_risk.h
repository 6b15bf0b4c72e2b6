#pragma once

// When an order's promise is at risk, opens a case whose owner tells the customer before they ask. Does nothing if such
// a case for the order is open, or was when the alarm was raised. If nobody can own the case, tries again until
// somebody can.

#include "libs/runtime/reactions/reactor.h"
#include "services/intake/projections/opening_facts.h"

namespace throughline::intake {

class PromiseAtRiskReactor : public runtime::Reactor {
 public:
  explicit PromiseAtRiskReactor(const Config& config) : facts_(config) {}

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const OpeningFacts facts_;
};

}  // namespace throughline::intake
