#pragma once

// The acceptance rule. Its source is a file of its own, so that the simulation can link a broken rule in its place and
// show that this is found.

#include <string>

#include "throughline/log/v1/commit.pb.h"

namespace throughline::runtime {

// The end of a stream: its number of accepted commits, and the digest of the last (empty: none).
struct StreamEnd {
  uint64_t version = 0;
  std::string digest;
};

// Whether `commit` is accepted on a stream with this end. Nothing else decides it. Pure.
bool Follows(const throughline::log::v1::Commit& commit, const StreamEnd& end);

}  // namespace throughline::runtime
