#pragma once

// The acceptance rule, in a file of its own so that a test can link another one in its place and show that it is
// missed.

#include <string>

#include "throughline/log/v1/commit.pb.h"

namespace throughline::runtime {

// Where a stream stands: its number of accepted commits, and the digest of the last (empty: none).
struct StreamEnd {
  uint64_t version = 0;
  std::string digest;
};

// Whether `commit` is accepted on a stream that stands at `end`. It alone decides; pure.
bool Follows(const throughline::log::v1::Commit& commit, const StreamEnd& end);

// Why a commit that does not follow is void, as far as it shows; for metrics.
enum class VoidReason {
  kOvertaken,  // another commit was accepted in its place
  kRepeated,   // the record stands in the log twice
  kAfterVoid,  // what it follows was never accepted
};
// `digest`: of the record.
inline VoidReason WhyVoid(const throughline::log::v1::Commit& commit, const StreamEnd& end, const std::string& digest) {
  if (digest == end.digest) return VoidReason::kRepeated;
  return commit.version() <= end.version ? VoidReason::kOvertaken : VoidReason::kAfterVoid;
}

}  // namespace throughline::runtime
