#include "libs/runtime/fold/acceptance.h"

namespace throughline::runtime {

bool Follows(const throughline::log::v1::Commit& commit, const StreamEnd& end) {
  return commit.follows() == end.digest;
}

}  // namespace throughline::runtime
