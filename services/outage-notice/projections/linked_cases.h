#pragma once

// The number of cases linked to each notice, and how many cases come in about each component; from intake's topic.

#include <string>
#include <vector>

#include "libs/runtime/fold/projection.h"
#include "throughline/intake/v1/case.pb.h"

namespace throughline::outage {

// The components that a customer met; none for a case that we opened ourselves.
std::vector<std::string> ComponentsOf(const intake::v1::CaseOpened& opened);

class LinkedCaseProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

}  // namespace throughline::outage
