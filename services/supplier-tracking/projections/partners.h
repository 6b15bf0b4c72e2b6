#pragma once

// When each carrier and vendor last reported something new: a partner that falls silent is noticed by that. Partners
// have credentials, so there are few.

#include <string>
#include <utility>
#include <vector>

#include "libs/runtime/fold/projection.h"

namespace throughline::supplier {

// The time is that of the command as the partner gave it, so that all replicas agree and a rebuild gives the same.
class PartnerProjection : public runtime::Projection {
 public:
  void Apply(const runtime::AcceptedCommit& commit, store::Batch& batch) override;
};

// Unix time in seconds by partner; for the gauge.
std::vector<std::pair<std::string, double>> LastEvents(const store::KeyValue& reader);

}  // namespace throughline::supplier
