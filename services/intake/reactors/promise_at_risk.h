#pragma once

// An order is expected after the time that the customer was promised: a case opens by itself, with an owner who tells
// the customer before they ask. Where nobody can own it yet, it opens as soon as somebody can. One case per order and
// promise: its id follows from both, so the same trouble, reported again, meets the same case.

#include "libs/runtime/reactor.h"
#include "services/intake/projections/opening_facts.h"

namespace throughline::intake {

class PromiseAtRiskReactor : public runtime::Reactor {
 public:
  explicit PromiseAtRiskReactor(std::string fallback_owner) : facts_(std::move(fallback_owner)) {}

  bool Joins(const runtime::AcceptedCommit& commit) const override;
  void React(const runtime::AcceptedCommit& commit, const store::KeyValue& reader,
             runtime::Reactions& reactions) override;

 private:
  const OpeningFacts facts_;
};

}  // namespace throughline::intake
