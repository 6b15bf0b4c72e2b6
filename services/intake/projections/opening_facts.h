#pragma once

// What opening a case needs to know from read models: who can own it, who supervises them, which notices are active.
//
// The load of reps is as of the last fold. What has been picked and is not folded yet is counted here, so that many
// openings at once do not all go to the same rep.
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
                  const runtime::Caller& caller) const;

 private:
  struct Picked {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, int64_t> in_flight ABSL_GUARDED_BY(mutex);  // by rep; never 0
  };

  // The available rep with the least load; of several the first by name. The reservation counts until it is let go.
  std::optional<std::string> PickRep(const store::KeyValue& reader, std::shared_ptr<const void>& reservation) const;

  const std::string fallback_owner_;
  const std::shared_ptr<Picked> picked_ = std::make_shared<Picked>();
};

}  // namespace throughline::intake
