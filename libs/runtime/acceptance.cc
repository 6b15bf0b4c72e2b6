#include "libs/runtime/acceptance.h"

namespace throughline::runtime {

bool Follows(const throughline::log::v1::Commit& commit, const StreamEnd& end) {
  return commit.follows() == end.digest;
}

VoidReason WhyVoid(const throughline::log::v1::Commit& commit, const StreamEnd& end, const std::string& digest) {
  if (digest == end.digest) return VoidReason::kRepeated;
  return commit.version() <= end.version ? VoidReason::kOvertaken : VoidReason::kAfterVoid;
}

}  // namespace throughline::runtime
