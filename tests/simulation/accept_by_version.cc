// A broken acceptance rule: by version number. With two commits in flight, another replica's commit may replace the
// first; the second, decided on a state that never existed, is then accepted.

#include "libs/runtime/fold/acceptance.h"

namespace throughline::runtime {

bool Follows(const throughline::log::v1::Commit& commit, const StreamEnd& end) {
  return commit.version() == end.version + 1;
}

}  // namespace throughline::runtime
