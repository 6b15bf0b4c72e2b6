#include "libs/runtime/fold/commit.h"

namespace throughline::runtime {

absl::StatusOr<ReadCommit> ReadBack(const log::Record& record, const ReadCommit&, const StreamTypes& types,
                                    int32_t partitions) {
  return ReadRecord(record, types, partitions);
}

}  // namespace throughline::runtime
