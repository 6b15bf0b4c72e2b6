// The acceptance rule, broken: by version number. With two commits in flight another replica's first may win, and the
// second, decided on a state that never was, still fits.

#include "libs/runtime/fold/acceptance.h"

namespace throughline::runtime {

bool Follows(const throughline::log::v1::Commit& commit, const StreamEnd& end) {
  return commit.version() == end.version + 1;
}

}  // namespace throughline::runtime
