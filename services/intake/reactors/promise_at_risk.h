#pragma once

// The promise of an order is at risk: a case opens by itself, with an owner who tells the customer before they ask,
// unless one that was opened so is open, or was when the alarm was raised. Where nobody can own it yet, it opens as
// soon as somebody can.

#include "libs/runtime/reactions/reactor.h"
#include "services/intake/projections/opening_facts.h"

namespace throughline::intake {

class PromiseAtRiskReactor : public runtime::Reactor {
 public:
  explicit PromiseAtRiskReactor(std::string fallback_owner) : facts_(std::move(fallback_owner)) {}

  bool NeedsPresent(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const OpeningFacts facts_;
};

}  // namespace throughline::intake
