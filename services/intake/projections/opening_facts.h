#pragma once

// The facts that OpenCase needs from read models: possible owners, active notices.
//
// The rows of reps' loads lag behind the openings in flight. OpeningFacts counts those itself, so that simultaneous
// openings do not all go to the same rep.
//
// Any thread.

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

#include "services/intake/domain/case.h"
#include "services/intake/projections/tables.h"

namespace throughline::intake {

class OpeningFacts {
 public:
  explicit OpeningFacts(std::string fallback_owner) : fallback_owner_(std::move(fallback_owner)) {}

  OpenCase Gather(const store::KeyValue& reader, v1::OpenCaseRequest request, std::string case_id,
                  const runtime::Caller& caller, absl::Time now) const;

 private:
  struct Picked {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, int64_t> in_flight ABSL_GUARDED_BY(mutex);  // by rep; never 0
  };

  // The available rep with the least load who is neither absent nor at their capacity, ties by name. Counts towards the
  // rep's load until `reservation` is released.
  std::optional<std::string> PickRep(const store::KeyValue& reader, absl::Time now,
                                     std::shared_ptr<const void>& reservation) const;

  const std::string fallback_owner_;
  const std::shared_ptr<Picked> picked_ = std::make_shared<Picked>();
};

}  // namespace throughline::intake
