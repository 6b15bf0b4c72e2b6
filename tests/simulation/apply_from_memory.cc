// A broken fold: applies a commit as it was made, not as it is read back.

#include "libs/runtime/fold/commit.h"

namespace throughline::runtime {

absl::StatusOr<ReadCommit> ReadBack(const log::Record&, const ReadCommit& made, const StreamTypes&, int32_t) {
  return made;
}

}  // namespace throughline::runtime
