#pragma once

// The facts that OpenCase needs from read models: possible owners, active notices.
//
// The rows of reps' loads lag behind the openings in flight. OpeningFacts counts those itself, so that simultaneous
// openings do not all go to the same rep.
//
// Any thread.

#include <memory>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "services/intake/domain/case.h"
#include "services/intake/intake.h"
#include "services/intake/projections/tables.h"

namespace throughline::intake {

class OpeningFacts {
 public:
  explicit OpeningFacts(const Config& config)
      : fallback_owner_(config.fallback_owner), policy_(config.assignment_policy) {}

  OpenCase Gather(const store::KeyValue& reader, v1::OpenCaseRequest request, std::string case_id,
                  const runtime::Caller& caller, absl::Time now) const;

 private:
  // The openings of one rep that are in flight.
  struct InFlight {
    int64_t count = 0;   // never 0
    int64_t newest = 0;  // greater: picked later
  };
  struct Picked {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, InFlight> in_flight ABSL_GUARDED_BY(mutex);  // by rep
    int64_t picks ABSL_GUARDED_BY(mutex) = 0;
  };
  // Orders the reps who can take a case: the smallest takes it.
  using Order = std::tuple<size_t, int64_t, int64_t, std::string>;

  // By the policy, the available rep who is neither absent nor at their capacity. A rep keeps their last free place for
  // an older case that nobody took, if there is one (ownership gives it to them). Counts towards the rep's load until
  // `command.reservation` is released.
  void PickRep(const store::KeyValue& reader, const v1::OpenCaseRequest& request, absl::Time now,
               OpenCase& command) const;

  const std::string fallback_owner_;
  const AssignmentPolicy policy_;
  const std::shared_ptr<Picked> picked_ = std::make_shared<Picked>();
};

}  // namespace throughline::intake
