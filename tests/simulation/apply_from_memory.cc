// What is appended, not read back: applied here as it was made.

#include "libs/runtime/fold/commit.h"

namespace throughline::runtime {

absl::StatusOr<ReadCommit> ReadBack(const log::Record&, const ReadCommit& made, const StreamTypes&, int32_t) {
  return made;
}

}  // namespace throughline::runtime
