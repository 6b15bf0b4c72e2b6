#pragma once

// How many cases about a component came in, and whether that is more than usual.
//
// The rows are rings: the last two hours in steps of five minutes, and for each hour of the week the last nine weeks. A
// place in a ring belongs to the newest of the periods that share it, so the rows are the same in whatever order the
// cases are folded, and there are never more than 170 for a component.
//
// CountArrival: the fold's thread. FindSurge reads nine rows, and 23 more in the first week of a component; any thread.

#include <optional>
#include <string>

#include "absl/time/time.h"

#include "libs/store/batch.h"
#include "libs/store/key_value.h"

namespace throughline::outage {

// When an outage is suspected.
struct SuspicionRules {
  double probability = 1e-5;              // so improbable is what came in, if nothing is wrong
  int64_t least_cases = 5;                // fewer are never suspicious
  absl::Duration quiet = absl::Hours(4);  // for so long after one was dismissed, nothing is suspected
};

// More cases than usual.
struct Surge {
  absl::Duration window;
  int64_t cases = 0;
  double usual = 0;
  double probability = 1;
};

// A case about the component came in.
void CountArrival(store::Batch& batch, const std::string& component_id, absl::Time at);
// What stands out in the time until `at`, of the last quarter of an hour and the last hour.
std::optional<Surge> FindSurge(const store::KeyValue& reader, const std::string& component_id, absl::Time at,
                               const SuspicionRules& rules);

}  // namespace throughline::outage
