#pragma once

// What is appended is what every reader reads. In a file of its own, so that a test can link another one in its place
// and show that it is missed. Any thread.

#include "libs/runtime/fold/commit.h"

namespace throughline::runtime {

// The commit of a record that is about to be appended, read from its bytes as every other reader will read it: protobuf
// writes strings that it then refuses to parse. Errors as ReadRecord's. `made`, what the record was made of, is there
// for the test's broken version.
absl::StatusOr<ReadCommit> ReadBack(const log::Record& record, const ReadCommit& made, const StreamTypes& types,
                                    int32_t partitions);

}  // namespace throughline::runtime
